"""NeMo manifest: one JSON object a line that names a stretch of an audio file and its text.

Spec: NVIDIA NeMo, "Preparing ASR data"; field order and traps from its readers (classic and Lhotse).
``sampling_rate`` is never written: beside a non-zero ``offset`` NeMo's Lhotse reader takes ``duration`` for
the length of the whole file.  The reader also names its cuts by hundredths of a second.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ExportError
from speechlabel.formats.base import Export, Format, Written
from speechlabel.formats.losses import Tally
from speechlabel.formats.training import is_example, speaker_key
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import us_to_seconds

__all__ = ["NemoFormat"]

MANIFEST = "manifest.jsonl"
EXTRAS = ("noise_labels", "tags", "fields", "confidence", "invalid_reason")


@dataclass(frozen=True)
class NemoFormat(Format):
    """Manifest for NeMo ASR."""

    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "nemo"
    title: ClassVar[str] = "NeMo manifest"
    extensions: ClassVar[tuple[str, ...]] = (".jsonl", ".json")
    spec: ClassVar[str] = (
        "https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/asr/datasets.html"
    )
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "language", "speaker", "channel", "kind", "is_valid", "speaker.gender", *EXTRAS}
    )
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("a reader that compares the audio of each line",)

    def sniff(self, path: Path) -> bool:
        """Tell it by the keys of its first line."""
        file = path / MANIFEST if path.is_dir() else path
        try:
            with file.open("rb") as stream:
                value: Any = orjson.loads(stream.readline(1_000_000))
        except (OSError, orjson.JSONDecodeError):
            return False
        return (
            isinstance(value, dict)
            and {"audio_filepath", "duration"} <= value.keys()
            and "schema" not in value
        )

    def write(self, export: Export, out: Path) -> Written:
        """Write ``manifest.jsonl``, by recording and start."""
        tally = Tally()
        count = same = 0
        with (out / MANIFEST).open("wb") as file:
            for recording, segments in export.bundle.stream():
                speakers = export.bundle.speakers_of(recording.id)
                cuts: Counter[tuple[str, int, int]] = Counter()  # no two recordings share a file
                for segment in segments:
                    if not is_example(segment, tally, all_kinds=self.all_kinds):
                        continue
                    audio = export.audio_path(recording, segment.channel, out)
                    cuts[audio, round(segment.start_us / 10_000), round(segment.duration_us / 10_000)] += 1
                    speaker = speakers.get(segment.speaker or "")
                    language = export.bundle.language_of(recording.id, segment)
                    line = _line(segment, recording, speaker, audio, language)
                    try:
                        file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                    except orjson.JSONEncodeError as error:
                        raise ExportError(f"{segment.id}: cannot be written as JSON: {error}") from error
                    count += 1
                same += sum(number for number in cuts.values() if number > 1)
        warning = (
            f"{same} segments share their file, offset and duration to 0.01 s: NeMo gives them one cut id"
        )
        return Written(segments=count, losses=tally.losses(), warnings=(warning,) if same else ())


def _line(
    segment: Segment, recording: Recording, speaker: Speaker | None, audio: str, language: str | None
) -> dict[str, Any]:
    line: dict[str, Any] = {
        "audio_filepath": audio,
        "offset": us_to_seconds(segment.start_us),
        "duration": us_to_seconds(segment.duration_us),
        "text": segment.text,
    }
    if language is not None:
        line["lang"] = language
    if segment.speaker is not None:
        line["speaker"] = speaker_key(recording.id, segment.speaker)
    if speaker is not None:
        line["speaker_name"] = speaker.name
        if speaker.gender is not None:
            line["gender"] = speaker.gender
    line |= {"recording_id": recording.id, "segment_id": segment.id}
    if segment.channel is not None:
        line["source_channel"] = segment.channel  # of the recording; the file named above has one channel
    if segment.kind != "speech":
        line["kind"] = segment.kind
    if not segment.is_valid:
        line["is_valid"] = False
    return line | {name: value for name in EXTRAS if (value := getattr(segment, name))}
