"""SpeechBrain manifests read: member by member, texts as the loader fills them in, samples as times."""

from __future__ import annotations

import csv
import json
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Fault
from speechlabel.formats.gather import Gathered
from speechlabel.formats.jsonfile import is_list, is_object, number
from speechlabel.formats.tables.table_text import Dialect, find_encoding, rows
from speechlabel.formats.training.example_rows import ExampleRows

__all__ = ["first_member", "read_manifest", "table_header", "text_faults"]

CHUNK = 1 << 20  # characters
LONGEST = 16_000_000  # characters of one member
HEAD = 65_536
ROOT = "data_root"
NAME = re.compile(r"\$([\w.]+)")
FOLDER = re.compile(r"^\{\w+\}/+")
WHITE = re.compile(r"[ \t\r\n]*")
RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
SLOWEST, FASTEST = 1_000, 200_000  # Hz that a recording may have
DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
OURS = {"recording_id", "segment_id", "start_time", "end_time"}


def first_member(path: Path) -> Mapping[str, Any]:
    """Value of the first member of a JSON object; {} where it is something else."""
    try:
        with path.open("rb") as file:
            text = file.read(HEAD).decode("utf-8-sig", "replace")
        found = re.match(r'\s*\{\s*("(?:[^"\\]|\\.)*")\s*:\s*', text)
        value: object = DECODER.raw_decode(text, found.end())[0] if found else None
    except (OSError, ValueError, RecursionError):
        return {}
    return value if is_object(value) else {}


def table_header(path: Path) -> Sequence[str]:
    """Header of a CSV file; nothing where it is none."""
    try:
        with path.open("rb") as file:
            head = file.readline(HEAD).decode("utf-8-sig", "replace")
        return next(csv.reader([head], skipinitialspace=True), [""])
    except (OSError, csv.Error):
        return []


def read_manifest(files: Sequence[Path], path: Path) -> Bundle:
    """Read manifests into one bundle.

    Raises
    ------
    ParseError
        There is none, or one is not a manifest.
    """
    if not files:
        raise ParseError(path, "holds no SpeechBrain manifest")
    gathered = Gathered(path)
    for file in files:
        reader = ExampleRows(
            file, gathered, "speechbrain", as_clips=False, split=file.stem if files[1:] else ""
        )
        for line, id, value in _members(file, gathered):
            reader.add(line, _Member(file, line, id, value, gathered).row())
        reader.finish()
    return gathered.bundle()


def _members(file: Path, gathered: Gathered) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    if file.suffix == ".csv":
        encoding, notes = find_encoding(file)
        gathered.plain_notes += [f"{file.name}: {note}" for note in notes]
        yield from _table(file, encoding)
        return
    met: set[int] = set()
    for line, key, value in _Stream(file).members():
        if not is_object(value):
            raise ParseError(file, f"{key!r:.80}: must be an object", line=line)
        if hash(key) in met:
            gathered.notes.add(
                file.name, line, "the id is there twice: the loader takes the last", repr(key)[:80]
            )
        met.add(hash(key))
        yield line, key, value


def _table(file: Path, encoding: str) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    stream = rows(file, Dialect(encoding, ",", has_quotes=True, skips_blanks=True))
    _, header = next(stream, (1, [""]))
    if "ID" not in header:
        raise ParseError(file, "has no column ID", line=1)
    for line, cells in stream:
        row = dict(zip(header, cells, strict=False))
        yield line, row.pop("ID", ""), row


class _Stream:
    """A JSON object member by member, with little of it in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text, self._at, self._is_whole, self._line = "", 0, False, 1

    def members(self) -> Iterator[tuple[int, str, object]]:
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                self._file = file
                yield from self._members()
        except UnicodeDecodeError as error:
            raise ParseError(self._path, "is not UTF-8", line=self._line) from error
        except RecursionError as error:
            raise ParseError(self._path, "nested too deep", line=self._line) from error

    def _members(self) -> Iterator[tuple[int, str, object]]:
        self._take("{")
        while self._peek() != "}":
            line = self._line + self._text.count("\n", 0, self._at)
            key = self._value()
            if not isinstance(key, str):
                raise self._error("a key must be text")
            self._take(":")
            self._peek()
            yield line, key, self._value()
            if self._peek() != "}":
                self._take(",")
        self._at += 1
        if self._peek():
            raise self._error("text after the end")

    def _more(self) -> None:
        self._line += self._text.count("\n", 0, self._at)
        new = self._file.read(CHUNK)
        self._is_whole = not new
        self._text, self._at = self._text[self._at :] + new, 0
        if len(self._text) > LONGEST:
            raise self._error(f"a value longer than {LONGEST:,} characters")

    def _peek(self) -> str:
        while True:
            found = WHITE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or self._is_whole:
                return self._text[self._at : self._at + 1]
            self._more()

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._error(f"not JSON: {sign!r} is missing")
        self._at += 1

    def _value(self) -> object:
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_whole:
                    self._at = min(error.pos, len(self._text))
                    raise self._error(f"not JSON: {error.msg}") from error
            except ValueError as error:  # a number of too many digits
                raise self._error("a number of too many digits") from error
            else:
                if end < len(self._text) or self._is_whole:
                    self._at = end
                    return value
            self._more()

    def _error(self, reason: str) -> ParseError:
        return ParseError(self._path, reason, line=self._line + self._text.count("\n", 0, self._at))


class _Member:
    """One entry, as a row of the fields that tables have."""

    def __init__(self, file: Path, line: int, id: str, value: Mapping[str, Any], gathered: Gathered) -> None:
        self._file, self._line, self._id, self._gathered = file, line, id, gathered
        self._is_table = file.suffix == ".csv"
        self._value = {key: self._filled(item) for key, item in value.items()}

    def row(self) -> dict[str, object]:
        value = dict(self._value)
        wav = value.pop("wav", None)
        start, stop = value.pop("start", None), value.pop("stop", None)
        if is_object(wav):
            start, stop, wav = wav.get("start"), wav.get("stop"), wav.get("file")
        if is_list(wav):
            wav = wav[0] if wav else None
        path = wav if isinstance(wav, str) else ""
        if value.keys() >= OURS:
            return self._ours(value, path, is_stretch=start not in (None, ""))
        row: dict[str, object] = {"audio": path}
        first, last = number(start), number(stop)
        if first is not None and last is not None:
            length = number(value.pop("duration", None) or value.pop("length", None))
            rate = self._rate(value, last - first, length)
            row |= {"start": f"{first / rate:.9f}", "end": f"{last / rate:.9f}"}
        return row | {"id": self._id} | value

    def _ours(self, value: dict[str, Any], path: str, *, is_stretch: bool) -> dict[str, object]:
        for name in ("spk_id", "duration"):
            value.pop(name, None)
        renamed = {"segment_id": "id", "wrd": "text", "start_time": "start", "end_time": "end"}
        row: dict[str, object] = {renamed.get(key, key): item for key, item in value.items()}
        if is_stretch:
            row["audio_filepath"] = path
        row["is_transcribed"] = True
        return row

    def _rate(self, value: dict[str, Any], samples: float, length: float | None) -> float:
        told = number(value.pop("sample_rate", None))
        if told is not None and told > 0:
            return told
        if length and samples > 0:
            rate = samples / length
            near = min(RATES, key=lambda known: abs(known - rate))
            if abs(near - rate) < near / 100:
                return near
            if SLOWEST <= rate <= FASTEST:  # a length of as many samples gives 1 Hz
                return rate
        self._note("start and stop are samples of an unknown rate: taken as 16000 Hz")
        return 16_000

    def _note(self, reason: str) -> None:
        self._gathered.notes.add(self._file.name, self._line, reason)

    def _filled(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            return self._filled_table(value) if self._is_table else self._filled_json(value)
        if is_list(value):
            return [self._filled(item) for item in value]
        return {key: self._filled(item) for key, item in value.items()} if is_object(value) else value

    def _filled_json(self, text: str) -> str:
        """Text as ``format_map`` gives it; a name before a slash at the beginning stands for this folder."""
        if "{" not in text and "}" not in text:
            return text
        try:
            parts = list(string.Formatter().parse(FOLDER.sub("", text)))
        except ValueError:
            self._note("braces that the loader would refuse: read as they are")
            return text
        if any(name is not None for _, name, _, _ in parts):
            self._note("braces that the loader would replace: read as they are")
        return "".join(literal + ("" if name is None else f"{{{name}}}") for literal, name, _, _ in parts)

    def _filled_table(self, text: str) -> str:
        found = NAME.match(text)
        return (
            text[found.end() :].removeprefix("/") if found and text[found.end() :].startswith("/") else text
        )


def text_faults(file: Path, name: str) -> Iterator[Fault]:
    """Tell what the loader would refuse or take for something else.

    Each text may only name ``data_root``; ids are unique; a stretch ends behind its first sample.
    """
    met: set[str] = set()
    try:
        members = _table(file, "utf-8") if file.suffix == ".csv" else _Stream(file).members()
        for line, id, value in members:
            if not id or id in met:
                yield Fault(name, line, f"id {id!r:.80} is there twice" if id else "has no id")
            met.add(id)
            if not is_object(value):
                yield Fault(name, line, f"{id!r:.80}: must be an object")
                continue
            yield from (Fault(name, line, reason) for reason in _wrong(value, is_table=file.suffix == ".csv"))
    except ParseError as error:
        yield Fault(name, error.data["line"], error.data["reason"])


def _wrong(value: Mapping[str, Any], *, is_table: bool) -> Iterator[str]:
    wav: object = value.get("wav")
    stretch = wav if is_object(wav) else value
    start, stop = number(stretch.get("start")), number(stretch.get("stop"))
    if start is not None and stop is not None and not 0 <= start < stop:
        yield f"wav: samples {start:g} to {stop:g} are no stretch"
    if is_table and value.get("duration") and number(value["duration"]) is None:
        yield f"duration: {value['duration']!r:.80} is not a number"
    for key, text in _texts(value):
        if is_table:
            unknown = sorted(set(NAME.findall(text)) - {ROOT})
        else:
            try:
                unknown = sorted(
                    {part[1] for part in string.Formatter().parse(text) if part[1] is not None} - {ROOT}
                )
            except ValueError:
                unknown = ["braces"]
        if unknown:
            yield f"{key}: the loader would look for a value of {unknown[0]!r:.80}"


def _texts(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif is_object(value):
        for name, item in value.items():
            yield from _texts(item, key or name)
    elif is_list(value):
        for item in value:
            yield from _texts(item, key)
