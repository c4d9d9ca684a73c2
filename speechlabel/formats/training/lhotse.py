"""Lhotse manifests: ``recordings.jsonl.gz`` and ``supervisions.jsonl.gz``, or ``cuts.jsonl.gz``.

Spec: https://lhotse.readthedocs.io and the keys of its ``Recording``, ``SupervisionSegment`` and ``MonoCut``.
``speechlabel.jsonl`` beside them has what Lhotse has no place for: recordings and their speakers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar, Literal

from speechlabel.errors import ExportError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import Example, examples, with_sound
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.losses import Tally
from speechlabel.formats.native import lines
from speechlabel.formats.training.lhotse_check import lhotse_faults
from speechlabel.formats.training.lhotse_lines import (
    cut_line,
    manifest,
    recording_line,
    source_line,
    supervision_line,
)
from speechlabel.formats.training.lhotse_read import BESIDE, lhotse_kind, manifests, read_lhotse
from speechlabel.formats.training.nemo_lines import dumped
from speechlabel.records import Recording, Segment, Speaker

__all__ = ["LhotseFormat", "has_length"]


@dataclass(frozen=True)
class LhotseFormat(Format):
    """Recordings and supervisions, or cuts."""

    manifest: Literal["supervisions", "cuts"] = "supervisions"
    compress: bool = True  # .jsonl.gz, else .jsonl

    name: ClassVar[str] = "lhotse"
    title: ClassVar[str] = "Lhotse manifests"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://lhotse.readthedocs.io/en/latest/corpus.html"
    carries: ClassVar[frozenset[str]] = frozenset(
        {item.name for item in dataclasses.fields(Segment)}
        | {f"speaker.{item.name}" for item in dataclasses.fields(Speaker)}
        | {"recording", "labelled"}
    ) - {"version", "speaker.version"}
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    checked_by: ClassVar[tuple[str, ...]] = ("a reader that compares the audio of each supervision", "Lhotse")

    def sniff(self, path: Path) -> bool:
        """Tell it by the names of a folder's manifests, or by the keys of a file's first object."""
        found = manifests(path) if path.is_dir() else [path]
        return any(lhotse_kind(file) for file in found)

    def read(self, path: Path) -> Bundle:
        """Read a folder's manifests, or one file of supervisions or cuts."""
        return read_lhotse(path)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that ``lhotse validate`` refuses, and keys that its classes do not have."""
        return lhotse_faults(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write the manifests; segments go by recording and start."""
        tally = Tally()
        ending = ".jsonl.gz" if self.compress else ".jsonl"
        unknown = count = 0
        with ExitStack() as stack:
            names = ("cuts",) if self.manifest == "cuts" else ("recordings", "supervisions")
            files = {name: stack.enter_context(manifest(out / f"{name}{ending}")) for name in names}
            beside = stack.enter_context((out / BESIDE).open("wb"))
            for recording, segments in export.bundle.stream():
                _tell(export, recording, beside)
                wanted = [segment for segment in segments if has_length(segment, tally)]
                unknown += not recording.n_frames or not recording.container
                end = max((segment.end_us for segment in wanted), default=0)
                whole = {}
                if not export.is_cut and (recording.n_frames or wanted):
                    whole = recording_line(export, recording, out, end)
                    if "recordings" in files:
                        files["recordings"].write(dumped(whole, recording.id))
                speakers = export.bundle.speakers_of(recording.id)
                for example in with_sound(examples(export, recording, wanted, out), tally):
                    speaker = speakers.get(example.segment.speaker or "")
                    language = export.bundle.language_of(recording.id, example.segment)
                    _write(files, example, recording, speaker, language, whole)
                    count += 1
        if not count:
            raise ExportError("there is nothing to export: no segment has a length")
        warning = f"{unknown} recordings: their sampling rate or length is not known; take them in first"
        return Written(segments=count, losses=tally.losses(), warnings=(warning,) if unknown else ())


def _write(
    files: dict[str, IO[bytes]],
    example: Example,
    recording: Recording,
    speaker: Speaker | None,
    language: str | None,
    source: dict[str, object],
) -> None:
    """Write a segment: its supervision, with a recording where it is a file of its own, or a cut."""
    if (clip := example.clip) is not None:
        sources = [{"type": "file", "channels": [0], "source": example.audio}]
        source = source_line(example.id, sources, clip.sample_rate, clip.n_frames)
        if "recordings" in files:
            files["recordings"].write(dumped(source, example.id))
    if "cuts" in files:
        line = supervision_line(example, recording, speaker, language, start_us=0)
        files["cuts"].write(dumped(cut_line(example, line, source, example.start_us), example.id))
    else:
        line = supervision_line(example, recording, speaker, language, start_us=example.start_us)
        files["supervisions"].write(dumped(line, example.id))


def _tell(export: Export, recording: Recording, file: IO[bytes]) -> None:
    """Write what Lhotse has no place for: the recording and all its speakers."""
    labelled, language = export.bundle.labelled.get(recording.id), export.bundle.languages.get(recording.id)
    file.write(dumped(lines.recording_line(recording, None, labelled, language), recording.id))
    for speaker in export.bundle.speakers_of(recording.id).values():
        file.write(dumped(lines.speaker_line(speaker, recording.id), recording.id))


def has_length(segment: Segment, tally: Tally) -> bool:
    """Whether a supervision can be made of a segment: Lhotse refuses those of no length."""
    if segment.end_us >= TO_THE_END_US:
        tally.add("segment", "its length is not known before its audio is: left out", segment.id)
        return False
    if segment.end_us > segment.start_us:
        return True
    tally.add("segment", "a point has no length: left out", segment.id)
    return False
