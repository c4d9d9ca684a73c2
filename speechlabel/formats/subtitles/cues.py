"""What subtitle formats share: cues into segments, segments into cues, times of day, speakers in front."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.prefixes import Prefixes
from speechlabel.formats.repairs import Repairs, mended
from speechlabel.formats.spool import Spool
from speechlabel.records import SEGMENT_ID, Recording, Segment, Word

__all__ = [
    "Cue",
    "Listed",
    "clock",
    "cues_to_bundle",
    "custom_of",
    "faults_of",
    "files_with",
    "spoken",
]

MOST_HELD = 10_000  # cues of a file in memory


@dataclass(slots=True)
class Cue:
    """One cue as it was read; ``voices`` are its texts, each with its speaker where the format names one."""

    line: int
    start_us: int
    end_us: int
    voices: list[tuple[str | None, str]]
    id: str | None = None
    language: str | None = None
    words: tuple[Word, ...] = ()
    custom: dict[str, Any] = field(default_factory=dict[str, Any])


Parse = Callable[[Path, Repairs], Iterable[Cue]]


class Listed(Repairs):
    """Repairs, each with its line: what a strict reader would hold for faults."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[tuple[int, str]] = []

    def add(self, path: Path, line: int, what: str) -> None:
        """Note one more."""
        super().add(path, line, what)
        self.all.append((line, what))


def clock(time_us: int, *, separator: str, decimals: int = 3, hours: int = 2) -> str:
    """``HH:MM:SS.mmm`` of a time on the grid of the decimals."""
    units = time_us // 10 ** (6 - decimals)
    whole, part = divmod(units, 10**decimals)
    minutes, seconds = divmod(whole, 60)
    return f"{minutes // 60:0{hours}d}:{minutes % 60:02d}:{seconds:02d}{separator}{part:0{decimals}d}"


def files_with(path: Path, extensions: tuple[str, ...]) -> list[Path]:
    """Give a file itself, or the files of a folder with these extensions, sorted."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix.lower() in extensions and file.is_file())


def cues_to_bundle(
    path: Path, extensions: tuple[str, ...], name: str, parse: Parse, *, prefixes: bool
) -> Bundle:
    """Read files, each a recording; long ones are parsed twice where names may stand in front of texts."""
    spool, repairs = Spool(), Repairs()
    recordings: list[Recording] = []
    found: dict[str, Collected] = {}
    for file in files_with(path, extensions):
        id = foreign_id(file.stem, found)
        found[id] = Collected(id, file, spool)
        known: Counter[str] = Counter()
        cues: Iterable[Cue] | None = None
        if prefixes:
            told = copy.deepcopy(repairs)
            parsed = parse(file, told)
            held = list(itertools.islice(parsed, MOST_HELD))
            known = Prefixes().count(text for cue in held for _, text in cue.voices)
            if len(held) < MOST_HELD:
                cues, repairs = held, told
            known += Prefixes().count(text for cue in parsed for _, text in cue.voices)
        ids: set[str] = set()
        for cue in parse(file, repairs) if cues is None else cues:
            span = mended(file, cue.line, cue.start_us, cue.end_us, repairs)
            if span is not None:
                cue.start_us, cue.end_us = span
                cue.id = _free_id(cue, ids)
                _take(found[id], cue, name, known)
        recordings.append(bare_recording(id, id, found[id].end_us))
    return Bundle(
        recordings=tuple(recordings),
        segments={id: track.segments for id, track in found.items()},
        speakers={id: tuple(track.speakers.values()) for id, track in found.items()},
        notes=tuple(repairs.notes()),
    )


def _free_id(cue: Cue, ids: set[str]) -> str | None:
    """Give the identifier of a cue where it can be a segment's: legal, its own, and no mere number."""
    id = cue.id
    if id is None or len(cue.voices) != 1 or id.isdigit() or id in ids or not SEGMENT_ID.fullmatch(id):
        return None
    ids.add(id)
    return id


def _take(track: Collected, cue: Cue, format_name: str, known: Counter[str]) -> None:
    front = Prefixes()
    for voice, said in cue.voices:
        speaker, text = (voice, said) if voice is not None or not known else front.split(said, known)
        track.segment(
            cue.line,
            id=cue.id,
            start_us=cue.start_us,
            end_us=cue.end_us,
            text=text,
            speaker=track.speaker(speaker, cue.line) if speaker else None,
            language=cue.language,
            words=cue.words if len(cue.voices) == 1 else (),
            custom={format_name: cue.custom} if cue.custom else {},
        )


def spoken(export: Export, tally: Tally) -> Iterator[tuple[Recording, list[Segment]]]:
    """Give recordings that have something to show, with the segments that do; the others are reported."""
    for recording, segments in export.bundle.stream():
        shown: list[Segment] = []
        for segment in segments:
            if segment.kind != "speech":
                tally.add("segment", "not speech: left out", segment.id)
            elif not (segment.text or "").strip():
                tally.add("segment", "without text: left out", segment.id)
            else:
                shown.append(segment)
        if shown:
            yield recording, shown


def custom_of(segment: Segment, format_name: str) -> dict[str, Any]:
    """Give what a file of this format said about a segment that has no field."""
    own: Any = segment.custom.get(format_name)
    return cast("dict[str, Any]", own) if isinstance(own, dict) else {}


def faults_of(path: Path, extensions: tuple[str, ...], parse: Parse) -> Iterator[Fault]:
    """Tell what had to be repaired or could not be read, file by file."""
    for file in files_with(path, extensions):
        listed = Listed()
        try:
            for cue in parse(file, listed):
                mended(file, cue.line, cue.start_us, cue.end_us, listed)
        except ParseError as error:
            yield Fault(file.name, error.data["line"], error.data["reason"])
        for line, what in listed.all:
            yield Fault(file.name, line, what)
