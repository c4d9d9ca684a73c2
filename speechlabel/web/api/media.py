"""Sound and its shape: tiles of peaks and spectrogram, PCM chunks, the original with byte ranges.

Addresses hold the content hash, so an answer never changes and browsers keep it.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from speechlabel.audio.pcm import chunk, flac_chunk
from speechlabel.audio.peaks import PeaksFile
from speechlabel.audio.spectrogram import View, spectrogram_tile
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


Addressed = Annotated[Recording, Depends(_recording)]


@router.get("/peaks/{level}/{tile}")
def peaks(request: Request, recording: Addressed, level: int, tile: int) -> Response:
    """One tile of the waveform: an audiowaveform .dat (version 2, 16 bit) with all channels."""
    data = PeaksFile(peaks_path(site_of(request).workspace, recording)).tile(level, tile)
    return Response(data, headers=FOREVER, media_type="application/octet-stream")


@router.get("/pcm/{channel}/{index}")
def pcm(request: Request, recording: Addressed, channel: str, index: int) -> Response:
    """Two seconds of one channel (a number, or ``mix``) as 16-bit little-endian PCM at its own rate."""
    site = site_of(request)
    number = _channel(recording, channel)
    with site.decoders.borrow(playable_path(site.workspace, recording)) as decoder:
        data = chunk(decoder, number, index, recording.n_frames)
    return Response(data, headers=FOREVER, media_type="application/octet-stream")


@router.get("/flac/{channel}/{index}")
def flac(request: Request, recording: Addressed, channel: str, index: int) -> Response:
    """Give the samples of the same chunk of PCM as a FLAC file, for slow lines."""
    site = site_of(request)
    number = _channel(recording, channel)
    with site.decoders.borrow(playable_path(site.workspace, recording)) as decoder:
        data = flac_chunk(decoder, number, index, recording.n_frames)
    return Response(data, headers=FOREVER, media_type="audio/flac")


@router.get("/spectrogram/{channel}/{level}/{index}")
def spectrogram(
    request: Request,
    recording: Addressed,
    channel: str,
    level: int,
    index: int,
    view: Annotated[View, Depends()],
) -> Response:
    """One tile of the spectrogram of one channel (a number, or ``mix``): a byte a cell, half a decibel each.

    256 columns of 192 rows, the lowest frequency first; see ``speechlabel.audio.spectrogram``.
    """
    site = site_of(request)
    number = _channel(recording, channel)
    with site.decoders.borrow(playable_path(site.workspace, recording)) as decoder:
        data = spectrogram_tile(decoder, view, number, level, index, recording.n_frames)
    return Response(data, headers=FOREVER, media_type="application/octet-stream")


def _channel(recording: Recording, text: str) -> int | None:
    if text == "mix":
        return None
    number = int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1
    if not 0 <= number < recording.channels:
        raise NotFoundError("channel", text, hint=f"the recording has {recording.channels}")
    return number


@router.get("/original")
def original(recording: Addressed) -> FileResponse:
    """Send the file as it was taken in; byte ranges are honoured."""
    path = check_unchanged(recording)
    return FileResponse(path, media_type="application/octet-stream", filename=recording.name, headers=FOREVER)
