"""The SQL store: projects, recordings, transcripts, and what is read of them.

``journal.py`` holds the save path.  Nothing here is particular to a database (see ``sqlite.py``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, Result, Table, case, delete, func, insert, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from speechlabel.errors import ConflictError, NotFoundError, RecordError
from speechlabel.records import Project, Recording, Segment, Speaker, Transcript, convert_field
from speechlabel.store import history, journal, rows, spoken, tables
from speechlabel.store.base import Batch, Counts, JournalEntry, Reading, Saved, SideDraft, Spoken
from speechlabel.store.database import Database
from speechlabel.timing import now

__all__ = ["SqlStore"]

Stored = TypeVar("Stored", Project, Recording)
PART_ROWS = 500  # of segments that are read at once


class SqlStore:
    """A ``Store`` (see its laws in ``base``) on a database whose schema is up to date."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    # Projects

    def create_project(self, project: Project) -> Project:
        """Add a project."""
        with self.database.write() as connection:
            return _add(connection, tables.project, project)

    def projects(self) -> list[Project]:
        """Every project, oldest first."""
        with self.database.read() as connection:
            return _records(connection, tables.project, Project)

    def project(self, id: str) -> Project:
        """One project."""
        with self.database.read() as connection:
            return _one(connection, tables.project, Project, id=id)

    def update_project(self, id: str, /, **fields: Any) -> Project:  # noqa: ANN401 - fields of Project
        """Change fields of a project."""
        with self.database.write() as connection:
            return _change(connection, tables.project, Project, fields, id=id)

    def delete_project(self, id: str) -> None:
        """Remove a project with all that belongs to it."""
        with self.database.write() as connection:
            _remove(connection, tables.project, id=id)

    # Recordings

    def add_recording(self, recording: Recording) -> Recording:
        """Add a recording."""
        with self.database.write() as connection:
            _one(connection, tables.project, Project, id=recording.project_id)
            return _add(connection, tables.recording, recording)

    def recordings(self, project_id: str) -> list[Recording]:
        """Every recording of a project, oldest first."""
        with self.database.read() as connection:
            return _records(connection, tables.recording, Recording, project_id=project_id)

    def recording(self, project_id: str, id: str) -> Recording:
        """One recording."""
        with self.database.read() as connection:
            return _one(connection, tables.recording, Recording, project_id=project_id, id=id)

    def find_recording(self, project_id: str, content_hash: str) -> Recording | None:
        """Find the oldest recording with that content, or None."""
        with self.database.read() as connection:
            found = _records(
                connection, tables.recording, Recording, project_id=project_id, content_hash=content_hash
            )
        return found[0] if found else None

    def update_recording(self, project_id: str, id: str, /, **fields: Any) -> Recording:  # noqa: ANN401
        """Change fields of a recording."""
        with self.database.write() as connection:
            return _change(connection, tables.recording, Recording, fields, project_id=project_id, id=id)

    def delete_recording(self, project_id: str, id: str) -> None:
        """Remove a recording with its transcripts and speakers."""
        with self.database.write() as connection:
            _remove(connection, tables.recording, project_id=project_id, id=id)

    # Transcripts

    def add_transcript(
        self, transcript: Transcript, segments: Iterable[Segment], speakers: Iterable[Speaker]
    ) -> Transcript:
        """Add a transcript with its segments, and those speakers that are new."""
        segments = list(segments)
        with self.database.write() as connection:
            return _add_transcript(connection, transcript, segments, speakers)

    def transcripts(self, project_id: str, recording_id: str) -> list[Transcript]:
        """Transcripts of a recording, oldest first."""
        with self.database.read() as connection:
            return _records(
                connection, tables.transcript, Transcript, project_id=project_id, recording_id=recording_id
            )

    def transcript(self, id: str) -> Transcript:
        """One transcript."""
        with self.database.read() as connection:
            return _one(connection, tables.transcript, Transcript, id=id)

    def delete_transcript(self, id: str) -> None:
        """Remove a transcript with its segments and journal."""
        with self.database.write() as connection:
            _remove(connection, tables.transcript, id=id)

    def delete_untouched(self, id: str) -> bool:
        """Remove a transcript unless something was saved to it, or refused; returns whether it is gone."""
        table, draft = tables.transcript, tables.side_draft
        refused = select(draft.c.op_id).where(draft.c.transcript_id == id).exists()
        untouched = delete(table).where(table.c.id == id, table.c.revision == 0, ~refused)
        with self.database.write() as connection:
            return connection.execute(untouched).rowcount == 1

    def segments(self, transcript_id: str) -> list[Segment]:
        """Segments sorted by start, end and id."""
        with self.database.read() as connection:
            return _segments(connection, transcript_id)

    def speakers(self, project_id: str, recording_id: str) -> list[Speaker]:
        """Speakers of a recording, sorted by id."""
        with self.database.read() as connection:
            return _speakers(connection, project_id, recording_id)

    def read(self, transcript_id: str) -> Reading:
        """Transcript, segments and speakers of one moment."""
        with self.database.read() as connection:
            transcript = _one(connection, tables.transcript, Transcript, id=transcript_id)
            return Reading(
                transcript=transcript,
                segments=_segments(connection, transcript_id),
                speakers=_speakers(connection, transcript.project_id, transcript.recording_id),
            )

    def open_pass(
        self, project_id: str, recording_id: str, author: str, source_transcript_id: str | None
    ) -> Transcript:
        """Give a person's transcript of a recording, made as a copy of the source when there is none."""
        with self.database.read() as connection:  # the usual case takes no turn among the writers
            _one(connection, tables.recording, Recording, project_id=project_id, id=recording_id)
            if own := _passes(connection, project_id, recording_id, author):
                return own[-1]
        with self.database.write() as connection:
            _hold(connection, project_id, recording_id)
            if own := _passes(connection, project_id, recording_id, author):
                return own[-1]
            return _copy(connection, project_id, recording_id, author, source_transcript_id)

    # Saving and the journal

    def save(self, transcript_id: str, batch: Batch) -> Saved:
        """Apply a batch of edits; see ``journal.save``."""
        content = journal.fingerprint(transcript_id, batch)
        try:
            with self.database.write() as connection:
                return journal.save(connection, transcript_id, batch, content)
        except ConflictError as error:
            if error.data["reason"] == "stale":
                self.keep(transcript_id, batch, "stale", error.data["conflicts"])
            raise

    def keep(
        self,
        transcript_id: str,
        batch: Batch,
        reason: str,
        conflicts: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Keep a refused batch as a side draft."""
        with self.database.write() as connection:
            history.keep(connection, transcript_id, batch, reason, conflicts)

    def side_drafts(self, transcript_id: str) -> list[SideDraft]:
        """Batches that were refused, oldest first."""
        with self.database.read() as connection:
            return history.side_drafts(connection, transcript_id)

    def history(
        self,
        transcript_id: str,
        *,
        segment_id: str | None = None,
        author: str | None = None,
        limit: int = 1000,
    ) -> list[JournalEntry]:
        """Journal, newest first, of one segment or author if named."""
        with self.database.read() as connection:
            return history.entries(connection, transcript_id, segment_id, author, limit)

    def undo_steps(self, transcript_id: str, author: str, limit: int = 500) -> list[dict[str, Any]]:
        """Give the newest steps of an author, oldest first."""
        with self.database.read() as connection:
            return history.undo_steps(connection, transcript_id, author, limit)

    def counts(self, project_id: str) -> dict[str, list[Counts]]:
        """Count: recording id → figures of each of its transcripts, oldest first."""
        with self.database.read() as connection:
            return _counts(connection, project_id)

    def spoken(self, project_id: str) -> dict[str, dict[str, Spoken]]:
        """Count what each speaker says: transcript id → speaker id → figures."""
        with self.database.read() as connection:
            return spoken.spoken(connection, project_id)


def _where(table: Table, key: Mapping[str, str]) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in key.items()]


def _name(key: Mapping[str, str]) -> str:
    return key["id"]


def _records(connection: Connection, table: Table, kind: type[rows.T], **key: str) -> list[rows.T]:
    """Read records, oldest first.  Sorted here, since databases disagree about the order of texts."""
    found = connection.execute(select(*rows.columns(table, kind)).where(*_where(table, key)))
    records: list[Any] = [rows.record(kind, row) for row in found]
    return sorted(records, key=attrgetter("created_at", "id"))


def _one(connection: Connection, table: Table, kind: type[rows.T], **key: str) -> rows.T:
    row = connection.execute(select(*rows.columns(table, kind)).where(*_where(table, key))).one_or_none()
    if row is None:
        raise NotFoundError(table.name, _name(key))
    return rows.record(kind, row)


def _add(connection: Connection, table: Table, record: rows.T) -> rows.T:
    """Insert a record with a time of creation; its primary key must be free."""
    made: Any = record
    if not made.created_at:
        made = dataclasses.replace(made, created_at=now())
    key = {column.name: getattr(made, column.name) for column in table.primary_key}
    if connection.execute(select(literal(1)).select_from(table).where(*_where(table, key))).first():
        raise RecordError(table.name, "id", made.id, "is taken already")
    connection.execute(insert(table), rows.to_row(made))
    return made


def _change(
    connection: Connection, table: Table, kind: type[Stored], fields: Mapping[str, Any], **key: str
) -> Stored:
    old = _one(connection, table, kind, **key)
    for name in key:
        if name in fields:
            raise RecordError(table.name, name, fields[name], "cannot be changed")
    values = {name: convert_field(kind, name, value) for name, value in fields.items()}
    new = dataclasses.replace(old, **values)
    if values:
        stored = {name: rows.stored(value) for name, value in values.items()}
        connection.execute(update(table).where(*_where(table, key)).values(stored))
    return new


def _remove(connection: Connection, table: Table, **key: str) -> None:
    if connection.execute(delete(table).where(*_where(table, key))).rowcount == 0:
        raise NotFoundError(table.name, _name(key))


def _hold(connection: Connection, project_id: str, recording_id: str) -> None:
    """Hold a recording until the transaction ends (SQLite holds everything anyway)."""
    table = tables.recording
    key = {"project_id": project_id, "id": recording_id}
    connection.execute(select(table.c.id).where(*_where(table, key)).with_for_update())


def _add_transcript(
    connection: Connection, transcript: Transcript, segments: Sequence[Segment], speakers: Iterable[Speaker]
) -> Transcript:
    key = {"project_id": transcript.project_id, "id": transcript.recording_id}
    recording = _one(connection, tables.recording, Recording, **key)
    _hold(connection, transcript.project_id, transcript.recording_id)
    made = _add(connection, tables.transcript, transcript)
    seen: set[str] = set()
    for segment in segments:
        if segment.id in seen:
            raise RecordError(f"segment {segment.id}", "id", segment.id, "stands twice in this transcript")
        seen.add(segment.id)
        journal.check_place(segment, recording.n_frames, recording.sample_rate, recording.channels)
    if segments:
        origin = {"transcript_id": made.id, "version": made.revision}
        connection.execute(insert(tables.segment), [rows.to_row(item) | origin for item in segments])
    new = {speaker.id: speaker for speaker in speakers}
    for known in _speakers(connection, transcript.project_id, transcript.recording_id):
        new.pop(known.id, None)
    if new:
        home = {"project_id": transcript.project_id, "recording_id": transcript.recording_id}
        version = {"version": journal.tick(connection, **home)}
        connection.execute(
            insert(tables.speaker), [rows.to_row(item) | home | version for item in new.values()]
        )
    return made


def _passes(connection: Connection, project_id: str, recording_id: str, author: str) -> list[Transcript]:
    key = {"project_id": project_id, "recording_id": recording_id, "author": author}
    return _records(connection, tables.transcript, Transcript, **key)


def _copy(
    connection: Connection, project_id: str, recording_id: str, author: str, source_id: str | None
) -> Transcript:
    made = Transcript(project_id=project_id, recording_id=recording_id, author=author)
    if source_id is None:
        return _add(connection, tables.transcript, made)
    source = _one(connection, tables.transcript, Transcript, id=source_id)
    if (source.project_id, source.recording_id) != (project_id, recording_id):
        raise NotFoundError(f"transcript of recording {recording_id!r} with id", source_id)
    made = dataclasses.replace(
        made,
        parent_id=source.id,
        parent_revision=source.revision,
        span_start_us=source.span_start_us,
        span_end_us=source.span_end_us,
    )
    made = _add(connection, tables.transcript, made)
    table = tables.segment
    kept = [column for column in table.c if column.name not in ("transcript_id", "version")]
    chosen = select(literal(made.id), *kept, literal(made.revision)).where(table.c.transcript_id == source_id)
    into = ["transcript_id", *(column.name for column in kept), "version"]
    connection.execute(insert(table).from_select(into, chosen))
    return made


def _segments(connection: Connection, transcript_id: str) -> list[Segment]:
    table = tables.segment
    chosen = select(*rows.columns(table, Segment)).where(table.c.transcript_id == transcript_id)
    # Built part by part: the parsed words of all segments at once would double the memory and the time.
    found: Result[*tuple[Any, ...]] = connection.execute(chosen)
    built = chain.from_iterable(rows.segments(part) for part in found.partitions(PART_ROWS))
    return sorted(built, key=attrgetter("start_us", "end_us", "id"))


def _speakers(connection: Connection, project_id: str, recording_id: str) -> list[Speaker]:
    table = tables.speaker
    key = {"project_id": project_id, "recording_id": recording_id}
    found = connection.execute(select(*rows.columns(table, Speaker)).where(*_where(table, key)))
    return sorted((rows.record(Speaker, row) for row in found), key=lambda item: item.id)


def _counts(connection: Connection, project_id: str) -> dict[str, list[Counts]]:
    table = tables.segment
    length = table.c.end_us - table.c.start_us
    chosen = (
        select(
            table.c.transcript_id,
            table.c.status,
            func.count(),
            func.sum(case((table.c.is_valid, 0), else_=1)),
            func.sum(case((table.c.is_valid, length), else_=0)),
        )
        .join(tables.transcript, tables.transcript.c.id == table.c.transcript_id)
        .where(tables.transcript.c.project_id == project_id)
        .group_by(table.c.transcript_id, table.c.status)
    )
    by_transcript: dict[str, list[Any]] = {}
    for transcript_id, *figures in connection.execute(chosen):
        by_transcript.setdefault(transcript_id, []).append(figures)
    out: dict[str, list[Counts]] = {}
    for transcript in _records(connection, tables.transcript, Transcript, project_id=project_id):
        found = by_transcript.get(transcript.id, [])
        counts = Counts(
            transcript=transcript,
            segments=sum(int(number) for _, number, _, _ in found),
            by_status={status: int(number) for status, number, _, _ in found},
            invalid=sum(int(invalid) for _, _, invalid, _ in found),
            valid_us=sum(int(valid_us) for _, _, _, valid_us in found),
            done_us=sum(int(valid_us) for status, _, _, valid_us in found if status == "done"),
        )
        out.setdefault(transcript.recording_id, []).append(counts)
    return out
