"""Names that other programs can bear: ids, speakers, paths, and the table that says what became what."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from anyascii import anyascii

from speechlabel.records import RECORDING_ID

__all__ = [
    "STAND_INS",
    "absolute_posix",
    "derived_id",
    "foreign_id",
    "relative_posix",
    "safe_id",
    "tsv",
    "tsv_row",
    "without_blanks",
]

# Ids of speakers that stand for nobody in particular: one person nobody knows, several at once, someone who
# does not take part.  The editor makes them when they are first used (static/editor/model/standins.js).
STAND_INS = ("unknown", "several", "outside")
EAST = "\u2e7f"  # after it come the scripts whose signs anyascii turns into syllables
LONGEST_RELATIVE = 254  # NeMo resolves a relative path only when it is shorter than 255 characters


def safe_id(name: str, taken: Collection[str] = (), *, max_length: int = 100) -> str:
    """Id of letters, digits, ``_``, ``.`` and ``-`` for any name; a number is added when it is taken.

    Chinese becomes pinyin, other scripts their Latin form; what leaves nothing becomes a hash.
    """
    latin = "".join(f"{anyascii(letter).strip()} " if letter > EAST else anyascii(letter) for letter in name)
    base = re.sub(r"[^A-Za-z0-9_.-]+", "_", latin.strip()).strip("_.-")[:max_length]
    base = base or derived_id(name)[:12]
    number = 1
    made = base
    while made in taken:
        number += 1
        made = f"{base}_{number}"
    return made


def foreign_id(name: str, taken: Collection[str] = ()) -> str:
    """Id of a recording that another program named: that name where it is legal and free."""
    return name if RECORDING_ID.fullmatch(name) and name not in taken else safe_id(name, taken)


def derived_id(*parts: object) -> str:
    """32 hex digits that depend on nothing but ``parts``: reading a file twice gives the same ids."""
    text = "\x1f".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def without_blanks(name: str, taken: Collection[str] = ()) -> str:
    """Name as one word for blank-separated files; script is kept, and what comes out is not taken."""
    word = "_".join(name.split()).replace(";", "_").replace("<", "_").replace(">", "_") or "_"
    number = 1
    made = word
    while made in taken:
        number += 1
        made = f"{word}_{number}"
    return made


def absolute_posix(path: Path) -> str:
    """Absolute path with forward slashes, the person's links kept."""
    return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100 - resolve() would follow the person's links


def relative_posix(path: Path, folder: Path) -> str:
    """Path with forward slashes, relative to a folder; absolute where that cannot be or is too long."""
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the person's links
    try:
        relative = os.path.relpath(absolute, os.path.abspath(folder))  # noqa: PTH100
    except ValueError:  # another drive
        return absolute.as_posix()
    posix = Path(relative).as_posix()
    return posix if len(posix) <= LONGEST_RELATIVE else absolute.as_posix()


def tsv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Table as text: tabs between, ``\t``, ``\n`` and ``\\`` inside a cell written out."""
    return "\t".join(header) + "\n" + "".join(tsv_row(row) for row in rows)


def tsv_row(row: Sequence[str]) -> str:
    """Line of such a table."""
    cells = (cell.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n") for cell in row)
    return "\t".join(cells) + "\n"
