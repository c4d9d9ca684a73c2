"""The four forms in which Praat keeps a TextGrid: long and short text, chronological text, binary.

Spec: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html; the binary form as Praat 6.3
writes it (big-endian: float64 times, int32 counts, strings with a length of one byte for classes and of two
for names and labels; a length of 0xFFFF announces UTF-16).
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from speechlabel.errors import ParseError
from speechlabel.formats.foreign import LARGEST, Decoded, decode, decode_exactly
from speechlabel.formats.linguists.praat import Tokens
from speechlabel.formats.times import LATEST
from speechlabel.timing import seconds_to_us

__all__ = ["Grid", "Item", "Place", "Tier", "is_textgrid", "read_grid"]

BINARY = b"ooBinaryFile\x08TextGrid"
CHRONOLOGICAL = "Praat chronological TextGrid text file"
HEAD = re.compile(
    r'\s*(File type\s*=\s*)?("ooTextFile( short)?"\s[^"]*"TextGrid"|"Praat chronological TextGrid text file")'
)
Form = Literal["long", "short", "chronological", "binary"]


class Item(NamedTuple):
    """An interval, or a point where ``start_us`` is ``end_us``."""

    line: int | None
    start_us: int
    end_us: int
    text: str


class Place(NamedTuple):
    """How an item stands in a text file: its times as written there, and where its label is."""

    first: str
    last: str
    start: int
    end: int


@dataclass
class Tier:
    """A tier; ``places`` goes with ``items`` where a file is read to be written back into."""

    name: str
    is_points: bool
    line: int | None
    items: list[Item] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    places: list[Place] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    span: tuple[str, str] = ("", "")  # xmin and xmax as written
    start: int = 0  # where the number of its items begins, in characters
    end: int = 0  # where its last item ends


@dataclass
class Grid:
    """A TextGrid as it stands in a file."""

    form: Form
    start_us: int
    end_us: int
    tiers: list[Tier]
    notes: tuple[str, ...] = ()
    span: tuple[str, str] = ("", "")  # xmin and xmax as written
    decoded: Decoded | None = None  # the text that places are in
    count: tuple[int, int] = (0, 0)  # where the number of tiers stands, in characters


def is_textgrid(head: bytes, path: Path) -> bool:
    """Tell by the first bytes of a file."""
    if head.startswith(BINARY):
        return True
    try:
        return HEAD.match(decode(head, path)[0]) is not None
    except ParseError:
        return False


def read_grid(path: Path, *, with_places: bool = False) -> Grid:
    """Read a TextGrid in any of its forms.

    Raises
    ------
    ParseError
        It is none, breaks the grammar, or is larger than 200 MB.
    """
    if path.stat().st_size > LARGEST:
        raise ParseError(path, f"is larger than {LARGEST // 1_000_000} MB")
    raw = path.read_bytes()
    if raw.startswith(b"ooBinaryFile"):
        return _Reader(_Binary(raw, path), with_places=with_places).grid("binary")
    decoded = decode_exactly(raw, path)
    text = decoded.text
    if not with_places or "\n" not in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    tokens = Tokens(text, path)
    kind = tokens.string("the file type")
    if kind == CHRONOLOGICAL:
        grid = _Reader(tokens, with_places=with_places).chronological()
    elif kind in ("ooTextFile", "ooTextFile short"):
        short = re.match(r'\s*(File type\s*=\s*)?"[^"]*"\s*[^"]*"[^"]*"\s*[-+0-9]', text)
        grid = _Reader(tokens, with_places=with_places).grid("short" if short else "long")
    else:
        raise tokens.error('a TextGrid begins with "ooTextFile"')
    grid.notes, grid.decoded = decoded.notes, decoded if with_places else None
    return grid


class _Reader:
    def __init__(self, tokens: Tokens | _Binary, *, with_places: bool) -> None:
        self._tokens = tokens
        self._with_places = with_places

    def grid(self, form: Form) -> Grid:
        tokens = self._tokens
        if (found := tokens.kind("the class")) != "TextGrid":
            raise tokens.error(f"holds a {found!r:.60}, not a TextGrid")
        start, end, span = self._span("")
        exists = tokens.flag("tiers?") == "exists"
        count = tokens.count("the number of tiers") if exists else 0
        place = (tokens.start, tokens.end) if exists else (0, 0)
        return Grid(form, start, end, [self._tier() for _ in range(count)], span=span, count=place)

    def chronological(self) -> Grid:
        tokens = self._tokens
        assert isinstance(tokens, Tokens)
        start, end, span = self._span("")
        count = tokens.count("the number of tiers")
        tiers = [self._head() for _ in range(count)]
        while tokens.more():
            number = tokens.count("the number of a tier")
            if not 1 <= number <= len(tiers):
                raise tokens.error(f"there is no tier {number}")
            self._item(tiers[number - 1])
        for tier in tiers:
            order = sorted(range(len(tier.items)), key=lambda at, tier=tier: tier.items[at].start_us)
            tier.items = [tier.items[at] for at in order]
            tier.places = [tier.places[at] for at in order] if self._with_places else []
        return Grid("chronological", start, end, tiers, span=span)

    def _span(self, of: str) -> tuple[int, int, tuple[str, str]]:
        tokens = self._tokens
        start = tokens.time(f"xmin{of}")
        first = tokens.raw
        end = tokens.time(f"xmax{of}")
        if end < start and not of:
            raise tokens.error("xmax lies before xmin")
        return start, end, (first, tokens.raw)

    def _head(self) -> Tier:
        tokens = self._tokens
        kind = tokens.kind("the class of a tier")
        if kind not in ("IntervalTier", "TextTier"):
            raise tokens.error(f"{kind!r:.60} is not a class of tier: IntervalTier or TextTier")
        tier = Tier(tokens.string("the name of a tier"), kind == "TextTier", tokens.line)
        tier.span = self._span(" of a tier")[2]
        return tier

    def _tier(self) -> Tier:
        tokens = self._tokens
        tier = self._head()
        count = tokens.count("the number of intervals or points")
        tier.start, tier.end = tokens.start, tokens.end
        are_plain = not (tier.is_points or self._with_places)
        for _ in range(count):
            if are_plain and isinstance(tokens, Tokens) and (found := tokens.interval()):
                start, end, text = found
                tier.items.append(Item(tokens.line, start, end, _plain_ends(text)))
            else:
                self._item(tier)
        tier.end = tokens.end
        return tier

    def _item(self, tier: Tier) -> None:
        tokens = self._tokens
        start = tokens.time("the time of a point" if tier.is_points else "xmin of an interval")
        line, first = tokens.line, tokens.raw if self._with_places else ""
        end = start if tier.is_points else tokens.time("xmax of an interval")
        if start < 0 or end < start:
            raise tokens.error("an interval that ends before it starts" if start >= 0 else "a time before 0")
        last = tokens.raw if self._with_places else ""
        text = _plain_ends(tokens.string("the text of an interval or point"))
        tier.items.append(Item(line, start, end, text))
        if self._with_places:
            tier.places.append(Place(first, last, tokens.start, tokens.end))


def _plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class _Binary:
    """The binary form, asked as the text is."""

    line = None
    start = end = 0

    def __init__(self, raw: bytes, path: Path) -> None:
        self._raw, self._path = raw, path
        self._at = len(b"ooBinaryFile")
        self.raw = ""  # the number taken last, as text

    def error(self, reason: str) -> ParseError:
        return ParseError(self._path, f"at byte {self._at}: {reason}")

    def _take(self, size: int, what: str) -> bytes:
        found = self._raw[self._at : self._at + size]
        if len(found) < size:
            raise self.error(f"the file ends where {what} should be")
        self._at += size
        return found

    def kind(self, what: str) -> str:
        return self._take(self._take(1, what)[0], what).decode("latin-1")

    def string(self, what: str) -> str:
        size = int.from_bytes(self._take(2, what), "big")
        if size != 0xFFFF:
            return self._take(size, what).decode("latin-1")
        letters = bytearray()
        for _ in range(int.from_bytes(self._take(2, what), "big")):  # letters, not units of 16 bits
            letters += self._take(2, what)
            if 0xD8 <= letters[-2] <= 0xDB:
                letters += self._take(2, what)
        return letters.decode("utf-16-be", "replace")

    def flag(self, what: str) -> str:
        return "exists" if self._take(1, what)[0] else "absent"

    def time(self, what: str) -> int:
        [value] = struct.unpack(">d", self._take(8, what))
        if not math.isfinite(value) or abs(value) > LATEST:
            raise self.error(f"{what}: {value!r} is not a time in seconds")
        self.raw = repr(value).removesuffix(".0")
        return seconds_to_us(value)

    def count(self, what: str) -> int:
        count = int.from_bytes(self._take(4, what), "big", signed=True)
        if count < 0:
            raise self.error(f"{what}: {count} is not a count")
        return count
