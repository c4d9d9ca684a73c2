import dataclasses
from pathlib import Path

import orjson
import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, InputError
from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.contract import NASTY_TEXTS, sample_export
from speechlabel.records import Speaker

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/nemo/full/manifest.jsonl"


def written(source, out, **options):
    report = dump(source, out, "nemo", **options)
    lines = (out / "manifest.jsonl").read_bytes().split(b"\n")
    assert lines.pop() == b""
    return report, [orjson.loads(line) for line in lines]


def test_the_manifest_is_as_it_has_always_been(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "nemo")
    assert (tmp_path / "out/manifest.jsonl").read_bytes() == FULL.read_bytes()


def test_keys_come_in_the_order_that_people_expect(tmp_path, bundle_of):
    one = segment("a", 0, 500_000, text="x", language="zh", speaker="s", noise_labels=("cough",))
    _, [line] = written(bundle_of(one, speakers=[Speaker(id="s", name="Li")]), tmp_path / "out")
    assert list(line)[:6] == ["audio_filepath", "offset", "duration", "text", "lang", "speaker"]
    assert line["offset"] == 0.0
    assert "sampling_rate" not in line


def test_a_segment_without_a_language_gets_that_of_its_recording(tmp_path, bundle_of):
    found = segment("a", 0, 9, text="x", language="en"), segment("b", 10, 19, text="x")
    _, lines = written(bundle_of(*found, languages={"r": "zh"}), tmp_path / "out")
    assert [line["lang"] for line in lines] == ["en", "zh"]


def test_texts_are_verbatim(tmp_path, bundle_of):
    found = [segment(f"s{n}", n * 10, n * 10 + 9, text=text) for n, text in enumerate(NASTY_TEXTS)]
    _, lines = written(bundle_of(*found), tmp_path / "out")
    assert [line["text"] for line in lines] == list(NASTY_TEXTS)


def test_only_transcribed_speech_is_taught_unless_told(tmp_path, bundle_of):
    bundle = bundle_of(
        segment("a", 0, 9, text="x"),
        segment("b", 10, 19),
        segment("c", 20, 29, text="la la", kind="music"),
        segment("d", 30, 30, text="x", kind="event"),
    )
    report, lines = written(bundle, tmp_path / "out")
    assert [line["segment_id"] for line in lines] == ["a"]
    left_out = {id for loss in report.losses if loss.field == "segment" for id in loss.ids}
    assert left_out == {"b", "c", "d"}
    _, lines = written(bundle, tmp_path / "all", all_kinds="true")
    assert [(line["segment_id"], line.get("kind")) for line in lines] == [("a", None), ("c", "music")]


def test_segments_that_nemo_would_confuse_are_told(tmp_path, bundle_of):
    near = [segment("a", 1_000_000, 2_000_000, text="x"), segment("b", 1_001_000, 2_001_000, text="y")]
    report, _ = written(bundle_of(*near), tmp_path / "out")
    assert report.warnings == (
        "2 segments share their file, offset and duration to 0.01 s: NeMo gives them one cut id",
    )
    apart = dataclasses.replace(near[1], start_us=1_020_000, end_us=2_020_000)
    report, _ = written(bundle_of(near[0], apart), tmp_path / "apart")
    assert report.warnings == ()


def test_two_files_that_both_say_spk1_are_two_people(tmp_path):
    bundle = Bundle(
        recordings=(recording("a"), recording("b")),
        segments={id: [segment("x", 0, 9, text="t", speaker="spk1")] for id in "ab"},
    )
    _, [one, two] = written(bundle, tmp_path / "out")
    assert (one["speaker"], two["speaker"]) == ("a_spk1", "b_spk1")


def test_a_line_never_points_at_several_channels(tmp_path, bundle_of):
    with pytest.raises(ExportError, match="2 channels"):
        dump(bundle_of(segment("a", 0, 9, text="x", channel=1), channels=2), tmp_path / "out", "nemo")
    assert list(tmp_path.iterdir()) == []


def test_it_is_told_apart_but_never_read(tmp_path):
    assert formats.detect(FULL) == "nemo"
    with pytest.raises(InputError, match="written, not read"):
        load(FULL)
