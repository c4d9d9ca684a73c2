"""Files of a workspace: uploads, annotations that were imported, and what is derived from recordings.

``<root>/uploads/<hash><suffix>``, ``<root>/imported/<hash[:2]>/<hash>/<name>`` and
``<root>/derived/<hash[:2]>/<hash>/<name>``, by the content hash of the recording.  A file is there whole or
not at all: it is written beside its place, synced, and renamed.  Only what is derived can be made again.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path

import uuid_utils

from speechlabel.errors import RecordError, WorkspaceError

__all__ = ["Blobs", "atomic"]

log = logging.getLogger(__name__)
HASH = re.compile(r"[0-9a-f]{16,128}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,16})?")
STALE_S = 86_400  # a part this old belongs to a process that died


class Blobs:
    """Paths of derived files and uploads below one folder; making an object touches nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def derived(self, content_hash: str, name: str) -> Path:
        """Where a derived file of a recording lies or will lie."""
        folder = _checked("content_hash", content_hash, HASH)
        return self.root / "derived" / folder[:2] / folder / _checked("name", name, NAME)

    def imported(self, content_hash: str, name: str) -> Path:
        """Where an annotation of a recording that was imported lies or will lie."""
        folder = _checked("content_hash", content_hash, HASH)
        return self.root / "imported" / folder[:2] / folder / _checked("name", name, NAME)

    def has(self, content_hash: str, name: str) -> bool:
        """Tell whether a derived file is there."""
        return self.derived(content_hash, name).is_file()

    def upload_path(self, content_hash: str, suffix: str = "") -> Path:
        """Where an upload lies or will lie; ``suffix`` is the file's own, with its dot (``".wav"``)."""
        name = _checked("content_hash", content_hash, HASH) + _checked("suffix", suffix, SUFFIX).lower()
        return self.root / "uploads" / name

    def put(self, content_hash: str, name: str, content: bytes | Iterable[bytes]) -> Path:
        """Write a derived file, whole or not at all; an older one of that name is replaced."""
        path = self.derived(content_hash, name)
        with atomic(path) as part, part.open("wb") as file:
            for block in (content,) if isinstance(content, bytes) else content:
                file.write(block)
        return path

    def keep_imported(self, content_hash: str, name: str, content: bytes) -> Path:
        """Write an annotation that was imported, whole or not at all."""
        path = self.imported(content_hash, name)
        with atomic(path) as part:
            part.write_bytes(content)
        return path

    def drop_derived(self, content_hash: str) -> None:
        """Remove the derived files of a recording and its imported annotations, those that are there."""
        for folder in (self.derived(content_hash, "any").parent, self.imported(content_hash, "any").parent):
            for path in folder.glob("*"):
                _drop(path)
            with suppress(OSError):  # not there, or not empty: somebody is writing
                folder.rmdir()

    def drop_upload(self, content_hash: str) -> None:
        """Remove an upload, if it is there."""
        path = self.upload_path(content_hash)
        for found in path.parent.glob(f"{path.name}*"):
            if SUFFIX.fullmatch(found.name.removeprefix(path.name)):
                _drop(found)


def _drop(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:  # some systems keep a file that is open
        log.warning("%s is of no use any more and could not be removed: %s", path, error)


def _checked(field: str, value: str, pattern: re.Pattern[str]) -> str:
    if not pattern.fullmatch(value):
        raise RecordError("stored file", field, value, "is not a name that the workspace uses")
    return value


@contextmanager
def atomic(path: Path) -> Generator[Path]:
    """Give a path in the same folder to write to; it takes the place of ``path`` when the block ends well.

    The file is synced before it is renamed and its folder after, so that a power cut leaves the old file or
    the new one.  When the block fails nothing is left.

    Raises
    ------
    WorkspaceError
        ``full`` or ``unwritable``: the disk refused, here or in the block.
    """
    part = path.with_name(f".{path.name}.{uuid_utils.uuid7()}.part")
    try:
        _make_folder(path.parent)
        yield part
        _sync(part)
        part.replace(path)
        _sync(path.parent)
        _sweep(path)
    except OSError as error:
        raise _explained(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, each synced into the one that names it."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows has no handle of a folder to sync
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    """Remove parts of this file that a killed process left behind."""
    for part in path.parent.glob(f".{path.name}.*.part"):
        if time.time() - part.stat().st_mtime > STALE_S:
            part.unlink(missing_ok=True)


def _explained(path: Path, error: OSError) -> WorkspaceError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkspaceError(
            "full", f"the disk is full: {str(path)!r} was not written; free some space and try again"
        )
    reason = error.strerror or str(error)
    return WorkspaceError("unwritable", f"{str(path)!r} cannot be written: {reason}")
