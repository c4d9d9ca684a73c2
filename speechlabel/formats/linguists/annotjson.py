"""AnnotJSON, of OCTRA and the EMU Speech Database Management System: levels of items, in samples.

Spec: https://ips-lmu.github.io/The-EMU-SDMS-Manual/app-chap-fileformats.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.jsonfile import is_list, is_object, read_json
from speechlabel.formats.linguists.annotjson_file import annot_files, faults_of, read_annot
from speechlabel.formats.linguists.annotjson_levels import collect
from speechlabel.formats.linguists.annotjson_out import document
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.formats.xmlfile import head_of
from speechlabel.records import Recording, Speaker
from speechlabel.timing import us_to_samples

__all__ = ["AnnotJsonFormat"]

ENDING = "_annot"


@dataclass(frozen=True)
class AnnotJsonFormat(Format):
    """One ``_annot.json`` a recording: a level for each speaker, and below it levels of words and events.

    Items on which no other one stands become segments, of the speaker that a label or else the level names;
    what they are linked to becomes words and events, and what stands deeper is kept and written again.
    Items of levels without times of their own have those of what they are linked to.  A folder may be a whole
    EMU database.  ``program`` says whose convention is written: in ``emu`` an item ends with its last sample
    and the next one starts one later, in ``octra`` the next one starts where it ends; both are read.
    """

    program: Literal["emu", "octra"] = "emu"

    name: ClassVar[str] = "annotjson"
    title: ClassVar[str] = "AnnotJSON (OCTRA, EMU)"
    extensions: ClassVar[tuple[str, ...]] = (".json",)
    spec: ClassVar[str] = "https://ips-lmu.github.io/The-EMU-SDMS-Manual/app-chap-fileformats.html"
    carries: ClassVar[frozenset[str]] = frozenset(
        {
            *("text", "speaker", "kind", "noise_labels", "tags", "fields", "words", "events", "status"),
            *("note", "recording"),
        }
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("jsonschema",)

    def sniff(self, path: Path) -> bool:
        """Tell it by its levels and sample rate; a folder by the annotations in it, or in its bundles."""
        if path.is_dir():
            return any(True for _ in annot_files(path))
        head = head_of(path)
        if not head.startswith("{") or not any(
            f'"{key}"' in head for key in ("annotates", "levels", "sampleRate")
        ):
            return False
        try:
            found = read_json(path).value
        except (OSError, ParseError):
            return False
        return is_object(found) and is_list(found.get("levels")) and "sampleRate" in found

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>_annot.json`` for each recording."""
        tally = Tally()
        count = 0
        gap = 1 if self.program == "emu" else 0
        for recording, segments in export.bundle.stream():
            speakers = export.bundle.speakers_of(recording.id)
            with (out / f"{recording.id}{ENDING}.json").open("wb") as file:
                file.writelines(document(recording, segments, speakers, gap, tally))
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file, or each one of a folder, as one recording of which only the length is known."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        sources: dict[str, Path] = {}
        notes: list[str] = []
        spool = Spool()
        for file in sorted(annot_files(path)) if path.is_dir() else [path]:
            id = foreign_id(file.stem.removesuffix(ENDING) or file.stem, segments)
            collected = Collected(id, file, spool)
            annot = read_annot(file)
            collect(annot, collected)
            audio = (file.parent.absolute() / annot.annotates).as_posix() if annot.annotates else ""
            made = bare_recording(id, file.name, collected.end_us, path=audio)
            frames = us_to_samples(collected.end_us, annot.rate)
            recordings.append(replace(made, sample_rate=annot.rate, n_frames=frames))
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
        """Everything for which OCTRA or EMU would refuse a file, or read it otherwise."""
        for file in sorted(annot_files(path)) if path.is_dir() else [path]:
            try:
                yield from faults_of(read_annot(file), file.name)
            except ParseError as error:
                yield Fault(file.name, error.data["line"], error.data["reason"])
