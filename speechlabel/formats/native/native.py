"""speechlabel's own format, the aligned manifest: lossless, one JSON object a line.

``segments.jsonl`` (one line a segment, by recording, start, end, id), ``recordings.jsonl``,
``speakers.jsonl``, ``guideline.toml`` and ``snapshot.json`` (counts, hashes, where it came from).
Both ways stream: a million segments take the memory of one recording's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, ClassVar, Literal, cast

import orjson

from speechlabel.errors import ExportError, ParseError, RecordError
from speechlabel.formats.base import Bundle, Export, Format, Labelled, Segments, Written
from speechlabel.formats.native import lines
from speechlabel.formats.native.lines import SegmentLine
from speechlabel.formats.spool import Spool
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.version import __version__

__all__ = ["NativeFormat"]

SEGMENTS, RECORDINGS, SPEAKERS = "segments.jsonl", "recordings.jsonl", "speakers.jsonl"
GUIDELINE, SNAPSHOT = "guideline.toml", "snapshot.json"
LATE_US = 1000  # an end this far past the recording's is taken for rounding by another program


class _Lines:
    """A file of JSON lines being written, with its count and hash."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("wb")
        self._hash = hashlib.sha256()
        self.count = 0

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, line: Mapping[str, Any]) -> None:
        try:
            raw = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        except orjson.JSONEncodeError as error:
            raise ExportError(f"{line['id']}: cannot be written as JSON: {error}") from error
        self._file.write(raw)
        self._hash.update(raw)
        self.count += 1

    def facts(self) -> dict[str, Any]:
        return {"lines": self.count, "sha256": self._hash.hexdigest()}


@dataclass(frozen=True)
class NativeFormat(Format):
    """The aligned manifest."""

    name: ClassVar[str] = "native"
    title: ClassVar[str] = "speechlabel aligned manifest"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "speechlabel/formats/native/segment-1.schema.json"
    carries: ClassVar[frozenset[str]] = frozenset(
        {item.name for item in dataclasses.fields(Segment)}
        | {f"speaker.{item.name}" for item in dataclasses.fields(Speaker)}
        | {"recording", "guideline", "labelled"}
    ) - {"version", "speaker.version"}
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("jsonschema",)

    def sniff(self, path: Path) -> bool:
        """Tell it by the schema that its first line names, or by its recordings where there is no segment."""
        folder = path if path.is_dir() else path.parent
        if path.is_file() and path.name != SEGMENTS:
            return False
        return any(_begins(folder / name) for name in (SEGMENTS, RECORDINGS))

    def write(self, export: Export, out: Path) -> Written:
        """Write the five files."""
        mute: set[str] = set()
        with (
            _Lines(out / SEGMENTS) as segments,
            _Lines(out / RECORDINGS) as recordings,
            _Lines(out / SPEAKERS) as speakers,
        ):
            for recording, stream in export.bundle.stream():
                recordings.add(_recording_line(export, recording, out, has_segments=bool(stream)))
                known = export.bundle.speakers_of(recording.id)
                for speaker in known.values():
                    speakers.add(lines.speaker_line(speaker, recording.id))
                for segment in stream:
                    audio = None
                    if export.has_audio(recording, segment.channel):
                        audio = export.audio_path(recording, segment.channel, out)
                    else:
                        mute.add(recording.name)
                    speaker = known.get(segment.speaker or "")
                    segments.add(lines.segment_line(segment, recording, speaker, audio))
        files = {SEGMENTS: segments.facts(), RECORDINGS: recordings.facts(), SPEAKERS: speakers.facts()}
        if export.bundle.guideline is not None:
            raw = export.bundle.guideline.encode()
            (out / GUIDELINE).write_bytes(raw)
            files[GUIDELINE] = {"sha256": hashlib.sha256(raw).hexdigest()}
        if not export.is_part:
            (out / SNAPSHOT).write_bytes(_snapshot(export, files))
        return Written(
            segments=segments.count,
            warnings=tuple(f"{name}: no one-channel audio file is known" for name in sorted(mute)),
        )

    def read(self, path: Path) -> Bundle:
        """Check every line once; the segments are put aside and given from there."""
        folder = path if path.is_dir() else path.parent
        recordings, labelled, languages = _read_recordings(folder / RECORDINGS)
        speakers = _read_speakers(folder / SPEAKERS, recordings)
        checked = _Checked(folder / SEGMENTS, recordings, speakers)
        guideline = _text(folder / GUIDELINE) if (folder / GUIDELINE).exists() else None
        snapshot, notes = _read_snapshot(folder)
        return Bundle(
            recordings=tuple(recordings.values()),
            segments={id: checked.segments(id) for id in recordings},
            speakers={id: tuple(found.values()) for id, found in speakers.items() if found},
            labelled=labelled,
            languages=languages,
            audio=checked.audio,
            guideline=guideline,
            snapshot=snapshot,
            notes=(*checked.notes, *notes),
        )


def _begins(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(100).removeprefix(b"\xef\xbb\xbf").startswith(b'{"schema":"speechlabel.')
    except OSError:
        return False


def _recording_line(export: Export, recording: Recording, out: Path, *, has_segments: bool) -> dict[str, Any]:
    """Line of a recording; a package with audio leaves out the file of one of which nothing is labelled."""
    labelled = export.bundle.labelled.get(recording.id)
    is_empty = not has_segments and labelled == ()
    path = None
    if export.copy_recording is None or not is_empty:
        path = export.recording_path(recording, out)
    return lines.recording_line(recording, path, labelled, export.bundle.languages.get(recording.id))


def _snapshot(export: Export, files: dict[str, dict[str, Any]]) -> bytes:
    facts = {
        "schema": "speechlabel.snapshot/1.0",
        "tool": f"speechlabel {__version__}",
        "files": files,
        "source": dict(export.snapshot),
    }
    try:
        return orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise ExportError(f"the snapshot's facts cannot be written as JSON: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(path, f"is not UTF-8 at byte {error.start}") from error


def _read_recordings(
    path: Path,
) -> tuple[dict[str, Recording], dict[str, tuple[Labelled, ...]], dict[str, str]]:
    """Give recordings by id, with what of each is labelled and the language of segments that name none."""
    if not path.is_file():
        raise ParseError(path, "is missing; it belongs beside segments.jsonl")
    recordings: dict[str, Recording] = {}
    labelled: dict[str, tuple[Labelled, ...]] = {}
    languages: dict[str, str] = {}
    for _, number, data in lines.read_lines(path):
        recording, spans, language = lines.parse_recording(data, path, number)
        if recording.id in recordings:
            raise ParseError(path, f"id: {recording.id!r} is there twice", line=number)
        if recording.path:
            recording = dataclasses.replace(recording, path=_resolve(path.parent, recording.path))
        recordings[recording.id] = recording
        if spans is not None:
            labelled[recording.id] = spans
        if language is not None:
            languages[recording.id] = language
    return recordings, labelled, languages


def _resolve(folder: Path, posix: str) -> str:
    return os.path.normpath(os.path.join(os.path.abspath(folder), posix))  # noqa: PTH100, PTH118 - see names.py


def _read_speakers(path: Path, recordings: Mapping[str, Recording]) -> dict[str, dict[str, Speaker]]:
    speakers: dict[str, dict[str, Speaker]] = {id: {} for id in recordings}
    for _, number, data in lines.read_lines(path) if path.is_file() else ():
        recording_id, speaker = lines.parse_speaker(data, path, number)
        if recording_id not in speakers:
            raise ParseError(path, f"recording_id: {recording_id!r} is not in {RECORDINGS}", line=number)
        if speaker.id in speakers[recording_id]:
            raise ParseError(path, f"id: {speaker.id!r} is there twice", line=number)
        speakers[recording_id][speaker.id] = speaker
    return speakers


class _Checked:
    """The segments of a file, checked line by line and put aside."""

    def __init__(
        self, path: Path, recordings: Mapping[str, Recording], speakers: dict[str, dict[str, Speaker]]
    ) -> None:
        if not path.is_file():
            raise ParseError(path, "is missing; an empty file says that there are no segments")
        self.notes: list[str] = []
        self.audio: dict[tuple[str, int | None], Path] = {}
        self._path, self._recordings = path, recordings
        self._ends = {id: item.duration_us for id, item in recordings.items()}
        self._spool = Spool()
        seen: dict[str, set[str]] = {id: set() for id in recordings}
        for _, number, data in lines.read_lines(path):
            line = lines.parse_segment(data, path, number)
            recording_id, segment = line.recording_id, self._inside(line, number)
            if segment.id in seen[recording_id]:
                raise ParseError(path, f"id: {segment.id!r} is there twice", line=number)
            seen[recording_id].add(segment.id)
            self._meet(line, speakers[recording_id], number)
            self._spool.add(recording_id, segment)

    def segments(self, recording_id: str) -> Segments:
        return self._spool.segments(recording_id)

    def _inside(self, line: SegmentLine, number: int) -> Segment:
        """Segment of a line, on a channel and inside the length of a recording that is known."""
        segment, recording = line.segment, self._recordings.get(line.recording_id)
        if recording is None:
            raise ParseError(
                self._path, f"recording_id: {line.recording_id!r:.80} is not in {RECORDINGS}", line=number
            )
        if segment.channel is not None and segment.channel >= recording.channels:
            raise ParseError(self._path, f"channel: {recording.name!r} has no {segment.channel}", line=number)
        end = self._ends[line.recording_id]
        if segment.end_us <= end or not recording.n_frames:
            return segment
        if segment.end_us > end + LATE_US or segment.start_us >= end:
            raise ParseError(self._path, f"end: the recording ends at {end / 1e6} s already", line=number)
        self.notes.append(f"line {number}: end {segment.end_us / 1e6} s moved to the recording's end")
        return dataclasses.replace(segment, end_us=end)

    def _meet(self, line: SegmentLine, speakers: dict[str, Speaker], number: int) -> None:
        """Keep a line's audio path, and make the speaker that it alone names."""
        if line.audio_filepath is not None:
            key = line.recording_id, line.segment.channel
            if key not in self.audio:
                self.audio[key] = Path(_resolve(self._path.parent, line.audio_filepath))
        speaker = line.segment.speaker
        if speaker is None or speaker in speakers:
            return
        try:
            made = Speaker(id=speaker, name=line.speaker_name or speaker, gender=cast("Any", line.gender))
        except RecordError as error:
            raise ParseError(self._path, f"speaker: {error.data['reason']}", line=number) from error
        speakers[speaker] = made
        self.notes.append(f"line {number}: speaker {speaker!r} is not in {SPEAKERS}; made")


def _read_snapshot(folder: Path) -> tuple[dict[str, Any], list[str]]:
    path = folder / SNAPSHOT
    if not path.is_file():
        return {}, []
    try:
        data: Any = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise ParseError(path, f"not JSON: {error.msg}", line=error.lineno, column=error.colno) from error
    if not isinstance(data, dict):
        raise ParseError(path, "must be a JSON object", line=1)
    facts = cast("dict[str, Any]", data)
    source, files = facts.get("source", {}), facts.get("files", {})
    if not isinstance(source, dict) or not isinstance(files, dict):
        raise ParseError(path, "source and files must be objects", line=1)
    changed = [
        name
        for name, told in sorted(cast("dict[str, Any]", files).items())
        if name in (SEGMENTS, RECORDINGS, SPEAKERS, GUIDELINE)
        and isinstance(told, dict)
        and cast("dict[str, Any]", told).get("sha256") != _hash(folder / name)
    ]
    notes = [f"{name} was changed after the snapshot was made" for name in changed]
    return cast("dict[str, Any]", source), notes


def _hash(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
