"""``speechlabel project``: make and list projects."""

from __future__ import annotations

from typing import Annotated

import typer

from speechlabel.cli.terminal import AsJson, WorkspaceOption, print_json

__all__ = ["app"]

app = typer.Typer(help="Make and list projects.", no_args_is_help=True)


@app.command("create", epilog="Example: speechlabel project create calls --language zh --preset default")
def create(
    name: Annotated[str, typer.Argument(help="What people will see.")],
    language: Annotated[str, typer.Option(help="Language tag of the speech.")] = "zh",
    preset: Annotated[str, typer.Option(help="Guideline to start from.")] = "default",
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Create a project."""
    from speechlabel.config import load_settings
    from speechlabel.store.workspace import open_workspace
    from speechlabel.workflow.projects import create_project

    with open_workspace(load_settings(workspace=workspace).workspace) as opened:
        made = create_project(opened, name, language=language, preset=preset)
    if as_json:
        print_json({"id": made.id, "name": made.name, "language": made.language})
    else:
        print(f"project {made.name} ({made.id}) is ready; next: speechlabel ingest {made.id} PATH…")


@app.command("list", epilog="Example: speechlabel project list --json")
def list_projects(workspace: WorkspaceOption = None, as_json: AsJson = False) -> None:
    """List the projects of a workspace."""
    from speechlabel.config import load_settings
    from speechlabel.store.workspace import open_workspace

    with open_workspace(load_settings(workspace=workspace).workspace, read_only=True) as opened:
        projects = opened.store.projects()
        rows = [
            {
                "id": item.id,
                "name": item.name,
                "language": item.language,
                "recordings": len(opened.store.recordings(item.id)),
            }
            for item in projects
        ]
    if as_json:
        print_json({"projects": rows})
        return
    for row in rows:
        print(f"{row['id']:<24} {row['language']:<6} {row['recordings']:>6} recordings  {row['name']}")
