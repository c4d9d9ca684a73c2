"""Where a field of a guideline stands in its TOML text: what reads TOML keeps no lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

__all__ = ["line_of"]

STEP = re.compile(r"(\w[\w-]*)(?:\[(\d+)\])?")
HEAD = re.compile(
    r"\s*\[{1,2}\s*[\w\"'.\s-]+\]{1,2}\s*(#.*)?$"
)  # of a table; a list of several lines begins so too
NAMED_BY = {"keys": ("labels", "key"), "snippets": ("snippets", "short")}  # others by their name


def line_of(text: str, field: str, value: object) -> int | None:
    """Return the line, from 1, of a field such as ``labels[2].color``, or None where it cannot be told.

    ``value`` is what is wrong there: of a list of names that stand twice, the second place of the first.
    Where the very field has no line of its own, the line of the table or list that it belongs to is given.
    """
    lines = text.splitlines()
    steps = STEP.findall(field)
    if not steps:
        return None
    [(kind, number), *inner] = steps
    if not number:
        return _second(lines, kind, value) or _key(lines, kind, range(_top(lines)))
    block = next((found for at, found in enumerate(_blocks(lines, kind)) if at == int(number)), None)
    if block is None:  # written as a list of inline tables
        return _key(lines, kind, range(_top(lines)))
    return (_inside(lines, kind, inner, value, block) if inner else None) or block.start + 1


def _inside(
    lines: list[str], kind: str, inner: list[tuple[str, str]], value: object, block: range
) -> int | None:
    """Return the line of a key of a table, or of what is wrong below that key where it is found there."""
    first = inner[0][0]
    head = re.compile(rf"\s*\[\s*{re.escape(kind)}\s*\.\s*{re.escape(first)}\b")  # as a table of its own
    heads = [at + 1 for at in block if head.match(lines[at])]
    at = _key(lines, first, block) or (heads[0] if heads else None)
    if at is not None and isinstance(value, str) and value:
        below = range(at - 1, block.stop)
        named = _key(lines, value, below) if heads else None
        return named or next((n + 1 for n in below if value in lines[n]), at)
    return at


def _top(lines: list[str]) -> int:
    """Return the number of lines above the first table."""
    return next((at for at, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))


def _blocks(lines: list[str], kind: str) -> Iterator[range]:
    """Yield the lines of each table ``[[kind]]`` with the tables inside it, its own line first."""
    inside = re.compile(rf"\s*\[+\s*{re.escape(kind)}\s*\.")
    heads = [at for at, line in enumerate(lines) if HEAD.match(line) and not inside.match(line)]
    for at, end in pairwise([*heads, len(lines)]):
        if re.match(rf"\s*\[\[\s*{re.escape(kind)}\s*\]\]", lines[at]):
            yield range(at, end)


def _key(lines: list[str], name: str, where: range) -> int | None:
    pattern = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*[.=]""")
    return next((at + 1 for at in where if pattern.match(lines[at])), None)


def _second(lines: list[str], kind: str, value: object) -> int | None:
    """Return the line where the first of some names stands for the second time."""
    if not isinstance(value, list) or not value:
        return None
    table, key = NAMED_BY.get(kind, (kind, "name"))
    wanted = re.escape(str(cast("list[object]", value)[0]))
    pattern = re.compile(rf"""\s*{key}\s*=\s*["']{wanted}["']""")
    found = [at + 1 for block in _blocks(lines, table) for at in block if pattern.match(lines[at])]
    return found[1] if len(found) > 1 else None
