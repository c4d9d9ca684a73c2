"""CSV and TSV: our own three tables, and whatever table of labels a team has.

Spec: RFC 4180 (with LF), Table Schema in ``datapackage.json``; Common Voice, LJSpeech and Whisper's own TSV.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.foreign import read_text
from speechlabel.formats.gather import Gathered
from speechlabel.formats.jsonfile import is_object
from speechlabel.formats.native import native
from speechlabel.formats.tables.columns import guess_columns, is_known
from speechlabel.formats.tables.csv_profiles import Profile, clip_lengths, common_voice_tables, tell_profile
from speechlabel.formats.tables.datapackage import describe
from speechlabel.formats.tables.table_cells import Unit
from speechlabel.formats.tables.table_look import Asked, HasHeader, Table, TableLook, find_table, look
from speechlabel.formats.tables.table_rows import Rows, Setting
from speechlabel.formats.tables.table_text import Dialect, Quotes, Row, choose, find_dialect, head_text, rows
from speechlabel.formats.tables.table_write import RECORDINGS, SPEAKERS, Side, segment_columns, write_tables

__all__ = ["CsvFormat"]

SUFFIXES = (".csv", ".tsv", ".psv", ".tab", ".txt")
HEAD = 65_536  # bytes that a file is recognised by
PACKAGE, GUIDELINE = "datapackage.json", "guideline.toml"
FORMULA = re.compile(r"'*[=+\-@\t\r]")
TIMES = {"start", "end", "duration", "recording_duration"}
MARKS = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True)
class CsvFormat(Format):
    """Tables of segments, recordings and speakers; reads any table with a header that tells text or times."""

    delimiter: Literal["auto", "comma", "tab", "semicolon", "pipe"] = "auto"
    bom: bool = False  # for Excel, which else takes UTF-8 for something else
    guard: bool = False  # ' before what a spreadsheet would take for a formula
    columns: str = ""  # field=column;field=column …, by header or by number
    unit: Unit = "auto"
    header: HasHeader = "auto"
    quotes: Quotes = "auto"
    profile: Profile = "auto"

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "CSV and TSV"
    extensions: ClassVar[tuple[str, ...]] = (".csv", ".tsv")
    spec: ClassVar[str] = "https://www.rfc-editor.org/rfc/rfc4180"
    carries: ClassVar[frozenset[str]] = native.NativeFormat.carries
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("Python's csv", "frictionless")

    def sniff(self, path: Path) -> bool:
        """Tell a table by its header: a text and something more, or a start and an end; or by its profile."""
        if path.is_dir():
            return bool(_tables(path))
        return path.suffix.lower() in SUFFIXES and _claims(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``segments``, ``recordings``, ``speakers`` and ``datapackage.json``."""
        columns = segment_columns(export.bundle, self.name)
        mark = "," if self.delimiter == "auto" else MARKS[self.delimiter]
        suffix = "tsv" if mark == "\t" else "csv"
        encoding = "utf-8-sig" if self.bom else "utf-8"
        headers = {"segments": columns, "recordings": RECORDINGS, "speakers": SPEAKERS}
        with ExitStack() as stack:
            writers: dict[str, Any] = {}
            for table, header in headers.items():
                path = out / f"{table}.{suffix}"
                file = stack.enter_context(path.open("w", encoding=encoding, newline=""))
                writers[table] = csv.writer(file, delimiter=mark, lineterminator="\n")
                writers[table].writerow([column.name for column in header])
            names = {table: [column.name for column in header] for table, header in headers.items()}

            def put(table: str, cells: Sequence[object]) -> None:
                writers[table].writerow(map(self._text, names[table], cells))

            count, warnings = write_tables(export, out, columns, self.name, put)
        package = describe(columns, suffix=suffix, delimiter=mark, encoding=encoding, is_guarded=self.guard)
        (out / PACKAGE).write_bytes(package)
        if export.bundle.guideline is not None:
            (out / GUIDELINE).write_bytes(export.bundle.guideline.encode())
        return Written(segments=count, warnings=warnings)

    def _text(self, name: str, value: object) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return f"{value:.6f}".rstrip("0").rstrip(".") if name in TIMES else repr(value)
        text = str(value)
        return f"'{text}" if self.guard and isinstance(value, str) and FORMULA.match(text) else text

    def look(self, path: Path) -> TableLook:
        """Show the columns of a table, its first rows, and which field each column is taken for.

        Raises
        ------
        ParseError
            It is no table.
        OptionError
            ``columns`` names a column that is not there.
        """
        file = next(iter(_tables(path)), path) if path.is_dir() else path
        dialect = self._dialect(file)
        return look(self.name, self._table(file, dialect), dialect.notes)

    def read(self, path: Path) -> Bundle:
        """Read a table, or the tables of a folder; ours with those of recordings and speakers beside it."""
        files = _tables(path) if path.is_dir() else [path]
        if not files:
            raise ParseError(path, "holds no table of labels")
        gathered = Gathered(path)
        side = Side(gathered)
        guideline = _own(files[0], side) if len(files) == 1 else None
        is_guarded = self.guard or _is_guarded(files[0].parent)
        seen: set[str] = set()
        for file in files:
            self._read(file, gathered, is_guarded=is_guarded, seen=seen if len(files) > 1 else None)
        return gathered.bundle(labelled=side.labelled, guideline=guideline)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Rows of another width than the header, headers that stand twice, and what cannot be read."""
        yield from super().faults(path)
        for file in _tables(path) if path.is_dir() else [path]:
            try:
                dialect = self._dialect(file)
                table = self._table(file, dialect)
                for name in sorted({name for name in table.header if table.header.count(name) > 1}):
                    yield Fault(file.name, 1, f"column {name!r:.80} is there twice")
                for line, cells in table.rows:
                    if len(cells) != len(table.header) and table.profile != "ljspeech":
                        yield Fault(
                            file.name, line, f"{len(cells)} cells, but the header has {len(table.header)}"
                        )
            except ParseError:
                return  # told above

    def _asked(self) -> Asked:
        return Asked(columns=self.columns, unit=self.unit, header=self.header, profile=self.profile)

    def _dialect(self, file: Path) -> Dialect:
        mark = "" if self.delimiter == "auto" else MARKS[self.delimiter]
        quotes = self.quotes
        if self.profile in ("common_voice", "ljspeech", "whisper"):
            mark = mark or ("|" if self.profile == "ljspeech" else "\t")
            quotes = "none" if quotes == "auto" else quotes
        return find_dialect(file, quotes=quotes, delimiter=mark)

    def _table(self, file: Path, dialect: Dialect) -> Table:
        table = find_table(file, rows(file, dialect), dialect.delimiter, self._asked())
        if table.profile != "table" and dialect.has_quotes and self.quotes == "auto":
            plain = dataclasses.replace(dialect, has_quotes=False)  # these never quote
            table = find_table(file, rows(file, plain), dialect.delimiter, self._asked())
        return table

    def _read(self, file: Path, gathered: Gathered, *, is_guarded: bool, seen: set[str] | None) -> None:
        dialect = self._dialect(file)
        table = self._table(file, dialect)
        if not table.mapped.is_table:
            shown = ", ".join(table.header)[:500]
            raise ParseError(
                file, f"no column is known for a text or for times; give columns; there are {shown}", line=1
            )
        gathered.plain_notes += [f"{file.name}: {note}" for note in (*dialect.notes, *table.notes)]
        reader = Rows(file, gathered, self._setting(file, table, is_split=seen is not None))
        place = table.mapped.columns.get("audio")
        again = 0
        for line, cells in table.rows:
            if seen is not None and place is not None and place < len(cells):
                if cells[place] in seen:
                    again += 1
                    continue
                seen.add(cells[place])
            reader.add(line, [_unguarded(cell) for cell in cells] if is_guarded else cells)
        reader.finish()
        if again:
            gathered.plain_notes.append(f"{file.name}: {again} clips were in an earlier table already")

    def _setting(self, file: Path, table: Table, *, is_split: bool) -> Setting:
        made = Setting(self.name, table.header, table.mapped, table.unit)
        if table.profile == "common_voice":
            audio = "clips/{}" if (file.parent / "clips").is_dir() else "{}"
            split = file.stem if is_split else ""
            return dataclasses.replace(made, audio=audio, lengths=clip_lengths(file.parent), split=split)
        if table.profile == "ljspeech" and table.header[0] == "id":
            named = next((cells[0] for _, cells in table.first if cells), "")
            is_beside = (file.parent / f"{named}.wav").is_file()
            return dataclasses.replace(made, audio="{}.wav" if is_beside else "wavs/{}.wav")
        return made


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _tables(folder: Path) -> list[Path]:
    """Tables that make a folder one of ours, of Common Voice or of LJSpeech."""
    for name in ("segments.csv", "segments.tsv"):
        if (folder / name).is_file() and _claims(folder / name):
            return [folder / name]
    found = common_voice_tables(folder)
    if found and all(_claims(path, "common_voice") for path in found):
        return found
    table = folder / "metadata.csv"
    return [table] if table.is_file() and _claims(table, "ljspeech") else []


def _claims(path: Path, profile: Profile | None = None) -> bool:
    """Whether a file is a table of labels that is not another format's."""
    try:
        with path.open("rb") as file:
            raw = file.read(HEAD)
    except OSError:
        return False
    text = head_text(raw)
    if text.lstrip().startswith(("{", "[", "<")):
        return False
    lines = text.splitlines(keepends=True)
    if len(raw) == HEAD:
        lines = lines[:-1]
    delimiter, has_quotes, skip = choose(lines)
    quoting = csv.QUOTE_MINIMAL if has_quotes else csv.QUOTE_NONE
    try:
        reader = csv.reader(lines[skip:], delimiter=delimiter, quoting=quoting)
        found = [(n, cells) for n, cells in enumerate(reader, 1) if any(cells)]
    except csv.Error:
        return False
    if not found:
        return False
    header = found[0][1]
    told = tell_profile(path.name, header, delimiter, found[:50])
    if profile is not None:
        return told == profile
    if told != "table":
        return path.suffix.lower() != ".txt" or told != "ljspeech" or ".wav|" in lines[skip]
    return len(header) > 1 and not _is_others(path.name, header) and _is_table(path, header)


def _is_table(path: Path, header: Sequence[str]) -> bool:
    known = sum(1 for name in header if is_known(name))
    least = 3 if path.suffix.lower() == ".txt" else 2
    return known >= least and guess_columns(header).is_table


def _is_others(name: str, header: Sequence[str]) -> bool:
    """Whether another format has a claim to a table: SpeechBrain, audiofolder, maps of ids."""
    is_speechbrain = {"ID", "wav"} <= {cell.strip() for cell in header}
    is_audiofolder = name.lower() == "metadata.csv" and "file_name" in header
    return is_speechbrain or is_audiofolder or name == "id_map.tsv" or name.startswith("clip_durations")


def _own(segments: Path, side: Side) -> str | None:
    """Read the tables of recordings and speakers, where they lie beside ours; give the guideline."""
    if segments.name not in ("segments.csv", "segments.tsv"):
        return None
    for table, columns in (("recordings", RECORDINGS), ("speakers", SPEAKERS)):
        file = segments.with_name(table + segments.suffix)
        if not file.is_file():
            continue
        stream: Iterator[Row] = rows(file, find_dialect(file))
        _, header = next(stream, (1, [""]))
        if not {"id", "name", columns[0].name} <= set(header):
            continue
        is_guarded = _is_guarded(file.parent)
        for line, cells in stream:
            side.take(
                table, file, header, line, [_unguarded(cell) for cell in cells] if is_guarded else cells
            )
    guideline = segments.with_name(GUIDELINE)
    return read_text(guideline)[0] if guideline.is_file() else None


def _is_guarded(folder: Path) -> bool:
    try:
        data: object = orjson.loads((folder / PACKAGE).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return False
    for key in ("custom", "speechlabel"):
        data = data.get(key) if is_object(data) else None
    return is_object(data) and data.get("guard") is True
