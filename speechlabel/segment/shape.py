"""From a score for each frame to spans: hysteresis, gaps, short pieces, padding and long pieces.

Pure functions on frame arrays.  ``Runs`` is a pair of int arrays, starts and ends (half-open, in frames),
ascending and not overlapping.  Nothing here loops over frames in Python.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speechlabel.segment.base import Span, check_options, option
from speechlabel.timing import samples_to_us

__all__ = [
    "Grid",
    "Runs",
    "ShapeOptions",
    "close_gaps",
    "drop_short",
    "hysteresis",
    "majority",
    "moving_mean",
    "pad",
    "running_floor",
    "runs",
    "shape",
    "shift",
    "snap",
    "split_long",
]

SHORTEST_CUT_MS = 500  # no piece of a long segment is shorter than this
VERY_LONG = 16  # times the longest that is wanted

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Runs = tuple[Ints, Ints]


@dataclass(frozen=True, kw_only=True)
class ShapeOptions:
    """How spans are shaped, whoever found them."""

    pad_before_ms: int = option(
        40, unit="ms", min=0, max=2000, help="Keep this much before each stretch of speech."
    )
    pad_after_ms: int = option(
        40, unit="ms", min=0, max=2000, help="Keep this much after each stretch of speech."
    )
    min_speech_ms: int = option(
        150, unit="ms", min=0, max=10_000, help="Leave out speech shorter than this, such as clicks."
    )
    min_silence_ms: int = option(
        200, unit="ms", min=0, max=10_000, help="Join speech across a silence shorter than this."
    )
    max_speech_s: float = option(
        20.0, unit="s", min=1, max=3600, help="Cut longer segments at their quietest point."
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class Grid:
    """What turns frames into times.

    Attributes
    ----------
    hop : int, in samples from one frame to the next
    sample_rate : int, in Hz
    end_us : int
        Length of the audio; no span passes it.
    """

    hop: int
    sample_rate: int
    end_us: int

    def frames(self, ms: float) -> int:
        """Give the number of frames nearest to a duration in milliseconds."""
        return round(ms * self.sample_rate / (1000 * self.hop))

    def spans(self, found: Runs) -> list[Span]:
        """Give the times of frames, cut to the audio."""
        times = [
            [min(samples_to_us(int(frame) * self.hop, self.sample_rate), self.end_us) for frame in side]
            for side in found
        ]
        return [Span(start, end) for start, end in zip(*times, strict=True) if end > start]


def shape(found: Runs, level_db: Floats, options: ShapeOptions, grid: Grid) -> list[Span]:
    """Bring raw stretches of speech into the form that the options ask for."""
    found = close_gaps(found, grid.frames(options.min_silence_ms))
    found = drop_short(found, grid.frames(options.min_speech_ms))
    before, after = grid.frames(options.pad_before_ms), grid.frames(options.pad_after_ms)
    found = pad(found, before, after, len(level_db))
    longest = grid.frames(1000 * options.max_speech_s)
    return grid.spans(split_long(found, level_db, longest, grid.frames(SHORTEST_CUT_MS)))


def snap(found: Runs, loud: Flags, frames: int) -> Runs:
    """Move starts forward and ends back to the nearest loud frame, where one is within ``frames``."""
    starts, ends = found
    at = np.flatnonzero(loud)
    if len(at) == 0 or len(starts) == 0:
        return found
    after = at[np.minimum(np.searchsorted(at, starts), len(at) - 1)]
    before = at[np.maximum(np.searchsorted(at, ends) - 1, 0)] + 1
    starts = np.where((after >= starts) & (after - starts <= frames), after, starts)
    ends = np.where((before <= ends) & (ends - before <= frames), before, ends)
    kept = ends > starts
    return starts[kept], ends[kept]


def moving_mean(values: NDArray[np.generic], width: int) -> Floats:
    """Mean over ``width`` frames around each frame; at the ends over those that there are."""
    n, before, after = len(values), (width - 1) // 2, width // 2
    padded = np.zeros(n + width, np.float64)
    padded[before + 1 : before + 1 + n] = values
    sums = np.cumsum(padded, out=padded)
    means = ((sums[width:] - sums[:-width]) / width).astype(np.float32)
    for edge in (np.arange(min(before, n)), np.arange(max(0, n - after), n)):
        there = np.minimum(edge + after + 1, n) - np.maximum(edge - before, 0)
        totals = sums[edge + width] - sums[edge]
        means[edge] = totals / there
    return means


def majority(flags: Flags) -> Flags:
    """Of each frame and its two neighbours, what most are; outside is false."""
    padded = np.concatenate([[False], flags, [False]])
    left, right = padded[:-2], padded[2:]
    return (flags & (left | right)) | (left & right)


def running_floor(level_db: Floats, frames: int, percent: float) -> Floats:
    """Noise floor: a low percentile of the level within ``frames`` of each frame.

    Taken once every ``frames`` and drawn straight between, so that it costs little.
    """
    n = len(level_db)
    centres = np.arange(0, n + frames, frames)
    values = [
        _low(level_db[max(0, centre - frames) : centre + frames], percent)
        for centre in np.minimum(centres, max(0, n - 1)).tolist()
    ]
    return np.interp(np.arange(n), centres, values).astype(np.float32)


def _low(values: Floats, percent: float) -> float:
    rank = int(len(values) * percent / 100)
    return float(np.partition(values, rank)[rank]) if len(values) else 0.0


def hysteresis(score: Floats, on: float, off: float) -> Flags:
    """Speech starts where the score reaches ``on`` and goes on until it falls below ``off``."""
    decided = (score >= on) | (score < off)
    last = np.maximum.accumulate(np.where(decided, np.arange(len(score), dtype=np.int32), np.int32(-1)))
    return (last >= 0) & (score[last] >= on)


def runs(flags: Flags) -> Runs:
    """List the starts and ends of the stretches of true frames."""
    steps = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    return np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)


def shift(spans: Runs, frames: int, n_frames: int) -> Runs:
    """Move all by ``frames`` and keep what stays inside ``[0, n_frames)``."""
    starts, ends = (np.clip(side + frames, 0, n_frames) for side in spans)
    kept = ends > starts
    return starts[kept], ends[kept]


def close_gaps(spans: Runs, frames: int) -> Runs:
    """Join neighbours less than ``frames`` apart."""
    starts, ends = spans
    if len(starts) < 2:
        return spans
    wide = starts[1:] - ends[:-1] >= frames
    return starts[np.concatenate([[True], wide])], ends[np.concatenate([wide, [True]])]


def drop_short(spans: Runs, frames: int) -> Runs:
    """Leave out what is shorter than ``frames``."""
    starts, ends = spans
    kept = ends - starts >= frames
    return starts[kept], ends[kept]


def pad(spans: Runs, before: int, after: int, n_frames: int) -> Runs:
    """Widen each, within ``[0, n_frames)``; in a gap too narrow for both paddings they meet in proportion."""
    starts, ends = spans
    if len(starts) == 0 or before + after == 0:
        return spans
    gaps = starts[1:] - ends[:-1]
    narrow = gaps < before + after
    share = np.where(narrow, gaps * after // (before + after), after)
    new_ends = np.concatenate([ends[:-1] + share, [min(int(ends[-1]) + after, n_frames)]])
    new_starts = np.where(narrow, new_ends[:-1], starts[1:] - before)
    return np.concatenate([[max(int(starts[0]) - before, 0)], new_starts]), new_ends


def split_long(spans: Runs, level_db: Floats, longest: int, shortest: int) -> Runs:
    """Cut what is longer than ``longest`` at its quietest frame, again and again.

    A cut keeps ``shortest`` (at most a third of ``longest``) from both ends and prefers the middle among
    points that are about as quiet: a frame at the edge of the allowed stretch counts 6 dB louder.  What is
    very long is first cut into parts of which none is less than a quarter: taken off piece by piece, a day of
    sound that only gets louder would take hours.
    """
    starts: list[int] = []
    ends: list[int] = []
    margin = max(1, min(shortest, longest // 3))
    waiting = [(int(start), int(end)) for start, end in zip(*spans, strict=True)][::-1]
    while waiting:
        start, end = waiting.pop()
        if end - start <= max(longest, 2 * margin):
            starts.append(start)
            ends.append(end)
            continue
        spared = margin if end - start <= VERY_LONG * longest else (end - start) // 4
        part = level_db[start + spared : end - spared]
        cost = moving_mean(part, 5) + 6.0 * np.abs(np.linspace(-1.0, 1.0, len(part), dtype=np.float32))
        cut = start + spared + int(np.argmin(cost))
        waiting += [(cut, end), (start, cut)]
    return np.array(starts, np.int64), np.array(ends, np.int64)
