"""``speechlabel project``: make and list projects."""

from __future__ import annotations

from typing import Annotated

import typer

from speechlabel.cli.terminal import AsJson, WorkspaceOption, print_json, show_help

__all__ = ["app"]

app = typer.Typer(
    help="Make and list projects.",
    invoke_without_command=True,
    epilog="Example: `speechlabel project create calls`",
)


@app.callback()
def _options(context: typer.Context) -> None:  # pyright: ignore[reportUnusedFunction]
    """Make and list projects."""
    show_help(context)


@app.command("create", epilog="Example: `speechlabel project create calls --language zh --preset default`")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people will see.")],
    language: Annotated[str, typer.Option(help="Language tag of the speech.")] = "zh",
    preset: Annotated[str, typer.Option(help="Guideline to start from.")] = "default",
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Create a project, and the workspace if there is none."""
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings

    with writing(load_settings(workspace=workspace)) as verbs:
        made = verbs.create_project(name, language=language, preset=preset)
    if as_json:
        print_json(made)
    else:
        print(f"project {made['name']} ({made['id']}) is ready; next: speechlabel ingest {made['id']} PATH")


@app.command("list", epilog="Example: `speechlabel project list --json`")
def list_projects(workspace: WorkspaceOption = None, as_json: AsJson = False) -> None:
    """List the projects of a workspace."""
    from speechlabel.cli.verbs import reading
    from speechlabel.config import load_settings

    with reading(load_settings(workspace=workspace)) as opened:
        rows = [
            {
                "id": item.id,
                "name": item.name,
                "language": item.language,
                "recordings": len(opened.store.recordings(item.id)),
            }
            for item in opened.store.projects()
        ]
    if as_json:
        print_json({"projects": rows})
        return
    for row in rows:
        print(f"{row['id']:<24} {row['language']:<6} {row['recordings']:>6} recordings  {row['name']}")
