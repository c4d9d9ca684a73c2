"""Lhotse's recordings, supervisions, cuts and shards: ours come back whole, others come in."""

import dataclasses
import gzip
import json

import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import detect, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.records import Word, to_dict

from .conftest import recording, segment


def put(path, *objects):
    raw = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in objects).encode()
    path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return path


def read(path):
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().split("\n")[:-1]]


def labels(bundle):
    return {(r.id, s.id): s for r, segments in bundle.stream() for s in segments}


RECORDING = {
    "id": "r 1",
    "sources": [{"type": "file", "channels": [0], "source": "wav/r1.wav"}],
    "sampling_rate": 16_000,
    "num_samples": 160_000,
    "duration": 10.0,
    "channel_ids": [0],
}
SUPERVISION = {
    "id": "u1",
    "recording_id": "r 1",
    "start": 0.5,
    "duration": 1.25,
    "channel": 0,
    "text": "hello world",
    "language": "English",
    "speaker": "Li Wei",
    "gender": "F",
    "custom": {"snr": 12.5},
    "alignment": {
        "word": [["hello", 0.5, 0.5, 0.75], ["world", 1.0, 0.25]],
        "phone": [["h", 0.5, 0.1, None]],
    },
}


@pytest.mark.parametrize("options", [{}, {"compress": "false"}, {"manifest": "cuts"}])
def test_our_own_export_comes_back_whole(tmp_path, options):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "lhotse", **options)
    assert detect(tmp_path / "out") == "lhotse"
    bundle = load(tmp_path / "out")
    wanted = {key: one for key, one in labels(export.bundle).items() if one.id != "s-4"}
    assert labels(bundle) == wanted
    assert {r.id: r.content_hash for r in bundle.recordings} == {
        r.id: r.content_hash for r in export.bundle.recordings
    }
    assert bundle.speakers_of("a-mono") == export.bundle.speakers_of("a-mono")
    assert bundle.labelled == export.bundle.labelled and bundle.languages == {"a-mono": "zh"}
    if "manifest" not in options:
        assert bundle.audio["b_stereo", 1] == tmp_path / "out/audio/b_stereo_1.wav"


def test_segments_with_files_of_their_own_come_back_to_their_recordings(tmp_path):
    export = dataclasses.replace(sample_export(tmp_path), is_cut=True)
    dump(export, tmp_path / "out", "lhotse")
    recordings, supervisions = (
        read(tmp_path / f"out/{name}.jsonl.gz") for name in ("recordings", "supervisions")
    )
    assert [one["id"] for one in recordings] == [one["recording_id"] for one in supervisions]
    assert {one["start"] for one in supervisions} == {0.0}
    found = labels(load(tmp_path / "out"))
    wanted = labels(export.bundle)
    assert found["b_stereo", "t-2"] == wanted["b_stereo", "t-2"]
    assert found["a-mono", "s-2"] == wanted["a-mono", "s-2"]
    assert len(found) == 8


def test_words_are_an_alignment_where_all_have_times(tmp_path, bundle_of):
    words = (
        Word(word="a", start_us=500_000, end_us=600_000, score=0.5),
        Word(word="b", start_us=600_000, end_us=600_000),
    )
    one = segment("s", 500_000, 900_001, text="a b", words=words)
    dump(bundle_of(one), tmp_path / "out", "lhotse")
    [line] = read(tmp_path / "out/supervisions.jsonl.gz")
    assert line["alignment"] == {"word": [["a", 0.5, 0.1, 0.5], ["b", 0.6, 0.0, None]]}
    assert "words" not in line["custom"]
    assert labels(load(tmp_path / "out"))["r", "s"] == one
    dump(bundle_of(one), tmp_path / "cuts", "lhotse", manifest="cuts")
    [cut] = read(tmp_path / "cuts/cuts.jsonl.gz")
    assert cut["start"] == 0.5 and cut["supervisions"][0]["start"] == 0.0
    assert cut["supervisions"][0]["alignment"]["word"][0] == ["a", 0.0, 0.1, 0.5]
    assert labels(load(tmp_path / "cuts"))["r", "s"] == one


def test_all_channels_are_a_list_and_come_back_as_the_mix(tmp_path):
    export = sample_export(tmp_path)
    mixed = segment("m", 0, 1_000_000, text="both")
    bundle = dataclasses.replace(export.bundle, segments={"b_stereo": [mixed]})
    dump(dataclasses.replace(export, bundle=bundle), tmp_path / "out", "lhotse", manifest="cuts")
    [cut] = read(tmp_path / "out/cuts.jsonl.gz")
    assert (cut["type"], cut["channel"]) == ("MultiCut", [0, 1])
    assert labels(load(tmp_path / "out"))["b_stereo", "m"] == mixed


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz"])
def test_manifests_of_others_come_in(tmp_path, ending):
    put(tmp_path / f"corpus_recordings_dev.{ending}", RECORDING)
    put(
        tmp_path / f"corpus_supervisions_dev.{ending}",
        SUPERVISION,
        SUPERVISION | {"id": "u2", "start": -0.1, "duration": 0.5},
    )
    assert detect(tmp_path) == "lhotse"
    bundle = load(tmp_path)
    [found] = bundle.recordings
    assert (found.id, found.name, found.sample_rate, found.n_frames) == ("r_1", "r 1", 16_000, 160_000)
    assert found.path == str(tmp_path / "wav/r1.wav")
    one = labels(bundle)["r_1", "u1"]
    assert (one.start_us, one.end_us, one.text, one.language, one.channel) == (
        500_000,
        1_750_000,
        "hello world",
        "English",
        None,
    )
    assert [to_dict(word) for word in one.words] == [
        {"word": "hello", "start_us": 500_000, "end_us": 1_000_000, "score": 0.75},
        {"word": "world", "start_us": 1_000_000, "end_us": 1_250_000},
    ]
    assert one.custom == {
        "lhotse": {"custom": {"snr": 12.5}, "alignment": {"phone": [["h", 0.5, 0.1, None]]}}
    }
    assert [(s.name, s.gender) for s in bundle.speakers["r_1"]] == [("Li Wei", "female")]
    assert labels(bundle)["r_1", "u2"].start_us == 0
    assert any("line 2: starts before the recording" in note for note in bundle.notes)
    # A file alone finds the recordings that lie beside it; what was said is said again.
    alone = load(tmp_path / f"corpus_supervisions_dev.{ending}")
    assert labels(alone) == labels(bundle) and alone.recordings[0].n_frames == 160_000
    dump(bundle, tmp_path / "out", "lhotse")
    [line, _] = sorted(read(tmp_path / "out/supervisions.jsonl.gz"), key=lambda one: -one["start"])
    assert line["custom"]["snr"] == 12.5 and set(line["alignment"]) == {"phone", "word"}
    assert labels(load(tmp_path / "out"))["r_1", "u1"] == one


def test_cuts_tell_places_from_their_start(tmp_path):
    inside = SUPERVISION | {"start": -0.25, "alignment": {"word": [["x", 0.0, 0.5, None]]}}
    cut = {
        "id": "c1",
        "start": 2.0,
        "duration": 5.0,
        "channel": 0,
        "supervisions": [inside],
        "recording": RECORDING,
        "type": "MonoCut",
        "custom": {"weight": 2},
    }
    overlapping = cut | {"id": "c2", "start": 1.0, "supervisions": [inside | {"start": 0.75}]}
    mixed = {
        "id": "m",
        "type": "MixedCut",
        "tracks": [{"type": "MonoCut", "cut": cut | {"start": 4.0}, "offset": 1.0}],
    }
    padding = {"id": "p", "type": "PaddingCut", "duration": 1.0}
    bare = cut | {"id": "c3", "supervisions": []}
    bundle = load(put(tmp_path / "x.jsonl", cut, overlapping, mixed, padding, bare))
    places = sorted((s.start_us, s.end_us, s.words[0].start_us) for s in labels(bundle).values())
    assert places == [(1_750_000, 3_000_000, 2_000_000), (3_750_000, 5_000_000, 4_000_000)]
    assert labels(bundle)["r_1", "u1"].custom["lhotse"]["cut"] == {"weight": 2}
    told = "\n".join(bundle.notes)
    for reason in ("several cuts hold were taken once", "is a mix", "the cut has no supervision"):
        assert reason in told


def test_cuts_of_features_alone_as_lhotse_wrote_them_at_first(tmp_path):
    features = {"type": "fbank", "num_frames": 1604, "recording_id": "r1", "storage_key": "x.npy"}
    cut = {"id": "c1", "start": 2.0, "duration": 5.0, "channel": 0, "type": "Cut", "features": features}
    path = tmp_path / "cuts.json"
    path.write_text(
        json.dumps(
            [cut | {"supervisions": [SUPERVISION | {"recording_id": "r1", "start": 0.5}]}, cut], indent=2
        )
    )
    assert detect(path) == "lhotse"
    bundle = load(path)
    assert [(r.id, s.start_us) for r, segments in bundle.stream() for s in segments] == [("r1", 2_500_000)]
    assert "the cut has no recording" in bundle.notes[0]


def test_an_array_of_json_is_no_fault(tmp_path):
    path = tmp_path / "recordings.json"
    path.write_text(json.dumps([RECORDING], indent=2))
    assert not list(formats.get("lhotse").faults(path))
    path.write_text(json.dumps([RECORDING | {"duration": 99.0}], indent=2) + "]")
    assert [fault.line for fault in formats.get("lhotse").faults(path)][:1] == [2]


def test_channels_and_odd_sources_are_told(tmp_path):
    two = RECORDING | {
        "id": "call",
        "sources": [
            {"type": "file", "channels": [0], "source": "/a/l.wav"},
            {"type": "file", "channels": [1], "source": "/a/r.wav"},
        ],
        "channel_ids": [0, 1],
    }
    piped = RECORDING | {
        "id": "piped",
        "sources": [{"type": "command", "channels": [0], "source": "sph2pipe x.sph"}],
        "transforms": [{"name": "Speed"}],
    }
    put(tmp_path / "recordings.jsonl", two, piped)
    put(
        tmp_path / "supervisions.jsonl",
        SUPERVISION | {"id": "a", "recording_id": "call", "channel": 1},
        SUPERVISION | {"id": "b", "recording_id": "call", "channel": [0, 1]},
        SUPERVISION | {"id": "c", "recording_id": "piped", "channel": [0]},
        SUPERVISION | {"id": "d", "recording_id": "gone", "channel": 3, "odd": 1},
        SUPERVISION | {"id": "e", "recording_id": "call", "duration": 0},
        SUPERVISION | {"id": "a", "recording_id": "call", "start": 5},
    )
    bundle = load(tmp_path)
    channels = {key: one.channel for key, one in labels(bundle).items()}
    assert channels["call", "a"] == 1 and channels["call", "b"] is None
    assert channels["piped", "c"] is None and channels["gone", "d"] == 3
    assert len(channels) == 5
    found = {one.id: one for one in bundle.recordings}
    assert found["call"].channels == 2 and found["gone"].channels == 4
    assert str(bundle.audio["call", 1]) == "/a/r.wav"
    assert found["piped"].metadata["lhotse sources"] == [{"type": "command", "source": "sph2pipe x.sph"}]
    told = "\n".join(bundle.notes)
    for reason in (
        "not a file",
        "transforms were not applied",
        "'a': the id is there twice",
        "has no length",
    ):
        assert reason in told
    assert "odd: has keys that Lhotse does not: kept" in told


def test_shards_pair_cuts_with_audio_and_come_back(tmp_path):
    export = sample_export(tmp_path)
    report = dump(export, tmp_path / "out", "lhotse_shar", shard_size="5")
    assert set(report.files) == {
        f"{name}.{n:06d}.{ending}"
        for n in (0, 1)
        for name, ending in (("cuts", "jsonl.gz"), ("recording", "tar"))
    }
    assert detect(tmp_path / "out") == "lhotse_shar"
    found, wanted = labels(load(tmp_path / "out")), labels(export.bundle)
    assert found.keys() == wanted.keys() - {("a-mono", "s-4"), ("b_stereo", "t-3")}
    assert found["a-mono", "s-2"] == wanted["a-mono", "s-2"]


def test_shards_of_others_are_a_recording_each(tmp_path):
    shar = RECORDING | {"sources": [{"type": "shar", "channels": [0], "source": ""}]}
    cut = {"id": "c1", "start": 0, "duration": 2.0, "channel": 0, "recording": shar, "type": "MonoCut"}
    put(
        tmp_path / "cuts.000000.jsonl.gz",
        cut | {"supervisions": [SUPERVISION]},
        cut | {"id": "c2", "supervisions": [SUPERVISION]},
    )
    bundle = load(tmp_path, "lhotse_shar")
    assert {key: one.start_us for key, one in labels(bundle).items()} == {
        ("c1", "u1"): 500_000,
        ("c2", "u1"): 500_000,
    }
    with pytest.raises(ParseError, match="holds no cuts"):
        load(tmp_path.parent, "lhotse_shar")


@pytest.mark.parametrize(
    ("file", "change", "reason"),
    [
        ("recordings", {"duration": 0}, "duration must be above 0"),
        ("recordings", {"duration": 10.6}, "but the samples last 10.000 s"),
        ("recordings", {"num_samples": 0}, "must be whole numbers above 0"),
        ("recordings", {"channel_ids": [1]}, "channel_ids are not the channels"),
        ("recordings", {"sources": [{"type": "ftp", "channels": [0]}]}, "a type that Lhotse knows"),
        ("recordings", {"name": "x"}, "'name' is no key of a Recording"),
        ("recordings", {"id": "other"}, "'r 1' is none of the recordings"),
        ("supervisions", {"duration": 0}, "duration must be above 0"),
        ("supervisions", {"start": 9.0}, "outside of its recording"),
        ("supervisions", {"start": -0.01}, "outside of its recording"),
        ("supervisions", {"channel": 1}, "none of its recording's"),
        ("supervisions", {"channel": "A"}, "channel must be a number"),
        ("supervisions", {"emotion": "x"}, "'emotion' is no key of a SupervisionSegment"),
        ("supervisions", {"alignment": {"word": [["x", 1]]}}, "alignment needs lists"),
        ("supervisions", {"custom": [1]}, "custom must be an object"),
        ("supervisions", {"id": 7}, "needs an id"),
    ],
)
def test_what_lhotse_would_refuse_is_told(tmp_path, file, change, reason):
    good = {"recordings": RECORDING, "supervisions": SUPERVISION}
    for name, one in good.items():
        put(tmp_path / f"{name}.jsonl.gz", one)
    assert list(formats.get("lhotse").faults(tmp_path)) == []
    put(tmp_path / f"{file}.jsonl.gz", good[file] | change)
    found = [str(fault) for fault in formats.get("lhotse").faults(tmp_path)]
    assert any(reason in one for one in found), found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "Cut"}, "a type that Lhotse knows"),
        ({"duration": 11.0}, "ends after its recording"),
        ({"start": -1}, "start must not be below 0"),
        ({"channel": [0, 1]}, "none that a MonoCut has"),
        ({"channel": 1}, "none of its recording's"),
        ({"recording": None}, "a cut needs a recording"),
        ({"supervisions": [SUPERVISION | {"recording_id": "x"}]}, "of another recording"),
    ],
)
def test_what_lhotse_would_refuse_in_cuts_is_told(tmp_path, change, reason):
    cut = {"id": "c", "start": 0, "duration": 5.0, "channel": 0, "recording": RECORDING, "type": "MonoCut"}
    cut["supervisions"] = [SUPERVISION]
    assert list(formats.get("lhotse").faults(put(tmp_path / "cuts.jsonl", cut))) == []
    found = [
        str(fault) for fault in formats.get("lhotse").faults(put(tmp_path / "cuts.jsonl", cut, cut | change))
    ]
    assert any(reason in one for one in found) and any("there twice" in one for one in found), found


def test_faults_of_shards_are_told(tmp_path):
    out = tmp_path / "out"
    dump(sample_export(tmp_path), out, "lhotse_shar", shard_size=4)
    made = formats.get("lhotse_shar")
    assert list(made.faults(out)) == []
    (out / "README.txt").write_text("x")
    assert [str(fault).partition(":")[0] for fault in made.faults(out)] == ["README.txt"]
    (out / "README.txt").unlink()
    second = (out / "recording.000001.tar").read_bytes()
    (out / "recording.000001.tar").write_bytes((out / "recording.000000.tar").read_bytes())
    assert ["its audio is not that of" in str(fault) for fault in made.faults(out)] == [True]
    (out / "recording.000001.tar").write_bytes(second[:700])
    assert any("not a whole tar" in str(fault) for fault in made.faults(out))
    (out / "recording.000001.tar").unlink()
    assert [str(fault) for fault in made.faults(out)] == ["recording.000001.tar: is missing"]


def test_an_empty_manifest_and_an_empty_export_are_refused(tmp_path, bundle_of):
    (tmp_path / "supervisions.jsonl").write_bytes(b"")
    [fault] = formats.get("lhotse").faults(tmp_path)
    assert "is empty" in fault.reason
    with pytest.raises(ParseError, match="holds no recordings"):
        load(tmp_path, "lhotse")
    points = bundle_of(segment("a", 5, 5, kind="event"))
    for name in ("lhotse", "lhotse_shar"):
        with pytest.raises(ExportError, match="no segment has a length"):
            dump(dataclasses.replace(sample_export(tmp_path), bundle=points), tmp_path / name, name)


def test_a_recording_of_unknown_rate_is_told(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, 9_000, text="x"))
    unknown = dataclasses.replace(bundle, recordings=(recording(seconds=0, container=""),))
    report = dump(unknown, tmp_path / "out", "lhotse")
    assert report.warnings and read(tmp_path / "out/recordings.jsonl.gz")[0]["num_samples"] == 144


def test_what_lasts_nobody_knows_how_long_is_left_out(tmp_path, bundle_of):
    found = segment("a", 0, TO_THE_END_US, text="x"), segment("b", 0, 9_000, text="y")
    unknown = dataclasses.replace(bundle_of(*found), recordings=(recording(seconds=0, container=""),))
    report = dump(unknown, tmp_path / "out", "lhotse")
    assert [one["custom"]["id"] for one in read(tmp_path / "out/supervisions.jsonl.gz")] == ["b"]
    assert [loss.ids for loss in report.losses if "not known" in loss.reason] == [("a",)]
