"""Segments, recordings and speakers as three tables of canonical fields: what CSV and XLSX write.

A cell is text, a number, true or false; lists and objects are JSON in a cell; "" says nothing.  A text that
is empty and one that nobody transcribed look alike in a cell: the column ``is_transcribed`` tells them apart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats.base import Bundle, Export, Labelled
from speechlabel.formats.gather import Gathered, beside
from speechlabel.formats.jsonfile import is_object
from speechlabel.formats.native import lines
from speechlabel.formats.tables.columns import is_known
from speechlabel.records import Recording, Segment, Speaker

__all__ = ["RECORDINGS", "SEGMENTS", "SPEAKERS", "Column", "Side", "segment_columns", "write_tables"]


class Column(NamedTuple):
    """A column of canonical fields."""

    name: str
    type: str  # of Table Schema
    description: str = ""
    is_needed: bool = False


SEGMENTS = (
    Column("id", "string", "unique in its recording", True),
    Column("recording_id", "string", "id in the table of recordings", True),
    Column("audio_filepath", "string", "one-channel file that holds the segment"),
    Column("recording_duration", "number", "seconds"),
    Column("sample_rate", "integer", "Hz"),
    Column("channel", "integer", "from 0; empty: the mix of all"),
    Column("start", "number", "seconds from the start of the recording", True),
    Column("end", "number", "seconds from the start of the recording", True),
    Column("duration", "number", "seconds", True),
    Column("kind", "string", "", True),
    Column("text", "string", "verbatim"),
    Column("is_transcribed", "boolean", "true where the text was given, even if it is empty", True),
    Column("language", "string", "BCP 47"),
    Column("speaker", "string", "id in the table of speakers"),
    Column("speaker_name", "string"),
    Column("gender", "string"),
    Column("noise_labels", "array"),
    Column("tags", "array"),
    Column("events", "array", "objects of label, start, end, score; seconds"),
    Column("is_valid", "boolean", "", True),
    Column("invalid_reason", "string"),
    Column("fields", "object"),
    Column("words", "array", "objects of word, start, end, score; seconds"),
    Column("status", "string", "", True),
    Column("is_locked", "boolean"),
    Column("confidence", "number", "0 to 1"),
    Column("note", "string"),
    Column("tier", "string"),
    Column("parent_id", "string"),
    Column("custom", "object", "what other formats told and speechlabel has no field for"),
)
RECORDINGS = (
    Column("id", "string", "", True),
    Column("path", "string", "the recording's own file"),
    Column("duration", "number", "seconds", True),
    Column("project_id", "string"),
    Column("name", "string", "name of its file", True),
    Column("content_hash", "string", "SHA-256 of the file"),
    Column("size_bytes", "integer"),
    Column("container", "string"),
    Column("codec", "string"),
    Column("sample_rate", "integer", "Hz", True),
    Column("channels", "integer", "", True),
    Column("n_frames", "integer", "samples in a channel", True),
    Column("layout", "string"),
    Column("language", "string", "of segments that name none"),
    Column("labelled", "array", "stretches that were labelled; empty: all of it"),
    Column("metadata", "object"),
    Column("created_at", "string"),
)
SPEAKERS = (
    Column("recording_id", "string", "", True),
    Column("id", "string", "", True),
    Column("name", "string", "", True),
    *(Column(name, "string") for name in ("role", "gender", "age_band", "accent", "language")),
    Column("channel", "integer"),
    Column("color", "string"),
    Column("custom", "object"),
)
MOST_EXTRA = 200
Put = Callable[[str, Sequence[object]], None]  # of a table, the cells of a row


def segment_columns(bundle: Bundle, name: str) -> tuple[Column, ...]:
    """Columns of segments, with those that a table of this format once had beyond the canonical ones."""
    extra: dict[str, None] = {}
    for _, segments in bundle.stream():
        for segment in segments:
            own = segment.custom.get(name)
            for key, value in own.items() if is_object(own) else ():
                if len(extra) < MOST_EXTRA and _fits(key, value):
                    extra.setdefault(key)
    return (*SEGMENTS, *(Column(key, "string", "as it was read") for key in extra))


def _fits(name: str, value: object) -> bool:
    """Whether a value was a cell of a column that has no field, and can be one again."""
    plain = bool(name.strip()) and name == name.strip() and "\n" not in name and not is_known(name)
    return plain and isinstance(value, str) and bool(value)


def write_tables(
    export: Export, out: Path, columns: Sequence[Column], name: str, put: Put
) -> tuple[int, tuple[str, ...]]:
    """Hand every row to ``put``, recording by recording; give the count of segments and warnings.

    Parameters
    ----------
    columns : of segments; see ``segment_columns``
    name : key of the format in ``custom``
    """
    mute: set[str] = set()
    extra = [column.name for column in columns[len(SEGMENTS) :]]
    count = 0
    for recording, segments in export.bundle.stream():
        known = export.bundle.speakers_of(recording.id)
        put("recordings", _cells(_recording(export, recording, out), RECORDINGS))
        for speaker in known.values():
            put("speakers", _cells(lines.speaker_line(speaker, recording.id), SPEAKERS))
        for segment in segments:
            audio = None
            if export.has_audio(recording, segment.channel):
                audio = export.audio_path(recording, segment.channel, out)
            else:
                mute.add(recording.name)
            row = _segment(export, recording, segment, known.get(segment.speaker or ""), audio)
            put("segments", _cells(_spread(row, name, extra), columns))
            count += 1
    return count, tuple(f"{name}: no one-channel audio file is known" for name in sorted(mute))


def _segment(
    export: Export, recording: Recording, segment: Segment, speaker: Speaker | None, audio: str | None
) -> dict[str, Any]:
    row = lines.segment_line(segment, recording, speaker, audio)
    row["is_transcribed"] = segment.text is not None
    if (language := export.bundle.language_of(recording.id, segment)) is not None:
        row["language"] = language
    return row


def _spread(row: dict[str, Any], name: str, extra: Sequence[str]) -> dict[str, Any]:
    """Give what came out of a table's own columns back to them."""
    own = row.get("custom", {}).get(name)
    if not extra or not is_object(own):
        return row
    moved = {key: value for key, value in own.items() if key in extra and _fits(key, value)}
    rest = {key: value for key, value in own.items() if key not in moved}
    custom = {**row["custom"], name: rest}
    if not rest:
        del custom[name]
    return row | moved | {"custom": custom}


def _recording(export: Export, recording: Recording, out: Path) -> dict[str, Any]:
    labelled = export.bundle.labelled.get(recording.id)
    path = export.recording_path(recording, out)
    return lines.recording_line(recording, path, labelled, export.bundle.languages.get(recording.id))


def _cells(row: Mapping[str, Any], columns: Iterable[Column]) -> list[object]:
    return [_cell(row.get(column.name), row) for column in columns]


def _cell(value: object, row: Mapping[str, Any]) -> object:
    if value is None or value == {} or (value == [] and "labelled" not in row):
        return ""
    if isinstance(value, list | dict):
        try:
            return orjson.dumps(value).decode()
        except orjson.JSONEncodeError as error:
            raise ExportError(f"{row['id']}: cannot be written as JSON: {error}") from error
    return value


class Side:
    """Reads back the tables of recordings and speakers; each must have the header that we write."""

    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self.labelled: dict[str, tuple[Labelled, ...]] = {}

    def take(self, table: str, file: Path, header: Sequence[str], line: int, cells: Sequence[str]) -> None:
        """Take a row of ``recordings`` or ``speakers``.

        Raises
        ------
        ParseError
            It is not such a row.
        """
        columns = RECORDINGS if table == "recordings" else SPEAKERS
        types = {column.name: column.type for column in columns}
        data: dict[str, Any] = {"schema": f"speechlabel.{table[:-1]}/{lines.VERSION}"}
        for name, cell in zip(header, cells, strict=False):
            if cell and name in types:
                data[name] = _typed(cell, types[name], file, line, name)
        if table == "recordings":
            self._recording(data, file, line)
        else:
            self._speaker(data, file, line)

    def _recording(self, data: dict[str, Any], file: Path, line: int) -> None:
        data.pop("duration", None)  # told by the number of samples
        for name in ("content_hash", "container", "codec", "project_id"):
            data.setdefault(name, "")
        data.setdefault("size_bytes", 0)
        recording, labelled, language = lines.parse_recording(data, file, line)
        if self._gathered.known(f"id {recording.id}") is not None:
            raise ParseError(file, f"id: {recording.id!r} is there twice", line=line)
        self._gathered.recording(f"id {recording.id}", id=recording.id)
        path = beside(file, recording.path)
        self._gathered.put(dataclasses.replace(recording, path=path))
        if labelled is not None:
            self.labelled[recording.id] = labelled
        if language is not None:
            self._gathered.languages[recording.id] = language

    def _speaker(self, data: dict[str, Any], file: Path, line: int) -> None:
        recording_id, speaker = lines.parse_speaker(data, file, line)
        if self._gathered.known(f"id {recording_id}") is None:
            raise ParseError(
                file, f"recording_id: {recording_id!r:.80} is not among the recordings", line=line
            )
        self._gathered.put_speaker(recording_id, speaker)


def _typed(cell: str, type: str, file: Path, line: int, name: str) -> object:
    try:
        if type == "integer":
            return int(float(cell)) if "." in cell else int(cell[:40])
        if type == "number":
            return float(cell)
        if type in ("array", "object"):
            return orjson.loads(cell)
    except (ValueError, OverflowError) as error:
        raise ParseError(file, f"{name}: {cell!r:.80} is not of type {type}", line=line) from error
    return cell
