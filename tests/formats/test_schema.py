import jsonschema
import orjson
import pytest

from speechlabel.formats import dump
from speechlabel.formats.contract import sample_export
from speechlabel.formats.native.schema import KINDS, as_json, file_of, schema
from speechlabel.records import Recording, Segment, Speaker

FILES = {"segment": "segments.jsonl", "recording": "recordings.jsonl", "speaker": "speakers.jsonl"}


def checker(kind):
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    return jsonschema.Draft202012Validator(schema(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_the_kept_schema_is_fresh(kind):
    assert file_of(kind).read_bytes() == as_json(kind), "run: python -m speechlabel.formats.native.schema"


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_we_write_is_valid(kind, tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    lines = (tmp_path / "out" / FILES[kind]).read_bytes().split(b"\n")
    assert lines.pop() == b"" and lines
    for line in lines:
        checker(kind).validate(orjson.loads(line))


def test_the_schema_knows_every_field_of_the_records():
    known = {kind: set(schema(kind)["properties"]) for kind in KINDS}
    assert set(Segment.__dataclass_fields__) - {"version", "start_us", "end_us"} <= known["segment"]
    assert set(Speaker.__dataclass_fields__) - {"version"} <= known["speaker"]
    workspace = {"is_stored", "modified_ns", "state", "error", "error_code", "preparation"}
    assert set(Recording.__dataclass_fields__) - workspace <= known["recording"]


@pytest.mark.parametrize(
    "change",
    [
        {"colour": 1},
        {"start": "0"},
        {"start": -1},
        {"kind": "shout"},
        {"text": None},
        {"tags": ["a", "a"]},
        {"id": "a b"},
    ],
)
def test_the_schema_refuses_what_we_refuse(change, tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "native")
    good = orjson.loads((tmp_path / "out/segments.jsonl").read_bytes().split(b"\n")[0])
    with pytest.raises(jsonschema.ValidationError):
        checker("segment").validate(good | change)
