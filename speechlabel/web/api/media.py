"""Sound and its shape: peaks tiles, PCM chunks, the original with byte ranges.

Addresses hold the content hash, so an answer never changes and browsers keep it.
"""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from speechlabel.audio.pcm import chunk
from speechlabel.audio.peaks import PeaksFile
from speechlabel.errors import NotFoundError
from speechlabel.records import Recording
from speechlabel.web.site import site_of
from speechlabel.workflow.ingest import check_unchanged
from speechlabel.workflow.prepare import peaks_path, playable_path

__all__ = ["router"]

router = APIRouter(prefix="/media/{project_id}/{recording_id}/{content_hash}", tags=["media"])
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}


def _recording(request: Request, project_id: str, recording_id: str, content_hash: str) -> Recording:
    recording = site_of(request).workspace.store.recording(project_id, recording_id)
    if recording.content_hash != content_hash:
        raise NotFoundError("recording with that content", recording_id)
    return recording


@router.get("/peaks/{level}/{tile}")
def peaks(
    request: Request, project_id: str, recording_id: str, content_hash: str, level: int, tile: int
) -> Response:
    """One tile of the waveform: an audiowaveform .dat (version 2, 16 bit) with all channels."""
    recording = _recording(request, project_id, recording_id, content_hash)
    data = PeaksFile(peaks_path(site_of(request).workspace, recording)).tile(level, tile)
    return Response(data, headers=FOREVER, media_type="application/octet-stream")


@router.get("/pcm/{channel}/{index}")
def pcm(
    request: Request, project_id: str, recording_id: str, content_hash: str, channel: str, index: int
) -> Response:
    """Two seconds of one channel (a number, or ``mix``) as 16-bit little-endian PCM at its own rate."""
    site = site_of(request)
    recording = _recording(request, project_id, recording_id, content_hash)
    number = None if channel == "mix" else _number(channel)
    if number is not None and not 0 <= number < recording.channels:
        raise NotFoundError("channel", channel, hint=f"the recording has {recording.channels}")
    path = playable_path(site.workspace, recording)
    with site.decoders.borrow(path) as decoder:
        data = chunk(decoder, number, index, recording.n_frames)
    return Response(data, headers=FOREVER, media_type="application/octet-stream")


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1


@router.get("/original")
def original(request: Request, project_id: str, recording_id: str, content_hash: str) -> FileResponse:
    """Send the file as it was taken in; byte ranges are honoured."""
    recording = _recording(request, project_id, recording_id, content_hash)
    path = check_unchanged(recording)
    return FileResponse(path, media_type="application/octet-stream", filename=recording.name, headers=FOREVER)
