"""Whisper fine-tuning lists: one JSON object a clip, with its text and the times of what is said in it.

Spec: the reader of yeyupiaoling/Whisper-Finetune and what was made from it: ``audio.path``, ``sentence``,
``duration`` (clips shorter than 0.5 s or longer than 30 s are skipped without a word), ``language`` as one of
Whisper's, and for timestamps ``sentences`` of start, end and text, in seconds from the start of the clip.
Other keys are not looked at: in them lies where a clip was cut from.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ExportError, OptionError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import Example, examples, is_example, with_sound
from speechlabel.formats.json_lines import first_object
from speechlabel.formats.jsonfile import is_list, is_object
from speechlabel.formats.losses import Tally
from speechlabel.formats.training.whisper_jsonl_read import list_faults, read_list, whisper_language
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import us_to_seconds

__all__ = ["WhisperJsonlFormat"]

LIST = "train.jsonl"
SHORTEST_US, LONGEST_US = 500_000, 30_000_000  # what the reader takes


@dataclass(frozen=True)
class WhisperJsonlFormat(Format):
    """Clips with text and timestamps for fine-tuning Whisper; ``window`` joins neighbours to longer clips."""

    window: int = 0  # seconds: neighbours of one channel are joined up to this length; 0: a clip a segment
    paths: Literal["relative", "absolute"] = "relative"  # relative: training must run in this folder
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "whisper_jsonl"
    title: ClassVar[str] = "Whisper fine-tuning JSONL"
    extensions: ClassVar[tuple[str, ...]] = (".jsonl", ".json")
    spec: ClassVar[str] = "https://github.com/yeyupiaoling/Whisper-Finetune"
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "language", "channel", "kind", "speaker", "speaker.gender"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("the reader's rule, sample by sample",)

    def __post_init__(self) -> None:
        if not 0 <= self.window <= LONGEST_US // 1_000_000:
            raise OptionError("window", "must lie between 0 and 30 seconds")

    def sniff(self, path: Path) -> bool:
        """Tell it by ``audio`` with a path, beside ``sentence`` or ``sentences``, in its first line."""
        if path.is_dir():
            return bool(_files(path))
        return path.suffix in self.extensions and _claims(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write the clips and ``train.jsonl``."""
        tally = Tally()
        count = skipped = 0
        with (out / LIST).open("wb") as file:
            for recording, segments in export.bundle.stream():
                known = export.bundle.speakers_of(recording.id)
                wanted = [item for item in segments if is_example(item, tally, all_kinds=self.all_kinds)]
                found = sorted(self._groups(wanted), key=lambda group: (group[0].start_us, group[0].id))
                groups = {group[0].id: group for group in found}
                spans = [_span(group) for group in groups.values()]
                for example in with_sound(
                    examples(export, recording, spans, out, clips=out / "clips"), tally
                ):
                    group = groups[example.segment.id]
                    line = self._line(export, recording, example, group, known)
                    try:
                        file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                    except orjson.JSONEncodeError as error:
                        raise ExportError(f"{group[0].id}: cannot be written as JSON: {error}") from error
                    count += len(group)
                    skipped += not SHORTEST_US <= example.duration_us <= LONGEST_US
        warning = f"{skipped} clips are shorter than 0.5 s or longer than 30 s: the usual reader skips them"
        return Written(segments=count, losses=tally.losses(), warnings=(warning,) if skipped else ())

    def _groups(self, segments: Sequence[Segment]) -> Iterator[list[Segment]]:
        """Join neighbours of one channel that do not overlap, up to the window."""
        most = self.window * 1_000_000
        open_groups: dict[int | None, list[Segment]] = {}
        for segment in segments:
            group = open_groups.get(segment.channel)
            fits = (
                group and group[-1].end_us <= segment.start_us and segment.end_us - group[0].start_us <= most
            )
            if group and fits and group[0].language == segment.language:
                group.append(segment)
                continue
            if group:
                yield group
            open_groups[segment.channel] = [segment]
        yield from open_groups.values()

    def _line(
        self,
        export: Export,
        recording: Recording,
        example: Example,
        group: Sequence[Segment],
        known: dict[str, Speaker],
    ) -> dict[str, Any]:
        path = example.audio
        if self.paths == "absolute":
            path = Path(os.path.abspath(export.target / path)).as_posix()  # noqa: PTH100 - see names.py
        language = export.bundle.language_of(recording.id, group[0])
        line: dict[str, Any] = {"audio": {"path": path}, "sentence": _joined(group)}
        if (told := whisper_language(language)) is not None:
            line["language"] = told
        start_us = group[0].start_us - (example.clip.lead_us if example.clip else 0)
        line["sentences"] = [_sentence(item, start_us, known.get(item.speaker or "")) for item in group]
        line["duration"] = us_to_seconds(example.duration_us)
        source: dict[str, Any] = {"recording_id": recording.id, "start": us_to_seconds(start_us)}
        if group[0].channel is not None:
            source["channel"] = group[0].channel
        if language is not None and language != told:
            source["language"] = language
        return line | {"source": source}

    def read(self, path: Path) -> Bundle:
        """Read a list, or those of a folder; ours go back to the recordings that the clips were cut from."""
        return read_list(_files(path) if path.is_dir() else [path], path)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Lines that the reader would stumble over, languages unknown to Whisper, times out of order."""
        for file in _files(path) if path.is_dir() else [path]:
            yield from list_faults(file, file.relative_to(path).as_posix() if path.is_dir() else file.name)


def _span(group: Sequence[Segment]) -> Segment:
    """Segment that stands for all of a group, under the id of the first."""
    return group[0] if len(group) == 1 else replace(group[0], end_us=group[-1].end_us, words=(), events=())


def _joined(group: Sequence[Segment]) -> str:
    """Texts of a group; with a blank between those that are written with blanks."""
    out = ""
    for segment in group:
        text = segment.text or ""
        needs_blank = out and text and not out[-1].isspace() and (out[-1] < "\u2e80" or text[0] < "\u2e80")
        out += f" {text}" if needs_blank else text
    return out


def _sentence(segment: Segment, start_us: int, speaker: Speaker | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "start": us_to_seconds(segment.start_us - start_us),
        "end": us_to_seconds(segment.end_us - start_us),
        "text": segment.text,
        "id": segment.id,
    }
    if segment.kind != "speech":
        told["kind"] = segment.kind
    if segment.speaker is not None:
        told["speaker"] = segment.speaker
    if speaker is not None:
        told["speaker_name"] = speaker.name
        if speaker.gender is not None:
            told["gender"] = speaker.gender
    return told


def _files(folder: Path) -> list[Path]:
    found = [
        path for path in sorted(folder.iterdir()) if path.suffix in (".jsonl", ".json") and path.is_file()
    ]
    return [path for path in found if _claims(path)]


def _claims(path: Path) -> bool:
    value = first_object(path)
    audio = value.get("audio")
    named = is_object(audio) and isinstance(audio.get("path"), str)
    return named and (isinstance(value.get("sentence"), str) or is_list(value.get("sentences")))
