"""What NIST's rttmValidator (v13) would refuse in an RTTM file, told without it.

Its checks with the options ``-u -p -e -f``: fields, values, turns and words of one speaker that overlap,
words that no turn of their speaker covers, what is partly inside a NOSCORE region or a sentence unit.  It is
not asked whether each sentence unit, edit point and speaker is declared: speaker labels alone are good RTTM.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from speechlabel.formats.base import Fault

__all__ = ["rttm_faults"]

NEAR = 0.000999999  # seconds that the validator allows for rounding
NUMBER = re.compile(r"(-?[0-9]+\.?[0-9]*|-?\.[0-9]+)")
STARRED = re.compile(NUMBER.pattern + r"\**")
TYPES: dict[str, str] = {  # type → its subtypes
    "SEGMENT": "eval|<NA>",
    "NOSCORE": "<NA>",
    "NO_RT_METADATA": "<NA>",
    "SPEAKER": "<NA>",
    "A/P": "<NA>",
    "LEXEME": "lex|fp|frag|un-lex|for-lex|alpha|acronym|interjection|propernoun|other",
    "NON-LEX": "laugh|breath|lipsmack|cough|sneeze|other",
    "NON-SPEECH": "noise|music|other",
    "FILLER": "filled_pause|discourse_marker|explicit_editing_term|discourse_response|other",
    "EDIT": "repetition|restart|revision|simple|complex|other",
    "SU": "statement|question|incomplete|backchannel|unannotated|discourse_response|other",
    "IP": "edit|filler|edit&filler|other",
    "CB": "coordinating|clausal|other",
    "SPKR-INFO": "adult_male|adult_female|child|unknown",
}
SUBTYPES = {
    kind: re.compile(f"({found})", re.NOFLAG if kind == "SPKR-INFO" else re.IGNORECASE)
    for kind, found in TYPES.items()
}
ALPHA = re.compile(r"[A-Z]\.|[A-Z]\.'*s|[\x80-\xff]{2}\.|<NA>", re.IGNORECASE | re.ASCII)
BROADCAST = re.compile(r"\s*;;\s*EXP-ID:.*bnews", re.IGNORECASE)
UNITS = ("SU", "EDIT", "FILLER")
HIDDEN = (*UNITS, "SPEAKER", "LEXEME", "NON-LEX", "NON-SPEECH")  # by NOSCORE: wholly or not at all


@dataclass(slots=True)
class _Found:
    """Objects of one type and speaker: seconds, sorted by start when they are looked at."""

    start: array[float] = field(default_factory=lambda: array("d"))
    end: array[float] = field(default_factory=lambda: array("d"))
    line: array[int] = field(default_factory=lambda: array("q"))

    def sort(self) -> None:
        order = sorted(range(len(self.start)), key=self.start.__getitem__)
        self.start = array("d", map(self.start.__getitem__, order))
        self.end = array("d", map(self.end.__getitem__, order))
        self.line = array("q", map(self.line.__getitem__, order))

    def each(self) -> Iterator[tuple[float, float, int]]:
        return zip(self.start, self.end, self.line, strict=True)

    def near(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Objects that may touch a stretch, where none overlaps another by much."""
        first = max(0, bisect_left(self.start, start - NEAR) - 2)
        for at in range(first, bisect_right(self.start, end + NEAR)):
            yield self.start[at], self.end[at]


Key = tuple[str, str, str]  # file, channel, speaker


def rttm_faults(path: Path, *, any_channel: bool = False) -> Iterator[Fault]:
    """Faults of one file; ``any_channel`` lets channels above 2 pass, which NIST's tools do not take."""
    found: dict[Key, dict[str, _Found]] = {}
    is_broadcast = False
    is_good = True
    # As the validator: bytes, one by one, and lines that end at a line feed.
    with path.open(encoding="latin-1", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if re.match(r"\s*;;", line, re.ASCII) or not line.strip(" \t\n\r\f\v"):
                is_broadcast = is_broadcast or bool(BROADCAST.match(line))
                continue
            fields = [item for item in re.split(r"[ \t\n\r\f\v]+", line) if item]
            reasons = list(_syntax(fields, any_channel=any_channel, is_broadcast=is_broadcast))
            for reason in reasons:
                is_good = False
                yield Fault(path.name, number, reason)
            if not reasons and fields[0].upper() != "SPKR-INFO":
                start = float(fields[3].rstrip("*"))
                end = start if fields[4].upper() == "<NA>" else start + float(fields[4].rstrip("*"))
                key = fields[1], fields[2], fields[7]
                mine = found.setdefault(key, {}).setdefault(fields[0].upper(), _Found())
                mine.start.append(start)
                mine.end.append(end)
                mine.line.append(number)
    if is_good:
        for number, reason in sorted(_logic(found)):
            yield Fault(path.name, number, reason)


def _syntax(fields: list[str], *, any_channel: bool, is_broadcast: bool) -> Iterator[str]:
    if len(fields) not in (9, 10):
        yield f"{len(fields)} fields, but RTTM has 9 or 10"
        return
    kind, _, channel, start, length, word, subtype, _, sure = fields[:9]
    kind = kind.upper()
    if kind not in TYPES:
        yield f"{_shown(fields[0])} is not an RTTM type"
        return
    if channel not in ("1", "2") and not (any_channel and re.fullmatch("[1-9][0-9]*", channel, re.ASCII)):
        yield f"channel {_shown(channel)}: NIST tools take only channels 1 and 2 (option channels=any)"
    elif is_broadcast and channel != "1":
        yield "channel 2 in a file of broadcast news"
    yield from _times(kind, start, length)
    if kind not in ("LEXEME", "NON-LEX") and word.upper() != "<NA>":
        yield f"{kind} has a word"
    if not SUBTYPES[kind].fullmatch(subtype):
        yield f"{_shown(subtype)} is no subtype of {kind}"
    elif kind == "LEXEME" and subtype.lower() == "alpha" and not ALPHA.fullmatch(word):
        yield f"{_shown(word)} is no letter of an alpha LEXEME"
    if "<NA>" not in sure and not (NUMBER.fullmatch(sure) and 0 <= float(sure) <= 1):
        yield "the confidence is neither <NA> nor a number between 0 and 1"


def _times(kind: str, start: str, length: str) -> Iterator[str]:
    if kind != "SPKR-INFO":
        yield from _time("start time", start)
    elif "<NA>" not in start.upper():
        yield "SPKR-INFO has a start time"
    if kind not in ("SPKR-INFO", "IP", "CB"):
        yield from _time("duration", length)
    elif length.upper() != "<NA>":
        yield f"{kind} has a duration"


def _shown(text: str) -> str:
    return f"{text.encode('latin-1').decode('utf-8', 'replace')!r:.80}"


def _time(name: str, text: str) -> Iterator[str]:
    if not STARRED.fullmatch(text):
        yield f"the {name} is not a number"
    elif float(text.rstrip("*")) < 0:
        yield f"the {name} is negative"


def _logic(found: dict[Key, dict[str, _Found]]) -> Iterator[tuple[int, str]]:
    for by_kind in found.values():
        for objects in by_kind.values():
            objects.sort()
    nothing = _Found()
    for (file, channel, _), by_kind in found.items():
        hidden = found.get((file, channel, "<NA>"), {}).get("NOSCORE", nothing)
        for kind, objects in by_kind.items():
            yield from _overlaps(kind, objects)
            yield from _partly_hidden(kind, objects, hidden)
        words = by_kind.get("LEXEME", nothing)
        units = {kind: by_kind[kind] for kind in UNITS if kind in by_kind}
        yield from _words(words, by_kind.get("SPEAKER", nothing), units)
        for kind, objects in units.items():
            yield from _empty(kind, objects, words)


def _partly_hidden(kind: str, objects: _Found, hidden: _Found) -> Iterator[tuple[int, str]]:
    if kind in HIDDEN and hidden.start:
        for start, end, line in objects.each():
            if _is_partly(hidden, start, end):
                yield line, f"the {kind} is partly inside a NOSCORE region"


def _empty(kind: str, objects: _Found, words: _Found) -> Iterator[tuple[int, str]]:
    for start, end, line in objects.each():
        inside = (one + NEAR >= start and other - NEAR <= end for one, other in words.near(start, end))
        if not any(inside):
            yield line, f"the {kind} holds no word"


def _words(words: _Found, turns: _Found, units: dict[str, _Found]) -> Iterator[tuple[int, str]]:
    for start, end, line in words.each():
        if not any(start + NEAR >= one and end - NEAR <= other for one, other in turns.near(start, end)):
            yield line, "no SPEAKER turn of this speaker covers the word"
        for kind, objects in units.items():
            if _is_partly(objects, start, end):
                yield line, f"the word is partly inside a {kind}"


def _overlaps(kind: str, objects: _Found) -> Iterator[tuple[int, str]]:
    before = 0.0
    for start, end, line in objects.each():
        if before - start > NEAR:
            yield line, f"it overlaps another {kind} of the same speaker"
        before = start if kind in ("CB", "IP") else end


def _is_partly(objects: _Found, start: float, end: float) -> bool:
    """Whether a stretch is partly inside one of them: neither beside it nor wholly in it."""
    for one, other in objects.near(start, end):
        is_beside = end <= one + NEAR or start >= other - NEAR
        is_inside = start >= one - NEAR and end <= other + NEAR
        if not is_beside and not is_inside:
            return True
    return False
