"""The command line: ``speechlabel COMMAND``.  Thin commands over the verbs.

Commands import what they need when they run, so that ``speechlabel --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import cast

import typer

from speechlabel.cli import (
    data,
    export,
    formats,
    project,
    recording,
    segment,
    serve,
    snapshot,
    speakers,
    split,
)
from speechlabel.cli.terminal import EXIT_CODES, complain, exit_code, show_help
from speechlabel.errors import SpeechLabelError
from speechlabel.version import __version__

__all__ = ["EXIT_CODES", "app", "main"]

INTERRUPTED = 130  # as shells have it: 128 + SIGINT

app = typer.Typer(
    name="speechlabel",
    help="Label speech: segment, transcribe, tag speakers and noise, export an aligned manifest.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    epilog="Example: `speechlabel project create calls`, then `speechlabel ingest calls recordings/`, "
    "`speechlabel prepare calls`, `speechlabel serve`.\n\n"
    "Exit codes: 0 all went well · 1 some inputs failed · 2 bad input or usage, also a name that is taken "
    "· 3 not found · 4 the workspace cannot be used, or a recording has changed · 5 conflict "
    "· 130 interrupted.",
)
app.add_typer(project.app, name="project")
app.add_typer(recording.app, name="recording")
app.add_typer(snapshot.app, name="snapshot")
app.command("ingest", epilog="Example: `speechlabel ingest calls recordings/ interview.TextGrid`")(
    data.ingest
)
app.command("prepare", epilog="Example: `speechlabel prepare calls --segmenter webrtc min_silence_ms=400`")(
    data.prepare
)
app.command("status", epilog="Example: `speechlabel status calls --json`")(data.status)
app.command("segment", epilog="Example: `speechlabel segment a.wav b.mp3 --out segments min_silence_ms=400`")(
    segment.segment
)
app.command(
    "export", epilog="Example: `speechlabel export calls --format nemo --out delivery --include unsure`"
)(export.export)
app.command(
    "split", epilog="Example: `speechlabel split calls train=rest dev=0.1 test=0.1 --stratify gender`"
)(split.split)
app.command("convert", epilog="Example: `speechlabel convert interview.TextGrid interview.eaf`")(
    formats.convert
)
app.command("validate", epilog="Example: `speechlabel validate delivery --audio-root /data=/mnt/train`")(
    formats.validate
)
app.command("speakers", epilog="Example: `speechlabel speakers calls --rename spk1 Anna`")(speakers.speakers)
app.command("serve", epilog="Example: `speechlabel serve --workspace data --root /recordings`")(serve.serve)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"speechlabel {__version__}")
        raise typer.Exit


@app.callback()
def _options(  # pyright: ignore[reportUnusedFunction]
    context: typer.Context,
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Say the version."
    ),
) -> None:
    """Label speech: segment, transcribe, tag speakers and noise, export an aligned manifest."""
    show_help(context)


def main() -> None:
    """Run the command line; errors come out as one line and an exit code, never as a traceback."""
    out = cast("TextIOWrapper", sys.stdout)
    out.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no reason to fail
    try:
        code = _run()
        out.flush()
    except BrokenPipeError:  # ``… | head``: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        code = 1
    sys.exit(code)


def _run() -> int:
    try:
        code = app(standalone_mode=False) or 0
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        return code
    except SpeechLabelError as error:
        complain(error.message)
        return exit_code(error)
    except typer.TyperException as error:  # usage: a missing argument, an unknown option …
        command = getattr(getattr(error, "ctx", None), "command_path", "speechlabel")
        message = getattr(error, "format_message", error.__str__)()
        complain(f"{message.rstrip('.')}; see '{command} --help'")
        return 2
    except (typer.Abort, KeyboardInterrupt):
        complain("interrupted; what was done so far stays")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename!r}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}")
        return 4
