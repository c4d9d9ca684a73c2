"""What a table looks like before it is read: its columns, first rows, and which field each column is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

from speechlabel.errors import ParseError
from speechlabel.formats.tables.columns import FIELDS, Mapped, guess_columns, map_columns
from speechlabel.formats.tables.csv_profiles import Profile, lj_columns, tell_profile
from speechlabel.formats.tables.table_cells import Unit, guess_unit
from speechlabel.formats.tables.table_text import Row

__all__ = ["Asked", "HasHeader", "Table", "TableLook", "find_table", "header_at", "look"]

HasHeader = Literal["auto", "yes", "no"]
SEEN = 300  # rows that units and shapes are told by
SHOWN = 20  # rows to show
HIGHEST = 20  # rows in which a header is looked for
WIDEST = 5_000  # columns


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says of a table; the defaults leave it to us."""

    columns: str = ""
    unit: Unit = "auto"
    header: HasHeader = "auto"
    profile: Profile = "auto"


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose columns are known, and its rows below the header."""

    header: tuple[str, ...]
    mapped: Mapped
    unit: str
    profile: Profile
    rows: Iterator[Row]
    first: tuple[Row, ...]  # those of ``rows`` that were seen already
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableLook:
    """A table as it is shown for its columns to be mapped by hand.

    Parameters
    ----------
    columns : headers, or made names where the table has none
    rows : the first rows, as text
    mapping : field → header of its column; ``fields`` lists all that there are
    unit : of times that do not tell it: ``s`` or ``ms``
    """

    format: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: Mapping[str, str]
    unit: str
    profile: str
    notes: tuple[str, ...]
    fields: tuple[str, ...] = FIELDS

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "format": self.format,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "mapping": dict(self.mapping),
            "unit": self.unit,
            "profile": self.profile,
            "notes": list(self.notes),
            "fields": list(self.fields),
        }


def find_table(path: Path, found: Iterable[Row], delimiter: str, asked: Asked) -> Table:
    """Tell the header of a table from its rows, and map its columns.

    Raises
    ------
    ParseError
        There is no row, or there are more than 5,000 columns.
    OptionError
        A column that was named is not there.
    """
    stream = iter(found)
    first = tuple(islice(stream, SEEN))
    if not first:
        raise ParseError(path, "is empty", line=1)
    top = tuple(first[0][1])
    if len(top) > WIDEST:
        raise ParseError(path, f"has {len(top)} columns; {WIDEST} is the most", line=first[0][0])
    profile = asked.profile
    if profile == "auto":
        profile = tell_profile(path.name, top, delimiter, first) if asked.header != "yes" else "table"
    notes: list[str] = []
    if profile == "ljspeech":
        header, note = lj_columns(first)
        notes += [note] if note else []
        body = first
    elif asked.header == "no" or (
        asked.header == "auto" and _is_data(top) and not header_at([cells for _, cells in first])
    ):
        width = max(len(cells) for _, cells in first)
        header, body = tuple(f"column {place + 1}" for place in range(width)), first
        notes.append("has no header; its columns are named by number")
    else:
        at = header_at([cells for _, cells in first]) if asked.header == "auto" else 0
        header, body = tuple(first[at][1]), first[at + 1 :]
        if at:
            notes.append(f"{at} rows above the header were left out")
    mapped = map_columns(header, asked.columns)
    unit = _unit(asked.unit, profile, mapped, body)
    if asked.unit == "auto" and unit == "ms" and profile != "whisper":
        notes.append(
            "times are whole numbers and far apart: read as milliseconds; if they are seconds, give unit=s"
        )
    return Table(header, mapped, unit, profile, chain(body, stream), body, tuple(notes))


def header_at(found: Sequence[Sequence[str]]) -> int:
    """Place of the header among the first rows: titles may stand above it; 0 where none is known."""
    for place, cells in enumerate(found[:HIGHEST]):
        if len(cells) > 1 and guess_columns(cells).is_table:
            return place
    return 0


def _is_data(top: Sequence[str]) -> bool:
    """Whether the first row is no header: no known name, and some number or file among it."""
    mapped = guess_columns(top)
    return not mapped.columns and any(
        re.fullmatch(r"\s*[\d.:,]+\s*|.+\.(wav|flac|mp3|ogg|m4a)", cell) for cell in top
    )


def _unit(asked: Unit, profile: Profile, mapped: Mapped, body: Sequence[Row]) -> str:
    if asked != "auto":
        return asked
    if profile == "whisper":
        return "ms"
    places = [mapped.columns.get(field) for field in ("start", "end", "duration")]
    start, end, duration = places
    if end is None and duration is None:
        return "s"

    def cell(cells: Sequence[str], place: int | None) -> str:
        return cells[place] if place is not None and place < len(cells) else ""

    if end is None:
        return guess_unit([("", cell(cells, duration)) for _, cells in body])
    return guess_unit([(cell(cells, start), cell(cells, end)) for _, cells in body])


def look(format: str, table: Table, notes: Iterable[str] = ()) -> TableLook:
    """Show a table whose columns are known."""
    return TableLook(
        format=format,
        columns=table.header,
        rows=tuple(tuple(cells) for _, cells in table.first[:SHOWN]),
        mapping={field: table.header[place] for field, place in table.mapped.columns.items()},
        unit=table.unit,
        profile=table.profile,
        notes=(*notes, *table.notes),
    )
