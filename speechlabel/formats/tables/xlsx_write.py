"""Sheets of a workbook being written: cells are text or numbers, never formulas; the same bytes each time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl.cell import WriteOnlyCell

from speechlabel.formats.losses import Tally
from speechlabel.formats.tables.table_write import Column

__all__ = ["LARGEST", "Sheet", "save_book"]

MOST_ROWS = 1_048_576
LONGEST = 32_767  # UTF-16 units in a cell
LARGEST = 2_000_000_000  # bytes of a workbook's parts, unpacked
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # what Excel takes for the code of a character
WHEN = (1980, 1, 1, 0, 0, 0)
CORE = "docProps/core.xml"
CLOCK = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


class Sheet:
    """A table being written, over as many sheets as it takes."""

    def __init__(self, book: Any, title: str, columns: Sequence[Column], tally: Tally) -> None:  # noqa: ANN401
        self._book, self._title, self._columns, self._tally = book, title, columns, tally
        self._n_sheets, self._n_rows = 0, MOST_ROWS
        self._sheet: Any = None
        self._open()

    def put(self, cells: Sequence[object]) -> None:
        """Add a row; a text that a cell cannot hold is cut off, and told."""
        if self._n_rows >= MOST_ROWS:
            self._open()
        self._sheet.append([self._cell(place, value, cells) for place, value in enumerate(cells)])
        self._n_rows += 1

    def _open(self) -> None:
        self._n_sheets += 1
        title = self._title if self._n_sheets == 1 else f"{self._title} {self._n_sheets}"
        self._sheet = self._book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        self._sheet.append([self._text(column.name) for column in self._columns])
        self._n_rows = 1

    def _cell(self, place: int, value: object, cells: Sequence[object]) -> object:
        if not isinstance(value, str):
            return value
        if not value:
            return None
        made = ESCAPE.sub("_x005F_", value)
        if len(made.encode("utf-16-le")) // 2 > LONGEST:
            made = self._short(place, made, str(cells[0]))
        return self._text(made)

    def _short(self, place: int, made: str, id: str) -> str:
        column = self._columns[place]
        if column.type in ("array", "object"):
            self._tally.add(column.name, f"longer than the {LONGEST} characters of a cell: left out", id)
            return ""
        self._tally.add(column.name, f"longer than the {LONGEST} characters of a cell: cut off", id)
        raw = made.encode("utf-16-le")[: 2 * LONGEST]
        return re.sub(r"_(x[0-9A-Fa-f]{0,4})?$", "", raw.decode("utf-16-le", "ignore"))

    def _text(self, text: str) -> object:
        """Cell that is text whatever it begins with; openpyxl would make a formula of ``=1+1``."""
        cell: Any = WriteOnlyCell(self._sheet, value="")
        cell._value = text  # pyright: ignore[reportPrivateUsage]
        cell.data_type = "s"
        return cell


def save_book(book: Any, target: Path) -> None:  # noqa: ANN401 - openpyxl
    """Write a workbook, without the time when it was made."""
    part = target.with_name(f"{target.name}.part")
    book.save(part)
    _without_clock(part, target)
    part.unlink()


def _without_clock(source: Path, target: Path) -> None:
    """Pack a workbook again, without the time when it was made."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in sorted(old.infolist(), key=lambda item: item.filename):
            entry = zipfile.ZipInfo(info.filename, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with old.open(info) as part, new.open(entry, "w", force_zip64=info.file_size > LARGEST) as into:
                if info.filename == CORE:
                    into.write(CLOCK.sub(rb"\g<1>1980-01-01T00:00:00Z", part.read()))
                else:
                    while chunk := part.read(1 << 20):
                        into.write(chunk)
