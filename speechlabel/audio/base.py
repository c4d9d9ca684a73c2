"""What a decoder is: the one shape of sound and the one time line that everything else counts on.

Sound is float32 of shape ``(frames, channels)``, nominally within [-1, 1].  Frame 0 is the first sample that
a player lets you hear: encoder delay and edit lists are taken off by the decoder and nowhere else.  A length
is what was counted while decoding, never what a header says, and no memory is taken on a header's word.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from speechlabel.errors import AudioError
from speechlabel.timing import format_timecode, samples_to_us

__all__ = ["BLOCK_FRAMES", "Decoder", "Probe", "Sound", "damaged", "fits_flac", "to_int16"]

Sound = NDArray[np.float32]

# 3.84 s at 16 kHz: enough to hide Python's cost a block, little enough for a cache; whole points of peaks
# (128 samples) and whole frames of the segmenter (960), so that neither has to carry a rest.
BLOCK_FRAMES = 61_440
MIN_RATE, MAX_RATE = 1_000, 384_000  # in Hz; the microsecond time line is exact for these
MAX_CHANNELS = 256


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file's header says about its sound.

    Attributes
    ----------
    container, codec : str
        Lower case names such as ``wav`` and ``pcm_16``, ``mp4`` and ``aac``.
    sample_rate : int, in Hz
    channels : int
    n_frames : int
        As the header claims; 0 where only decoding can tell.  ``scan`` counts.
    needs_proxy : bool
        There is no exact and cheap seek (MP3, Ogg, everything that FFmpeg decodes): reading a window
        decodes from the start, so a FLAC copy should be made.
    """

    container: str
    codec: str
    sample_rate: int
    channels: int
    n_frames: int
    needs_proxy: bool


def damaged(path: Path, frame: int, sample_rate: int, detail: object) -> AudioError:
    """Make the error for sound that cannot be decoded past ``frame``."""
    at = format_timecode(samples_to_us(frame, sample_rate), decimals=1)
    return AudioError(
        path,
        f"is damaged or cut off after {at} ({detail}); fetch it again, or save what can be saved with "
        "'ffmpeg -i FILE fixed.flac'",
    )


class Decoder(ABC):
    """An open recording: stream it in blocks, or read a window.  Not for two threads at once.

    Attributes
    ----------
    info : Probe
    path : Path
    n_bad_samples : int
        NaN and infinite samples met since the last rewind; each was replaced by 0.
    expected_frames : int
        A guess at the length, good for a progress bar and for nothing else; 0 for none.
    """

    def __init__(self, path: Path, info: Probe, expected_frames: int = 0) -> None:
        if not MIN_RATE <= info.sample_rate <= MAX_RATE:
            raise AudioError(
                path, f"has a sample rate of {info.sample_rate} Hz; 1 kHz to 384 kHz can be worked with"
            )
        if not 1 <= info.channels <= MAX_CHANNELS:
            raise AudioError(path, f"has {info.channels} channels; 1 to {MAX_CHANNELS} can be worked with")
        self.path = path
        self.info = info
        self.expected_frames = expected_frames
        self.n_bad_samples = 0
        self._may_be_bad = True  # False where the samples are integers
        self._position = 0  # frames decoded since the last rewind or seek target

    @abstractmethod
    def close(self) -> None:
        """Let go of the file; may be called twice."""

    @abstractmethod
    def _rewind(self) -> None:
        """Go back to frame 0."""

    @abstractmethod
    def _next(self, n_frames: int) -> Sound:
        """Decode the next frames; fewer than asked for only at the end of the sound."""

    def blocks(self, n_frames: int = BLOCK_FRAMES) -> Iterator[Sound]:
        """Stream from the start in blocks of ``n_frames``; the last may be shorter, none is empty.

        Raises
        ------
        AudioError
            The sound is damaged; the reason says after what time.
        """
        self._rewind()
        self.n_bad_samples = 0
        while len(block := self._take(n_frames)):
            yield block
            if len(block) < n_frames:
                return

    def read(self, start_frame: int, n_frames: int) -> Sound:
        """Read exactly ``[start_frame, start_frame + n_frames)``, shorter where the sound ends."""
        if start_frame < 0 or n_frames < 0:
            raise ValueError(f"read({start_frame}, {n_frames}): frames count from 0")
        self._seek(start_frame)
        parts = [np.empty((0, self.info.channels), np.float32)]
        while n_frames > 0 and self._position >= start_frame:
            part = self._take(min(n_frames, BLOCK_FRAMES))
            parts.append(part)
            n_frames -= len(part)
            if len(part) == 0:
                break
        return np.concatenate(parts) if len(parts) != 2 else parts[1]

    def _seek(self, frame: int) -> None:
        """Decode up to a frame: exact in every format.  Stops short of it where the sound ends."""
        if frame < self._position:
            self._rewind()
        while self._position < frame and len(self._take(min(frame - self._position, BLOCK_FRAMES))):
            pass

    def _take(self, n_frames: int) -> Sound:
        block = self._next(n_frames)
        self._position += len(block)
        if self._may_be_bad:
            self._mend(block)
        return block

    def _mend(self, block: Sound) -> None:
        flat = block.reshape(-1)
        with np.errstate(all="ignore"):
            finite = np.isfinite(np.dot(flat, flat))  # one fast pass; huge values fail it too
        if not finite:
            bad = ~np.isfinite(block)
            self.n_bad_samples += int(np.count_nonzero(bad))
            block[bad] = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def fits_flac(sample_rate: int, channels: int) -> bool:
    """Tell whether FLAC can hold sound: eight channels at most, and above 65,535 Hz only whole tens of Hz.

    Source: RFC 9639, section 9.1.2; libFLAC refuses the others.
    """
    return channels <= 8 and (sample_rate <= 65_535 or sample_rate % 10 == 0)


def to_int16(sound: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round to 16 bits and clip: exact for what was 16 bits before.  Any shape."""
    scaled = sound * np.float32(32_768)
    np.rint(scaled, out=scaled)
    return np.clip(scaled, -32_768, 32_767, out=scaled).astype(np.int16)
