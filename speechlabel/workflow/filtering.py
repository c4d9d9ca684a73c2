"""Choose segments by what they are: labels, speakers, languages, length, whether they say something new."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from speechlabel.errors import InputError
from speechlabel.records import Segment

__all__ = ["EVERYTHING", "FILTERED", "Distinct", "Filter", "Seen", "same_text"]

Distinct = Literal["", "text", "speaker_text"]
# Why a segment stays out, in the order in which that is asked.
FILTERED = (
    "other_speaker",
    "other_language",
    "other_label",
    "unwanted_label",
    "too_short",
    "too_long",
    "duplicate",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which segments are wanted; what is empty asks for nothing.

    Parameters
    ----------
    labels, without : of noise labels and tags: one of these, none of those
    speakers : names
    languages : tags; ``zh`` means ``zh-CN`` too
    shortest_us, longest_us : lengths in microseconds
    distinct : ``text``: of segments that say the same, whatever the case, blanks and punctuation, only the
        first goes out, in the order of recordings; ``speaker_text``: of each speaker
    """

    labels: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    speakers: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    shortest_us: int = 0
    longest_us: int | None = None
    distinct: Distinct = ""

    def __post_init__(self) -> None:
        if self.distinct not in ("", "text", "speaker_text"):
            raise InputError(f"distinct {self.distinct!r} is not one of text, speaker_text")
        if self.longest_us is not None and self.longest_us < self.shortest_us:
            raise InputError("no length is at least the shortest and at most the longest that are asked for")

    def __bool__(self) -> bool:
        """Tell whether it asks for anything."""
        return self != EVERYTHING

    def to_dict(self) -> dict[str, Any]:
        """Return as JSON what it asks for."""
        found: dict[str, Any] = {
            name: sorted(value)
            for name in ("labels", "without", "speakers", "languages")
            if (value := getattr(self, name))
        }
        for name in ("shortest_us", "longest_us", "distinct"):
            if value := getattr(self, name):
                found[name] = value
        return found

    def reason(self, segment: Segment, speaker: str, language: str | None) -> str | None:
        """Return which of ``FILTERED`` keeps a segment out, but for being a duplicate; None: it is wanted.

        Parameters
        ----------
        speaker : name of who speaks in it, ``""`` for nobody
        language : its own, else that of its recording
        """
        marks = {*segment.noise_labels, *segment.tags}
        if self.speakers and speaker not in self.speakers:
            return "other_speaker"
        if self.languages and not any(_speaks(language, wanted) for wanted in self.languages):
            return "other_language"
        if self.labels and not marks & self.labels:
            return "other_label"
        if marks & self.without:
            return "unwanted_label"
        if segment.duration_us < self.shortest_us:
            return "too_short"
        if self.longest_us is not None and segment.duration_us > self.longest_us:
            return "too_long"
        return None


EVERYTHING = Filter()


class Seen:
    """Remembers what was said, in eight bytes a text."""

    def __init__(self, distinct: Distinct) -> None:
        self._distinct = distinct
        self._met: set[int] = set()

    def is_again(self, segment: Segment, speaker: str) -> bool:
        """Tell whether the same was said before, and remember it.  What has no text is never the same."""
        if not self._distinct or not segment.text:
            return False
        who = speaker if self._distinct == "speaker_text" else ""
        key = same_text(segment.text, who)
        if key in self._met:
            return True
        self._met.add(key)
        return False


def same_text(text: str, who: str = "") -> int:
    """64 bits that texts share which differ in case, blanks and punctuation only."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LNM")
    # What is nothing but signs is told apart by them.
    digest = blake2b(f"{who}\x1f{plain or text}".encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def _speaks(language: str | None, wanted: str) -> bool:
    return language is not None and (language == wanted or language.startswith(f"{wanted}-"))
