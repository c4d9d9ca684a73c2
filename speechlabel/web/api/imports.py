"""Bringing in annotations from the page: files are sent, shown as what they are, and taken in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from speechlabel import registry
from speechlabel.errors import SpeechLabelError
from speechlabel.records import Recording
from speechlabel.web.api.previews import below, preview_json, unrecognised_tables, without_folder
from speechlabel.web.api.recordings import may_open
from speechlabel.web.importing import Import, safe_name
from speechlabel.web.site import Site, site_of
from speechlabel.workflow.annotations import ImportReport, Survey, foretell, survey, take_in
from speechlabel.workflow.guidelines import declare_fields
from speechlabel.workflow.label import shown_transcript
from speechlabel.workflow.options import ImportOptions, Reading
from speechlabel.workflow.tiers import parse_meaning

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["imports"])
Option = str | int | bool


class FileReading(BaseModel):
    """How one file or folder is read; ``format`` null: it is left out."""

    model_config = ConfigDict(extra="forbid")
    format: str | None
    values: dict[str, Option] = {}


class Choices(BaseModel):
    """What a person says of an import.

    ``format`` and ``values`` are of all annotations, ``files`` of single ones, by their path; ``tiers`` gives
    tiers a meaning; ``audio`` tells which recordings the audio has become that lay among them, by its path;
    ``fields`` titles layers that the guideline shall have.
    """

    model_config = ConfigDict(extra="forbid")
    format: str | None = None
    values: dict[str, Option] = {}
    files: dict[str, FileReading] = Field(default={}, max_length=20_000)
    tiers: dict[str, str] = {}
    audio: dict[str, str] = Field(default={}, max_length=100_000)
    fields: dict[str, str] = Field(default={}, max_length=100)


@router.post("/projects/{project_id}/imports", status_code=201)
def begin(request: Request, project_id: str) -> dict[str, str]:
    """Announce files of annotations; answers the id under which they are sent."""
    return {"import_id": site_of(request).imports.begin(project_id).id}


@router.put("/imports/{import_id}/files")
async def put_file(request: Request, import_id: str, name: str) -> dict[str, int]:
    """Send one file whole, as the body; ``name`` is its path below the folder that is brought in.

    422: the name leads elsewhere or is that of audio; 413: more files or bytes than one import may hold;
    408: no byte for half a minute.
    """
    return {"size": await site_of(request).imports.put(import_id, name, request.stream())}


@router.get("/imports/{import_id}/preview")
async def first_preview(request: Request, import_id: str) -> dict[str, Any]:
    """Tell what was recognised, as far as it tells itself."""
    return await run_in_threadpool(_preview, request, import_id, Choices())


@router.post("/imports/{import_id}/preview")
async def preview(request: Request, import_id: str, body: Choices) -> dict[str, Any]:
    """Tell what would be taken in with these choices, what would be lost, and what cannot be matched."""
    return await run_in_threadpool(_preview, request, import_id, body)


@router.post("/imports/{import_id}/take")
def take(request: Request, import_id: str, body: Choices) -> dict[str, Any]:
    """Take in what was shown; the files that were sent are removed, but for those that were taken in."""
    site = site_of(request)
    for meaning in body.tiers.values():
        parse_meaning(meaning)
    with site.imports.taking(import_id) as found:
        audio = _audio(site, found, body)
        seen = _survey(request, found, body, audio)
        report = take_in(site.workspace, found.project_id, seen, tiers=body.tiers, audio=audio)
        if body.fields:
            report.notes += declare_fields(site.workspace, found.project_id, body.fields)
        told = _report_json(site, found, report)
    for recording in report.added:
        site.preparer.add(recording)
    return told


@router.delete("/imports/{import_id}")
def give_up(request: Request, import_id: str) -> dict[str, str]:
    """Forget an import; what was sent is removed."""
    imports = site_of(request).imports
    imports.drop(imports.get(import_id).id)
    return {"import_id": import_id}


def _preview(request: Request, import_id: str, choices: Choices) -> dict[str, Any]:
    site = site_of(request)
    found = site.imports.get(import_id)
    audio = _audio(site, found, choices)
    seen = _survey(request, found, choices, audio)
    outlooks = foretell(site.workspace, seen, tiers=choices.tiers, audio=audio)
    readings = _readings(found, choices)
    return preview_json(seen, outlooks, audio, found.folder, readings) | {"readable": _readable()}


def _survey(request: Request, found: Import, choices: Choices, audio: Mapping[Path, Recording]) -> Survey:
    def inside_roots(path: Path) -> bool:
        # What was sent is no audio, and goes when it has been taken in.
        return may_open(request, path) and not path.resolve().is_relative_to(found.folder)

    options = ImportOptions(format=choices.format, values=choices.values, readings=_readings(found, choices))
    seen = survey(
        site_of(request).workspace,
        found.project_id,
        [found.folder],
        options=options,
        audio=audio,
        may_open=inside_roots,
    )
    unrecognised_tables(seen)
    return seen


def _readings(found: Import, choices: Choices) -> dict[Path, Reading]:
    return {
        _place(found, name): Reading(reading.format, reading.values)
        for name, reading in choices.files.items()
    }


def _audio(site: Site, found: Import, choices: Choices) -> dict[Path, Recording]:
    """Give the recordings of this drop by where their audio would lie among its annotations."""
    if not choices.audio:
        return {}
    known = {item.id: item for item in site.workspace.store.recordings(found.project_id)}
    return {_place(found, name): known[id] for name, id in choices.audio.items() if id in known}


def _place(found: Import, name: str) -> Path:
    """Path of what was sent under a name; "." is all of it."""
    return found.folder if name == "." else found.folder / safe_name(name)


def _readable() -> list[dict[str, Any]]:
    """List formats that can be read, for a person to choose from."""
    made: list[dict[str, Any]] = []
    for name in registry.names("format"):
        try:
            kind = registry.load("format", name)
        except SpeechLabelError:
            continue  # of another package, and broken; it cannot be chosen
        if kind.can_read:
            made.append({"name": name, "title": kind.title})
    return made


def _report_json(site: Site, found: Import, report: ImportReport) -> dict[str, Any]:
    """Tell what was done, with names for people; ``beside``: of these a person's own work is shown still."""
    project_id, folder = found.project_id, found.folder
    names = {item.id: item.name for item in site.workspace.store.recordings(project_id)}
    told = report.to_dict()
    for name in ("imported", "unchanged"):
        told[name] = [item | {"name": names.get(item["recording"], "")} for item in told[name]]
    imported = {item["recording"] for item in told["imported"]}
    shown = {id: shown_transcript(site.workspace, project_id, id).author for id in imported}
    told["beside"] = sorted(names[id] for id, author in shown.items() if author.startswith("user:"))
    for name in ("imported", "unchanged", "unmatched", "failed"):
        told[name] = [item | {"path": below(Path(item["path"]), folder)} for item in told[name]]
    for item in told["failed"]:
        item["reason"] = without_folder(item["reason"], folder)
    told["notes"] = [without_folder(note, folder) for note in told["notes"]]
    return told | {"project": project_id}
