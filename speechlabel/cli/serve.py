"""``speechlabel serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from speechlabel.cli.terminal import WorkspaceOption, progress_bar

__all__ = ["serve"]


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; beyond this machine a key is needed.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="First port to try.")] = None,
    root: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Folder that the page may take recordings from; repeatable."),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Start the server and say its address.

    Example: `speechlabel serve --workspace data --root /recordings`
    """
    from speechlabel.config import load_settings
    from speechlabel.web.serve import serve as run

    settings = load_settings(workspace=workspace, host=host, port=port, roots=root)
    with progress_bar(6, "preparing samples") as told:
        run(settings, say=_say, progress=told)


def _say(line: str) -> None:
    print(line, flush=True)
