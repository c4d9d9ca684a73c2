"""The lines of NeMo manifests that we write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import orjson

from speechlabel.errors import ExportError
from speechlabel.formats.examples import Example, speaker_key
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import us_to_seconds

__all__ = ["EXTRAS", "dumped", "nemo_line"]

EXTRAS = ("noise_labels", "tags", "fields", "confidence", "invalid_reason")
# Of what another manifest said, these would be untrue now, or do harm (see ``nemo.py``).
NOT_AGAIN = {"sampling_rate", "orig_sample_rate", "_skipme", "shard_id", "text_filepath", "feature_file"}


def nemo_line(
    example: Example, recording: Recording, speaker: Speaker | None, language: str | None
) -> dict[str, Any]:
    """JSON object of a segment, keys in the order that people expect."""
    segment = example.segment
    line: dict[str, Any] = {
        "audio_filepath": example.audio,
        "offset": us_to_seconds(example.start_us),
        "duration": us_to_seconds(example.duration_us),
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
    if example.clip is not None:
        line["source_offset"] = us_to_seconds(segment.start_us)
        line["source_duration"] = us_to_seconds(segment.duration_us)
    if segment.kind != "speech":
        line["kind"] = segment.kind
    if not segment.is_valid:
        line["is_valid"] = False
    line |= {name: value for name in EXTRAS if (value := getattr(segment, name))}
    return line | {key: value for key, value in _kept(segment).items() if key not in line}


def _kept(segment: Segment) -> Mapping[str, Any]:
    """Return what a manifest that was read said beyond our fields."""
    kept = segment.custom.get("nemo")
    if not isinstance(kept, Mapping):
        return {}
    return {key: value for key, value in cast("Mapping[str, Any]", kept).items() if key not in NOT_AGAIN}


def dumped(line: Mapping[str, Any], id: str) -> bytes:
    """Line of a manifest.

    Raises
    ------
    ExportError
        What an extension put into a record is no JSON.
    """
    try:
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise ExportError(f"{id}: cannot be written as JSON: {error}") from error
