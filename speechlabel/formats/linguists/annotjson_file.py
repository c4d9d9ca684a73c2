"""AnnotJSON files as they stand: levels of items, and links from items to those they consist of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from speechlabel.errors import ParseError
from speechlabel.formats.base import Fault
from speechlabel.formats.jsonfile import JsonFile, clean, is_list, is_object, number, read_json

__all__ = ["Annot", "Item", "Level", "annot_files", "faults_of", "read_annot"]

LAST = 10**13  # samples: 300 years of 1 MHz
HIGHEST_RATE = 10_000_000  # Hz
MOST_NOTES = 500
PATTERNS = ("*_annot.json", "*_bndl/*_annot.json", "*_ses/*_bndl/*_annot.json")  # a folder, an EMU database
Type = Literal["SEGMENT", "EVENT", "ITEM"]


@dataclass(slots=True, eq=False)
class Item:
    """One item; times in samples, ``end`` is the first one after it; None where it has none."""

    id: int
    level: Level
    place: int
    start: int | None
    end: int | None
    labels: tuple[tuple[str, str], ...]
    below: list[Item] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    is_below: bool = False


@dataclass(slots=True, eq=False)
class Level:
    """A level with its items in the order of the file."""

    name: str
    type: Type
    place: int
    items: list[Item] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    rank: int = 0  # above the levels that its items are linked to


@dataclass(slots=True, eq=False)
class Annot:
    """A whole file."""

    file: JsonFile
    name: str
    annotates: str
    rate: int
    is_emu: bool  # sampleDur leads to the last sample, not behind it
    levels: list[Level]
    notes: list[str]

    def note(self, item: Item, text: str) -> None:
        """Add a note on an item."""
        if len(self.notes) < MOST_NOTES:
            self.notes.append(f"line {self.line(item)}: {text}")

    def line(self, item: Item) -> int:
        """Line where an item begins."""
        return self.file.line("levels", item.level.place, "items", item.place)


def annot_files(folder: Path) -> Iterator[Path]:
    """Annotations in a folder: beside one another, or in the bundles and sessions of an EMU database."""
    for pattern in PATTERNS:
        yield from (path for path in folder.glob(pattern) if path.is_file())


def read_annot(path: Path) -> Annot:
    """Read a file; times of ITEM levels come from what their items are linked to.

    Raises
    ------
    ParseError
        It is not AnnotJSON, or a time is none.
    """
    file = read_json(path)
    whole = file.value
    if not is_object(whole) or not is_list(whole.get("levels")):
        raise ParseError(path, "an annotation is an object that has levels", line=file.line())
    rate = _whole(whole.get("sampleRate"))
    if rate is None or not 0 < rate <= HIGHEST_RATE:
        raise ParseError(path, "sampleRate is not a number of samples a second", line=file.line("sampleRate"))
    notes = list(file.notes)
    levels = [_level(file, place, level, notes) for place, level in enumerate(whole["levels"])]
    is_emu = _is_emu(levels)
    for level in levels if is_emu else ():
        for item in level.items:
            if item.end is not None and level.type == "SEGMENT":
                item.end += 1
    name, annotates = whole.get("name"), whole.get("annotates")
    made = Annot(
        file=file,
        name=name if isinstance(name, str) else "",
        annotates=annotates if isinstance(annotates, str) and "\0" not in annotates else "",
        rate=rate,
        is_emu=is_emu,
        levels=levels,
        notes=notes,
    )
    _link(made, whole.get("links"))
    return made


def _whole(value: object) -> int | None:
    found = number(value)
    return None if found is None or abs(found) > LAST else round(found)


def _level(file: JsonFile, place: int, level: Any, notes: list[str]) -> Level:  # noqa: ANN401 - any JSON
    if not is_object(level) or not is_list(level.get("items", [])):
        raise ParseError(file.path, "a level is an object that has items", line=file.line("levels", place))
    name, type = level.get("name"), level.get("type")
    items: list[Any] = level.get("items", [])
    if type not in ("SEGMENT", "EVENT", "ITEM"):
        told: set[str] = {key for item in items[:1] if is_object(item) for key in item}
        type = "SEGMENT" if "sampleStart" in told else "EVENT" if "samplePoint" in told else "ITEM"
        notes.append(f"line {file.line('levels', place)}: the level has no known type; taken for {type}")
    made = Level(clean(name) if isinstance(name, str) else "", type, place)
    made.items = [_item(file, made, n, item) for n, item in enumerate(items)]
    return made


def _item(file: JsonFile, level: Level, place: int, item: object) -> Item:
    def error(reason: str, *steps: str) -> ParseError:
        return ParseError(file.path, reason, line=file.line("levels", level.place, "items", place, *steps))

    if not is_object(item):
        raise error("an item is an object")
    id = _whole(item.get("id"))
    if id is None:
        raise error("an item needs a number as its id", "id")
    start = end = None
    if level.type == "SEGMENT":
        start, length = _whole(item.get("sampleStart")), _whole(item.get("sampleDur"))
        if start is None or length is None:
            raise error("sampleStart and sampleDur of a SEGMENT must be numbers")
        if start < 0 or length < 0:
            raise error("a time before 0, or a length below 0")
        end = start + length
    elif level.type == "EVENT":
        start = end = _whole(item.get("samplePoint"))
        if start is None or start < 0:
            raise error("samplePoint of an EVENT must be a number, from 0")
    return Item(id, level, place, start, end, _labels(item.get("labels"), level.name))


def _labels(labels: Any, default: str) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - any JSON
    found: list[tuple[str, str]] = []
    for label in labels if is_list(labels) else ():
        if is_object(label):
            name, value = label.get("name"), label.get("value")
            text = value if isinstance(value, str) else "" if value is None else str(value)[:1000]
            found.append((clean(name) if isinstance(name, str) and name else default, clean(text)))
    return tuple(found)


def _is_emu(levels: list[Level]) -> bool:
    """Whether neighbours leave one sample between end and start, as in EMU, or none, as OCTRA writes."""
    gaps = Counter[int]()
    for level in levels:
        if level.type == "SEGMENT":
            gaps.update((two.start or 0) - (one.end or 0) for one, two in pairwise(level.items))
    return gaps[1] >= gaps[0]


def _link(annot: Annot, links: Any) -> None:  # noqa: ANN401 - any JSON
    items: dict[int, Item] = {}
    for level in annot.levels:
        for item in level.items:
            if items.setdefault(item.id, item) is not item:
                annot.note(item, f"another item has the id {item.id}; links are those of the first one")
    pairs: list[tuple[Item, Item]] = []
    gone = 0
    for link in links if is_list(links) else ():
        ends = [
            items.get(_whole(link.get(key)) or 0) if is_object(link) else None for key in ("fromID", "toID")
        ]
        if ends[0] is None or ends[1] is None or ends[0].level is ends[1].level:
            gone += 1
        else:
            pairs.append((ends[0], ends[1]))
    _rank(annot.levels, {(one.level.place, two.level.place) for one, two in pairs})
    for one, two in pairs:
        if one.level.rank < two.level.rank:
            one.below.append(two)
            two.is_below = True
        else:
            gone += 1
    if gone:
        annot.notes.append(f"{gone} links lead nowhere, to an item of the same level, or back up: left out")
    _inherit(annot.levels)


def _inherit(levels: list[Level]) -> None:
    """Give items of ITEM levels the times of what they are linked to."""
    for level in sorted(levels, key=lambda level: -level.rank):
        for item in level.items if level.type == "ITEM" else ():
            starts = [part.start for part in item.below if part.start is not None]
            ends = [part.end for part in item.below if part.end is not None]
            item.start, item.end = min(starts, default=None), max(ends, default=None)


def _rank(levels: list[Level], edges: set[tuple[int, int]]) -> None:
    """Give levels ranks so that links lead to higher ones; in a circle the order of the file holds."""
    above = Counter(two for _, two in edges)
    below: dict[int, list[int]] = {}
    for one, two in sorted(edges):
        below.setdefault(one, []).append(two)
    ready = [level.place for level in levels if not above[level.place]]
    order: list[int] = []
    while ready:
        place = ready.pop()
        order.append(place)
        for other in below.get(place, ()):
            above[other] -= 1
            if not above[other]:
                ready.append(other)
    met = set(order)
    order += [level.place for level in levels if level.place not in met]
    for rank, place in enumerate(order):
        levels[place].rank = rank


def faults_of(annot: Annot, name: str) -> Iterator[Fault]:
    """Give what OCTRA or EMU would refuse, or change, of a file that could be read."""
    file = annot.file
    for key, told in (("name", annot.name), ("annotates", annot.annotates)):
        if not told:
            yield Fault(name, file.line(key), f"has no {key}")
    whole: Any = file.value
    if not is_list(whole.get("links")):
        yield Fault(name, file.line("links"), "has no links")
    names: set[str] = set()
    for level in annot.levels:
        if level.name in names or not level.name:
            line = file.line("levels", level.place)
            yield Fault(name, line, f"{level.name!r:.60} is the name of two levels, or empty")
        names.add(level.name)
    yield from _item_faults(annot, name)


def _item_faults(annot: Annot, name: str) -> Iterator[Fault]:
    seen: set[int] = set()
    for level in annot.levels:
        for item in level.items:
            if item.id in seen:
                yield Fault(name, annot.line(item), f"another item has the id {item.id}")
            seen.add(item.id)
            if not item.labels or item.labels[0][0] != level.name:
                yield Fault(name, annot.line(item), "the first label does not bear the level's name")
        for one, two in pairwise(level.items if level.type != "ITEM" else ()):
            if (two.start or 0) < (one.end or 0):
                yield Fault(name, annot.line(two), f"begins before item {one.id} ends")
    whole: Any = annot.file.value
    links: Any = whole.get("links")
    for n, link in enumerate(links if is_list(links) else ()):
        ends = (link.get("fromID"), link.get("toID")) if is_object(link) else (None, None)
        if any(not isinstance(end, int) or end not in seen for end in ends):
            yield Fault(name, annot.file.line("links", n), "is a link to an item that is not there")
