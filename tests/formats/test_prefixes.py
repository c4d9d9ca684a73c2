import pytest

from speechlabel.errors import OptionError
from speechlabel.formats.prefixes import Prefixes


def test_a_name_counts_where_two_labels_have_it():
    labels = [
        "Ann: hi",
        "Ann: yes",
        "Note: once",
        "Bob : ok",
        "Bob: no",
        "at 10:30 we go",
        "http://x: y",
        "plain",
    ]
    assert list(Prefixes().recognise(labels)) == [
        ("Ann", "hi"),
        ("Ann", "yes"),
        (None, "Note: once"),
        ("Bob", "ok"),
        ("Bob", "no"),
        (None, "at 10:30 we go"),
        (None, "http://x: y"),
        (None, "plain"),
    ]


def test_brackets_and_full_width_colons_are_names_too():
    labels = [
        "[SPEAKER_01]: hi",
        "[laugh] no",
        "张三：你好",
        "张三：再见",
        "Ann:\nnext line",
        "Ann: ",
        "007: x",
        "007: y",
    ]
    assert [name for name, _ in Prefixes().recognise(labels)] == [
        *("SPEAKER_01", None, "张三", "张三", "Ann", "Ann", None, None)
    ]


def test_a_sentence_is_no_name():
    labels = [
        "Well, look: it is",
        "Well, look: it was",
        "I want to say one thing: a",
        "I want to say one thing: b",
    ]
    assert [name for name, _ in Prefixes().recognise(labels)] == [None] * 4


def test_a_template_of_ones_own_is_taken_apart_as_it_was_put_together():
    own = Prefixes("({speaker}) {text}")
    labels = [own.join("Ann", "hi"), own.join("Ann", "yes {x}"), own.join(None, "no")]
    assert labels == ["(Ann) hi", "(Ann) yes {x}", "no"]
    assert list(own.recognise(labels)) == [("Ann", "hi"), ("Ann", "yes {x}"), (None, "no")]
    assert list(Prefixes("{text}").recognise(["Ann: a", "Ann: b"])) == [(None, "Ann: a"), (None, "Ann: b")]
    with pytest.raises(OptionError, match="must hold"):
        Prefixes("{speaker}")
