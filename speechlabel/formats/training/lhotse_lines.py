"""Lhotse's manifests as we write them: recordings, supervisions and cuts, to exactly their keys.

What a supervision has no key for is in its ``custom``, as a line of the aligned manifest without what the
supervision itself says; so an export that comes back is whole.
"""

from __future__ import annotations

import gzip
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from speechlabel.formats.base import Export
from speechlabel.formats.examples import Example, speaker_key
from speechlabel.formats.native import lines
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import MICROSECOND, us_to_seconds

__all__ = ["cut_line", "manifest", "recording_line", "source_line", "supervision_line"]

SAID = (
    "audio_filepath",
    "recording_duration",
    "sample_rate",
    "duration",
    "text",
)  # by the supervision itself


@contextmanager
def manifest(path: Path) -> Generator[IO[bytes]]:
    """Open a file of lines, packed where its name ends in ``.gz``, without a time in it."""
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=5) as packed:
            yield cast("IO[bytes]", packed)


def source_line(id: str, sources: list[dict[str, Any]], rate: int, n_samples: int) -> dict[str, Any]:
    """JSON object of a Recording."""
    channels = sorted(channel for source in sources for channel in source["channels"])
    return {
        "id": id,
        "sources": sources,
        "sampling_rate": rate,
        "num_samples": n_samples,
        "duration": round(n_samples / rate, 8),
        "channel_ids": channels,
    }


def recording_line(export: Export, recording: Recording, out: Path, end_us: int) -> dict[str, Any]:
    """JSON object of a recording, one file for each channel; ``end_us`` where its length is not known."""
    n_samples = recording.n_frames or -(-end_us * recording.sample_rate // MICROSECOND)
    channels = [None] if recording.channels == 1 else list(range(recording.channels))
    sources = [
        {
            "type": "file",
            "channels": [channel or 0],
            "source": export.audio_path(recording, channel, out),
        }
        for channel in channels
    ]
    return source_line(recording.id, sources, recording.sample_rate, n_samples)


def supervision_line(
    example: Example, recording: Recording, speaker: Speaker | None, language: str | None, *, start_us: int
) -> dict[str, Any]:
    """JSON object of a supervision that starts at ``start_us``: in its recording, its clip or its cut."""
    segment = example.segment
    is_clip = example.clip is not None
    channels: int | list[int] = segment.channel or 0
    if recording.channels > 1 and segment.channel is None and not is_clip:
        channels = list(range(recording.channels))
    line: dict[str, Any] = {
        "id": example.id,
        "recording_id": example.id if is_clip else recording.id,
        "start": us_to_seconds(start_us),
        "duration": us_to_seconds(example.duration_us),
        "channel": 0 if is_clip else channels,
    }
    if segment.text is not None:
        line["text"] = segment.text
    if language is not None:
        line["language"] = language
    if segment.speaker is not None:
        line["speaker"] = speaker_key(recording.id, segment.speaker)
    if speaker is not None and speaker.gender is not None:
        line["gender"] = speaker.gender
    custom = lines.segment_line(segment, recording, speaker, None)
    for key in SAID:
        custom.pop(key, None)
    if alignment := _alignment(segment, start_us - segment.start_us):
        del custom["words"]
    kept = _kept(segment)
    line["custom"] = kept.get("custom", {}) | custom
    if alignment or kept.get("alignment"):
        line["alignment"] = kept.get("alignment", {}) | alignment
    return line


def _alignment(segment: Segment, shift_us: int) -> dict[str, Any]:
    """Words as Lhotse has them: each with a time, and not all have one always."""
    words: list[list[Any]] = []
    for word in segment.words:
        if word.start_us is None or word.end_us is None or word.end_us < word.start_us:
            return {}
        start, length = word.start_us + shift_us, word.end_us - word.start_us
        words.append([word.word, us_to_seconds(start), us_to_seconds(length), word.score])
    return {"word": words} if words else {}


def _kept(segment: Segment) -> dict[str, Any]:
    """Return what another supervision said beyond our fields; its alignments stay at their times."""
    kept = segment.custom.get("lhotse")
    if not isinstance(kept, Mapping):
        return {}
    found = cast("Mapping[str, Any]", kept)
    return {
        key: dict(cast("Mapping[str, Any]", found[key]))
        for key in ("custom", "alignment")
        if isinstance(found.get(key), Mapping)
    }


def cut_line(
    example: Example, supervision: dict[str, Any], source: dict[str, Any], start_us: int
) -> dict[str, Any]:
    """JSON object of a cut of one supervision, whose times count from the cut."""
    channel = supervision["channel"]
    return {
        "id": example.id,
        "start": us_to_seconds(start_us),
        "duration": us_to_seconds(example.duration_us),
        "channel": channel,
        "supervisions": [supervision],
        "recording": source,
        "type": "MonoCut" if isinstance(channel, int) else "MultiCut",
    }
