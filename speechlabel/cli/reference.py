"""The page ``docs/reference/cli.md``, made from what each command says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from speechlabel.cli import app

__all__ = ["commands", "page"]

HEAD = """# Command line

<!-- Made by `python docs/generate.py`; do not edit by hand. -->

`speechlabel COMMAND`, or `python -m speechlabel.cli COMMAND`. Every command has `--help`.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Give each command by its full name, groups before what is in them."""
    yield from _below("speechlabel", typer.main.get_command(app))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - a command of Typer's
    yield name, command
    for word, child in getattr(command, "commands", {}).items():
        yield from _below(f"{name} {word}", child)


def page() -> str:
    """Markdown of the reference page."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands())]).rstrip("\n") + "\n"


def _section(name: str, command: Any) -> str:  # noqa: ANN401
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    options = [item for item in command.params if item.param_type_name == "option" and item.name != "help"]
    is_group = bool(getattr(command, "commands", None))
    words = [name, *(_usage(item) for item in arguments)]
    words += ["COMMAND"] if is_group else []
    words += [f"{item.opts[0]} {_metavar(item)}" for item in options if item.required]
    words += ["[OPTIONS]"] if any(not item.required for item in options) else []
    lines = [f"## {name}\n", f"    {' '.join(words)}\n", (command.help or "").strip() + "\n"]
    rows = [f"| `{_metavar(item)}` | {item.help or ''} | {_default(item)} |" for item in arguments]
    rows += [
        f"| `{', '.join(item.opts)}{'' if item.is_flag else ' ' + _metavar(item)}` | {item.help or ''} "
        f"| {_default(item)} |"
        for item in options
    ]
    if rows:
        lines += ["| argument or option | meaning | default |", "|---|---|---|", *rows, ""]
    if command.epilog:
        lines.append(command.epilog.strip() + "\n")
    return "\n".join(lines)


def _usage(item: Any) -> str:  # noqa: ANN401
    word = _metavar(item) + ("…" if item.nargs == -1 else "")
    return word if item.required else f"[{word}]"


def _metavar(item: Any) -> str:  # noqa: ANN401
    return item.metavar or item.name.upper()


def _default(item: Any) -> str:  # noqa: ANN401
    if item.required:
        return "needed"
    return f"`{item.default}`" if item.default not in (None, False, "", (), []) else ""
