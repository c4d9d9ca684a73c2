"""WebDataset: tar shards where the files of an example are neighbours and share a name.

Spec: https://github.com/webdataset/webdataset.  An example is ``<id>.json`` (a line of the aligned manifest),
``<id>.txt`` (the transcript, as it is) and ``<id>.flac`` or ``.wav``.  A name ends at its first dot, so ids
hold none.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import ExportError
from speechlabel.formats.base import Export, Fault, Format, Written
from speechlabel.formats.examples import examples, is_example, utterance_id, with_sound
from speechlabel.formats.losses import Tally
from speechlabel.formats.native import lines
from speechlabel.formats.training.nemo_lines import dumped
from speechlabel.formats.training.tar_shards import Shards, audio_of, members, shard_faults
from speechlabel.records import Segment

__all__ = ["WebDatasetFormat"]

AUDIO = ("flac", "wav")


@dataclass(frozen=True)
class WebDatasetFormat(Format):
    """Tar shards of examples."""

    shard_size: int = 1000  # segments in a shard
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "webdataset"
    title: ClassVar[str] = "WebDataset shards"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://github.com/webdataset/webdataset"
    carries: ClassVar[frozenset[str]] = frozenset(
        {item.name for item in dataclasses.fields(Segment)} | {"speaker.gender"}
    ) - {"version"}
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("webdataset",)

    def utterance_id(self, recording_id: str, segment: Segment) -> str:
        """Name it without dots where it names files in a tar: readers cut those at their first."""
        return utterance_id(recording_id, segment.id, dots=False)

    def sniff(self, path: Path) -> bool:
        """Tell it by the first two files of its first shard."""
        shards = _shards(path)
        if not shards or shards[0].suffix != ".tar":
            return False
        try:
            names = [name for (name, _, _), _ in zip(members(shards[0]), range(2), strict=False)]
        except (tarfile.TarError, OSError, EOFError):
            return False
        return [name.rpartition(".")[2] for name in names] == ["json", "txt"]

    def write(self, export: Export, out: Path) -> Written:
        """Write the shards."""
        tally = Tally()
        count = 0
        with Shards(lambda number: out / f"shard-{number:06d}.tar", self.shard_size) as shards:
            for recording, segments in export.bundle.stream():
                speakers = export.bundle.speakers_of(recording.id)
                wanted = (one for one in segments if is_example(one, tally, all_kinds=self.all_kinds))
                found = examples(export, recording, wanted, out, clips=out / "clips", dots=False)
                for example in with_sound(found, tally):
                    segment = example.segment
                    speaker = speakers.get(segment.speaker or "")
                    line = lines.segment_line(segment, recording, speaker, None)
                    if language := export.bundle.language_of(recording.id, segment):
                        line["language"] = language
                    if example.clip is not None:
                        line["sample_rate"] = example.clip.sample_rate
                    ending, content = audio_of(example)
                    shards.add(
                        (
                            (f"{example.id}.json", dumped(line, segment.id)),
                            (f"{example.id}.txt", (segment.text or "").encode()),
                            (f"{example.id}.{ending}", content),
                        )
                    )
                    count += 1
        shutil.rmtree(out / "clips", ignore_errors=True)
        if not count:
            raise ExportError("there is nothing to export: no segment is speech with a text")
        return Written(segments=count, losses=tally.losses())

    def faults(self, path: Path) -> Iterator[Fault]:
        """Examples that are torn, lack a file or stand twice, and shards that are not whole."""
        shards = _shards(path)
        if not shards:
            yield Fault("", None, "holds no shards")
        for shard in shards:
            yield from (
                found
                for found in shard_faults(shard, shard.name, ("json", "txt"), AUDIO)
                if isinstance(found, Fault)
            )


def _shards(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path] if path.is_file() else []
    return sorted(file for file in path.iterdir() if re.fullmatch(r".*-[0-9]+\.tar", file.name))
