"""``speechlabel recording``: rename and delete recordings."""

from __future__ import annotations

from typing import Annotated

import typer

from speechlabel.cli.removing import Yes, make_sure, say_removed
from speechlabel.cli.terminal import AsJson, ProjectName, WorkspaceOption, print_json, show_help

__all__ = ["app"]

app = typer.Typer(
    help="Rename and delete recordings of a project.",
    invoke_without_command=True,
    epilog="Example: `speechlabel recording rename calls call7 'Complaint, Monday'`",
)
RecordingName = Annotated[str, typer.Argument(metavar="RECORDING", help="Recording, by id or name.")]


@app.callback()
def _options(context: typer.Context) -> None:  # pyright: ignore[reportUnusedFunction]
    """Rename and delete recordings of a project."""
    show_help(context)


@app.command("rename", epilog="Example: `speechlabel recording rename calls call7 'Complaint, Monday'`")
def rename(
    name: ProjectName,
    recording: RecordingName,
    new: Annotated[str, typer.Argument(metavar="NEW", help="What people will see.")],
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Give a recording another name; its id and its file stay as they are."""
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings

    with writing(load_settings(workspace=workspace)) as verbs:
        made = verbs.rename_recording(name, recording, new)
    if as_json:
        print_json(made)
    else:
        print(f"recording {made['id']} is called {made['name']} now")


@app.command("delete", epilog="Example: `speechlabel recording delete calls call7`")
def delete(
    name: ProjectName,
    recording: RecordingName,
    yes: Yes = False,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Delete a recording with all its work, for good.

    The audio file stays where it is; an upload goes, unless another recording needs it.
    """
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings

    settings = load_settings(workspace=workspace)
    if not yes:
        make_sure(settings, name, recording)
    with writing(settings) as verbs:
        gone = verbs.remove_recording(name, recording)
    say_removed(gone, f"recording {recording}", as_json)
