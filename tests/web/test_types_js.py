"""The editor's types carry the field names of the records."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from speechlabel import records
from speechlabel.records import Event, Recording, Segment, Speaker, Transcript, Word

EDITOR = Path(records.__file__).parent / "web" / "static" / "editor"
TYPES = (EDITOR / "types.js").read_text(encoding="utf-8")


def properties(name: str) -> list[str]:
    """Property names of a typedef, in order."""
    for block in re.findall(r"/\*\*(.*?)\*/", TYPES, re.DOTALL):
        if re.search(rf"@typedef \{{object\}} {name}\b", block):
            return re.findall(r"@property \{.+\} \[?(\w+)\]?(?:  .*)?$", block, re.MULTILINE)
    raise AssertionError(f"types.js has no typedef {name}")


@pytest.mark.parametrize("kind", [Segment, Speaker, Word, Event])
def test_a_record_has_the_same_fields_in_the_same_order(kind: type[Any]) -> None:
    names = [item.name for item in dataclasses.fields(kind)]
    # Words and events have their name first in both; the order of JSON keys is that of the fields.
    assert properties(kind.__name__) == names


@pytest.mark.parametrize("kind", [Recording, Transcript])
def test_what_the_server_sends_of_a_record_is_named_as_there(kind: type[Any]) -> None:
    known = {item.name for item in dataclasses.fields(kind)} | {"duration_us"}
    assert set(properties(kind.__name__)) <= known


def test_the_editor_has_the_same_choices_and_defaults() -> None:
    source = (EDITOR / "model" / "records.js").read_text(encoding="utf-8")
    for name, choices in {"kind": records.Kind, "status": records.Status, "gender": records.Gender}.items():
        listed = re.search(rf"^  {name}: \[(.*?)\]", source, re.MULTILINE)
        assert listed is not None
        assert tuple(re.findall(r'"(\w+)"', listed.group(1))) == get_args(choices)
    for kind, table in {Segment: "SEGMENT_DEFAULTS", Speaker: "SPEAKER_DEFAULTS"}.items():
        block = re.search(rf"const {table} = \{{(.*?)\}};", source, re.DOTALL)
        assert block is not None
        assert re.findall(r"^  (\w+):", block.group(1), re.MULTILINE) == [
            item.name for item in dataclasses.fields(kind)
        ]
