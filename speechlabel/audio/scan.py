"""The one pass that prepares a recording: peaks, a playable copy, and whoever else wants to listen.

While it runs it counts the true length, the samples that are no numbers, each channel's level, and finds out
whether the channels carry different voices.  Memory does not grow with the recording.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from speechlabel.audio.atomic import appearing_sound
from speechlabel.audio.base import BLOCK_FRAMES, Decoder, Sound, fits_flac, to_int16
from speechlabel.audio.decode import open_audio
from speechlabel.audio.peaks import PeaksBuilder
from speechlabel.errors import AudioError
from speechlabel.records import Layout

__all__ = ["Consumer", "Scan", "scan"]

SAME = 0.95  # correlation of two channels that carry the same sound, whatever their levels
GRAM_CHANNELS = 8  # above this only channel 0 is compared with the others
ALL_BLOCKS = 16  # a minute at 16 kHz; after that one block in eight is enough to tell the layout
ONE_IN = 8


class Consumer(Protocol):
    """Whoever listens to the pass."""

    def feed(self, block: Sound) -> None:
        """Take the next block, float32 ``(frames, channels)``; it must not be changed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the pass found.

    Attributes
    ----------
    n_frames : int
        Counted.
    layout : {"mono", "dual_mono", "separate"}
        ``dual_mono``: all channels carry the same sound, so the mix is what to label.
    n_bad_samples : int
        NaN and infinite samples, taken as 0.
    """

    n_frames: int
    sample_rate: int
    channels: int
    layout: Layout
    n_bad_samples: int


def scan(
    path: Path,
    *,
    proxy_path: Path | None = None,
    peaks_path: Path | None = None,
    consumers: Sequence[Consumer] = (),
    progress: Callable[[float], None] | None = None,
) -> Scan:
    """Decode a recording once, from start to end.

    Parameters
    ----------
    proxy_path : Path, optional
        Write a 16-bit copy with an exact and cheap seek here: FLAC, or W64 where FLAC cannot hold it.
    peaks_path : Path, optional
        Write the peaks file here.
    progress : callable, optional
        Told the ratio done, 0–1, at most a hundred times.

    Raises
    ------
    AudioError
        The recording cannot be decoded to its end, or holds no sound.  No file is left behind.
    WorkspaceError
        A file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        decoder = stack.enter_context(open_audio(path))
        info = decoder.info
        peaks = PeaksBuilder(info.sample_rate, info.channels) if peaks_path else None
        levels = _Levels(info.channels)
        proxy = None
        if proxy_path:
            kind = "FLAC" if fits_flac(info.sample_rate, info.channels) else "W64"
            proxy = stack.enter_context(appearing_sound(proxy_path, info.sample_rate, info.channels, kind))
        tell = _Progress(decoder, progress)
        for block in decoder.blocks(max(1024, BLOCK_FRAMES // max(1, info.channels // 2))):
            if peaks:
                peaks.feed(block)
            if proxy:
                proxy.write(to_int16(block))
            levels.feed(block)
            for consumer in consumers:
                consumer.feed(block)
            tell.add(len(block))
        if levels.n_frames == 0:
            raise AudioError(path, "holds no sound (0 samples)")
        if peaks and peaks_path:
            peaks.write(peaks_path)
    tell.finish()
    return Scan(
        n_frames=levels.n_frames,
        sample_rate=info.sample_rate,
        channels=info.channels,
        layout=levels.layout(),
        n_bad_samples=decoder.n_bad_samples,
    )


class _Levels:
    """Energy of each channel and the products between channels, summed over what is sampled of the blocks."""

    def __init__(self, channels: int) -> None:
        self.n_frames = self._n_blocks = 0
        self._gram = np.zeros((channels if channels <= GRAM_CHANNELS else 1, channels))
        self._energy = np.zeros(channels)

    def feed(self, block: Sound) -> None:
        self.n_frames += len(block)
        self._n_blocks += 1
        weight = 1 if self._n_blocks <= ALL_BLOCKS else ONE_IN
        if self._n_blocks % weight:
            return
        sums = self._sums(block)
        if not np.isfinite(sums).all():  # samples beyond 1e15 or so; float64 has room for their squares
            sums = self._sums(block.astype(np.float64))
        self._gram += weight * sums
        if len(self._gram) == block.shape[1]:
            self._energy = self._gram.diagonal()
        else:
            self._energy += weight * np.einsum("ij,ij->j", block, block, dtype=np.float64)

    def _sums(self, block: NDArray[np.floating]) -> NDArray[np.floating]:
        with np.errstate(all="ignore"):
            return block[:, : len(self._gram)].T @ block

    def layout(self) -> Layout:
        """Channels are the same when each correlates with the first; a silent one is another lane."""
        if len(self._energy) == 1:
            return "mono"
        products = np.sqrt(self._energy[0]) * np.sqrt(self._energy)
        return "dual_mono" if (self._gram[0] >= SAME * products).all() and products.all() else "separate"


class _Progress:
    def __init__(self, decoder: Decoder, tell: Callable[[float], None] | None) -> None:
        self._expected = max(1, decoder.expected_frames)
        self._tell = tell
        self._done = self._percent = 0

    def add(self, n_frames: int) -> None:
        self._done += n_frames
        percent = min(99, 100 * self._done // self._expected)
        if self._tell and percent > self._percent:
            self._percent = percent
            self._tell(percent / 100)

    def finish(self) -> None:
        if self._tell:
            self._tell(1.0)
