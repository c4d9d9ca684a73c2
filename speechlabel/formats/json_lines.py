r"""JSON objects one after the other, as manifests hold them: one a line, an array, or printed over lines.

Lines end at ``\n`` only.  A line is read at the speed of the JSON reader; what it does not take (NaN, halves
of characters, bytes that are no UTF-8) goes a slower way, with a note.  Files may be packed with gzip.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson

from speechlabel.errors import ParseError
from speechlabel.formats.base import Fault
from speechlabel.formats.foreign import LARGEST, decode
from speechlabel.formats.gather import Notes
from speechlabel.formats.jsonfile import each_item, is_object

__all__ = ["first_object", "objects", "strict_objects"]

LONGEST_LINE = 16_000_000  # bytes; also of an object that is printed over lines
HEAD = 65_536  # bytes
GZIP = b"\x1f\x8b"
SLOW = json.JSONDecoder(strict=False, parse_constant=lambda _: None)


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == GZIP


def _open(path: Path) -> IO[bytes]:
    if not _is_packed(path):
        return path.open("rb")
    return cast("IO[bytes]", io.BufferedReader(gzip.GzipFile(path, "rb"), 1 << 20))


def objects(path: Path, notes: Notes) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, object) of each object of a file.

    Raises
    ------
    ParseError
        Something is not JSON, not an object, or longer than 16 MB; or the file is not gzip to its end.
    """
    try:
        yield from _objects(path, notes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ParseError(path, f"is not gzip to its end: {error}") from error
    except RecursionError as error:
        raise ParseError(path, "nested too deep", line=1) from error


def _objects(path: Path, notes: Notes) -> Iterator[tuple[int, dict[str, Any]]]:
    with _open(path) as file:
        head = file.read(HEAD)
        file.seek(0)
        begins = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            text, _ = decode(file.read(LARGEST), path)
            yield from _lines(io.BytesIO(text.encode("utf-8", "surrogatepass")), path, notes)
        elif begins != b"[":
            yield from _lines(file, path, notes)
        elif _is_packed(path):
            yield from _array(file.read(LARGEST), path)
        else:
            for line, item in each_item(path):
                yield line, _object(item, path, line)


def _array(raw: bytes, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        found: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ParseError(path, f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from error
    for item in found:
        yield 1, _object(item, path, 1)


def _lines(file: IO[bytes], path: Path, notes: Notes) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        try:
            value: Any = orjson.loads(raw)
        except orjson.JSONDecodeError:
            first = number
            for value in _odd(raw, file, path, number, notes):
                if isinstance(value, int):  # so many lines more were read
                    number += value
                else:
                    yield first, _object(value, path, first)
            continue
        if type(value) is dict:
            yield number, cast("dict[str, Any]", value)
        else:
            _object(value, path, number)


def _odd(raw: bytes, file: IO[bytes], path: Path, number: int, notes: Notes) -> Iterator[object]:
    """Objects of a line that the fast reader refuses, with the lines that belong to it."""
    if number == 1:
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    stripped = raw.strip()
    if not stripped:
        return
    if len(raw) > LONGEST_LINE:
        raise ParseError(path, f"the line is longer than {LONGEST_LINE:,} bytes", line=number)
    if stripped.startswith(b"{") and not stripped.endswith(b"}"):
        whole, more = _printed(raw, file)
        if whole is not None:
            yield more
            yield from _values(whole, path, number, notes)
            return
    yield from _values(raw.rstrip(), path, number, notes)


def _printed(raw: bytes, file: IO[bytes]) -> tuple[bytes | None, int]:
    """Return an object that is printed over several lines, and how many; None where it is just broken."""
    place = file.tell()
    parts, size = [raw], len(raw)
    while (line := file.readline(LONGEST_LINE + 1)) and not line.startswith(b"{") and size <= LONGEST_LINE:
        parts.append(line)
        size += len(line)
        if line.rstrip(b" \t\r\n,").startswith(b"}"):
            return b"".join(parts), len(parts) - 1
    file.seek(place)
    return None, 0


def _values(raw: bytes, path: Path, number: int, notes: Notes) -> Iterator[object]:
    text, told = decode(raw, path)
    for note in told:
        notes.add(path.name, number, note)
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        if at == len(text):
            return
        try:
            value, at = SLOW.raw_decode(text, at)
        except json.JSONDecodeError as error:
            column = error.colno if error.lineno == 1 else None
            raise ParseError(
                path, f"not JSON: {error.msg}", line=number + error.lineno - 1, column=column
            ) from error
        except ValueError as error:
            raise ParseError(path, "a number of too many digits", line=number) from error
        notes.add(path.name, number, "is not strict JSON, or not one object a line")
        yield _mended(value)


def _mended(value: object, depth: int = 50) -> object:
    """Give halves of characters their stand-in."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8") if not value.isascii() else value
    if depth and isinstance(value, list):
        return [_mended(item, depth - 1) for item in cast("list[object]", value)]
    if depth and is_object(value):
        return {str(_mended(key)): _mended(item, depth - 1) for key, item in value.items()}
    return value


def _object(value: object, path: Path, line: int) -> dict[str, Any]:
    if is_object(value):
        return value
    raise ParseError(path, "must be one JSON object, in braces", line=line)


def first_object(path: Path) -> dict[str, Any]:
    """First object of a file, as far as its beginning holds it; {} for what is something else."""
    try:
        with _open(path) as file:
            head = file.read(HEAD)
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").lstrip()
        value: object = SLOW.raw_decode(text.removeprefix("[").lstrip())[0]
    except (OSError, EOFError, zlib.error, ValueError, RecursionError):
        return {}
    return value if is_object(value) else {}


def strict_objects(path: Path, name: str) -> Iterator[tuple[int, dict[str, Any] | Fault]]:
    """Yield (line number, object) as Python's own readers see a file line by line, and what they refuse."""
    try:
        with _open(path) as file:
            for number, raw in enumerate(file, 1):
                if not raw.strip():
                    continue
                try:
                    value: Any = orjson.loads(raw)
                except orjson.JSONDecodeError as error:
                    yield number, Fault(name, number, f"is not one JSON object in UTF-8: {error.msg}")
                    continue
                if is_object(value):
                    yield number, value
                else:
                    yield number, Fault(name, number, "is not one JSON object")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield 0, Fault(name, None, f"is not gzip to its end: {error}")
    except OSError as error:
        yield 0, Fault(name, None, f"cannot be read: {error.strerror or error}")
