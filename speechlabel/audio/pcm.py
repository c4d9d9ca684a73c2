"""Chunks for playback: int16 on a fixed grid of two seconds, raw or as FLAC, and a store of open decoders.

The page plays the exact sample range of a segment out of these chunks; it never decodes a file.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections import OrderedDict
from collections.abc import Generator
from pathlib import Path
from typing import Self

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from speechlabel.audio.base import Decoder, Sound, to_int16
from speechlabel.audio.decode import open_audio
from speechlabel.errors import ChangedError, NotFoundError

__all__ = ["CHUNK_SECONDS", "OpenDecoders", "chunk", "flac_chunk", "pick_channel"]

CHUNK_SECONDS = 2


def pick_channel(sound: Sound, channel: int | None) -> Sound:
    """One channel, or the mean of all for ``None``: ``(frames,)`` from ``(frames, channels)``.

    Raises
    ------
    NotFoundError
        There is no such channel.
    """
    if channel is None:
        if sound.shape[1] == 1:
            return sound[:, 0]
        # numpy's mean along a short last axis is twenty times as slow as this product.
        return sound @ np.full(sound.shape[1], 1 / sound.shape[1], np.float32)
    if not 0 <= channel < sound.shape[1]:
        raise NotFoundError("channel", str(channel), hint=f"the recording has {sound.shape[1]}")
    return sound[:, channel]


def chunk(decoder: Decoder, channel: int | None, index: int, n_frames_total: int) -> bytes:
    """Give chunk ``index`` of one channel (None: the mean of all) as little-endian int16.

    Parameters
    ----------
    n_frames_total : int
        Counted length of the recording; the last chunk ends there.

    Raises
    ------
    NotFoundError
        There is no such chunk or channel.
    ChangedError
        The file has become shorter than that.
    """
    return _samples(decoder, channel, index, n_frames_total).tobytes()


def flac_chunk(decoder: Decoder, channel: int | None, index: int, n_frames_total: int) -> bytes:
    """Give the samples of ``chunk`` as a FLAC file of 16 bits: about half the bytes, for a slow line.

    Raises
    ------
    NotFoundError
        There is no such chunk or channel.
    ChangedError
        The file has become shorter than that.
    """
    file = io.BytesIO()
    samples = _samples(decoder, channel, index, n_frames_total)
    sf.write(file, samples, decoder.info.sample_rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def _samples(decoder: Decoder, channel: int | None, index: int, n_frames_total: int) -> NDArray[np.int16]:
    size = CHUNK_SECONDS * decoder.info.sample_rate
    n_frames = min(size, n_frames_total - index * size)
    if index < 0 or n_frames <= 0:
        raise NotFoundError("chunk", str(index))
    sound = decoder.read(index * size, n_frames)
    if len(sound) < n_frames:
        raise ChangedError(decoder.path, "is shorter than when it was taken in")
    return to_int16(pick_channel(sound, channel)).astype("<i2", copy=False)


class _Entry:
    def __init__(self, decoder: Decoder, signature: tuple[int, int, int]) -> None:
        self.decoder = decoder
        self.signature = signature
        self.lock = threading.Lock()  # a decoder has one position
        self.users = 0


class OpenDecoders:
    """At most ``limit`` decoders kept open, the least recently used closed first; safe between threads.

    A file that has changed on disk is opened anew.  Decoders in use are never closed under their user, so
    the limit is passed for as long as more than that many are in use at once.
    """

    def __init__(self, limit: int = 32) -> None:
        self._limit = limit
        self._entries: OrderedDict[Path, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def borrow(self, path: Path) -> Generator[Decoder]:
        """Give the decoder of a file, to this thread alone, for the length of a ``with`` block.

        Raises
        ------
        AudioError
            The file cannot be opened.
        """
        entry = self._take(path)
        try:
            with entry.lock:
                yield entry.decoder
        finally:
            self._give_back(entry)

    def close(self) -> None:
        """Close all that are not in use; those in use close when they are given back."""
        with self._lock:
            entries, self._entries = list(self._entries.values()), OrderedDict()
            for entry in entries:
                if entry.users == 0:
                    entry.decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, path: Path) -> _Entry:
        with self._lock:
            entry = self._entries.get(path)
            signature = _signature(path)  # before it is opened: one that changes then is opened anew
            if entry is None or entry.signature != signature:
                if entry is not None:
                    self._drop(path)
                entry = self._entries[path] = _Entry(open_audio(path), signature)
            entry.users += 1
            self._entries.move_to_end(path)
            self._trim()
            return entry

    def _give_back(self, entry: _Entry) -> None:
        with self._lock:
            entry.users -= 1
            if entry.users == 0 and entry not in self._entries.values():
                entry.decoder.close()
            self._trim()

    def _trim(self) -> None:
        idle = [path for path, entry in self._entries.items() if entry.users == 0]
        for path in idle[: max(0, len(self._entries) - self._limit)]:
            self._drop(path)

    def _drop(self, path: Path) -> None:
        entry = self._entries.pop(path)
        if entry.users == 0:
            entry.decoder.close()


def _signature(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)
