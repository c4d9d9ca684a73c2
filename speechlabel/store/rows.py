"""Records to rows of the tables and back.

Reading does not check again what was checked before it was written: 20,000 segments built through the
constructor of ``Segment`` cost three times as long as reading them from the disk (``benchmarks/bench_save``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Column, Table

from speechlabel.records import Event, Segment, Word, to_dict

__all__ = ["columns", "names", "plain", "record", "segments", "stored", "to_row"]

T = TypeVar("T")


@cache
def names(kind: type[Any]) -> tuple[str, ...]:
    """Names of a record's fields, which are the names of its columns."""
    return tuple(item.name for item in dataclasses.fields(kind))


def columns(table: Table, kind: type[Any]) -> list[Column[Any]]:
    """Columns of a table in the order of the record's fields."""
    return [table.c[name] for name in names(kind)]


def plain(value: Any) -> Any:  # noqa: ANN401 - any field of a record
    """JSON form of one field's value."""
    if isinstance(value, tuple):
        return [plain(item) for item in cast("tuple[Any, ...]", value)]
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    return value


def to_row(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any record
    """Column → value; an empty list or object becomes NULL."""
    return {name: stored(getattr(record, name)) for name in names(cast("type[Any]", type(record)))}


def stored(value: Any) -> Any:  # noqa: ANN401 - any field of a record
    """One field's value as its column holds it."""
    if isinstance(value, tuple | Mapping):
        return plain(cast("Any", value)) or None
    return value


def record(kind: type[T], row: Sequence[Any]) -> T:
    """Build a project, recording, transcript or speaker from its columns."""
    values = dict(zip(names(kind), row, strict=True))
    return kind(**{name: value for name, value in values.items() if value is not None})


def segments(rows: Iterable[Sequence[Any]]) -> list[Segment]:
    """Build segments from their columns, in the order of the rows."""
    return [_segment(row) for row in rows]


def _setters(kind: type[Any]) -> tuple[Callable[[Any, Any], None], ...]:
    return tuple(getattr(kind, name).__set__ for name in names(kind))


_SEGMENT, _WORD, _EVENT = _setters(Segment), _setters(Word), _setters(Event)
_PLACE = {name: place for place, name in enumerate(names(Segment))}
_LABELS = (_PLACE["noise_labels"], _PLACE["tags"])
_MAPPINGS = (_PLACE["fields"], _PLACE["custom"])
_EVENTS, _WORDS = _PLACE["events"], _PLACE["words"]


def _segment(row: Sequence[Any]) -> Segment:
    values = list(row)
    for place in _LABELS:
        values[place] = tuple(values[place] or ())
    for place in _MAPPINGS:
        values[place] = values[place] or {}
    # Most segments have neither: a generator that gives nothing costs as much as five fields.
    events, words = values[_EVENTS], values[_WORDS]
    values[_EVENTS] = tuple(_timed(Event, _EVENT, "label", item) for item in events) if events else ()
    values[_WORDS] = tuple(_timed(Word, _WORD, "word", item) for item in words) if words else ()
    segment = object.__new__(Segment)
    for put, value in zip(_SEGMENT, values, strict=True):
        put(segment, value)
    return segment


def _timed(
    kind: type[T], setters: tuple[Callable[[Any, Any], None], ...], first: str, item: Mapping[str, Any]
) -> T:
    """Build a word or event, whose fields are a text, two times and a score."""
    put_text, put_start, put_end, put_score = setters  # unrolled: there are ten of these to a segment
    made = object.__new__(kind)
    get = item.get
    put_text(made, item[first])
    put_start(made, get("start_us"))
    put_end(made, get("end_us"))
    put_score(made, get("score"))
    return made
