"""Praat TextGrid: an interval tier per speaker.

Spec: https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html.  Intervals of a tier may not
overlap: where a speaker's segments do, the later ones go to a second tier, ``NAME (2)``; words go to
``NAME - words``.  An empty interval is a gap, so a segment without text is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.formats.base import Bundle, Export, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.textgrid_files import is_textgrid, read_grid
from speechlabel.formats.linguists.textgrid_merge import merged
from speechlabel.formats.linguists.textgrid_out import grid_text, seconds, tiers_of
from speechlabel.formats.linguists.textgrid_tiers import collect
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.records import Recording, Speaker

__all__ = ["TextGridFormat"]


@dataclass(frozen=True)
class TextGridFormat(Format):
    """One TextGrid a recording.

    Read in any form that Praat saves: long and short text, chronological, binary.  Tiers of words
    (``words``, ``NAME - words``, ``word - NAME``) become the words of the speaker's segments; phones stay a
    tier below them.  Where a recording's labels came out of a TextGrid, an export changes in a copy of that
    file only what was edited: other tiers, their order and their times stay as they are.
    """

    encoding: Literal["utf-8", "utf-16"] = "utf-8"  # of files made anew
    words: bool = True  # write timed words as tiers
    tiers: Literal["speakers", "tiers"] = "speakers"  # what a tier's name is when one is read

    name: ClassVar[str] = "textgrid"
    title: ClassVar[str] = "Praat TextGrid"
    extensions: ClassVar[tuple[str, ...]] = (".TextGrid",)
    spec: ClassVar[str] = "https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker", "words", "recording"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("Praat", "praatio")

    def sniff(self, path: Path) -> bool:
        """Tell it by the names of file type and class; a folder by the TextGrids in it."""
        if path.is_dir():
            return any(_grids(path))
        try:
            with path.open("rb") as file:
                return is_textgrid(file.read(512), path)
        except OSError:
            return False

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.TextGrid`` for each recording."""
        tally = Tally()
        warnings: list[str] = []
        count = 0
        for recording, segments in export.bundle.stream():
            speakers = export.bundle.speakers_of(recording.id)
            original = export.originals.get(recording.id)
            place = out / f"{recording.id}.TextGrid"
            count += len(segments)
            if original is not None and self.sniff(original):
                raw, told = merged(original, recording, segments, speakers, tally)
                place.write_bytes(raw)
                warnings += [f"{recording.name}: {text}" for text in told]
                continue
            end_us = max([recording.duration_us, *(segment.end_us for segment in segments)])
            end = seconds(end_us)
            tiers = tiers_of(segments, speakers, tally, words=self.words)
            found = [((tier.name, tier.is_points, ("0", end)), tier.cells(end_us)) for tier in tiers]
            text = "".join(grid_text(found, "0", end))
            place.write_bytes(
                text.encode() if self.encoding == "utf-8" else ("\ufeff" + text).encode("utf-16-be")
            )
        return Written(segments=count, losses=tally.losses(), warnings=tuple(warnings))

    def read(self, path: Path) -> Bundle:
        """Read a file, or each TextGrid of a folder, as one recording of which only the length is known."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        notes: list[str] = []
        sources: dict[str, Path] = {}
        spool = Spool()
        for file in sorted(_grids(path)) if path.is_dir() else [path]:
            id = foreign_id(file.stem, segments)
            grid = read_grid(file)
            collected = Collected(id, file, spool)
            collected.notes.extend(grid.notes)
            collect(grid, collected, by_tier=self.tiers == "tiers")
            recordings.append(bare_recording(id, file.name, max(grid.end_us, collected.end_us)))
            sources[id] = file
            segments[id] = collected.segments
            speakers[id] = tuple(collected.speakers.values())
            notes += [f"{file.name}: {note}" for note in collected.notes]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers=speakers,
            sources=sources,
            notes=tuple(notes),
        )


def _grids(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".textgrid" and path.is_file())
