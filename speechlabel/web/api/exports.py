"""Exports over REST: preview, make, fetch."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict

from speechlabel.registry import names
from speechlabel.web.site import site_of
from speechlabel.workflow.export import Plan, Selection, preview

__all__ = ["plan_json", "router"]

router = APIRouter(prefix="/api", tags=["exports"])


class Wanted(BaseModel):
    """What to export; see ``workflow.export.Selection``."""

    model_config = ConfigDict(extra="forbid")
    format: str
    include: list[str] = []
    recordings: list[str] | None = None

    def selection(self) -> Selection:
        """Return the selection that is meant."""
        recordings = None if self.recordings is None else tuple(self.recordings)
        return Selection(include=frozenset(self.include), recordings=recordings, with_audio=True)


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return counts of what goes out and of what stays in, by reason; where nothing does, what would help."""
    return {
        "in": plan.n_in,
        "in_us": plan.in_us,
        "out": sum(plan.excluded.values()),
        "reasons": plan.excluded,
        "remedy": list(plan.remedy),
        "not_prepared": list(plan.not_prepared),
    }


@router.get("/formats")
def list_formats() -> list[str]:
    """Names of the formats there are."""
    return names("format")


@router.post("/projects/{project_id}/exports/preview")
def preview_export(request: Request, project_id: str, body: Wanted) -> dict[str, Any]:
    """Show the first lines an export would write, and what it would leave out and why.

    ``recordings`` is how many recordings the lines are from; ``is_whole`` whether those are all.
    """
    seen = preview(site_of(request).workspace, project_id, body.format, selection=body.selection())
    losses = [{"field": item.field, "reason": item.reason, "count": item.count} for item in seen.losses]
    return plan_json(seen.plan) | {
        "files": seen.files,
        "losses": losses,
        "warnings": list(seen.warnings),
        "recordings": seen.recordings,
        "is_whole": seen.is_whole,
    }


@router.post("/projects/{project_id}/exports", status_code=201)
def make_export(request: Request, project_id: str, body: Wanted) -> dict[str, Any]:
    """Write an export; answers where to fetch it."""
    id, made = site_of(request).exports.make(project_id, body.format, body.selection())
    return plan_json(made.plan) | {
        "id": id,
        "url": f"/api/exports/{id}/download",
        "files": list(made.report.files),
        "warnings": list(made.report.warnings),
    }


@router.get("/exports/{export_id}/download")
def download(request: Request, export_id: str) -> FileResponse:
    """Fetch the archive of an export."""
    path = site_of(request).exports.find(export_id)
    return FileResponse(path, filename=path.name, media_type="application/zip")
