"""Segments that are made fast are the ones that are made slowly, and refused for the same reasons."""

from dataclasses import fields

import pytest

from speechlabel import drafts
from speechlabel.checks import UNWRITABLE
from speechlabel.errors import RecordError
from speechlabel.records import Event, Segment, Word, from_dict

FULL = {
    "id": "a",
    "channel": 1,
    "start_us": 5,
    "end_us": 9,
    "kind": "noise",
    "text": "今天 x",
    "language": "zh",
    "speaker": "li",
    "noise_labels": ["door"],
    "tags": ["t"],
    "events": [{"label": "cough", "start_us": 6}],
    "is_valid": False,
    "invalid_reason": "loud",
    "fields": {"dialect": "x"},
    "words": [{"word": "今天", "score": 0.5}],
    "status": "done",
    "is_locked": True,
    "confidence": 1,
    "note": "n",
    "tier": "T",
    "parent_id": "p",
    "custom": {"x": [1]},
    "version": 3,
}
LEAST = {"id": "a", "start_us": 0, "end_us": 1}
WRONG = [
    {"id": "-"},
    {"start_us": -1},
    {"end_us": 5, "start_us": 5},
    {"channel": -1},
    {"kind": "shout"},
    {"kind": ["speech"]},
    {"status": "x"},
    {"confidence": 1.5},
    {"text": "a\x07"},
    {"text": "x" * 100_001},
    {"note": "\x9f"},
    {"speaker": "s" * 501},
    {"language": "\x00"},
    {"invalid_reason": "\x00"},
    {"tier": "\x00"},
    {"parent_id": "\x00"},
    {"noise_labels": ["a", "a"]},
    {"tags": ["\x00"]},
    {"fields": {"a": "\x00"}},
    {"fields": {"a": 1}},
    {"words": [{"word": "x", "end_us": -1}]},
    {"events": [{}]},
    {"start_us": 0.5},
    {"is_valid": 1},
    {"colour": "red"},
]


def told(call):
    with pytest.raises(RecordError) as caught:
        call()
    return caught.value.data


@pytest.mark.parametrize("data", [FULL, LEAST, FULL | {"kind": "event", "end_us": 5}])
def test_the_same_segment_is_made(data):
    wanted = from_dict(Segment, data)
    values = {item.name: getattr(wanted, item.name) for item in fields(Segment)}
    for made in (drafts.segment_from(data), drafts.segment_of(**values)):
        assert type(made) is Segment
        assert made == wanted
        assert {name: getattr(made, name) for name in values} == values
        assert repr(made) == repr(wanted)


@pytest.mark.parametrize("wrong", WRONG)
def test_the_same_is_refused(wrong):
    data = LEAST | wrong
    refused = told(lambda: drafts.segment_from(data))
    wanted = told(lambda: from_dict(Segment, data))
    assert [refused[key] for key in ("field", "value", "reason")] == [
        wanted[key] for key in ("field", "value", "reason")
    ]


@pytest.mark.parametrize("missing", ["start_us", "end_us"])
def test_what_must_be_told_is_missed(missing):
    data = {name: value for name, value in LEAST.items() if name != missing}
    assert told(lambda: drafts.segment_from(data))["field"] == missing
    with pytest.raises(TypeError):
        drafts.segment_of(**data)


def test_a_segment_made_fast_cannot_be_changed_and_has_what_is_its_own():
    first, other = (drafts.segment_of(start_us=0, end_us=1) for _ in range(2))
    assert first.id != other.id
    assert first.custom is not other.custom
    with pytest.raises(AttributeError):
        first.text = "x"  # pyright: ignore[reportAttributeAccessIssue]


def test_fields_by_columns_come_back_as_segments():
    plain = Segment(id="b", start_us=1, end_us=2)
    full = from_dict(Segment, FULL)
    odd = Segment(id="c", start_us=0, end_us=2, words=(Word(word="x"),), events=(Event(label="y"),))
    assert list(drafts.columns_of([plain, plain])) == ["id", "start_us", "end_us"]
    for segments in ([plain], [plain, full], [full, plain, odd]):
        columns = drafts.columns_of(segments)
        found = list(drafts.segments_of(columns, {}))
        assert found == segments
        assert [item.version for item in found] == [item.version for item in segments]
        mixed = list(drafts.segments_of(columns, {"channel": None}))
        assert [item.channel for item in mixed] == [None] * len(segments)
        assert [item.text for item in mixed] == [item.text for item in segments]


def test_nothing_that_cannot_be_written_can_be_printed():
    """The shorter test that texts are put to first lets nothing pass."""
    unwritable = [sign for sign in map(chr, range(0x110000)) if UNWRITABLE.search(sign)]
    assert len(unwritable) > 2000
    assert not any(sign.isprintable() for sign in unwritable)
