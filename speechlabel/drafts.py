"""Segments by the million: the records of ``records``, under the same checks, made in a tenth of the time.

A frozen dataclass sets each field through ``object.__setattr__``; for a segment that takes longer than to
check it.  Here the fields are set in a twin of ``Segment`` that is not frozen, which then becomes one: Python
lets an object change to a class of the same slots.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from itertools import repeat
from operator import attrgetter
from typing import Any, cast

from speechlabel.records import Segment, from_dict, reading

__all__ = ["DEFAULTS", "columns_of", "segment_from", "segment_of", "segments_of"]

NAMES = tuple(item.name for item in dataclasses.fields(Segment))
# Of the fields that have one; ``id`` is left out: it is made anew each time.
DEFAULTS: dict[str, Any] = {
    item.name: {} if item.default_factory is dict else item.default
    for item in dataclasses.fields(Segment)
    if item.default is not dataclasses.MISSING or item.default_factory is dict
}


def _twin_fields() -> Iterator[tuple[str, Any, Any]]:
    for item in dataclasses.fields(Segment):
        if item.default_factory is not dataclasses.MISSING:
            yield item.name, Any, dataclasses.field(default_factory=item.default_factory)
        else:  # without a start or an end the checks raise TypeError, as a call without them does
            default = None if item.default is dataclasses.MISSING else item.default
            yield item.name, Any, dataclasses.field(default=default)


_Twin = dataclasses.make_dataclass("_Twin", _twin_fields(), slots=True, eq=False, repr=False)
_check = Segment.__post_init__


def segment_of(**fields: Any) -> Segment:  # noqa: ANN401 - fields of Segment
    """Make a segment: the same as ``Segment(**fields)``.

    Raises
    ------
    RecordError
        A rule is broken.
    """
    made: Any = _Twin(**fields)
    made.__class__ = Segment
    _check(made)
    return made


_plain, _names = reading(Segment)
_needed = frozenset(_names)
# Whether a text is a kind or a status, the segment's own checks tell.
_plain = _plain | {"kind": frozenset({str}), "status": frozenset({str})}


def segment_from(data: Mapping[str, Any]) -> Segment:
    """Make a segment of JSON values: the same as ``from_dict(Segment, data)``.

    Raises
    ------
    RecordError
        A key is unknown or missing, a value has the wrong type, or a rule is broken.
    """
    for name, value in data.items():
        if type(value) not in _plain.get(name, ()):
            return from_dict(Segment, data)
    return segment_of(**data) if data.keys() >= _needed else from_dict(Segment, data)


def columns_of(segments: Iterable[Segment]) -> dict[str, tuple[Any, ...]]:
    """Fields of some segments, name by name; those that have their default in all of them are left out."""
    rows = map(attrgetter(*NAMES), segments)
    columns = dict(zip(NAMES, zip(*rows, strict=True), strict=False))
    return {
        name: column
        for name, column in columns.items()
        if name not in DEFAULTS or column.count(DEFAULTS[name]) < len(column)
    }


def segments_of(columns: Mapping[str, Iterable[Any]], instead: Mapping[str, Any]) -> Iterator[Segment]:
    """Give the segments of ``columns_of``, which were checked when they were made.

    ``instead`` has fields that get one other, legal value in all of them.
    """
    values: dict[str, Any] = {**DEFAULTS, **instead}
    each = [
        columns[name] if name in columns and name not in instead else _always(values[name]) for name in NAMES
    ]
    for made in map(_Twin, *each):
        made.__class__ = Segment
        yield cast("Segment", made)


def _always(value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Give a value without end; to each its own dict."""
    return iter(dict[str, Any], None) if value == {} else repeat(value)
