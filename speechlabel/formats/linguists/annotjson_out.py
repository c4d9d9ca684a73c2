"""AnnotJSON files: a level for each speaker, tiled from start to end, with its words linked below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, cast

import orjson

from speechlabel.formats.linguists.annotjson_levels import EVENTS, SPEAKER, WORDS, home_of, label_of
from speechlabel.formats.linguists.eaf_out import tier_names, values_of
from speechlabel.formats.linguists.eaf_tiers import FIELDS, NOBODY
from speechlabel.formats.losses import Tally
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import samples_to_us, us_to_samples

__all__ = ["document"]


@dataclass(slots=True)
class _Item:
    id: int
    start: int
    end: int
    text: str
    labels: dict[str, str]


@dataclass(slots=True)
class _Level:
    name: str
    type: str
    speaker: str | None = None  # the name that must come back
    items: list[_Item] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


class _Levels:
    """Levels while segments are put into them, in the order of time."""

    def __init__(self, recording: Recording, speakers: Mapping[str, Speaker], tally: Tally) -> None:
        self.found: dict[str, _Level] = {}
        self.links: list[tuple[int, int]] = []
        self.n_items = 0
        self._recording, self._tally = recording, tally
        self._names = tier_names(speakers, tally)
        self._rate, self._length = recording.sample_rate, recording.n_frames
        for id, name in self._names.items():
            if id is not None and home_of(name, ()) == name:
                self._level(name, "SEGMENT", name)

    def _level(self, base: str, type: str, speaker: str | None, start: int | None = None) -> _Level:
        """Level of that name that is free from ``start`` on; further ones have a number."""
        name, number = base, 1
        while True:
            level = self.found.get(name)
            if level is None:
                level = self.found[name] = _Level(name, type, speaker)
                return level
            is_same = level.type == type and level.speaker == speaker
            if is_same and (start is None or not level.items or level.items[-1].end <= start):
                return level
            number += 1
            name = f"{base} ({number})"

    def _add(self, level: _Level, start: int, end: int, text: str, labels: dict[str, str]) -> int:
        self.n_items += 1
        level.items.append(_Item(self.n_items, start, end, text, labels))
        return self.n_items

    def _samples(self, start_us: int, end_us: int) -> tuple[int, int]:
        start, end = us_to_samples(start_us, self._rate), us_to_samples(end_us, self._rate)
        if end_us > start_us:
            end = max(end, start + 1)
            if self._length:
                end = min(end, self._length)
                start = min(start, end - 1)
        return start, end

    def add(self, segment: Segment) -> None:
        """Put a segment into a level of its speaker, and its words and events below it."""
        start, end = self._samples(segment.start_us, segment.end_us)
        if (samples_to_us(start, self._rate), samples_to_us(end, self._rate)) != (
            segment.start_us,
            segment.end_us,
        ):
            self._tally.add("segment", "its ends are those of the nearest samples", segment.id)
        labels = self._labels(segment, is_point=start == end)
        name = self._names.get(segment.speaker, segment.speaker)
        told = _custom(segment)
        base = name or (told["level"] if isinstance(told.get("level"), str) and told["level"] else NOBODY)
        if start == end:
            own = base if not name and base != NOBODY else f"{EVENTS}@{base}"
            level = self._level(own, "EVENT", name or None, start + 1)
        else:
            level = self._level(base, "SEGMENT", name or None, start)
        if segment.tier is not None and (name or segment.tier != level.name):
            self._tally.add("tier", "is not carried", segment.id)
        made = self._add(level, start, end, segment.text or "", labels)
        self._words(segment, base, (start, end), made)
        self._events(segment, base, made)
        self._below(told, made, segment)

    def _labels(self, segment: Segment, *, is_point: bool) -> dict[str, str]:
        if segment.text == "":
            self._tally.add("text", "transcribed as nothing: it reads as not transcribed", segment.id)
        values = values_of(segment, self._tally)
        labels: dict[str, str] = {}
        for name, text in values.items():
            plain = name.removeprefix("fields.")
            is_field = plain in segment.fields and (name not in FIELDS)
            labels[label_of(plain) if is_field else name] = text
        if segment.kind == "event" and not is_point:
            labels["kind"] = "event"
        if not segment.text and not labels and not is_point:
            labels["kind"] = segment.kind  # what has no label at all is a gap
        return labels

    def _words(self, segment: Segment, base: str, span: tuple[int, int], above: int) -> None:
        last = span[0]
        for word in segment.words:
            if word.start_us is None or word.end_us is None:
                self._tally.add("words", "a word without times is left out", segment.id)
                continue
            start, end = self._samples(word.start_us, word.end_us)
            if start < last or end > span[1] or end <= start or not word.word:
                self._tally.add(
                    "words", "a word outside of its segment, over another, or empty is left out", segment.id
                )
                continue
            exact = samples_to_us(start, self._rate), samples_to_us(end, self._rate)
            if word.score is not None or exact != (word.start_us, word.end_us):
                self._tally.add("words", "scores, and times between samples, are not kept", segment.id)
            last = end
            level = self._level(f"{WORDS}@{base}", "SEGMENT", None, start)
            self.links.append((above, self._add(level, start, end, word.word, {})))

    def _events(self, segment: Segment, base: str, above: int) -> None:
        for event in sorted(segment.events, key=lambda event: event.start_us or 0):
            if event.start_us is None:
                self._tally.add("events", "one without a time is left out", segment.id)
                continue
            start, _ = self._samples(event.start_us, event.start_us)
            exact = samples_to_us(start, self._rate)
            if (exact, exact, None) != (event.start_us, event.end_us, event.score):
                self._tally.add("events", "each is a point without a score", segment.id)
            level = self._level(f"{EVENTS}@{base}", "EVENT", None, start + 1)
            self.links.append((above, self._add(level, start, start, event.label, {})))

    def _below(self, told: Mapping[str, Any], above: int, segment: Segment) -> None:
        """Give back what stood below it in the file that it comes from."""
        known = {told.get("id"): above}
        for row in _rows(told.get("below")):
            name, type, old, parent, start_us, end_us, labels = row
            if parent not in known:
                continue
            start, end = self._samples(start_us, end_us)
            values = {label: value for label, value in labels if label != name}
            text = next((value for label, value in labels if label == name), "")
            level = self.found.get(name)
            if level is not None and (
                level.type != type or (type != "ITEM" and level.items and level.items[-1].end > start)
            ):
                self._tally.add("custom", f"{name:.60}: over another one of its level", segment.id)
                continue
            level = self._level(name, type, None)
            known[old] = self._add(level, start, end, text, values)
            self.links.append((known[parent], known[old]))


def _custom(segment: Segment) -> Mapping[str, Any]:
    found: Any = segment.custom.get("annotjson")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _rows(kept: object) -> Iterator[tuple[str, str, int, Any, int, int, list[list[str]]]]:
    """Rows as the reader left them, as far as they still are that."""
    for row in cast("list[Any]", kept) if isinstance(kept, list) else ():
        if not isinstance(row, list) or len(cast("list[Any]", row)) != 7:
            continue
        name, type, old, parent, start, end, labels = cast("list[Any]", row)
        is_row = isinstance(name, str) and type in ("SEGMENT", "EVENT", "ITEM") and isinstance(old, int)
        pairs = [
            [str(part) for part in cast("list[Any]", label)]
            for label in (cast("list[Any]", labels) if isinstance(labels, list) else ())
            if isinstance(label, list) and len(cast("list[Any]", label)) == 2
        ]
        times = [time if isinstance(time, int) and time >= 0 else None for time in (start, end)]
        if is_row and (type == "ITEM" or None not in times):
            yield name, type, old, parent, times[0] or 0, times[1] or 0, pairs


def document(
    recording: Recording,
    segments: Sequence[Segment],
    speakers: Mapping[str, Speaker],
    gap: int,
    tally: Tally,
) -> Iterator[bytes]:
    """Lines of a whole file; ``gap`` samples lie between the end of an item and the next one's start."""
    levels = _Levels(recording, speakers, tally)
    for segment in segments:
        levels.add(segment)
    if not levels.found:
        levels.found[NOBODY] = _Level(NOBODY, "SEGMENT")
    found = list(levels.found.values())
    length = max([recording.n_frames, *(item.end for level in found for item in level.items)])
    annotates = PurePosixPath((recording.path or recording.name).replace("\\", "/")).name
    yield b"{\n" + b'"name": %s,\n"annotates": %s,\n"sampleRate": %d,\n"levels": [' % (
        orjson.dumps(recording.id),
        orjson.dumps(annotates or recording.id),
        recording.sample_rate,
    )
    names = set(levels.found)
    next_id = levels.n_items
    for n, level in enumerate(found):
        yield b",\n" if n else b"\n"
        yield b'{"name": %s, "type": "%s", "items": [' % (orjson.dumps(level.name), level.type.encode())
        keys = dict.fromkeys(key for item in level.items for key in item.labels if key != level.name)
        is_told = level.speaker is not None and home_of(level.name, names) != level.speaker
        instead = {SPEAKER: level.speaker or ""} if is_told else {}
        is_first = True
        for item in _tiled(level, length):
            next_id += not item.id
            data: dict[str, Any] = {"id": item.id or next_id}
            if level.type == "SEGMENT":
                data |= {"sampleStart": item.start, "sampleDur": item.end - item.start - gap}
            elif level.type == "EVENT":
                data["samplePoint"] = item.start
            told = [(level.name, item.text), *((key, item.labels.get(key, "")) for key in keys)]
            told += [(key, value if item.id else "") for key, value in instead.items()]
            data["labels"] = [{"name": name, "value": value} for name, value in told]
            yield (b"\n" if is_first else b",\n") + orjson.dumps(data)
            is_first = False
        yield b"]}"
    yield b'],\n"links": ['
    for n, (one, two) in enumerate(levels.links):
        yield b'%s{"fromID": %d, "toID": %d}' % (b",\n" if n else b"\n", one, two)
    yield b"]\n}\n"


def _tiled(level: _Level, length: int) -> Iterator[_Item]:
    """Items, and in a level of segments what lies between them: OCTRA knows no gaps."""
    last = 0
    for item in level.items:
        if level.type == "SEGMENT" and item.start > last:
            yield _Item(0, last, item.start, "", {})
        yield item
        last = item.end
    if level.type == "SEGMENT" and last < length:
        yield _Item(0, last, length, "", {})
