import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.formats.times import on_grid, parse_time
from speechlabel.timing import format_seconds

TIME = st.integers(0, 10**8)


@given(TIME, st.integers(1, 10**7), st.sampled_from([1, 10, 100, 1000]), st.integers(1, 10**7))
def test_a_stretch_lands_on_the_grid_and_keeps_a_length(start, length, step, room):
    limit = start + length + room - 1
    a, b = on_grid(start, start + length, step, limit)
    assert a % step == b % step == 0
    assert 0 <= a < b
    assert b <= max(limit, step)
    assert abs(a - start) < 2 * step and abs(b - start - length) < 2 * step


@given(TIME, st.integers(5000, 10**6), st.integers(5000, 10**6))
def test_neighbours_that_touch_still_touch(start, first, second):
    middle = start + first
    assert on_grid(start, middle, 1000)[1] == on_grid(middle, middle + second, 1000)[0]


def test_a_point_stays_a_point():
    assert on_grid(1_499, 1_499, 1000, 10_000) == (1000, 1000)


@given(st.integers(-(10**15), 10**15))
def test_decimal_seconds_are_exact(time_us):
    assert parse_time(format_seconds(time_us)) == time_us


@pytest.mark.parametrize(
    ("text", "time_us"), [("1e-3", 1000), (".5", 500_000), ("5.", 5_000_000), ("+7%", 70_000)]
)
def test_other_ways_to_write_a_number(text, time_us):
    assert parse_time(text) == time_us


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1,5", "0x1", "1_0", "１", "1e999999999", "1e10", "9" * 50, "1 "]
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="seconds"):
        parse_time(text)
