"""What the levels of an AnnotJSON file mean: who speaks, words, events, further labels of a segment."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, get_args

from speechlabel.errors import ParseError, RecordError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.annotjson_file import Annot, Item, Level
from speechlabel.formats.linguists.eaf_tiers import FIELDS, NOBODY, split_list
from speechlabel.records import Event, Kind, Status, Word
from speechlabel.timing import samples_to_us

__all__ = ["EVENTS", "SPEAKER", "WORDS", "collect", "home_of", "label_of"]

MOST_TOLD = 100
SPEAKER = "Speaker"  # the label by which OCTRA tells who speaks
WORDS, EVENTS = "words", "events"  # levels below a speaker's, with "@" and its name behind
WORDISH = re.compile(
    r"words?|wd|wrd|tokens?|mots?|wort|wörter|palabras?|parole?|ort|orthography", re.IGNORECASE
)
TEXT = re.compile(r"text|ort|orthography|transcript(ion)?", re.IGNORECASE)
# Names of what is labelled, not of people.
NO_PERSON = re.compile(
    r"octra_[0-9]+|utterances?|intonational|intermediate|phrases?|sentences?|foot|feet|syllables?|phonemes?|"
    r"phonetics?|phones?|tones?|bundle|turns?|text|trn|kan|kas|mau|mas|spk|asr|trans(cript(ion)?s?)?|events?|"
    r"annotations?|segments?|level[ _-]?[0-9]*|" + WORDISH.pattern,
    re.IGNORECASE,
)
LAYER = re.compile(r"(.+) \(([2-9]|[1-9][0-9]+)\)", re.DOTALL)


def home_of(name: str, names: Collection[str]) -> str | None:
    """Name of the speaker of a level on which no other stands, or None; ``names`` are those of all levels."""
    before, _, owner = name.partition("@")
    if before in (WORDS, EVENTS) and owner:
        name = owner
    layer = LAYER.fullmatch(name)
    if layer and (layer[1] in names or f"{EVENTS}@{layer[1]}" in names):
        name = layer[1]
    name = name.strip()
    return None if not name or NO_PERSON.fullmatch(name) else name


def label_of(name: str) -> str:
    """Label that a field of that name is written as."""
    is_other = name in (*FIELDS, SPEAKER) or TEXT.fullmatch(name) or name.startswith("fields.")
    return f"fields.{name}" if is_other else name


def collect(annot: Annot, collected: Collected) -> None:
    """Make segments of all items on which no other one stands; what they are linked to goes into them."""
    collected.notes.extend(annot.notes)
    reader = _Reader(annot, collected)
    for level in sorted(annot.levels, key=lambda level: level.rank):
        for item in level.items:
            if not item.is_below:
                reader.segment(item)
    reader.finish()


class _Reader:
    def __init__(self, annot: Annot, collected: Collected) -> None:
        self._annot, self._collected = annot, collected
        self._met: set[Item] = set()
        self._n_untimed = 0
        names = {level.name for level in annot.levels}
        self._homes = {level: home_of(level.name, names) for level in annot.levels}
        for level in annot.levels:  # who says nothing is there all the same
            has_own = any(name == SPEAKER for item in level.items for name, _ in item.labels)
            is_top = not any(item.is_below for item in level.items)
            if is_top and not has_own and (home := self._homes[level]):
                collected.speaker(home, annot.file.line("levels", level.place))

    def finish(self) -> None:
        """Tell what was left out."""
        if self._n_untimed > MOST_TOLD:
            told = f"{self._n_untimed} items in all have no time, of their own or by links; left out"
            self._collected.notes.append(told)

    def _us(self, samples: int) -> int:
        return samples_to_us(samples, self._annot.rate)

    def segment(self, item: Item) -> None:
        """Make a segment of an item, unless it is a gap between two of them."""
        line_of = self._annot.line
        text, others = _labels(item)
        if item.level.type == "SEGMENT" and not text and not any(others.values()) and not item.below:
            self._collected.end_us = max(self._collected.end_us, self._us(item.end or 0))
            return
        if item.start is None or item.end is None:
            self._n_untimed += 1
            if self._n_untimed <= MOST_TOLD:
                told = f"{item.level.name:.40}: {text!r:.60} has no time; left out"
                self._collected.notes.append(f"line {line_of(item)}: {told}")
            return
        try:
            parts = self._parts(item, text, others)
            self._collected.segment(None, **parts)
        except RecordError as error:
            raise self._collected.error(
                f"{error.data['field']}: {error.data['reason']}", line_of(item)
            ) from error
        except ParseError as error:
            raise self._collected.error(error.data["reason"], line_of(item)) from error

    def _parts(self, item: Item, text: str, others: dict[str, str]) -> dict[str, Any]:
        assert item.start is not None and item.end is not None
        home = others.pop(SPEAKER, "").strip() or self._homes[item.level]
        fields: dict[str, Any] = {}
        kind = "event" if item.start == item.end else "speech"
        told = others.pop("kind", "")
        if told in get_args(Kind) and kind != "event":
            kind = told
        elif told:
            fields["kind"] = told
        parts: dict[str, Any] = {"kind": kind}
        if (status := others.pop("status", "")) in get_args(Status):
            parts["status"] = status
        elif status:
            fields["status"] = status
        for label, name in (("noise", "noise_labels"), ("tags", "tags")):
            if value := others.pop(label, ""):
                parts[name] = split_list(value)
        if note := others.pop("note", ""):
            parts["note"] = note
        fields |= {name.removeprefix("fields."): value for name, value in others.items() if value}
        words, events, below = self._below(item)
        if not text and words:
            text = " ".join(word.word for word in words if word.word)
        custom: dict[str, Any] = {"level": item.level.name, "id": item.id}
        if below:
            custom["below"] = below
        is_plain = home is not None or item.level.name == NOBODY
        return parts | {
            "start_us": self._us(item.start),
            "end_us": self._us(item.end),
            "text": text or None,
            "speaker": self._speaker(home, item) if home else None,
            "tier": None if is_plain else item.level.name.strip() or None,
            "fields": fields,
            "words": words,
            "events": events,
            "custom": {"annotjson": custom},
        }

    def _speaker(self, name: str, item: Item) -> str:
        is_known = name in self._collected.speakers  # to find a line takes longer than all the rest
        return self._collected.speaker(name, None if is_known else self._annot.line(item))

    def _below(self, top: Item) -> tuple[tuple[Word, ...], tuple[Event, ...], list[list[Any]]]:
        """Words, events, and all else below: level, type, id, id above, start and end in µs, labels."""
        words: list[Word] = []
        events: list[Event] = []
        rest: list[list[Any]] = []
        is_word = bool(WORDISH.fullmatch(top.level.name))
        word_level: Level | None = None
        for above, item in self._descend(top):
            text, others = _labels(item)
            ends = [None if time is None else self._us(time) for time in (item.start, item.end)]
            name = item.level.name.partition("@")[0]
            if WORDISH.fullmatch(name) and not is_word and word_level in (None, item.level):
                word_level = item.level
                if text or any(others.values()):
                    words.append(Word(word=text, start_us=ends[0], end_us=ends[1]))
                if item.below or any(others.values()):
                    rest.append(_kept(item, above, ends))
            elif item.level.type == "EVENT" and above is top and len(text) <= 200 and text:
                events.append(Event(label=text, start_us=ends[0], end_us=ends[1]))
            else:
                rest.append(_kept(item, above, ends))
        words.sort(key=lambda word: -1 if word.start_us is None else word.start_us)
        return tuple(words), tuple(events), rest

    def _descend(self, top: Item) -> Iterator[tuple[Item, Item]]:
        """Each item below another with the one above it; what two share is found below the first."""
        waiting = [(top, part) for part in reversed(top.below)]
        while waiting:
            above, item = waiting.pop()
            if item in self._met:
                continue
            self._met.add(item)
            yield above, item
            waiting.extend((item, part) for part in reversed(item.below))


def _kept(item: Item, above: Item, ends: list[int | None]) -> list[Any]:
    return [
        item.level.name,
        item.level.type,
        item.id,
        above.id,
        *ends,
        [list(label) for label in item.labels],
    ]


def _labels(item: Item) -> tuple[str, dict[str, str]]:
    """Text of an item, and its other labels by name; EMU has the text of words beside what they are."""
    at = next((n for n, (name, _) in enumerate(item.labels) if name == item.level.name), 0)
    rest = [label for n, label in enumerate(item.labels) if n != at]
    main = item.labels[at] if item.labels else ("", "")
    text = next((n for n, (name, value) in enumerate(rest) if TEXT.fullmatch(name) and value), None)
    if text is not None:
        main, rest[text] = rest[text], main
    return main[1], {name: value for name, value in reversed(rest)}
