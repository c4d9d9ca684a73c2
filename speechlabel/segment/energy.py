"""Speech by level alone: what stands out of the noise floor.

For quiet rooms, for sounds that are no speech, and as the example of a second segmenter: a class, an
``Options`` dataclass and a line in the registry.  The level is ``librosa.feature.rms``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from speechlabel.errors import OptionError
from speechlabel.segment.base import Samples, Span, option
from speechlabel.segment.shape import Grid, ShapeOptions, hysteresis, moving_mean, running_floor, runs, shape
from speechlabel.timing import samples_to_us

__all__ = ["EnergyOptions", "EnergySegmenter"]

FRAMES_PER_SECOND = 100
FLOOR_MS = 5_000
FLOOR_PERCENT = 10


@dataclass(frozen=True, kw_only=True)
class EnergyOptions(ShapeOptions):
    """Options of the energy segmenter."""

    on_db: float = option(
        6.0, unit="dB", min=0, max=80, help="Sound starts when it is this much above the noise floor."
    )
    off_db: float = option(
        4.0, unit="dB", min=0, max=80, help="Sound ends when it is less than this above it; at most 'on_db'."
    )
    range_db: float = option(
        35.0, unit="dB", min=10, max=120, help="Sound is at most this much quieter than the loud parts."
    )
    context_ms: int = option(
        60, unit="ms", min=10, max=1000, help="The level is averaged over this much around each moment."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.off_db > self.on_db:
            raise OptionError("off_db", f"{self.off_db} is above 'on_db', {self.on_db}")


class EnergySegmenter:
    """Level above the noise floor, with two thresholds."""

    name: ClassVar[str] = "energy"
    title: ClassVar[str] = "Level above the noise"
    Options: ClassVar[type[EnergyOptions]] = EnergyOptions

    def __init__(self, options: EnergyOptions | None = None) -> None:
        self.options = options or EnergyOptions()

    def open(self, sample_rate: int) -> _Stream:
        """Start listening to one channel at ``sample_rate`` Hz; any rate."""
        return _Stream(self.options, sample_rate)


class _Stream:
    def __init__(self, options: EnergyOptions, sample_rate: int) -> None:
        self._options = options
        self._rate = sample_rate
        self._hop = max(1, round(sample_rate / FRAMES_PER_SECOND))
        self._n_samples = 0
        self._rest = np.empty(0, np.float32)
        self._rms: list[NDArray[np.float32]] = []

    def feed(self, samples: Samples) -> None:
        """Take the next samples."""
        self._n_samples += len(samples)
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // self._hop * self._hop
        self._measure(samples[:whole])
        self._rest = samples[whole:]

    def close(self) -> list[Span]:
        """Give the spans."""
        if self._n_samples == 0:
            return []
        self._measure(np.pad(self._rest, (0, -len(self._rest) % self._hop)))
        options = self._options
        grid = Grid(self._hop, self._rate, samples_to_us(self._n_samples, self._rate))
        level_db = 20 * np.log10(np.concatenate(self._rms) + np.float32(1e-6))
        level_db = moving_mean(level_db, max(1, grid.frames(options.context_ms)))
        floor = running_floor(level_db, grid.frames(FLOOR_MS), FLOOR_PERCENT)
        least = float(np.percentile(level_db, 95)) - options.range_db
        above = level_db - np.maximum(floor, least - options.off_db)
        found = runs(hysteresis(above, max(options.on_db, 1e-3), max(options.off_db, 1e-3)))
        return shape(found, level_db, options, grid)

    def _measure(self, samples: Samples) -> None:
        if len(samples):
            import librosa  # seconds to import: not before it is needed

            rms = librosa.feature.rms(y=samples, frame_length=self._hop, hop_length=self._hop, center=False)
            self._rms.append(rms[0].astype(np.float32, copy=False))
