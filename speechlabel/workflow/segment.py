"""Segment: straight from audio files, or from a stretch of one, to segments, with no change of the store."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from speechlabel import formats, registry
from speechlabel.audio.decode import open_audio
from speechlabel.audio.pcm import pick_channel
from speechlabel.errors import ExportError, InputError, OptionError, SpeechLabelError
from speechlabel.formats import Bundle
from speechlabel.formats.base import bare_recording
from speechlabel.formats.names import without_blanks
from speechlabel.formats.scoring.rttm import write_rttm_spans
from speechlabel.records import Recording, Segment, new_id
from speechlabel.segment.base import Span, Stream, parse_options
from speechlabel.store.workspace import Workspace
from speechlabel.timing import samples_to_us, us_to_samples
from speechlabel.workflow.analyse import Analysis, Task, analyse, in_our_words, submit
from speechlabel.workflow.ingest import plain_reason
from speechlabel.workflow.prepare import playable_path
from speechlabel.workflow.projects import safe_id, unique_id

__all__ = ["SegmentReport", "resegment", "segment_files", "segment_stretch"]

AROUND_US = 5_000_000  # heard before and after a stretch: a noise floor wants to know what is around it
LONGEST_STRETCH_US = 3_600_000_000  # somebody waits for the answer
BLOCK_S = 30


@dataclass(kw_only=True)
class SegmentReport:
    """What became of each file: (audio, file written), (audio, reason)."""

    written: list[tuple[Path, Path]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    failed: list[tuple[Path, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON: ``{"written", "failed"}``."""
        return {
            "written": [{"audio": str(path), "file": str(target)} for path, target in self.written],
            "failed": [{"path": str(path), "reason": reason} for path, reason in self.failed],
        }


def segment_files(  # noqa: PLR0913 - what, where to, by what, how
    paths: Sequence[Path],
    out: Path,
    *,
    segmenter: str = "webrtc",
    options: Mapping[str, Any] | None = None,
    format: str = "rttm",
    executor: Executor,
    progress: Callable[[str, float], None] | None = None,
) -> SegmentReport:
    """Find speech in files and write ``out/<stem>.rttm`` for each, or one export of all in another format.

    Two inputs of one stem are told apart by a number.  A file that fails is reported and stops nothing.

    Raises
    ------
    UnknownNameError, OptionError
        There is no such segmenter or format, or an option does not fit.
    InputError
        The format needs texts.
    ExportError
        ``out`` cannot be written.
    """
    _check_format(format, out)
    parse_options(registry.load("segmenter", segmenter), options or {})
    report = SegmentReport()
    pending: list[tuple[Path, Future[Analysis]]] = []
    for path in paths:
        told = partial(progress, str(path)) if progress else None
        task = Task(path=str(path), segmenter=segmenter, options=options or {})
        pending.append((path, submit(executor, analyse, task, _size(path), told)))
    names: set[str] = set()
    kept: list[tuple[str, Path, Analysis]] = []
    for path, future in pending:
        found = _result(path, future, report)
        if found is not None:
            name = _name(path, names)
            if format == "rttm":
                target = out / f"{name}.rttm"
                write_rttm_spans(found.spans, name, target)
                report.written.append((path, target))
            else:
                kept.append((name, path, found))
        if progress:
            progress(str(path), 1.0)
    if kept:
        formats.dump(_bundle(kept), out, format)
        report.written += [(path, out) for _, path, _ in kept]
    return report


def _check_format(format: str, out: Path) -> None:
    """Refuse before hours of work what would be refused after them."""
    if formats.get(format).needs_text:
        raise InputError(
            f"format {format!r} needs texts, and nobody has written any; choose rttm or textgrid"
        )
    if format != "rttm" and out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise ExportError(f"{str(out)!r} is there already; give another folder")
    if out.exists() and not out.is_dir():
        raise ExportError(f"{str(out)!r} is a file; give a folder")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):  # said in words when it is opened
        return 0


def _name(path: Path, taken: set[str]) -> str:
    """Return the stem, or with a number: told apart in field 2 of RTTM and where case does not count."""
    stem = os.fsencode(path.stem).decode("utf-8", "replace")
    name = unique_id(stem, lambda wanted: without_blanks(wanted).casefold() in taken)
    taken.add(without_blanks(name).casefold())
    return name


def _result(path: Path, future: Future[Analysis], report: SegmentReport) -> Analysis | None:
    try:
        return future.result()
    except SpeechLabelError as error:
        report.failed.append((path, plain_reason(error)))
        return None


def _bundle(kept: Sequence[tuple[str, Path, Analysis]]) -> Bundle:
    """Return the segments of several files as a bundle of recordings known by name and length only."""
    taken: set[str] = set()
    recordings: dict[str, Recording] = {}
    segments: dict[str, list[Segment]] = {}
    for name, path, found in kept:
        id = unique_id(safe_id(name, fallback="recording"), taken.__contains__)
        taken.add(id)
        recordings[id] = dataclasses.replace(
            bare_recording(id, path.name, 0, channels=found.channels),
            sample_rate=found.sample_rate,
            n_frames=found.n_frames,
            layout=found.layout,
        )
        segments[id] = [
            Segment(id=new_id(), channel=channel, start_us=span.start_us, end_us=span.end_us)
            for channel, spans in found.spans.items()
            for span in spans
        ]
    return Bundle(recordings=tuple(recordings.values()), segments=segments)


def segment_stretch(
    path: Path,
    start_us: int,
    end_us: int,
    *,
    channel: int | None = None,
    segmenter: str = "webrtc",
    options: Mapping[str, Any] | None = None,
) -> list[Span]:
    """Find speech in a stretch of one channel of a file; only that stretch and a little around it is heard.

    Parameters
    ----------
    start_us, end_us : int
        The stretch ``[start_us, end_us)`` in microseconds; what is past the end of the sound is left out.
    channel : int, optional
        From 0; None is the mix of all.

    Returns
    -------
    list of Span
        Ascending, not overlapping, in microseconds from the start of the file, cut off at the ends of the
        stretch.

    Raises
    ------
    AudioError
        The audio cannot be decoded.
    NotFoundError
        There is no such channel.
    UnknownNameError, OptionError
        There is no such segmenter, an option does not fit, or the stretch is empty or longer than an hour.
    SegmenterError
        The segmenter broke off with an error of its own.
    """
    if not 0 <= start_us < end_us:
        raise OptionError("end_us", f"the stretch from {start_us} to {end_us} µs is empty")
    if end_us - start_us > LONGEST_STRETCH_US:
        raise OptionError("end_us", "the stretch is longer than an hour; take a shorter one")
    kind = registry.load("segmenter", segmenter)
    finder = kind(parse_options(kind, options or {}))
    with in_our_words(segmenter), open_audio(path) as decoder:
        rate = decoder.info.sample_rate
        first = us_to_samples(max(0, start_us - AROUND_US), rate)
        last = us_to_samples(end_us + AROUND_US, rate)
        stream: Stream = finder.open(rate)
        at = first
        while at < last:
            block = decoder.read(at, min(BLOCK_S * rate, last - at))
            if len(block) == 0:
                break
            stream.feed(pick_channel(block, channel))
            at += len(block)
        offset = samples_to_us(first, rate)
        found = [(span.start_us + offset, span.end_us + offset) for span in stream.close()]
    held = [Span(max(start_us, start), min(end_us, end)) for start, end in found]
    return [span for span in held if span.start_us < span.end_us]


def resegment(  # noqa: PLR0913 - where, which channel, by what, how
    workspace: Workspace,
    transcript_id: str,
    start_us: int,
    end_us: int,
    *,
    channel: int | None = None,
    segmenter: str = "webrtc",
    options: Mapping[str, Any] | None = None,
) -> list[Span]:
    """Tell where the segments of a stretch of a transcript's recording would be; nothing is changed.

    Raises
    ------
    NotFoundError
        There is no such transcript or channel.
    ChangedError, AudioError, UnknownNameError, OptionError, SegmenterError
        As ``segment_stretch``; or the file is no longer the one that was taken in.
    """
    transcript = workspace.store.transcript(transcript_id)
    recording = workspace.store.recording(transcript.project_id, transcript.recording_id)
    path = playable_path(workspace, recording)
    end = min(end_us, recording.duration_us)
    return segment_stretch(path, start_us, end, channel=channel, segmenter=segmenter, options=options)
