"""NeMo manifest: one JSON object a line that names a stretch of an audio file and its text.

Spec: NVIDIA NeMo, "Preparing ASR data"; field order and traps from its readers (classic and Lhotse).
``sampling_rate`` is never written: beside a non-zero ``offset`` NeMo's Lhotse reader takes ``duration`` for
the length of the whole file.  The reader also names its cuts by hundredths of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import examples, is_example, with_sound
from speechlabel.formats.json_lines import first_object
from speechlabel.formats.losses import Tally
from speechlabel.formats.training.nemo_lines import EXTRAS, dumped, nemo_line
from speechlabel.formats.training.nemo_read import is_seglst, manifest_faults, read_manifest

__all__ = ["NemoFormat"]

MANIFEST = "manifest.jsonl"
NAMES = {"audio_filename", "audio_file", "video_filepath", "video_filename"}  # other keys of audio it reads
SPEC = "https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/asr/datasets.html"


@dataclass(frozen=True)
class NemoFormat(Format):
    """Manifest for NeMo ASR; SegLST, its turns of whole sessions, is read too."""

    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "nemo"
    title: ClassVar[str] = "NeMo manifest"
    extensions: ClassVar[tuple[str, ...]] = (".jsonl", ".json")
    spec: ClassVar[str] = SPEC
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "language", "speaker", "channel", "kind", "is_valid", "speaker.gender", *EXTRAS}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("a reader that compares the audio of each line", "Lhotse")

    def sniff(self, path: Path) -> bool:
        """Tell it by the keys of its first object."""
        first = first_object(_manifest(path))
        is_ours = "schema" in first or "shard_id" in first or {"rttm_filepath", "label"} <= first.keys()
        names_audio = "audio_filepath" in first or ("duration" in first and NAMES & first.keys())
        return (bool(names_audio) or is_seglst(first)) and not is_ours

    def read(self, path: Path) -> Bundle:
        """Read a manifest, or the one in a folder."""
        return read_manifest(_manifest(path))

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that NeMo refuses or reads wrongly."""
        file = _manifest(path)
        return manifest_faults(file, file.name)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``manifest.jsonl``, by recording and start."""
        tally = Tally()
        count = same = 0
        with (out / MANIFEST).open("wb") as file:
            for recording, segments in export.bundle.stream():
                speakers = export.bundle.speakers_of(recording.id)
                cuts: Counter[tuple[str, int, int]] = Counter()  # no two recordings share a file
                wanted = (one for one in segments if is_example(one, tally, all_kinds=self.all_kinds))
                for example in with_sound(examples(export, recording, wanted, out), tally):
                    start, length = example.start_us / 10_000, example.duration_us / 10_000
                    cuts[example.audio, round(start), round(length)] += 1
                    speaker = speakers.get(example.segment.speaker or "")
                    language = export.bundle.language_of(recording.id, example.segment)
                    line = nemo_line(example, recording, speaker, language)
                    file.write(dumped(line, example.segment.id))
                    count += 1
                same += sum(number for number in cuts.values() if number > 1)
        warning = (
            f"{same} segments share their file, offset and duration to 0.01 s: NeMo gives them one cut id"
        )
        return Written(segments=count, losses=tally.losses(), warnings=(warning,) if same else ())


def _manifest(path: Path) -> Path:
    return path / MANIFEST if path.is_dir() else path
