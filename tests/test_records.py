"""Records refuse what breaks a rule, and go to JSON and back unchanged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.errors import RecordError
from speechlabel.records import Event, Recording, Segment, Speaker, Word, from_dict, new_id, to_dict

CONTROLS = [*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0)]
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, CONTROLS), "￾", "￿"]), max_size=12
)
names = st.lists(texts, max_size=3, unique=True).map(tuple)
pairs = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)).map(sorted)
spans = pairs | st.sampled_from([(None, None), (5, None), (None, 7)])
scores = st.none() | st.floats(0, 1)
words = st.builds(
    lambda word, span, score: Word(word=word, start_us=span[0], end_us=span[1], score=score),
    texts,
    spans,
    scores,
)
events = st.builds(
    lambda label, span, score: Event(label=label, start_us=span[0], end_us=span[1], score=score),
    texts,
    spans,
    scores,
)
segments = st.builds(
    lambda start, length, **rest: Segment(start_us=start, end_us=start + length, **rest),
    start=st.integers(0, 10**11),
    length=st.integers(1, 10**9),
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    channel=st.none() | st.integers(0, 7),
    kind=st.sampled_from(["speech", "noise", "event"]),
    text=st.none() | texts,
    speaker=st.none() | texts,
    noise_labels=names,
    tags=names,
    events=st.lists(events, max_size=2).map(tuple),
    is_valid=st.booleans(),
    fields=st.dictionaries(texts, texts, max_size=2),
    words=st.lists(words, max_size=3).map(tuple),
    status=st.sampled_from(["machine", "draft", "done", "unsure"]),
    is_locked=st.booleans(),
    confidence=scores,
    note=st.none() | texts,
    custom=st.dictionaries(
        texts, st.none() | st.booleans() | st.integers() | texts | st.lists(st.integers()), max_size=2
    ),
    version=st.integers(0, 9),
)
speakers = st.builds(
    Speaker,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    name=texts.filter(lambda name: bool(name.strip())),
    role=st.none() | texts,
    accent=st.none() | texts,
    gender=st.none() | st.sampled_from(["female", "male", "other"]),
    channel=st.none() | st.integers(0, 7),
    version=st.integers(0, 9),
)


@given(segments | speakers)
def test_from_dict_undoes_to_dict_through_json(record: Segment | Speaker) -> None:
    back = from_dict(type(record), json.loads(json.dumps(to_dict(record))))
    assert back == record
    assert back.version == record.version


def test_to_dict_leaves_defaults_out() -> None:
    segment = Segment(id="a", start_us=0, end_us=1, words=(Word(word="x", start_us=0),))
    assert to_dict(segment) == {
        "id": "a",
        "start_us": 0,
        "end_us": 1,
        "words": [{"word": "x", "start_us": 0}],
    }


def segment(**fields: Any) -> Segment:
    return Segment(**({"id": "a", "start_us": 0, "end_us": 10} | fields))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"id": ""}, "id"),
        ({"id": "-a"}, "id"),
        ({"id": "a b"}, "id"),
        ({"id": "你"}, "id"),
        ({"id": "a" * 201}, "id"),
        ({"id": "a\n"}, "id"),
        ({"start_us": -1}, "start_us"),
        ({"end_us": 0}, "end_us"),
        ({"end_us": -5}, "end_us"),
        ({"channel": -1}, "channel"),
        ({"kind": "talk"}, "kind"),
        ({"status": "ready"}, "status"),
        ({"confidence": 1.01}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
        ({"text": "a\x00"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"note": "\x85"}, "note"),
        ({"text": "x" * 100_001}, "text"),
        ({"noise_labels": ("a", "a")}, "noise_labels"),
        ({"tags": ("\x1b",)}, "tags"),
        ({"speaker": "x" * 501}, "speaker"),
        ({"fields": {"a": "\x07"}}, "fields.a"),
    ],
)
def test_a_broken_rule_names_the_field(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(RecordError) as caught:
        segment(**fields)
    assert caught.value.data["field"] == named
    assert named in str(caught.value)


def test_an_event_may_be_a_point_and_text_may_hold_tab_and_line_feed() -> None:
    assert segment(kind="event", end_us=0).duration_us == 0
    assert segment(text="a\tb\nc").text == "a\tb\nc"


@pytest.mark.parametrize(
    ("data", "named"),
    [
        ({"end_us": 1}, "start_us"),
        ({"start_us": 0, "end_us": 1.0}, "end_us"),
        ({"start_us": 0, "end_us": True}, "end_us"),
        ({"start_us": 0, "end_us": "1"}, "end_us"),
        ({"start_us": 0, "end_us": 1, "colour": "red"}, "colour"),
        ({"start_us": 0, "end_us": 1, "is_valid": 1}, "is_valid"),
        ({"start_us": 0, "end_us": 1, "text": 5}, "text"),
        ({"start_us": 0, "end_us": 1, "tags": "a"}, "tags"),
        ({"start_us": 0, "end_us": 1, "words": [{"start_us": 0}]}, "words[0].word"),
        ({"start_us": 0, "end_us": 1, "words": ["x"]}, "words"),
        ({"start_us": 0, "end_us": 1, "words": [{"word": "x"}, {"word": 5}]}, "words[1].word"),
        ({"start_us": 0, "end_us": 1, "words": [{"word": "x", "start_us": 1.0}]}, "words[0].start_us"),
        ({"start_us": 0, "end_us": 1, "words": [{"word": "x", "colour": 1}]}, "words[0].colour"),
        ({"start_us": 0, "end_us": 1, "events": [{"label": "x", "end_us": -1}]}, "events[0].end_us"),
        ({"start_us": 0, "end_us": 1, "confidence": "high"}, "confidence"),
        ({"start_us": 0, "end_us": 1, "fields": {"a": 1}}, "fields"),
        ({"start_us": 0, "end_us": 1, "custom": []}, "custom"),
        ({"start_us": 0, "end_us": 1, "kind": None}, "kind"),
    ],
)
def test_foreign_json_is_refused_by_field(data: dict[str, Any], named: str) -> None:
    with pytest.raises(RecordError) as caught:
        from_dict(Segment, data)
    assert caught.value.data["field"] == named


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"start_us": -1}, "start_us"),
        ({"end_us": -1}, "end_us"),
        ({"start_us": 2, "end_us": 1}, "end_us"),
        ({"start_us": 1.0}, "start_us"),
        ({"end_us": True}, "end_us"),
        ({"end_us": 2**53}, "end_us"),
        ({"score": float("nan")}, "score"),
        ({"score": float("inf")}, "score"),
    ],
)
def test_words_and_events_have_times_that_can_be(fields: dict[str, Any], named: str) -> None:
    for part in (lambda: Word(word="x", **fields), lambda: Event(label="x", **fields)):
        with pytest.raises(RecordError) as caught:
            part()
        assert caught.value.data["field"] == named


def test_words_may_be_points_untimed_and_outside_their_segment() -> None:
    # Engines give words without length; an edge that is moved leaves events where they were heard.
    timed = Word(word="x", start_us=20, end_us=20)
    kept = segment(
        words=(timed, Word(word="y", start_us=3), Word(word="z")), events=(Event(label="e", end_us=99),)
    )
    assert kept.words[0] == timed
    assert Word(word="x", start_us=0, end_us=2**53 - 1, score=-3.5).score == -3.5  # some score by logarithms


@pytest.mark.parametrize("name", ["role", "age_band", "accent", "language", "color"])
def test_what_is_said_of_a_speaker_can_be_written(name: str) -> None:
    for bad in ("a\x00", "x" * 501, "\ud800"):
        with pytest.raises(RecordError) as caught:
            Speaker(id="s", name="x", **{name: bad})
        assert caught.value.data["field"] == name
    with pytest.raises(RecordError, match="count from 0"):
        Speaker(id="s", name="x", channel=-1)


def test_speakers_need_a_name_and_a_known_gender() -> None:
    with pytest.raises(RecordError, match="is empty"):
        Speaker(id="s", name=" 　")
    with pytest.raises(RecordError, match="gender"):
        from_dict(Speaker, {"id": "s", "name": "x", "gender": "unknown"})


def test_new_ids_are_legal_and_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)
    assert segment(id=ids[0]).id == ids[0]


def test_a_recording_knows_its_length() -> None:
    recording = Recording(
        id="r", project_id="p", name="r.wav", path="r.wav", content_hash="0", size_bytes=1, modified_ns=0,
        container="WAV", codec="PCM_16", sample_rate=44_100, channels=2, n_frames=44_101,
    )  # fmt: skip
    assert recording.duration_us == 1_000_023
    with pytest.raises(RecordError):
        from_dict(Recording, to_dict(recording) | {"sample_rate": 0})
