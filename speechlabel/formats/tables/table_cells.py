"""Cells of tables as values of records: times in any writing, lists, yes and no."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

import orjson

from speechlabel.errors import RecordError
from speechlabel.formats.jsonfile import clean, is_list, is_object, plain, time_us
from speechlabel.formats.times import PLAIN, parse_time
from speechlabel.records import Event, Word

__all__ = ["Unit", "cell_text", "guess_unit", "names_of", "object_of", "parts_of", "time_of", "truth_of"]

Unit = Literal["auto", "s", "ms", "timecode"]
CODE = re.compile(r"([+-]?)(?:(\d{1,6}):)?(\d{1,6}):(\d{1,6})(?:[.,](\d{1,9}))?")
WITH_UNIT = re.compile(r"([+-]?[\d.,]+)\s*(ms|s|sec|秒|毫秒)", re.I)
TRUE = {"true", "yes", "y", "1", "t", "是", "有效", "wahr", "vrai"}
FALSE = {"false", "no", "n", "0", "f", "否", "无效", "falsch", "faux"}
SHORTEST_MS = 50  # whole numbers that lie this far apart are milliseconds: nobody labels in steps of 50 s


def cell_text(value: object) -> str:
    """Cell of a typed table as a table of text would have it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime.timedelta):
        return f"{value.total_seconds()!r}s"
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        return f"{seconds!r}s"
    if isinstance(value, list | dict):
        return orjson.dumps(plain(cast("object", value))).decode()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def time_of(cell: str, unit: str) -> int | None:
    """Microseconds of a cell in seconds, milliseconds or as ``[H:]MM:SS.mmm``; None where it is empty.

    Raises
    ------
    ValueError
        It is no time.
    """
    if unit == "s" and PLAIN.fullmatch(cell):  # as nearly all are
        return parse_time(cell)
    text = cell.strip()
    if not text or text.lower() in ("nan", "none", "null", "na", "n/a", "-"):
        return None
    if (code := CODE.fullmatch(text)) is not None:
        sign, hours, minutes, seconds, part = code.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        value = parse_time(f"{whole}.{part or 0}")
        return -value if sign == "-" else value
    if (said := WITH_UNIT.fullmatch(text)) is not None:
        text, unit = said[1], "ms" if said[2].lower() in ("ms", "毫秒") else "s"
    if unit == "timecode":
        raise ValueError(f"{text!r:.80} is not a time such as 00:01:02.5")
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")  # as German and French tables have it
    if text.endswith("%"):
        raise ValueError(f"{text!r:.80} is not a time")
    value = (
        parse_time(text) if unit != "ms" else parse_time(f"{text}e-3" if "e" not in text.lower() else text)
    )
    return value


def guess_unit(times: Sequence[tuple[str, str]]) -> str:
    """``ms`` where all of these are whole numbers and far apart, else ``s``.

    Parameters
    ----------
    times : start and end (or "" and a length) of some rows, as they are written
    """
    gaps: list[int] = []
    for start, end in times:
        if not re.fullmatch(r"\s*\d*\s*", start) or not re.fullmatch(r"\s*\d+\s*", end):
            if start.strip() or end.strip():
                return "s"
            continue
        gaps.append(int(end[:30]) - int(start[:30] or 0))
    gaps.sort()
    return "ms" if gaps and gaps[len(gaps) // 2] >= SHORTEST_MS else "s"


def truth_of(cell: str) -> bool | None:
    """Whether a cell says yes; None where it says neither."""
    word = cell.strip().lower()
    return True if word in TRUE else False if word in FALSE else None


def _json(cell: str) -> object:
    try:
        return cast("object", orjson.loads(cell))
    except orjson.JSONDecodeError:
        return None


def names_of(cell: str) -> tuple[str, ...]:
    """Labels in a cell: a JSON list, or words between ``;``, ``|`` or commas; none of them twice."""
    value = _json(cell) if cell.lstrip().startswith("[") else None
    found = [str(item) for item in value] if is_list(value) else re.split(r"[;|,，；]", cell)
    return tuple(dict.fromkeys(clean(name).strip()[:200] for name in found if name.strip()))


def object_of(cell: str) -> Mapping[str, Any] | None:
    """Object that a cell holds as JSON, or None."""
    value = _json(cell)
    return plain(value) if is_object(value) else None


def parts_of(cell: str, kind: type[Word] | type[Event]) -> tuple[Any, ...] | None:
    """Words or events that a cell holds as JSON, times in seconds; None where it does not."""
    value = _json(cell)
    if not is_list(value):
        return None
    name = "word" if kind is Word else "label"
    made: list[Any] = []
    for item in value:
        if (
            not is_object(item)
            or not isinstance(item.get(name), str)
            or item.keys() - {name, "start", "end", "score"}
        ):
            return None
        try:
            times = {"start_us": time_us(item.get("start")), "end_us": time_us(item.get("end"))}
            made.append(kind(**{name: item[name]}, **times, score=item.get("score")))  # pyright: ignore[reportArgumentType]
        except (RecordError, ValueError, TypeError):
            return None
    return tuple(made)
