"""Tables and data sets that we write, opened by other people's readers."""

import json

import frictionless
import pytest

from speechlabel.formats import dump
from speechlabel.formats.contract import sample_export


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
