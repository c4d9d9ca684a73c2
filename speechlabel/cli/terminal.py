"""What commands share: errors → exit codes (once), progress on a terminal only, options as NAME=VALUE."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator, Sequence
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

__all__ = ["EXIT_CODES", "AsJson", "WorkspaceOption", "exit_code", "print_json", "progress_bar", "values"]

EXIT_CODES = (
    (NotFoundError, 3),
    (WorkspaceError, 4),
    (ChangedError, 4),
    (ConflictError, 5),
)
WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", "-w", metavar="DIR", help="Folder where the data lives (or SPEECHLABEL_WORKSPACE)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for scripts.")]


def exit_code(error: SpeechLabelError) -> int:
    """Return the exit code that stands for an error."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 2)


def print_json(content: Any) -> None:  # noqa: ANN401 - whatever json takes
    """Print one JSON object."""
    print(json.dumps(content, ensure_ascii=False, default=str))


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
def progress_bar(total: int, words: str) -> Generator[Callable[[str, float], None]]:
    """Give a callback (item, ratio done of it); the bar is drawn only where somebody can see it."""
    if total == 0 or not sys.stderr.isatty():
        yield lambda _item, _ratio: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[item]}"),
        TimeRemainingColumn(),
    )
    ratios: dict[str, float] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(words, total=total, item="")

        def told(item: str, ratio: float) -> None:
            ratios[item] = ratio
            progress.update(task, completed=sum(ratios.values()), item=item)

        yield told
