"""What the commands that delete share: say what would go, ask, say what has gone."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from speechlabel.cli.terminal import print_json
from speechlabel.errors import InputError

if TYPE_CHECKING:
    from speechlabel.config import Settings

__all__ = ["Yes", "make_sure", "say_removed"]

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody sits at a terminal.")]


def make_sure(settings: Settings, project: str, recording: str | None = None) -> None:
    """Ask at a terminal whether a project or recording may go.

    Raises
    ------
    InputError
        There is no terminal to ask at, or the answer was no.
    """
    from speechlabel.cli.verbs import reading
    from speechlabel.workflow.remove import removal

    with reading(settings) as opened:
        figures = _figures(removal(opened, project, recording).to_dict())
    if not sys.stdin.isatty():
        raise InputError(f"this would delete {figures}, for good; add --yes if that is meant")
    print(f"This deletes {figures}, for good.", file=sys.stderr)
    if not typer.confirm("Delete?", err=True):
        raise InputError("nothing was deleted")


def say_removed(gone: Mapping[str, Any], what: str, as_json: bool) -> None:
    """Say what has gone."""
    if as_json:
        print_json(gone)
    else:
        print(f"{what} is deleted: {_figures(gone)}")


def _figures(gone: Mapping[str, Any]) -> str:
    from speechlabel.timing import format_timecode

    time = format_timecode(gone["duration_us"], decimals=0)
    figures = f"recordings: {gone['recordings']} ({time}), segments: {gone['segments']}, done: {gone['done']}"
    return figures + (f", recordings with a person's work: {gone['worked_on']}" if gone["worked_on"] else "")
