"""Ingest: paths → Recordings.  A good file comes in whole; a bad one is listed once with its reason."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from speechlabel.audio.decode import probe
from speechlabel.errors import AudioError, ChangedError, NotFoundError, SpeechLabelError
from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.projects import now, safe_id, unique_id

__all__ = ["AUDIO_SUFFIXES", "IngestReport", "check_unchanged", "hash_file", "ingest", "ingest_stored"]

# In a folder only these are taken for recordings; a file that is named itself is always tried.
AUDIO_SUFFIXES = frozenset(
    f".{suffix}"
    for suffix in (
        *(
            "wav",
            "wave",
            "flac",
            "ogg",
            "oga",
            "opus",
            "mp3",
            "aiff",
            "aif",
            "aifc",
            "au",
            "snd",
            "caf",
            "w64",
        ),
        *(
            "rf64",
            "sph",
            "nist",
            "voc",
            "m4a",
            "m4b",
            "aac",
            "amr",
            "awb",
            "wma",
            "asf",
            "webm",
            "weba",
            "mka",
        ),
        *(
            "mkv",
            "mp4",
            "mov",
            "m4v",
            "avi",
            "3gp",
            "3g2",
            "ts",
            "mpg",
            "mpeg",
            "ac3",
            "gsm",
            "ape",
            "wv",
            "tta",
        ),
    )
)
BLOCK = 1 << 20


@dataclass(kw_only=True)
class IngestReport:
    """What became of each file."""

    added: list[Recording] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    known: list[tuple[Path, Recording]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    failed: list[tuple[Path, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    n_skipped: int = 0  # files in a folder that are not recordings by their name


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
        A file whose content the project already has is ``known``, whatever its name.
    """
    workspace.store.project(project_id)
    report = IngestReport()
    files = list(_walk(paths, report))
    for done, path in enumerate(files, 1):
        try:
            _take(workspace, project_id, path, report)
        except SpeechLabelError as error:
            report.failed.append((path, getattr(error, "reason", None) or error.message))
        if progress:
            progress(done, len(files))
    return report


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


def _walk(paths: Iterable[Path | str], report: IngestReport) -> Iterator[Path]:
    """Each file once, in a stable order."""
    seen: set[Path] = set()
    for path in map(Path, paths):
        found = _files_in(path, report) if path.is_dir() else [path]
        for item in found:
            # Not resolved: a link is taken under the name that the person gave.
            item = Path(os.path.abspath(item))  # noqa: PTH100 - Path.absolute keeps ".."
            if item not in seen:
                seen.add(item)
                yield item


def _files_in(folder: Path, report: IngestReport) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.startswith("."):
                continue
            if Path(name).suffix.lower() in AUDIO_SUFFIXES:
                yield Path(parent, name)
            else:
                report.n_skipped += 1


def _take(
    workspace: Workspace,
    project_id: str,
    path: Path,
    report: IngestReport,
    *,
    stored_as: str | None = None,
) -> None:
    """Take one file; ``stored_as`` is the name that an upload had, None for a file that is referenced."""
    content_hash, status = hash_file(path)
    if known := workspace.store.find_recording(project_id, content_hash):
        report.known.append((path, known))
        return
    info = probe(path)
    shown = stored_as or path.name

    def is_taken(id: str) -> bool:
        try:
            workspace.store.recording(project_id, id)
        except NotFoundError:
            return False
        return True

    recording = Recording(
        id=unique_id(safe_id(Path(shown).stem, fallback=f"r{content_hash[:8]}"), is_taken),
        project_id=project_id,
        name=shown.encode("utf-8", "replace").decode("utf-8"),
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
            same = hash_file(path)[0] == recording.content_hash
        except AudioError as error:
            raise ChangedError(path, "cannot be read any more") from error
        if not same:
            raise ChangedError(path, "has changed since it was taken in")
    return path


def find_recording(workspace: Workspace, project_id: str, name: str) -> Recording:
    """Return the recording with that id or name, or raise ``NotFoundError``."""
    for recording in workspace.store.recordings(project_id):
        if name in (recording.id, recording.name):
            return recording
    raise NotFoundError("recording", name)
