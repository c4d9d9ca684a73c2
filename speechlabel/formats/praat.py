"""Praat's text files: one grammar for the long and the short form.

Source: the rule that Praat's own reader follows (melder_readtext.cpp, and "TextGrid file formats" in its
manual): only what stands free between blanks counts.  Quoted strings (a quote inside is doubled, line ends
may stand in them), numbers and ``<flags>`` are read; ``!`` starts a comment to the end of the line; every
other word (``xmin``, ``=``, ``intervals``, ``[1]:``) is decoration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from speechlabel.errors import ParseError
from speechlabel.formats.times import parse_time

__all__ = ["Tokens", "quoted"]

DECORATION = re.compile(  # blanks, comments, and words that are neither a number nor a flag
    r"""(?:\s++|![^\n]*+|(?![+-]?[0-9]|<[^\s<>]*>(?:\s|\Z))[^\s"!]\S*+)*+""", re.VERBOSE
)
TOKEN = re.compile(
    r""""(?P<string>(?:[^"]++|"")*+)"(?=\s|\Z)
    |<(?P<flag>[^\s<>]*)>(?=\s|\Z)
    |(?P<number>[+-]?[0-9][^\s]*)""",
    re.VERBOSE,
)
SHOWN = {"string": "text in quotes", "number": "a number", "flag": "a flag in angle brackets"}
Kind = Literal["string", "number", "flag"]


class _Token(NamedTuple):
    kind: str
    value: str
    line: int
    start: int
    end: int


def quoted(text: str) -> str:
    """Text as Praat writes it: in quotes, a quote inside doubled."""
    return '"' + text.replace('"', '""') + '"'


class Tokens:
    """The tokens of one file, taken one by one in the kind that the grammar wants next."""

    def __init__(self, text: str, path: Path) -> None:
        self._path = path
        self._text = text
        self._tokens = self._split(text)
        self._next: _Token | None = None
        self.line = 1  # of the token taken last
        self.start = self.end = 0  # where the token taken last stands, in characters

    def _split(self, text: str) -> Iterator[_Token]:
        skip, token = DECORATION.match, TOKEN.match
        last, line = 0, 1
        while True:
            skipped = skip(text, last)
            at = skipped.end() if skipped else last
            line += text.count("\n", last, at)
            if at == len(text):
                return
            match = token(text, at)
            if match is None:
                raise ParseError(
                    self._path, "the quotes of this text are not closed, or not doubled", line=line
                )
            last = match.end()
            kind = match.lastgroup or ""
            yield _Token(kind, match[kind], line, at, last)
            line += text.count("\n", at, last)

    def _take(self, kind: Kind, what: str) -> str:
        token, self._next = self._next or next(self._tokens, None), None
        if token is None:
            raise ParseError(self._path, f"the file ends where {what} should be", line=self.line)
        self.line, self.start, self.end = token.line, token.start, token.end
        if token.kind != kind:
            reason = f"{what} should be {SHOWN[kind]}, not {token.value!r:.60}"
            raise ParseError(self._path, reason, line=token.line)
        return token.value

    @property
    def raw(self) -> str:
        """Text of the token taken last, as it stands in the file."""
        return self._text[self.start : self.end]

    def more(self) -> bool:
        """Whether a token follows."""
        self._next = self._next or next(self._tokens, None)
        return self._next is not None

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

    def count(self, what: str) -> int:
        """Take a number of things."""
        text = self._take("number", what)
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise self.error(f"{what}: {text!r:.60} is not a count")
        return int(text)
