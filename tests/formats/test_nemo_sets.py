"""NeMo's tarred data sets and its manifests for diarization."""

import dataclasses
import json
import tarfile

import pytest

from speechlabel import formats
from speechlabel.errors import ExportError
from speechlabel.formats import Bundle, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.training.tar_shards import Shards, members, shard_faults
from speechlabel.records import Speaker

from .conftest import recording, segment


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_shards_hold_what_their_manifests_say(tmp_path):
    report = dump(sample_export(tmp_path), tmp_path / "out", "nemo_tarred", shard_size="4")
    assert report.segments == 6 and "clips" not in {path.name for path in (tmp_path / "out").iterdir()}
    whole = lines(tmp_path / "out/tarred_audio_manifest.json")
    parts = [lines(tmp_path / f"out/sharded_manifests/manifest_{n}.json") for n in (0, 1)]
    assert parts[0] + parts[1] == whole and [len(part) for part in parts] == [4, 2]
    for number, part in enumerate(parts):
        with tarfile.open(tmp_path / f"out/audio_{number}.tar") as tar:
            entries = tar.getmembers()
            assert [entry.name for entry in entries] == [line["audio_filepath"] for line in part]
            assert {(entry.mtime, entry.uid, entry.gid, entry.uname) for entry in entries} == {(0, 0, 0, "")}
    assert all(line["offset"] == 0.0 and "." not in line["audio_filepath"][:-5] for line in whole)
    [loss] = [loss for loss in report.losses if loss.field == "segment" and "t-3" in loss.ids]
    assert loss.reason == "shorter than a sample: left out"


def test_a_tarred_set_comes_back_to_its_recordings(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "nemo_tarred")
    assert formats.detect(tmp_path / "out") == "nemo_tarred"
    bundle = load(tmp_path / "out")
    found = {s.id: (r.id, s.channel, s.start_us, s.end_us) for r, ss in bundle.stream() for s in ss}
    assert found["s-2"] == ("a-mono", None, 1_500_000, 3_000_001)
    assert found["t-2"] == ("b_stereo", 1, 250_000, 1_250_000)


def test_what_nemo_would_not_find_in_shards_is_told(tmp_path):
    out = tmp_path / "out"
    dump(sample_export(tmp_path), out, "nemo_tarred", shard_size=4)
    manifest = out / "tarred_audio_manifest.json"
    text = manifest.read_text()
    names = [utterance_id("a-mono", f"s-{n}", dots=False) for n in (1, 2, 3)]
    reasons = {
        '"shard_id":1': ('"shard_id":"1"', "shard_id must be a whole number"),
        f"{names[0]}.flac": ("a.mono.flac", "has a dot before its ending"),
        f"{names[1]}.flac": ("other.flac", "'other.flac' is missing"),
        f"{names[2]}.flac": ("b.flac", f"'{names[2]}.flac' is in no line"),
    }
    for old, (new, reason) in reasons.items():
        manifest.write_text(text.replace(old, new, 1))
        assert any(reason in fault.reason for fault in formats.get("nemo_tarred").faults(out)), reason
    manifest.write_text(text)
    (out / "audio_1.tar").write_bytes(b"x" * 512)
    assert any("not a whole tar" in fault.reason for fault in formats.get("nemo_tarred").faults(out))
    (out / "audio_1.tar").unlink()
    assert any(str(fault) == "audio_1.tar: is missing" for fault in formats.get("nemo_tarred").faults(out))


def test_a_shard_has_a_size():
    for size in (0, 1_000_001):
        with pytest.raises(ExportError, match="shard_size"):
            Shards(lambda number: None, size)


def test_files_of_an_example_are_neighbours_and_all_there(tmp_path):
    def told(*names):
        path = tmp_path / "x.tar"
        path.unlink(missing_ok=True)
        with Shards(lambda number: path, 100) as shards:
            for name in names:
                shards.add(((name, b"1"),))
        assert [name for name, _, _ in members(path)] == list(names)
        return [
            found.reason if isinstance(found, formats.Fault) else found
            for found in shard_faults(path, "x.tar", ("txt",), ("wav", "flac"))
        ]

    assert told("d/a.txt", "d/a.wav", "b.txt", "b.flac") == [("d/a", "d/a.wav"), ("b", "b.flac")]
    assert told("a.wav") == ["a has no .txt", ("a", "a.wav")]
    assert told("a.txt") == ["a has 0 audio files"]
    assert told("a.txt", "a.wav", "a.flac") == ["a has 2 audio files"]
    assert told("a.txt", "a.txt", "a.wav") == ["a.txt is there twice", ("a", "a.wav")]
    assert "the files of a are not neighbours, or there twice" in told("a.txt", "b.txt", "b.wav", "a.wav")


def test_each_recording_has_its_annotation_beside(tmp_path):
    report = dump(sample_export(tmp_path), tmp_path / "out", "nemo_diar", paths="relative")
    mono, stereo = lines(tmp_path / "out/diarization_manifest.json")
    assert list(mono) == [
        "audio_filepath",
        "offset",
        "duration",
        "label",
        "text",
        "num_speakers",
        "rttm_filepath",
        "uem_filepath",
        "ctm_filepath",
    ]
    assert mono["num_speakers"] == 3 and stereo["ctm_filepath"] is None
    assert {"c.empty"} == {id for loss in report.losses if loss.field == "recording" for id in loss.ids}
    assert {"t-1", "t-2", "t-3"} == {
        id for loss in report.losses if "the mix of all channels" in loss.reason for id in loss.ids
    }
    # What is to be ignored is not scored.
    assert (tmp_path / "out/annotations/uem/b_stereo_mix.uem").read_text().splitlines() == [
        "b_stereo_mix 1 0.000 7.000",
        "b_stereo_mix 1 8.000 10.000",
    ]
    dump(sample_export(tmp_path), tmp_path / "abs", "nemo_diar", num_speakers="false")
    [line, _] = lines(tmp_path / "abs/diarization_manifest.json")
    assert line["rttm_filepath"] == str(tmp_path / "abs/annotations/rttm/a-mono.rttm")
    assert line["num_speakers"] is None


def test_several_at_once_are_not_scored_and_nobody_is_nobody(tmp_path, bundle_of):
    bundle = bundle_of(
        segment("a", 0, 1_000_000, speaker="several"),
        segment("b", 2_000_000, 3_000_000),
        segment("c", 4_000_000, 5_000_000, speaker="unknown"),
        speakers=[Speaker(id="several", name="several"), Speaker(id="unknown", name="unbekannt")],
    )
    dump(bundle, tmp_path / "out", "nemo_diar")
    rttm = (tmp_path / "out/annotations/rttm/r.rttm").read_text().splitlines()
    assert [line.split()[7] for line in rttm] == ["unknown", "unknown"]
    assert (tmp_path / "out/annotations/uem/r.uem").read_text() == "r 1 1.000 10.000\n"
    with pytest.raises(ExportError, match="nobody speaks"):
        dump(bundle_of(segment("a", 0, 9, kind="music")), tmp_path / "none", "nemo_diar")


@pytest.mark.parametrize("paths", [("/a/x.wav", "/b/x.wav"), ("/a/my x.wav", "/b/y.wav")])
def test_recordings_that_nemo_could_not_tell_apart_are_refused(tmp_path, paths):
    recordings = tuple(recording(f"r{n}", path=path) for n, path in enumerate(paths))
    bundle = Bundle(recordings=recordings, segments={one.id: [segment("s", 0, 9_000)] for one in recordings})
    with pytest.raises(ExportError, match="export with the audio"):
        dump(bundle, tmp_path / "out", "nemo_diar")


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("diarization_manifest.json", "rttm/a-mono.rttm", "rttm/other.rttm", "must have the base name"),
        ("diarization_manifest.json", "audio/b_stereo_mix.wav", "x/a-mono.wav", "there twice"),
        ("diarization_manifest.json", '"num_speakers":3', '"num_speakers":0', "num_speakers must be"),
        ("diarization_manifest.json", '"duration":10.0', '"duration":"10"', "duration must be"),
        ("diarization_manifest.json", "audio_filepath", "audio", "audio_filepath is missing"),
        ("annotations/rttm/a-mono.rttm", " <NA>\n", "\n", "9 fields, not 10"),
        ("annotations/rttm/a-mono.rttm", " a-mono ", " b ", "is not of a-mono"),
        ("annotations/rttm/a-mono.rttm", " 1.750 ", " -1.750 ", "not a stretch of time"),
        ("annotations/uem/a-mono.uem", "10.000", "x", "not a number of seconds"),
        ("annotations/ctm/a-mono.ctm", " lex Lin_Wei", "", "6 fields, not 8"),
    ],
)
def test_what_nemo_would_refuse_in_a_diarization_set_is_told(tmp_path, file, old, new, reason):
    out = tmp_path / "out"
    dump(sample_export(tmp_path), out, "nemo_diar", paths="relative")
    assert list(formats.get("nemo_diar").faults(out)) == []
    text = (out / file).read_text()
    assert old in text
    (out / file).write_text(text.replace(old, new, 1))
    found = list(formats.get("nemo_diar").faults(out))
    assert any(reason in fault.reason and fault.file == file for fault in found), found


def test_an_export_of_nothing_says_so(tmp_path, bundle_of):
    cut = dataclasses.replace(sample_export(tmp_path), bundle=bundle_of(segment("a", 0, 9)))
    with pytest.raises(ExportError, match="nothing to export"):
        dump(cut, tmp_path / "out", "nemo_tarred")
