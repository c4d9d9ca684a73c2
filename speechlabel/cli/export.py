"""``speechlabel export``."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from speechlabel.cli.choosing import (
    Distinct,
    Include,
    Labels,
    Languages,
    Longest,
    Recordings,
    Shortest,
    Speakers,
    Transcripts,
    Without,
    filter_of,
    selection_of,
)
from speechlabel.cli.terminal import (
    AsJson,
    ProjectName,
    WorkspaceOption,
    n_of,
    print_json,
    progress_bar,
    values,
)

if TYPE_CHECKING:
    from speechlabel.workflow.delivery import Delivery
    from speechlabel.workflow.selection import Selection

__all__ = ["deliver", "export"]


def export(
    name: ProjectName,
    format: Annotated[str, typer.Option(help="native, nemo, kaldi, rttm, textgrid …")],
    out: Annotated[Path, typer.Option(metavar="PATH", help="Folder to write; it must be new or empty.")],
    options: Annotated[
        list[str] | None, typer.Argument(metavar="OPTION=VALUE", help="Options of the format.")
    ] = None,
    include: Include = "",
    recording: Recordings = None,
    transcript: Transcripts = None,
    label: Labels = None,
    without: Without = None,
    speaker: Speakers = None,
    language: Languages = None,
    shortest: Shortest = 0.0,
    longest: Longest = None,
    distinct: Distinct = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="SPLIT", help="A folder for each part of this split, see `speechlabel split`."),
    ] = None,
    snapshot: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="As it was then, see `speechlabel snapshot`.")
    ] = None,
    with_audio: Annotated[
        bool,
        typer.Option("--with-audio", help="Copy the audio too, so that PATH can be moved."),
    ] = False,
    cut: Annotated[
        bool, typer.Option("--cut", help="Give each segment a file of its own, whatever the format.")
    ] = False,
    container: Annotated[
        Literal["auto", "FLAC", "WAV", "OPUS"],
        typer.Option("--audio-format", case_sensitive=False, help="Of audio that is cut."),
    ] = "auto",
    sample_rate: Annotated[
        int | None, typer.Option(metavar="HZ", help="Resample audio that is cut to this.")
    ] = None,
    pad: Annotated[
        float, typer.Option(metavar="SECONDS", help="Of the recording, on both sides of what is cut.")
    ] = 0.0,
    layer: Annotated[
        str | None, typer.Option(metavar="FIELD", help="The field that goes out as the text, not the text.")
    ] = None,
    audio_root: Annotated[
        str | None,
        typer.Option(
            metavar="OLD=NEW", help="Tell paths below OLD as below NEW, as the training host sees them."
        ),
    ] = None,
    merge_back: Annotated[
        bool,
        typer.Option(
            "--merge-back", help="Write into copies of the files that were imported; only edits differ."
        ),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what lies at PATH.")] = False,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Write the aligned manifest, or another format, of a project.

    Training formats take what is done, valid and has text; the rest is counted by reason.
    """
    from speechlabel.timing import seconds_to_us
    from speechlabel.workflow.clips import AudioOptions
    from speechlabel.workflow.delivery import Delivery, parse_audio_root

    wanted = filter_of(label, without, speaker, language, shortest, longest, distinct)
    selection = selection_of(include, recording, transcript, wanted, with_audio=with_audio)
    delivery = Delivery(
        audio=AudioOptions(cut=cut, container=container, sample_rate=sample_rate, pad_us=seconds_to_us(pad)),
        layer=layer,
        audio_root=parse_audio_root(audio_root) if audio_root else None,
        merge_back=merge_back,
    )
    deliver(
        name,
        format,
        out,
        values(options),
        selection=dataclasses.replace(selection, snapshot=snapshot),
        delivery=delivery,
        split=split,
        overwrite=overwrite,
        workspace=workspace,
        as_json=as_json,
    )


def deliver(
    name: str,
    format: str,
    out: Path,
    known: dict[str, Any],
    *,
    selection: Selection,
    delivery: Delivery,
    split: str | None,
    overwrite: bool,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Write an export and say what is in it and what is not."""
    from speechlabel import formats
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.errors import ExportError
    from speechlabel.timing import format_timecode
    from speechlabel.workflow import export as verb
    from speechlabel.workflow.projects import find_project
    from speechlabel.workflow.splitting import load_split

    formats.get(format, **known)  # says which option there is not
    with reading(load_settings(workspace=workspace)) as opened, progress_bar("cutting") as told:
        project = find_project(opened, name)
        if split is not None:
            delivery = dataclasses.replace(delivery, split=load_split(opened, project.id, split))
        try:
            made = verb.export(
                opened,
                project.id,
                format,
                out,
                selection=selection,
                delivery=delivery,
                overwrite=overwrite,
                progress=lambda done, total: told(str(done), 1.0, total),
                **known,
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
