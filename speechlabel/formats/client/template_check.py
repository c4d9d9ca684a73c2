"""What a template itself demands of the files that are made from it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import openpyxl
import orjson

from speechlabel.formats.base import Fault
from speechlabel.formats.client.template_tables import MARKS, header_of
from speechlabel.template import Template
from speechlabel.template_parts import Leaf, Loop, node_of

__all__ = ["template_faults"]

LARGEST = 20_000_000  # bytes of one JSON document that is read whole


def template_faults(template: Template, file: Path, name: str) -> Iterator[Fault]:
    """Tell what is not as the template says in one file; ``name`` is how it is called."""
    try:
        if template.layout == "json":
            yield from _json_faults(template, file, name)
        elif template.layout == "jsonl":
            yield from _line_faults(template, file, name)
        elif template.layout == "csv":
            mark = MARKS[template.delimiter]
            with file.open(encoding="utf-8-sig", newline="") as text:
                yield from _row_faults(
                    template, _csv_rows(csv.reader(text, delimiter=mark, strict=True)), name
                )
        else:
            yield from _row_faults(template, _sheet_rows(file), name)
    except (OSError, ValueError, csv.Error) as error:
        yield Fault(name, None, f"cannot be read as {template.layout}: {error}"[:200])
    except Exception as error:  # openpyxl raises what its parts raise
        if template.layout != "xlsx":
            raise
        yield Fault(name, None, f"is no workbook: {error}"[:200])


def _json_faults(template: Template, file: Path, name: str) -> Iterator[Fault]:
    if file.stat().st_size > LARGEST:  # required values were told while it was written
        return
    try:
        data = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        yield Fault(name, error.lineno, error.msg)
        return
    for path, reason in _shape(template.document, data, template, ""):
        yield Fault(name, None, f"{path or 'the document'} {reason}")


def _line_faults(template: Template, file: Path, name: str) -> Iterator[Fault]:
    with file.open("rb") as lines:
        for line, text in enumerate(lines, 1):
            try:
                data = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                yield Fault(name, line, error.msg)
                continue
            for path, reason in _shape(template.document, data, template, ""):
                yield Fault(name, line, f"{path or 'the line'} {reason}")


def _shape(node: object, data: object, template: Template, path: str) -> Iterator[tuple[str, str]]:
    """Walk a template and what was made from it side by side."""
    node = node_of(node)
    if isinstance(node, Leaf):
        if node.required and data in (None, ""):
            yield path, "is required and empty"
    elif isinstance(node, Loop):
        if not isinstance(data, list):
            yield path, "is not a list"
            return
        for at, item in enumerate(cast("list[object]", data), 1):
            yield from _shape(node.item, item, template, f"{path}[{at}]")
    elif isinstance(node, dict):
        yield from _members(cast("dict[str, object]", node), data, template, path)
    elif isinstance(node, list) and not _is_as_long(data, cast("list[object]", node)):
        yield path, "is not such a list"


def _is_as_long(data: object, node: list[object]) -> bool:
    return isinstance(data, list) and len(cast("list[object]", data)) == len(node)


def _members(
    node: Mapping[str, object], data: object, template: Template, path: str
) -> Iterator[tuple[str, str]]:
    if not isinstance(data, dict):
        yield path, "is not an object"
        return
    found = cast("dict[str, Any]", data)
    for key in found.keys() - node.keys():
        yield f"{path}.{key}".strip("."), "is not in the template"
    for key, value in node.items():
        where = f"{path}.{key}".strip(".")
        inner = node_of(value)
        if key in found:
            yield from _shape(value, found[key], template, where)
        elif template.missing != "omit" or not isinstance(inner, Leaf) or inner.required:
            yield where, "is missing"


def _row_faults(
    template: Template, rows: Iterator[tuple[int, Sequence[object]]], name: str
) -> Iterator[Fault]:
    header = header_of(template)
    for at, (line, cells) in enumerate(rows):
        if at == 0 or cells == header:  # a sheet that is full goes on in another
            if list(cells) != header:
                yield Fault(name, line, f"the titles are not {', '.join(header)}"[:200])
            continue
        if len(cells) != len(header):
            yield Fault(name, line, f"has {len(cells)} cells; there are {len(header)} columns")
            continue
        for column, cell in zip(template.columns, cells, strict=True):
            if column.required and cell in (None, ""):
                yield Fault(name, line, f"{column.title} is required and empty")


def _csv_rows(reader: Any) -> Iterator[tuple[int, Sequence[object]]]:  # noqa: ANN401 - csv has no public type
    for cells in reader:
        yield reader.line_num, cells


def _sheet_rows(file: Path) -> Iterator[tuple[int, Sequence[object]]]:
    book: Any = openpyxl.load_workbook(file, read_only=True)
    try:
        for sheet in book.worksheets:
            width = 0
            for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                width = max(width, len(cells))
                yield line, [*cells, *[None] * (width - len(cells))]  # empty cells at the end are not stored
    finally:
        book.close()
