"""Prepare recordings behind the page: short ones first, in processes of their own, with progress.

A recording whose audio cannot be read is marked with the reason.  When it is the disk that fails, the
recording is not at fault: it waits and is tried again until there is room.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Executor, Future

from speechlabel.batch.local import LocalPool
from speechlabel.errors import NotFoundError, SpeechLabelError, WorkspaceError
from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.analyse import submit
from speechlabel.workflow.options import PrepareOptions, check_options
from speechlabel.workflow.prepare import Analysis, Job, analyse_recording, fail, keep
from speechlabel.workflow.remove import remove_files

__all__ = ["Preparer"]

log = logging.getLogger(__name__)
UNPREPARED = ("new", "preparing")  # states
RETRY_SECONDS = 30.0  # how long a recording waits for room on the disk
WAITS = {  # why a recording waits, by the code that is stored beside it
    "disk_full": "the server's disk is full; it is tried again by itself",
    "disk_unwritable": "the server's disk cannot be written; it is tried again by itself",
}
Key = tuple[str, str]  # project, recording


class UnforeseenError(SpeechLabelError):
    """Preparing ended in an error that nobody raised on purpose."""

    code = "internal"


class Preparer:
    """Takes recordings to prepare and writes the results as they come; one write at a time."""

    def __init__(self, workspace: Workspace, workers: int) -> None:
        self.workspace = workspace
        # Two at least, so that a short recording never waits behind a long one.
        self._pool = LocalPool(max(2, workers))
        self._lock = threading.RLock()
        self._progress: dict[Key, float] = {}
        self._jobs: dict[Key, object] = {}  # what is under way: a result of anything else is of no use
        self._waiting: dict[Key, tuple[Recording, PrepareOptions]] = {}
        self._timer: threading.Timer | None = None
        self._closing = False
        self._taking_up: threading.Thread | None = None

    @property
    def pool(self) -> Executor:
        """The processes, for other heavy work of this server."""
        return self._pool

    def progress(self, project_id: str, recording_id: str) -> float | None:
        """Ratio done (0–1) of a recording that is queued or being prepared, else None."""
        return self._progress.get((project_id, recording_id))

    def resume(self) -> None:
        """Queue whatever an earlier run of the server left unprepared, as it was asked for then.

        That goes on beside: a server with ten thousand such recordings answers as soon as one with none.
        """
        self._taking_up = threading.Thread(target=self._take_up, name="taking up", daemon=True)
        self._taking_up.start()

    def _take_up(self) -> None:
        try:
            self._take_up_all()
        except SpeechLabelError as error:
            log.error("what an earlier run left unprepared waits for the next start: %s", error)

    def _take_up_all(self) -> None:
        for project in self.workspace.store.projects():
            for recording in self.workspace.store.recordings(project.id):
                if self._closing:
                    return
                if recording.state in UNPREPARED and self._claim((project.id, recording.id)):
                    self._take_up_one(recording)

    def _take_up_one(self, recording: Recording) -> None:
        key = (recording.project_id, recording.id)
        options = PrepareOptions()
        try:
            # Looked at again, now that nobody else can queue it: it may have been prepared since.
            recording = self.workspace.store.recording(*key)
            if recording.state not in UNPREPARED:
                self._progress.pop(key, None)
                return
            options = PrepareOptions.from_dict(recording.preparation)
            check_options(options)  # the segmenter may have been uninstalled
            if recording.error:
                self.workspace.store.update_recording(*key, error=None, error_code=None)
        except (SpeechLabelError, OSError) as error:
            self._ended(recording, options, error)
        else:
            self._submit(recording, options)

    def add(self, recording: Recording, options: PrepareOptions | None = None) -> bool:
        """Queue a recording; one that is queued already is left as it is.  Returns whether it was not.

        Its file is opened when its turn comes, in a process of the pool.

        Raises
        ------
        UnknownNameError, OptionError
            There is no such segmenter, or an option does not fit; the recording stays as it was.
        """
        key = (recording.project_id, recording.id)
        options = options or PrepareOptions()
        check_options(options)
        if not self._claim(key):
            return False
        try:
            self.workspace.store.update_recording(
                *key, state="preparing", error=None, error_code=None, preparation=options.to_dict()
            )
        except (SpeechLabelError, OSError) as error:
            self._ended(recording, options, error)
            return True
        return self._submit(recording, options)

    def _claim(self, key: Key) -> bool:
        """Take a recording for this queue, unless it is there already or there is no queue any more."""
        with self._lock:
            if key in self._progress or self._closing:
                return False
            self._progress[key] = 0.0
            self._waiting.pop(key, None)
            return True

    def _submit(self, recording: Recording, options: PrepareOptions) -> bool:
        key = (recording.project_id, recording.id)
        mine = self._jobs[key] = object()

        def told(ratio: float) -> None:
            if self._jobs.get(key) is mine:
                self._progress[key] = ratio

        job = Job(recording=recording, blobs=self.workspace.blobs, options=options)
        try:
            future = submit(self._pool, analyse_recording, job, recording.size_bytes, told)
        except RuntimeError:  # closed in the meantime
            return False
        future.add_done_callback(lambda done: self._finished(recording, options, mine, done))
        return True

    def forget(self, project_id: str, recording_id: str) -> None:
        """Drop a recording that was removed; what a process is still making of it is removed when it ends."""
        key = (project_id, recording_id)
        with self._lock:
            for known in (self._progress, self._waiting, self._jobs):
                known.pop(key, None)

    def _finished(
        self, recording: Recording, options: PrepareOptions, job: object, done: Future[Analysis]
    ) -> None:
        if self._closing or done.cancelled():
            return  # it stays "preparing", and the next start takes it up again
        if self._jobs.get((recording.project_id, recording.id)) is not job:
            self._removed(recording)
            return
        try:
            keep(self.workspace, recording, options.segmenter, done.result())
        except Exception as error:
            self._ended(recording, options, error)
        else:
            self._progress.pop((recording.project_id, recording.id), None)

    def _ended(self, recording: Recording, options: PrepareOptions, error: Exception) -> None:
        """Say on the recording why it is not prepared; where that would heal, try again later."""
        key = (recording.project_id, recording.id)
        try:
            if isinstance(error, WorkspaceError | OSError):
                self._later(recording, options, error)
            elif isinstance(error, NotFoundError):
                self._removed(recording)
            else:
                self._failed(recording, error)
        except SpeechLabelError as second:
            log.warning("recording %s: %s", recording.id, second)
        finally:
            self._progress.pop(key, None)

    def _removed(self, recording: Recording) -> None:
        log.info("recording %s was removed while it was prepared", recording.id)
        try:
            remove_files(self.workspace, [recording])
        except SpeechLabelError as error:
            log.warning("files of the recording %s stay: %s", recording.id, error)

    def _failed(self, recording: Recording, error: Exception) -> None:
        if not isinstance(error, SpeechLabelError):
            log.error("preparing %s failed", recording.id, exc_info=error)
            error = UnforeseenError("an internal error; the server's log has the details")
        fail(self.workspace, recording, error)

    def _later(self, recording: Recording, options: PrepareOptions, error: WorkspaceError | OSError) -> None:
        log.warning("recording %s waits: %s", recording.id, error)
        with self._lock:
            self._waiting[recording.project_id, recording.id] = (recording, options)
            if self._timer is None and not self._closing:
                self._timer = threading.Timer(RETRY_SECONDS, self._try_again)
                self._timer.daemon = True
                self._timer.start()
        is_full = isinstance(error, WorkspaceError) and error.data["reason"] == "full"
        code = "disk_full" if is_full else "disk_unwritable"
        self.workspace.store.update_recording(
            recording.project_id, recording.id, state="new", error=WAITS[code], error_code=code
        )

    def _try_again(self) -> None:
        with self._lock:
            waiting, self._waiting, self._timer = self._waiting, {}, None
        for recording, options in waiting.values():
            self.add(recording, options)

    def close(self) -> None:
        """Stop at once; what was under way is prepared again at the next start."""
        with self._lock:
            self._closing = True
            if self._timer is not None:
                self._timer.cancel()
        if self._taking_up is not None:
            self._taking_up.join()  # before the workspace is closed under it
        self._pool.shutdown(cancel_futures=True)
