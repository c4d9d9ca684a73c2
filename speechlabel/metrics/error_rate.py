"""Error rates of texts: the least number of insertions, deletions and substitutions that make one the other.

Conventions, as of NIST's ``sclite``: errors are divided by the length of the reference, all texts of a set
together, so that a rate may pass 1.  Characters are counted without blanks.  Words are what blanks part; a
Chinese or Japanese character is a word of its own (in Latin script the figure is the word error rate, in
Chinese the character error rate, in mixed text what is called the mixed error rate).  Texts are compared as
they are written, case and punctuation included, in Unicode's composed form (NFC).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["ErrorCount", "TextErrors", "characters", "edit_distance", "words"]

# Han, kana and what extends them: written without blanks between words.
UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")


def characters(text: str) -> list[str]:
    """Return the characters of a text that are no blanks, by code point of NFC."""
    return [letter for letter in unicodedata.normalize("NFC", text) if not letter.isspace()]


def words(text: str) -> list[str]:
    """Return the words of a text; see above what is one."""
    return WORD.findall(unicodedata.normalize("NFC", text))


def edit_distance(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Count the least insertions, deletions and substitutions between two sequences (Levenshtein).

    What both begin and end with costs nothing; the rest takes memory as its length and time as the product
    of both lengths.
    """
    start, end = 0, min(len(reference), len(hypothesis))
    while start < end and reference[start] == hypothesis[start]:
        start += 1
    tail = 0
    while tail < end - start and reference[-1 - tail] == hypothesis[-1 - tail]:
        tail += 1
    left, right = reference[start : len(reference) - tail], hypothesis[start : len(hypothesis) - tail]
    if not left or not right:
        return len(left) + len(right)
    codes: dict[str, int] = {}
    across = np.array([codes.setdefault(item, len(codes)) for item in right], dtype=np.int64)
    steps = np.arange(len(right) + 1, dtype=np.int64)
    row = steps.copy()
    for number, item in enumerate(left, 1):
        below = np.empty_like(row)
        below[0] = number
        np.minimum(row[1:] + 1, row[:-1] + (across != codes.get(item, -1)), out=below[1:])
        # An insertion comes from the left in the same row: the least of (value - place) so far, plus place.
        row = np.minimum.accumulate(below - steps) + steps
    return int(row[-1])


@dataclass(slots=True)
class ErrorCount:
    """Errors in a set of texts, and the length of their references."""

    errors: int = 0
    length: int = 0

    @property
    def rate(self) -> float | None:
        """Errors for each item of the reference; None where that is empty and there are errors."""
        if self.length:
            return self.errors / self.length
        return None if self.errors else 0.0

    def add(self, reference: Sequence[str], hypothesis: Sequence[str]) -> int:
        """Count a pair; returns its errors."""
        errors = 0 if reference == hypothesis else edit_distance(reference, hypothesis)
        self.errors += errors
        self.length += len(reference)
        return errors

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {"errors": self.errors, "length": self.length, "rate": self.rate}


class TextErrors:
    """Errors in characters and words of pairs of texts."""

    __slots__ = ("characters", "words")

    def __init__(self) -> None:
        self.characters = ErrorCount()
        self.words = ErrorCount()

    def add(self, reference: str, hypothesis: str) -> None:
        """Count a pair."""
        if reference == hypothesis:
            # Most texts of two versions are the same: lengths alone are wanted then.
            self.characters.length += len(characters(reference))
            self.words.length += len(words(reference))
            return
        self.characters.add(characters(reference), characters(hypothesis))
        self.words.add(words(reference), words(hypothesis))

    def to_dict(self) -> dict[str, Any]:
        """Return both counts by name: ``cer`` and ``wer``."""
        return {"cer": self.characters.to_dict(), "wer": self.words.to_dict()}
