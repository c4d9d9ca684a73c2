"""Tables that a data set or a program always writes alike: Common Voice, LJSpeech, Whisper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from speechlabel.formats.tables.columns import normal
from speechlabel.formats.tables.table_text import Dialect, Row, rows

__all__ = [
    "COMMON_VOICE_ORDER",
    "Profile",
    "clip_lengths",
    "common_voice_tables",
    "lj_columns",
    "tell_profile",
]

Profile = Literal["auto", "table", "common_voice", "ljspeech", "whisper"]
COMMON_VOICE_ORDER = ("train", "dev", "test", "validated", "other", "invalidated")
LENGTHS = "clip_durations.tsv"
AUDIO = re.compile(r"\.(wav|flac|mp3|m4a|ogg|opus|aac|wma)$", re.I)


def tell_profile(name: str, header: Sequence[str], delimiter: str, first: Sequence[Row]) -> Profile:
    """Profile of a table by its header, or by the shape of its first rows where it has none.

    Parameters
    ----------
    first : rows, the header's among them
    """
    names = {normal(cell) for cell in header}
    if {"clientid", "path", "sentence"} <= names and delimiter == "\t":
        return "common_voice"
    if [cell.strip() for cell in header] == ["start", "end", "text"] and delimiter == "\t":
        cells = [cell for _, row in first[1:] for cell in row[:2]]
        return "whisper" if all(re.fullmatch(r"\d+", cell) for cell in cells) else "table"
    widths = {len(row) for _, row in first}
    if (
        delimiter == "|"
        and widths <= {2, 3}
        and not names & {"text", "start", "path", "file", "sentence", "id"}
    ):
        looks = name.lower().startswith("metadata") or all(AUDIO.search(row[0]) for _, row in first)
        return "ljspeech" if looks or all(_is_name(row[0]) for _, row in first) else "table"
    return "table"


def _is_name(cell: str) -> bool:
    return bool(cell) and not re.search(r"\s", cell)


def lj_columns(first: Sequence[Row]) -> tuple[tuple[str, ...], str | None]:
    """Headers for a table of the LJSpeech kind, and a note where its third column was guessed.

    With three columns it is ``id|text|normalised``, or has a speaker in the middle or at the end: ids are
    short, without blanks, and come again.
    """
    table = [row for _, row in first]
    width = max((len(row) for row in table), default=2)
    name = "file" if any(AUDIO.search(row[0]) for row in table) else "id"
    if width < 3:
        return (name, "text"), None
    for place, order in ((1, (name, "speaker", "text")), (2, (name, "text", "speaker"))):
        cells = [row[place] for row in table if len(row) > place]
        if (
            len(cells) > 1
            and all(_is_name(cell) and len(cell) <= 40 for cell in cells)
            and len(set(cells)) < len(cells)
        ):
            return order, f"column {place + 1} is taken for the speaker; if it is not, give columns"
    return (name, "text", "normalized_text"), None


def common_voice_tables(folder: Path) -> list[Path]:
    """Tables of a folder of Common Voice: its splits first, what belongs to none later."""
    found = [folder / f"{name}.tsv" for name in COMMON_VOICE_ORDER]
    return [path for path in found if path.is_file()]


def clip_lengths(folder: Path) -> Mapping[str, int]:
    """Lengths in microseconds by the name of the clip, where ``clip_durations.tsv`` lies in the folder."""
    path = folder / LENGTHS
    if not path.is_file():
        return {}
    lengths: dict[str, int] = {}
    for _, cells in rows(path, Dialect("utf-8", "\t", has_quotes=False)):
        if len(cells) >= 2 and re.fullmatch(r"\d{1,12}", cells[1], re.ASCII):
            lengths[cells[0]] = int(cells[1]) * 1000
    return lengths
