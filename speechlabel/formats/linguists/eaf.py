"""ELAN: tiers of annotations, and tiers that depend on them.

Spec: https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf; 2.0 to 3.0 are
read, 3.0 is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.eaf_check import faults_of
from speechlabel.formats.linguists.eaf_files import read_eaf
from speechlabel.formats.linguists.eaf_merge import merged
from speechlabel.formats.linguists.eaf_out import STEP_US, document, lists_of, media_of
from speechlabel.formats.linguists.eaf_tiers import collect
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.formats.xmlfile import head_of, uncollected
from speechlabel.records import Recording, Speaker

__all__ = ["EafFormat"]


@dataclass(frozen=True)
class EafFormat(Format):
    """One EAF a recording: a tier for each speaker, and below it one for each field in use.

    Tiers on which no other stands become segments, of the participant or else of the tier's name; what
    depends on them becomes fields and words, and what stands deeper is kept as it is.  Where a recording's
    labels came out of an EAF, an export changes in a copy of that file only what was edited: other tiers,
    types, vocabularies, media and ids stay.  ``dependents`` says what becomes of annotations that depend on
    one that was cut, joined with another, or moved away from them: ``ask`` refuses and lists the segments,
    ``keep`` gives them to the part that covers their time, ``drop`` leaves them out.
    """

    dependents: Literal["ask", "keep", "drop"] = "ask"

    name: ClassVar[str] = "eaf"
    title: ClassVar[str] = "ELAN"
    extensions: ClassVar[tuple[str, ...]] = (".eaf",)
    spec: ClassVar[str] = "https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf"
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "speaker", "kind", "noise_labels", "tags", "fields", "words", "status", "note", "recording"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("pympi", "xmlschema")

    @property
    def time_step_us(self) -> int:
        """A millisecond."""
        return STEP_US

    def sniff(self, path: Path) -> bool:
        """Tell it by its root; a folder by the EAFs in it."""
        if path.is_dir():
            return any(_files(path))
        head = head_of(path)
        return head.startswith("<") and "<ANNOTATION_DOCUMENT" in head

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.eaf`` for each recording."""
        tally = Tally()
        warnings: list[str] = []
        count = 0
        lists = lists_of(export.bundle.guideline)
        for recording, segments in export.bundle.stream():
            speakers = export.bundle.speakers_of(recording.id)
            original = export.originals.get(recording.id)
            place = out / f"{recording.id}.eaf"
            count += len(segments)
            if original is not None and self.sniff(original):
                raw, told = merged(original, recording, segments, speakers, self.dependents, tally)
                place.write_bytes(raw)
                warnings += [f"{recording.name}: {text}" for text in told]
                continue
            media = media_of(export.recording_path(recording, out), export.target.absolute().as_posix())
            with place.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(document(recording, segments, speakers, media, lists, tally))
        return Written(segments=count, losses=tally.losses(), warnings=tuple(warnings))

    def read(self, path: Path) -> Bundle:
        """Read a file, or each EAF of a folder, as one recording of which only the length is known."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        sources: dict[str, Path] = {}
        notes: list[str] = []
        spool = Spool()
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            id = foreign_id(file.stem, segments)
            collected = Collected(id, file, spool)
            with uncollected():
                eaf = read_eaf(file)
                collect(eaf, collected)
            recordings.append(bare_recording(id, file.name, collected.end_us, path=eaf.media))
            segments[id], sources[id] = collected.segments, file
            speakers[id] = tuple(collected.speakers.values())
            notes += [f"{file.name}: {note}" for note in collected.notes]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers=speakers,
            sources=sources,
            notes=tuple(notes),
        )

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything for which ELAN would refuse a file, or change it as it opens it."""
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            try:
                with uncollected():
                    found = list(faults_of(read_eaf(file), file.name))
                yield from found
            except ParseError as error:
                yield Fault(file.name, error.data["line"], error.data["reason"])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".eaf" and path.is_file())
