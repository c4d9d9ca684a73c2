"""The save path and its journal: each function is part of one transaction that its caller holds.

A batch is laid on the few records that it names, by the rules of ``edits.apply``; the transcript is never
loaded whole.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import orjson
from sqlalchemy import (
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from speechlabel.checks import check_text
from speechlabel.edits import Delete, Document, Edit, Insert, Update, apply, edit_to_dict
from speechlabel.errors import ConflictError, NotFoundError, RecordError
from speechlabel.records import Segment, Speaker, to_dict
from speechlabel.store import rows, tables
from speechlabel.store.base import Batch, Saved
from speechlabel.timing import now, samples_to_us

__all__ = [
    "check_place",
    "fingerprint",
    "read_head",
    "save",
    "tick",
]

Head = Row[*tuple[Any, ...]]

MAX_NAME = 200  # characters of an op id, visit or author
MANY = 5_000  # ids in one statement; SQLite takes 32,766 parameters, PostgreSQL 65,535
MAX_TIME_US = 2**62  # what a 64-bit column holds, with room to add two of them

# The reads of every save, built once: building them anew takes as long as running them.
_transcript, _recording, _op = tables.transcript.c, tables.recording.c, tables.op.c
_HEAD = (
    select(
        _transcript.id,
        _transcript.project_id,
        _transcript.recording_id,
        _transcript.revision,
        _transcript.stage,
        _recording.n_frames,
        _recording.sample_rate,
        _recording.channels,
    )
    .join(
        tables.recording,
        and_(_recording.id == _transcript.recording_id, _recording.project_id == _transcript.project_id),
    )
    .where(_transcript.id == bindparam("transcript_id"))
    .with_for_update(of=tables.transcript)
)
_OP = select(_op.content_hash, _op.revision, _op.versions).where(_op.op_id == bindparam("op_id"))
_SEGMENTS: Select[*tuple[Any, ...]] = select(*rows.columns(tables.segment, Segment)).where(
    tables.segment.c.transcript_id == bindparam("transcript_id"),
    tables.segment.c.id.in_(bindparam("ids", expanding=True)),
)
_SPEAKERS: Select[*tuple[Any, ...]] = (
    select(*rows.columns(tables.speaker, Speaker))
    .where(
        tables.speaker.c.project_id == bindparam("project_id"),
        tables.speaker.c.recording_id == bindparam("recording_id"),
        tables.speaker.c.id.in_(bindparam("ids", expanding=True)),
    )
    .with_for_update()
)
_REVISION = (
    update(tables.transcript)
    .where(tables.transcript.c.id == bindparam("transcript_id"))
    .values(revision=bindparam("new_revision"))
)


def fingerprint(transcript_id: str, batch: Batch) -> str:
    """Hash of what a batch asks for, the same for every resend (a new lease does not change it).

    Raises
    ------
    RecordError
        The batch is empty, has no op id, or a name or value that cannot be stored.
    """
    for name in ("op_id", "author", "visit", "undoes"):
        if (value := getattr(batch, name)) is not None:
            check_text("batch", name, value, max_length=MAX_NAME)
    if not batch.op_id or not batch.author:
        raise RecordError("batch", "op_id", batch.op_id, "a batch needs an op id and an author")
    if not batch.edits:
        raise RecordError("batch", "edits", [], "a batch needs at least one edit")
    asked = [transcript_id, batch.author, batch.visit, batch.undoes, [*map(edit_to_dict, batch.edits)]]
    try:
        return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except TypeError as error:
        raise RecordError("batch", "edits", str(error), "cannot be written as JSON") from error


def save(connection: Connection, transcript_id: str, batch: Batch, content_hash: str) -> Saved:
    """Apply a batch; see ``Store.save`` for what it raises."""
    head = read_head(connection, transcript_id)
    if earlier := _earlier(connection, batch, content_hash):
        return earlier
    revision = head.revision + 1
    before = _named(connection, head, batch.edits)
    after = apply(before, batch.edits, revision=revision)
    _check_places(before, after, head)
    _write(connection, tables.segment, {"transcript_id": transcript_id}, before.segments, after.segments)
    speakers = _write_speakers(connection, head, before.speakers, after.speakers)
    _write_journal(connection, head, batch, before, revision)
    versions = {
        "segment": {id: item.version for id, item in after.segments.items()},
        "speaker": {id: item.version for id, item in speakers.items()},
    }
    connection.execute(_REVISION, {"transcript_id": transcript_id, "new_revision": revision})
    connection.execute(
        insert(tables.op),
        {
            "op_id": batch.op_id,
            "transcript_id": transcript_id,
            "content_hash": content_hash,
            "revision": revision,
            "versions": versions,
        },
    )
    return Saved(op_id=batch.op_id, revision=revision, versions=versions)


def read_head(connection: Connection, transcript_id: str) -> Head:
    """Transcript with its recording's length, held until the transaction ends."""
    row = connection.execute(_HEAD, {"transcript_id": transcript_id}).one_or_none()
    if row is None:
        raise NotFoundError("transcript", transcript_id)
    return row


def _earlier(connection: Connection, batch: Batch, content_hash: str) -> Saved | None:
    row = connection.execute(_OP, {"op_id": batch.op_id}).one_or_none()
    if row is None:
        return None
    if row.content_hash != content_hash:
        raise ConflictError("op_reused", f"op {batch.op_id} was used for something else; send a new op id")
    return Saved(op_id=batch.op_id, revision=row.revision, versions=row.versions, dup=True)


def _id(edit: Edit) -> str:
    return edit.record.id if isinstance(edit, Insert) else edit.id


def _named(connection: Connection, head: Head, edits: Sequence[Edit]) -> Document:
    """Return the records that the edits name, as they are."""
    ids = {
        target: sorted({_id(edit) for edit in edits if edit.target == target})
        for target in ("segment", "speaker")
    }
    segments: dict[str, Segment] = {}
    for part in _parts(ids["segment"]):
        found = connection.execute(_SEGMENTS, {"transcript_id": head.id, "ids": part})
        segments |= {item.id: item for item in rows.segments(found)}
    speakers: dict[str, Speaker] = {}
    for part in _parts(ids["speaker"]):
        home = {"project_id": head.project_id, "recording_id": head.recording_id}
        found = connection.execute(_SPEAKERS, home | {"ids": part})
        speakers |= {item.id: item for item in (rows.record(Speaker, row) for row in found)}
    return Document(segments=segments, speakers=speakers)


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MANY):
        yield ids[start : start + MANY]


def _of_recording(table: Table, head: Head) -> tuple[Any, Any]:
    return table.c.project_id == head.project_id, table.c.recording_id == head.recording_id


def check_place(segment: Segment, n_frames: int, sample_rate: int, channels: int) -> None:
    """Raise ``RecordError`` for a segment that its recording has no place for (``n_frames`` 0: not known)."""
    me = f"segment {segment.id}"
    last = samples_to_us(n_frames, sample_rate) if n_frames else MAX_TIME_US
    if segment.end_us > last:
        raise RecordError(me, "end_us", segment.end_us, f"is past the end of the recording, {last}")
    # The one channel of a recording has no number of its own: formats name it 0, 1 or not at all.
    if channels > 1 and (segment.channel or 0) >= channels:
        raise RecordError(me, "channel", segment.channel, f"the recording has {channels}, counted from 0")


def _check_places(before: Document, after: Document, head: Head) -> None:
    """Hold new places inside the recording; a text may be typed wherever its segment lies."""
    for id, segment in after.segments.items():
        old = before.segments.get(id)
        if old is None or segment.end_us > old.end_us or segment.channel != old.channel:
            check_place(segment, head.n_frames, head.sample_rate, head.channels)


def _write(
    connection: Connection,
    table: Table,
    home: dict[str, Any],
    before: Mapping[str, Segment] | Mapping[str, Speaker],
    after: Mapping[str, Segment] | Mapping[str, Speaker],
) -> None:
    """Write what differs, one statement for each set of columns that changed."""
    here = [table.c[name] == value for name, value in home.items()]
    gone = [id for id in before if id not in after]
    for part in _parts(gone):
        connection.execute(delete(table).where(*here, table.c.id.in_(part)))
    if new := [rows.to_row(item) | home for id, item in after.items() if id not in before]:
        connection.execute(insert(table), new)
    changed: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for id, old in before.items():
        if id in after:
            values = _difference(old, after[id])
            changed.setdefault(tuple(values), []).append({"this_id": id} | values)
    for names, several in changed.items():
        change = update(table).where(*here, table.c.id == bindparam("this_id"))
        connection.execute(change.values({name: bindparam(name) for name in names}), several)


def _difference(old: Segment | Speaker, new: Segment | Speaker) -> dict[str, Any]:
    """Columns that differ between two records of one kind, with their new values."""
    out: dict[str, Any] = {}
    for name in rows.names(type(new)):
        value = getattr(new, name)
        if value != getattr(old, name):
            out[name] = rows.stored(value)
    return out


def tick(connection: Connection, project_id: str, recording_id: str) -> int:
    """Give a version for speakers of a recording that was never used before."""
    table = tables.recording
    here = and_(table.c.project_id == project_id, table.c.id == recording_id)
    connection.execute(update(table).where(here).values(speaker_clock=table.c.speaker_clock + 1))
    return connection.execute(select(table.c.speaker_clock).where(here)).scalar_one()


def _write_speakers(
    connection: Connection,
    head: Head,
    before: Mapping[str, Speaker],
    after: Mapping[str, Speaker],
) -> dict[str, Speaker]:
    """Write speakers under a version of the recording; returns them as they are now."""
    if not before and not after:
        return {}
    version = tick(connection, head.project_id, head.recording_id)
    named = {id: dataclasses.replace(item, version=version) for id, item in after.items()}
    home = {"project_id": head.project_id, "recording_id": head.recording_id}
    _write(connection, tables.speaker, home, before, named)
    if gone := [id for id in before if id not in after]:
        _refuse_named(connection, head, gone)
    return named


def _refuse_named(connection: Connection, head: Head, gone: Sequence[str]) -> None:
    """Refuse to remove a speaker whom this transcript, or another person's, still names.

    Untouched drafts of machines do not count: nobody could relabel them, so no speaker could ever be merged.
    """
    one, other = tables.segment, tables.transcript
    people = or_(other.c.id == head.id, other.c.author == "gold", other.c.author.startswith("user:"))
    for part in _parts(gone):
        chosen = (
            select(one.c.speaker, other.c.author, func.count())
            .join(other, other.c.id == one.c.transcript_id)
            .where(*_of_recording(other, head), people, one.c.speaker.in_(part))
            .group_by(one.c.speaker, other.c.author)
        )
        if found := connection.execute(chosen).first():
            speaker, author, number = found
            raise RecordError(
                f"speaker {speaker}",
                "id",
                speaker,
                f"{number} segments by {author} still name this speaker; merge the speakers, or relabel the "
                "segments, first",
            )


def _write_journal(connection: Connection, head: Head, batch: Batch, before: Document, revision: int) -> None:
    shared = {
        "transcript_id": head.id,
        "revision": revision,
        "op_id": batch.op_id,
        "step": batch.visit or batch.op_id,
        "undoes": batch.undoes,
        "visit": batch.visit,
        "author": batch.author,
        "stage": head.stage,
        "time": now(),
    }
    grows = bool(batch.visit) and batch.undoes is None
    grows = grows and all(isinstance(edit, Update) for edit in batch.edits)
    last = _last(connection, head.id, batch) if grows else {}
    new: list[dict[str, Any]] = []
    for edit, old_values, new_values in _changes(before, batch.edits):
        key = (edit.target, _id(edit))
        row = last.get(key)
        if row is None:
            row = shared | {
                "target": edit.target,
                "record_id": key[1],
                "before": old_values,
                "after": new_values,
            }
            new.append(row)
            if grows:
                last[key] = row
        else:
            row["before"] = cast("Any", old_values) | row["before"]
            row["after"] = row["after"] | new_values
    if new:
        connection.execute(insert(tables.journal), new)
    if grown := [row for row in last.values() if "this_id" in row]:
        table = tables.journal
        moved = {name: shared[name] for name in ("revision", "op_id", "time")}
        moved |= {name: bindparam(name) for name in ("before", "after")}
        connection.execute(update(table).where(table.c.id == bindparam("this_id")).values(moved), grown)


def _last(connection: Connection, transcript_id: str, batch: Batch) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows that grow: the newest of each record, where it is of the same visit and author."""
    table = tables.journal
    ids = [_id(edit) for edit in batch.edits]
    newest = (
        select(func.max(table.c.id))
        .where(table.c.transcript_id == transcript_id, table.c.record_id.in_(ids))
        .group_by(table.c.target, table.c.record_id)
    )
    found = connection.execute(
        select(table.c.id, table.c.target, table.c.record_id, table.c.before, table.c.after).where(
            table.c.id.in_(newest),
            table.c.visit == batch.visit,
            table.c.author == batch.author,
            table.c.before.is_not(None),
            table.c.after.is_not(None),
            table.c.undoes.is_(None),
        )
    )
    return {
        (row.target, row.record_id): {"this_id": row.id, "before": row.before, "after": row.after}
        for row in found
    }


def _changes(
    before: Document, edits: Sequence[Edit]
) -> Iterator[tuple[Edit, dict[str, Any] | None, dict[str, Any] | None]]:
    """Each edit with what it found and what it left, in JSON form."""
    now: dict[str, dict[str, Any]] = {"segment": {}, "speaker": {}}
    known: dict[str, Mapping[str, Any]] = {"segment": before.segments, "speaker": before.speakers}
    times = Counter((edit.target, _id(edit)) for edit in edits)
    for edit in edits:
        id = _id(edit)
        record = now[edit.target].get(id) or known[edit.target].get(id)
        if isinstance(edit, Insert):
            now[edit.target][id] = edit.record
            yield edit, None, _whole(edit.record)
        elif isinstance(edit, Delete):
            now[edit.target].pop(id, None)
            yield edit, _whole(cast("Any", record)), None
        else:
            if times[edit.target, id] > 1:  # another edit of this batch may look at it
                now[edit.target][id] = dataclasses.replace(cast("Any", record), **edit.changes)
            old = {name: rows.plain(getattr(record, name)) for name in edit.changes}
            yield edit, old, {name: rows.plain(value) for name, value in edit.changes.items()}


def _whole(record: Segment | Speaker) -> dict[str, Any]:
    out = to_dict(record)
    out.pop("version", None)
    return out
