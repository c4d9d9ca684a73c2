from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.errors import ParseError
from speechlabel.formats.native import lines
from speechlabel.records import Segment
from speechlabel.timing import us_to_seconds

from .conftest import recording, segment

MICROSECONDS = st.integers(0, 10**13)  # to 115 days


def parse(text, kind=lines.parse_segment):
    return kind(orjson.loads(text), Path("x.jsonl"), 7)


def line(**changes):
    whole = {
        "schema": "speechlabel.segment/1.0",
        "id": "a",
        "recording_id": "r",
        "start": 0.5,
        "end": 1.5,
    } | changes
    return orjson.dumps({key: value for key, value in whole.items() if value is not ...})


@given(MICROSECONDS)
def test_seconds_have_six_decimals_and_come_back_as_the_same_microsecond(time_us):
    written = orjson.dumps(us_to_seconds(time_us))
    exact = Decimal(written.decode())
    assert exact * 1_000_000 == time_us
    assert round(orjson.loads(written) * 1_000_000) == time_us


@given(MICROSECONDS, st.integers(1, 10**12))
def test_a_line_brings_its_times_back_exactly(start_us, length_us):
    before = segment("a", start_us, start_us + length_us)
    written = orjson.dumps(lines.segment_line(before, recording(), None, None))
    data = orjson.loads(written)
    assert Decimal(repr(data["end"])) - Decimal(repr(data["start"])) == Decimal(repr(data["duration"]))
    assert parse(written).segment == before


def test_names_are_those_of_the_manifest_and_absent_says_nothing():
    plain = lines.segment_line(segment("a", 0, 1_000_000), recording(), None, None)
    assert list(plain) == [
        *("schema", "id", "recording_id", "recording_duration", "sample_rate", "start", "end", "duration"),
        *("kind", "is_valid", "status"),
    ]
    assert None not in plain.values()
    assert "sampling_rate" not in plain


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"colour": "red"}, "colour", "unknown key"),
        ({"version": 3}, "version", "unknown key"),
        ({"start_us": 500_000}, "start_us", "says start, in seconds"),
        ({"words": [{"word": "x", "end_us": 1}]}, "end_us", "in seconds"),
        ({"words": [{"word": "x", "prob": 1}]}, "words[0].prob", "unknown key"),
        (
            {"words": [{"word": "x"}, {"word": "y", "start": 2, "end": 1}]},
            "words[1].end_us",
            "before the start",
        ),
        ({"events": [{"label": "x", "start": -1}]}, "events[0].start_us", "before the recording"),
        ({"start": ...}, "start", "is missing"),
        ({"id": ...}, "id", "is missing"),
        ({"start": True}, "start", "number of seconds"),
        ({"start": -0.5}, "start_us", "before the recording"),
        ({"end": 0.5}, "end_us", "after the start"),
        ({"end": 1e300}, "end", "not a time"),
        ({"duration": 0.99}, "duration", "end - start is 1.0"),
        ({"text": "a\x07b"}, "text", "control character"),
        ({"kind": "shout"}, "kind", "must be one of"),
        ({"schema": "speechlabel.segment/2.0"}, "schema", "speechlabel.segment/1.0"),
        ({"schema": ...}, "schema", "must be"),
    ],
)
def test_a_wrong_key_is_named_with_its_line(changes, key, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        parse(line(**changes))
    assert caught.value.data["line"] == 7
    assert caught.value.data["reason"].startswith(f"{key}: ")


def test_a_later_minor_version_is_read():
    assert parse(line(schema="speechlabel.segment/1.7")).segment == segment("a", 500_000, 1_500_000)


def test_only_a_line_feed_ends_a_line(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"a":"\xe2\x80\xa8\xc2\x85"}\r\n\n{"b":1}')
    found = list(lines.read_lines(file))
    assert found == [(0, 1, {"a": "\u2028\u0085"}), (19, 3, {"b": 1})]


@pytest.mark.parametrize(
    "text", ["[1]", '{"a":', "NaN", '{"a": "\\ud800"}', '{"c":' + "[" * 101 + "]" * 101 + "}"]
)
def test_what_is_not_one_sound_object_is_refused(tmp_path, text):
    (tmp_path / "x.jsonl").write_text('{"fine":1}\n' + text + "\n")
    with pytest.raises(ParseError) as caught:
        list(lines.read_lines(tmp_path / "x.jsonl"))
    assert caught.value.data["line"] == 2


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 100)
    (tmp_path / "x.jsonl").write_text('{"a":"' + "x" * 1000)
    with pytest.raises(ParseError, match="longer than 100 bytes"):
        list(lines.read_lines(tmp_path / "x.jsonl"))


def test_labelled_stretches_are_checked():
    text = orjson.dumps(lines.recording_line(recording(), None, ()))
    for wrong in (
        '[{"start":2,"end":1}]',
        '[{"start":1}]',
        '[{"start":0,"end":1,"x":2}]',
        '[{"start":0,"end":1,"channel":-1}]',
    ):
        broken = text.replace(b'"labelled":[]', b'"labelled":' + wrong.encode())
        assert broken != text
        with pytest.raises(ParseError, match="labelled"):
            parse(broken, lines.parse_recording)


def test_every_label_of_a_segment_has_a_place_in_its_line():
    places = {*lines.LABELS, "id", "channel", *lines.TIMES}
    assert places == set(Segment.__dataclass_fields__) - {"version"}
