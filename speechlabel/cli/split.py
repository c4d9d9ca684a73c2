"""``speechlabel split``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

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
    Without,
    filter_of,
    selection_of,
)
from speechlabel.cli.terminal import AsJson, ProjectName, WorkspaceOption, n_of, print_json, values

__all__ = ["split"]


def split(
    name: ProjectName,
    shares: Annotated[
        list[str],
        typer.Argument(metavar="PART=SHARE", help="train=rest dev=0.1 test=5h: a share, hours, or the rest."),
    ],
    into: Annotated[str, typer.Option("--name", metavar="SPLIT", help="What the split is called.")] = "main",
    seed: Annotated[int, typer.Option(help="Another seed gives another split.")] = 0,
    by: Annotated[
        Literal["speaker", "recording"], typer.Option(help="What is never in two parts.")
    ] = "speaker",
    strata: Annotated[
        str,
        typer.Option(
            "--stratify",
            help="What each part shall have its share of, by commas: "
            "gender,age_band,accent,channel,noise,language.",
        ),
    ] = "",
    format: Annotated[
        str, typer.Option(help="Format that will be exported: it says what goes out.")
    ] = "native",
    include: Include = "",
    recording: Recordings = None,
    label: Labels = None,
    without: Without = None,
    speaker: Speakers = None,
    language: Languages = None,
    shortest: Shortest = 0.0,
    longest: Longest = None,
    distinct: Distinct = None,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Assign people or recordings to train, dev and test, and tell what leaks from one into another.

    Who has a place keeps it when it is done again after data came. `speechlabel export … --split main` writes
    a folder for each part.
    """
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings
    from speechlabel.workflow.projects import find_project
    from speechlabel.workflow.splits import SplitSpec, parse_shares
    from speechlabel.workflow.splitting import make_split

    names: Any = tuple(item.strip() for item in strata.split(",") if item.strip())
    spec = SplitSpec(shares=parse_shares(values(shares)), seed=seed, by=by, strata=names)
    wanted = filter_of(label, without, speaker, language, shortest, longest, distinct)
    selection = selection_of(include, recording, None, wanted)
    with reading(load_settings(workspace=workspace)) as opened:
        project = find_project(opened, name)
        _, report = make_split(opened, project.id, into, spec, format=format, selection=selection)
    told = report.to_dict()
    if as_json:
        print_json(told)
        return
    for part, found in told["splits"].items():
        hours, units = found["duration_us"] / 3_600_000_000, n_of(found["units"], by)
        print(f"{part}: {hours:.2f} h, {n_of(found['segments'], 'segment')}, {units}")
    if told["kept"]:
        print(f"{n_of(told['kept'], by)} kept their place")
    for leak in told["leaks"]:
        first, second = leak["splits"]
        if leak["kind"] == "text":
            said = ", ".join(repr(text) for text in leak["examples"][:3])
            count = n_of(leak["count"], "segment")
            print(f"  leak: {count} of {second} say what {first} says too, such as {said}")
        else:
            print(f"  leak: {n_of(leak['count'], 'recording')} with people of both {first} and {second}")
