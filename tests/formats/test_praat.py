import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.errors import ParseError
from speechlabel.formats.linguists.praat import Tokens, quoted


def tokens(text):
    return Tokens(text, Path("x"))


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_what_is_quoted_comes_back(text):
    found = tokens(f"text = {quoted(text)} \n 7")
    assert found.string("it") == text
    assert found.count("the end") == 7


def test_only_what_stands_free_counts():
    found = tokens(
        'File type = "ooTextFile"\nxmin1 = 2.5 ! xmax = 9 "x"\nitem[3]: [4]: tiers? <exists> a"b 5%\n-1e-3'
    )
    assert found.string("type") == "ooTextFile"
    assert found.time("xmin") == 2_500_000
    assert found.flag("tiers") == "exists"
    assert found.time("percent") == 50_000
    assert (found.time("negative"), found.line) == (-1_000, 4)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file ends where it should be"),
        ('"x"', "should be a number, not 'x'"),
        ("1,5", "is not a number"),
        ("0x10", "is not a number"),
        ('"open', "not closed"),
        ('"one"two" 1', "not closed, or not doubled"),
    ],
)
def test_a_wrong_token_says_what_was_wanted(text, reason):
    with pytest.raises(ParseError, match=reason):
        tokens(text).time("it")


def test_a_quote_that_is_never_closed_takes_no_more_memory_than_its_text():
    hostile = '"' + "a" * 2_000_000
    tracemalloc.start()
    with pytest.raises(ParseError, match="not closed"):
        tokens(hostile).time("it")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


def test_a_megabyte_of_anything_is_read_once():
    for hostile in (
        '"' * 1_000_001,
        '"a' * 500_000,
        "<" * 1_000_000,
        "1" * 1_000_000,
        "a" * 1_000_000,
        " " * 1_000_000,
    ):
        with pytest.raises(ParseError):
            tokens(hostile).time("it")


def test_an_interval_is_taken_at_once_or_not_at_all():
    found = Tokens('xmin = 0.5\nxmax = 1 ! 2\n text = "a ""b"""\n"c" 1 2 3 2 1 "d" 1 1e99 "e"', Path("x"))
    assert found.interval() == (500_000, 1_000_000, 'a "b"')
    assert found.line == 1
    assert found.interval() is None  # a string comes first
    assert found.string("a string") == "c"
    assert found.line == 4
    assert found.interval() is None  # three numbers
    assert [found.time("a time") for _ in range(3)] == [1_000_000, 2_000_000, 3_000_000]
    assert found.interval() is None  # the end lies before the start
    assert [found.time("a time") for _ in range(2)] == [2_000_000, 1_000_000]
    assert found.string("a string") == "d"
    assert found.interval() is None  # no time
    assert found.time("a time") == 1_000_000
