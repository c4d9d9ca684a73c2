"""Exports over REST: preview, make, fetch."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from speechlabel import formats
from speechlabel.registry import names
from speechlabel.web.site import Site, site_of
from speechlabel.workflow.clips import AudioOptions
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import Plan, Selection, preview
from speechlabel.workflow.filtering import Distinct, Filter
from speechlabel.workflow.splits import SplitSpec, Stratum, parse_shares
from speechlabel.workflow.splitting import load_split, make_split, split_names

__all__ = ["Chosen", "plan_json", "router"]

router = APIRouter(prefix="/api", tags=["exports"])


class Chosen(BaseModel):
    """Which segments; see ``workflow.selection.Selection``."""

    model_config = ConfigDict(extra="forbid")
    include: list[str] = []
    recordings: list[str] | None = None
    labels: list[str] = []
    without: list[str] = []
    speakers: list[str] = []
    languages: list[str] = []
    shortest_us: int = Field(0, ge=0)
    longest_us: int | None = Field(None, ge=0)
    distinct: Distinct = ""
    snapshot: int | None = None

    def selection(self) -> Selection:
        """Return the selection that is meant."""
        wanted = Filter(
            labels=frozenset(self.labels),
            without=frozenset(self.without),
            speakers=frozenset(self.speakers),
            languages=frozenset(self.languages),
            shortest_us=self.shortest_us,
            longest_us=self.longest_us,
            distinct=self.distinct,
        )
        recordings = None if self.recordings is None else tuple(self.recordings)
        return Selection(
            include=frozenset(self.include),
            recordings=recordings,
            filter=wanted,
            snapshot=self.snapshot,
            with_audio=True,
        )


class Wanted(Chosen):
    """What to export, and how."""

    format: str
    options: dict[str, str | int | bool] = {}
    layer: str | None = None
    cut: bool = False
    container: Literal["auto", "FLAC", "WAV", "OPUS"] = "auto"
    sample_rate: int | None = None
    pad_us: int = 0
    split: str | None = None

    def delivery(self, site: Site, project_id: str) -> Delivery:
        """Return how it is to be made."""
        audio = AudioOptions(
            cut=self.cut, container=self.container, sample_rate=self.sample_rate, pad_us=self.pad_us
        )
        split = load_split(site.workspace, project_id, self.split) if self.split else None
        return Delivery(audio=audio, layer=self.layer, split=split)


class Parts(BaseModel):
    """How to split what would be exported; see ``workflow.splits.SplitSpec``."""

    model_config = ConfigDict(extra="forbid")
    wanted: Wanted
    shares: dict[str, str]
    seed: int = 0
    by: Literal["speaker", "recording"] = "speaker"
    strata: list[Stratum] = []


def plan_json(plan: Plan) -> dict[str, Any]:
    """Return counts of what goes out and of what stays in, by reason; where nothing does, what would help."""
    return {
        "in": plan.n_in,
        "in_us": plan.in_us,
        "out": sum(plan.excluded.values()),
        "reasons": plan.excluded,
        "remedy": list(plan.remedy),
        "not_prepared": list(plan.not_prepared),
    }


@router.get("/formats")
def list_formats() -> list[str]:
    """Names of the formats there are."""
    return names("format")


@router.post("/projects/{project_id}/exports/preview")
def preview_export(request: Request, project_id: str, body: Wanted) -> dict[str, Any]:
    """Show the first lines an export would write, and what it would leave out and why.

    ``recordings`` is how many recordings the lines are from; ``is_whole`` whether those are all.
    """
    site = site_of(request)
    options: dict[str, Any] = dict(body.options)
    formats.get(body.format, **options)  # says which option there is not
    seen = preview(
        site.workspace,
        project_id,
        body.format,
        selection=body.selection(),
        delivery=body.delivery(site, project_id),
        **options,
    )
    losses = [{"field": item.field, "reason": item.reason, "count": item.count} for item in seen.losses]
    return plan_json(seen.plan) | {
        "files": seen.files,
        "losses": losses,
        "warnings": list(seen.warnings),
        "recordings": seen.recordings,
        "is_whole": seen.is_whole,
    }


@router.post("/projects/{project_id}/exports", status_code=201)
def make_export(request: Request, project_id: str, body: Wanted) -> dict[str, Any]:
    """Write an export; answers where to fetch it."""
    site = site_of(request)
    id, made = site.exports.make(
        project_id,
        body.format,
        body.selection(),
        delivery=body.delivery(site, project_id),
        options=body.options,
    )
    return plan_json(made.plan) | {
        "id": id,
        "url": f"/api/exports/{id}/download",
        "files": list(made.report.files),
        "warnings": list(made.report.warnings),
    }


@router.get("/projects/{project_id}/splits")
def list_splits(request: Request, project_id: str) -> dict[str, Any]:
    """Tell each split of a project: its shares, seed, and who is in which part."""
    workspace = site_of(request).workspace
    names = split_names(workspace, workspace.store.project(project_id).id)
    return {name: load_split(workspace, project_id, name).to_dict() for name in names}


@router.put("/projects/{project_id}/splits/{name}")
def split_project(request: Request, project_id: str, name: str, body: Parts) -> dict[str, Any]:
    """Assign who has no place yet; answers what each part holds and what leaks."""
    spec = SplitSpec(shares=parse_shares(body.shares), seed=body.seed, by=body.by, strata=tuple(body.strata))
    workspace, wanted = site_of(request).workspace, body.wanted
    _, report = make_split(
        workspace, project_id, name, spec, format=wanted.format, selection=wanted.selection()
    )
    return report.to_dict()


@router.get("/exports/{export_id}/download")
def download(request: Request, export_id: str) -> FileResponse:
    """Fetch the archive of an export."""
    path = site_of(request).exports.find(export_id)
    return FileResponse(path, filename=path.name, media_type="application/zip")
