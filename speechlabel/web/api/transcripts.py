"""Transcripts over REST: save edits, read segments, find them anew in a stretch."""

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
from speechlabel.workflow.segment import resegment

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


class Stretch(BaseModel):
    """A stretch of a recording, in microseconds, and how to find speech in it."""

    model_config = ConfigDict(extra="forbid")
    start_us: int = Field(ge=0)
    end_us: int = Field(gt=0)
    channel: int | None = Field(default=None, ge=0)
    segmenter: str = Field(default="webrtc", max_length=100)
    options: dict[str, float] = Field(default_factory=dict)


@router.post("/resegment")
def find_anew(request: Request, transcript_id: str, body: Stretch) -> Response:
    """Tell where segments would be in a stretch with these options; nothing is changed.

    Answers ``{"spans": [{"start_us", "end_us"}]}``, ascending; the page makes edits of them.
    422: no such segmenter, or an option, the channel or the stretch does not fit.
    """
    spans = resegment(
        site_of(request).workspace,
        transcript_id,
        body.start_us,
        body.end_us,
        channel=body.channel,
        segmenter=body.segmenter,
        options=body.options,
    )
    return answer({"spans": [{"start_us": span.start_us, "end_us": span.end_us} for span in spans]})
