"""Time: integer microseconds inside; samples, seconds and timecodes at the border.

This is the only file that divides by a sample rate.  A microsecond grid is exact both ways for every
rate from 8 to 192 kHz: one sample at 192 kHz lasts 5.2 µs, so rounding a sample's time to the nearest
microsecond and back always finds the same sample (``tests/test_timing.py`` proves it).

Floats never identify a time.  ``seconds`` gives the decimal text that files carry.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

__all__ = [
    "MICROSECOND",
    "format_seconds",
    "format_timecode",
    "now",
    "samples_to_us",
    "seconds_to_us",
    "us_to_samples",
    "us_to_seconds",
]

MICROSECOND = 1_000_000  # microseconds in a second


def now() -> str:
    """Return the time of day in UTC, as ISO 8601 with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def samples_to_us(n_samples: int, sample_rate: int) -> int:
    """Time of sample ``n_samples``, rounded half up to the nearest microsecond."""
    return (2 * n_samples * MICROSECOND + sample_rate) // (2 * sample_rate)


def us_to_samples(time_us: int, sample_rate: int) -> int:
    """Index of the sample nearest to ``time_us``, rounded half up."""
    return (2 * time_us * sample_rate + MICROSECOND) // (2 * MICROSECOND)


def seconds_to_us(seconds: float) -> int:
    """Nearest microsecond to a float of seconds; refuses NaN and infinities with ``ValueError``."""
    if not math.isfinite(seconds):
        raise ValueError(f"{seconds} is not a time")
    return round(seconds * MICROSECOND)


def us_to_seconds(time_us: int) -> float:
    """Seconds as the float nearest to the exact value; ``repr`` of it has at most six decimals."""
    return time_us / MICROSECOND


def format_seconds(time_us: int, *, decimals: int = 6) -> str:
    """Seconds as decimal text with exactly ``decimals`` places (0–6), rounded half up."""
    quantum = 10 ** (6 - decimals)
    units = (2 * time_us + quantum) // (2 * quantum)
    if decimals == 0:
        return str(units)
    scale = 10**decimals
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), scale)
    return f"{sign}{whole}.{part:0{decimals}d}"


def format_timecode(time_us: int, *, separator: str = ".", decimals: int = 3) -> str:
    """``H:MM:SS.mmm``, rounded half up; hours are not padded."""
    text = format_seconds(time_us, decimals=decimals)
    whole, _, part = text.partition(".")
    minutes, seconds = divmod(int(whole), 60)
    hours, minutes = divmod(minutes, 60)
    tail = f"{separator}{part}" if decimals else ""
    return f"{hours}:{minutes:02d}:{seconds:02d}{tail}"
