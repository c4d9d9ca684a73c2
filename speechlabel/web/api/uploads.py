"""Uploads over REST: begin, send pieces, ask where to go on."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from speechlabel.web.site import site_of
from speechlabel.web.uploading import Upload

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["uploads"])


class NewUpload(BaseModel):
    """The name and size, in bytes, of a file to come."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=1000)
    size: int


def _json(upload: Upload) -> dict[str, Any]:
    return {"upload_id": upload.id, "offset": upload.offset, "size": upload.size}


@router.post("/projects/{project_id}/uploads", status_code=201)
def begin(request: Request, project_id: str, body: NewUpload) -> dict[str, Any]:
    """Announce a file; answers the id under which its pieces go."""
    return _json(site_of(request).uploads.begin(project_id, body.name, body.size))


@router.get("/uploads/{upload_id}")
def where(request: Request, upload_id: str) -> dict[str, Any]:
    """How many bytes have come, after a broken line."""
    return _json(site_of(request).uploads.get(upload_id))


@router.patch("/uploads/{upload_id}")
async def piece(request: Request, upload_id: str, upload_offset: int = Header()) -> dict[str, Any]:
    """Send bytes that begin at ``Upload-Offset``; the last piece answers the recording.

    409: the piece begins elsewhere than the part ends (``offset`` in the error says where to go on);
    413: more bytes than announced; 408: none for half a minute; 422: the file is not audio; 507: the disk
    is full.
    The last piece can be sent again, also empty, after a lost answer.
    """
    site = site_of(request)
    upload = await site.uploads.append(upload_id, upload_offset, request.stream())
    if upload.offset < upload.size:
        return _json(upload)
    recording, is_new = await run_in_threadpool(site.uploads.finish, upload)
    if recording.state == "new":
        await run_in_threadpool(site.preparer.add, recording)
    return _json(upload) | {"recording_id": recording.id, "is_new": is_new}
