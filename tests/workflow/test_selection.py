"""What stays out and why, and what to include where nothing would go out."""

from __future__ import annotations

from collections import Counter

import pytest

from speechlabel import formats
from speechlabel.errors import InputError
from speechlabel.records import Segment
from speechlabel.workflow.selection import INCLUDABLE, Selection, exclusion, lacking, remedy


def segment(**fields):
    return Segment(**({"start_us": 0, "end_us": 9, "text": "x", "status": "done"} | fields))


UNTOUCHED = segment(text=None, status="machine")


@pytest.mark.parametrize(
    ("format", "one", "wanted"),
    [
        ("rttm", UNTOUCHED, {"machine"}),
        ("native", UNTOUCHED, {"machine", "no_text"}),
        ("nemo", UNTOUCHED, set()),  # what nobody has transcribed is no example, whatever is asked
        ("nemo", segment(kind="event", end_us=0), set()),
        ("nemo", segment(kind="noise", is_valid=False), {"invalid", "not_speech"}),
        ("textgrid", UNTOUCHED, set()),
    ],
)
def test_what_a_segment_lacks_lets_it_in(format, one, wanted):
    writer = formats.get(format)
    assert lacking(one, writer) == wanted
    if wanted:
        assert exclusion(one, writer) in wanted
        assert exclusion(one, writer, wanted) is None
        for name in wanted:
            assert exclusion(one, writer, wanted - {name}) == name


def test_what_helps_the_most_is_advised():
    machine, draft = frozenset({"machine"}), frozenset({"draft", "no_text"})
    assert remedy(Counter({machine: 1, draft: 2, frozenset(): 9})) == ("draft", "no_text")
    assert remedy(Counter({machine: 2, draft: 2})) == ("machine",)
    assert remedy({frozenset(): 9}) == remedy({}) == ()


def test_all_is_every_reason_and_others_are_refused():
    assert Selection(include=frozenset({"all"})).include == set(INCLUDABLE)
    with pytest.raises(InputError, match="'typo' is not one of machine"):
        Selection(include=frozenset({"typo"}))
