"""``speechlabel ingest``, ``prepare`` and ``status``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from speechlabel.cli.terminal import AsJson, WorkspaceOption, print_json, progress_bar, values

__all__ = ["ingest", "prepare", "status"]

Name = Annotated[str, typer.Argument(metavar="NAME", help="Project, by name or id.")]


def ingest(
    name: Name,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Recordings, or folders of them.")],
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Take recordings into a project; they are used where they lie and never changed.

    Files that cannot be used are listed with their reason, the others come in; then the exit code is 1.

    Example: `speechlabel ingest calls recordings/ extra.wav`
    """
    from speechlabel.config import load_settings
    from speechlabel.store.workspace import open_workspace
    from speechlabel.workflow import ingest as verb
    from speechlabel.workflow.projects import find_project

    with open_workspace(load_settings(workspace=workspace).workspace) as opened:
        project = find_project(opened, name)
        with progress_bar(1, "taking in") as told:
            report = verb.ingest(
                opened,
                project.id,
                paths,
                progress=lambda done, total: told(f"{done} of {total}", done / total),
            )
    if as_json:
        print_json(
            {
                "added": [item.id for item in report.added],
                "known": [str(path) for path, _ in report.known],
                "failed": [{"path": str(path), "reason": reason} for path, reason in report.failed],
                "skipped": report.n_skipped,
            }
        )
    else:
        print(_counted(len(report.added), len(report.known), report.n_skipped))
    for path, reason in report.failed:
        print(f"speechlabel: {_visible(path)}: {reason}", file=sys.stderr)
    if report.failed:
        raise typer.Exit(1)


def _counted(added: int, known: int, skipped: int) -> str:
    parts = [f"{added} taken in"]
    parts += [f"{known} known already"] if known else []
    parts += [f"{skipped} other files skipped"] if skipped else []
    return ", ".join(parts)


def _visible(path: Path) -> str:
    """Return a path on one line, whatever its name holds."""
    text = str(path).encode("utf-8", "replace").decode("utf-8")
    return text if text.isprintable() else repr(text)


def prepare(
    name: Name,
    options: Annotated[
        list[str] | None, typer.Argument(metavar="[OPTION=VALUE]…", help="Options of the segmenter.")
    ] = None,
    segmenter: Annotated[str, typer.Option(help="Which segmenter cuts the recordings.")] = "webrtc",
    again: Annotated[bool, typer.Option("--again", help="Also what is prepared already.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes to use.")] = None,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Make waveforms and segments for the recordings of a project that have none yet.

    Example: `speechlabel prepare calls --segmenter webrtc min_silence_ms=400`
    """
    from speechlabel.batch.local import LocalPool
    from speechlabel.config import load_settings
    from speechlabel.store.workspace import open_workspace
    from speechlabel.workflow import prepare as verb
    from speechlabel.workflow.projects import find_project

    settings = load_settings(workspace=workspace, workers=workers)
    with open_workspace(settings.workspace) as opened:
        project = find_project(opened, name)
        wanted = verb.PrepareOptions(segmenter=segmenter, values=values(options), again=again)
        total = sum(again or item.state != "ready" for item in opened.store.recordings(project.id))
        with progress_bar(total, "preparing") as told, LocalPool(settings.workers) as pool:
            report = verb.prepare(opened, project.id, options=wanted, executor=pool, progress=told)
    if as_json:
        print_json(
            {
                "ready": report.ready,
                "unchanged": report.unchanged,
                "failed": [{"recording": id, "reason": reason} for id, reason in report.failed],
            }
        )
    else:
        print(f"{len(report.ready)} prepared, {len(report.unchanged)} were ready already")
    for id, reason in report.failed:
        print(f"speechlabel: {id}: {reason}", file=sys.stderr)
    if report.failed:
        raise typer.Exit(1)


def status(name: Name, workspace: WorkspaceOption = None, as_json: AsJson = False) -> None:
    """Say how far a project is.

    Example: `speechlabel status calls --json`
    """
    from speechlabel.config import load_settings
    from speechlabel.store.workspace import open_workspace
    from speechlabel.timing import format_timecode
    from speechlabel.workflow.projects import find_project
    from speechlabel.workflow.status import project_status

    with open_workspace(load_settings(workspace=workspace).workspace, read_only=True) as opened:
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
    print(f"{total['recordings']} recordings, {time}; {total['done']} of {total['segments']} segments done")
