"""Ingest: paths → Recordings.  A good file comes in whole; a bad one is listed once with its reason."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from speechlabel.audio.decode import probe
from speechlabel.errors import AudioError, ChangedError, NotFoundError, SpeechLabelError, WorkspaceError
from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.timing import now
from speechlabel.workflow.projects import safe_id, unique_id
from speechlabel.workflow.shelf import id_is_spent

__all__ = [
    "AUDIO_SUFFIXES",
    "TAKING",
    "UNWRITABLE_NAME",
    "Found",
    "IngestReport",
    "check_unchanged",
    "find_files",
    "find_recording",
    "hash_file",
    "ingest",
    "ingest_stored",
    "is_writable",
    "plain_reason",
    "refuse_changed",
]

# In a folder only these are taken for recordings; a file that is named itself is always tried.
# fmt: off
AUDIO_SUFFIXES = frozenset({
    ".3g2", ".3gp", ".aac", ".ac3", ".aif", ".aifc", ".aiff", ".amr", ".ape", ".asf", ".au", ".avi", ".awb",
    ".caf", ".flac", ".gsm", ".m4a", ".m4b", ".m4v", ".mka", ".mkv", ".mov", ".mp3", ".mp4", ".mpeg",
    ".mpg", ".nist", ".oga", ".ogg", ".opus", ".rf64", ".snd", ".sph", ".ts", ".tta", ".voc", ".w64", ".wav",
    ".wave", ".weba", ".webm", ".wma", ".wv",
})
# fmt: on
UNWRITABLE_NAME = "its name is not valid UTF-8; rename the file or its folder"
BLOCK = 1 << 20
TAKING = threading.Lock()  # between the look for a content or an id, and its row, no other file is taken


@dataclass(kw_only=True)
class IngestReport:
    """What became of each file."""

    added: list[Recording] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    known: list[tuple[Path, Recording]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    failed: list[tuple[Path, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    n_skipped: int = 0  # files in a folder that are not recordings by their name

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON: ``{"added", "known", "failed", "skipped"}``."""
        return {
            "added": [item.id for item in self.added],
            "known": [{"path": str(path), "id": item.id} for path, item in self.known],
            "failed": [{"path": str(path), "reason": reason} for path, reason in self.failed],
            "skipped": self.n_skipped,
        }


def ingest(
    workspace: Workspace,
    project_id: str,
    paths: Sequence[Path | str],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> IngestReport:
    """Take recordings into a project; they are referenced where they lie.

    Parameters
    ----------
    paths
        Files, or folders that are walked whole.  In a folder, files without an audio suffix are skipped.
    progress
        Called with (files done, files in all).

    Returns
    -------
    IngestReport
        A file whose content the project already has is ``known``, whatever its name; if the file that was
        taken in is no longer there, the recording is pointed to this one.

    Raises
    ------
    WorkspaceError
        The workspace cannot be written; what was taken in so far stays.
    """
    workspace.store.project(project_id)
    files, n_skipped, unreadable = find_files(paths, beside=workspace.root)
    report = IngestReport(n_skipped=n_skipped, failed=unreadable)
    for done, path in enumerate(files, 1):
        try:
            _take(workspace, project_id, path, report)
        except WorkspaceError:
            raise  # the files are not at fault
        except SpeechLabelError as error:
            report.failed.append((path, plain_reason(error)))
        if progress:
            progress(done, len(files))
    return report


def plain_reason(error: SpeechLabelError) -> str:
    """Return what is wrong, for a place where the recording's name stands already, and none with its path."""
    if isinstance(error, ChangedError):
        path = error.data["path"]
        return error.message.replace(path, Path(path).name)
    return error.data["reason"] if isinstance(error, AudioError) else error.message


def ingest_stored(workspace: Workspace, project_id: str, path: Path, *, name: str) -> tuple[Recording, bool]:
    """Take an upload that already lies in the workspace; returns the recording and whether it is new.

    Raises
    ------
    AudioError
        It cannot be opened as audio.
    """
    report = IngestReport()
    _take(workspace, project_id, path, report, stored_as=name)
    return (report.added[0], True) if report.added else (report.known[0][1], False)


class Found(NamedTuple):
    """Files to take in, how many beside them are no recordings by their name, and what cannot be read."""

    files: list[Path]
    n_skipped: int
    unreadable: list[tuple[Path, str]]


def find_files(paths: Iterable[Path | str], *, beside: Path | None = None) -> Found:
    """Find the files that are named, or lie in a folder that is, each once.

    The order is that of the paths and, in a folder, of the names.  A workspace that lies in such a folder is
    not walked (``beside``): the copies in it are no recordings of anybody's.
    """
    found: dict[Path, None] = {}
    n_skipped = 0
    unreadable: list[tuple[Path, str]] = []

    def refused(error: OSError) -> None:
        unreadable.append((Path(error.filename), f"the folder cannot be read: {error.strerror}"))

    for path in map(Path, paths):
        # Not resolved: a link is taken under the name that the person gave.
        path = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps ".."
        if not path.is_dir():
            found[path] = None
            continue
        for parent, folders, names in os.walk(path, onerror=refused):
            folders[:] = sorted(
                name
                for name in folders
                if beside is None or name != beside.name or not Path(parent, name).samefile(beside)
            )
            for name in sorted(names):
                if Path(name).suffix.lower() in AUDIO_SUFFIXES and not name.startswith("."):
                    found[Path(parent, name)] = None
                else:
                    n_skipped += not name.startswith(".")
    return Found(list(found), n_skipped, unreadable)


def _take(
    workspace: Workspace,
    project_id: str,
    path: Path,
    report: IngestReport,
    *,
    stored_as: str | None = None,
) -> None:
    """Take one file; ``stored_as`` is the name that an upload had, None for a file that is referenced."""
    shown = stored_as or path.name
    if not is_writable(str(path)) or not is_writable(shown):
        # Neither the database nor any manifest could write such a path down.
        raise AudioError(path, UNWRITABLE_NAME)
    content_hash, status = hash_file(path)
    with TAKING:
        if known := workspace.store.find_recording(project_id, content_hash):
            known = _found_again(workspace, known, path, status, is_stored=stored_as is not None)
            report.known.append((path, known))
            return
        info = probe(path)

        def is_taken(id: str) -> bool:
            try:
                workspace.store.recording(project_id, id)
            except NotFoundError:
                return id_is_spent(workspace, project_id, id, content_hash)
            return True

        recording = Recording(
            id=unique_id(safe_id(Path(shown).stem, fallback=f"r{content_hash[:8]}"), is_taken),
            project_id=project_id,
            name=shown,
            path=str(path),
            is_stored=stored_as is not None,
            content_hash=content_hash,
            size_bytes=status.st_size,
            modified_ns=status.st_mtime_ns,
            container=info.container,
            codec=info.codec,
            sample_rate=info.sample_rate,
            channels=info.channels,
            n_frames=info.n_frames,
            created_at=now(),
        )
        workspace.store.add_recording(recording)
        report.added.append(recording)


def is_writable(text: str) -> bool:
    """Tell whether a file's name can be written down: it may hold bytes that are no UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _found_again(
    workspace: Workspace, known: Recording, path: Path, status: os.stat_result, *, is_stored: bool
) -> Recording:
    """Point a recording whose file was moved, or put back by a copy, to the file with the same content."""
    try:
        is_elsewhere = check_unchanged(known) != path
    except ChangedError:
        is_elsewhere = False
    as_known = (str(path), status.st_mtime_ns) == (known.path, known.modified_ns)
    if is_elsewhere or as_known:
        return known
    return workspace.store.update_recording(
        known.project_id, known.id, path=str(path), modified_ns=status.st_mtime_ns, is_stored=is_stored
    )


def hash_file(path: Path) -> tuple[str, os.stat_result]:
    """SHA-256 of a regular file's bytes (hex) and its status, both from one open file.

    Raises
    ------
    AudioError
        The file is missing, empty, not a regular file or not readable.
    """
    digest = hashlib.sha256()
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a FIFO must not hang us
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise AudioError(path, "is not a regular file")
            if status.st_size == 0:
                raise AudioError(path, "the file is empty")
            while block := file.read(BLOCK):
                digest.update(block)
    except FileNotFoundError as error:
        raise AudioError(path, "there is no such file") from error
    except (OSError, ValueError) as error:
        raise AudioError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return digest.hexdigest(), status


def check_unchanged(recording: Recording) -> Path:
    """Return the recording's path if the file is still the one that was taken in.

    Size and modification time are compared; if the time differs, the content decides.

    Raises
    ------
    ChangedError
        The file is gone or holds other bytes.
    """
    path = Path(recording.path)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise ChangedError(path, "is gone or cannot be read") from error
    if status.st_size != recording.size_bytes:
        raise ChangedError(path, "has changed since it was taken in")
    if status.st_mtime_ns != recording.modified_ns:
        try:
            same = _hash_of(path, status.st_mtime_ns, status.st_ino) == recording.content_hash
        except AudioError as error:
            raise ChangedError(path, "cannot be read any more") from error
        if not same:
            raise ChangedError(path, "has changed since it was taken in")
    return path


@lru_cache(maxsize=1000)
def _hash_of(path: Path, modified_ns: int, inode: int) -> str:
    """Hash a file that was touched, once and not for each piece of it that is played."""
    return hash_file(path)[0]


def refuse_changed(recording: Recording) -> bool:
    """Tell whether the recording's file is there.

    Raises
    ------
    ChangedError
        It is, and holds other bytes than those that were taken in.
    """
    try:
        check_unchanged(recording)
    except ChangedError:
        if os.path.lexists(recording.path):
            raise
        return False
    return True


def find_recording(workspace: Workspace, project_id: str, name: str) -> Recording:
    """Return the recording with that id or name, or raise ``NotFoundError``."""
    for recording in workspace.store.recordings(project_id):
        if name in (recording.id, recording.name):
            return recording
    raise NotFoundError("recording", name)
