"""NeMo's tarred data set: shards ``audio_<n>.tar`` with a file for each example, and a manifest of them.

Spec: NeMo, ``convert_to_tarred_audio_dataset.py`` and its readers.  A reader finds the line of a file by its
name up to the first dot, so names hold no other.  ``sharded_manifests`` has the lines shard by shard.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, ClassVar, Literal

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import examples, is_example, utterance_id, with_sound
from speechlabel.formats.json_lines import first_object, strict_objects
from speechlabel.formats.losses import Tally
from speechlabel.formats.training.nemo import SPEC, NemoFormat
from speechlabel.formats.training.nemo_lines import dumped, nemo_line
from speechlabel.formats.training.nemo_read import manifest_faults, read_manifest
from speechlabel.formats.training.sorting import SortedRows
from speechlabel.formats.training.tar_shards import Shards, audio_of, shard_faults
from speechlabel.records import Segment

__all__ = ["NemoTarredFormat"]

MANIFEST = "tarred_audio_manifest.json"
AUDIO = ("wav", "flac", "mp3", "ogg", "opus")


@dataclass(frozen=True)
class NemoTarredFormat(Format):
    """Tarred data set for NeMo ASR."""

    shard_size: int = 1000  # segments in a shard
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "nemo_tarred"
    title: ClassVar[str] = "NeMo tarred data set"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = SPEC
    carries: ClassVar[frozenset[str]] = NemoFormat.carries
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("webdataset",)

    def utterance_id(self, recording_id: str, segment: Segment) -> str:
        """Name it without dots: readers of tar files cut a name at its first."""
        return utterance_id(recording_id, segment.id, dots=False)

    def sniff(self, path: Path) -> bool:
        """Tell it by the first line of its manifest, which names a shard."""
        return {"audio_filepath", "shard_id"} <= first_object(_manifest(path)).keys()

    def read(self, path: Path) -> Bundle:
        """Read the manifest; the shards stay closed."""
        file = _manifest(path)
        if not file.is_file():
            raise ParseError(file, "is missing")
        return read_manifest(file)

    def write(self, export: Export, out: Path) -> Written:
        """Write shards, the manifest, and the manifest of each shard."""
        tally = Tally()
        count = 0
        part: IO[bytes] | None = None
        (out / "sharded_manifests").mkdir()
        with (
            Shards(lambda number: out / f"audio_{number}.tar", self.shard_size) as shards,
            (out / MANIFEST).open("wb") as whole,
        ):
            for recording, segments in export.bundle.stream():
                speakers = export.bundle.speakers_of(recording.id)
                wanted = (one for one in segments if is_example(one, tally, all_kinds=self.all_kinds))
                found = examples(export, recording, wanted, out, clips=out / "clips", dots=False)
                for example in with_sound(found, tally):
                    ending, content = audio_of(example)
                    name = f"{example.id}.{ending}"
                    if shards.add(((name, content),)):
                        if part is not None:
                            part.close()
                        part = (out / f"sharded_manifests/manifest_{shards.number}.json").open("wb")
                    speaker = speakers.get(example.segment.speaker or "")
                    language = export.bundle.language_of(recording.id, example.segment)
                    line = nemo_line(example._replace(audio=name), recording, speaker, language)
                    raw = dumped(line | {"shard_id": shards.number}, example.segment.id)
                    whole.write(raw)
                    if part is not None:
                        part.write(raw)
                    count += 1
        if part is not None:
            part.close()
        shutil.rmtree(out / "clips", ignore_errors=True)
        if not count:
            raise ExportError("there is nothing to export: no segment is speech with a text")
        return Written(segments=count, losses=tally.losses())

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that NeMo refuses, and lines without a file or files without a line."""
        file = _manifest(path)
        yield from manifest_faults(file, file.name)
        wanted: SortedRows[tuple[int, str]] = SortedRows()
        for line, data in strict_objects(file, file.name):
            if isinstance(data, Fault):
                continue
            shard, audio = data.get("shard_id"), data.get("audio_filepath")
            if type(shard) is not int:
                yield Fault(file.name, line, "shard_id must be a whole number")
            elif isinstance(audio, str):
                if "." in audio.rpartition(".")[0]:
                    yield Fault(
                        file.name, line, f"{audio!r:.80} has a dot before its ending: readers cut there"
                    )
                wanted.add((shard, audio))
        for shard, rows in groupby(wanted, key=lambda row: row[0]):
            yield from _compared(file.parent, f"audio_{shard}.tar", {audio for _, audio in rows})


def _compared(folder: Path, name: str, wanted: set[str]) -> Iterator[Fault]:
    if not (folder / name).is_file():
        yield Fault(name, None, "is missing")
        return
    for found in shard_faults(folder / name, name, (), AUDIO):
        if isinstance(found, Fault):
            yield found
        elif found[1] not in wanted:
            yield Fault(name, None, f"{found[1]!r:.80} is in no line of the manifest")
        else:
            wanted.discard(found[1])
    yield from (Fault(name, None, f"{missing!r:.80} is missing") for missing in sorted(wanted))


def _manifest(path: Path) -> Path:
    return path / MANIFEST if path.is_dir() else path
