import dataclasses
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import Bundle, Export, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.records import Segment, Speaker, Word

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/native/full"
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=12)
TIMES = st.integers(0, 9_999_998).flatmap(lambda a: st.tuples(st.just(a), st.integers(a + 1, 10_000_000)))


@st.composite
def segments(draw):
    start, end = draw(TIMES)
    return Segment(
        start_us=start,
        end_us=end,
        kind=draw(st.sampled_from(["speech", "noise", "ignore"])),
        text=draw(st.none() | WORDS),
        noise_labels=tuple(draw(st.lists(WORDS, max_size=3, unique=True))),
        fields=draw(st.dictionaries(WORDS, WORDS, max_size=2)),
        words=tuple(Word(word=w, start_us=start, score=0.1) for w in draw(st.lists(WORDS, max_size=2))),
        confidence=draw(st.none() | st.floats(0, 1)),
        custom=draw(
            st.dictionaries(
                WORDS,
                st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
                max_size=2,
            )
        ),
        is_valid=draw(st.booleans()),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(segments(), max_size=6))
def test_nothing_is_lost_on_the_way_out_and_in(tmp_path, found):
    bundle = Bundle(recordings=(recording(),), segments={"r": found})
    report = dump(bundle, tmp_path / "out", "native", overwrite=True)
    assert report.losses == ()
    assert list(load(tmp_path / "out").stream()) == list(bundle.stream())


def test_all_but_the_workspace_comes_back(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "native")
    before, after = export.bundle, load(tmp_path / "out")
    assert list(after.stream()) == list(before.stream())
    assert after.recordings == before.recordings
    assert {id: set_of(found) for id, found in after.speakers.items()} == {
        id: set_of(found) for id, found in before.speakers.items()
    }
    assert (after.guideline, after.labelled, after.notes) == (before.guideline, before.labelled, ())
    assert after.snapshot == export.snapshot
    assert after.languages == before.languages == {"a-mono": "zh"}
    assert after.audio["b_stereo", 1] == tmp_path / "out/audio/b_stereo_1.wav"


def set_of(speakers):
    return {speaker.id: speaker for speaker in speakers}


def test_a_manifest_that_was_read_can_be_written_again_with_the_same_lines(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "one", "native")
    dump(load(tmp_path / "one"), tmp_path / "two", "native")
    one, two = ((tmp_path / name / "segments.jsonl").read_bytes() for name in ("one", "two"))
    assert two == one.replace(b'"audio/', b'"../one/audio/')


@pytest.mark.parametrize("name", ["segments.jsonl", "recordings.jsonl", "speakers.jsonl", "guideline.toml"])
def test_the_files_are_as_they_have_always_been(tmp_path, name):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    assert (tmp_path / "out" / name).read_bytes() == (FULL / name).read_bytes()


def test_lines_are_sorted_by_recording_start_end_and_id(tmp_path):
    found = [segment("z", 5, 9), segment("b", 5, 7), segment("a", 5, 9), segment("c", 1, 9)]
    both = (recording("r2"), recording("r1"))
    dump(Bundle(recordings=both, segments={"r2": found, "r1": found[:1]}), tmp_path / "out", "native")
    lines = (tmp_path / "out/segments.jsonl").read_bytes().split(b"\n")[:-1]
    assert [(x["recording_id"], x["id"]) for x in map(orjson.loads, lines)] == [
        ("r1", "z"),
        ("r2", "c"),
        ("r2", "b"),
        ("r2", "a"),
        ("r2", "z"),
    ]


def test_files_put_together_by_hand_are_read_whatever_their_order(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    whole = list(load(tmp_path / "out").stream())
    file = tmp_path / "out/segments.jsonl"
    lines = file.read_bytes().split(b"\n")[:-1]
    file.write_bytes(
        b"\n\n".join(lines[::-2] + lines[::2]) + b"\n"
    )  # 10 lines: odd ones backwards, then even
    after = load(tmp_path / "out")
    assert list(after.stream()) == whole
    assert after.notes == ("segments.jsonl was changed after the snapshot was made",)


def test_segments_stay_those_that_were_checked_whatever_becomes_of_the_file(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    bundle = load(tmp_path / "out")
    segments = list(bundle.segments["a-mono"])
    assert len(segments) == 6
    (tmp_path / "out/segments.jsonl").write_bytes(b"")
    assert list(bundle.segments["a-mono"]) == segments


def rewrite(folder, file, old, new):
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def test_an_end_just_past_the_recording_is_moved_and_noted(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    rewrite(
        tmp_path / "out", "segments.jsonl", '"end":10.0,"duration":5.0', '"end":10.0009,"duration":5.0009'
    )
    bundle = load(tmp_path / "out")
    assert next(s for s in bundle.segments["a-mono"] if s.id == "s-6").end_us == 10_000_000
    assert any("moved to the recording's end" in note for note in bundle.notes)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"recording_id":"b_stereo"', '"recording_id":"other"', "not in recordings.jsonl"),
        ('"channel":1', '"channel":2', "has no 2"),
        ('"id":"t-2"', '"id":"t-1"', "there twice"),
        ('"speaker":"agent"', '"speaker":"a b"', "speaker: an id starts with"),
    ],
)
def test_a_line_that_fits_nothing_is_refused(tmp_path, old, new, reason):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    rewrite(tmp_path / "out", "segments.jsonl", old, new)
    with pytest.raises(ParseError, match=reason):
        load(tmp_path / "out")


def test_a_speaker_that_only_a_line_names_is_made(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    (tmp_path / "out/speakers.jsonl").unlink()
    bundle = load(tmp_path / "out")
    assert set_of(bundle.speakers["a-mono"]) == {
        "s1": Speaker(id="s1", name="Lin Wei", gender="female"),
        "s2": Speaker(id="s2", name="李 明", gender="male"),
    }
    assert any("made" in note for note in bundle.notes)


def test_a_missing_file_is_named(tmp_path):
    for name in ("recordings.jsonl", "segments.jsonl"):
        dump(sample_export(tmp_path), tmp_path / "out", "native", overwrite=True)
        (tmp_path / "out" / name).unlink()
        with pytest.raises(ParseError, match=f"{name}: is missing"):
            load(tmp_path / "out", "native")


def test_audio_that_nobody_can_cut_is_left_out_with_a_warning(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, 9, channel=0), segment("b", 0, 9, channel=1), channels=2)
    report = dump(bundle, tmp_path / "out", "native")
    assert report.warnings == ("r.wav: no one-channel audio file is known",)
    assert b"audio_filepath" not in (tmp_path / "out/segments.jsonl").read_bytes()


def test_what_json_cannot_hold_stops_the_export(tmp_path, bundle_of):
    for custom in ({"x": object()}, {"x": 1 << 70}):
        with pytest.raises(ExportError, match="bad-one: cannot be written"):
            dump(bundle_of(segment("bad-one", 0, 9, custom=custom)), tmp_path / "out", "native")
    assert list(tmp_path.iterdir()) == []


def test_the_snapshot_counts_and_hashes(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    facts = orjson.loads((tmp_path / "out/snapshot.json").read_bytes())
    assert {name: told.get("lines") for name, told in facts["files"].items()} == {
        "segments.jsonl": 10,
        "recordings.jsonl": 3,
        "speakers.jsonl": 4,
        "guideline.toml": None,
    }
    assert facts["source"] == {"transcripts": {"a-mono": "t1"}}
    assert facts["tool"].startswith("speechlabel ")


def test_a_segment_stays_without_a_language_where_the_recording_tells_it(tmp_path, bundle_of):
    bundle = dataclasses.replace(bundle_of(segment("a", 0, 9)), languages={"r": "zh"})
    dump(bundle, tmp_path / "out", "native")
    assert b'"language"' not in (tmp_path / "out/segments.jsonl").read_bytes()
    assert orjson.loads((tmp_path / "out/recordings.jsonl").read_bytes())["language"] == "zh"
    read = load(tmp_path / "out")
    (one,) = read.segments["r"]
    assert (one.language, read.language_of("r", one)) == (None, "zh")
    rewrite(tmp_path / "out", "recordings.jsonl", '"language":"zh"', '"language":7')
    with pytest.raises(ParseError, match="language: must be text"):
        load(tmp_path / "out")


def test_a_package_with_its_audio_names_nothing_outside(tmp_path, bundle_of):
    def copy(recording, folder):
        if recording.id == "gone":
            return None
        folder.mkdir(exist_ok=True)
        (folder / f"{recording.id}.wav").write_bytes(b"RIFF")
        return folder / f"{recording.id}.wav"

    home = tmp_path / "a home"
    known = tuple(dataclasses.replace(recording(id), path=str(home / id)) for id in ("r", "gone", "idle"))
    bundle = Bundle(
        recordings=known,
        segments={"r": [segment("a", 0, 9)], "gone": [segment("b", 0, 9)]},
        labelled={"idle": ()},
    )
    export = Export(
        bundle=bundle, copy_recording=copy, make_audio=lambda item, _, folder: folder / f"{item.id}.flac"
    )
    report = dump(export, tmp_path / "out", "native")
    assert "audio/r.wav" in report.files and "audio/idle.wav" not in report.files
    told = [orjson.loads(x) for x in (tmp_path / "out/recordings.jsonl").read_bytes().split(b"\n")[:-1]]
    assert {item["id"]: item.get("path") for item in told} == {
        "gone": None,
        "idle": None,
        "r": "audio/r.wav",
    }
    for file in report.files:
        assert b"a home" not in (tmp_path / "out" / file).read_bytes()
    moved = (tmp_path / "out").rename(tmp_path / "elsewhere")
    assert {item.id: item.path for item in load(moved).recordings}["r"] == str(moved / "audio" / "r.wav")


def test_a_recording_whose_audio_is_elsewhere_keeps_its_place(tmp_path):
    inside = dataclasses.replace(recording(), path=str(tmp_path / "录音/一 号.wav"))
    dump(Bundle(recordings=(inside,)), tmp_path / "deep/out", "native")
    told = orjson.loads((tmp_path / "deep/out/recordings.jsonl").read_bytes())
    assert told["path"] == "../../录音/一 号.wav"
    assert load(tmp_path / "deep/out").recordings[0].path == inside.path
