"""Cut sound into files of its own: one channel of a recording, or a stretch of it.  16 bits, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import soxr

from speechlabel.audio.atomic import appearing_sound
from speechlabel.audio.base import BLOCK_FRAMES, Decoder, to_int16
from speechlabel.audio.decode import open_audio
from speechlabel.audio.pcm import pick_channel
from speechlabel.errors import AudioError
from speechlabel.timing import format_timecode, us_to_samples

__all__ = ["write_channel", "write_clip"]


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


def write_clip(  # noqa: PLR0913 - what, where, and in which form
    src: Path,
    dst: Path,
    start_us: int,
    end_us: int,
    channel: int | None,
    *,
    format: Literal["FLAC", "WAV"] = "FLAC",
    sample_rate: int | None = None,
) -> int:
    """Write ``[start_us, end_us)`` of one channel (None: the mean of all); give the number of frames written.

    Raises
    ------
    AudioError
        The recording cannot be decoded, or ends before ``start_us``.
    NotFoundError
        It has no such channel.
    WorkspaceError
        The file cannot be written; nothing is left of it.
    """
    with open_audio(src) as decoder:
        rate = decoder.info.sample_rate
        blocks = _window(decoder, us_to_samples(start_us, rate), us_to_samples(end_us, rate))
        first = next(blocks, None)
        if first is None:
            raise AudioError(src, f"has no sound at {format_timecode(start_us)}")

        def parts() -> Iterator[np.ndarray]:
            yield pick_channel(first, channel)
            yield from (pick_channel(block, channel) for block in blocks)

        return _write(decoder, parts(), dst, format, sample_rate)


def _window(decoder: Decoder, start: int, end: int) -> Iterator[np.ndarray]:
    while start < end and len(block := decoder.read(start, min(BLOCK_FRAMES, end - start))):
        yield block
        start += len(block)


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
