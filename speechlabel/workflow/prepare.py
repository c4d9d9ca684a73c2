"""Prepare: Recording → peaks, playable audio and a first segmentation by voice-activity detection.

``prepare`` runs ``analyse`` for each recording through any ``concurrent.futures.Executor`` and writes what
comes back; a recording that fails is marked with its reason and does not stop the others.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from speechlabel.audio.base import fits_flac
from speechlabel.audio.decode import open_audio
from speechlabel.errors import ChangedError, NotFoundError, SpeechLabelError, WorkspaceError
from speechlabel.records import Layout, Recording, Segment, Speaker, Transcript
from speechlabel.store.blobs import Blobs
from speechlabel.store.workspace import Workspace
from speechlabel.timing import now
from speechlabel.workflow.analyse import Analysis, Progress, Task, analyse, segment_file, submit
from speechlabel.workflow.ingest import check_unchanged, plain_reason
from speechlabel.workflow.options import LayoutChoice, PrepareOptions, changes_layout, check_options
from speechlabel.workflow.projects import unique_id

__all__ = [
    "Analysis",
    "Job",
    "PrepareOptions",
    "PrepareReport",
    "analyse_recording",
    "fail",
    "is_due",
    "keep",
    "peaks_path",
    "playable_path",
    "prepare",
    "proxy_path",
    "segment_file",
]

PEAKS = "peaks-1.slp"
STALE_S = 3_600  # a part that nobody has written to for so long belongs to a process that died


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A recording to prepare, in plain values that travel to a worker process."""

    recording: Recording
    blobs: Blobs
    options: PrepareOptions


@dataclass(kw_only=True)
class PrepareReport:
    """What became of each recording."""

    ready: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    unchanged: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    failed: list[tuple[str, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON: ``{"ready", "unchanged", "failed"}``."""
        failed = [{"recording": id, "reason": reason} for id, reason in self.failed]
        return {"ready": self.ready, "unchanged": self.unchanged, "failed": failed}


def analyse_recording(job: Job, progress: Progress | None = None) -> Analysis:
    """Check that a recording's file is still the same and analyse it: all that opens the file.

    Raises
    ------
    ChangedError, AudioError
        The file is not the one that was taken in, or cannot be opened.
    SegmenterError
        The segmenter broke off.
    WorkspaceError
        There is no room for what will be made.
    """
    return analyse(_task(job), progress)


def _task(job: Job) -> Task:
    recording, options = job.recording, job.options
    path = check_unchanged(recording)
    with open_audio(path) as decoder:
        needs_proxy = decoder.info.needs_proxy
    peaks = _peaks(job.blobs, recording)
    _make_room(peaks.parent)
    return Task(
        path=str(path),
        peaks_path=str(peaks),
        proxy_path=str(_proxy(job.blobs, recording)) if needs_proxy else None,
        segmenter=options.segmenter,
        options=options.values,
        layout=recording.layout if options.layout is None else _wanted(options.layout),
    )


def _wanted(choice: LayoutChoice) -> Layout | None:
    return None if choice == "auto" else choice


def _make_room(folder: Path) -> None:
    """Make the folder of a recording's derived files, without what a killed process left in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in folder.glob("*.part"):
            if time.time() - part.stat().st_mtime > STALE_S:
                part.unlink(missing_ok=True)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise WorkspaceError(
                "full", f"the disk of {str(folder)!r} is full; make room and try again"
            ) from error
        raise WorkspaceError("unwritable", f"{str(folder)!r} cannot be made: {error.strerror}") from error


def peaks_path(workspace: Workspace, recording: Recording) -> Path:
    """Where the peaks of a recording lie, once it is prepared."""
    return _peaks(workspace.blobs, recording)


def proxy_path(workspace: Workspace, recording: Recording) -> Path:
    """Where the sample-exact copy of a recording lies, if it has one."""
    return _proxy(workspace.blobs, recording)


def _peaks(blobs: Blobs, recording: Recording) -> Path:
    return blobs.derived(recording.content_hash, PEAKS)


def _proxy(blobs: Blobs, recording: Recording) -> Path:
    kind = "flac" if fits_flac(recording.sample_rate, recording.channels) else "w64"
    return blobs.derived(recording.content_hash, f"proxy-1.{kind}")


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
    """Prepare recordings: those named, or all of the project, if they are not ready or get another layout.

    Parameters
    ----------
    options
        Segmenter, its options, the layout of the channels, and ``again=True`` to prepare what is ready
        already.  A new segmentation is a new transcript; a person's work on an older one is never touched.
    executor
        Where ``analyse`` runs; None runs it here, one recording after the other.
    progress
        Called with (recording id, ratio done of it 0–1).

    Raises
    ------
    UnknownNameError, OptionError
        There is no such segmenter or layout, or an option does not fit.
    NotFoundError
        There is no such project, or no recording of an id.
    WorkspaceError
        The disk is full or cannot be written; what was prepared so far stays.
    """
    options = options or PrepareOptions()
    check_options(options)
    report = PrepareReport()
    chosen = workspace.store.recordings(project_id)
    if recording_ids is not None:
        chosen = [workspace.store.recording(project_id, id) for id in dict.fromkeys(recording_ids)]
    todo = [item for item in chosen if is_due(workspace, item, options)]
    ids = {item.id for item in todo}
    report.unchanged = [item.id for item in chosen if item.id not in ids]
    run = _Run(workspace, options, report, progress)
    if executor is None:
        for recording in todo:
            run.here(recording)
    else:
        run.there(todo, executor)
    return report


def is_due(workspace: Workspace, recording: Recording, options: PrepareOptions) -> bool:
    """Tell whether there is something to prepare: it is not ready, asked for again, or gets other lanes."""
    if options.again or changes_layout(options.layout, recording.layout, recording.channels):
        return True
    return not is_prepared(workspace, recording)


def is_prepared(workspace: Workspace, recording: Recording) -> bool:
    """Tell whether a recording can be opened: prepared, and its derived files still there."""
    return recording.state == "ready" and peaks_path(workspace, recording).is_file()


class _Run:
    """One call of ``prepare``."""

    def __init__(
        self,
        workspace: Workspace,
        options: PrepareOptions,
        report: PrepareReport,
        progress: Callable[[str, float], None] | None,
    ) -> None:
        self.workspace = workspace
        self.options = options
        self.report = report
        self.progress = progress or _untold

    def here(self, recording: Recording) -> None:
        told = partial(self.progress, recording.id)
        self._finish(recording, lambda: analyse_recording(self._job(recording), told))

    def there(self, todo: Sequence[Recording], executor: Executor) -> None:
        waiting: dict[Future[Analysis], Recording] = {}
        for recording in todo:
            told = partial(self.progress, recording.id)
            future = submit(executor, analyse_recording, self._job(recording), recording.size_bytes, told)
            waiting[future] = recording
        for future in as_completed(waiting):
            self._finish(waiting[future], future.result)

    def _job(self, recording: Recording) -> Job:
        return Job(recording=recording, blobs=self.workspace.blobs, options=self.options)

    def _finish(self, recording: Recording, result: Callable[[], Analysis]) -> None:
        try:
            keep(self.workspace, recording, self.options.segmenter, result())
        except WorkspaceError:
            raise  # a full disk stops the run: the recordings are not at fault
        except SpeechLabelError as error:
            self._failed(recording, error)
        else:
            self.report.ready.append(recording.id)
            self.progress(recording.id, 1.0)

    def _failed(self, recording: Recording, error: SpeechLabelError) -> None:
        fail(self.workspace, recording, error)
        self.report.failed.append((recording.id, plain_reason(error)))
        self.progress(recording.id, 1.0)


def _untold(_id: str, _ratio: float) -> None:
    """Nobody wants to know."""


def fail(workspace: Workspace, recording: Recording, error: SpeechLabelError) -> None:
    """Note why a recording could not be prepared; one that was ready once stays ready, as it was."""
    made = workspace.store.transcripts(recording.project_id, recording.id)
    state = "ready" if made and peaks_path(workspace, recording).is_file() else "failed"
    workspace.store.update_recording(
        recording.project_id,
        recording.id,
        state=state,
        error=plain_reason(error),
        error_code=error.code,
        preparation={},
    )


def keep(workspace: Workspace, recording: Recording, segmenter: str, found: Analysis) -> Transcript:
    """Write an analysis: the recording's true length and layout, and a transcript by ``vad:<segmenter>``.

    Raises
    ------
    ChangedError
        The file changed while it was analysed: nothing of the analysis is kept.
    NotFoundError
        The recording was removed meanwhile, be it that another one has its id now.
    """
    now_there = workspace.store.recording(recording.project_id, recording.id)
    if now_there.created_at != recording.created_at:
        raise NotFoundError("recording", recording.id)
    try:
        check_unchanged(recording)
    except ChangedError:
        for path in (peaks_path(workspace, recording), proxy_path(workspace, recording)):
            path.unlink(missing_ok=True)
        raise
    project_id, id = recording.project_id, recording.id
    language = workspace.store.project(project_id).language
    metadata = dict(now_there.metadata)  # it may have been renamed meanwhile
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
    # The length first: the store refuses segments past the end.  "ready" and the layout last: a recording
    # that is shown as ready has its transcript, and one that shows a layout has that layout's segments,
    # whenever the process was killed.
    workspace.store.update_recording(
        project_id, id, n_frames=found.n_frames, metadata=metadata, error=None, error_code=None
    )
    workspace.store.add_transcript(transcript, segments, speakers)
    workspace.store.update_recording(project_id, id, layout=found.layout, state="ready", preparation={})
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
