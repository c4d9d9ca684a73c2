"""The command line: ``speechlabel COMMAND``.  Thin commands over the verbs.

Commands import what they need when they run, so that ``speechlabel --help`` answers at once.
"""

from __future__ import annotations

import sys

import typer

from speechlabel.cli import data, export, project, segment, serve
from speechlabel.cli.terminal import EXIT_CODES, exit_code
from speechlabel.errors import SpeechLabelError
from speechlabel.version import __version__

__all__ = ["EXIT_CODES", "app", "main"]

app = typer.Typer(
    name="speechlabel",
    help="Label speech: segment, transcribe, tag speakers and noise, export an aligned manifest.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog="Exit codes: 0 all went well · 1 some inputs failed · 2 bad input or usage · 3 not found · "
    "4 the workspace cannot be used · 5 conflict.",
)
app.add_typer(project.app, name="project")
app.command("ingest")(data.ingest)
app.command("prepare")(data.prepare)
app.command("status")(data.status)
app.command("segment")(segment.segment)
app.command("export")(export.export)
app.command("serve")(serve.serve)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"speechlabel {__version__}")
        raise typer.Exit


@app.callback()
def _options(  # pyright: ignore[reportUnusedFunction]
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Say the version."
    ),
) -> None:
    """Label speech: segment, transcribe, tag speakers and noise, export an aligned manifest."""


def main() -> None:
    """Run the command line; errors come out as one line and an exit code, never as a traceback."""
    try:
        app()
    except SpeechLabelError as error:
        print(f"speechlabel: {error.message}", file=sys.stderr)
        sys.exit(exit_code(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
