"""Templates: the layout of a delivery as data, such as a contract asks for.

A template is a part of a guideline.  What it names is looked up here, so that a slip is told with its line
when the guideline is checked; ``formats.template`` fills it in.  ``docs/howto/client-template.md`` has the
whole language.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from speechlabel.errors import RecordError
from speechlabel.template_parts import (
    ANYTHING,
    EACH,
    FIELDS,
    INSIDE,
    UNIT,
    Leaf,
    Loop,
    Ref,
    Scope,
    flat,
    node_of,
    parse,
    refs_in,
)

__all__ = ["Column", "Template"]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
INCLUDABLE = ("machine", "draft", "unsure", "invalid", "no_text", "not_speech")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    title: str
    value: str
    default: str | None = None  # where nothing is told
    join: str | None = None  # between the items of a list
    required: bool = False  # an empty cell is a fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A layout: ``document`` of JSON and JSONL, ``columns`` of CSV and XLSX, and how values are written."""

    name: str
    layout: Literal["json", "jsonl", "csv", "xlsx"]
    title: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    per: Literal["recording", "all"] = "recording"  # a file each, or one of all
    file: str = ""  # its name: {recording}, {name}, {project}, {index}
    rows: Literal["segments", "recordings", "speakers"] = "segments"  # of a table; lines of JSONL
    time: str = "s"  # s: seconds; s:N: with N decimals; ms; timecode: HH:MM:SS.mmm
    missing: Literal["null", "empty", "omit"] = "null"  # what is written where nothing is told
    join: str = ", "  # between the items of a list, in text
    titles: str | None = None  # language: labels, reasons and choices by their titles in the guideline
    takes: Literal["training", "speech", "everything"] = "training"
    include: tuple[str, ...] = ()  # reasons to stay out that do not count, as of `--include`
    pretty: bool = True  # JSON over several lines
    delimiter: Literal["comma", "tab", "semicolon"] = "comma"
    bom: bool = False  # in front of CSV: Excel needs it to see UTF-8
    guard: bool = True  # in CSV, ' in front of text that a spreadsheet would take for a formula
    values: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    document: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    columns: tuple[Column, ...] = ()

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise self._wrong("name", self.name, "a name holds only a-z 0-9 _ -")
        if not UNIT.fullmatch(self.time):
            raise self._wrong("time", self.time, "must be one of s, s:0 to s:6, ms, timecode")
        for reason in self.include:
            if reason not in INCLUDABLE:
                raise self._wrong("include", reason, f"must be one of {', '.join(INCLUDABLE)}")
        self._check_file()
        if self.is_table:
            self._check_columns()
        else:
            self._check_document()
        known = {name for names in FIELDS.values() for name in names}
        for name, mapping in flat(self.values).items():
            first = name.removeprefix("speaker.").removeprefix("recording.").removeprefix("segment.")
            if first not in known and not first.startswith(ANYTHING):
                raise self._wrong("values", name, "is no field that a template can name")
            if not all(isinstance(value, str | int | float) for value in mapping.values()):
                raise self._wrong("values", name, "gives each value a text, a number, true or false")

    @property
    def is_table(self) -> bool:
        """Whether it is written as rows of cells."""
        return self.layout in ("csv", "xlsx")

    @property
    def root(self) -> Scope:
        """What the document, or one row or line of it, is about."""
        if self.layout == "json":
            return "recording" if self.per == "recording" else "project"
        return EACH[self.rows]

    @property
    def pattern(self) -> str:
        """Name of its files, with the default."""
        return self.file or ("{recording}" if self.per == "recording" else "{project}") + f".{self.layout}"

    def refs(self) -> Iterator[Ref]:
        """Every field that it names."""
        if self.is_table:
            for column in self.columns:
                yield from refs_in(Leaf(column.value), self.root)
        else:
            yield from refs_in(node_of(self.document), self.root)

    def _wrong(self, name: str, value: object, reason: str) -> RecordError:
        return RecordError(f"template {self.name}", name, value, reason)

    def _check_file(self) -> None:
        pattern = self.pattern
        names = re.findall(r"\{(\w+)(?::0?\d)?\}", pattern)
        rest = re.sub(r"\{(recording|name|project)\}|\{index(:0\d)?\}", "", pattern)
        if re.search(r'[{}\\:*?"<>|\x00-\x1f]', rest) or pattern.startswith("/") or ".." in pattern:
            reason = (
                "is a file's name, made of text, {recording}, {name}, {project} and {index} or {index:03}"
            )
            raise self._wrong("file", pattern, reason)
        if self.per == "recording" and not {"recording", "name", "index"} & set(names):
            raise self._wrong("file", pattern, "a file each recording needs {recording}, {name} or {index}")
        if self.per == "all" and {"recording", "name", "index"} & set(names):
            raise self._wrong("file", pattern, "one file of all has only {project} in its name")

    def _check_columns(self) -> None:
        if self.document:
            raise self._wrong("document", "", f"{self.layout} has columns, not a document")
        if not self.columns:
            raise self._wrong("columns", "", f"{self.layout} needs columns")
        titles = [column.title for column in self.columns]
        if twice := [title for title in titles if titles.count(title) > 1]:
            raise self._wrong("columns", twice[0], "is given twice")
        for column in self.columns:
            self._check_text("columns", column.value, self.root)

    def _check_document(self) -> None:
        if self.columns:
            raise self._wrong("columns", self.columns[0].title, f"{self.layout} has a document, not columns")
        if not self.document:
            raise self._wrong("document", "", f"{self.layout} needs a document")
        self._check_node(self.document, self.root)

    def _check_node(self, data: object, scope: Scope) -> None:
        try:
            node = node_of(data)
        except ValueError as error:
            raise self._wrong("document", str(error.args[1]), str(error.args[0])) from error
        if isinstance(node, Leaf):
            self._check_text("document", node.text, scope)
        elif isinstance(node, Loop):
            self._check_loop(node, scope)
        elif isinstance(node, dict | list):
            inside = cast("dict[str, object] | list[object]", node)
            for value in inside.values() if isinstance(inside, dict) else inside:
                self._check_node(value, scope)
        elif not isinstance(node, bool | int | float) or not math.isfinite(node):
            raise self._wrong("document", str(node), "is no text, number, true, false, list or table")

    def _check_loop(self, loop: Loop, scope: Scope) -> None:
        if loop.each not in INSIDE[scope]:
            known = ", ".join(INSIDE[scope]) or "none"
            raise self._wrong("document", loop.each, f"is no list of a {scope}; lists are {known}")
        for name in loop.where:
            self._check_text("document", f"{{{name}}}", EACH[loop.each])
        self._check_node(loop.item, EACH[loop.each])

    def _check_text(self, where: str, text: str, scope: Scope) -> None:
        try:
            parse(text, scope)
        except ValueError as error:
            raise self._wrong(where, str(error.args[1]), str(error.args[0])) from error
