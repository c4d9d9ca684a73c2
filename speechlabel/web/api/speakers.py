"""The speakers of a project over REST: list them by name, rename, merge, give a colour or a role."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from speechlabel.web.api.json import answer
from speechlabel.web.site import LOCAL_AUTHOR, site_of
from speechlabel.workflow.speakers import change_speaker, project_speakers, rename_speaker

__all__ = ["router"]

router = APIRouter(prefix="/api/projects/{project_id}/speakers", tags=["speakers"])


class NewName(BaseModel):
    """Another name for the speakers of a name; ``recordings`` are ids, null: all of the project."""

    model_config = ConfigDict(extra="forbid")
    name: str
    new_name: str
    recordings: list[str] | None = Field(default=None, max_length=50_000)


class Changes(BaseModel):
    """``color`` and ``role``, or one of them, for the speakers of a name; null takes it off."""

    model_config = ConfigDict(extra="forbid")
    name: str
    changes: dict[str, str | None]
    recordings: list[str] | None = Field(default=None, max_length=50_000)


@router.get("")
def list_speakers(request: Request, project_id: str) -> Response:
    """List speakers by name, who speaks longest first, as counted in the transcripts that are shown."""
    return answer([item.to_dict() for item in project_speakers(site_of(request).workspace, project_id)])


@router.post("/rename")
def rename(request: Request, project_id: str, body: NewName) -> dict[str, Any]:
    """Rename the speakers of a name; where somebody has the new name already, the two become one.

    Answers what was changed, merged, left since it is locked, and what failed, recording by recording: one
    that fails holds up no other.
    """
    return rename_speaker(
        site_of(request).workspace,
        project_id,
        body.name,
        body.new_name,
        author=LOCAL_AUTHOR,
        recordings=body.recordings,
    ).to_dict()


@router.post("/change")
def change(request: Request, project_id: str, body: Changes) -> dict[str, Any]:
    """Give the speakers of a name another colour or role; answers as a rename does."""
    return change_speaker(
        site_of(request).workspace,
        project_id,
        body.name,
        body.changes,
        author=LOCAL_AUTHOR,
        recordings=body.recordings,
    ).to_dict()
