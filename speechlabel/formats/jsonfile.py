"""JSON documents of other programs: where in the file a value stands, and values that no program checked.

``read_json`` takes a whole document, ``each_item`` the items of a long array one by one.  Both give values of
any shape: ``number``, ``words_of`` and ``plain`` make of them what records can hold.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeGuard, cast

import orjson

from speechlabel.checks import UNWRITABLE
from speechlabel.errors import ParseError
from speechlabel.formats.foreign import BOMS, LARGEST, decode
from speechlabel.formats.times import LATEST, parse_time
from speechlabel.timing import MICROSECOND

__all__ = [
    "JsonFile",
    "clean",
    "each_item",
    "is_list",
    "is_object",
    "number",
    "plain",
    "read_json",
    "time_us",
]

WHITE = re.compile(r"[ \t\n\r]*")
DEEPEST = 50  # nesting of a value that is kept as it is
CHUNK = 1 << 20  # characters
LARGEST_INTEGER = 2**53


class JsonFile:
    """A document that was read whole: its value, and the line of any part of it."""

    def __init__(self, path: Path, text: str, value: object, notes: tuple[str, ...]) -> None:
        self.path, self.value, self.notes = path, value, notes
        self._text = text
        self._known: dict[tuple[str | int, ...], dict[str | int, tuple[int, int]]] = {}

    def line(self, *steps: str | int) -> int:
        """Line, from 1, where the value these keys and places lead to begins, else that of what holds it."""
        line = self._place(())[1]
        for depth, step in enumerate(steps):
            found = self._starts(steps[:depth]).get(step)
            if found is None:
                break
            line = found[1]
        return line

    def _place(self, steps: tuple[str | int, ...]) -> tuple[int, int]:
        if steps:
            return self._starts(steps[:-1])[steps[-1]]
        at = _skip(self._text, 0)
        return at, self._text.count("\n", 0, at) + 1

    def _starts(self, steps: tuple[str | int, ...]) -> dict[str | int, tuple[int, int]]:
        if steps not in self._known:
            self._known[steps] = self._find_starts(steps)
        return self._known[steps]

    def _find_starts(self, steps: tuple[str | int, ...]) -> dict[str | int, tuple[int, int]]:
        """Give place and line of each value in a container; lines are counted once."""
        counted, line = self._place(steps)
        found: dict[str | int, tuple[int, int]] = {}
        try:
            for step, at in _children(self._text, counted):
                line += self._text.count("\n", counted, at)
                counted = at
                found[step] = at, line
        except RecursionError:  # deeper than Python's reader goes
            return {}
        return found


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


def read_json(path: Path) -> JsonFile:
    """Read a document whole; ``NaN`` and ``Infinity``, which some programs write, are read as null (noted).

    Raises
    ------
    ParseError
        It is not JSON, larger than 200 MB, or nested deeper than a reader can go.
    """
    if path.stat().st_size > LARGEST:
        raise ParseError(path, f"is larger than {LARGEST // 1_000_000} MB")
    text, notes = _decoded(path.read_bytes(), path)
    try:
        return JsonFile(path, text, orjson.loads(text), notes)
    except orjson.JSONDecodeError:
        pass  # Python's own reader takes more, and tells better where it stopped
    odd: list[str] = []
    try:
        value: object = json.JSONDecoder(strict=False, parse_constant=odd.append).decode(text)
    except json.JSONDecodeError as error:
        raise ParseError(path, f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from error
    except (RecursionError, ValueError) as error:
        raise ParseError(path, "nested too deep, or a number of too many digits", line=1) from error
    if odd:
        notes = (*notes, f"{len(odd)} values such as {odd[0]} are no numbers in JSON; read as unknown")
    return JsonFile(path, text, value, notes)


def _decoded(raw: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """Text of a file; a few characters cut in half, as whisper.cpp writes them, spoil only themselves."""
    text, notes = decode(raw, path)
    if not notes:
        return text, notes
    mended = raw.decode("utf-8", "replace")
    broken = mended.count("\ufffd")
    if broken * 2 > sum(1 for letter in mended if letter > "\x7f"):
        return text, notes
    return mended.replace("\r\n", "\n"), (f"{broken} broken characters were read as \ufffd",)


def each_item(path: Path) -> Generator[tuple[int, object]]:
    """Yield (line, item) of a file that is one array, or the one value that it is, holding little in memory.

    Raises
    ------
    ParseError
        It is not UTF-8 (or UTF-16 by its byte order mark), not JSON, or an item is larger than 200 MB.
    """
    with path.open("rb") as file:
        head = file.read(4)
    encoding = next((name for bom, name in BOMS if head.startswith(bom)), "utf-8")
    reader = _Chunks(path, encoding)
    try:
        yield from reader.items()
    except UnicodeDecodeError as error:
        raise ParseError(path, f"is not {encoding}", line=reader.line) from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, ParseError):
            raise
        reason = "nested too deep, or a number of too many digits"
        raise ParseError(path, reason, line=reader.line) from error
    finally:
        reader.close()


class _Chunks:
    """The text of a file from its next item on."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._file = path.open(encoding=encoding, newline=None)
        self._text, self._at, self._is_whole = "", 0, False
        self.line, self._counted = 1, 0  # the line of that place in the text
        self._decoder = json.JSONDecoder(strict=False, parse_constant=_unknown)

    def close(self) -> None:
        self._file.close()

    def items(self) -> Iterator[tuple[int, object]]:
        self._more()
        self._text = self._text.removeprefix("\ufeff")
        if self._peek() != "[":
            yield self._item()
        else:
            self._at += 1
            first = True
            while self._peek() != "]":
                if not first:
                    self._take(",")
                first = False
                self._peek()
                yield self._item()
            self._at += 1
        if self._peek():
            raise self._error("text after the end")

    def _more(self) -> None:
        """Read on; what was used is let go."""
        self._count(self._at)
        new = self._file.read(max(CHUNK, len(self._text) - self._at))
        self._is_whole = not new
        self._text, self._at, self._counted = self._text[self._at :] + new, 0, 0
        if len(self._text) > LARGEST:
            raise self._error(f"an item larger than {LARGEST // 1_000_000} MB")

    def _peek(self) -> str:
        """Next sign that is not blank; "" at the end."""
        while True:
            self._at = _skip(self._text, self._at)
            if self._at < len(self._text) or self._is_whole:
                return self._text[self._at : self._at + 1]
            self._more()

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._error(f"not JSON: {sign!r} is missing")
        self._at += 1

    def _item(self) -> tuple[int, object]:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_whole:
                    self._at = error.pos
                    raise self._error(f"not JSON: {error.msg}", error.colno) from error
            else:
                if end < len(self._text) or self._is_whole:  # a number at the very end may go on
                    self._count(self._at)
                    self._at = end
                    return self.line, value
            self._more()

    def _count(self, place: int) -> None:
        self.line += self._text.count("\n", self._counted, place)
        self._counted = place

    def _error(self, reason: str, column: int | None = None) -> ParseError:
        self._count(self._at)
        return ParseError(self._path, reason, line=self.line, column=column)


def _unknown(_: str) -> None:
    return None


def _skip(text: str, at: int) -> int:
    found = WHITE.match(text, at)
    return found.end() if found else at


def _children(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Keys or places of a container in text that was read already, and where their values begin."""
    reader = json.JSONDecoder(strict=False)
    closing = {"{": "}", "[": "]"}.get(text[at : at + 1])
    if closing is None:
        return
    number = 0
    at = _skip(text, at + 1)
    while text[at] != closing:
        key: str | int = number
        if closing == "}":
            key, at = cast("tuple[str, int]", reader.raw_decode(text, at))
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        number += 1
        at = _skip(text, reader.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)


def clean(text: str) -> str:
    r"""Text as records can hold it: line ends become ``\n``, control characters go."""
    if text.isprintable():
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNWRITABLE.sub("", text)


def number(value: object) -> float | None:
    """Return a finite number, also one written as text; None for anything else."""
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def time_us(value: object) -> int | None:
    """Microseconds of a number of seconds, also one written as text; None where there is none.

    Raises
    ------
    ValueError
        It is no number, or beyond a billion seconds.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return parse_time(value.strip())
    seconds = number(value)
    if seconds is None or abs(seconds) > LATEST:
        raise ValueError(f"{value!r:.80} is not a time in seconds")
    return round(seconds * MICROSECOND)


def plain(value: object, depth: int = DEEPEST) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value as ``custom`` can hold it: what could not be written again becomes text or null."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_INTEGER else str(value)[:100]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth == 0:
        return None
    if is_list(value):
        return [plain(item, depth - 1) for item in value]
    if is_object(value):
        return {clean(key): plain(item, depth - 1) for key, item in value.items()}
    return None
