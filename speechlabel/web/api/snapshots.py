"""Snapshots over REST: list, make, compare, correct.  ``exports`` delivers one: ``{"snapshot": 3, …}``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from speechlabel.web.api.exports import Chosen
from speechlabel.web.site import site_of
from speechlabel.workflow.comparing import compare
from speechlabel.workflow.snapshots import Snapshot, list_snapshots, make_snapshot

__all__ = ["router"]

router = APIRouter(prefix="/api/projects/{project_id}/snapshots", tags=["snapshots"])
Number = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Making(Chosen):
    """What goes into a snapshot; ``again``: make one also where nothing has changed since the last."""

    again: bool = False


class Correction(BaseModel):
    """Between which snapshots, and in which format."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    older: Annotated[Number, Field(alias="from")]
    newer: Annotated[Number, Field(alias="to")]
    format: str
    options: dict[str, str | int | bool] = {}


def _json(snapshot: Snapshot) -> dict[str, Any]:
    """Return what is told of a snapshot; where it lies is the server's affair."""
    told = snapshot.to_dict()
    del told["path"]
    return told


@router.get("")
def list_all(request: Request, project_id: str) -> list[dict[str, Any]]:
    """List the snapshots of a project, the first first.

    Of each: number, created_at, digest, recordings, segments, duration_us, include, excluded, tool_version.
    """
    return [_json(item) for item in list_snapshots(site_of(request).workspace, project_id)]


@router.post("", status_code=201)
def make(request: Request, response: Response, project_id: str, body: Making) -> dict[str, Any]:
    """Make a snapshot, or name the last one (200, ``is_new`` false) where that holds the same."""
    made = make_snapshot(site_of(request).workspace, project_id, selection=body.selection(), again=body.again)
    if not made.is_new:
        response.status_code = 200
    return _json(made.snapshot) | {"is_new": made.is_new, "not_prepared": list(made.plan.not_prepared)}


@router.get("/compare")
def compare_two(
    request: Request,
    project_id: str,
    older: Annotated[int, Query(alias="from", ge=1, le=1_000_000_000)],
    newer: Annotated[int, Query(alias="to", ge=1, le=1_000_000_000)],
) -> dict[str, Any]:
    """Tell what differs between two snapshots; ``changes`` are the first 200, each with both texts."""
    return compare(site_of(request).workspace, project_id, older, newer).to_dict()


@router.post("/correction", status_code=201)
def correct(request: Request, project_id: str, body: Correction) -> dict[str, Any]:
    """Write what changed between two snapshots, with its audio; answers where to fetch it."""
    id, made = site_of(request).exports.correct(project_id, body.format, body.older, body.newer, body.options)
    told = made.to_dict()
    del told["path"]
    return told | {"id": id, "url": f"/api/exports/{id}/download"}
