"""Segments cut out into files of their own: in which container, at which rate, in how many threads."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import soundfile

from speechlabel.audio.base import Decoder
from speechlabel.audio.clip import Container, Stretch, write_stretch
from speechlabel.audio.decode import open_audio
from speechlabel.errors import ExportError, OptionError
from speechlabel.formats import Clip
from speechlabel.records import Recording, Segment
from speechlabel.timing import us_to_samples

__all__ = ["AudioOptions", "ClipCutter"]

LONGEST_PAD_US = 10_000_000
RATES = range(1_000, 384_001)  # Hz
SUFFIXES: Mapping[Container, str] = {"FLAC": ".flac", "WAV": ".wav", "OPUS": ".opus"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioOptions:
    """How audio goes out.

    Parameters
    ----------
    cut : each segment as a file of its own, also where the format could name a stretch of the recording
    container : of files that are cut; ``auto``: FLAC, or WAV where the format's readers open nothing else
    sample_rate : of files that are cut, in Hz; None: the recording's own
    pad_us : of the recording on both sides of what is cut, in microseconds, as far as it goes

    Raises
    ------
    OptionError
        A rate or length that there is not.
    """

    cut: bool = False
    container: Literal["auto", "FLAC", "WAV", "OPUS"] = "auto"
    sample_rate: int | None = None
    pad_us: int = 0

    def __post_init__(self) -> None:
        if self.container not in ("auto", *SUFFIXES):
            raise OptionError("container", f"must be one of auto, {', '.join(SUFFIXES)}")
        if self.sample_rate is not None and self.sample_rate not in RATES:
            raise OptionError("sample_rate", f"must lie between {RATES[0]} and {RATES[-1]} Hz")
        if not 0 <= self.pad_us <= LONGEST_PAD_US:
            raise OptionError("pad", f"must lie between 0 and {LONGEST_PAD_US // 1_000_000} s")


class ClipCutter:
    """Cuts segments out of recordings in threads; libsndfile and soxr let go of Python's lock.

    Parameters
    ----------
    source : gives the file to read a recording from
    container : of what is written
    write : False: only tell where a file would lie
    progress : called with the number of clips written so far, from the thread that reads
    """

    def __init__(
        self,
        source: Callable[[Recording], Path],
        container: Container,
        options: AudioOptions,
        *,
        write: bool = True,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self._source, self._options = source, options
        self._container: Container = container
        self._write, self._progress = write, progress
        self._n_done = 0

    def cut(
        self, recording: Recording, wanted: Iterable[tuple[Segment, str]], folder: Path
    ) -> Iterator[tuple[Segment, Clip]]:
        """Cut segments in the order asked for, some ahead of the reader; see ``formats.Export.cut_clips``.

        Raises
        ------
        ExportError
            A file cannot be written.
        AudioError, ChangedError
            The recording cannot be read.
        """
        if not self._write:
            for segment, stem in wanted:
                yield segment, self._dry(recording, segment, folder / self._name(stem))
            return
        folder.mkdir(parents=True, exist_ok=True)
        source = self._source(recording)
        n_threads = min(os.cpu_count() or 1, 8)
        waiting: deque[tuple[Segment, Future[Clip]]] = deque()
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(n_threads, "cut"))
            stack.callback(pool.shutdown, cancel_futures=True)
            worker = _Worker(source, stack)
            for segment, stem in wanted:
                path = folder / self._name(stem)
                waiting.append((segment, pool.submit(self._one, worker, recording, segment, path)))
                if len(waiting) > 4 * n_threads:
                    yield self._next(waiting)
            while waiting:
                yield self._next(waiting)

    def _next(self, waiting: deque[tuple[Segment, Future[Clip]]]) -> tuple[Segment, Clip]:
        segment, future = waiting.popleft()
        clip = future.result()
        self._n_done += 1
        if self._progress:
            self._progress(self._n_done)
        return segment, clip

    def _name(self, stem: str) -> str:
        return stem + SUFFIXES[self._container]

    def _stretch(self, recording: Recording, segment: Segment) -> Stretch:
        pad, rate = self._options.pad_us, recording.sample_rate
        first = us_to_samples(max(0, segment.start_us - pad), rate)
        last = min(us_to_samples(segment.end_us + pad, rate), recording.n_frames or 1 << 62)
        channel = segment.channel if recording.channels > 1 else None
        return Stretch(channel, first, max(last - first, 1))

    def _lead(self, segment: Segment) -> int:
        return min(self._options.pad_us, segment.start_us)

    def _dry(self, recording: Recording, segment: Segment, path: Path) -> Clip:
        n_frames = self._stretch(recording, segment).n_frames
        rate = self._options.sample_rate or recording.sample_rate
        return Clip(
            path,
            round(n_frames * rate / recording.sample_rate),
            rate,
            is_written=False,
            lead_us=self._lead(segment),
        )

    def _one(self, worker: _Worker, recording: Recording, segment: Segment, path: Path) -> Clip:
        stretch = self._stretch(recording, segment)
        try:
            n_frames, rate = write_stretch(
                worker.decoder(),
                path,
                stretch,
                container=self._container,
                sample_rate=self._options.sample_rate,
            )
        except (OSError, soundfile.SoundFileError) as error:
            raise ExportError(f"cannot write {path.name!r}: {error}") from error
        return Clip(path, n_frames, rate, lead_us=self._lead(segment))


class _Worker:
    """Gives each thread a decoder of its own: one has one position."""

    def __init__(self, source: Path, stack: ExitStack) -> None:
        self._source, self._stack = source, stack
        self._mine = threading.local()
        self._lock = threading.Lock()

    def decoder(self) -> Decoder:
        found: Decoder | None = getattr(self._mine, "decoder", None)
        if found is None:
            found = self._mine.decoder = open_audio(self._source)
            with self._lock:
                self._stack.callback(found.close)
        return found
