"""``speechlabel snapshot``: numbered states of a project, delivered, compared and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

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
from speechlabel.cli.export import deliver
from speechlabel.cli.terminal import (
    AsJson,
    ProjectName,
    WorkspaceOption,
    n_of,
    print_json,
    progress_bar,
    show_help,
    values,
)

__all__ = ["app"]

MOST_TOLD = 5  # of the worst recordings
Format = Annotated[str, typer.Option(help="native, nemo, kaldi, rttm, textgrid …")]
Out = Annotated[Path, typer.Option(metavar="PATH", help="Folder to write; it must be new or empty.")]
Options = Annotated[list[str] | None, typer.Argument(metavar="OPTION=VALUE", help="Options of the format.")]
WithAudio = Annotated[
    bool, typer.Option("--with-audio", help="Copy the audio too, so that PATH can be moved.")
]
Layer = Annotated[
    str | None,
    typer.Option("--layer", metavar="FIELD", help="The field that goes out as the text, not the text."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what lies at PATH.")]
Older = Annotated[int, typer.Argument(metavar="FROM", help="Number of the older snapshot.")]
Newer = Annotated[int, typer.Argument(metavar="TO", help="Number of the newer snapshot.")]

app = typer.Typer(
    help="Keep numbered states of a project, deliver and compare them.",
    invoke_without_command=True,
    epilog="Example: `speechlabel snapshot make calls`",
)


@app.callback()
def _options(context: typer.Context) -> None:  # pyright: ignore[reportUnusedFunction]
    """Keep numbered states of a project, deliver and compare them."""
    show_help(context)


@app.command("make", epilog="Example: `speechlabel snapshot make calls --include unsure`")
def make(
    name: ProjectName,
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
    again: Annotated[
        bool, typer.Option("--again", help="Make another one also where nothing has changed.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Keep what would be exported now under the next number; it never changes any more.

    It holds what is done, valid and has text, unless more is asked for. Where the last one holds the same
    already, that one is named.
    """
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.workflow.projects import find_project
    from speechlabel.workflow.snapshots import make_snapshot

    wanted = filter_of(label, without, speaker, language, shortest, longest, distinct)
    selection = selection_of(include, recording, transcript, wanted)
    with reading(load_settings(workspace=workspace)) as opened:
        made = make_snapshot(opened, find_project(opened, name).id, selection=selection, again=again)
    told = made.to_dict()
    if as_json:
        print_json(told)
        return
    print(("" if made.is_new else "nothing has changed: ") + _line(told))
    for reason, count in told["excluded"].items():
        print(f"  left out: {count} {reason}")
    if told["not_prepared"]:
        print(f"  not prepared: {n_of(len(told['not_prepared']), 'recording')}")


@app.command("list", epilog="Example: `speechlabel snapshot list calls --json`")
def list_(name: ProjectName, workspace: WorkspaceOption = None, as_json: AsJson = False) -> None:
    """List the snapshots of a project."""
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.workflow.projects import find_project
    from speechlabel.workflow.snapshots import list_snapshots

    with reading(load_settings(workspace=workspace)) as opened:
        rows = [item.to_dict() for item in list_snapshots(opened, find_project(opened, name).id)]
    if as_json:
        print_json({"snapshots": rows})
        return
    if not rows:
        print(f"{name}: no snapshots yet; make one with 'speechlabel snapshot make {name}'")
    for row in rows:
        print(_line(row))


@app.command("compare", epilog="Example: `speechlabel snapshot compare calls 1 2`")
def compare(
    name: ProjectName, older: Older, newer: Newer, workspace: WorkspaceOption = None, as_json: AsJson = False
) -> None:
    """Tell what differs between two snapshots: segments, hours, error rates between the texts."""
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.timing import format_timecode
    from speechlabel.workflow.comparing import compare as verb
    from speechlabel.workflow.projects import find_project

    with reading(load_settings(workspace=workspace)) as opened:
        found = verb(opened, find_project(opened, name).id, older, newer).to_dict()
    if as_json:
        print_json(found)
        return
    length = found["duration_us"]
    sign = "-" if length["difference"] < 0 else "+"
    difference = sign + format_timecode(abs(length["difference"]), decimals=0)
    print(
        f"{n_of(found['segments']['from'], 'segment')} → {found['segments']['to']}, "
        f"{format_timecode(length['from'], decimals=0)} → {format_timecode(length['to'], decimals=0)} "
        f"({difference})"
    )
    print(", ".join(f"{found[kind]} {kind}" for kind in ("added", "changed", "dropped", "same")))
    for field, count in found["by_field"].items():
        print(f"  {field}: changed in {n_of(count, 'segment')}")
    print(f"between the texts: CER {_rate(found['cer'])}, WER {_rate(found['wer'])}")
    for row in found["worst_recordings"][:MOST_TOLD]:
        print(f"  {row['recording']}: CER {_rate(row['cer'])}, {n_of(row['changed'], 'segment')} changed")
    for kind in ("added", "dropped"):
        if ids := found["recordings"][kind]:
            more = " …" * (len(ids) > MOST_TOLD)
            print(f"{n_of(len(ids), 'recording')} {kind}: {', '.join(ids[:MOST_TOLD])}{more}")
    if found["guideline_changed"]:
        print("the guideline is another one")


@app.command("export", epilog="Example: `speechlabel snapshot export calls 2 --format kaldi --out delivery`")
def export(
    name: ProjectName,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the snapshot.")],
    format: Format,
    out: Out,
    options: Options = None,
    split: Annotated[
        str | None,
        typer.Option(metavar="SPLIT", help="A folder for each part of this split, see `speechlabel split`."),
    ] = None,
    with_audio: WithAudio = False,
    layer: Layer = None,
    overwrite: Overwrite = False,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Write a snapshot in any format, as `speechlabel export --snapshot`, which has more options."""
    from speechlabel.workflow.delivery import Delivery
    from speechlabel.workflow.selection import Selection

    deliver(
        name,
        format,
        out,
        values(options),
        selection=Selection(snapshot=number, with_audio=with_audio),
        delivery=Delivery(layer=layer),
        split=split,
        overwrite=overwrite,
        workspace=workspace,
        as_json=as_json,
    )


@app.command("correct", epilog="Example: `speechlabel snapshot correct calls 1 2 --format kaldi --out fix`")
def correct(
    name: ProjectName,
    older: Older,
    newer: Newer,
    format: Format,
    out: Out,
    options: Options = None,
    with_audio: WithAudio = False,
    layer: Layer = None,
    overwrite: Overwrite = False,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Write only what changed between two snapshots, and dropped.tsv: the names of what is gone."""
    from speechlabel import formats
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.workflow.corrections import correct as verb
    from speechlabel.workflow.delivery import Delivery
    from speechlabel.workflow.projects import find_project

    known: Any = values(options)
    formats.get(format, **known)  # says which option there is not
    with reading(load_settings(workspace=workspace)) as opened, progress_bar("cutting") as told:
        made = verb(
            opened,
            find_project(opened, name).id,
            older,
            newer,
            format,
            out,
            with_audio=with_audio,
            delivery=Delivery(layer=layer),
            overwrite=overwrite,
            progress=lambda done, total: told(str(done), 1.0, total),
            **known,
        ).to_dict()
    if as_json:
        print_json(made)
        return
    counts = ", ".join(f"{made[kind]} {kind}" for kind in ("added", "changed", "dropped"))
    print(f"{counts}, in {made['path']}")
    if made["renamed"]:
        print(f"  under another name now, the old one is in dropped.tsv: {n_of(made['renamed'], 'segment')}")
    for warning in made["warnings"]:
        print(f"  note: {warning}")


def _line(row: Mapping[str, Any]) -> str:
    from speechlabel.timing import format_timecode

    return (
        f"snapshot {row['number']}: {n_of(row['segments'], 'segment')} "
        f"in {n_of(row['recordings'], 'recording')}, {format_timecode(row['duration_us'], decimals=0)}, "
        f"made {row['created_at'][:16].replace('T', ' ')} UTC, {row['digest'][:12]}"
    )


def _rate(counted: Mapping[str, Any]) -> str:
    return "–" if counted["rate"] is None else f"{100 * counted['rate']:.2f} %"
