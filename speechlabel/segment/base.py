"""What a segmenter is, and how its options are described, parsed and checked.

A segmenter listens to one channel as a stream of blocks and answers with spans.  To add one: write a class
with ``name``, ``title``, ``Options`` and ``open``, register it under ``speechlabel.segmenters``, and run
``speechlabel.testing.SegmenterContract`` on it.
"""

from __future__ import annotations

import dataclasses
import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from speechlabel.errors import OptionError

__all__ = [
    "Samples",
    "Segmenter",
    "Span",
    "Stream",
    "check_options",
    "describe_options",
    "option",
    "parse_options",
]

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of speech ``[start_us, end_us)`` in microseconds from the start of the recording."""

    start_us: int
    end_us: int


class Stream(Protocol):
    """One channel being listened to."""

    def feed(self, samples: Samples) -> None:
        """Take the next samples, float32 ``(n,)``, any n; they are not changed and not kept."""
        ...

    def close(self) -> list[Span]:
        """Give all spans: ascending, not overlapping, inside the audio.  Ends the stream."""
        ...


class Segmenter(Protocol):
    """Finds speech.  The same options and samples give the same spans, however they are cut into blocks."""

    name: ClassVar[str]
    title: ClassVar[str]
    Options: ClassVar[type[Any]]

    def __init__(self, options: Any | None = None) -> None:  # noqa: ANN401 - each has its own Options
        ...

    def open(self, sample_rate: int) -> Stream:
        """Start listening to one channel at ``sample_rate`` Hz."""
        ...


def option(default: float, *, unit: str, min: float, max: float, help: str) -> Any:  # noqa: ANN401
    """Declare a numeric field of an ``Options`` dataclass with what a person has to know about it."""
    return dataclasses.field(default=default, metadata={"unit": unit, "min": min, "max": max, "help": help})


def describe_options(segmenter: type[Segmenter]) -> list[dict[str, Any]]:
    """List a segmenter's options: name, type (``int`` or ``float``), default, unit, min, max, help."""
    kinds = typing.get_type_hints(segmenter.Options)
    return [
        {
            "name": item.name,
            "type": kinds[item.name].__name__,
            "default": item.default,
            **item.metadata,
        }
        for item in dataclasses.fields(segmenter.Options)
    ]


def parse_options(segmenter: type[Segmenter], values: Mapping[str, str | float]) -> Any:  # noqa: ANN401
    """Make a segmenter's ``Options`` from texts or numbers, as a form or a command line has them.

    Raises
    ------
    OptionError
        Unknown option, not a number, or out of range; the message names the range and the unit.
    """
    described = {item["name"]: item for item in describe_options(segmenter)}
    parsed: dict[str, float] = {}
    for name, value in values.items():
        if name not in described:
            raise OptionError(name, f"{segmenter.name} has no such option; it has {', '.join(described)}")
        parsed[name] = _parse(described[name], value)
    return segmenter.Options(**parsed)


def check_options(options: Any) -> None:  # noqa: ANN401 - any Options dataclass
    """Raise ``OptionError`` for a field that is no number or out of range; call it in ``__post_init__``."""
    for item in dataclasses.fields(options):
        _check_range({"name": item.name, **item.metadata}, getattr(options, item.name))


def _parse(described: dict[str, Any], value: str | float) -> float:
    name, unit = described["name"], described["unit"]
    try:
        number = float(value)
        if described["type"] == "int":
            if not number.is_integer():
                raise OptionError(name, f"{value!r} must be a whole number of {unit}")
            number = int(number)
    except (ValueError, TypeError, OverflowError) as error:
        raise OptionError(name, f"{value!r} is not a number of {unit}") from error
    _check_range(described, number)
    return number


def _check_range(described: Mapping[str, Any], value: object) -> None:
    low, high, unit = described["min"], described["max"], described["unit"]
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not low <= typing.cast("float", value) <= high:
        raise OptionError(described["name"], f"{value!r} is not between {low} and {high} {unit}".rstrip())
