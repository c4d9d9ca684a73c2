"""Tables and data sets that we write, opened by other people's readers."""

import csv
import dataclasses
import io
import json
import re

import frictionless
import numpy as np
import pyarrow.json
import pyarrow.parquet
import pytest
import soundfile

from speechlabel.formats import dump
from speechlabel.formats.contract import sample_export

from .test_training import RATE, heard, labelled, source  # noqa: F401 - a fixture


@pytest.mark.parametrize(
    "options", [{}, {"delimiter": "tab", "bom": True}, {"delimiter": "semicolon", "guard": True}]
)
def test_frictionless_finds_the_package_valid(tmp_path, options):
    dump(sample_export(tmp_path), tmp_path / "out", "csv", **options)
    report = frictionless.validate(str(tmp_path / "out/datapackage.json"))
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])
    assert [task.stats["rows"] for task in report.tasks] == [10, 3, 4]
    package = json.loads((tmp_path / "out/datapackage.json").read_bytes())
    headers = [[field["name"] for field in item["schema"]["fields"]] for item in package["resources"]]
    assert headers[0][:2] == ["id", "recording_id"]


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ("s-1,a-mono", "s-1,nobody", "foreign-key"),
        (",0.5,2.25,", ",early,2.25,", "type-error"),
        (",0.5,", ",-1,", "constraint-error"),
    ],
)
def test_frictionless_would_find_what_is_wrong(tmp_path, before, after, error):
    dump(sample_export(tmp_path), tmp_path / "out", "csv")
    path = tmp_path / "out/segments.csv"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    report = frictionless.validate(str(tmp_path / "out/datapackage.json"))
    assert error in {found for [found] in report.flatten(["type"])}


def test_arrow_infers_one_type_a_column_of_an_audiofolder(source, tmp_path):  # noqa: F811
    """As the loader of ``datasets`` does, block by block: a column must not change from one to the next."""
    dump(source, tmp_path / "out", "audiofolder")
    path = tmp_path / "out/train/metadata.jsonl"
    row = max(len(line) for line in path.read_bytes().split(b"\n")) + 1
    whole = pyarrow.json.read_json(path).schema
    for block in pyarrow.json.open_json(path, read_options=pyarrow.json.ReadOptions(block_size=row)):
        assert block.schema == whole
    assert str(whole.field("text").type) == "string" and str(whole.field("start").type) == "double"


def test_each_clip_of_an_audiofolder_holds_the_samples_that_were_labelled(source, tmp_path):  # noqa: F811
    dump(source, tmp_path / "out", "audiofolder")
    wanted = labelled(source)
    rows = [json.loads(line) for line in (tmp_path / "out/train/metadata.jsonl").read_bytes().splitlines()]
    for row in rows:
        whole = wanted.pop((row["recording_id"], row["segment_id"]))
        samples, rate = soundfile.read(tmp_path / "out/train" / row["file_name"], dtype="int16")
        assert rate == RATE and np.array_equal(samples, heard(*whole))
        assert row["text"] == whole[1].text and row["duration"] == pytest.approx(
            len(samples) / RATE, abs=1e-6
        )
    assert not wanted


def test_pyarrow_and_soundfile_hear_each_row_of_a_parquet_file(source, tmp_path):  # noqa: F811
    dump(source, tmp_path / "out", "parquet")
    wanted = labelled(source)
    for row in pyarrow.parquet.read_table(tmp_path / "out/data").to_pylist():
        whole = wanted.pop((row["recording_id"], row["segment_id"]))
        samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]), dtype="int16")
        assert rate == RATE and np.array_equal(samples, heard(*whole))
        assert (row["text"], row["start"]) == (whole[1].text, whole[1].start_us / 1e6)
        assert [word["word"] for word in row["words"] or ()] == [word.word for word in whole[1].words]
    assert not wanted


def as_speechbrain_loads(folder, root):
    """Entries as ``load_data_json`` and ``load_data_csv`` give them, by their rule."""

    def filled(value):
        if isinstance(value, str):
            return value.format_map({"data_root": root})
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        return [filled(item) for item in value] if isinstance(value, list) else value

    if (folder / "manifest.json").exists():
        return filled(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    for row in rows:
        for key, value in row.items():
            row[key] = re.sub(r"\$([\w.]+)", lambda match: str({"data_root": root}[match[1]]), value)
        row["duration"] = float(row["duration"])
    assert len({row["ID"] for row in rows}) == len(rows)
    return {row.pop("ID"): row for row in rows}


@pytest.mark.parametrize("file", ["json", "csv"])
@pytest.mark.parametrize("is_cut", [True, False])
def test_speechbrain_hears_the_samples_that_were_labelled(source, tmp_path, file, is_cut):  # noqa: F811
    dump(dataclasses.replace(source, is_cut=is_cut), tmp_path / "out", "speechbrain", file=file)
    wanted = labelled(source)
    for entry in as_speechbrain_loads(tmp_path / "out", tmp_path / "out").values():
        whole = wanted.pop((entry["recording_id"], entry["segment_id"]))
        wav = entry["wav"] if isinstance(entry["wav"], dict) else {"file": entry["wav"]} | entry
        start, stop = (int(wav[key]) if wav.get(key) else None for key in ("start", "stop"))
        samples, rate = soundfile.read(wav["file"], start=start or 0, stop=stop, dtype="int16")
        assert rate == RATE and np.array_equal(samples, heard(*whole))
        assert entry["wrd"] == whole[1].text
    assert not wanted


@pytest.mark.parametrize("window", [0, 30])
def test_the_reader_of_whisper_lists_hears_each_sentence(source, tmp_path, window):  # noqa: F811
    """As its dataset class reads: the file whole, each sentence at its seconds."""
    dump(source, tmp_path / "out", "whisper_jsonl", window=window)
    wanted = {
        (recording, one.text): (whole, one) for (recording, _), (whole, one) in labelled(source).items()
    }
    for line in (tmp_path / "out/train.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        samples, rate = soundfile.read(tmp_path / "out" / entry["audio"]["path"], dtype="int16")
        assert rate == RATE and entry["duration"] == pytest.approx(len(samples) / RATE, abs=1e-6)
        for item in entry["sentences"]:
            clean = heard(*wanted.pop((entry["source"]["recording_id"], item["text"])))
            first = round(item["start"] * RATE)
            found = samples[first : first + len(clean)]
            assert np.array_equal(found, clean[: len(found)]) and len(clean) - len(found) <= 1
    assert not wanted
