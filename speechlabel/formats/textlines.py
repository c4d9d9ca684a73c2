"""Text files of other programs line by line, in the encoding that they are in or that the caller names."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from speechlabel.errors import ParseError
from speechlabel.formats.encodings import guess
from speechlabel.formats.foreign import BOMS, decode, read_text

__all__ = ["Encoding", "TextLines", "decode_as", "read_as"]

# fmt: off
Encoding = Literal[
    "auto", "utf-8", "utf-16", "gb18030", "big5", "shift_jis", "euc_kr", "cp1250", "cp1251", "cp1252",
    "cp1253", "cp1254", "cp1255", "cp1256", "cp874", "koi8_r", "iso8859_1", "iso8859_2", "iso8859_15",
]
# fmt: on
LONGEST_LINE = 16_000_000  # characters
SAMPLE = 1_000_000  # bytes read at a time, and whose letters are looked at
MARKED = {"utf-16-le": "utf-16", "utf-16-be": "utf-16"}


def _encoding_of(path: Path) -> tuple[str, tuple[str, ...]]:
    """Codec of a file, and a note where it was guessed; no more than a MB of it is in memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        chunk = file.read(SAMPLE)
        for bom, name in BOMS:
            if chunk.startswith(bom) and name != "utf-8":  # what bears that mark may yet be none
                return MARKED.get(name, "utf-32"), ()
        if b"\0" in chunk[:4096]:  # UTF-16 of English is UTF-8 too, as far as bytes go
            found = guess(chunk)
            if found.codec != "utf-8":
                return found.codec, (f"is not UTF-8; read as {found.name}, which its letters suggest",)
        while True:
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                break
            if not chunk:
                return "utf-8-sig", ()
            chunk = file.read(SAMPLE)
    found = guess(chunk.removeprefix(codecs.BOM_UTF8))
    if found.codec == "utf-8":
        return "utf-8-sig", ("is UTF-8 with faults; what could not be read became U+FFFD",)
    return found.codec, (f"is not UTF-8; read as {found.name}, which its letters suggest",)


class TextLines:
    """Lines of a text file with their numbers from 1; any line end (LF, CRLF, CR), and only those.

    Parameters
    ----------
    encoding
        ``auto`` goes by the byte order mark, then tries UTF-8, then what the letters suggest (noted).

    Raises
    ------
    ParseError
        While iterating: bytes are not of the encoding, or a line is longer than 16 million characters.
    """

    def __init__(self, path: Path, encoding: Encoding = "auto") -> None:
        self._path = path
        self.notes: tuple[str, ...] = ()
        self.encoding = "utf-8-sig" if encoding == "utf-8" else str(encoding)
        if encoding == "auto":
            self.encoding, self.notes = _encoding_of(path)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        number = 0
        errors = "replace" if self.notes else "strict"
        with self._path.open("rb") as raw:
            if self.encoding != "utf-8-sig" and raw.read(3) != codecs.BOM_UTF8:
                raw.seek(0)
            file = io.TextIOWrapper(raw, encoding=self.encoding, errors=errors, newline=None)
            while True:
                try:
                    line = file.readline(LONGEST_LINE)
                except UnicodeError as error:
                    raise ParseError(self._path, f"is not {self.encoding}", line=number + 1) from error
                if not line:
                    return
                number += 1
                if len(line) == LONGEST_LINE:
                    raise ParseError(self._path, "the line is longer than 16,000,000 characters", line=number)
                yield number, line.removesuffix("\n")


def decode_as(raw: bytes, path: Path, encoding: Encoding = "auto") -> tuple[str, tuple[str, ...]]:
    r"""Text of bytes and notes on their encoding; line ends become ``\n``.

    Raises
    ------
    ParseError
        The bytes are not of the encoding that was named, or that their byte order mark tells.
    """
    if encoding == "auto":
        return decode(raw, path)
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ParseError(path, f"is not {encoding}", line=line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n"), ()


def read_as(path: Path, encoding: Encoding = "auto") -> tuple[str, tuple[str, ...]]:
    """Read a file whole as text, with notes on its encoding.

    Raises
    ------
    ParseError
        It is larger than 200 MB, or not of its encoding.
    """
    if encoding == "auto":
        return read_text(path)
    return decode_as(path.read_bytes(), path, encoding)
