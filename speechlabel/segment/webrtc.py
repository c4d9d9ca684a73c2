"""Speech by WebRTC's voice activity detector, steadied by its neighbours and by the level above the noise.

The detector alone (https://github.com/wiseman/py-webrtcvad) calls much noise speech and lets speech run on
after its end.  Here its answers on 30 ms frames count only where the level between 200 and 2,000 Hz stands
out of the noise floor.  Their mean over a context goes through two thresholds; both are low, because the
detector is set to its strictest and its gaps have to be bridged.  The result is moved a little earlier,
because detector and context answer late, and its edges are drawn in to the nearest loud frame.
``benchmarks/eval_segmenters.py`` scores it beside the bare detector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import soxr
import webrtcvad
from numpy.typing import NDArray

from speechlabel.audio.base import to_int16
from speechlabel.errors import OptionError
from speechlabel.segment.base import Samples, Span, option
from speechlabel.segment.shape import (
    Grid,
    ShapeOptions,
    hysteresis,
    majority,
    moving_mean,
    running_floor,
    runs,
    shape,
    shift,
    snap,
)
from speechlabel.timing import samples_to_us

__all__ = ["WebrtcOptions", "WebrtcSegmenter"]

RATE = 16_000  # Hz: what the detector is given
HOP = 160  # samples in a frame of the result, 10 ms
VAD_FRAME = 480  # samples the detector decides on, 30 ms
LEVEL_FRAME = 320  # samples of one spectrum, 20 ms
STEP = 960  # samples that hold whole frames of both
PIECE = 64 * STEP  # samples worked on at once: what fits a cache is four times as fast in numpy's FFT
FIRST_BIN, LAST_BIN = 4, 40  # 200 to 2,000 Hz in bins of 50 Hz: voice without hum and hiss
FLOOR_MS = 5_000  # the noise floor looks this far to both sides
FLOOR_PERCENT = 20  # of frames are taken as noise
SNAP_MS = 100


@dataclass(frozen=True, kw_only=True)
class WebrtcOptions(ShapeOptions):
    """Options of the WebRTC segmenter."""

    mode: int = option(
        3,
        unit="",
        min=0,
        max=3,
        help="How strict the detector is: 3 drops most noise; 2 finds more faint speech, and more noise.",
    )
    context_ms: int = option(
        200, unit="ms", min=30, max=1000, help="Each moment is judged by this much around it."
    )
    on: float = option(
        0.3, unit="", min=0.01, max=1, help="Speech starts when this share of the context is speech."
    )
    off: float = option(
        0.2, unit="", min=0, max=1, help="Speech ends when less than this share is; at most 'on'."
    )
    above_noise_db: float = option(
        2.0, unit="dB", min=0, max=40, help="Speech is louder than the noise floor by this much."
    )
    range_db: float = option(
        38.0, unit="dB", min=10, max=120, help="Speech is at most this much quieter than the loud parts."
    )
    earlier_ms: int = option(
        20, unit="ms", min=0, max=200, help="Move all earlier by this: the detector answers late."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.off > self.on:
            raise OptionError("off", f"{self.off} is above 'on', {self.on}")


class WebrtcSegmenter:
    """WebRTC's detector with level gate, context and shaping; the default."""

    name: ClassVar[str] = "webrtc"
    title: ClassVar[str] = "WebRTC voice activity"
    Options: ClassVar[type[WebrtcOptions]] = WebrtcOptions

    def __init__(self, options: WebrtcOptions | None = None) -> None:
        self.options = options or WebrtcOptions()

    def open(self, sample_rate: int) -> _Stream:
        """Start listening to one channel at ``sample_rate`` Hz; any rate."""
        return _Stream(self.options, sample_rate)


class _Stream:
    """Keeps two numbers for each 20–30 ms: 3 MB for three hours."""

    def __init__(self, options: WebrtcOptions, sample_rate: int) -> None:
        self._options = options
        self._rate = sample_rate
        self._n_samples = 0  # at the channel's own rate
        # LQ: the detector looks at nothing above 4 kHz, and its own resampler is far coarser.
        self._resampler = (
            None
            if sample_rate == RATE
            else soxr.ResampleStream(sample_rate, RATE, 1, "float32", quality="LQ")
        )
        self._vad: Any = webrtcvad.Vad(options.mode)
        self._rest = np.empty(0, np.float32)
        self._speech: list[NDArray[np.bool_]] = []
        self._power: list[NDArray[np.float32]] = []

    def feed(self, samples: Samples) -> None:
        """Take the next samples."""
        self._n_samples += len(samples)
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(np.ascontiguousarray(samples))
        self._listen(samples)

    def close(self) -> list[Span]:
        """Give the spans."""
        if self._resampler is not None:
            self._listen(self._resampler.resample_chunk(np.empty(0, np.float32), last=True))
        if self._n_samples == 0:
            return []
        self._listen(np.zeros(-len(self._rest) % STEP, np.float32))
        power = np.repeat(np.concatenate(self._power), LEVEL_FRAME // HOP)
        speech = np.repeat(np.concatenate(self._speech), VAD_FRAME // HOP)
        level_db = 10 * np.log10(power + np.float32(1e-12))
        return self._decide(speech, level_db)

    def _listen(self, samples: Samples) -> None:
        if len(self._rest):
            samples = np.concatenate([self._rest, samples])
        whole = len(samples) // STEP * STEP
        for start in range(0, whole, PIECE):
            self._judge(samples[start : min(start + PIECE, whole)])
        self._rest = samples[whole:].copy()

    def _judge(self, samples: Samples) -> None:
        """Ask the detector, and measure the band's power, for whole frames."""
        pcm = to_int16(samples).view(np.uint8).data
        ask = self._vad.is_speech
        size = 2 * VAD_FRAME
        answers = [ask(pcm[at : at + size], RATE) for at in range(0, len(pcm), size)]
        self._speech.append(np.array(answers, np.bool_))
        # Neighbours are added, twice: a spectrum of a quarter of the samples, without what lies above 2 kHz.
        pairs = samples[::2] + samples[1::2]
        quarter = (pairs[::2] + pairs[1::2]).reshape(-1, LEVEL_FRAME // 4)
        band = np.fft.rfft(quarter)[:, FIRST_BIN:LAST_BIN].view(np.float32)
        self._power.append(np.einsum("ij,ij->i", band, band) / np.float32(LEVEL_FRAME**2))

    def _decide(self, speech: NDArray[np.bool_], level_db: NDArray[np.float32]) -> list[Span]:
        options = self._options
        grid = Grid(HOP, RATE, samples_to_us(self._n_samples, self._rate))
        floor = running_floor(level_db, grid.frames(FLOOR_MS), FLOOR_PERCENT)
        loudest = float(np.percentile(level_db, 95))
        loud = (level_db >= floor + options.above_noise_db) & (level_db >= loudest - options.range_db)
        score = moving_mean(speech & loud, max(1, grid.frames(options.context_ms)))
        found = runs(hysteresis(score, options.on, options.off))
        found = shift(found, -grid.frames(options.earlier_ms), len(level_db))
        found = snap(found, majority(loud), grid.frames(SNAP_MS))
        return shape(found, level_db, options, grid)
