"""Annotations of other programs over REST: shown, then taken in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from speechlabel.web.api.recordings import allowed_path, may_open
from speechlabel.web.site import site_of
from speechlabel.workflow.annotations import survey, take_in
from speechlabel.workflow.options import ImportOptions

__all__ = ["router"]

router = APIRouter(prefix="/api/projects/{project_id}", tags=["recordings"])


class Annotations(BaseModel):
    """Files or folders of the server, how to read them, and what their tiers mean."""

    model_config = ConfigDict(extra="forbid")
    paths: list[str]
    format: str | None = None
    values: dict[str, str | int | bool] = {}
    tiers: dict[str, str] = {}
    preview: bool = False
    prepare: bool = True


@router.post("/annotations")
def take_annotations(request: Request, project_id: str, body: Annotations) -> dict[str, Any]:
    """Take in annotations whose audio is found; ``preview`` only tells what would be taken in.

    Unless ``prepare`` is false, recordings that they name and that are new are prepared at once.
    """
    site = site_of(request)
    paths = [Path(text) if request.state.is_operator else allowed_path(site, text) for text in body.paths]
    options = ImportOptions(format=body.format, values=body.values, tiers=body.tiers)
    found = survey(
        site.workspace,
        project_id,
        paths,
        options=options,
        may_open=lambda path: may_open(request, path),
    )
    if body.preview:
        return found.to_dict()
    report = take_in(site.workspace, project_id, found, tiers=body.tiers)
    for recording in report.added if body.prepare else ():
        site.preparer.add(recording)
    return report.to_dict()
