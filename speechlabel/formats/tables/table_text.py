"""Text of tables: its encoding, delimiter and quotes are found out, then rows come one by one."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from speechlabel.errors import ParseError
from speechlabel.formats.encodings import guess
from speechlabel.formats.foreign import BOMS
from speechlabel.formats.tables.columns import is_known

__all__ = ["Dialect", "Quotes", "Row", "choose", "find_dialect", "find_encoding", "head_text", "rows"]

Quotes = Literal["auto", "standard", "none"]
Row = tuple[int, list[str]]  # the line where it begins, and its cells

CHUNK = 1 << 20
HEAD = 4096  # bytes that show whether a file has NULs, as UTF-16 has
SAMPLE = 1 << 18  # characters that the delimiter is told by
SAMPLE_ROWS = 200
LONGEST_CELL = 16_000_000  # characters
LONGEST_QUOTED = 10_000  # lines
DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file writes its table."""

    encoding: str
    delimiter: str
    has_quotes: bool
    skip: int = 0  # lines before the table: comments, and Excel's ``sep=;``
    notes: tuple[str, ...] = ()
    skips_blanks: bool = False  # after a delimiter


def find_encoding(path: Path) -> tuple[str, tuple[str, ...]]:
    """Tell the encoding of a text file: by its mark, else UTF-8, else as its letters tell (noted)."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if (marked := _by_mark(head)) is not None:
        return marked, ()
    if b"\x00" not in head and _is_utf_8(path):
        return "utf-8", ()
    found = guess(_telling(path))
    if found.codec == "utf-8":
        return "utf-8", () if b"\x00" in head and _is_utf_8(path) else ("is UTF-8 with faults",)
    unsure = "" if found.is_sure else ", a guess that too few letters bear out"
    return found.codec, (f"is not UTF-8; read as {found.name}{unsure}",)


def head_text(raw: bytes) -> str:
    """Text of the beginning of a file, whose last character may be cut; "" where it is not text."""
    encoding = _by_mark(raw)
    if encoding is None:
        try:
            text = codecs.getincrementaldecoder("utf-8")().decode(raw)
        except UnicodeDecodeError:
            encoding = guess(raw).codec
        else:
            if "\x00" not in text:
                return text
            encoding = guess(raw).codec
    text = codecs.getincrementaldecoder(encoding)("replace").decode(raw)
    return "" if "\x00" in text else text


def _by_mark(raw: bytes) -> str | None:
    marked = next((encoding for bom, encoding in BOMS if raw.startswith(bom)), None)
    return None if marked is None else "utf-8-sig" if marked == "utf-8" else marked[:6]


def _is_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _telling(path: Path) -> bytes:
    """Lines that tell an encoding: those that are not ASCII, a megabyte of them at most."""
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        head = file.read(HEAD)
        if b"\x00" in head:
            return head
        file.seek(0)
        while size < CHUNK and (line := file.readline(CHUNK)):
            if not line.isascii():
                found.append(line)
                size += len(line)
    return b"".join(found)


def find_dialect(path: Path, *, quotes: Quotes = "auto", delimiter: str = "") -> Dialect:
    """Find out how a file writes its table.

    Parameters
    ----------
    delimiter : the one to take; "" finds it: that which gives most known headers and the most even rows
    """
    encoding, notes = find_encoding(path)
    try:
        with path.open(encoding=encoding, errors=_errors(notes), newline="") as file:
            sample = file.read(SAMPLE)
            is_whole = not file.read(1)
    except UnicodeError as error:
        raise ParseError(path, f"is not {encoding}, as its first bytes say", line=1) from error
    lines = sample.splitlines(keepends=True)
    if not is_whole and len(lines) > 1:
        lines.pop()  # it may be cut
    mark, has_quotes, skip = choose(lines, quotes=quotes, delimiter=delimiter)
    head = lines[skip].rstrip() if skip < len(lines) else ""
    skips_blanks = (
        re.match(rf"[^{re.escape(mark)}]+({re.escape(mark)} [^{re.escape(mark)}]*)+$", head) is not None
    )
    return Dialect(encoding, mark, has_quotes, skip, notes, skips_blanks)


def _errors(notes: tuple[str, ...]) -> str:
    """Strict but for an encoding that was guessed, where a broken character must not cost the file."""
    return "replace" if notes else "strict"


def choose(lines: list[str], *, quotes: Quotes = "auto", delimiter: str = "") -> tuple[str, bool, int]:
    """Delimiter, whether quotes are used, and the lines before the table, of the first lines of a file."""
    skip = 0
    while skip < len(lines) and (lines[skip].startswith("#") or not lines[skip].strip()):
        skip += 1
    if skip < len(lines) and lines[skip].lower().startswith("sep=") and len(lines[skip].rstrip("\r\n")) == 5:
        delimiter = delimiter or lines[skip][4]
        skip += 1
    choices = [delimiter] if delimiter else list(DELIMITERS)
    modes = {"auto": (True, False), "standard": (True,), "none": (False,)}[quotes]
    mark, has_quotes = max(
        ((mark, has_quotes) for mark in choices for has_quotes in modes),
        key=lambda choice: _score(lines[skip:], *choice),
    )
    return mark, has_quotes, skip


def _score(lines: list[str], delimiter: str, has_quotes: bool) -> tuple[int, float, int, bool]:
    """How well a delimiter fits: known headers, even rows, columns; quotes where they make no difference."""
    try:
        found = [row for row in islice(_reader(lines, delimiter, has_quotes), SAMPLE_ROWS) if row]
    except csv.Error:
        return 0, 0.0, 0, False
    if not found:
        return 0, 0.0, 0, has_quotes
    header = found[0]
    known = sum(1 for name in header if is_known(name))
    even = sum(1 for row in found if len(row) == len(header)) / len(found)
    split_quotes = has_quotes and any("\n" in cell and delimiter in cell for row in found for cell in row)
    if len(header) == 1:
        return known, 0.0, 1, has_quotes
    return known, even, len(header), has_quotes and not split_quotes


def _reader(lines: Iterator[str] | list[str], delimiter: str, has_quotes: bool) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_CELL)
    quoting = csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=delimiter, quoting=quoting)


def rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    """Give the rows that are not empty, each with the line where it begins, from 1.

    Raises
    ------
    ParseError
        A quote is never closed, a cell is larger than 16 million characters, or bytes are not text.
    """
    line = dialect.skip + 1
    try:
        with path.open(encoding=dialect.encoding, errors=_errors(dialect.notes), newline="") as file:
            for _ in range(dialect.skip):
                file.readline()
            csv.field_size_limit(LONGEST_CELL)
            quoting = csv.QUOTE_MINIMAL if dialect.has_quotes else csv.QUOTE_NONE
            reader = csv.reader(
                file, delimiter=dialect.delimiter, quoting=quoting, skipinitialspace=dialect.skips_blanks
            )
            for cells in reader:
                after = dialect.skip + reader.line_num + 1
                if after - line > LONGEST_QUOTED:
                    raise ParseError(
                        path, "a quote that opens here is not closed; give quotes=none", line=line
                    )
                if any(cells):
                    yield line, cells
                line = after
    except csv.Error as error:
        raise ParseError(path, f"{error}; if quotes are plain signs, give quotes=none", line=line) from error
    except UnicodeError as error:
        raise ParseError(path, f"is not {dialect.encoding}", line=line) from error
