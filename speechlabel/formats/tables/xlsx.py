"""XLSX workbooks: our three tables as sheets, and whatever sheet of labels a team has.

Spec: ECMA-376.  Cells are written as text or numbers, never as formulas.  A cell holds 32,767 characters and
a sheet 1,048,576 rows: longer lists and texts are reported, more rows go on in another sheet.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, ClassVar, cast

import openpyxl

from speechlabel.errors import ParseError, SpeechLabelError
from speechlabel.formats.base import Bundle, Export, Format, Written
from speechlabel.formats.gather import Gathered
from speechlabel.formats.losses import Tally
from speechlabel.formats.native import native
from speechlabel.formats.tables.columns import guess_columns
from speechlabel.formats.tables.table_cells import Unit, cell_text
from speechlabel.formats.tables.table_look import (
    Asked,
    HasHeader,
    Table,
    TableLook,
    find_table,
    header_at,
    look,
)
from speechlabel.formats.tables.table_rows import Rows, Setting
from speechlabel.formats.tables.table_text import Row
from speechlabel.formats.tables.table_write import (
    RECORDINGS,
    SPEAKERS,
    Column,
    Side,
    segment_columns,
    write_tables,
)
from speechlabel.formats.tables.xlsx_write import LARGEST, Sheet, save_book

__all__ = ["XlsxFormat"]

FILE = "segments.xlsx"
SHARED = 300_000_000  # bytes of its shared texts, which are held in memory
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
GUIDELINE = "guideline"


@dataclass(frozen=True)
class XlsxFormat(Format):
    """A workbook of segments, recordings and speakers; reads any sheet whose header tells text or times."""

    columns: str = ""  # field=column;field=column …, by header or by number
    unit: Unit = "auto"
    header: HasHeader = "auto"
    sheet: str = ""  # the one to read; without it the first that holds labels

    name: ClassVar[str] = "xlsx"
    title: ClassVar[str] = "Excel workbook"
    extensions: ClassVar[tuple[str, ...]] = (".xlsx",)
    spec: ClassVar[str] = "https://ecma-international.org/publications-and-standards/standards/ecma-376/"
    carries: ClassVar[frozenset[str]] = native.NativeFormat.carries
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("openpyxl",)

    def sniff(self, path: Path) -> bool:
        """Tell a workbook by a sheet of labels among those that it holds."""
        file = path / FILE if path.is_dir() else path
        if file.suffix.lower() not in (".xlsx", ".xlsm") or not file.is_file():
            return False
        try:
            with _workbook(file) as book:
                return any(self._holds_labels(rows) for _, rows in _sheets(book, file))
        except ParseError:
            return False

    def _holds_labels(self, rows: Iterator[Row]) -> bool:
        top = [cells for _, cells in islice(rows, 20)]
        return bool(top) and (guess_columns(top[header_at(top)]).is_table or bool(self.columns))

    def write(self, export: Export, out: Path) -> Written:
        """Write ``segments.xlsx``."""
        tally = Tally()
        columns = segment_columns(export.bundle, self.name)
        book = openpyxl.Workbook(write_only=True)
        tables = {
            "segments": Sheet(book, "segments", columns, tally),
            "recordings": Sheet(book, "recordings", RECORDINGS, tally),
            "speakers": Sheet(book, "speakers", SPEAKERS, tally),
        }
        count, told = write_tables(
            export, out, columns, self.name, lambda table, cells: tables[table].put(cells)
        )
        guideline = export.bundle.guideline
        if guideline is not None:
            sheet = Sheet(book, GUIDELINE, (Column("line", "string"),), tally)
            for line in guideline.removesuffix("\n").split("\n"):
                sheet.put([line])
        save_book(book, out / FILE)
        return Written(segments=count, losses=tally.losses(), warnings=told)

    def look(self, path: Path) -> TableLook:
        """Show the columns of the sheet that would be read, its first rows, and what each is taken for.

        Raises
        ------
        ParseError
            It is no workbook, or holds no such sheet.
        OptionError
            ``columns`` names a column that is not there.
        """
        file = path / FILE if path.is_dir() else path
        with _workbook(file) as book:
            _, rows = self._pick(book, file)[0]
            return look(self.name, self._table(file, rows))

    def read(self, path: Path) -> Bundle:
        """Read the sheets of a workbook that hold labels; ours with those of recordings and speakers."""
        file = path / FILE if path.is_dir() else path
        gathered = Gathered(file)
        side = Side(gathered)
        with _workbook(file) as book:
            guideline = _own(book, file, side)
            for title, rows in self._pick(book, file):
                table = self._table(file, rows)
                if not table.mapped.is_table:
                    shown = ", ".join(table.header)[:500]
                    reason = f"sheet {title!r}: no column is known for a text or for times; give columns"
                    raise ParseError(file, f"{reason}; there are {shown}", line=1)
                gathered.plain_notes += [f"{file.name}: {title}: {note}" for note in table.notes]
                reader = Rows(file, gathered, Setting(self.name, table.header, table.mapped, table.unit))
                for line, cells in table.rows:
                    reader.add(line, cells + [""] * (len(table.header) - len(cells)))
                reader.finish()
        return gathered.bundle(labelled=side.labelled, guideline=guideline)

    def _table(self, file: Path, rows: Iterator[Row]) -> Table:
        asked = Asked(columns=self.columns, unit=self.unit, header=self.header, profile="table")
        return find_table(file, rows, "", asked)

    def _pick(self, book: Any, file: Path) -> list[tuple[str, Iterator[Row]]]:  # noqa: ANN401 - openpyxl
        """Sheets to read: the one that was named, else the first of labels, with its continuations."""
        titles = [title for title, _ in _sheets(book, file)]
        if self.sheet:
            if self.sheet not in titles:
                raise ParseError(file, f"has no sheet {self.sheet!r:.80}; it has {', '.join(titles)}", line=1)
            return [(self.sheet, _rows(book[self.sheet], file))]
        holding = [title for title, rows in _sheets(book, file) if self._holds_labels(rows)]
        if not holding:
            holding = titles[:1]  # its header is shown in the error
        if not holding:
            raise ParseError(file, "has no sheet", line=1)
        first = holding[0]
        more = [title for title in holding[1:] if re.fullmatch(rf"{re.escape(first)} \d+", title)]
        return [(title, _rows(book[title], file)) for title in (first, *more)]


@contextmanager
def _workbook(file: Path) -> Generator[Any]:
    """Open a workbook to be read sheet by sheet; whatever openpyxl trips over is a ``ParseError``."""
    try:
        _refuse_bombs(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations, which hold no labels
            book: Any = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except SpeechLabelError:
        raise
    except Exception as error:  # openpyxl raises what its parts raise
        raise _unreadable(file, error) from error
    try:
        yield book
    finally:
        book.close()


def _unreadable(file: Path, error: Exception, line: int = 1) -> ParseError:
    reason = f"is not a workbook that can be read: {type(error).__name__}: {error}"
    return ParseError(file, reason[:300], line=line)


def _refuse_bombs(file: Path) -> None:
    """Refuse what unpacks to more than memory holds, and XML that declares entities."""
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST:
            raise ParseError(file, f"unpacks to more than {LARGEST // 1_000_000} MB", line=1)
        for part in parts:
            name = part.filename.lower()
            if "sharedstrings" in name and part.file_size > SHARED:
                raise ParseError(file, f"more than {SHARED // 1_000_000} MB of texts; save it as CSV", line=1)
            if name.endswith((".xml", ".rels")):
                with archive.open(part) as stream:
                    _refuse_entities(file, stream, part.file_size)


def _refuse_entities(file: Path, stream: IO[bytes], told: int) -> None:
    kept, size = b"", 0
    while chunk := stream.read(1 << 20):
        size += len(chunk)
        if size > told:
            raise ParseError(file, "unpacks to more than it says", line=1)
        seen = (kept + chunk).replace(b"\x00", b"")  # UTF-16 too
        if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
            raise ParseError(file, "declares a document type, which no workbook does", line=1)
        kept = chunk[-20:]


def _sheets(book: Any, file: Path) -> Iterator[tuple[str, Iterator[Row]]]:  # noqa: ANN401
    for sheet in book.worksheets:
        yield str(sheet.title), _rows(sheet, file)


def _rows(sheet: Any, file: Path) -> Iterator[Row]:  # noqa: ANN401
    """Give the rows of a sheet that are not empty, cells as text; ends of rows that are empty are cut."""
    line = 0
    try:
        sheet.reset_dimensions()  # what a file says of its own size is often wrong
        for line, values in enumerate(
            cast("Iterator[tuple[object, ...]]", sheet.iter_rows(values_only=True)), 1
        ):
            cells = [_unescaped(cell_text(value)) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield line, cells
    except Exception as error:
        raise _unreadable(file, error, line + 1) from error


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _own(book: Any, file: Path, side: Side) -> str | None:  # noqa: ANN401
    """Read the sheets of recordings and speakers, where they are ours; give the guideline."""
    guideline: str | None = None
    for table, columns in (("recordings", RECORDINGS), ("speakers", SPEAKERS)):
        titles = [title for title, _ in _sheets(book, file) if re.fullmatch(rf"{table}( \d+)?", title)]
        for title in titles:
            rows = _rows(book[title], file)
            _, header = next(rows, (1, [""]))
            if {"id", "name", columns[0].name} <= set(header):
                for line, cells in rows:
                    side.take(table, file, header, line, cells)
    if GUIDELINE in book.sheetnames:
        lines = dict(_rows(book[GUIDELINE], file))
        if lines.get(1) == ["line"]:
            guideline = "\n".join("".join(lines.get(n, [""])[:1]) for n in range(2, max(lines) + 1))
            guideline += "\n" * (guideline != "")
    return guideline
