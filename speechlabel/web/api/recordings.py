"""Recordings over REST: list, take in from a folder of the server, open in the editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from speechlabel.audio.peaks import TILE_POINTS, PeaksFile
from speechlabel.errors import InputError
from speechlabel.records import Recording, to_dict
from speechlabel.web.api.json import answer
from speechlabel.web.api.projects import NewName, project_json
from speechlabel.web.removing import remove_recording
from speechlabel.web.site import LOCAL_AUTHOR, Site, site_of
from speechlabel.workflow.annotations import bring_in
from speechlabel.workflow.label import open_recording
from speechlabel.workflow.options import LayoutChoice, PrepareOptions
from speechlabel.workflow.prepare import peaks_path, playable_path
from speechlabel.workflow.remove import removal
from speechlabel.workflow.rename import rename_recording
from speechlabel.workflow.status import project_status

__all__ = ["router"]

router = APIRouter(prefix="/api/projects/{project_id}", tags=["recordings"])


class Folder(BaseModel):
    """A file or folder on the server."""

    model_config = ConfigDict(extra="forbid")
    path: str
    prepare: bool = True


class Preparation(BaseModel):
    """How to prepare a recording again."""

    model_config = ConfigDict(extra="forbid")
    segmenter: str = "webrtc"
    options: dict[str, str | float | int | bool] = {}
    layout: LayoutChoice | None = None


@router.get("/recordings")
def list_recordings(request: Request, project_id: str) -> Response:
    """List recordings with their state, progress and counts."""
    site = site_of(request)
    site.workspace.store.project(project_id)
    rows = project_status(site.workspace, project_id)["recordings"]
    return answer([row | {"progress": site.preparer.progress(project_id, row["id"])} for row in rows])


@router.post("/ingest")
def take_folder(request: Request, project_id: str, body: Folder) -> dict[str, Any]:
    """Take in recordings and annotations of the server, below a folder that was named when it was started.

    Unless ``prepare`` is false what is new is prepared at once.
    """
    site = site_of(request)
    # A command of the person who runs the server names what it likes, as it would without a server.
    path = Path(body.path) if request.state.is_operator else allowed_path(site, body.path)
    report = bring_in(site.workspace, project_id, [path], may_open=lambda named: may_open(request, named))
    for id in report["added"] if body.prepare else ():
        site.preparer.add(site.workspace.store.recording(project_id, id))
    for name in ("known", "failed", "imported", "unchanged", "unmatched"):
        report[name] = [item | {"path": _below(Path(item["path"]), path)} for item in report[name]]
    return report


def may_open(request: Request, path: Path) -> bool:
    """Tell whether audio that an annotation names may be looked at: what lies in a folder that is open."""
    roots = site_of(request).settings.roots
    return request.state.is_operator or any(path.resolve().is_relative_to(root) for root in roots)


def _below(path: Path, folder: Path) -> str:
    """Return where a file lies in the folder that was asked for; the rest of its path is not shown."""
    is_inside = path != folder and path.is_relative_to(folder)
    return path.relative_to(folder).as_posix() if is_inside else path.name


def allowed_path(site: Site, text: str) -> Path:
    """Return the real path, if it lies below a folder that the operator named.

    Raises
    ------
    InputError
        No folder was named, or the path leads elsewhere.
    """
    roots = site.settings.roots
    if not roots:
        raise InputError(
            "no folder of the server is open to the page; start it with --root FOLDER, or upload the files"
        )
    try:
        path = Path(text).expanduser().resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{text!r} is not a path") from error
    if not any(path.is_relative_to(root) for root in roots):
        raise InputError(
            "that is not below a folder which is open to the page; start the server with --root FOLDER"
        )
    return path


@router.post("/recordings/{recording_id}/prepare", status_code=202)
def prepare_again(request: Request, project_id: str, recording_id: str, body: Preparation) -> dict[str, Any]:
    """Segment a recording anew; a person's work on it is not touched.

    ``layout``: ``mixed`` labels several channels as one, ``separate`` gives each a lane of its own, ``auto``
    lets the audio tell anew; without it what is known of the recording stays.
    ``queued`` is false where it was queued already, whatever the options then were.
    """
    site = site_of(request)
    recording = site.workspace.store.recording(project_id, recording_id)
    options = PrepareOptions(segmenter=body.segmenter, values=body.options, layout=body.layout, again=True)
    return {"state": "preparing", "queued": site.preparer.add(recording, options)}


@router.patch("/recordings/{recording_id}")
def name_recording(request: Request, project_id: str, recording_id: str, body: NewName) -> dict[str, Any]:
    """Give a recording another name; its id and its file stay."""
    made = rename_recording(site_of(request).workspace, project_id, recording_id, body.name)
    return {"id": made.id, "name": made.name}


@router.get("/recordings/{recording_id}/removal")
def what_goes(request: Request, project_id: str, recording_id: str) -> dict[str, Any]:
    """Count what would go with a recording."""
    return removal(site_of(request).workspace, project_id, recording_id).to_dict()


@router.delete("/recordings/{recording_id}")
def end_recording(request: Request, project_id: str, recording_id: str) -> dict[str, Any]:
    """Remove a recording with all its work, for good; answers what has gone.

    A file that was taken in from a folder stays where it is; an upload goes unless another one needs it.
    """
    return remove_recording(site_of(request), project_id, recording_id).to_dict()


@router.get("/recordings/{recording_id}/open")
def open_one(request: Request, project_id: str, recording_id: str) -> Response:
    """Everything the editor needs to show a recording, in one answer."""
    site = site_of(request)
    opened = open_recording(site.workspace, project_id, recording_id, author=LOCAL_AUTHOR)
    project = project_json(opened.project)
    body = {
        "project": {name: project[name] for name in ("id", "name", "language")},
        "guideline": project["guideline"],
        "recording": _recording_json(opened.recording),
        "media": f"/media/{project_id}/{recording_id}/{opened.recording.content_hash}",
        "peaks": _peaks_json(site, opened.recording),
        "transcript": to_dict(opened.transcript),
        "segments": [to_dict(item) for item in opened.segments],
        "speakers": [to_dict(item) for item in opened.speakers],
        "undo": opened.undo,
        "author": LOCAL_AUTHOR,
    }
    return answer(body)


def _recording_json(recording: Recording) -> dict[str, Any]:
    # The path on the server is nobody's business in the browser.
    hidden = ("path", "preparation")
    shown = {name: value for name, value in to_dict(recording).items() if name not in hidden}
    return shown | {"duration_us": recording.duration_us}


def _peaks_json(site: Site, recording: Recording) -> dict[str, Any]:
    playable_path(site.workspace, recording)  # says so here if the file has changed
    peaks = PeaksFile(peaks_path(site.workspace, recording))
    levels = [{"samples_per_point": per_point, "n_points": n_points} for per_point, n_points in peaks.levels]
    return {"tile_points": TILE_POINTS, "levels": levels}
