"""Parquet: rows with their sound for the hub, tables of labels, and what other people keep there."""

import importlib
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speechlabel import formats
from speechlabel.errors import InputError, OptionError, ParseError
from speechlabel.formats import dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.gather import TO_THE_END_US

from .conftest import segment

S = 1_000_000


def test_rows_hold_their_sound_and_the_schema_says_so(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "parquet")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["README.md", "data"]
    table = pq.read_table(tmp_path / "out/data/train-00000-of-00001.parquet")
    row = table.slice(0, 1).to_pylist()[0]
    id = utterance_id("a-mono", "s-1")
    assert row["audio"] == {"bytes": f"fLaC {id}".encode(), "path": f"{id}.flac"}
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["audio"] == {"sampling_rate": 16_000, "_type": "Audio"}
    assert list(features) == table.schema.names
    assert [row["text"] for row in table.to_pylist()[2:4]] == ["", None]
    head = (tmp_path / "out/README.md").read_text(encoding="utf-8").split("---\n")[1]
    assert "path: data/train-*.parquet" in head


def test_row_groups_are_small_and_files_are_split(tmp_path, bundle_of):
    export = sample_export(tmp_path)
    many = bundle_of(*(segment(f"s{n:03}", n * 10_000, n * 10_000 + 9000, text=str(n)) for n in range(250)))
    dump(type(export)(bundle=many, cut_clips=export.cut_clips), tmp_path / "many", "parquet")
    file = pq.ParquetFile(tmp_path / "many/data/train-00000-of-00001.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [100, 100, 50]
    assert [s.id for _, found in load(tmp_path / "many").stream() for s in found] == [
        s.id for s in many.segments["r"]
    ]
    with pytest.raises(OptionError):
        dump(many, tmp_path / "none", "parquet", shard_mb=0)


def test_files_of_some_size_are_split_and_read_as_one(tmp_path, bundle_of):
    export = sample_export(tmp_path)

    def noisy(recording, wanted, into):
        random_bytes = random.Random(1)
        for one, clip in export.cut_clips(recording, wanted, into):
            clip.path.write_bytes(random_bytes.randbytes(12_000))
            yield one, clip

    bundle = bundle_of(*(segment(f"s{n:03}", n * 10_000, n * 10_000 + 9000, text=str(n)) for n in range(250)))
    report = dump(
        type(export)(bundle=bundle, cut_clips=noisy), tmp_path / "out", "parquet", shard_mb=1, split="test"
    )
    names = [name for name in report.files if name.endswith(".parquet")]
    assert names == [f"data/test-0000{n}-of-00003.parquet" for n in range(3)]
    assert report.warnings == ("the rows are in 3 files",)
    [(_, segments)] = load(tmp_path / "out").stream()
    assert [s.text for s in segments] == [str(n) for n in range(250)]


def test_labels_alone_need_no_audio(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, S, text="x", tags=("t",)), segment("b", S, S, kind="event"))
    dump(bundle, tmp_path / "out", "parquet", with_audio="false")
    rows = pq.read_table(tmp_path / "out/data").to_pylist()
    assert [row["kind"] for row in rows] == ["speech", "event"]
    assert all(row["audio_filepath"].endswith("audio/r.wav") for row in rows)
    back = load(tmp_path / "out")
    assert next(iter(back.stream()))[1] == list(bundle.segments["r"])


def test_nothing_to_write_is_an_empty_table(tmp_path, bundle_of):
    dump(bundle_of(), tmp_path / "out", "parquet", with_audio=False)
    assert pq.read_table(tmp_path / "out/data/train-00000-of-00001.parquet").num_rows == 0


def test_a_data_set_of_other_people(tmp_path):
    audio = pa.array([{"bytes": b"RIFF" * 1000, "path": "a/x.wav"}, {"bytes": b"RIFF", "path": None}])
    table = pa.table(
        {"audio": audio, "sentence": ["hallo", "du"], "gender": ["female", "?"], "up_votes": [2, 0]}
    )
    pq.write_table(table, tmp_path / "train-00000-of-00001.parquet")
    assert formats.detect(tmp_path) == "parquet"
    bundle = load(tmp_path)
    assert any("inside of this file" in note for note in bundle.notes)
    found = {item.name: segments[0] for item, segments in bundle.stream()}
    assert found["x"].text == "hallo" and found["x"].end_us == TO_THE_END_US
    assert found["x"].custom == {"parquet": {"gender": "female", "up_votes": "2"}}
    assert len(bundle.recordings) == 2


def test_a_table_of_canonical_fields_with_typed_columns(tmp_path):
    table = pa.table(
        {
            "recording_id": ["r", "r"],
            "start_time": pa.array([0.5, 1.0], pa.float32()),
            "end_time": [1.0, 2.25],
            "text": ["a", None],
            "tags": [["x", "y"], []],
        }
    )
    pq.write_table(table, tmp_path / "labels.parquet")
    [(item, segments)] = load(tmp_path / "labels.parquet").stream()
    assert item.id == "r"
    assert [(s.start_us, s.end_us, s.text, s.tags) for s in segments] == [
        (500_000, S, "a", ("x", "y")),
        (S, 2_250_000, None, ()),
    ]


def test_without_pyarrow_it_says_how_to_get_it(tmp_path, monkeypatch, bundle_of):
    real = importlib.import_module

    def without(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr("speechlabel.formats.datasets.parquet.importlib.import_module", without)
    with pytest.raises(InputError, match=r"pip install 'speechlabel\[parquet\]'"):
        dump(bundle_of(), tmp_path / "out", "parquet", with_audio=False)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    pq.write_table(pa.table({"start": [0], "end": [1], "text": ["x"]}), tmp_path / "x.parquet")
    whole = (tmp_path / "x.parquet").read_bytes()
    (tmp_path / "x.parquet").write_bytes(whole[:-20])
    with pytest.raises(ParseError, match="not Parquet"):
        load(tmp_path / "x.parquet", "parquet")
