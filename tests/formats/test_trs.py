import dataclasses
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speechlabel.errors import ParseError
from speechlabel.formats import Bundle, dump, load
from speechlabel.records import Event, Speaker

from .conftest import recording, segment

DATA = Path(__file__).parent / "data/trs"
FULL = DATA / "full.trs"


def labels(bundle, id):
    names = {speaker.id: speaker.name for speaker in bundle.speakers[id]}
    return [(s.start_us, s.end_us, s.text, names.get(s.speaker)) for s in next(bundle.stream())[1]]


def test_points_cut_turns_and_two_voices_are_two_segments():
    bundle = load(FULL)
    assert labels(bundle, "full") == [
        (1_500_000, 2_750_000, "il fait beau aujourd'hui", "Zoé Petit"),
        (2_750_000, 4_125_000, "et & demain", "Zoé Petit"),
        (4_125_000, 5_000_000, "n'est-ce pas", "Zoé Petit"),
        (4_125_000, 6_000_000, "oui", "Luc"),
        (6_000_000, 9_250_000, "voilà", "Luc"),
    ]
    assert bundle.recordings[0].path == (DATA / "radio_1").as_posix()
    assert bundle.languages == {"full": "fr"}
    voices = {speaker.name: (speaker.gender, speaker.accent) for speaker in bundle.speakers["full"]}
    assert voices == {"Zoé Petit": ("female", None), "Luc": ("male", "belge")}


def test_what_has_no_field_is_kept_and_goes_out_again(tmp_path):
    bundle = load(FULL)
    first = next(bundle.stream())[1][0]
    assert first.events == (Event(label="rire"),)
    about = first.custom["trs"]
    assert (about["mode"], about["topic"]) == ("planned", "météo") and about["events"][0][0] == len(
        "il fait "
    )
    dump(bundle, tmp_path / "out", "trs")
    text = (tmp_path / "out/full.trs").read_text(encoding="utf-8")
    assert 'il fait <Event desc="rire" type="noise" extent="instantaneous"/>beau aujourd' in text
    assert 'mode="planned" fidelity="high" channel="studio"' in text and '<Comment desc="inaudible"/>' in text
    again = load(tmp_path / "out")
    assert labels(again, "full") == labels(bundle, "full")
    assert next(again.stream())[1][0].events == first.events


def test_new_events_stand_behind_the_text(tmp_path, bundle_of):
    one = segment("a", 0, 1_000_000, text="ha", speaker="s", events=(Event(label='a "cough"'),))
    dump(bundle_of(one, speakers=[Speaker(id="s", name="Li")]), tmp_path / "out", "trs")
    [back] = load(tmp_path / "out").segments["r"]
    assert (back.text, back.events) == ("ha", one.events)


TURN = st.tuples(
    st.integers(0, 90), st.integers(1, 30), st.sampled_from("xy"), st.sampled_from(["a", "b c", "你"])
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(TURN, max_size=12))
def test_two_voices_come_back_as_they_were(tmp_path, found):
    last = dict.fromkeys("xy", 0)
    turns = []
    for n, (start, length, who, text) in enumerate(sorted(found)):
        start, end = max(start, last[who]), start + length
        if start < end:
            last[who] = end
            turns.append(segment(f"t{n}", start * 100_000, end * 100_000, text=text, speaker=who))
    voices = (Speaker(id="x", name="Li Wei"), Speaker(id="y", name='O"Hara'))
    bundle = Bundle(recordings=(recording(seconds=12),), segments={"r": turns}, speakers={"r": voices})
    report = dump(bundle, tmp_path / "out", "trs", overwrite=True)
    assert sorted(labels(load(tmp_path / "out"), "r")) == sorted(labels(bundle, "r"))
    assert not [loss for loss in report.losses if loss.field == "segment"]


def test_a_third_voice_begins_when_there_is_room_and_is_told(tmp_path, bundle_of):
    turns = [
        segment("1", 0, 4_000_000, text="a", speaker="x"),
        segment("2", 1_000_000, 3_000_000, text="b", speaker="y"),
        segment("3", 2_000_000, 5_000_000, text="c", speaker="z"),
        segment("4", 2_000_000, 2_500_000, text="d", speaker="z"),
        segment("5", 2_600_000, 3_500_000, text="e"),
    ]
    voices = [Speaker(id=id, name=id.upper()) for id in "xyz"]
    report = dump(bundle_of(*turns, speakers=voices), tmp_path / "out", "trs")
    told = {loss.reason.split(": ")[1]: loss.ids for loss in report.losses if loss.field == "segment"}
    after = {text: (start, end) for start, end, text, _ in labels(load(tmp_path / "out"), "r")}
    assert told == {"left out": ("4", "5"), "begins later": ("3",)}
    assert after == {"a": (0, 4_000_000), "b": (1_000_000, 3_000_000), "c": (3_000_000, 5_000_000)}


def trs(tmp_path, turns, speakers='<Speaker id="s1" name="A"/><Speaker id="s2" name="A"/>', encoding="utf-8"):
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<Trans audio_filename="x">\n'
        f"<Speakers>{speakers}</Speakers>\n"
        f'<Episode><Section type="report" startTime="0" endTime="9">\n{turns}</Section></Episode></Trans>'
    )
    (tmp_path / "r.trs").write_bytes(text.encode(encoding))
    return load(tmp_path / "r.trs", "trs")


def test_odd_files_are_read_and_told(tmp_path):
    bundle = trs(
        tmp_path,
        '<Turn startTime="0" endTime="2" speaker="s1">before<Sync time="0"/>Łódź<Sync time="5"/>more</Turn>\n'
        '<Turn startTime="2" endTime="3" speaker="s2">x</Turn>\n'
        '<Turn startTime="3" endTime="4" speaker="gone">y</Turn>'
        '<Turn startTime="4" endTime="5">nobody</Turn><Turn startTime="5" endTime="6" speaker="s1"/>',
        encoding="iso-8859-2",
    )
    assert labels(bundle, "r") == [
        (0, 2_000_000, "beforeŁódźmore", "A"),
        (2_000_000, 3_000_000, "x", "A (s2)"),
        (3_000_000, 4_000_000, "y", "gone"),
        (4_000_000, 5_000_000, "nobody", None),
        (5_000_000, 6_000_000, None, "A"),
    ]
    told = "\n".join(bundle.notes)
    assert "two speakers of that name" in told and "outside of its turn" in told and "'gone'" in told


@pytest.mark.parametrize(
    ("turns", "line", "reason"),
    [
        ('<Turn startTime="2" endTime="1"/>', 5, "ends before it starts"),
        ('<Turn startTime="-1" endTime="1"/>', 5, "lies before 0"),
        ('<Turn startTime="0"/>', 5, "has no endTime"),
        ('\n<Turn startTime="0" endTime="1">&eacute;</Turn>', 6, "undefined entity"),
        ('<Turn startTime="0" endTime="1"></Trans>', 5, "mismatched tag"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path, turns, line, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        trs(tmp_path, turns)
    assert caught.value.data["line"] == line


def test_facts_of_speakers_that_cannot_be_told_are_losses(tmp_path, bundle_of):
    voices = [Speaker(id="a", name="Li", gender="other"), Speaker(id="b", name="Li", gender="male")]
    turns = [segment("1", 0, 500, text="x", speaker="a", events=(Event(label="e", score=0.5),))]
    report = dump(bundle_of(*turns, speakers=voices), tmp_path / "out", "trs")
    assert {loss.field for loss in report.losses} == {"speaker.gender", "speaker.name", "events", "times"}
    assert [dataclasses.astuple(item)[1:2] for item in load(tmp_path / "out").speakers["r"]] == [
        ("Li",),
        ("Li_",),
    ]
