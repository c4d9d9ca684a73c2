"""``speechlabel ingest``, ``prepare`` and ``status``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

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

MOST_NAMED = 20  # files of no known format


def ingest(
    name: ProjectName,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Recordings, annotations, or folders of them.")
    ],
    format: Annotated[
        str | None, typer.Option(help="Format of the annotations; without it each is recognised.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Option of the format; may be repeated.")
    ] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIER=MEANING",
            help="What a tier is: speaker:NAME, nobody, channel:N (from 0), layer:FIELD, label:NAME or skip; "
            "may be repeated.",
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only say what would be taken in; change nothing.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Take recordings into a project, and annotations that other tools made of them.

    Recordings are used where they lie and never changed. Annotations are matched to recordings by the path
    that they name, by name, by what lies beside them or by content; taking the same in twice changes nothing.
    """
    from speechlabel.cli.verbs import reading, writing
    from speechlabel.config import load_settings
    from speechlabel.workflow.options import ImportOptions

    options = ImportOptions(format=format, values=values(option), tiers=values(tier))
    settings = load_settings(workspace=workspace)
    if preview:
        from speechlabel.workflow.annotations import survey
        from speechlabel.workflow.projects import find_project

        with reading(settings) as opened:
            surveyed = survey(opened, find_project(opened, name).id, paths, options=options)
        found = surveyed.to_dict()
        print_json(found) if as_json else _show_survey(found, surveyed.skipped)
        list_failures(found["failed"], "path")
        return
    with writing(settings) as verbs, progress_bar("taking in") as told:
        report = verbs.ingest(name, paths, told, options)
    print_json(report) if as_json else _show_report(report)
    list_failures(report["failed"], "path")


def _show_survey(found: dict[str, Any], passed_over: list[Path]) -> None:
    """Say what would be taken in, a line each; then the tiers."""
    for item in found["items"]:
        audio = f"audio: {item['audio']} ({item['how']})" if item["audio"] else "audio not found"
        speakers = f", {', '.join(item['speakers'])}" if item["speakers"] else ""
        seconds = item["duration_us"] / 1_000_000
        segments = n_of(item["segments"], "segment")
        print(f"{item['path']}: {item['format']}, {segments}, {seconds:.1f} s{speakers}; {audio}")
        for tier in item["tiers"]:
            if tier["name"]:
                count = n_of(tier["segments"], "segment")
                print(f"  tier {tier['name']}: {count}, such as {tier['example']!r}")
    print(f"{n_of(len(found['audio']), 'recording')}, {n_of(len(found['items']), 'annotation')}")
    if passed_over:
        names = ", ".join(path.name for path in passed_over[:MOST_NAMED])
        more = " …" if len(passed_over) > MOST_NAMED else ""
        print(f"{n_of(len(passed_over), 'file')} in no known format: {names}{more} (--format names one)")
    for note in found["notes"]:
        print(f"  note: {note}")


def _show_report(report: dict[str, Any]) -> None:
    counts = (
        (len(report["added"]), "taken in"),
        (len(report["known"]), "known already"),
        (len(report["imported"]), "annotated"),
        (len(report["unchanged"]), "annotated already"),
        (report["skipped"], "other files skipped"),
    )
    print(", ".join(f"{count} {words}" for count, words in counts if count or words == "taken in"))
    for item in report["unmatched"]:
        print(f"  no audio for {item['recording']} of {item['path']} ({n_of(item['segments'], 'segment')})")
    for note in report["notes"]:
        print(f"  note: {note}")


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
