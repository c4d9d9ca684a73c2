"""Praat's text files: one grammar for the long and the short form.

Source: the rule that Praat's own reader follows (melder_readtext.cpp, and "TextGrid file formats" in its
manual): only what stands free between blanks counts.  Quoted strings (a quote inside is doubled, line ends
may stand in them), numbers and ``<flags>`` are read; ``!`` starts a comment to the end of the line; every
other word (``xmin``, ``=``, ``intervals``, ``[1]:``) is decoration.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from speechlabel.errors import ParseError
from speechlabel.formats.times import parse_time

__all__ = ["Tokens", "quoted"]

# Blanks, comments, and words that are neither a number nor a flag.
DECORATION = r"""(?:\s++|![^\n]*+|(?![+-]?[0-9]|<[^\s<>]*>(?:\s|\Z))[^\s"!]\S*+)*+"""
NEXT = re.compile(DECORATION)
TOKEN = re.compile(
    rf"""(?P<before>{DECORATION})
    (?:"(?P<string>(?:[^"]++|"")*+)"(?=\s|\Z)
    |<(?P<flag>[^\s<>]*)>(?=\s|\Z)
    |(?P<number>[+-]?[0-9][^\s]*))""",
    re.VERBOSE,
)
INTERVAL = re.compile(  # two numbers and a string
    rf"""{DECORATION}(?P<first>[+-]?[0-9][^\s]*){DECORATION}(?P<last>[+-]?[0-9][^\s]*)
    {DECORATION}"(?P<text>(?:[^"]++|"")*+)"(?=\s|\Z)""",
    re.VERBOSE,
)
SHOWN = {"string": "text in quotes", "number": "a number", "flag": "a flag in angle brackets"}
Kind = Literal["string", "number", "flag"]


def quoted(text: str) -> str:
    """Text as Praat writes it: in quotes, a quote inside doubled."""
    return '"' + text.replace('"', '""') + '"'


class Tokens:
    """The tokens of one file, taken one by one in the kind that the grammar wants next."""

    def __init__(self, text: str, path: Path) -> None:
        self._path = path
        self._text = text
        self.start = self.end = 0  # where the token taken last stands, in characters
        self._counted, self._line = 0, 1  # lines are counted to here

    @property
    def line(self) -> int:
        """Line of the token taken last."""
        self._line += self._text.count("\n", self._counted, self.start)
        self._counted = self.start
        return self._line

    def more(self) -> bool:
        """Whether a token follows."""
        found = NEXT.match(self._text, self.end)
        return found is not None and found.end() < len(self._text)

    def _take(self, kind: Kind, what: str) -> str:
        match = TOKEN.match(self._text, self.end)
        if match is None:
            raise self._nothing(what)
        self.start, self.end = match.end("before"), match.end()
        if match.lastgroup != kind:
            value = match[match.lastgroup or 0]
            raise self.error(f"{what} should be {SHOWN[kind]}, not {value!r:.60}")
        return match[kind]

    def _nothing(self, what: str) -> ParseError:
        """Make the error of a text in which no token follows."""
        if not self.more():
            return self.error(f"the file ends where {what} should be")
        found = NEXT.match(self._text, self.end)
        self.start = found.end() if found else self.end
        return self.error("the quotes of this text are not closed, or not doubled")

    @property
    def raw(self) -> str:
        """Text of the token taken last, as it stands in the file."""
        return self._text[self.start : self.end]

    def error(self, reason: str) -> ParseError:
        """Make an error at the token taken last."""
        return ParseError(self._path, reason, line=self.line)

    def string(self, what: str) -> str:
        """Take a quoted string; ``what`` names it in the error."""
        return self._take("string", what).replace('""', '"')

    kind = string  # of an object: in the binary form its length takes one byte, that of other strings two

    def flag(self, what: str) -> str:
        """Take a flag, without its brackets."""
        return self._take("flag", what)

    def time(self, what: str) -> int:
        """Take a number of seconds, as microseconds."""
        try:
            return parse_time(self._take("number", what))
        except ValueError as error:
            raise self.error(f"{what}: {error}") from error

    def interval(self) -> tuple[int, int, str] | None:
        """Take two times and a string, in one step; None, and nothing taken, where they are not in order."""
        match = INTERVAL.match(self._text, self.end)
        if match is None:
            return None
        try:
            start, end = parse_time(match["first"]), parse_time(match["last"])
        except ValueError:
            return None
        if not 0 <= start <= end:
            return None
        self.start, self.end = match.start("first"), match.end()
        return start, end, match["text"].replace('""', '"')

    def count(self, what: str) -> int:
        """Take a number of things."""
        text = self._take("number", what)
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise self.error(f"{what}: {text!r:.60} is not a count")
        return int(text)
