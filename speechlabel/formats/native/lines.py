r"""The lines of the aligned manifest: records ↔ JSON objects with times in seconds.

Written seconds are the float nearest to the microsecond, whose shortest decimal form has at most six
places; read back and rounded to the microsecond they are the same integer (``tests/formats/test_lines.py``).
Lines end at ``\n`` only: U+2028, U+0085 and their kind may stand inside a text.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson

from speechlabel.drafts import DEFAULTS, segment_from
from speechlabel.errors import ParseError, RecordError
from speechlabel.formats.base import Labelled
from speechlabel.records import Recording, Segment, Speaker, from_dict, to_dict
from speechlabel.timing import MICROSECOND, us_to_seconds

__all__ = [
    "RecordingLine",
    "SegmentLine",
    "parse_recording",
    "parse_segment",
    "parse_speaker",
    "read_lines",
    "recording_line",
    "segment_line",
    "speaker_line",
]

VERSION = "1.0"
LONGEST_LINE = 16_000_000  # bytes
DEEPEST = 100  # nesting inside ``custom`` and ``metadata``
LATEST = 1_000_000_000  # seconds; beyond it a time is a mistake
ALWAYS = ("kind", "is_valid", "status")  # written even when they have their default, so that tools can filter
NOT_LABELS = {"id", "channel", "start_us", "end_us", "version"}
LABELS = tuple(item.name for item in dataclasses.fields(Segment) if item.name not in NOT_LABELS)
_label_values = attrgetter(*LABELS)
LABEL_DEFAULTS = tuple(object() if name in ALWAYS else DEFAULTS[name] for name in LABELS)
# Facts of one workspace.
RECORDING_NOT_HERE = ("is_stored", "modified_ns", "state", "error", "error_code", "preparation")
TIMES = {"start_us": "start", "end_us": "end"}
SCHEMAS = {kind: f"speechlabel.{kind}/{VERSION}" for kind in ("segment", "recording", "speaker")}


class SegmentLine(NamedTuple):
    """One line of ``segments.jsonl``, read."""

    recording_id: str
    segment: Segment
    audio_filepath: str | None
    speaker_name: str | None
    gender: str | None


class RecordingLine(NamedTuple):
    """One line of ``recordings.jsonl``, read; its path as written."""

    recording: Recording
    labelled: tuple[Labelled, ...] | None
    language: str | None


def _seconds(record: Mapping[str, Any]) -> dict[str, Any]:
    """Rename times and turn them into seconds."""
    return {
        TIMES.get(key, key): us_to_seconds(value) if key in TIMES else value for key, value in record.items()
    }


def segment_line(
    segment: Segment, recording: Recording, speaker: Speaker | None, audio_filepath: str | None
) -> dict[str, Any]:
    """JSON object of a segment, keys in the order of the schema, nothing that says nothing."""
    out: dict[str, Any] = {
        "schema": f"speechlabel.segment/{VERSION}",
        "id": segment.id,
        "recording_id": recording.id,
    }
    if audio_filepath is not None:
        out["audio_filepath"] = audio_filepath
    if recording.n_frames:
        out["recording_duration"] = us_to_seconds(recording.duration_us)
    out["sample_rate"] = recording.sample_rate
    if segment.channel is not None:
        out["channel"] = segment.channel
    out["start"] = us_to_seconds(segment.start_us)
    out["end"] = us_to_seconds(segment.end_us)
    out["duration"] = us_to_seconds(segment.duration_us)
    return out | _labels(segment, speaker)


def _labels(segment: Segment, speaker: Speaker | None) -> dict[str, Any]:
    """Give what is said about a segment, in field order; the name follows the speaker."""
    out: dict[str, Any] = {}
    for name, value, default in zip(LABELS, _label_values(segment), LABEL_DEFAULTS, strict=True):
        if name == "speaker" and speaker is not None:
            if value is not None:
                out[name] = value
            out["speaker_name"] = speaker.name
            if speaker.gender is not None:
                out["gender"] = speaker.gender
        elif value is default or value == default:
            continue
        elif name in ("words", "events"):
            out[name] = [_seconds(to_dict(item)) for item in value]
        else:
            out[name] = list(cast("tuple[Any, ...]", value)) if type(value) is tuple else value
    return out


def recording_line(
    recording: Recording,
    path: str | None,
    labelled: tuple[Labelled, ...] | None,
    language: str | None = None,
) -> dict[str, Any]:
    """JSON object of a recording; what only concerns the workspace it came from is left out.

    ``language`` is that of its segments that name none: a segment's own line stays as it was labelled.
    """
    own = to_dict(recording)
    for name in (*RECORDING_NOT_HERE, "path"):
        own.pop(name, None)
    out: dict[str, Any] = {"schema": f"speechlabel.recording/{VERSION}", "id": own.pop("id")}
    if path is not None:
        out["path"] = path
    out["duration"] = us_to_seconds(recording.duration_us)
    out |= own
    if language is not None:
        out["language"] = language
    if labelled is not None:
        out["labelled"] = [
            ({} if item.channel is None else {"channel": item.channel})
            | {"start": us_to_seconds(item.start_us), "end": us_to_seconds(item.end_us)}
            for item in labelled
        ]
    return out


def speaker_line(speaker: Speaker, recording_id: str) -> dict[str, Any]:
    """JSON object of a speaker."""
    own = to_dict(speaker)
    own.pop("version", None)
    return {"schema": f"speechlabel.speaker/{VERSION}", "recording_id": recording_id} | own


def read_lines(path: Path, *, offset: int = 0, line: int = 1) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield (offset in bytes, line number, object) of each line that is not blank.

    Raises
    ------
    ParseError
        A line is not one JSON object, or longer than 16 MB.
    """
    with path.open("rb") as file:
        file.seek(offset)
        while raw := file.readline(LONGEST_LINE + 1):
            size = len(raw)
            if size > LONGEST_LINE:
                raise ParseError(path, f"the line is longer than {LONGEST_LINE:,} bytes", line=line)
            if line == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if raw and not raw.isspace():
                yield offset, line, _object(raw, path, line)
            offset += size
            line += 1


def _object(raw: bytes, path: Path, line: int) -> dict[str, Any]:
    try:
        value: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ParseError(path, f"not JSON: {error.msg}", line=line, column=error.colno) from error
    if not isinstance(value, dict):
        raise ParseError(path, "must be one JSON object, in braces", line=line)
    data = cast("dict[str, Any]", value)
    if raw.count(b"{") + raw.count(b"[") > DEEPEST:
        _refuse_deep(data, path, line)
    return data


def _refuse_deep(data: dict[str, Any], path: Path, line: int) -> None:
    level: list[Any] = [data]
    for _ in range(DEEPEST):
        level = [
            inner
            for item in level
            for inner in (cast("dict[str, Any]", item).values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise ParseError(path, f"nested deeper than {DEEPEST}", line=line)


class _Reader:
    """Takes keys out of one line's object and says which key was wrong."""

    def __init__(self, data: dict[str, Any], kind: str, path: Path, line: int) -> None:
        self.data, self.path, self.line = data, path, line
        found = data.pop("schema", None)
        if found == SCHEMAS[kind]:
            return
        if not isinstance(found, str) or not re.fullmatch(rf"speechlabel\.{kind}/1(\.[0-9]{{1,9}})?", found):
            raise self.error("schema", f"must be 'speechlabel.{kind}/{VERSION}', not {found!r:.80}")

    def error(self, key: str, reason: str) -> ParseError:
        return ParseError(self.path, f"{key}: {reason}", line=self.line)

    def text(self, key: str, *, needed: bool = False) -> str | None:
        value = self.data.pop(key, None)
        if type(value) is str or (value is None and not needed):
            return value
        if not isinstance(value, str):
            raise self.error(key, "is missing" if value is None else "must be text")
        return value

    def time(self, source: dict[str, Any], key: str, *, needed: bool = False) -> int | None:
        value = source.pop(key, None)
        if type(value) is float and -LATEST <= value <= LATEST:
            return round(value * MICROSECOND)
        if value is None and not needed:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, "is missing" if value is None else "must be a number of seconds")
        if not math.isfinite(value) or abs(value) > LATEST:
            raise self.error(key, f"{value!r} is not a time in seconds")
        return round(value * MICROSECOND)

    def stretch(self, source: dict[str, Any], *, needed: bool = False) -> dict[str, int | None]:
        return {name: self.time(source, key, needed=needed) for name, key in TIMES.items()}

    def parts(self, name: str) -> None:
        """Give the words or events of a segment their times in microseconds."""
        value = self.data.pop(name, None)
        if value is None:
            return
        if not isinstance(value, list):
            raise self.error(name, "must be a list")
        items = cast("list[Any]", value)
        parts: list[Any] = []
        for item in items:
            if not isinstance(item, dict):
                raise self.error(name, "must hold objects")
            inner = dict(cast("dict[str, Any]", item))
            self._refuse_microseconds(inner)
            parts.append(self.stretch(inner) | inner)
        self.data[name] = parts

    def record(self, kind: type[Any], extra: dict[str, Any]) -> Any:  # noqa: ANN401 - of ``kind``
        self._refuse_inner(self.data)
        try:
            return from_dict(kind, self.data | extra)
        except RecordError as error:
            raise self._refused(kind, error) from error

    def segment(self, start_us: int, end_us: int) -> Segment:
        data = self.data
        if "start_us" in data or "end_us" in data or "version" in data:
            self._refuse_inner(data)
        data["start_us"], data["end_us"] = start_us, end_us
        try:
            return segment_from(data)
        except RecordError as error:
            raise self._refused(Segment, error) from error

    def _refuse_inner(self, data: dict[str, Any]) -> None:
        """Refuse names of fields that no manifest says."""
        self._refuse_microseconds(data)
        if "version" in data:
            raise self.error("version", "unknown key")

    def _refused(self, kind: type[Any], error: RecordError) -> ParseError:
        unknown = error.data["field"] not in kind.__dataclass_fields__
        reason = "unknown key" if unknown and "not a field" in error.data["reason"] else None
        return self.error(error.data["field"], reason or error.data["reason"])

    def _refuse_microseconds(self, source: dict[str, Any]) -> None:
        for key in TIMES:
            if key in source:
                raise self.error(key, f"unknown key; a manifest says {TIMES[key]}, in seconds")


def parse_segment(data: dict[str, Any], path: Path, line: int) -> SegmentLine:
    """Give the segment of one line's object (which is used up), or ``ParseError`` with the key."""
    reader = _Reader(data, "segment", path, line)
    recording_id = reader.text("recording_id", needed=True) or ""
    audio_filepath = reader.text("audio_filepath")
    speaker_name, gender = reader.text("speaker_name"), reader.text("gender")
    data.pop("recording_duration", None)  # told by recordings.jsonl, as is the rate
    data.pop("sample_rate", None)
    if "id" not in data:
        raise reader.error("id", "is missing")
    start_us = cast("int", reader.time(data, "start", needed=True))
    end_us = cast("int", reader.time(data, "end", needed=True))
    duration = reader.time(data, "duration")
    if duration is not None and abs(duration - end_us + start_us) > 1:
        told, length = us_to_seconds(duration), us_to_seconds(end_us - start_us)
        raise reader.error("duration", f"is {told}, but end - start is {length}")
    if "words" in data or "events" in data:
        reader.parts("words")
        reader.parts("events")
    segment = reader.segment(start_us, end_us)
    return SegmentLine(recording_id, segment, audio_filepath, speaker_name, gender)


def parse_recording(data: dict[str, Any], path: Path, line: int) -> RecordingLine:
    """Give the recording of one line's object (which is used up), or ``ParseError`` with the key."""
    reader = _Reader(data, "recording", path, line)
    reader.time(data, "duration")
    for name in RECORDING_NOT_HERE:
        if name in data:
            raise reader.error(name, "unknown key")
    labelled: tuple[Labelled, ...] | None = None
    if "labelled" in data:
        reader.parts("labelled")
        labelled = tuple(_labelled(item, reader) for item in data.pop("labelled", ()))
    language = reader.text("language")
    recording = reader.record(Recording, {"modified_ns": 0, "path": reader.text("path") or ""})
    return RecordingLine(recording, labelled, language)


def _labelled(item: dict[str, Any], reader: _Reader) -> Labelled:
    channel, start, end = item.pop("channel", None), item.pop("start_us"), item.pop("end_us")
    if item:
        raise reader.error("labelled", f"unknown key {next(iter(item))!r:.80}")
    if start is None or end is None or not 0 <= start <= end:
        raise reader.error("labelled", "needs a start and an end, in order")
    if channel is not None and (type(channel) is not int or channel < 0):
        raise reader.error("labelled", f"channel {channel!r:.80} is not a channel")
    return Labelled(channel, start, end)


def parse_speaker(data: dict[str, Any], path: Path, line: int) -> tuple[str, Speaker]:
    """Give the recording's id and the speaker of one line's object."""
    reader = _Reader(data, "speaker", path, line)
    recording_id = reader.text("recording_id", needed=True) or ""
    return recording_id, reader.record(Speaker, {})
