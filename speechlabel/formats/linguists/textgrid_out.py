"""TextGrids made anew: a tier or more for each speaker, their words, points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from speechlabel.formats.linguists.praat import quoted
from speechlabel.formats.linguists.textgrid_tiers import LAYER, NOBODY, POINTS, is_plain, part_of
from speechlabel.formats.losses import Tally
from speechlabel.records import Segment, Speaker
from speechlabel.timing import format_seconds

__all__ = ["OutTier", "grid_text", "items_text", "seconds", "tiers_of"]

Cell = tuple[str, str, str]  # start, end and text, the times as they are written


@dataclass
class OutTier:
    """Intervals (start, end, text), or points where start is end, of one tier to be written."""

    name: str
    is_points: bool = False
    items: list[tuple[int, int, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]

    def place(self, start_us: int, end_us: int, text: str) -> bool:
        """Add what does not overlap the last item; tell whether it could be."""
        last = self.items[-1] if self.items else None
        is_free = last is None or last[1] < start_us or (last[1] == start_us < end_us)
        if is_free:
            self.items.append((start_us, end_us, text))
        return is_free

    def cells(self, end_us: int) -> list[Cell]:
        """Items with the gaps filled: Praat wants intervals without holes from start to end."""
        items = self.items if self.is_points else _tiled(self.items, end_us)
        return [(seconds(start), seconds(end), text) for start, end, text in items]


def seconds(time_us: int) -> str:
    """Shortest decimal number of seconds."""
    return format_seconds(time_us).rstrip("0").removesuffix(".")


def tier_names(speakers: Mapping[str, Speaker], tally: Tally) -> dict[str | None, str]:
    """Give each speaker a tier name that reads back as that speaker and no other."""
    names: dict[str | None, str] = {None: NOBODY}
    wanted = {speaker.name for speaker in speakers.values()} | {NOBODY, POINTS}
    taken = {NOBODY, POINTS}
    for speaker in speakers.values():
        name = speaker.name.strip()
        layer = LAYER.fullmatch(name)
        if (layer and layer[1] in wanted) or not is_plain(name):
            name = f"{name}_"
        while name in taken:
            name = f"{name}_"
        if name != speaker.name:
            tally.add("speaker.name", "another tier has that name, or would read as it", speaker.id)
        taken.add(name)
        names[speaker.id] = name
    return names


def tiers_of(
    segments: Sequence[Segment], speakers: Mapping[str, Speaker], tally: Tally, *, words: bool
) -> list[OutTier]:
    """Interval tiers (one a speaker at least, more where segments overlap), then tiers of points."""
    names = tier_names(speakers, tally)
    layers: dict[str | None, list[OutTier]] = {id: [OutTier(names[id])] for id in speakers}
    parts: dict[str, list[OutTier]] = {}
    points: dict[str, list[OutTier]] = {}
    for segment in segments:
        text = segment.text or ""
        tier = (segment.tier or "").strip()
        if segment.start_us == segment.end_us:
            if not text.strip():
                tally.add("text", "a point needs a mark: its label or its kind", segment.id)
                text = next(iter(segment.noise_labels), segment.kind)
            name = tier if tier and part_of(tier) is None else POINTS
            _place(points.setdefault(name, []), name, segment, text, is_points=True)
            continue
        if not text.strip():
            tally.add("segment", "without text: its interval is empty, as a gap is", segment.id)
            text = ""
        if tier and part_of(tier) is not None and tier not in names.values():
            _place(parts.setdefault(tier, []), tier, segment, text)
            continue
        if segment.speaker not in names:  # a speaker that the bundle does not list
            names[segment.speaker] = segment.speaker or NOBODY
        home = _place(layers.setdefault(segment.speaker, []), names[segment.speaker], segment, text)
        if words and segment.words:
            _place_words(parts, f"{home.name} - words", segment, tally)
        elif segment.words:
            tally.add("words", "left out, as asked", segment.id)
    found = [tier for group in layers.values() for tier in group]
    found += [tier for group in parts.values() for tier in group]
    return [*(found or [OutTier(NOBODY)]), *(tier for group in points.values() for tier in group)]


def _place(
    layers: list[OutTier], name: str, segment: Segment, text: str, *, is_points: bool = False
) -> OutTier:
    """Put a segment into the first layer that is free from its start on."""
    for tier in layers:
        if tier.place(segment.start_us, segment.end_us, text):
            return tier
    layers.append(OutTier(f"{name} ({len(layers) + 1})" if layers else name, is_points))
    layers[-1].place(segment.start_us, segment.end_us, text)
    return layers[-1]


def _place_words(parts: dict[str, list[OutTier]], name: str, segment: Segment, tally: Tally) -> None:
    """Put the words of a segment into the one tier of words that goes with its own."""
    [tier] = parts.setdefault(name, [OutTier(name)])
    for word in segment.words:
        start, end = word.start_us, word.end_us
        if word.score is not None or word.word != word.word.strip():
            tally.add("words", "a score, or blanks around a word, cannot stand in a tier", segment.id)
        is_inside = start is not None and end is not None and segment.start_us <= start < end
        if not (is_inside and word.word.strip() and (end or 0) <= segment.end_us):
            tally.add("words", "a word without times, or outside of its segment, is left out", segment.id)
        elif not tier.place(start or 0, end or 0, word.word):
            tally.add("words", "a word that overlaps the one before it is left out", segment.id)


def _tiled(items: Sequence[tuple[int, int, str]], end_us: int) -> Iterator[tuple[int, int, str]]:
    at = 0
    for start, end, text in items:
        if start > at:
            yield at, start, ""
        yield start, end, text
        at = end
    if at < end_us or not items:
        yield at, end_us, ""


TextForm = Literal["long", "short"]
Head = tuple[str, bool, tuple[str, str]]  # name, whether it holds points, xmin and xmax as written


def grid_text(tiers: Sequence[tuple[Head, Sequence[Cell]]], start: str, end: str) -> Iterator[str]:
    """Lines of a long TextGrid."""
    yield 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
    yield f"xmin = {start} \nxmax = {end} \ntiers? <exists> \n"
    yield f"size = {len(tiers)} \nitem []: \n"
    for number, (head, cells) in enumerate(tiers, 1):
        yield from tier_text(number, head, cells, "long")


def tier_text(number: int, head: Head, cells: Sequence[Cell], form: TextForm) -> Iterator[str]:
    """Lines of one tier."""
    name, is_points, (start, end) = head
    kind = "TextTier" if is_points else "IntervalTier"
    if form == "short":
        yield f'"{kind}"\n{quoted(name)}\n{start}\n{end}\n'
    else:
        yield f'    item [{number}]:\n        class = "{kind}" \n        name = {quoted(name)} \n'
        yield f"        xmin = {start} \n        xmax = {end} \n"
        yield f"        {'points' if is_points else 'intervals'}: size = "
    yield from items_text(cells, form, is_points=is_points)
    yield "\n" if form == "short" else " \n"


def items_text(cells: Sequence[Cell], form: TextForm, *, is_points: bool) -> Iterator[str]:
    """Items of a tier, from their number up to the last label."""
    yield str(len(cells))
    for place, (start, end, text) in enumerate(cells, 1):
        if form == "short":
            yield f"\n{start}\n" + ("" if is_points else f"{end}\n") + quoted(text)
        elif is_points:
            yield f" \n        points [{place}]:\n            number = {start} \n"
            yield f"            mark = {quoted(text)}"
        else:
            yield f" \n        intervals [{place}]:\n            xmin = {start} \n            xmax = {end} \n"
            yield f"            text = {quoted(text)}"
