"""Analyse: the heavy, pure part of preparing a recording: one pass over its audio, no store.

It takes and gives plain values, so that it can run in another process or on another machine.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speechlabel import registry
from speechlabel.audio.base import Sound
from speechlabel.audio.decode import open_audio
from speechlabel.audio.pcm import pick_channel
from speechlabel.audio.scan import Consumer, scan
from speechlabel.errors import SegmenterError, SpeechLabelError
from speechlabel.records import Layout
from speechlabel.segment.base import Span, Stream, parse_options
from speechlabel.segment.channels import channels_to_segment

__all__ = ["Analysis", "Progress", "Task", "analyse", "in_our_words", "segment_file", "submit"]

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything ``analyse`` needs, in plain values that travel to a worker process."""

    path: str
    segmenter: str
    options: Mapping[str, Any]
    peaks_path: str | None = None
    proxy_path: str | None = None
    layout: Layout | None = None  # a person's choice; None: let the audio tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What one pass over a recording found."""

    sample_rate: int
    channels: int
    n_frames: int
    layout: Layout
    n_bad_samples: int
    spans: dict[int | None, list[Span]]


class _Channels:
    """Feeds each channel, and the mix when there are several, to a stream of its own."""

    def __init__(self, streams: Mapping[int | None, Stream]) -> None:
        self.streams = streams

    def feed(self, block: Sound) -> None:
        for channel, stream in self.streams.items():
            stream.feed(pick_channel(block, channel))


def analyse(task: Task, progress: Progress | None = None) -> Analysis:
    """Make peaks, a playable copy where one is needed, and segments, in one pass over the audio.

    Raises
    ------
    AudioError
        The audio cannot be decoded.
    UnknownNameError, OptionError
        There is no such segmenter, or an option does not fit.
    SegmenterError
        The segmenter broke off with an error of its own.
    """
    with in_our_words(task.segmenter):
        return _analyse(task, progress)


@contextlib.contextmanager
def in_our_words(segmenter: str) -> Generator[None]:
    """Raise whatever a segmenter breaks off with as a ``SegmenterError`` that says where.

    One of another package may raise anything; other recordings go on.
    """
    try:
        yield
    except SpeechLabelError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise SegmenterError(
            segmenter,
            f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})",
        ) from error


def _analyse(task: Task, progress: Progress | None) -> Analysis:
    kind = registry.load("segmenter", task.segmenter)
    segmenter = kind(parse_options(kind, task.options))
    with open_audio(Path(task.path)) as decoder:
        info = decoder.info
    channels = channels_to_segment(task.layout, info.channels)
    streams: dict[int | None, Stream] = {channel: segmenter.open(info.sample_rate) for channel in channels}
    consumers: list[Consumer] = [_Channels(streams)]
    found = scan(
        Path(task.path),
        proxy_path=Path(task.proxy_path) if task.proxy_path else None,
        peaks_path=Path(task.peaks_path) if task.peaks_path else None,
        consumers=consumers,
        progress=progress,
    )
    spans: dict[int | None, list[Span]] = {channel: stream.close() for channel, stream in streams.items()}
    layout = _settled(task.layout, found.layout)
    if layout == "dual_mono" and None not in spans:
        spans = {None: spans[0]}
    return Analysis(
        sample_rate=info.sample_rate,
        channels=info.channels,
        n_frames=found.n_frames,
        layout=layout,
        n_bad_samples=found.n_bad_samples,
        spans=spans,
    )


def _settled(wanted: Layout | None, heard: Layout) -> Layout:
    """Return the layout that stands: one channel is one, and what is the same on all stays known as such."""
    if wanted is None or heard == "mono" or (wanted, heard) == ("mixed", "dual_mono"):
        return heard
    return wanted


def segment_file(
    path: Path, *, segmenter: str = "webrtc", options: Mapping[str, Any] | None = None
) -> Analysis:
    """Find speech in a file, with no project: the same pass without derived files.

    Raises
    ------
    AudioError, UnknownNameError, OptionError
        As ``analyse``.
    """
    return analyse(Task(path=str(path), segmenter=segmenter, options=options or {}))


def submit(
    executor: Executor,
    fn: Callable[..., Analysis],
    task: object,
    size: int,
    progress: Progress | None,
) -> Future[Analysis]:
    """Queue an analysis of a file of so many bytes.

    ``LocalPool`` takes small files first and tells how far it is, other executors need not.
    """
    submit_sized = getattr(executor, "submit_sized", None)
    if submit_sized is None:
        return executor.submit(fn, task)
    return submit_sized(fn, task, size=size, on_progress=progress)
