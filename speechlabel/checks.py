"""Rules that fields of the records keep; each check raises ``RecordError`` with the field's name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import get_args

from speechlabel.errors import RecordError

__all__ = [
    "MAX_TEXT",
    "UNWRITABLE",
    "check_choice",
    "check_id",
    "check_labels",
    "check_names",
    "check_part",
    "check_text",
    "check_times",
    "check_unit",
]

# Tab and line feed may stand in text; other C0 and C1 controls and lone surrogates break XML, JSON or SQL.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff￾￿]")
MAX_TEXT = 100_000  # characters in one segment's text
LATEST_US = 2**53 - 1  # no browser counts further one by one


def check_text(record: str, name: str, value: str, *, max_length: int = MAX_TEXT) -> None:
    """Refuse text that XML, JSON or SQL could not carry."""
    if len(value) > max_length:
        raise RecordError(record, name, value, f"longer than {max_length} characters")
    # No sign that cannot be written can be printed, and Python knows that of a text much faster.
    if not value.isprintable() and (match := UNWRITABLE.search(value)):
        raise RecordError(record, name, value, f"holds the control character U+{ord(match.group()):04X}")


def check_id(record: str, name: str, value: str, pattern: re.Pattern[str]) -> None:
    """Refuse what is no id."""
    if not pattern.fullmatch(value):
        raise RecordError(
            record, name, value, "an id starts with a letter or digit and holds only A-Z a-z 0-9 _ . -"
        )


def check_choice(record: str, name: str, value: object, choices: object) -> None:
    """Refuse what is none of the values of a ``Literal``."""
    if value not in get_args(choices):
        raise RecordError(record, name, value, f"must be one of {', '.join(get_args(choices))}")


def check_unit(record: str, name: str, value: float | None) -> None:
    """Refuse a number outside 0 to 1."""
    if value is not None and not 0 <= value <= 1:
        raise RecordError(record, name, value, "must lie between 0 and 1")


def check_times(record: str, start_us: int, end_us: int, *, may_be_point: bool) -> None:
    """Refuse a stretch that starts before 0 or does not end after its start."""
    if start_us < 0:
        raise RecordError(record, "start_us", start_us, "starts before the recording")
    if end_us < start_us or (end_us == start_us and not may_be_point):
        raise RecordError(record, "end_us", end_us, f"must be after the start, {start_us}")


def check_names(record: str, name: str, values: tuple[str, ...]) -> None:
    """Refuse names of labels that stand twice or cannot be written."""
    if len(set(values)) != len(values):
        raise RecordError(record, name, values, "names a label twice")
    for value in values:
        check_text(record, name, value, max_length=200)


def check_labels(
    record: str, noise_labels: tuple[str, ...], tags: tuple[str, ...], fields: Mapping[str, str]
) -> None:
    """Refuse labels of a segment that stand twice or cannot be written."""
    check_names(record, "noise_labels", noise_labels)
    check_names(record, "tags", tags)
    for name, value in fields.items():
        check_text(record, f"fields.{name}", value)


def check_part(record: str, start_us: int | None, end_us: int | None, score: float | None) -> None:
    """Refuse times or a score that a word or an event cannot have; each may be unknown.

    The times need not lie inside the segment: an edge that is moved leaves events where they were heard.  Nor
    need they be in order: two segments that overlap may be joined.
    """
    for name, value in (("start_us", start_us), ("end_us", end_us)):
        if value is None:
            continue
        if type(value) is not int:
            raise RecordError(record, name, value, "must be a whole number of microseconds")
        if value < 0:
            raise RecordError(record, name, value, "lies before the recording")
        if value > LATEST_US:
            raise RecordError(record, name, value, f"is no time of a recording; the latest is {LATEST_US}")
    if start_us is not None and end_us is not None and end_us < start_us:
        raise RecordError(record, "end_us", end_us, f"must not be before the start, {start_us}")
    if score is not None and not math.isfinite(score):
        raise RecordError(record, "score", score, "must be a finite number")
