"""Write one channel of a recording to a file of its own.  16 bits, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import soxr

from speechlabel.audio.atomic import appearing_sound
from speechlabel.audio.base import Decoder, to_int16
from speechlabel.audio.decode import open_audio
from speechlabel.audio.pcm import pick_channel

__all__ = ["write_channel"]


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
