"""Status: how far each recording of a project is, counted when asked for."""

from __future__ import annotations

from typing import Any

from speechlabel.store.workspace import Workspace
from speechlabel.workflow.label import precedence

__all__ = ["project_status"]


def project_status(workspace: Workspace, project_id: str) -> dict[str, Any]:
    """Return ``{"recordings": [...], "total": {...}}`` with counts of the transcript that is shown."""
    counts = workspace.store.counts(project_id)
    rows: list[dict[str, Any]] = []
    for item in workspace.store.recordings(project_id):
        shown = max(counts.get(item.id, []), key=lambda count: precedence(count.transcript), default=None)
        rows.append(
            {
                "id": item.id,
                "name": item.name,
                "title": item.metadata.get("title"),  # by language, for the samples
                "duration_us": item.duration_us,
                "sample_rate": item.sample_rate,
                "channels": item.channels,
                "layout": item.layout,
                "state": item.state,
                "error": item.error,
                "error_code": item.error_code,
                "segments": shown.segments if shown else 0,
                "done": shown.done if shown else 0,
                "done_us": shown.done_us if shown else 0,
            }
        )
    total = {name: sum(row[name] for row in rows) for name in ("duration_us", "segments", "done", "done_us")}
    return {"recordings": rows, "total": {"recordings": len(rows), **total}}
