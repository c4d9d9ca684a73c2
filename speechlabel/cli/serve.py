"""``speechlabel serve``."""

from __future__ import annotations

from contextlib import ExitStack
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
    api_only: Annotated[
        bool, typer.Option("--api-only", help="Serve REST and media without the pages; starts at once.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Start the server and say its address."""
    from speechlabel.config import load_settings
    from speechlabel.web.serve import serve as run
    from speechlabel.workflow.samples import samples_folder

    settings = load_settings(workspace=workspace, host=host, port=port, roots=root)
    n_samples = len(list(samples_folder().glob("*.flac")))
    with ExitStack() as while_preparing:
        told = while_preparing.enter_context(progress_bar("preparing samples"))

        def say(line: str) -> None:
            while_preparing.close()
            print(line, flush=True)

        run(settings, say=say, progress=lambda name, ratio: told(name, ratio, n_samples), pages=not api_only)
