"""Transcripts over REST: save edits, read the journal."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from speechlabel.edits import edit_from_dict
from speechlabel.records import to_dict
from speechlabel.store.base import Batch
from speechlabel.web.api.json import answer
from speechlabel.web.site import LOCAL_AUTHOR, site_of
from speechlabel.workflow.label import save

__all__ = ["router"]

router = APIRouter(prefix="/api/transcripts/{transcript_id}", tags=["transcripts"])


class Edits(BaseModel):
    """A batch of edits; see ``speechlabel.edits`` for the form of each."""

    model_config = ConfigDict(extra="forbid")
    op_id: str = Field(min_length=1, max_length=100)
    visit: str | None = Field(default=None, max_length=100)
    lease: str | None = Field(default=None, max_length=200)
    undoes: str | None = Field(default=None, max_length=100)
    edits: list[dict[str, Any]] = Field(min_length=1, max_length=50_000)


@router.post("/edits")
def save_edits(request: Request, transcript_id: str, body: Edits) -> Response:
    """Apply a batch whole or not at all; 200 means that it is on disk.

    412 names each conflict; 428: an edit without a version; 422: a bad edit, or an op id that was used for
    something else; 507: the disk is full.  The same op id again answers the same.  ``lease`` is reserved for
    work that is handed out, and not looked at yet.
    """
    batch = Batch(
        op_id=body.op_id,
        visit=body.visit,
        lease=body.lease,
        undoes=body.undoes,
        edits=tuple(edit_from_dict(edit) for edit in body.edits),
        author=LOCAL_AUTHOR,
    )
    saved = save(site_of(request).workspace, transcript_id, batch)
    return answer(
        {"op_id": saved.op_id, "revision": saved.revision, "versions": saved.versions, "dup": saved.dup}
    )


@router.get("/segments")
def segments(request: Request, transcript_id: str) -> Response:
    """Segments in order of time."""
    store = site_of(request).workspace.store
    store.transcript(transcript_id)
    return answer([to_dict(item) for item in store.segments(transcript_id)])
