"""CSV and XLSX as a template wants them: its columns, a row for each thing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import openpyxl

from speechlabel.formats.client.template_fields import Place
from speechlabel.formats.client.template_values import Values
from speechlabel.formats.losses import Tally
from speechlabel.formats.tables.table_write import Column as Typed
from speechlabel.formats.tables.xlsx_write import Sheet, save_book
from speechlabel.template import Template
from speechlabel.template_parts import Leaf

__all__ = ["MARKS", "TableWriter", "header_of"]

FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet would take for one, and what was guarded before
MARKS = {"comma": ",", "tab": "\t", "semicolon": ";"}


class TableWriter:
    """Writes the rows of a template."""

    def __init__(self, values: Values) -> None:
        self._values, self._template = values, values.template
        self._leaves = [
            Leaf(column.value, column.default, column.join, column.required)
            for column in self._template.columns
        ]
        self.tally = Tally()

    def write(self, places: Iterable[Place], path: Path) -> None:
        """Write a table, its titles first."""
        if self._template.layout == "xlsx":
            self._workbook(places, path)
        else:
            self._text(places, path)

    def _rows(self, places: Iterable[Place]) -> Iterator[tuple[Place, list[object]]]:
        root = self._template.root
        titles = [column.title for column in self._template.columns]
        for place in places:
            yield (
                place,
                [
                    self._values.cell(leaf, place, root, title)
                    for leaf, title in zip(self._leaves, titles, strict=True)
                ],
            )

    def _workbook(self, places: Iterable[Place], path: Path) -> None:
        book = openpyxl.Workbook(write_only=True)
        columns = [Typed(column.title, "string") for column in self._template.columns]
        sheet = Sheet(book, self._template.rows, columns, self.tally)
        for _, cells in self._rows(places):
            sheet.put(cells)
        save_book(book, path)

    def _text(self, places: Iterable[Place], path: Path) -> None:
        template = self._template
        encoding = "utf-8-sig" if template.bom else "utf-8"
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=MARKS[template.delimiter], lineterminator="\n")
            writer.writerow([self._guarded(column.title, column.title, "") for column in template.columns])
            for place, cells in self._rows(places):
                thing = place.segment or place.speaker or place.recording
                id = thing.id if thing else ""
                writer.writerow(
                    [
                        self._cell(cell, leaf, column.title, place, id)
                        for cell, leaf, column in zip(cells, self._leaves, template.columns, strict=True)
                    ]
                )

    def _cell(self, cell: object, leaf: Leaf, title: str, place: Place, id: str) -> str:
        if isinstance(cell, str):
            return self._guarded(cell, title, id)
        if isinstance(cell, bool):
            return "true" if cell else "false"
        return self._values.number_text(leaf, place, self._template.root) or str(cell)

    def _guarded(self, text: str, title: str, id: str) -> str:
        if not self._template.guard or not FORMULA.match(text):
            return text
        self.tally.add(title, "begins like a formula: ' was put in front of it", id)
        return f"'{text}"


def header_of(template: Template) -> list[str]:
    """Return the first row of a table, as it is written."""
    guard = template.layout == "csv" and template.guard
    titles = [column.title for column in template.columns]
    return [f"'{title}" if guard and FORMULA.match(title) else title for title in titles]
