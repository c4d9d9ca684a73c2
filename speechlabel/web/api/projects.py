"""Projects over REST."""

from __future__ import annotations

import threading
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from speechlabel import guideline
from speechlabel.records import Project, to_dict
from speechlabel.web.removing import remove_project
from speechlabel.web.site import site_of
from speechlabel.workflow.projects import create_project, find_project, set_guideline
from speechlabel.workflow.remove import removal
from speechlabel.workflow.rename import rename_project
from speechlabel.workflow.samples import reset_samples, start_place

__all__ = ["NewName", "project_json", "router"]

router = APIRouter(prefix="/api", tags=["projects"])


class NewProject(BaseModel):
    """What a new project needs."""

    model_config = ConfigDict(extra="forbid")
    name: str
    language: str = "zh"
    preset: str = "default"
    guideline: str | None = None  # TOML text, in place of a preset


class NewGuideline(BaseModel):
    """Another guideline for a project, as TOML text."""

    model_config = ConfigDict(extra="forbid")
    guideline: str


class NewName(BaseModel):
    """What people are to call something."""

    model_config = ConfigDict(extra="forbid")
    name: str


def project_json(project: Project) -> dict[str, Any]:
    """Return a project as JSON, with its guideline as data."""
    rules = guideline.load(project.guideline)
    return {
        "id": project.id,
        "name": project.name,
        "language": project.language,
        "created_at": project.created_at,
        # The page counts on these lists, empty as they may be.
        "guideline": {"labels": [], "invalid_reasons": [], "speaker_roles": []} | to_dict(rules),
    }


@router.get("/health")
async def health() -> dict[str, str]:
    """Answer as soon as the server can."""
    return {"status": "ok"}


@router.get("/start")
def start(request: Request, locale: str = "en") -> dict[str, str | None]:
    """Where to begin: the place for a browser of that language."""
    return start_place(site_of(request).workspace, locale)


@router.get("/presets")
def presets() -> list[str]:
    """Names of the guidelines that a project can start from."""
    return guideline.preset_names()


@router.get("/projects")
def list_projects(request: Request) -> list[dict[str, Any]]:
    """All projects, oldest first."""
    return [project_json(project) for project in site_of(request).workspace.store.projects()]


@router.post("/projects", status_code=201)
def new_project(request: Request, body: NewProject) -> dict[str, Any]:
    """Create a project."""
    made = create_project(
        site_of(request).workspace,
        body.name,
        language=body.language,
        preset=body.preset,
        rules=body.guideline,
    )
    return project_json(made)


@router.get("/projects/{project_id}")
def one_project(request: Request, project_id: str) -> dict[str, Any]:
    """One project, by id or name."""
    return project_json(find_project(site_of(request).workspace, project_id))


@router.patch("/projects/{project_id}")
def name_project(request: Request, project_id: str, body: NewName) -> dict[str, Any]:
    """Give a project another name; its id stays."""
    return project_json(rename_project(site_of(request).workspace, project_id, body.name))


@router.get("/projects/{project_id}/removal")
def what_goes(request: Request, project_id: str) -> dict[str, Any]:
    """Count what would go with a project."""
    return removal(site_of(request).workspace, project_id).to_dict()


@router.delete("/projects/{project_id}")
def end_project(request: Request, project_id: str) -> dict[str, Any]:
    """Remove a project with all its work, for good; answers what has gone.

    Files that were taken in from a folder stay where they are; uploads go unless another project needs them.
    """
    return remove_project(site_of(request), project_id).to_dict()


@router.get("/projects/{project_id}/guideline")
def read_guideline(request: Request, project_id: str) -> dict[str, str]:
    """Give the guideline of a project as TOML text."""
    return {"guideline": find_project(site_of(request).workspace, project_id).guideline}


@router.put("/projects/{project_id}/guideline")
def write_guideline(request: Request, project_id: str, body: NewGuideline) -> dict[str, Any]:
    """Give a project another guideline; what was labelled stays as it is."""
    return project_json(set_guideline(site_of(request).workspace, project_id, body.guideline))


RESETTING = threading.Lock()


@router.post("/samples/reset")
def samples_reset(request: Request, locale: str = "en") -> dict[str, str | None]:
    """Put the sample recordings back as they were before anybody played with them."""
    site = site_of(request)
    with RESETTING:
        # In the processes that prepare: here it would hold up everybody's saves for seconds.
        reset_samples(site.workspace, executor=site.preparer.pool)
    return start_place(site.workspace, locale)
