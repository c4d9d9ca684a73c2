"""SpeechBrain manifests: one JSON object of id → values, or a CSV with ``ID``; stretches in samples.

Spec: speechbrain.dataio.dataset.  The loader puts every text of the JSON through ``str.format_map``, so
braces are doubled; in the CSV it replaces ``$name``, which nothing can escape: a ``$`` before a letter or
digit gets a blank behind it there, and is reported.  ``{data_root}`` (``$data_root``) stands for the folder
of the manifest.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ExportError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import Example, examples, is_example, speaker_key, with_sound
from speechlabel.formats.jsonfile import is_list
from speechlabel.formats.losses import Tally
from speechlabel.formats.training.speechbrain_read import (
    first_member,
    read_manifest,
    table_header,
    text_faults,
)
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import us_to_samples, us_to_seconds

__all__ = ["SpeechBrainFormat"]

MARK = re.compile(r"\$(?=[\w.])")
COLUMNS = (
    *("ID", "duration", "wav", "start", "stop", "spk_id", "wrd", "language", "recording_id", "segment_id"),
    *(
        "channel",
        "start_time",
        "end_time",
        "kind",
        "speaker",
        "speaker_name",
        "gender",
        "noise_labels",
        "tags",
    ),
    *("is_valid", "invalid_reason", "confidence"),
)
UNKNOWN_RATE = 1_000_000  # of a recording of which only the annotation is known


@dataclass(frozen=True)
class SpeechBrainFormat(Format):
    """Manifest for SpeechBrain's ``DynamicItemDataset``."""

    file: Literal["json", "csv"] = "json"
    data_root: bool = True  # paths begin with {data_root}, which the loader replaces
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "speechbrain"
    title: ClassVar[str] = "SpeechBrain manifest"
    extensions: ClassVar[tuple[str, ...]] = (".json", ".csv")
    spec: ClassVar[str] = (
        "https://speechbrain.readthedocs.io/en/latest/tutorials/basics/data-loading-pipeline.html"
    )
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "language", "channel", "kind", "speaker", "speaker.gender", "noise_labels", "tags"}
        | {"is_valid", "invalid_reason", "confidence"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("the loader's rule, sample by sample",)

    def sniff(self, path: Path) -> bool:
        """Tell JSON by a ``wav`` in its first value, CSV by ``ID`` and ``wav`` in its header."""
        if path.is_dir():
            return bool(_files(path))
        return _claims(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``manifest.json`` or ``manifest.csv``."""
        tally = Tally()
        put_all = self._write_json if self.file == "json" else self._write_csv
        count = put_all(out, self._rows(export, out, tally), tally)
        return Written(segments=count, losses=tally.losses())

    def _rows(self, export: Export, out: Path, tally: Tally) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Give the id, the segment's id and the values of each example; paths as they are."""
        for recording, segments in export.bundle.stream():
            known = export.bundle.speakers_of(recording.id)
            wanted = (item for item in segments if is_example(item, tally, all_kinds=self.all_kinds))
            for example in with_sound(examples(export, recording, wanted, out), tally):
                segment = example.segment
                language = export.bundle.language_of(recording.id, segment)
                row = _row(example, recording, known.get(segment.speaker or ""), language)
                yield example.id, segment.id, row

    def _write_json(self, out: Path, found: Iterator[tuple[str, str, dict[str, Any]]], tally: Tally) -> int:
        count = 0
        with (out / "manifest.json").open("wb") as file:
            file.write(b"{")
            for id, segment_id, row in found:
                start, stop = row.pop("start"), row.pop("stop")
                path = self._path(row["wav"], "{data_root}/", _doubled)
                row = {key: _each_text(value, _doubled) for key, value in row.items()}
                row["wav"] = path if start is None else {"file": path, "start": start, "stop": stop}
                try:
                    file.write(b",\n" if count else b"\n")
                    file.write(orjson.dumps(id) + b":" + orjson.dumps(row))
                except orjson.JSONEncodeError as error:
                    raise ExportError(f"{segment_id}: cannot be written as JSON: {error}") from error
                count += 1
            file.write(b"\n}\n")
        return count

    def _write_csv(self, out: Path, found: Iterator[tuple[str, str, dict[str, Any]]], tally: Tally) -> int:
        count = 0
        with (out / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
            # Quotes around all: the loader drops blanks before what has none.
            writer = csv.DictWriter(file, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writeheader()
            for id, segment_id, row in found:
                cells = {key: _cell(value) for key, value in row.items()}
                path = self._path(cells["wav"], "$data_root/", str)
                for key, cell in cells.items():
                    cells[key] = MARK.sub("$ ", cell)
                    if cells[key] != cell and key != "wav":
                        field = {"wrd": "text", "speaker_name": "speaker.name"}.get(key, key)
                        which = row["speaker"] if key == "speaker_name" else segment_id
                        tally.add(
                            field, "a blank was set behind $, for which the loader has another use", which
                        )
                cells["wav"] = path
                writer.writerow({"ID": id} | cells)
                count += 1
        return count

    def _path(self, path: str, root: str, escape: Callable[[str], str]) -> str:
        if self.data_root and not Path(path).is_absolute():
            return root + escape(path)
        return escape(path)

    def read(self, path: Path) -> Bundle:
        """Read a manifest, or those of a folder; ours go back to the recordings they were made from."""
        return read_manifest(_files(path) if path.is_dir() else [path], path)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Ids that stand twice, braces and ``$`` that the loader cannot fill, stretches that are none."""
        for file in _files(path) if path.is_dir() else [path]:
            yield from text_faults(file, file.relative_to(path).as_posix() if path.is_dir() else file.name)


def _row(
    example: Example, recording: Recording, speaker: Speaker | None, language: str | None
) -> dict[str, Any]:
    segment = example.segment
    start, stop = _samples(example, recording)
    return {
        "duration": us_to_seconds(example.duration_us),
        "wav": example.audio,
        "start": start,
        "stop": stop,
        "spk_id": speaker_key(recording.id, segment.speaker),
        "wrd": segment.text,
        "language": language,
        "recording_id": recording.id,
        "segment_id": segment.id,
        "channel": segment.channel,
        "start_time": us_to_seconds(segment.start_us),
        "end_time": us_to_seconds(segment.end_us),
        "kind": segment.kind,
        "speaker": segment.speaker,
        "speaker_name": None if speaker is None else speaker.name,
        "gender": None if speaker is None else speaker.gender,
        "noise_labels": list(segment.noise_labels),
        "tags": list(segment.tags),
        "is_valid": segment.is_valid,
        "invalid_reason": segment.invalid_reason,
        "confidence": segment.confidence,
    }


def _samples(example: Example, recording: Recording) -> tuple[int | None, int | None]:
    """First sample of a stretch and the one behind it; None where the file holds the segment alone."""
    if example.clip is not None:
        return None, None
    segment: Segment = example.segment
    if not recording.content_hash and recording.sample_rate == UNKNOWN_RATE:
        raise ExportError(
            f"{recording.name!r}: SpeechBrain counts in samples, and the rate of its audio is not known; "
            "convert with the recordings at hand, or let segments be cut"
        )
    first = us_to_samples(segment.start_us, recording.sample_rate)
    return first, max(us_to_samples(segment.end_us, recording.sample_rate), first + 1)


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _each_text(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    return [_each_text(item, change) for item in value] if is_list(value) else value


def _cell(value: Any) -> str:  # noqa: ANN401
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode() if isinstance(value, list) else str(value)


def _files(folder: Path) -> list[Path]:
    found = [path for path in sorted(folder.iterdir()) if path.suffix in (".json", ".csv") and path.is_file()]
    return [path for path in found if _claims(path)]


def _claims(path: Path) -> bool:
    if path.suffix == ".csv":
        return {"ID", "wav"} <= set(table_header(path))
    if path.suffix != ".json":
        return False
    value = first_member(path)
    wav = value.get("wav")
    return isinstance(wav, str) or (isinstance(wav, Mapping) and "file" in wav)
