from speechlabel.formats import Labelled, get, losses
from speechlabel.formats.losses import MOST_IDS, Tally
from speechlabel.records import Speaker

from .conftest import segment


def told(bundle, format, **options):
    return {loss.field: (loss.count, loss.ids) for loss in losses(bundle, format, **options)}


def test_only_what_is_in_use_is_lost(bundle_of):
    plain = bundle_of(segment("a", 0, 1_000_000, text="x", speaker="s"), speakers=[Speaker(id="s", name="S")])
    assert told(plain, "kaldi") == {}
    rich = bundle_of(
        segment("a", 0, 1_000_000, tags=("t",), note="n"),
        segment("b", 0, 1_000_001, tags=("t",), is_valid=False),
        speakers=[Speaker(id="s", name="S", gender="female", custom={"x": 1})],
        guideline="x = 1",
        labelled={"r": (Labelled(None, 0, 5_000_000),)},
    )
    assert told(rich, "kaldi") == {
        "tags": (2, ("a", "b")),
        "note": (1, ("a",)),
        "is_valid": (1, ("b",)),
        "times": (1, ("b",)),
        "speaker.custom": (1, ("s",)),
        "guideline": (1, ("guideline",)),
        "labelled": (1, ("r",)),
    }
    assert "times" not in told(rich, "kaldi", decimals=6)
    assert told(rich, "native") == {}


def test_one_channel_and_its_mix_are_the_same(bundle_of):
    assert "channel" not in told(bundle_of(segment("a", 0, 9, channel=0)), "textgrid")
    assert "channel" in told(bundle_of(segment("a", 0, 9, channel=0), channels=2), "textgrid")


def test_a_recording_without_segments_is_told(bundle_of):
    assert told(bundle_of(), "nemo") == {"recording": (1, ("r",))}
    assert "recording" in get("textgrid").carries


def test_examples_are_few_and_the_count_is_whole():
    tally = Tally()
    for number in range(MOST_IDS * 2):
        tally.add("text", "gone", f"s{number}")
    [loss] = tally.losses()
    assert (loss.count, len(loss.ids), loss.ids[0]) == (MOST_IDS * 2, MOST_IDS, "s0")
