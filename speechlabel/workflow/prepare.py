"""Prepare: Recording → peaks, playable audio and a first segmentation by voice-activity detection.

``analyse`` is the heavy, pure part: one pass over the audio, no store, safe to run in another process.
``prepare`` runs it for each recording through any ``concurrent.futures.Executor`` and writes what comes
back; a recording that fails is marked with its reason and does not stop the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from speechlabel import registry
from speechlabel.audio.decode import open_audio
from speechlabel.audio.scan import Consumer, scan
from speechlabel.errors import SpeechLabelError, WorkspaceError
from speechlabel.records import Layout, Recording, Segment, Speaker, Transcript
from speechlabel.segment.base import Span, Stream, parse_options
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.ingest import check_unchanged
from speechlabel.workflow.projects import now, unique_id

__all__ = [
    "Analysis",
    "PrepareOptions",
    "PrepareReport",
    "Task",
    "analyse",
    "fail",
    "keep",
    "peaks_path",
    "playable_path",
    "prepare",
    "proxy_path",
    "segment_file",
    "task_for",
]

PEAKS = "peaks-1.slp"
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything ``analyse`` needs, in plain values that travel to a worker process."""

    path: str
    peaks_path: str
    proxy_path: str | None
    segmenter: str
    options: Mapping[str, Any]
    layout: Layout | None = None  # a person's choice; None: let the audio tell


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareOptions:
    """How to prepare: which segmenter, with which options, and whether again."""

    segmenter: str = "webrtc"
    values: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What one pass over a recording found."""

    sample_rate: int
    channels: int
    n_frames: int
    layout: Layout
    n_bad_samples: int
    spans: dict[int | None, list[Span]]


@dataclass(kw_only=True)
class PrepareReport:
    """What became of each recording."""

    ready: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    unchanged: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    failed: list[tuple[str, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


class _Channels:
    """Feeds each channel, and the mix when there are several, to a stream of its own."""

    def __init__(self, streams: Mapping[int | None, Stream]) -> None:
        self.streams = streams

    def feed(self, block: npt.NDArray[np.float32]) -> None:
        for channel, stream in self.streams.items():
            stream.feed(block.mean(axis=1) if channel is None else np.ascontiguousarray(block[:, channel]))


def analyse(task: Task, progress: Progress | None = None) -> Analysis:
    """Make peaks, a playable copy where one is needed, and segments, in one pass over the audio.

    Raises
    ------
    AudioError
        The audio cannot be decoded.
    UnknownNameError, OptionError
        There is no such segmenter, or an option does not fit.
    """
    kind = registry.load("segmenter", task.segmenter)
    segmenter = kind(parse_options(kind, task.options))
    with open_audio(Path(task.path)) as decoder:
        info = decoder.info
    is_mix = info.channels == 1 or task.layout in ("mono", "dual_mono")
    channels: list[int | None] = [None] if is_mix else list(range(info.channels))
    streams: dict[int | None, Stream] = {channel: segmenter.open(info.sample_rate) for channel in channels}
    consumers: list[Consumer] = [_Channels(streams)]
    found = scan(
        Path(task.path),
        proxy_path=Path(task.proxy_path) if task.proxy_path else None,
        peaks_path=Path(task.peaks_path),
        consumers=consumers,
        progress=progress,
    )
    spans: dict[int | None, list[Span]] = {channel: stream.close() for channel, stream in streams.items()}
    layout = task.layout or found.layout
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


def segment_file(
    path: Path, *, segmenter: str = "webrtc", options: Mapping[str, Any] | None = None
) -> Analysis:
    """Find speech in a file, with no project: the same pass, its derived files thrown away.

    Raises
    ------
    AudioError, UnknownNameError, OptionError
        As ``analyse``.
    """
    with TemporaryDirectory(prefix="speechlabel-") as folder:
        return analyse(
            Task(
                path=str(path),
                peaks_path=str(Path(folder, PEAKS)),
                proxy_path=None,
                segmenter=segmenter,
                options=options or {},
            )
        )


def task_for(
    workspace: Workspace, recording: Recording, *, segmenter: str, options: Mapping[str, Any]
) -> Task:
    """Return the work to do for a recording, after checking that its file is still the same."""
    path = check_unchanged(recording)
    with open_audio(path) as decoder:
        needs_proxy = decoder.info.needs_proxy
    peaks = peaks_path(workspace, recording)
    peaks.parent.mkdir(parents=True, exist_ok=True)
    return Task(
        path=str(path),
        peaks_path=str(peaks),
        proxy_path=str(proxy_path(workspace, recording)) if needs_proxy else None,
        segmenter=segmenter,
        options=options,
        layout=recording.layout,
    )


def peaks_path(workspace: Workspace, recording: Recording) -> Path:
    """Where the peaks of a recording lie, once it is prepared."""
    return workspace.blobs.derived(recording.content_hash, PEAKS)


def proxy_path(workspace: Workspace, recording: Recording) -> Path:
    """Where the sample-exact copy of a recording lies, if it has one."""
    name = "proxy-1.flac" if recording.channels <= 8 else "proxy-1.w64"
    return workspace.blobs.derived(recording.content_hash, name)


def playable_path(workspace: Workspace, recording: Recording) -> Path:
    """Return the file to decode for playing and cutting: the proxy if there is one, else the original.

    Raises
    ------
    ChangedError
        The original is the one to use and is no longer the file that was taken in.
    """
    proxy = proxy_path(workspace, recording)
    return proxy if proxy.exists() else check_unchanged(recording)


def prepare(
    workspace: Workspace,
    project_id: str,
    recording_ids: Sequence[str] | None = None,
    *,
    options: PrepareOptions | None = None,
    executor: Executor | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> PrepareReport:
    """Prepare recordings: those named, or all of the project that are not ready.

    Parameters
    ----------
    options
        Segmenter, its options, and ``again=True`` to prepare what is ready already.  A new segmentation is
        a new transcript; a person's work on an older one is never touched.
    executor
        Where ``analyse`` runs; None runs it here, one recording after the other.
    progress
        Called with (recording id, ratio done of it 0–1).
    """
    options = options or PrepareOptions()
    parse_options(registry.load("segmenter", options.segmenter), options.values)
    report = PrepareReport()
    chosen = workspace.store.recordings(project_id)
    if recording_ids is not None:
        chosen = [workspace.store.recording(project_id, id) for id in recording_ids]
    todo = [item for item in chosen if options.again or item.state != "ready"]
    report.unchanged = [item.id for item in chosen if item not in todo]
    if executor is None:
        for recording in todo:
            told = partial(progress, recording.id) if progress else None
            _run_one(workspace, recording, options, report, lambda task, told=told: analyse(task, told))
            if progress:
                progress(recording.id, 1.0)
        return report
    _run_pool(workspace, todo, options, report, executor, progress)
    return report


def _run_one(
    workspace: Workspace,
    recording: Recording,
    options: PrepareOptions,
    report: PrepareReport,
    run: Callable[[Task], Analysis],
) -> None:
    try:
        task = task_for(workspace, recording, segmenter=options.segmenter, options=options.values)
        workspace.store.update_recording(recording.project_id, recording.id, state="preparing", error=None)
        keep(workspace, recording, options.segmenter, run(task))
        report.ready.append(recording.id)
    except WorkspaceError:
        raise  # a full disk stops the run: the recordings are not at fault
    except SpeechLabelError as error:
        fail(workspace, recording, error)
        report.failed.append((recording.id, error.message))


def _run_pool(
    workspace: Workspace,
    todo: Sequence[Recording],
    options: PrepareOptions,
    report: PrepareReport,
    executor: Executor,
    progress: Callable[[str, float], None] | None,
) -> None:
    waiting: dict[Future[Analysis], Recording] = {}
    for recording in todo:
        try:
            task = task_for(workspace, recording, segmenter=options.segmenter, options=options.values)
        except SpeechLabelError as error:
            fail(workspace, recording, error)
            report.failed.append((recording.id, error.message))
            continue
        waiting[executor.submit(analyse, task)] = recording
    for future in as_completed(waiting):
        recording = waiting[future]
        _run_one(workspace, recording, options, report, lambda _task, future=future: future.result())
        if progress:
            progress(recording.id, 1.0)


def fail(workspace: Workspace, recording: Recording, error: SpeechLabelError) -> None:
    """Mark a recording as failed with the reason that people will read."""
    reason = getattr(error, "reason", None) or error.message
    workspace.store.update_recording(recording.project_id, recording.id, state="failed", error=reason)


def keep(workspace: Workspace, recording: Recording, segmenter: str, found: Analysis) -> Transcript:
    """Write an analysis: the recording's true length and layout, and a transcript by ``vad:<segmenter>``."""
    project_id, id = recording.project_id, recording.id
    language = workspace.store.project(project_id).language
    metadata = dict(recording.metadata)
    if found.n_bad_samples:
        metadata["n_bad_samples"] = found.n_bad_samples
    speakers, speaker_of = _speakers(found, workspace.store.speakers(project_id, id))
    transcript = Transcript(
        project_id=project_id,
        recording_id=id,
        author=f"vad:{segmenter}",
        stage="prepare",
        created_at=now(),
    )
    segments = [
        Segment(
            channel=channel,
            start_us=span.start_us,
            end_us=span.end_us,
            language=language,
            speaker=speaker_of.get(channel),
        )
        for channel, spans in found.spans.items()
        for span in spans
    ]
    # The length first: the store refuses segments past the end.  "ready" last: a recording that is
    # shown as ready has its transcript, whenever the process was killed.
    workspace.store.update_recording(
        project_id, id, n_frames=found.n_frames, layout=found.layout, metadata=metadata, error=None
    )
    workspace.store.add_transcript(transcript, segments, speakers)
    workspace.store.update_recording(project_id, id, state="ready")
    return transcript


def _speakers(found: Analysis, known: Sequence[Speaker]) -> tuple[list[Speaker], dict[int | None, str]]:
    """Give each channel of a call a voice, a known one where there is; none for a mix: who speaks is open."""
    if found.layout != "separate" or None in found.spans:
        return [], {}
    ids: dict[int | None, str] = {
        speaker.channel: speaker.id for speaker in known if speaker.channel is not None
    }
    made: list[Speaker] = []
    for number, channel in enumerate(found.spans, 1):
        if channel not in ids:
            id = unique_id(f"spk{number}", {speaker.id for speaker in known}.__contains__)
            made.append(Speaker(id=id, name=f"S{number}", channel=channel))
            ids[channel] = id
    return made, ids
