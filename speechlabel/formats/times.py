"""Times on a coarser grid, and times out of foreign text."""

from __future__ import annotations

import re
from decimal import Decimal

from speechlabel.timing import MICROSECOND

__all__ = ["PLAIN", "on_grid", "parse_clock", "parse_time"]

NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,3})?", re.ASCII)
PLAIN = re.compile(r"([0-9]{1,9})\.([0-9]{1,6})")  # seconds as they are mostly written
LATEST = 1_000_000_000  # seconds
CLOCK = re.compile(r"(-)?(?:(?:(\d{1,5}):)?(\d{1,5}):)?(\d{1,5})(?:[.,:](\d{1,9}))?", re.ASCII)


def on_grid(start_us: int, end_us: int, step_us: int, limit_us: int = 0) -> tuple[int, int]:
    """Round a stretch to multiples of ``step_us``: each end by itself, so that neighbours still touch.

    A stretch never vanishes: it keeps at least one step.  Nothing passes ``limit_us`` (0: no limit) but
    in a recording shorter than a step.
    """
    start = (2 * start_us + step_us) // (2 * step_us) * step_us
    end = (2 * end_us + step_us) // (2 * step_us) * step_us
    shortest = step_us if end_us > start_us else 0
    end = max(end, start + shortest)
    if limit_us:
        end = min(end, max(limit_us // step_us, 1) * step_us)
        start = min(start, end - shortest)
    return start, end


def parse_time(text: str) -> int:
    """Microseconds, half even, of a decimal number of seconds such as ``1.25``, ``1e-3`` or ``5%``.

    Raises
    ------
    ValueError
        It is not a finite number, or beyond a billion seconds.
    """
    if plain := PLAIN.fullmatch(text):  # nearly all are
        return int(plain[1]) * MICROSECOND + int(plain[2].ljust(6, "0"))
    number = text.removesuffix("%")
    if not NUMBER.fullmatch(number):
        raise ValueError(f"{text!r:.80} is not a number of seconds")
    seconds = Decimal(number) / (100 if number != text else 1)
    if abs(seconds) > LATEST:
        raise ValueError(f"{text!r:.80} is too large for a time in seconds")
    return int((seconds * MICROSECOND).to_integral_value())


def parse_clock(text: str) -> int:
    """Microseconds of ``(H:)MM:SS(.mmm)``; a comma or a colon may stand for the point.

    Raises
    ------
    ValueError
        It is no such time.
    """
    match = CLOCK.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r:.80} is not a time")
    sign, hours, minutes, seconds, part = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds)
    found = whole * 1_000_000 + int(((part or "") + "000000")[:6])
    return -found if sign else found
