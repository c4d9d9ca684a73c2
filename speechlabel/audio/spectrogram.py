"""Spectrogram: how strong each frequency is over time, in tiles of bytes that the page colours.

Power is averaged over as many windows as a column covers, so that no sound between two columns is missed,
and over the frequencies that a row covers.  A byte is half a decibel: 0 is -120 dB re full scale (a sine of
amplitude 1 is 0 dB) or less, 240 is 0 dB.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from speechlabel.audio.base import Decoder, Sound
from speechlabel.audio.pcm import pick_channel
from speechlabel.errors import ChangedError, NotFoundError

__all__ = ["COLUMNS", "LEVELS", "ROWS", "View", "spectrogram_tile"]

Scale = Literal["linear", "log", "mel"]

COLUMNS = 256  # in a tile
ROWS = 192
LEVELS = 10
FIRST_STEP_US = 500  # between columns at level 0; each next level has twice that
FLOOR_DB = -120.0
BYTES_PER_DB = 2
BATCH = 1 << 21  # samples transformed at once: some tens of megabytes
LOWEST_HZ = 50.0  # where the logarithmic scale begins
WINDOWS_US = (5_000, 10_000, 25_000, 50_000)  # 5 ms shows glottal pulses and formants, 25 ms harmonics
TOPS_HZ = (4_000, 5_500, 8_000, 12_000, 24_000)
SCALES: tuple[Scale, ...] = get_args(Scale)


@dataclass(frozen=True, slots=True)
class View:
    """What a person chose to see.

    Raises
    ------
    NotFoundError
        A value is none of those offered: few are, so that browsers keep what they have.
    """

    scale: Scale
    window_us: int
    top_hz: int

    def __post_init__(self) -> None:
        if self.scale not in SCALES or self.window_us not in WINDOWS_US or self.top_hz not in TOPS_HZ:
            hint = f"scales {SCALES}, windows {WINDOWS_US} µs, highest frequencies {TOPS_HZ} Hz"
            raise NotFoundError("spectrogram", f"{self.scale}-{self.window_us}-{self.top_hz}", hint=hint)


def spectrogram_tile(
    decoder: Decoder, view: View, channel: int | None, level: int, index: int, n_frames_total: int
) -> bytes:
    """Give a tile: ``COLUMNS`` columns of ``ROWS`` bytes, the lowest frequency first.

    Column ``i`` of all shows the time from ``i`` to ``i + 1`` steps of ``500 * 2**level`` µs.  Columns past
    the end of the recording are zero.

    Parameters
    ----------
    channel : int or None
        None is the mean of all.
    n_frames_total : int
        Counted length of the recording.

    Raises
    ------
    NotFoundError
        There is no such level, tile or channel.
    ChangedError
        The file has become shorter than ``n_frames_total``.
    """
    rate = decoder.info.sample_rate
    step = FIRST_STEP_US * 2**level * rate / 1e6 if 0 <= level < LEVELS else 0.0  # samples in a column
    first = index * COLUMNS
    n_columns = min(COLUMNS, int(np.ceil(n_frames_total / step)) - first) if step else 0
    if index < 0 or n_columns <= 0:
        raise NotFoundError("spectrogram tile", f"{level}/{index}")
    length = max(8, round(view.window_us * rate / 1e6))
    per_column = max(1, int(np.ceil(step / (length / 2))))  # windows half a window apart or closer
    parts = (np.arange(n_columns * per_column) + 0.5) / per_column
    starts = np.round((first + parts) * step).astype(np.int64) - length // 2
    begin = int(starts[0])
    sound = _around(decoder, channel, begin, int(starts[-1]) + length, n_frames_total)
    starts = (starts - begin).reshape(n_columns, per_column)
    size = _fft_size(length)
    rows = _rows(view.scale, view.top_hz, size, rate)
    at_once = max(1, BATCH // (per_column * size))
    tile = np.zeros((COLUMNS, ROWS), np.uint8)
    for column in range(0, n_columns, at_once):
        some = starts[column : column + at_once]
        power = _power(sound, some.reshape(-1), length, size).reshape(*some.shape, -1).mean(axis=1) @ rows
        tile[column : column + len(some)] = _bytes(power)
    return tile.tobytes()


def _around(decoder: Decoder, channel: int | None, start: int, end: int, n_frames_total: int) -> Sound:
    """Read samples ``start`` to ``end`` of one channel, with silence outside the recording."""
    inner = max(0, start), min(end, n_frames_total)
    found = pick_channel(decoder.read(inner[0], inner[1] - inner[0]), channel)
    if len(found) < inner[1] - inner[0]:
        raise ChangedError(decoder.path, "is shorter than when it was taken in")
    return np.pad(found, (inner[0] - start, end - inner[1]))


def _fft_size(length: int) -> int:
    """Twice the window at least: zeros added make rows between the bins smooth."""
    return 1 << (2 * length - 1).bit_length()


def _power(sound: Sound, starts: NDArray[np.int64], length: int, size: int) -> NDArray[np.float32]:
    """Power by frequency of each window, ``(windows, size / 2 + 1)``; a sine of amplitude 1 peaks at 1."""
    window = np.hanning(length + 2)[1:-1].astype(np.float32)
    window *= 2 / window.sum()
    frames = np.lib.stride_tricks.sliding_window_view(sound, length)[starts]
    spectrum = np.fft.rfft(frames * window, size)
    return np.square(np.abs(spectrum)).astype(np.float32, copy=False)


def _bytes(power: NDArray[np.float32]) -> NDArray[np.uint8]:
    decibels: NDArray[np.float32] = 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10)))
    return np.round((decibels - FLOOR_DB) * BYTES_PER_DB).clip(0, 255).astype(np.uint8)


@lru_cache(maxsize=32)
def _rows(scale: Scale, top_hz: int, size: int, rate: int) -> NDArray[np.float32]:
    """Make weights ``(bins, ROWS)`` that average the power between a row's edges; zero past half the rate."""
    bins = np.fft.rfftfreq(size, 1 / rate)
    edges = _edges(scale, float(top_hz))
    # The area under the line through the bins, taken between two edges, is linear in the bins' powers.
    areas = np.concatenate([np.zeros((1, len(bins))), np.cumsum(_trapezoids(len(bins)), axis=0)])
    at = np.interp(edges, bins, np.arange(len(bins)))
    below = np.floor(at).astype(int).clip(0, len(bins) - 2)
    part = at - below
    upto = areas[below]
    upto[np.arange(len(at)), below] += part - part**2 / 2
    upto[np.arange(len(at)), below + 1] += part**2 / 2
    widths = np.maximum(np.diff(at), 1e-9)
    return (np.diff(upto, axis=0) / widths[:, None]).T.astype(np.float32)


def _trapezoids(n_bins: int) -> NDArray[np.float64]:
    """Row ``i``: the area between bins ``i`` and ``i + 1`` by the powers of all bins."""
    areas = np.zeros((n_bins - 1, n_bins))
    steps = np.arange(n_bins - 1)
    areas[steps, steps] = areas[steps, steps + 1] = 0.5
    return areas


def _edges(scale: Scale, top_hz: float) -> NDArray[np.float64]:
    """Return the edges of the rows in Hz, ``(ROWS + 1,)``, rising."""
    if scale == "log":
        return np.geomspace(LOWEST_HZ, top_hz, ROWS + 1)
    if scale == "mel":  # O'Shaughnessy, Speech Communication (1987), as in HTK
        mels = np.linspace(0, 2_595 * math.log10(1 + top_hz / 700), ROWS + 1)
        return 700 * (np.power(10.0, mels / 2_595) - 1)
    return np.linspace(0, top_hz, ROWS + 1)
