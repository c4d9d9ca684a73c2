"""``speechlabel ingest``, ``prepare`` and ``status``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from speechlabel.cli.terminal import (
    AsJson,
    ProjectName,
    WorkspaceOption,
    list_failures,
    n_of,
    print_json,
    progress_bar,
    values,
)

__all__ = ["ingest", "prepare", "status"]


def ingest(
    name: ProjectName,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Recordings, or folders of them.")],
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Take recordings into a project; they are used where they lie and never changed."""
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings

    with writing(load_settings(workspace=workspace)) as verbs, progress_bar("taking in") as told:
        report = verbs.ingest(name, paths, told)
    if as_json:
        print_json(report)
    else:
        counts = (
            (len(report["added"]), "taken in"),
            (len(report["known"]), "known already"),
            (report["skipped"], "other files skipped"),
        )
        print(", ".join(f"{count} {words}" for count, words in counts if count or words == "taken in"))
    list_failures(report["failed"], "path")


def prepare(
    name: ProjectName,
    options: Annotated[
        list[str] | None, typer.Argument(metavar="OPTION=VALUE", help="Options of the segmenter.")
    ] = None,
    segmenter: Annotated[str, typer.Option(help="Which segmenter cuts the recordings.")] = "webrtc",
    layout: Annotated[
        Literal["auto", "mixed", "separate"] | None,
        typer.Option(
            help="What several channels are: mixed (one lane for the mix of all, such as a room in stereo), "
            "separate (a lane for each, such as the two sides of a call) or auto (let the audio tell anew). "
            "Recordings that have other lanes are prepared again; without it what is known stays."
        ),
    ] = None,
    recording: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this recording; may be given several times.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also what is prepared already.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes to use.")] = None,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Make waveforms and segments for the recordings of a project that have none yet.

    What a person has labelled is never changed.
    """
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings
    from speechlabel.workflow.options import PrepareOptions

    wanted = PrepareOptions(
        segmenter=segmenter,
        values=values(options),
        layout=layout,
        again=again,
    )
    settings = load_settings(workspace=workspace, workers=workers)
    with writing(settings) as verbs, progress_bar("preparing") as told:
        report = verbs.prepare(name, wanted, told, recording)
    if as_json:
        print_json(report)
    else:
        print(f"{len(report['ready'])} prepared, {len(report['unchanged'])} were ready already")
    list_failures(report["failed"], "recording")


def status(name: ProjectName, workspace: WorkspaceOption = None, as_json: AsJson = False) -> None:
    """Say how far a project is."""
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.timing import format_timecode
    from speechlabel.workflow.projects import find_project
    from speechlabel.workflow.status import project_status

    with reading(load_settings(workspace=workspace)) as opened:
        found = project_status(opened, find_project(opened, name).id)
    if as_json:
        print_json(found)
        return
    for row in found["recordings"]:
        time = format_timecode(row["duration_us"], decimals=0)
        note = f"  {row['error']}" if row["error"] else ""
        print(
            f"{row['id']:<32} {time:>9} {row['state']:<10} {row['done']:>5} of {row['segments']} done{note}"
        )
    total = found["total"]
    time = format_timecode(total["duration_us"], decimals=0)
    recordings = n_of(total["recordings"], "recording")
    print(f"{recordings}, {time}; {total['done']} of {total['segments']} segments done")
