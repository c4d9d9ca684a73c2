"""Rows of a table as segments: what every reader of tables does with a row once its columns are known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from speechlabel.errors import ParseError, RecordError
from speechlabel.formats.gather import TO_THE_END_US, Gathered, base_name, beside
from speechlabel.formats.jsonfile import clean, is_object
from speechlabel.formats.languages import language_code
from speechlabel.formats.names import safe_id
from speechlabel.formats.tables.columns import Mapped
from speechlabel.formats.tables.table_cells import names_of, object_of, parts_of, time_of, truth_of
from speechlabel.records import RECORDING_ID, SEGMENT_ID, Event, Kind, Speaker, Status, Word

__all__ = ["Rows", "Setting"]

GENDERS = {
    "female": "female", "f": "female", "女": "female", "女性": "female", "female_feminine": "female",
    "male": "male", "m": "male", "男": "male", "男性": "male", "male_masculine": "male",
    "other": "other", "o": "other", "其他": "other", "non-binary": "other", "intersex": "other",
}  # fmt: skip
CHANNELS = {"left": 0, "l": 0, "a": 0, "左": 0, "right": 1, "r": 1, "b": 1, "右": 1}
PLAIN = (
    *("id", "kind", "status", "confidence", "is_valid", "is_locked", "channel", "language"),
    *("invalid_reason", "tier", "parent_id"),
)
LISTS = ("noise_labels", "tags", "events", "word_times", "fields")
MOST_PATHS = 10_000  # remembered
KINDS, STATUSES = get_args(Kind), get_args(Status)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the rows of one table are to be taken.

    Parameters
    ----------
    name : key of what has no field in ``custom``
    unit : of times, where their header does not tell
    audio : how a cell names its file: ``{}`` stands for the cell
    split : name of the table, kept with each row, where several make one whole
    lengths : mapping of a file's name to its length in microseconds
    """

    name: str
    header: tuple[str, ...]
    mapped: Mapped
    unit: str = "s"
    audio: str = "{}"
    split: str = ""
    lengths: Mapping[str, int] | None = None


class Rows:
    """Takes rows in and adds them to what is gathered.

    Parameters
    ----------
    file : the table; audio is named from its folder
    """

    def __init__(self, file: Path, gathered: Gathered, setting: Setting) -> None:
        self._file, self._gathered, self._setting = file, gathered, setting
        self._columns = setting.mapped.columns
        mapped = set(self._columns.values())
        names = _distinct(setting.header)
        self._names = names
        self._others = [place for place in range(len(names)) if place not in mapped]
        self._speakers: dict[tuple[str, str], str] = {}
        self._cells: Sequence[str] = ()
        self._row: dict[str, str] = {}  # field → cell
        self._line = 0
        self._open: dict[str, tuple[int, int, dict[str, Any]]] = {}  # recording → its row without an end
        has = self._columns.keys()
        self._is_timed = "start" in has or "end" in has
        self._has_ends = "end" in has or "duration" in has
        self._plain_fields = [field for field in PLAIN if field in has]
        self._list_fields = [field for field in LISTS if field in has]
        self._paths: dict[str, str] = {}

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take a row.

        Raises
        ------
        ParseError
            A time is no time, or a text is longer than a segment may hold.
        """
        self._cells, self._line = cells, line
        n_cells = len(cells)
        self._row = {field: cells[place] for field, place in self._columns.items() if place < n_cells}
        if len(cells) != len(self._names):
            reason = (
                "has fewer cells than the header"
                if len(cells) < len(self._names)
                else "has more cells than the header"
            )
            self._note(reason, f"{len(cells)}")
        recording, length = self._recording()
        span = self._span(length)
        if span is None:
            return
        start, end = span
        fields = self._fields(recording)
        self._close(recording, start)
        if end is None:
            self._open[recording] = line, start, fields
            return
        self._put(recording, line, start, end, fields)

    def finish(self) -> None:
        """Take the rows whose end nothing told."""
        for recording in list(self._open):
            self._close(recording, TO_THE_END_US)

    def _note(self, reason: str, detail: str = "") -> None:
        self._gathered.notes.add(self._file.name, self._line, reason, detail)

    def _cell(self, field: str) -> str:
        return self._row.get(field, "")

    def _time(self, field: str) -> int | None:
        cell = self._cell(field)
        if not cell:
            return None
        try:
            return time_of(cell, self._setting.mapped.units.get(field) or self._setting.unit)
        except ValueError as error:
            column = self._setting.header[self._columns[field]]
            raise ParseError(self._file, f"{column!r:.80}: {error}", line=self._line) from error

    def _recording(self) -> tuple[str, int]:
        """Id of the row's recording, and its length in microseconds where one is told, else 0."""
        gathered = self._gathered
        named, id = self._cell("audio").strip(), self._cell("recording_id").strip()
        path = self._setting.audio.replace("{}", named) if named else ""
        length = self._time("recording_duration") or (self._setting.lengths or {}).get(named, 0)
        key = f"id {id}" if id else f"audio {path}" if path else "file"
        if (made := gathered.known(key)) is None:
            name = id or base_name(path) or self._file.stem
            is_own = bool(id) and RECORDING_ID.fullmatch(id) is not None
            made = gathered.recording(key, name=name, id=id if is_own else None)
        if (place := self._paths.get(path)) is None:
            place = beside(self._file, path)
            if len(self._paths) < MOST_PATHS:
                self._paths[path] = place
        channel = _channel(self._cell("channel"))
        if "channel" in self._columns and id:
            if place:
                gathered.audio.setdefault((made, channel), Path(place))
            place = ""
        gathered.tell(made, path=place, end_us=max(length, 0), channel=channel)
        if named and not place and "://" in path:
            gathered.tell(made, metadata={"url": clean(path)})
        return made, max(length, 0)

    def _span(self, length: int) -> tuple[int, int | None] | None:
        """Start and end of the row; the end is None where the next row tells it; None: it has none."""
        duration = self._time("duration")
        if not self._is_timed:
            return 0, duration or length or TO_THE_END_US
        start, end = self._time("start"), self._time("end")
        if start is None and end is not None and duration is not None:
            start = end - duration
        if start is None:
            if end is None and duration is None and length:
                return 0, length
            self._note("has no time: left out", repr(self._cell("text"))[:80])
            return None
        if end is None and duration is not None:
            end = start + duration
        if start < 0:
            self._note("begins before the recording: from its start on", f"{start / 1e6} s")
            start = 0
        if end is None:
            if not self._has_ends:
                return start, None
            self._note("has no end: left out", repr(self._cell("text"))[:80])
            return None
        if end < start:
            self._note("ends before it begins: left out", repr(self._cell("text"))[:80])
            return None
        return start, end

    def _close(self, recording: str, end: int) -> None:
        if (found := self._open.pop(recording, None)) is None:
            return
        line, start, fields = found
        reason = (
            "has no end: lasts to the next start" if end != TO_THE_END_US else "has no end: lasts to the end"
        )
        self._gathered.notes.add(self._file.name, line, reason)
        self._put(recording, line, start, end if end > start else start, fields)

    def _put(self, recording: str, line: int, start: int, end: int, fields: dict[str, Any]) -> None:
        if start == end and fields.get("kind") != "event":
            self._gathered.notes.add(self._file.name, line, "has no length: taken as an event")
            fields["kind"] = "event"
        id = fields.pop("id", None)
        self._gathered.segment(recording, line, id=id, start_us=start, end_us=end, **fields)

    def _fields(self, recording: str) -> dict[str, Any]:
        others = {self._names[place]: cell for place in self._others if (cell := self._at(place))}
        for place in range(len(self._names), len(self._cells)):
            if self._cells[place]:
                others[f"column {place + 1}"] = clean(self._cells[place])
        fields: dict[str, Any] = {}
        self._text(fields)
        self._plain(fields, others)
        self._lists(fields, others)
        speaker = self._speaker(recording, others)
        if speaker is not None:
            fields["speaker"] = speaker
        if self._setting.split:
            others["split"] = self._setting.split
        custom = object_of(self._cell("custom")) if self._cell("custom") else None
        if custom is None and self._cell("custom"):
            others["custom"] = clean(self._cell("custom"))
        if custom or others:
            own = (custom or {}).get(self._setting.name)
            merged: dict[str, Any] = {**(own if is_object(own) else {}), **others}
            fields["custom"] = {**(custom or {}), **({self._setting.name: merged} if merged else {})}
        return fields

    def _at(self, place: int) -> str:
        return clean(self._cells[place]) if place < len(self._cells) else ""

    def _text(self, fields: dict[str, Any]) -> None:
        cell = self._cell("text")
        text = clean(cell)
        if len(text) != len(cell) and text != cell.replace("\r\n", "\n"):
            self._note("control characters were taken out of the text")
        if text or truth_of(self._cell("is_transcribed")):
            fields["text"] = text
        if note := clean(self._cell("note")):
            fields["note"] = note

    def _plain(self, fields: dict[str, Any], others: dict[str, str]) -> None:
        """Single values; one that a record cannot hold is kept as it is in ``custom``."""
        for field in self._plain_fields:
            if not (cell := self._row.get(field)) or not (cell := clean(cell).strip()):
                continue
            value = _value(field, cell)
            if value is None:
                others[self._names[self._columns[field]]] = cell
            else:
                fields[field] = value

    def _lists(self, fields: dict[str, Any], others: dict[str, str]) -> None:
        for field in self._list_fields:
            if not (cell := self._row.get(field)) or not cell.strip():
                continue
            value: Any
            if field in ("noise_labels", "tags"):
                value = names_of(cell)
            elif field == "fields":
                found = object_of(cell)
                value = found if found and all(isinstance(item, str) for item in found.values()) else None
            else:
                value = parts_of(cell, Event if field == "events" else Word)
            if value is None:
                others[self._names[self._columns[field]]] = clean(cell)
            else:
                fields["words" if field == "word_times" else field] = value

    def _speaker(self, recording: str, others: dict[str, str]) -> str | None:
        named, key = clean(self._cell("speaker_name")).strip(), clean(self._cell("speaker")).strip()
        key = key or named
        facts = self._facts(others)
        if not key:
            others.update({field: value for field, value in facts.items() if value})
            return None
        mark = recording, key
        if mark not in self._speakers:
            own = key if named and SEGMENT_ID.fullmatch(key) else None
            if own is None and (facts.get("age_band") or facts.get("accent")):
                own = f"{recording}-{safe_id(key, max_length=40)}"[:200]
                self._put_speaker(recording, own, key, facts)
            gender = facts.get("gender") or None
            if own and named and (facts.get("age_band") or facts.get("accent")):
                self._put_speaker(recording, own, named, facts)
            made = self._gathered.speaker(
                recording, key[:200], self._line, id=own, name=named or None, gender=gender
            )
            self._speakers[mark] = made
        return self._speakers[mark]

    def _put_speaker(self, recording: str, id: str, name: str, facts: Mapping[str, str]) -> None:
        told: Any = {field: value for field, value in facts.items() if value}
        try:
            self._gathered.put_speaker(recording, Speaker(id=id, name=name[:200], **told))
        except RecordError as error:
            raise ParseError(self._file, f"speaker: {error.data['reason']}", line=self._line) from error

    def _facts(self, others: dict[str, str]) -> dict[str, str]:
        gender = clean(self._cell("gender")).strip()
        known = GENDERS.get(gender.lower(), "")
        if gender and not known:
            others[self._names[self._columns["gender"]]] = gender
        age, accent = (clean(self._cell(field)).strip()[:500] for field in ("age_band", "accent"))
        return {"gender": known, "age_band": age, "accent": accent}


def _distinct(header: Sequence[str]) -> list[str]:
    """Headers of which none is empty and no two are the same."""
    out: list[str] = []
    for place, name in enumerate(header):
        name = clean(name).strip() or f"column {place + 1}"
        out.append(name if name not in out else f"{name} ({place + 1})")
    return out


def _channel(cell: str) -> int | None:
    word = cell.strip().lower()
    if re.fullmatch(r"\d{1,3}", word, re.ASCII):
        return int(word)
    return CHANNELS.get(word)


def _value(field: str, cell: str) -> object:
    """Value of a cell for a field, or None where the field cannot hold it."""
    if field == "kind":
        return cell.lower() if cell.lower() in KINDS else None
    if field == "status":
        return cell.lower() if cell.lower() in STATUSES else None
    if field == "confidence":
        try:
            value = float(cell)
        except ValueError:
            return None
        return value if 0 <= value <= 1 else None
    if field in ("is_valid", "is_locked"):
        return truth_of(cell)
    if field == "channel":
        return _channel(cell)
    if field == "language":
        return (language_code(cell) or cell)[:500]
    if field == "id":
        return cast("object", cell if SEGMENT_ID.fullmatch(cell) else None)
    return cell if len(cell) <= 500 else None
