"""Microseconds are exact for every rate from 8 to 192 kHz, and text goes out and comes back unchanged."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.timing import (
    format_seconds,
    format_timecode,
    samples_to_us,
    seconds_to_us,
    us_to_samples,
    us_to_seconds,
)

RATES = [
    8000,
    11025,
    12000,
    16000,
    22050,
    24000,
    32000,
    44056,
    44100,
    47999,
    48000,
    88200,
    96000,
    176400,
    192000,
]
TWO_DAYS_US = 2 * 86_400 * 1_000_000
times = st.integers(0, TWO_DAYS_US)


@given(st.integers(8000, 192_000), st.integers(0, 192_000 * 86_400))
def test_a_sample_finds_itself_again(rate: int, sample: int) -> None:
    assert us_to_samples(samples_to_us(sample, rate), rate) == sample


@pytest.mark.parametrize("rate", RATES)
def test_every_sample_of_a_second_finds_itself_again(rate: int) -> None:
    assert all(us_to_samples(samples_to_us(n, rate), rate) == n for n in range(rate + 2))


@given(st.integers(8000, 192_000), times, times)
def test_later_times_never_give_earlier_samples(rate: int, one: int, other: int) -> None:
    first, last = sorted((one, other))
    assert us_to_samples(first, rate) <= us_to_samples(last, rate)


@given(st.integers(8000, 192_000), times)
def test_the_nearest_sample_is_less_than_half_a_sample_away(rate: int, time_us: int) -> None:
    exact = Decimal(time_us) * rate / 1_000_000
    assert abs(us_to_samples(time_us, rate) - exact) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("time_us", "rate", "sample"),
    [
        (0, 8000, 0),
        (62, 8000, 0),
        (63, 8000, 1),
        (125, 8000, 1),
        (31, 16000, 0),
        (32, 16000, 1),
        (23, 44100, 1),
    ],
)
def test_rounding_is_half_up(time_us: int, rate: int, sample: int) -> None:
    assert us_to_samples(time_us, rate) == sample


@pytest.mark.parametrize(
    ("sample", "rate", "time_us"),
    [(1, 44_100, 23), (2, 44_100, 45), (3, 44_100, 68), (1, 64_000, 16), (3, 64_000, 47), (1, 192_000, 5)],
)
def test_a_sample_lies_at_the_nearest_microsecond(sample: int, rate: int, time_us: int) -> None:
    assert samples_to_us(sample, rate) == time_us


@given(times)
def test_six_decimals_are_exact(time_us: int) -> None:
    assert Decimal(format_seconds(time_us)) * 1_000_000 == time_us
    assert seconds_to_us(us_to_seconds(time_us)) == time_us
    assert Decimal(repr(us_to_seconds(time_us))) == Decimal(time_us) / 1_000_000


@given(st.integers(-TWO_DAYS_US, TWO_DAYS_US), st.integers(0, 6))
def test_fewer_decimals_round_half_up(time_us: int, decimals: int) -> None:
    unit = 10 ** (6 - decimals)
    error = Decimal(format_seconds(time_us, decimals=decimals)) * 1_000_000 - time_us
    assert -unit < 2 * error <= unit


@given(times)
def test_a_timecode_names_its_time(time_us: int) -> None:
    for separator in (".", ","):
        hours, minutes, seconds = format_timecode(time_us, decimals=6, separator=separator).split(":")
        assert len(minutes) == 2 and seconds.index(separator) == 2
        whole = int(hours) * 3_600 + int(minutes) * 60
        assert (whole + Decimal(seconds.replace(separator, "."))) * 1_000_000 == time_us


def test_timecode_forms() -> None:
    assert format_timecode(3_599_600_000) == "0:59:59.600"
    assert format_timecode(3_599_600_000, decimals=0) == "1:00:00"
    assert format_timecode(3_723_500_000, decimals=1) == "1:02:03.5"


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        seconds_to_us(seconds)
