"""Write one channel of a recording, or a stretch of it, to a file of its own.  16 bits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import soundfile
import soxr

from speechlabel.audio.atomic import appearing_sound
from speechlabel.audio.base import Decoder, to_int16
from speechlabel.audio.decode import open_audio
from speechlabel.audio.pcm import pick_channel

__all__ = ["Container", "Stretch", "write_channel", "write_stretch"]


def write_channel(
    src: Path,
    dst: Path,
    channel: int | None,
    *,
    format: Literal["FLAC", "WAV"] = "FLAC",
    sample_rate: int | None = None,
) -> int:
    """Write one channel (None: the mean of all) of a whole recording; give the number of frames written.

    Parameters
    ----------
    sample_rate : int, in Hz
        Resample to this; None keeps the recording's own.

    Raises
    ------
    AudioError
        The recording cannot be decoded.
    NotFoundError
        It has no such channel.
    WorkspaceError
        The file cannot be written; nothing is left of it.
    """
    with open_audio(src) as decoder:
        return _write(
            decoder, (pick_channel(block, channel) for block in decoder.blocks()), dst, format, sample_rate
        )


Container = Literal["FLAC", "WAV", "OPUS"]
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)  # Hz; RFC 6716


class Stretch(NamedTuple):
    """Frames ``[start_frame, start_frame + n_frames)`` of one channel (None: the mean of all)."""

    channel: int | None
    start_frame: int
    n_frames: int


def write_stretch(
    decoder: Decoder,
    dst: Path,
    stretch: Stretch,
    *,
    container: Container = "FLAC",
    sample_rate: int | None = None,
) -> tuple[int, int]:
    """Write a stretch of a recording; the file is not synced.

    Parameters
    ----------
    sample_rate : int, in Hz
        Resample to this; None keeps the recording's own, or for Opus the next rate that it has.

    Returns
    -------
    n_frames, sample_rate : int
        Of the file that was written.

    Raises
    ------
    AudioError
        The recording cannot be decoded.
    NotFoundError
        It has no such channel.
    OSError, soundfile.SoundFileError
        The file cannot be written.
    """
    rate = decoder.info.sample_rate
    sound = pick_channel(decoder.read(stretch.start_frame, stretch.n_frames), stretch.channel)
    wanted = sample_rate or rate
    if container == "OPUS":
        wanted = next((known for known in OPUS_RATES if known >= wanted), OPUS_RATES[-1])
    if wanted != rate:
        sound = soxr.resample(np.ascontiguousarray(sound), rate, wanted)
    samples = to_int16(sound)
    format, subtype = ("OGG", "OPUS") if container == "OPUS" else (container, "PCM_16")
    with soundfile.SoundFile(str(dst), "w", wanted, 1, subtype, format=format) as file:
        file.write(samples)
    return len(samples), wanted


def _write(
    decoder: Decoder, parts: Iterator[np.ndarray], dst: Path, format: str, sample_rate: int | None
) -> int:
    rate = decoder.info.sample_rate
    if sample_rate is not None and sample_rate != rate:
        parts, rate = _resampled(parts, rate, sample_rate), sample_rate
    written = 0
    with appearing_sound(dst, rate, 1, format) as file:
        for part in parts:
            file.write(to_int16(part))
            written += len(part)
    return written


def _resampled(parts: Iterator[np.ndarray], rate: int, new_rate: int) -> Iterator[np.ndarray]:
    stream = soxr.ResampleStream(rate, new_rate, 1, dtype="float32")
    for part in parts:
        yield stream.resample_chunk(np.ascontiguousarray(part))
    yield stream.resample_chunk(np.empty(0, np.float32), last=True)
