"""Edits written into a copy of the TextGrid that the labels came from; all that was not edited stays.

Where the file is text in Praat's usual forms, labels are replaced where they stand, and a tier whose
boundaries moved is written anew in its place; the rest of the file is the same to the byte.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.praat import quoted
from speechlabel.formats.linguists.textgrid_files import Grid, Tier, read_grid
from speechlabel.formats.linguists.textgrid_out import (
    Cell,
    Head,
    TextForm,
    grid_text,
    items_text,
    seconds,
    tier_text,
)
from speechlabel.formats.linguists.textgrid_tiers import (
    LAYER,
    NOBODY,
    POINTS,
    Key,
    collect,
    part_of,
    words_of,
)
from speechlabel.formats.linguists.writeback import (
    Changes,
    InFile,
    compare,
    is_same_place,
    tell_speakers,
    told_untouched,
)
from speechlabel.formats.losses import Tally
from speechlabel.records import Recording, Segment, Speaker, Word

__all__ = ["merged"]


@dataclass
class _Cell:
    start_us: int
    end_us: int
    first: str
    last: str
    text: str
    is_ours: bool = False  # changed here: may be joined with an empty neighbour


@dataclass
class _Tier:
    """A tier being edited."""

    head: Head
    cells: list[_Cell]
    source: Tier | None = None  # None: a new one
    labels: dict[int, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    is_rebuilt: bool = False

    @property
    def is_points(self) -> bool:
        return self.head[1]

    def clear(self, place: int) -> None:
        """Empty an item of the file; only before anything is put."""
        self.is_rebuilt = True
        self.cells[place].text, self.cells[place].is_ours = "", True

    def put(self, start_us: int, end_us: int, text: str) -> bool:
        """Put a label where the tier is empty; tell whether it was."""
        if self.is_points:
            self.is_rebuilt = True
            self.cells.append(_Cell(start_us, end_us, seconds(start_us), "", text, is_ours=True))
            return True
        at = bisect_right(self.cells, start_us, key=lambda cell: cell.end_us)
        until = at
        while until < len(self.cells) and self.cells[until].start_us < end_us:
            until += 1
        under = self.cells[at:until]
        if any(cell.text.strip() for cell in under):
            return False
        self.is_rebuilt = True
        ends: dict[int, str] = {}
        for cell in self.cells[max(0, at - 1) : until + 1]:
            ends |= {cell.start_us: cell.first, cell.end_us: cell.last}
        first, last = ends.get(start_us, seconds(start_us)), ends.get(end_us, seconds(end_us))
        made = [_Cell(start_us, end_us, first, last, text, is_ours=True)]
        if under and under[0].start_us < start_us:
            made.insert(0, _Cell(under[0].start_us, start_us, under[0].first, first, "", is_ours=True))
        if under and under[-1].end_us > end_us:
            made.append(_Cell(end_us, under[-1].end_us, last, under[-1].last, "", is_ours=True))
        self.cells[at:until] = made
        return True

    def written(self) -> list[Cell]:
        """Items as they are written: points by time, empty intervals that edits left joined."""
        if self.is_points:
            cells = sorted(
                (cell for cell in self.cells if not _is_left(cell)), key=lambda cell: cell.start_us
            )
            return [(cell.first, "", cell.text) for cell in cells]
        found: list[_Cell] = []
        for cell in self.cells:
            before = found[-1] if found else None
            is_gap = before is not None and not before.text.strip() and not cell.text.strip()
            if before is not None and is_gap and (before.is_ours or cell.is_ours):
                span = before.start_us, cell.end_us
                found[-1] = _Cell(*span, before.first, cell.last, before.text, is_ours=True)
            elif not (_is_left(cell) and cell.start_us == cell.end_us):
                found.append(cell)
        return [(cell.first, cell.last, cell.text) for cell in found]


def _is_left(cell: _Cell) -> bool:
    """Whether edits have emptied it."""
    return cell.is_ours and not cell.text.strip()


def merged(
    original: Path,
    recording: Recording,
    segments: Sequence[Segment],
    speakers: Mapping[str, Speaker],
    tally: Tally,
) -> tuple[bytes, list[str]]:
    """Bytes of a copy of the file with what was edited, and what to tell."""
    grid = read_grid(original, with_places=True)
    collected = Collected("r", original)
    collect(grid, collected, by_tier=False)
    originals = {cast("Key", _key(segment)): segment for segment in collected.segments}
    names = {speaker.id: speaker.name for speaker in speakers.values()}

    def home_of(segment: Segment) -> str | None:
        return segment.tier or names.get(segment.speaker or "", segment.speaker)

    homes = {number: _home(tier) for number, tier in enumerate(grid.tiers)}
    changes = compare(
        InFile(originals, lambda key: key[0], homes),
        segments,
        recording,
        key_of=_key,
        home_of=home_of,
        known=names.values(),
    )
    edit = _Edit(grid, changes, home_of, recording, tally)
    for key in changes.gone:
        edit.remove(key)
    moved = [item for key, item in changes.kept.items() if edit.keep(key, originals[key], item)]
    edit.place([*moved, *changes.added])
    tell_speakers(originals, changes, speakers, tally, collected.speakers.values())
    raw, told = _bytes(original, grid, edit)
    names_of = {number: tier.name for number, tier in enumerate(grid.tiers)}
    return raw, told + told_untouched(originals, changes, lambda key: key[0], names_of)


def _key(segment: Segment) -> Key | None:
    link: Any = segment.custom.get("textgrid")
    if not isinstance(link, dict):
        return None
    tier, item = cast("dict[str, Any]", link).get("tier"), cast("dict[str, Any]", link).get("item")
    return (tier, item) if isinstance(tier, int) and isinstance(item, int) else None


def _home(tier: Tier) -> str | None:
    name = tier.name.strip()
    if part_of(name) is None and not tier.is_points:
        layer = LAYER.fullmatch(name)
        name = layer[1] if layer else name
    return None if name in ("", NOBODY, POINTS) else name


class _Edit:
    """The tiers while they are edited: first all that goes, then all that comes."""

    def __init__(
        self,
        grid: Grid,
        changes: Changes[Key, int],
        home_of: Callable[[Segment], str | None],
        recording: Recording,
        tally: Tally,
    ) -> None:
        self.tiers = [_open(tier) for tier in grid.tiers]
        self.end_us = grid.end_us
        self._grid, self._changes, self._recording, self._tally = grid, changes, recording, tally
        self._home_of = home_of
        self._words = words_of(grid)
        self._words_to_put: list[tuple[Segment, Sequence[Word]]] = []

    def remove(self, key: Key) -> None:
        """Take a segment and its words out."""
        self.tiers[key[0]].clear(key[1])
        for tier, place in self._words.get(key, ()):
            self.tiers[tier].clear(place)

    def keep(self, key: Key, original: Segment, segment: Segment) -> bool:
        """Leave a segment where it is, or take it out; tell whether it has to be placed anew."""
        self._change_words(key, original, segment)
        tier = self.tiers[key[0]]
        is_here = self._home_of(segment) == self._changes.homes[key[0]]
        text = segment.text or ""
        if not (is_here and is_same_place(segment, original, self._recording)):
            tier.clear(key[1])
            return True
        if text != original.text:
            if not text.strip():
                _tell_empty(segment, self._tally)
                tier.clear(key[1])
            else:
                tier.labels[key[1]] = tier.cells[key[1]].text = text
        return False

    def place(self, found: Sequence[Segment]) -> None:
        """Put in what is new or moved, then the words."""
        for segment in sorted(found, key=lambda item: (item.start_us, item.end_us, item.id)):
            text = segment.text or ""
            if text.strip() or segment.start_us == segment.end_us:
                self.end_us = max(self.end_us, segment.end_us)
                self._put(segment, text if text.strip() else next(iter(segment.noise_labels), segment.kind))
            else:
                _tell_empty(segment, self._tally)
        for segment, words in [*self._words_to_put, *((item, item.words) for item in self._changes.added)]:
            self._put_words(segment, words)

    def _put(self, segment: Segment, text: str) -> None:
        home, is_point = self._home_of(segment), segment.start_us == segment.end_us
        base = home or (POINTS if is_point else NOBODY)
        fitting = [
            tier
            for number, tier in enumerate(self.tiers)
            if tier.is_points == is_point
            and (self._changes.homes[number] == home if tier.source is not None else _is_of(tier, base))
        ]
        if not any(tier.put(segment.start_us, segment.end_us, text) for tier in fitting):
            self._new(base, is_points=is_point).put(segment.start_us, segment.end_us, text)

    def _new(self, name: str, *, is_points: bool) -> _Tier:
        taken = {tier.head[0].strip() for tier in self.tiers}
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name} ({number})"
        whole = _Cell(self._grid.start_us, self._grid.end_us, *self._grid.span, "", is_ours=True)
        self.tiers.append(_Tier((free, is_points, self._grid.span), [] if is_points else [whole]))
        return self.tiers[-1]

    def _change_words(self, key: Key, original: Segment, segment: Segment) -> None:
        """Take away the words that are no longer those of the segment, and keep in mind the new ones."""
        if segment.words == original.words:
            return
        stay = {(word.word, word.start_us, word.end_us) for word in segment.words}
        for (tier, place), word in zip(self._words.get(key, ()), original.words, strict=True):
            if (word.word, word.start_us, word.end_us) not in stay and not self._is_cut(word.end_us):
                self.tiers[tier].clear(place)
        before = {(word.word, word.start_us, word.end_us) for word in original.words}
        new = [word for word in segment.words if (word.word, word.start_us, word.end_us) not in before]
        self._words_to_put.append((segment, new))

    def _is_cut(self, end_us: int | None) -> bool:
        """Whether it lies beyond the audio, so that it was not taken in."""
        return bool(self._recording.duration_us) and (end_us or 0) > self._recording.duration_us

    def _put_words(self, segment: Segment, words: Sequence[Word]) -> None:
        tier = self._word_tier(segment)
        for word in words:
            start, end = word.start_us, word.end_us
            if start is None or end is None or start >= end or not word.word.strip():
                self._tally.add("words", "a word without times is left out", segment.id)
            elif tier is None:
                self._tally.add("words", "the file it goes back to has no tier for them", segment.id)
            elif not tier.put(start, end, word.word):
                self._tally.add("words", "a word that overlaps another one is left out", segment.id)

    def _word_tier(self, segment: Segment) -> _Tier | None:
        link = _key(segment)
        if link is not None and (known := self._words.get(link)):
            return self.tiers[known[0][0]]
        home = self._home_of(segment)
        for tier in self.tiers:
            part = None if tier.is_points else part_of(tier.head[0])
            if part is not None and part.is_words and part.owner in (home, None):
                return tier
        return None


def _is_of(tier: _Tier, base: str) -> bool:
    layer = LAYER.fullmatch(tier.head[0])
    return tier.head[0] == base or (layer is not None and layer[1] == base)


def _open(tier: Tier) -> _Tier:
    cells = [
        _Cell(item.start_us, item.end_us, place.first, place.last, item.text)
        for item, place in zip(tier.items, tier.places, strict=True)
    ]
    return _Tier((tier.name, tier.is_points, tier.span), cells, tier)


def _tell_empty(segment: Segment, tally: Tally) -> None:
    tally.add("segment", "without text: its interval is empty, as a gap is", segment.id)


def _bytes(original: Path, grid: Grid, edit: _Edit) -> tuple[bytes, list[str]]:
    if not any(tier.is_rebuilt or tier.labels for tier in edit.tiers):
        return original.read_bytes(), []
    decoded, form = grid.decoded, grid.form
    if decoded is None or form == "binary" or form == "chronological" or edit.end_us > grid.end_us:
        return _anew(grid, edit), ["written anew as a long text file: labels and times as they were"]
    new = [tier for tier in edit.tiers if tier.source is None]
    if new and not grid.tiers:
        return _anew(grid, edit), ["written anew: it had no tier"]
    text = decoded.text
    is_mac = "\n" not in text
    text = _spliced(text.replace("\r", "\n") if is_mac else text, grid, edit, new, form)
    raw = decoded.encode(text.replace("\n", "\r") if is_mac else text)
    if raw is None or "\ufffd" in decoded.text:
        return text.encode(), ["written in UTF-8: its old encoding lacks a letter that it has now"]
    return raw, []


def _spliced(text: str, grid: Grid, edit: _Edit, new: list[_Tier], form: TextForm) -> str:
    """Text of the file with labels, and the items of tiers that were rebuilt, replaced where they stand."""
    pieces: list[tuple[int, int, str]] = [(*grid.count, str(len(edit.tiers)))] if new else []
    for tier in edit.tiers:
        source = tier.source
        if source is not None and tier.is_rebuilt:
            made = "".join(items_text(tier.written(), form, is_points=tier.is_points))
            pieces.append((source.start, source.end, made))
        elif source is not None:
            for place, label in tier.labels.items():
                pieces.append((source.places[place].start, source.places[place].end, quoted(label)))
    ends = "\r\n" if "\r\n" in text else "\n"
    for start, end, made in sorted(pieces, reverse=True):
        text = text[:start] + made.replace("\n", ends) + text[end:]
    text += "" if text.endswith("\n") or not new else ends
    for number, tier in enumerate(new, len(grid.tiers) + 1):
        text += "".join(tier_text(number, tier.head, tier.written(), form)).replace("\n", ends)
    return text


def _anew(grid: Grid, edit: _Edit) -> bytes:
    """Write all tiers as a long text, with their times as they were written."""
    start, end = grid.span
    if edit.end_us > grid.end_us:
        end = seconds(edit.end_us)
        for tier in edit.tiers:
            last = max((cell.end_us for cell in tier.cells), default=grid.start_us)
            if not tier.is_points and last < edit.end_us:
                tier.cells.append(_Cell(last, edit.end_us, seconds(last), end, "", is_ours=True))
    found = [((tier.head[0], tier.is_points, (start, end)), tier.written()) for tier in edit.tiers]
    return "".join(grid_text(found, start, end)).encode()
