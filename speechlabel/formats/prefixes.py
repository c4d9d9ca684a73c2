"""Speakers told in front of what they say, ``NAME: text``, where a format has no other place for them.

A colon alone proves nothing ("Note: …"): a name without brackets counts where at least two labels of a file
have it.  Writers ask ``recognise`` what would come back, and report what would not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from speechlabel.errors import OptionError
from speechlabel.formats.losses import Tally
from speechlabel.records import Segment, Speaker

__all__ = ["Prefixes", "names_of"]

COLON = "{speaker}: {text}"
BRACKETS = "[{speaker}]: {text}"
NAME = r"(?P<speaker>[^\n:：\[\]<>{}!?;,，。！？；\t]{1,60}?)"
USUAL = re.compile(
    r"(?:\[(?P<bracketed>[^\[\]\n\t]{1,80})\]|" + NAME + r")(?:[ ]?:(?=[ \n]|$)[ ]?|：)(?P<text>.*)",
    re.DOTALL,
)
MOST_WORDS = 5
UNFIT = re.compile(r"[\n:：\[\]<>{}!?;,，。！？；\t]+")


class Prefixes:
    """How labels tell speakers: a template with ``{speaker}`` and ``{text}``.

    Raises
    ------
    OptionError
        The template has no ``{text}``.
    """

    def __init__(self, template: str = COLON) -> None:
        if template.count("{text}") != 1 or template.count("{speaker}") > 1:
            raise OptionError("label", "must hold {text} once, and {speaker} once or not at all")
        self._template = template
        self._bare = template == "{text}"
        parts = re.split(r"(\{speaker\}|\{text\})", template)
        known = {"{speaker}": NAME, "{text}": r"(?P<text>.*)", "": ""}
        own = "".join(known.get(part, re.escape(part)) for part in parts)
        self._pattern = USUAL if template in (COLON, BRACKETS) else re.compile(own, re.DOTALL)

    def join(self, speaker: str | None, text: str) -> str:
        """Label of what somebody says; that of nobody in particular is the text alone."""
        if speaker is None or self._bare:
            return text
        return re.sub(
            r"\{speaker\}|\{text\}",
            lambda match: speaker if match[0] == "{speaker}" else text,
            self._template,
        )

    def _found(self, label: str) -> tuple[str, str, bool] | None:
        match = (
            None
            if self._bare or "speaker" not in self._pattern.groupindex
            else self._pattern.fullmatch(label)
        )
        if match is None:
            return None
        bracketed = match.groupdict().get("bracketed")
        name = (bracketed or match["speaker"] or "").strip()
        if not any(letter.isalpha() for letter in name) or len(name.split()) > MOST_WORDS:
            return None
        return name, match["text"], bracketed is not None

    def count(self, labels: Iterable[str]) -> Counter[str]:
        """How many labels have each name; one in brackets counts twice."""
        names: Counter[str] = Counter()
        for label in labels:
            if (found := self._found(label)) is not None:
                names[found[0]] += 1 + found[2]
        return names

    def split(self, label: str, names: Mapping[str, int]) -> tuple[str | None, str]:
        """Speaker and text of a label, given how often the file has each name."""
        found = self._found(label)
        if found is None or names.get(found[0], 0) < 2:
            return None, label
        return found[0], found[1]

    def recognise(self, labels: list[str]) -> Iterator[tuple[str | None, str]]:
        """Speaker and text of each label of a file."""
        names = self.count(labels)
        return (self.split(label, names) for label in labels)

    def report(
        self, said: Iterable[tuple[Segment, str | None, str]], labels: list[str], tally: Tally
    ) -> None:
        """Report which of (segment, speaker's name, text) would not come back from their labels."""
        for (segment, name, text), (speaker, rest) in zip(said, self.recognise(labels), strict=True):
            if speaker != name:
                tally.add(
                    "speaker", "told in front of the text; read back, it is not told from it", segment.id
                )
            if rest != text:
                tally.add(
                    "text", "the speaker in front of it is not told from it when it is read", segment.id
                )


def names_of(speakers: Mapping[str, Speaker], tally: Tally) -> dict[str, str]:
    """Names of speakers as they can stand in front of a text, by id."""
    names: dict[str, str] = {}
    for id, speaker in speakers.items():
        names[id] = " ".join(UNFIT.sub(" ", speaker.name).split()) or "_"
        if names[id] != speaker.name:
            tally.add("speaker.name", "without the signs that end a name", id)
    return names
