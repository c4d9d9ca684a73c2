"""Who speaks how much: segments counted by their speaker."""

from __future__ import annotations

from sqlalchemy import Connection, case, func, select

from speechlabel.store import tables
from speechlabel.store.base import Spoken

__all__ = ["spoken"]


def spoken(connection: Connection, project_id: str) -> dict[str, dict[str, Spoken]]:
    """Count the segments of every speaker in each transcript of a project (see ``Store.spoken``)."""
    table, home = tables.segment, tables.transcript
    chosen = (
        select(
            table.c.transcript_id,
            table.c.speaker,
            func.count(),
            func.sum(case((table.c.is_locked, 1), else_=0)),
            func.sum(table.c.end_us - table.c.start_us),
        )
        .join(home, home.c.id == table.c.transcript_id)
        .where(home.c.project_id == project_id, table.c.speaker.is_not(None))
        .group_by(table.c.transcript_id, table.c.speaker)
    )
    out: dict[str, dict[str, Spoken]] = {}
    for transcript_id, speaker, number, locked, length_us in connection.execute(chosen):
        found = Spoken(segments=int(number), locked=int(locked), length_us=int(length_us))
        out.setdefault(transcript_id, {})[speaker] = found
    return out
