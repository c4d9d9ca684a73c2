"""Which segments go out, by what they are; what stays in is counted by reason."""

import pytest

from speechlabel.errors import InputError
from speechlabel.records import Segment
from speechlabel.workflow.export import Selection, plan
from speechlabel.workflow.filtering import Filter, same_text
from tests.audio.sounds import noise, write

SPEECH = [
    Segment(id="a", start_us=0, end_us=200_000, text="Hello, there!", status="done", language="en"),
    Segment(
        id="b", start_us=200_000, end_us=900_000, text="hello there", status="done", noise_labels=("noise",)
    ),
    Segment(
        id="c",
        start_us=900_000,
        end_us=1_000_000,
        text="你好。",
        status="done",
        language="zh-CN",
        tags=("far",),
    ),
    Segment(id="d", start_us=1_000_000, end_us=1_100_000, text="你好", status="done", language="zh"),
    Segment(id="e", start_us=1_200_000, end_us=1_900_000, text="", status="done"),
]


@pytest.fixture
def labelled(desk, tmp_path):
    [id] = desk.take(write(tmp_path / "one.wav", noise(32_000)))
    desk.label(id, *SPEECH)
    return desk


def chosen(desk, **asked):
    made = plan(desk.workspace, desk.project, "native", Selection(filter=Filter(**asked)))
    return [segment.id for _, segments in made.bundle.stream() for segment in segments], made.excluded


@pytest.mark.parametrize(
    ("asked", "kept", "reason"),
    [
        ({"labels": frozenset({"noise", "far"})}, ["b", "c"], "other_label"),
        ({"without": frozenset({"noise"})}, ["a", "c", "d"], "unwanted_label"),
        ({"languages": frozenset({"zh"})}, ["c", "d"], "other_language"),
        ({"languages": frozenset({"en"})}, ["a", "b"], "other_language"),
        ({"shortest_us": 200_000}, ["a", "b"], "too_short"),
        ({"longest_us": 200_000}, ["a", "c", "d"], "too_long"),
        ({"speakers": frozenset({"Anna"})}, [], "other_speaker"),
        ({"distinct": "text"}, ["a", "c"], "duplicate"),
    ],
)
def test_what_is_not_wanted_is_counted_by_reason(labelled, asked, kept, reason):
    found, excluded = chosen(labelled, **asked)
    assert found == kept
    assert excluded == {"no_text": 1, reason: 4 - len(kept)}


def test_nothing_is_asked_for_at_first(labelled):
    assert chosen(labelled) == (["a", "b", "c", "d"], {"no_text": 1})
    assert not Filter() and Filter(shortest_us=1)


def test_the_snapshot_says_what_was_asked_for(labelled):
    selection = Selection(filter=Filter(languages=frozenset({"zh", "en"}), distinct="text"))
    made = plan(labelled.workspace, labelled.project, "native", selection)
    assert made.snapshot["filter"] == {"languages": ["en", "zh"], "distinct": "text"}


def test_texts_are_the_same_but_for_case_blanks_and_signs():
    assert same_text("Hello, there!") == same_text("hello  THERE") != same_text("hello here")
    assert same_text("Ｈello") == same_text("hello"), "full width"
    assert same_text("...") != same_text("?!")
    assert same_text("a", "Anna") != same_text("a", "Bea")


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="length"):
        Filter(shortest_us=2, longest_us=1)
    with pytest.raises(InputError, match="distinct"):
        Filter(distinct="words")
