"""Reading NeMo manifests: those of its tools, of data sets that only look like them, and our own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Fault
from speechlabel.formats.examples import speaker_key
from speechlabel.formats.gather import TO_THE_END_US, Gathered, base_name, beside
from speechlabel.formats.json_lines import objects, strict_objects
from speechlabel.formats.jsonfile import clean, is_list, is_object, number, plain
from speechlabel.formats.times import LATEST, parse_clock
from speechlabel.records import RECORDING_ID, SEGMENT_ID, Kind
from speechlabel.timing import MICROSECOND

__all__ = ["AUDIO_KEYS", "is_seglst", "manifest_faults", "read_manifest"]

AUDIO_KEYS = ("audio_filepath", "audio_filename", "audio_file", "video_filepath", "video_filename", "context")
LENGTHS = ("duration", "context_duration")
STARTS = ("offset", "start_time", "start", "begin")
ENDS = ("end_time", "end")
TEXTS = ("text", "normalized_text", "transcript", "transcription", "sentence", "raw_text", "answer")
SEGLST = {
    "session_id",
    "start_time",
    "end_time",
    "words",
}  # turns of sessions, as NeMo and the CHiME tasks write
LANGUAGES = ("lang", "language", "source_lang")
OURS = ("recording_id", "segment_id", "source_channel", "source_offset", "source_duration", "speaker_name")
UNTOLD = ("", "none", "null", "nan")
GENDERS = {"female": "female", "f": "female", "male": "male", "m": "male", "other": "other"}


def read_manifest(path: Path) -> Bundle:
    """Read a manifest: its objects one a line, as an array, or printed over lines.

    Raises
    ------
    ParseError
        An object names no audio, or a time that is none; or the file is not JSON.
    """
    reader = _Reader(path)
    for line, data in objects(path, reader.found.notes):
        reader.take(line, data)
    return reader.found.bundle()


class _Reader:
    def __init__(self, path: Path) -> None:
        self.found = Gathered(path)
        self._path = path
        self._last = "", ""  # the audio named last, and where it lies
        self._names_sessions = False

    def take(self, line: int, data: dict[str, Any]) -> None:
        """Make an object into a segment; what it says beyond our fields is kept as it is."""
        audio = next((data.pop(key) for key in AUDIO_KEYS if isinstance(data.get(key), str)), None)
        if audio is None and is_seglst(data):
            audio, data["text"] = data.pop("session_id"), data.pop("words")
            self._names_sessions = True
        if audio is None:
            raise ParseError(self._path, "names no audio: audio_filepath is missing", line=line)
        own = self._own(data)
        times = self._times(data, line)
        if times is None:
            return
        id, channel = self._recording(audio, own, line)
        if "source_offset" in own:
            start = round(own["source_offset"] * MICROSECOND)
            times = start, start + round(own["source_duration"] * MICROSECOND)
        fields: dict[str, Any] = {"start_us": times[0], "end_us": times[1], "channel": channel}
        fields["text"] = self._text(data, line)
        for key in LANGUAGES:
            if isinstance(data.get(key), str) and data[key].strip():
                fields["language"] = clean(data.pop(key))[:500]
                break
        fields["speaker"] = self._speaker(data, own, id, line)
        if data:
            fields |= _labels(data)
        if data.get("_skipme") is True and "is_valid" not in fields:
            fields |= {"is_valid": False, "invalid_reason": "_skipme"}
            self.found.notes.add(self._path.name, line, "is marked to be skipped: taken as not valid")
        if data:
            fields["custom"] = {"nemo": plain(data)}
        self.found.segment(id, line, id=own.get("segment_id"), **fields)

    def _own(self, data: dict[str, Any]) -> dict[str, Any]:
        """Take out what our own exports say of where a line comes from; {} for other people's lines."""
        recording, segment = data.get("recording_id"), data.get("segment_id")
        if not (isinstance(recording, str) and isinstance(segment, str)):
            return {}
        if not (RECORDING_ID.fullmatch(recording) and SEGMENT_ID.fullmatch(segment)):
            return {}
        own = {key: data.pop(key) for key in OURS if key in data}
        channel = own.get("source_channel")
        if type(channel) is not int or not 0 <= channel < 1000:
            own.pop("source_channel", None)
        start, length = number(own.get("source_offset")), number(own.get("source_duration"))
        if start is None or length is None or not (0 <= start < LATEST and 0 < length < LATEST):
            own.pop("source_offset", None)
        return own

    def _times(self, data: dict[str, Any], line: int) -> tuple[int, int] | None:
        start = self._time(data, STARTS, line)
        end = self._time(data, ENDS, line)
        length = self._time(data, LENGTHS, line)
        name = self._path.name
        begins = start or 0
        if begins < 0:
            self.found.notes.add(name, line, "starts before the recording: moved to its start")
            begins = 0
        if start is not None and end is not None:
            length = end - begins
        elif length is None and end is not None:
            length = end
        if length is None:
            self.found.notes.add(name, line, "no length is told: taken to the end of the file")
            length = TO_THE_END_US - begins
        if length <= 0:
            self.found.notes.add(name, line, "has no length: left out")
            return None
        return begins, begins + length

    def _time(self, data: dict[str, Any], keys: tuple[str, ...], line: int) -> int | None:
        """Take out the first of some keys that tells a time; others stay."""
        for key in keys:
            if key not in data:
                continue
            value = data[key]
            if value is None or (isinstance(value, str) and value.strip().lower() in UNTOLD):
                del data[key]
                continue
            seconds = _clock(value) if isinstance(value, str) and ":" in value else number(value)
            if seconds is None or abs(seconds) > LATEST:
                raise ParseError(self._path, f"{key}: {value!r:.80} is not a number of seconds", line=line)
            del data[key]
            return round(seconds * MICROSECOND)
        return None

    def _beside(self, audio: str) -> str:
        if self._last[0] != audio:
            self._last = audio, beside(self._path, audio)
        return self._last[1]

    def _recording(self, audio: str, own: dict[str, Any], line: int) -> tuple[str, int | None]:
        is_clip = "source_offset" in own
        if own:
            id = self.found.recording(
                f"={own['recording_id']}", name=own["recording_id"], id=own["recording_id"]
            )
            channel = own.get("source_channel")
            key = id, channel
            if (
                not is_clip
                and channel is not None
                and key not in self.found.audio
                and (path := self._beside(audio))
            ):
                self.found.audio[key] = Path(path)
            self.found.tell(
                id, channel=channel, path="" if is_clip or channel is not None else self._beside(audio)
            )
            return id, channel
        known = self.found.known(f" {audio}")
        if known is None:
            name = clean(re.split(r"[/\\]", audio)[-1])[:200] or "audio"
            known = self.found.recording(f" {audio}", name=name, stem=clean(base_name(audio)) or "audio")
            path = "" if self._names_sessions else beside(self._path, audio)
            if not path and not self._names_sessions:
                self.found.notes.add(self._path.name, line, "its audio is not a path", repr(audio)[:80])
            self.found.tell(known, path=path)
        return known, None

    def _text(self, data: dict[str, Any], line: int) -> str | None:
        for key in TEXTS:
            value = data.get(key)
            if isinstance(value, str):
                return clean(data.pop(key))
            if isinstance(value, int | float) and not isinstance(value, bool):
                return str(data.pop(key))
        if "text_filepath" in data:
            self.found.notes.add(self._path.name, line, "its text is in another file: not read")
        if data.get("text", 0) is None:
            del data["text"]
        return None

    def _speaker(self, data: dict[str, Any], own: dict[str, Any], id: str, line: int) -> str | None:
        value = data.get("speaker")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            return None
        gender = GENDERS.get(str(data.get("gender")).lower())
        del data["speaker"]
        if gender:
            del data["gender"]
        name = own.get("speaker_name")
        if isinstance(name, str) and name.strip():
            prefix = speaker_key(id, "x")[:-1]
            made = value.removeprefix(prefix)
            if made != value and SEGMENT_ID.fullmatch(made):
                return self.found.speaker(id, value, line, id=made, name=clean(name)[:200], gender=gender)
        return self.found.speaker(id, clean(value)[:200], line, gender=gender)


def is_seglst(data: dict[str, Any]) -> bool:
    """Tell a turn of a session, which names no audio but the session."""
    return data.keys() >= SEGLST and isinstance(data["session_id"], str) and isinstance(data["words"], str)


def _clock(text: str) -> float | None:
    try:
        return parse_clock(text.strip()) / MICROSECOND
    except ValueError:
        return None


def _labels(data: dict[str, Any]) -> dict[str, Any]:
    """Take out labels that have the shape of ours."""
    out: dict[str, Any] = {}
    for key in ("noise_labels", "tags"):
        value = data.get(key)
        if is_list(value) and all(isinstance(item, str) and len(item) <= 200 for item in value):
            out[key] = tuple(dict.fromkeys(clean(item) for item in data.pop(key)))
    value = data.get("fields")
    if is_object(value) and all(isinstance(item, str) for item in value.values()):
        out["fields"] = {clean(key): clean(item) for key, item in data.pop("fields").items()}
    sure = data.get("confidence")
    if isinstance(sure, int | float) and not isinstance(sure, bool) and 0 <= sure <= 1:
        out["confidence"] = float(data.pop("confidence"))
    if data.get("kind") in get_args(Kind):
        out["kind"] = data.pop("kind")
    if isinstance(data.get("is_valid"), bool):
        out["is_valid"] = data.pop("is_valid")
    if isinstance(data.get("invalid_reason"), str):
        out["invalid_reason"] = clean(data.pop("invalid_reason"))[:500]
    return out


def manifest_faults(path: Path, name: str, *, needs_text: bool = True) -> Iterator[Fault]:
    """Give what NeMo's two readers (classic and Lhotse's) refuse, or read wrongly, in a manifest."""
    count = 0
    for line, data in strict_objects(path, name):
        count += 1
        if isinstance(data, Fault):
            yield data
            continue
        for reason in _line_faults(data, needs_text=needs_text):
            yield Fault(name, line, reason)
    if not count:
        yield Fault(name, None, "is empty")


def _line_faults(data: dict[str, Any], *, needs_text: bool) -> Iterator[str]:
    audio = next((data[key] for key in AUDIO_KEYS if key in data), None)
    if not isinstance(audio, str) or not audio:
        yield "audio_filepath is missing"
    length = data.get("duration", data.get("context_duration"))
    if not _is_number(length) or cast("float", length) <= 0:
        yield "duration must be a number of seconds above 0"
    offset = data.get("offset")
    if offset is not None and (not _is_number(offset) or offset < 0):
        yield "offset must be a number of seconds, not below 0"
    if offset and "sampling_rate" in data:
        yield "sampling_rate beside an offset: NeMo takes duration for the length of the whole file"
    if needs_text and not any(
        isinstance(data.get(key), str) for key in ("text", "text_filepath", "normalized_text")
    ):
        yield "text is missing"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
