"""Lhotse Shar: shards of cuts with their audio beside, read from one end to the other while training.

Spec: Lhotse's ``shar`` package.  ``cuts.<n>.jsonl.gz`` and ``recording.<n>.tar`` go together, item by item;
in the tar the audio ``<cut id>.flac`` comes first, then its recording, ``<cut id>.json``.  The folder holds
nothing else: Lhotse takes every name in it for data of the cuts.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar, Literal

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import examples, with_sound
from speechlabel.formats.json_lines import objects, strict_objects
from speechlabel.formats.losses import Tally
from speechlabel.formats.training.lhotse import has_length
from speechlabel.formats.training.lhotse_lines import cut_line, manifest, source_line, supervision_line
from speechlabel.formats.training.lhotse_read import Reader
from speechlabel.formats.training.nemo_lines import dumped
from speechlabel.formats.training.tar_shards import Shards, audio_of, shard_faults
from speechlabel.records import Segment

__all__ = ["LhotseSharFormat"]

CUTS = re.compile(r"cuts\.([0-9]{6})\.jsonl(\.gz)?")
AUDIO = ("flac", "wav", "mp3", "opus", "ogg")


@dataclass(frozen=True)
class LhotseSharFormat(Format):
    """Shards of cuts with their audio."""

    shard_size: int = 1000  # segments in a shard

    name: ClassVar[str] = "lhotse_shar"
    title: ClassVar[str] = "Lhotse Shar"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://lhotse.readthedocs.io/en/latest/shar.html"
    carries: ClassVar[frozenset[str]] = frozenset(
        {item.name for item in dataclasses.fields(Segment)} | {"speaker.gender"}
    ) - {"version"}
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    is_alone: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("a reader that pairs cuts and audio as Lhotse does", "Lhotse")

    def sniff(self, path: Path) -> bool:
        """Tell it by its first shard."""
        return any(True for _ in _shards(path)) and (path / "recording.000000.tar").is_file()

    def read(self, path: Path) -> Bundle:
        """Read the cuts of all shards; the audio stays closed."""
        reader = Reader(path)
        count = 0
        for file in _shards(path):
            reader.file = file
            for line, data in objects(file, reader.found.notes):
                reader.cut(line, data)
                count += 1
        if not count:
            raise ParseError(path, "holds no cuts", line=1)
        return reader.found.bundle()

    def write(self, export: Export, out: Path) -> Written:
        """Write the shards."""
        tally = Tally()
        count = 0
        with (
            Shards(lambda number: out / f"recording.{number:06d}.tar", self.shard_size) as shards,
            ExitStack() as stack,
        ):
            cuts: IO[bytes] | None = None
            for recording, segments in export.bundle.stream():
                speakers = export.bundle.speakers_of(recording.id)
                wanted = [segment for segment in segments if has_length(segment, tally)]
                found = examples(export, recording, wanted, out, clips=out / "clips")
                for example in with_sound(found, tally):
                    clip = example.clip
                    assert clip is not None
                    placeholder = [{"type": "shar", "channels": [0], "source": ""}]
                    source = source_line(example.id, placeholder, clip.sample_rate, clip.n_frames)
                    ending, content = audio_of(example)
                    told = dumped(source, example.id)
                    files = (f"{example.id}.{ending}", content), (f"{example.id}.json", told)
                    if shards.add(files) or cuts is None:
                        stack.close()
                        path = out / f"cuts.{shards.number:06d}.jsonl.gz"
                        cuts = stack.enter_context(manifest(path))
                    speaker = speakers.get(example.segment.speaker or "")
                    language = export.bundle.language_of(recording.id, example.segment)
                    line = supervision_line(example, recording, speaker, language, start_us=0)
                    cuts.write(dumped(cut_line(example, line, source, 0), example.id))
                    count += 1
        shutil.rmtree(out / "clips", ignore_errors=True)
        if not count:
            raise ExportError("there is nothing to export: no segment has a length")
        return Written(segments=count, losses=tally.losses())

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that Lhotse refuses: names it would take for data, and cuts whose audio is another's."""
        names = {file.name for file in _shards(path)}
        if not names:
            yield Fault("", None, "holds no cuts.000000.jsonl.gz")
        for item in sorted(path.iterdir()):
            if item.name not in names and not re.fullmatch(r"\w+\.[0-9]{6}\.(tar|jsonl(\.gz)?)", item.name):
                yield Fault(item.name, None, "does not belong here: Lhotse takes it for data of the cuts")
        for file in _shards(path):
            yield from _shard_faults(path, file)


def _shard_faults(folder: Path, file: Path) -> Iterator[Fault]:
    ids: list[str] = []
    for number, data in strict_objects(file, file.name):
        if isinstance(data, Fault):
            yield data
            continue
        ids.append(str(data.get("id")))
        for reason in _cut_faults(data):
            yield Fault(file.name, number, reason)
    tar = f"recording.{file.name.split('.')[1]}.tar"
    if not (folder / tar).is_file():
        yield Fault(tar, None, "is missing")
        return
    audio: list[str] = []
    # The ids of cuts may hold dots; here a name is cut at its last one.
    for found in shard_faults(folder / tar, tar, ("json",), AUDIO, first_dot=False):
        if isinstance(found, Fault):
            yield found
        else:
            audio.append(found[0])
    if audio != ids:
        yield Fault(tar, None, f"its audio is not that of {file.name}, item by item")


def _cut_faults(data: dict[str, Any]) -> Iterator[str]:
    if data.get("type") not in ("MonoCut", "MultiCut", "MixedCut", "PaddingCut"):
        yield "has no type that Lhotse knows"
    length = data.get("duration")
    if not isinstance(length, int | float) or length <= 0:
        yield "duration must be above 0"


def _shards(path: Path) -> list[Path]:
    if not path.is_dir():
        return []
    return sorted(file for file in path.iterdir() if CUTS.fullmatch(file.name))
