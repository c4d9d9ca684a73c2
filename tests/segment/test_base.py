from dataclasses import dataclass
from typing import ClassVar

import pytest

from speechlabel.errors import OptionError
from speechlabel.segment.base import Span, check_options, describe_options, option, parse_options


@dataclass(frozen=True)
class Options:
    wait_ms: int = option(100, unit="ms", min=0, max=500, help="Wait this long.")
    share: float = option(0.5, unit="", min=0, max=1, help="A share.")

    def __post_init__(self):
        check_options(self)


class Example:
    name: ClassVar[str] = "example"
    Options: ClassVar[type] = Options


def test_options_are_described_for_a_form():
    assert describe_options(Example) == [
        {
            "name": "wait_ms",
            "type": "int",
            "default": 100,
            "unit": "ms",
            "min": 0,
            "max": 500,
            "help": "Wait this long.",
        },
        {
            "name": "share",
            "type": "float",
            "default": 0.5,
            "unit": "",
            "min": 0,
            "max": 1,
            "help": "A share.",
        },
    ]


@pytest.mark.parametrize(
    "values, wanted",
    [
        ({}, Options()),
        ({"wait_ms": "300"}, Options(wait_ms=300)),
        ({"wait_ms": 300.0, "share": " 0.25 "}, Options(wait_ms=300, share=0.25)),
        ({"share": 1}, Options(share=1.0)),
        ({"wait_ms": "1e2"}, Options()),
    ],
)
def test_texts_and_numbers_are_read(values, wanted):
    parsed = parse_options(Example, values)
    assert parsed == wanted
    assert isinstance(parsed.wait_ms, int)


@pytest.mark.parametrize(
    "values, words",
    [
        ({"wait_ms": "501"}, "'wait_ms': 501 is not between 0 and 500 ms"),
        ({"wait_ms": -1}, "between 0 and 500 ms"),
        ({"wait_ms": "2.5"}, "whole number of ms"),
        ({"wait_ms": "soon"}, "not a number"),
        ({"wait_ms": None}, "not a number"),
        ({"share": "nan"}, "not between 0 and 1"),
        ({"share": "inf"}, "not between 0 and 1"),
        ({"shares": 1}, "has no such option; it has wait_ms, share"),
    ],
)
def test_a_wrong_option_is_named_with_its_range(values, words):
    with pytest.raises(OptionError, match=words):
        parse_options(Example, values)


@pytest.mark.parametrize("value", [True, "100", None, float("nan")])
def test_options_made_directly_are_checked_too(value):
    with pytest.raises(OptionError, match="wait_ms"):
        Options(wait_ms=value)


def test_spans_sort_by_time():
    assert sorted([Span(5, 6), Span(1, 9), Span(1, 2)]) == [Span(1, 2), Span(1, 9), Span(5, 6)]
