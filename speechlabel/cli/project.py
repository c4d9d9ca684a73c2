"""``speechlabel project``: make, list, rename and delete projects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speechlabel.cli.removing import Yes, make_sure, say_removed
from speechlabel.cli.terminal import AsJson, ProjectName, WorkspaceOption, print_json, show_help

__all__ = ["app"]

app = typer.Typer(
    help="Make, list, rename and delete projects.",
    invoke_without_command=True,
    epilog="Example: `speechlabel project create calls`",
)


@app.callback()
def _options(context: typer.Context) -> None:  # pyright: ignore[reportUnusedFunction]
    """Make, list, rename and delete projects."""
    show_help(context)


@app.command("create", epilog="Example: `speechlabel project create calls --language zh --preset default`")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people will see.")],
    language: Annotated[str, typer.Option(help="Language tag of the speech.")] = "zh",
    preset: Annotated[str, typer.Option(help="Guideline to start from.")] = "default",
    guideline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Guideline of your own (TOML), in place of a preset.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Create a project, and the workspace if there is none."""
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings

    rules = None if guideline is None else _read(guideline)
    with writing(load_settings(workspace=workspace)) as verbs:
        made = verbs.create_project(name, language=language, preset=preset, rules=rules)
    if as_json:
        print_json(made)
    else:
        print(f"project {made['name']} ({made['id']}) is ready; next: speechlabel ingest {made['id']} PATH")


@app.command("guideline", epilog="Example: `speechlabel project guideline calls > calls.toml`")
def guideline(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A project's name or id.")],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="New guideline (TOML); without it, print the one in use."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Print a project's guideline, or give it another one; what was labelled stays as it is."""
    from speechlabel.cli.verbs import reading, writing
    from speechlabel.config import load_settings
    from speechlabel.workflow.projects import find_project

    settings = load_settings(workspace=workspace)
    if file is None:
        with reading(settings) as opened:
            text = find_project(opened, name).guideline
        if as_json:
            print_json({"guideline": text})
        else:
            print(text, end="")
        return
    rules = _read(file)
    with writing(settings) as verbs:
        changed = verbs.set_guideline(name, rules)
    if as_json:
        print_json(changed)
    else:
        print(f"project {changed['name']} ({changed['id']}) has the guideline of {file}; reload open pages")


@app.command("rename", epilog="Example: `speechlabel project rename calls 'Calls of May'`")
def rename(
    name: ProjectName,
    new: Annotated[str, typer.Argument(metavar="NEW", help="What people will see.")],
    workspace: WorkspaceOption = None,
    as_json: AsJson = False,
) -> None:
    """Give a project another name; its id stays as it is."""
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings

    with writing(load_settings(workspace=workspace)) as verbs:
        made = verbs.rename_project(name, new)
    if as_json:
        print_json(made)
    else:
        print(f"project {made['id']} is called {made['name']} now")


@app.command("delete", epilog="Example: `speechlabel project delete calls`")
def delete(
    name: ProjectName, yes: Yes = False, workspace: WorkspaceOption = None, as_json: AsJson = False
) -> None:
    """Delete a project with all its recordings and work, for good.

    Audio files stay where they are; uploads go, unless another project needs them.
    """
    from speechlabel.cli.verbs import writing
    from speechlabel.config import load_settings

    settings = load_settings(workspace=workspace)
    if not yes:
        make_sure(settings, name)
    with writing(settings) as verbs:
        gone = verbs.remove_project(name)
    say_removed(gone, f"project {name}", as_json)


def _read(file: Path) -> str:
    """Return the text of a guideline's file, so that what is wrong in it is told with the file's name."""
    from speechlabel.errors import InputError
    from speechlabel.workflow.rules import load_rules

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as a guideline: {error}") from error
    load_rules(text, path=str(file))
    return text


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
