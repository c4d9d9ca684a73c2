"""A Croissant description tells of each file what it is, and of each column what is in it."""

import hashlib
import json

import pytest

from speechlabel.errors import ExportError
from speechlabel.formats import dump, get
from speechlabel.formats.contract import sample_export
from speechlabel.records import Segment


@pytest.fixture
def out(tmp_path):
    dump(
        sample_export(tmp_path), tmp_path / "out", "croissant", license="https://example.org/l", creator="Us"
    )
    return tmp_path / "out"


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n")]


def test_every_column_is_described_and_nothing_is_null(out):
    description = json.loads((out / "croissant.json").read_bytes())
    kinds = {"sc:Text": str, "sc:Float": float, "sc:Integer": int, "sc:Boolean": bool}
    for record_set in description["recordSet"]:
        [file] = {field["source"]["fileObject"]["@id"] for field in record_set["field"]}
        types = {field["source"]["extract"]["column"]: field["dataType"] for field in record_set["field"]}
        found = rows(out / file)
        assert len(found) > 2
        for row in found:
            assert {name: type(value) for name, value in row.items()} == {
                name: kinds[told] for name, told in types.items()
            }
        assert record_set["key"]["@id"] == f"{record_set['@id']}/id"
        assert len({row["id"] for row in found}) == len(found)


def test_files_are_listed_with_their_fingerprints(out):
    description = json.loads((out / "croissant.json").read_bytes())
    for item in description["distribution"]:
        raw = (out / item["contentUrl"]).read_bytes()
        assert item["sha256"] == hashlib.sha256(raw).hexdigest() and item["contentSize"] == f"{len(raw)} B"
    assert description["license"] == "https://example.org/l"
    assert description["creator"] == {"@type": "sc:Organization", "name": "Us"}
    assert "url" not in description


def test_what_is_not_told_is_asked_for(tmp_path):
    report = dump(sample_export(tmp_path), tmp_path / "out", "croissant", url="https://example.org")
    assert report.warnings == ("not told, and asked for by Croissant: license, creator, published, version",)


def test_faults_are_files_that_are_not_those_described(out):
    croissant = get("croissant")
    assert list(croissant.faults(out)) == []
    with (out / "segments.jsonl").open("a") as file:
        file.write("{}\n")
    (out / "recordings.jsonl").unlink()
    found = list(croissant.faults(out))
    assert [fault.reason.partition(":")[0] for fault in found] == ["recordings.jsonl", "segments.jsonl"]
    assert all(fault.line for fault in found)
    (out / "croissant.json").write_text('{"distribution": [')
    assert [fault.line for fault in croissant.faults(out)] == [1]
    (out / "croissant.json").write_text("[]")
    assert [fault.reason for fault in croissant.faults(out)] == ["lists no files"]
    (out / "croissant.json").unlink()
    assert [fault.file for fault in croissant.faults(out)] == ["croissant.json"]


def test_without_a_segment_that_can_be_learnt_from_nothing_is_written(bundle_of, tmp_path):
    with pytest.raises(ExportError, match="nothing to export"):
        dump(bundle_of(Segment(id="a", start_us=0, end_us=9, text=None)), tmp_path / "out", "croissant")
