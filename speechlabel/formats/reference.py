"""The page ``docs/reference/formats.md``, made from what each registered format says of itself.

``python -m speechlabel.formats.reference FILE`` writes it; a test fails when the page is stale.
"""

from __future__ import annotations

import dataclasses
import sys
import typing
from pathlib import Path

from speechlabel import formats, registry
from speechlabel.formats.base import Format
from speechlabel.formats.losses import ALWAYS, SPEAKER_FIELDS
from speechlabel.records import Segment

__all__ = ["page"]

HEAD = """# Formats

<!-- Made by `python -m speechlabel.formats.reference docs/reference/formats.md`; do not edit by hand. -->

Every export is a folder that appears whole or not at all. Times and the recording are in every format;
what else survives is said below, and before an export is made it tells how many records lose what. What goes
out, with or without its audio, and in which language: [export](../howto/export.md).
"""


def page() -> str:
    """Markdown of the reference page."""
    made = [formats.get(name) for name in registry.names("format")]
    rows = [
        f"| [{item.name}](#{item.name}) | {item.title} | {_mark(item.can_read)} | {_mark(item.can_write)} |"
        for item in made
    ]
    table = "\n".join(["| name | format | reads | writes |", "|---|---|---|---|", *rows])
    return "\n".join([HEAD, table, *(_section(item) for item in made)]).rstrip("\n") + "\n"


def _mark(value: bool) -> str:
    return "yes" if value else "no"


def _section(item: Format) -> str:
    fields = [field.name for field in dataclasses.fields(Segment) if field.name not in ALWAYS]
    everything = [
        *fields,
        *(f"speaker.{name}" for name in SPEAKER_FIELDS),
        "recording",
        "guideline",
        "labelled",
    ]
    lost = [name for name in everything if name not in item.carries]
    step = item.time_step_us
    lines = [
        f"\n## {item.name}\n",
        f"{item.title}. {(type(item).__doc__ or '').strip()}\n",
        f"- Specification: {item.spec}",
        f"- Files: {', '.join(item.extensions) or 'a folder of fixed names'}",
        f"- Times: in steps of {step} µs" if step > 1 else "- Times: exact",
        f"- Carries: {_names(name for name in everything if name in item.carries)}",
        f"- Loses: {_names(lost) if lost else 'nothing'}",
        f"- Checked by: {', '.join(item.checked_by) or 'its own tests'}",
    ]
    options = _options(item)
    if options:
        lines += ["\n| option | values | default |", "|---|---|---|", *options]
    return "\n".join(lines)


def _names(names: typing.Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _options(item: Format) -> list[str]:
    if not dataclasses.is_dataclass(item):
        return []
    hints = typing.get_type_hints(type(item))
    rows: list[str] = []
    for field in dataclasses.fields(item):
        rows.append(f"| `{field.name}` | {_values(hints[field.name])} | {_default(field.default)} |")
    return rows


def _values(hint: object) -> str:
    if hint is str:
        return "text"
    if hint is int:
        return "a whole number"
    choices = typing.get_args(hint) or ("true", "false")
    return ", ".join(f"`{choice}`" for choice in choices)


def _default(value: object) -> str:
    return "none" if value == "" else f"`{str(value).lower()}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8", newline="\n")
