"""Bytes from other programs: their encoding, and the ids of what had none."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from speechlabel.drafts import segment_of
from speechlabel.errors import ParseError, RecordError
from speechlabel.formats.base import Segments
from speechlabel.formats.encodings import guess
from speechlabel.formats.names import STAND_INS, derived_id, safe_id
from speechlabel.formats.spool import Spool
from speechlabel.records import Segment, Speaker

__all__ = ["Collected", "Decoded", "decode", "decode_exactly", "read_text"]

LARGEST = 200_000_000  # bytes of a file that is read whole
BOMS = (  # UTF-32 first: its mark begins as that of UTF-16 does
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(raw: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    r"""Text of a file by its mark, as UTF-8, or as its letters tell (noted); line ends become ``\n``.

    Raises
    ------
    ParseError
        The bytes are not what their byte order mark says.
    """
    found = decode_exactly(raw, path)
    return found.text.replace("\r\n", "\n").replace("\r", "\n"), found.notes


class Decoded(NamedTuple):
    """Text with its own line ends, and how to turn it into the same bytes again."""

    text: str
    bom: bytes
    codec: str
    notes: tuple[str, ...]

    def encode(self, text: str) -> bytes | None:
        """Bytes of a changed text as the file had them; None where its encoding lacks a letter."""
        try:
            return self.bom + text.encode(self.codec)
        except UnicodeEncodeError:
            return None


def decode_exactly(raw: bytes, path: Path) -> Decoded:
    """Text of a file as ``decode`` reads it, but with its line ends.

    Raises
    ------
    ParseError
        The bytes are not the UTF-16 or UTF-32 that their mark tells; a mark of UTF-8 binds nobody.
    """
    bom, codec = next(((bom, name) for bom, name in BOMS if raw.startswith(bom)), (b"", "utf-8"))
    raw = raw.removeprefix(bom)
    try:
        if not bom and b"\0" in raw[:4096]:  # UTF-16 of English is UTF-8 too, as far as bytes go
            return _guessed(raw)
        return Decoded(raw.decode(codec), bom, codec, ())
    except UnicodeDecodeError as error:
        if bom and codec != "utf-8":
            line = raw[: error.start].decode(codec, "ignore").count("\n") + 1
            raise ParseError(path, f"is not {codec}, as its first bytes say", line=line) from error
    return _guessed(raw)._replace(bom=bom)


def _guessed(raw: bytes) -> Decoded:
    """Text in the likeliest encoding, and a note that names it and counts what could not be read."""
    found = guess(raw)
    text = raw.decode(found.codec, "replace")
    is_utf_8 = found.codec == "utf-8"
    note = "is UTF-8 with faults" if is_utf_8 else f"is not UTF-8; read as {found.name}"
    note += "" if found.is_sure else ", a guess that too few letters bear out"
    if replaced := text.count("\ufffd") - raw.count(b"\xef\xbf\xbd"):
        note += f"; {replaced} characters could not be read and became U+FFFD"
    return Decoded(text, b"", found.codec, () if text.isascii() and is_utf_8 else (note,))


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Read a file whole as text, with notes on its encoding.

    Raises
    ------
    ParseError
        It is larger than 200 MB, or not text.
    """
    if path.stat().st_size > LARGEST:
        raise ParseError(path, f"is larger than {LARGEST // 1_000_000} MB")
    return decode(path.read_bytes(), path)


class Collected:
    """Segments and speakers of one recording as they are met in a file that has no ids.

    Ids are derived from the content, so that the same file read again gives the same records.  Give all
    recordings of one reading the same ``spool``: of a million segments a few are then in memory.
    """

    def __init__(self, recording_id: str, path: Path, spool: Spool | None = None) -> None:
        self.speakers: dict[str, Speaker] = {}  # by name
        self.notes: list[str] = []
        self.end_us = 0  # of the last segment
        self.n_segments = 0
        self._recording_id, self._path = recording_id, path
        self._spool = Spool() if spool is None else spool
        self._met: set[int] = set()
        self._again: Counter[int] = Counter()
        self._taken: set[str] = set()  # ids of speakers, without the recording's

    @property
    def segments(self) -> Segments:
        """All that was met so far, read anew at each pass."""
        return self._spool.segments(self._recording_id)

    @property
    def segments_of_the_mix(self) -> Segments:
        """The same without their channel, for a recording that turned out to have but one."""
        return self._spool.segments(self._recording_id, channel=None)

    def error(self, reason: str, line: int | None) -> ParseError:
        """Make an error of the file that is read."""
        return ParseError(self._path, reason, line=line)

    def speaker(self, name: str, line: int | None) -> str:
        """Id of the speaker of that name in this recording, made where it is new."""
        if name not in self.speakers:
            stand_in = name.removeprefix(f"{self._recording_id}-")
            made = safe_id(name, self._taken, max_length=40)
            self._taken.add(made)
            try:
                if stand_in != name and stand_in in STAND_INS:
                    self.speakers[name] = Speaker(id=stand_in, name=stand_in)
                else:
                    self.speakers[name] = Speaker(id=f"{self._recording_id}-{made}", name=name)
            except RecordError as error:
                raise ParseError(self._path, f"speaker: {error.data['reason']}", line=line) from error
        return self.speakers[name].id

    def segment(self, line: int | None, **fields: Any) -> str:  # noqa: ANN401 - fields of Segment
        """Add a segment, with its own ``id`` where one is given; a rule it breaks is a ``ParseError``.

        Returns
        -------
        str
            Its id.
        """
        made = fields.pop("id", None) or self._id(fields)
        try:
            segment = segment_of(id=made, **fields)
        except RecordError as error:
            raise ParseError(
                self._path, f"{error.data['field']}: {error.data['reason']}", line=line
            ) from error
        self.put(segment)
        return made

    def put(self, segment: Segment) -> None:
        """Add a segment that is made already."""
        self._spool.add(self._recording_id, segment)
        if segment.end_us > self.end_us:
            self.end_us = segment.end_us
        self.n_segments += 1

    def _id(self, fields: Mapping[str, Any]) -> str:
        told = [f"({name!r}, {str(fields[name])!r})" for name in sorted(fields)]
        made = derived_id(self._recording_id, *told, 1)
        known = int(made[:16], 16)  # a whole id would take four times the memory
        if known not in self._met:
            self._met.add(known)
            return made
        self._again[known] += 1
        return derived_id(self._recording_id, *told, 1 + self._again[known])
