"""Praat TextGrid: an interval tier per speaker.

Spec: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html (long and short text; the binary and
the chronological form are not read).  Intervals of a tier may not overlap: where a speaker's segments do, the
later ones go to a second tier, ``NAME (2)``.  An empty interval is a gap, so a segment without text is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected, decode, read_text
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.praat import Tokens, quoted
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import format_seconds

__all__ = ["TextGridFormat"]

NOBODY, POINTS = "segments", "events"  # tiers of segments without a speaker, and of points
LAYER = re.compile(r"(.+) \(([2-9]|[1-9][0-9]+)\)", re.DOTALL)
PARTS = re.compile(r"(.+ - )?(words?|phones?|phonemes?|syllables?)", re.IGNORECASE)  # as aligners name tiers
SNAP_US = 1000  # an overlap this small is an aligner's rounding


@dataclass
class _Tier:
    """Intervals (start, end, text), or points where start is end, of one tier to be written."""

    name: str
    items: list[tuple[int, int, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True)
class TextGridFormat(Format):
    """One TextGrid a recording."""

    encoding: Literal["utf-8", "utf-16"] = "utf-8"
    tiers: Literal["speakers", "tiers"] = "speakers"  # what a tier's name is when one is read

    name: ClassVar[str] = "textgrid"
    title: ClassVar[str] = "Praat TextGrid"
    extensions: ClassVar[tuple[str, ...]] = (".TextGrid",)
    spec: ClassVar[str] = "https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker", "recording"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("Praat", "praatio")

    def sniff(self, path: Path) -> bool:
        """Tell it by the names of file type and class; a folder by the TextGrids in it."""
        if path.is_dir():
            return any(_grids(path))
        try:
            with path.open("rb") as file:
                head, _ = decode(file.read(512), path)
        except (OSError, ParseError):
            return False
        return bool(re.match(r'\s*(File type\s*=\s*)?"ooTextFile( short)?"\s[^"]*"TextGrid"', head))

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.TextGrid`` for each recording."""
        tally = Tally()
        count = 0
        for recording, segments in export.bundle.stream():
            tiers, points = _tiers(segments, export.bundle.speakers_of(recording.id), tally)
            ends = [recording.duration_us, *(segment.end_us for segment in segments)]
            text = "".join(_grid(tiers, points, max(ends)))
            raw = text.encode() if self.encoding == "utf-8" else ("\ufeff" + text).encode("utf-16-be")
            (out / f"{recording.id}.TextGrid").write_bytes(raw)
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file, or each TextGrid of a folder, as one recording of which only the length is known."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        notes: list[str] = []
        for file in sorted(_grids(path)) if path.is_dir() else [path]:
            id = foreign_id(file.stem, segments)
            collected, end_us = _read_grid(file, id, by_tier=self.tiers == "tiers")
            recordings.append(bare_recording(id, file.name, max(end_us, collected.end_us)))
            segments[id] = collected.segments
            speakers[id] = tuple(collected.speakers.values())
            notes += [f"{file.name}: {note}" for note in collected.notes]
        return Bundle(recordings=tuple(recordings), segments=segments, speakers=speakers, notes=tuple(notes))


def _grids(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".textgrid" and path.is_file())


def _tier_names(speakers: dict[str, Speaker], tally: Tally) -> dict[str | None, str]:
    """Give each speaker a tier name that reads back as that speaker and no other."""
    names: dict[str | None, str] = {None: NOBODY}
    wanted = {speaker.name for speaker in speakers.values()} | {NOBODY, POINTS}
    taken = {NOBODY, POINTS}
    for speaker in speakers.values():
        name = speaker.name
        layer = LAYER.fullmatch(name)
        if (layer and layer[1] in wanted) or PARTS.fullmatch(name):
            name = f"{name}_"
        while name in taken:
            name = f"{name}_"
        if name != speaker.name:
            tally.add("speaker.name", "another tier has that name, or would read as it", speaker.id)
        taken.add(name)
        names[speaker.id] = name
    return names


def _tiers(
    segments: list[Segment], speakers: dict[str, Speaker], tally: Tally
) -> tuple[list[_Tier], list[_Tier]]:
    """Interval tiers (one a speaker at least, more where segments overlap) and point tiers."""
    names = _tier_names(speakers, tally)
    layers: dict[str | None, list[_Tier]] = {id: [_Tier(names[id])] for id in speakers}
    points: list[_Tier] = []
    for segment in segments:
        text = segment.text or ""
        if segment.start_us == segment.end_us:
            if not text.strip():
                tally.add("text", "a point needs a mark: its label or its kind", segment.id)
                text = next(iter(segment.noise_labels), segment.kind)
            _place(points, POINTS, segment, text)
            continue
        if not text.strip():
            tally.add("segment", "without text: its interval is empty, as a gap is", segment.id)
            text = ""
        if segment.speaker not in names:  # a speaker that the bundle does not list
            names[segment.speaker] = segment.speaker or NOBODY
        _place(layers.setdefault(segment.speaker, []), names[segment.speaker], segment, text)
    return [tier for found in layers.values() for tier in found] or [_Tier(NOBODY)], points


def _place(layers: list[_Tier], name: str, segment: Segment, text: str) -> None:
    """Put a segment into the first layer that is free from its start on."""
    item = segment.start_us, segment.end_us, text
    for tier in layers:
        if not tier.items or tier.items[-1][1] < item[0] or tier.items[-1][1] == item[0] < item[1]:
            tier.items.append(item)
            return
    layers.append(_Tier(f"{name} ({len(layers) + 1})" if layers else name, [item]))


def _seconds(time_us: int) -> str:
    return format_seconds(time_us).rstrip("0").removesuffix(".")


def _grid(tiers: list[_Tier], points: list[_Tier], end_us: int) -> Iterator[str]:
    """Lines of a long TextGrid."""
    yield 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n'
    yield f"xmin = 0 \nxmax = {_seconds(end_us)} \ntiers? <exists> \n"
    yield f"size = {len(tiers) + len(points)} \nitem []: \n"
    for number, tier in enumerate([*tiers, *points], 1):
        is_points = number > len(tiers)
        items = tier.items if is_points else list(_tiled(tier.items, end_us))
        yield f'    item [{number}]:\n        class = "{"TextTier" if is_points else "IntervalTier"}" \n'
        yield f"        name = {quoted(tier.name)} \n"
        yield f"        xmin = 0 \n        xmax = {_seconds(end_us)} \n"
        word = "points" if is_points else "intervals"
        yield f"        {word}: size = {len(items)} \n"
        for place, (start, end, text) in enumerate(items, 1):
            yield f"        {word} [{place}]:\n"
            if is_points:
                yield f"            number = {_seconds(start)} \n            mark = {quoted(text)} \n"
            else:
                yield f"            xmin = {_seconds(start)} \n            xmax = {_seconds(end)} \n"
                yield f"            text = {quoted(text)} \n"


def _tiled(items: list[tuple[int, int, str]], end_us: int) -> Iterator[tuple[int, int, str]]:
    """Fill the gaps: Praat wants intervals without holes from start to end."""
    at = 0
    for start, end, text in items:
        if start > at:
            yield at, start, ""
        yield start, end, text
        at = end
    if at < end_us or not items:
        yield at, end_us, ""


@dataclass
class _Read:
    name: str
    is_points: bool
    line: int
    items: list[tuple[int, int, int, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


def _read_grid(path: Path, recording_id: str, *, by_tier: bool) -> tuple[Collected, int]:
    text, notes = read_text(path)
    tokens = Tokens(text, path)
    if tokens.string("the file type") not in ("ooTextFile", "ooTextFile short"):
        raise tokens.error('a TextGrid begins with "ooTextFile"')
    if (found := tokens.string("the class")) != "TextGrid":
        raise tokens.error(f"holds a {found!r:.60}, not a TextGrid")
    start, end = tokens.time("xmin"), tokens.time("xmax")
    if end < start:
        raise tokens.error("xmax lies before xmin")
    exists = tokens.flag("tiers?") == "exists"
    tiers = [_read_tier(tokens) for _ in range(tokens.count("the number of tiers"))] if exists else []
    collected = Collected(recording_id, path)
    collected.notes.extend(notes)
    names = {tier.name for tier in tiers}
    for tier in tiers:
        layer = LAYER.fullmatch(tier.name)
        name = layer[1] if layer and layer[1] in names else tier.name
        _collect(tier, name, collected, by_tier=by_tier)
    return collected, end


def _read_tier(tokens: Tokens) -> _Read:
    kind = tokens.string("the class of a tier")
    if kind not in ("IntervalTier", "TextTier"):
        raise tokens.error(f"{kind!r:.60} is not a class of tier: IntervalTier or TextTier")
    tier = _Read(tokens.string("the name of a tier"), kind == "TextTier", tokens.line)
    tokens.time("xmin of a tier")
    tokens.time("xmax of a tier")
    for _ in range(tokens.count("the number of intervals or points")):
        start = tokens.time("the time of a point" if tier.is_points else "xmin of an interval")
        line = tokens.line
        end = start if tier.is_points else tokens.time("xmax of an interval")
        if start < 0 or end < start:
            raise tokens.error("an interval that ends before it starts" if start >= 0 else "a time before 0")
        tier.items.append((line, start, end, tokens.string("the text of an interval or point")))
    return tier


def _collect(tier: _Read, name: str, collected: Collected, *, by_tier: bool) -> None:
    """Make segments of what has text; an importer takes what has a meaning and lists what it repaired."""
    is_part = PARTS.fullmatch(name) is not None
    of_speaker = not (tier.is_points or by_tier or is_part or name == NOBODY or not name.strip())
    speaker = collected.speaker(name, tier.line) if of_speaker else None
    in_tier = name if by_tier or is_part or (tier.is_points and name != POINTS) else None
    last = 0
    for line, begin, end, text in tier.items:
        start = begin
        if not text.strip():
            continue
        if start < last <= start + SNAP_US and last < end:
            collected.notes.append(f"line {line}: an overlap of {last - start} µs was taken off")
            start = last
        elif start < last:
            collected.notes.append(f"line {line}: overlaps the interval before it")
        last = max(last, end)
        kind = "event" if start == end else "speech"
        if start == end and not tier.is_points:
            collected.notes.append(f"line {line}: an interval of no length became an event")
        collected.segment(
            line, start_us=start, end_us=end, text=text, kind=kind, speaker=speaker, tier=in_tier
        )
