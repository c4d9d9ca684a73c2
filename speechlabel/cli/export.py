"""``speechlabel export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speechlabel.cli.terminal import AsJson, ProjectName, WorkspaceOption, n_of, print_json, values

__all__ = ["export"]


def export(
    name: ProjectName,
    format: Annotated[str, typer.Option(help="native, nemo, kaldi, rttm, textgrid …")],
    out: Annotated[Path, typer.Option(metavar="PATH", help="Folder to write; it must be new or empty.")],
    options: Annotated[
        list[str] | None, typer.Argument(metavar="OPTION=VALUE", help="Options of the format.")
    ] = None,
    include: Annotated[
        str,
        typer.Option(
            help="Take in as well, by commas: machine,draft,unsure,invalid,no_text,not_speech or all."
        ),
    ] = "",
    recording: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this recording, by id or name; may be given several times."),
    ] = None,
    transcript: Annotated[
        list[str] | None, typer.Option(metavar="RECORDING=ID", help="A transcript other than the newest.")
    ] = None,
    with_audio: Annotated[
        bool,
        typer.Option("--with-audio", help="Copy the audio too, so that PATH can be moved."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what lies at PATH.")] = False,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Write the aligned manifest, or another format, of a project.

    Training formats take what is done, valid and has text; the rest is counted by reason.
    """
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.errors import ExportError
    from speechlabel.timing import format_timecode
    from speechlabel.workflow import export as verb
    from speechlabel.workflow.projects import find_project

    selection = verb.Selection(
        include=frozenset(item.strip() for item in include.split(",") if item.strip()),
        recordings=tuple(recording) if recording else None,
        transcripts=values(transcript),
        with_audio=with_audio,
    )
    with reading(load_settings(workspace=workspace)) as opened:
        project = find_project(opened, name)
        try:
            made = verb.export(
                opened, project.id, format, out, selection=selection, overwrite=overwrite, **values(options)
            )
        except ExportError as error:
            remedy: tuple[str, ...] = error.data.get("remedy", ())
            if not remedy:
                raise
            asked = ",".join([*sorted(selection.include), *remedy])
            raise ExportError(f"{error.message} (--include {asked})", remedy=remedy) from error
    plan, report = made.plan, made.report
    if as_json:
        print_json(
            {
                "path": str(report.path),
                "files": report.files,
                "segments": report.segments,
                "duration_us": plan.in_us,
                "excluded": plan.excluded,
                "not_prepared": plan.not_prepared,
                "losses": [[loss.field, loss.reason, loss.count] for loss in report.losses],
                "warnings": report.warnings,
            }
        )
        return
    print(f"{n_of(report.segments, 'segment')}, {format_timecode(plan.in_us, decimals=0)}, in {report.path}")
    for reason, count in plan.excluded.items():
        print(f"  left out: {count} {reason}")
    if plan.not_prepared:
        print(f"  not prepared: {n_of(len(plan.not_prepared), 'recording')}")
    for loss in report.losses:
        print(f"  not carried: {loss.field} ({loss.count}): {loss.reason}")
    for warning in report.warnings:
        print(f"  note: {warning}")
