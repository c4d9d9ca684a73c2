"""Prepare recordings behind the page: short ones first, in processes of their own, with progress."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future

from speechlabel.batch.local import LocalPool
from speechlabel.errors import SpeechLabelError
from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.prepare import Analysis, PrepareOptions, analyse, fail, keep, task_for

__all__ = ["Preparer"]

log = logging.getLogger(__name__)


class Preparer:
    """Takes recordings to prepare and writes the results as they come; one write at a time."""

    def __init__(self, workspace: Workspace, workers: int) -> None:
        self.workspace = workspace
        # Two at least, so that a short recording never waits behind a long one.
        self._pool = LocalPool(max(2, workers))
        self._lock = threading.Lock()
        self._progress: dict[tuple[str, str], float] = {}

    def progress(self, project_id: str, recording_id: str) -> float | None:
        """Ratio done (0–1) of a recording that is waiting or being prepared, else None."""
        return self._progress.get((project_id, recording_id))

    def resume(self) -> None:
        """Queue whatever an earlier run of the server left unprepared."""
        for project in self.workspace.store.projects():
            for recording in self.workspace.store.recordings(project.id):
                if recording.state in ("new", "preparing"):
                    self.add(recording)

    def add(self, recording: Recording, options: PrepareOptions | None = None) -> None:
        """Queue a recording; one that is queued already is left as it is."""
        key = (recording.project_id, recording.id)
        options = options or PrepareOptions()
        with self._lock:
            if key in self._progress:
                return
            self._progress[key] = 0.0
        try:
            task = task_for(self.workspace, recording, segmenter=options.segmenter, options=options.values)
            self.workspace.store.update_recording(*key, state="preparing", error=None)
        except SpeechLabelError as error:
            self._failed(recording, error)
            return

        def told(ratio: float) -> None:
            self._progress[key] = ratio

        future = self._pool.submit_sized(analyse, task, size=recording.size_bytes, on_progress=told)
        future.add_done_callback(lambda done: self._finished(recording, options, done))

    def _finished(self, recording: Recording, options: PrepareOptions, done: Future[Analysis]) -> None:
        if done.cancelled():
            return
        try:
            keep(self.workspace, recording, options.segmenter, done.result())
        except SpeechLabelError as error:
            self._failed(recording, error)
        except Exception:
            log.exception("preparing %s failed", recording.id)
            self._failed(recording, SpeechLabelError("an internal error; the server's log has the details"))
        finally:
            self._progress.pop((recording.project_id, recording.id), None)

    def _failed(self, recording: Recording, error: SpeechLabelError) -> None:
        self._progress.pop((recording.project_id, recording.id), None)
        try:
            fail(self.workspace, recording, error)
        except SpeechLabelError:
            log.warning("recording %s is gone or the workspace cannot be written", recording.id)

    def close(self) -> None:
        """Stop at once; what was under way is prepared again at the next start."""
        self._pool.shutdown(cancel_futures=True)
