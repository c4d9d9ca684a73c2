"""Reads of the journal: history, undo steps, and the drafts that were refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select

from speechlabel.edits import edit_to_dict
from speechlabel.store import rows, tables
from speechlabel.store.base import Batch, JournalEntry, SideDraft
from speechlabel.store.journal import read_head
from speechlabel.timing import now

__all__ = ["entries", "keep", "side_drafts", "undo_steps"]


def keep(
    connection: Connection,
    transcript_id: str,
    batch: Batch,
    reason: str,
    conflicts: Sequence[Mapping[str, Any]],
) -> None:
    """Keep a refused batch, once, however often it is sent."""
    head = read_head(connection, transcript_id)
    table = tables.side_draft
    connection.execute(
        delete(table).where(table.c.transcript_id == transcript_id, table.c.op_id == batch.op_id)
    )
    connection.execute(
        insert(table),
        {
            "op_id": batch.op_id,
            "transcript_id": transcript_id,
            "author": batch.author,
            "time": now(),
            "revision": head.revision,
            "reason": reason,
            "edits": [edit_to_dict(edit) for edit in batch.edits],
            "conflicts": list(conflicts),
        },
    )


def side_drafts(connection: Connection, transcript_id: str) -> list[SideDraft]:
    """Refused batches of a transcript, oldest first."""
    table = tables.side_draft
    found = connection.execute(
        select(*rows.columns(table, SideDraft)).where(table.c.transcript_id == transcript_id)
    )
    drafts = [SideDraft(**row) for row in found.mappings()]
    return sorted(drafts, key=lambda item: (item.time, item.op_id))


def entries(
    connection: Connection, transcript_id: str, segment_id: str | None, author: str | None, limit: int
) -> list[JournalEntry]:
    """Journal of a transcript, newest first."""
    table = tables.journal
    chosen = select(*rows.columns(table, JournalEntry)).where(table.c.transcript_id == transcript_id)
    if segment_id is not None:
        chosen = chosen.where(table.c.target == "segment", table.c.record_id == segment_id)
    if author is not None:
        chosen = chosen.where(table.c.author == author)
    chosen = chosen.order_by(table.c.revision.desc(), table.c.id.desc()).limit(limit)
    return [JournalEntry(**row) for row in connection.execute(chosen).mappings()]


def undo_steps(connection: Connection, transcript_id: str, author: str, limit: int) -> list[dict[str, Any]]:
    """Give the newest steps of an author, oldest first (see ``Store.undo_steps``)."""
    table = tables.journal
    mine = and_(table.c.transcript_id == transcript_id, table.c.author == author)
    newest = func.max(table.c.revision)
    chosen = select(table.c.step).where(mine).group_by(table.c.step).order_by(newest.desc()).limit(limit)
    found = connection.execute(
        select(*rows.columns(table, JournalEntry))
        .where(mine, table.c.step.in_(chosen))
        .order_by(table.c.revision, table.c.id)
    )
    steps: dict[str, dict[str, Any]] = {}
    for row in found:
        step = steps.pop(row.step, None) or {"step": row.step, "undoes": None, "forward": [], "inverse": []}
        steps[row.step] = step  # at its newest row's place
        step["undoes"] = row.undoes or step["undoes"]
        step["forward"].append(_edit(row, row.before, row.after))
        step["inverse"].insert(0, _edit(row, row.after, row.before))
    return list(steps.values())


def _edit(row: Row[*tuple[Any, ...]], found: Any, left: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Edit in JSON form that leads from one state of a journal row to the other."""
    if found is None:
        return {"action": "insert", "target": row.target, "record": left}
    edit = {"target": row.target, "id": row.record_id, "version": None}
    if left is None:
        return {"action": "delete"} | edit
    return {"action": "update"} | edit | {"changes": left}
