"""Transcriber: turns of one or two speakers, cut by points in time.

Spec: https://trans.sourceforge.net/en/transguidFR.php and its trans-14.dtd, which is named but never fetched.
What several people say at once stands in a turn of two speakers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from speechlabel.formats.base import Bundle, Export, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.trs_out import STEP_US, document
from speechlabel.formats.linguists.trs_turns import read_turns
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.formats.xmlfile import head_of, read_xml
from speechlabel.records import Recording, Speaker

__all__ = ["TrsFormat"]


@dataclass(frozen=True)
class TrsFormat(Format):
    """One .trs a recording: turns, with points in time inside them.

    A stretch between two points becomes a segment of each speaker who says something in it; where a speaker
    says nothing more beside another one, the segment goes on.  More than two people at once cannot be told.
    """

    name: ClassVar[str] = "trs"
    title: ClassVar[str] = "Transcriber"
    extensions: ClassVar[tuple[str, ...]] = (".trs",)
    spec: ClassVar[str] = "https://trans.sourceforge.net/"
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "speaker", "events", "recording", "speaker.gender", "speaker.accent"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("lxml, with a DTD",)

    @property
    def time_step_us(self) -> int:
        """A millisecond."""
        return STEP_US

    def sniff(self, path: Path) -> bool:
        """Tell it by its root; a folder by the files in it."""
        if path.is_dir():
            return any(_files(path))
        head = head_of(path)
        return (
            head.startswith("<")
            and "<Trans" in head
            and ("<!DOCTYPE Trans" in head or "audio_filename" in head)
        )

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.trs`` for each recording."""
        tally = Tally()
        count = 0
        for recording, segments in export.bundle.stream():
            speakers = export.bundle.speakers_of(recording.id)
            language = export.bundle.languages.get(recording.id)
            with (out / f"{recording.id}.trs").open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(document(recording, segments, speakers, language, tally))
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file, or each .trs of a folder, as one recording of which only the length is known."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        languages: dict[str, str] = {}
        sources: dict[str, Path] = {}
        notes: list[str] = []
        spool = Spool()
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            id = foreign_id(file.stem, segments)
            collected = Collected(id, file, spool)
            tree, told = read_xml(file)
            collected.notes.extend(told)
            facts = read_turns(tree.root, collected)
            audio = tree.root.get("audio_filename") or ""
            place = (file.parent.absolute() / audio).as_posix() if audio and "\0" not in audio else ""
            end_us = max(facts.end_us, collected.end_us)
            recordings.append(bare_recording(id, file.name, end_us, path=place))
            segments[id], sources[id] = collected.segments, file
            speakers[id] = tuple(
                replace(speaker, **facts.details.get(name, {}))
                for name, speaker in collected.speakers.items()
            )
            if facts.language:
                languages[id] = facts.language
            notes += [f"{file.name}: {note}" for note in collected.notes]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers=speakers,
            languages=languages,
            sources=sources,
            notes=tuple(notes),
        )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".trs" and path.is_file())
