"""What commands share: errors → exit codes (once), what is shown on a terminal only, NAME=VALUE arguments."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from speechlabel.errors import (
    ChangedError,
    ConflictError,
    NotFoundError,
    OptionError,
    SpeechLabelError,
    WorkspaceError,
)

__all__ = [
    "EXIT_CODES",
    "AsJson",
    "ProjectName",
    "Told",
    "WorkspaceOption",
    "complain",
    "exit_code",
    "list_failures",
    "n_of",
    "print_json",
    "progress_bar",
    "show_help",
    "values",
]

Told = Callable[[str, float, int], None]  # item, ratio done of it, number of items
EXIT_CODES = (
    (NotFoundError, 3),
    (WorkspaceError, 4),
    (ChangedError, 4),
    (ConflictError, 5),
)
ProjectName = Annotated[str, typer.Argument(metavar="NAME", help="Project, by id or name.")]
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", "-w", metavar="DIR", help="Folder where the data lives (or SPEECHLABEL_WORKSPACE)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for scripts.")]


def n_of(n: int, what: str) -> str:
    """Count things in good English: ``1 recording``, ``2 recordings``."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def exit_code(error: SpeechLabelError) -> int:
    """Return the exit code that stands for an error."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 2)


def complain(message: str) -> None:
    """Say what is wrong, on one line of standard error."""
    print(f"speechlabel: {_visible(message)}", file=sys.stderr)


def list_failures(failed: Sequence[Mapping[str, str]], name: str) -> None:
    """Say of each input that failed why, then end with exit code 1 if there is any."""
    for item in failed:
        complain(f"{item[name]}: {item['reason']}")
    if failed:
        raise typer.Exit(1)


def show_help(context: typer.Context) -> None:
    """Show what commands there are, when none is named."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def _visible(text: str) -> str:
    """Return text on one line, whatever the names of files in it hold."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )


def print_json(content: Any) -> None:  # noqa: ANN401 - whatever json takes
    """Print one JSON object; letters that the terminal cannot show are escaped."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(content, ensure_ascii=not is_utf8, default=str)
    # A lone surrogate stands for a byte of a file's name that is not UTF-8.
    print(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def values(pairs: Sequence[str] | None) -> dict[str, str]:
    """Read ``NAME=VALUE`` arguments.

    Raises
    ------
    OptionError
        One has no ``=``.
    """
    out: dict[str, str] = {}
    for pair in pairs or ():
        name, found, value = pair.partition("=")
        if not found:
            raise OptionError(pair, "write it as NAME=VALUE")
        out[name] = value
    return out


@contextmanager
def progress_bar(words: str) -> Generator[Told]:
    """Give a callback (item, ratio done of it, number of items); it draws only where somebody sees it."""
    if not sys.stderr.isatty():
        yield lambda _item, _ratio, _total: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[item]}"),
        TimeRemainingColumn(),
    )
    ratios: dict[str, float] = {}
    lock = threading.Lock()  # worker threads tell as well
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task(words, total=None, item="")

    def told(item: str, ratio: float, total: int) -> None:
        with lock:
            progress.start()  # only now that there is something to show
            progress.advance(task, ratio - ratios.get(item, 0.0))
            ratios[item] = ratio
        progress.update(task, total=total, item=escape(_visible(Path(item).name)))

    try:
        yield told
    finally:
        progress.stop()
