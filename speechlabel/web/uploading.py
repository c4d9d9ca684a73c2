"""Uploads that survive a broken line: a part file that grows by pieces, each at the offset it says.

The part lies in the workspace; when its last byte has come it is hashed, renamed to its content hash and
taken in.  Part files that nobody has touched for a day are removed, and so is at the start a stored file of
that age which no recording has: a server was killed just before it noted the recording, or that was removed.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import orjson

from speechlabel.checks import UNWRITABLE
from speechlabel.errors import AudioError, InputError, NotFoundError, WorkspaceError
from speechlabel.records import Recording, new_id
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.ingest import hash_file, ingest_stored

__all__ = ["RESERVE", "OffsetError", "SlowError", "TooLargeError", "Upload", "Uploads", "blocks"]

log = logging.getLogger(__name__)
ID = re.compile(r"[0-9a-f-]{36}")
STORED = re.compile(r"([0-9a-f]{64})(\.[a-z0-9]{1,8})?")  # a file named by its content
RESERVE = 256 << 20  # bytes that an upload leaves free on the disk
KEEP_SECONDS = 86_400
WRITE_BYTES = 1 << 20  # gathered before they are written
ABOUT = ("project_id", "name", "size", "recording_id", "is_new")  # kept beside the part
IDLE_SECONDS = 30.0  # without a byte, after which a sender is given up; it can go on later


class OffsetError(InputError):
    """A piece does not begin where the part ends; ``offset`` says where to go on."""

    code = "offset"


class TooLargeError(InputError):
    """More bytes than allowed or announced."""

    code = "too_large"


class SlowError(InputError):
    """No byte came for too long."""

    code = "too_slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An upload under way; ``recording_id`` once it has been taken in."""

    id: str
    project_id: str
    name: str
    size: int
    offset: int
    recording_id: str | None = None
    is_new: bool = False  # to the project


@dataclass(slots=True)
class _Turn:
    """Who writes to a part: the newest request; an older one is of a line that broke unnoticed."""

    lock: anyio.Lock = field(default_factory=anyio.Lock)
    number: int = 0
    users: int = 0


class Uploads:
    """The uploads of one workspace."""

    def __init__(self, workspace: Workspace, max_bytes: int) -> None:
        self.workspace = workspace
        self.max_bytes = max_bytes
        self.folder = workspace.root / "uploads" / "parts"
        self._turns: dict[str, _Turn] = {}
        self._taking = threading.Lock()  # two files of one name, or the same bytes twice, at once

    def begin(self, project_id: str, name: str, size: int) -> Upload:
        """Start an upload of ``size`` bytes.

        Raises
        ------
        InputError
            It is empty or has no name.
        TooLargeError
            It is larger than allowed.
        WorkspaceError
            The disk has no room for it.
        """
        self.workspace.store.project(project_id)
        name = plain_name(name)
        if size <= 0:
            raise InputError(f"{name!r}: the file is empty")
        if size > self.max_bytes:
            raise TooLargeError(
                f"{name!r}: larger than {self.max_bytes // 1_000_000} MB, the limit of this server"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sweep()
        if shutil.disk_usage(self.folder).free < size + RESERVE:
            raise WorkspaceError(
                "full", f"{name!r}: the server's disk has no room for it; free some and try again"
            )
        upload = Upload(id=new_id(), project_id=project_id, name=name, size=size, offset=0)
        try:
            self._part(upload.id).touch()
            self._write_about(upload)
        except OSError:
            self.drop(upload.id)
            raise
        return upload

    def get(self, id: str) -> Upload:
        """Return an upload as it stands, so that a client knows where to go on."""
        try:
            about = orjson.loads(self._about(id).read_bytes())
            offset = about["size"] if about["recording_id"] else self._part(id).stat().st_size
        except (OSError, orjson.JSONDecodeError) as error:
            raise NotFoundError("upload", id, hint="start it again") from error
        return Upload(id=id, offset=offset, **about)

    async def append(self, id: str, offset: int, pieces: AsyncIterator[bytes]) -> Upload:
        """Add bytes at ``offset``; what came before a broken line stays.

        Raises
        ------
        OffsetError
            The part is longer or shorter than ``offset``, or a newer request goes on with it.
        TooLargeError
            More bytes come than were announced.
        SlowError
            None came for half a minute.
        WorkspaceError
            The disk is full; what fitted stays.
        """
        self.get(id)  # before a lock is made for whatever id somebody tries
        turn = self._turns.setdefault(id, _Turn())
        turn.users += 1
        turn.number += 1
        number = turn.number
        try:
            async with turn.lock:  # an older request may be writing still
                upload = self.get(id)
                if offset != upload.offset:
                    raise OffsetError(f"{upload.name!r}: go on at byte {upload.offset}", offset=upload.offset)
            async for block in blocks(pieces):
                async with turn.lock:
                    if turn.number != number:
                        raise OffsetError(f"{upload.name!r}: another request goes on with it", offset=offset)
                    fits = block[: upload.size - offset]
                    await anyio.to_thread.run_sync(_write, self._part(id), offset, fits)
                offset += len(fits)
                if len(fits) < len(block):
                    raise TooLargeError(f"{upload.name!r}: more bytes came than were announced")
        finally:
            turn.users -= 1
            if turn.users == 0:
                self._turns.pop(id, None)
        return self.get(id)

    def finish(self, upload: Upload) -> tuple[Recording, bool]:
        """Take a complete upload in; returns the recording and whether it is new to the project.

        Sent again, as after a lost answer, it returns the same recording.

        Raises
        ------
        AudioError
            It cannot be opened as audio; nothing of it stays.
        WorkspaceError
            It could not be stored; the upload stays and can be finished later.
        """
        try:
            content_hash, _ = hash_file(self._part(upload.id))
        except AudioError:
            content_hash = ""  # the same request, sent again, has finished it in the meantime
        with self._taking:
            upload = self.get(upload.id)
            if upload.recording_id:
                return self.workspace.store.recording(upload.project_id, upload.recording_id), upload.is_new
            try:
                recording, is_new = self._take(upload, content_hash)
            except InputError as error:
                self.drop(upload.id)
                reason = str(error.data.get("reason", error.message)).replace(content_hash, "…")
                raise AudioError(upload.name, reason) from error
            self._write_about(replace(upload, recording_id=recording.id, is_new=is_new))
            self._part(upload.id).unlink(missing_ok=True)
            return recording, is_new

    def _take(self, upload: Upload, content_hash: str) -> tuple[Recording, bool]:
        part = self._part(upload.id)
        suffix = Path(upload.name).suffix.lower()
        suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
        stored = self.workspace.blobs.upload_path(content_hash, suffix)
        had_it = stored.exists()
        try:
            if not had_it:
                # Synced, renamed, folder synced, and only then a row: a row without its file never exists.
                _sync(part)
                part.replace(stored)
                _sync(stored.parent)
            recording, is_new = ingest_stored(self.workspace, upload.project_id, stored, name=upload.name)
            if not had_it and recording.path != str(stored):
                stored.unlink()  # the project has these bytes elsewhere
            return recording, is_new
        except InputError:
            if not had_it:
                stored.unlink(missing_ok=True)
            raise
        except BaseException:
            if not had_it and not part.exists():
                stored.replace(part)
            raise

    def drop(self, id: str) -> None:
        """Forget an upload and its part."""
        self._part(id).unlink(missing_ok=True)
        self._about(id).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove parts that nobody has touched for a day."""
        for path in self.folder.glob("*.*"):
            try:
                fresh = time.time() - path.stat().st_mtime <= KEEP_SECONDS
                if not fresh and not self._touched(path.stem):
                    path.unlink()
            except OSError:
                continue  # another sweep was faster

    def sweep_stored(self) -> None:
        """Remove stored files, a day old, whose content no recording has; for the start, before uploads come.

        The content is compared and not the path: a workspace that was moved keeps its files.
        """
        old: dict[Path, str] = {}
        for path in self.folder.parent.glob("*"):
            name = STORED.fullmatch(path.name)
            if name and path.is_file() and time.time() - path.stat().st_mtime > KEEP_SECONDS:
                old[path] = name[1]
        if not old:
            return
        store = self.workspace.store
        used = {item.content_hash for project in store.projects() for item in store.recordings(project.id)}
        for path, content_hash in old.items():
            if content_hash not in used:
                log.info("%s belongs to no recording: removed", path.name)
                path.unlink(missing_ok=True)

    def _touched(self, id: str) -> bool:
        """Tell whether either file of an upload has changed lately."""
        ages = [time.time() - path.stat().st_mtime for path in self.folder.glob(f"{id}.*") if path.exists()]
        return bool(ages) and min(ages) <= KEEP_SECONDS

    def _write_about(self, upload: Upload) -> None:
        about = {name: getattr(upload, name) for name in ABOUT}
        path = self._about(upload.id)
        new = path.with_suffix(".new")
        new.write_bytes(orjson.dumps(about))
        new.replace(path)

    def _part(self, id: str) -> Path:
        return self._named(id, ".part")

    def _about(self, id: str) -> Path:
        return self._named(id, ".json")

    def _named(self, id: str, suffix: str) -> Path:
        if not ID.fullmatch(id):
            raise NotFoundError("upload", id)
        return self.folder / f"{id}{suffix}"


def plain_name(name: str) -> str:
    """Return a file's name without folders and control characters.

    Raises
    ------
    InputError
        Nothing is left.
    """
    plain = " ".join(UNWRITABLE.sub(" ", re.split(r"[/\\]", name)[-1]).split())
    if plain in ("", ".", ".."):
        raise InputError(f"{name!r} is not a name for a file")
    return plain


async def blocks(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Join pieces into blocks worth a write; what came before an error is given out before it is raised."""
    waiting = bytearray()
    try:
        while True:
            try:
                with anyio.fail_after(IDLE_SECONDS):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                break
            except TimeoutError as error:
                raise SlowError(f"no byte came for {IDLE_SECONDS:.0f} s; go on where it stopped") from error
            waiting += piece
            if len(waiting) >= WRITE_BYTES:
                yield bytes(waiting)
                waiting.clear()
    except Exception:
        if waiting:
            yield bytes(waiting)
        raise
    if waiting:
        yield bytes(waiting)


def _write(path: Path, offset: int, block: bytes) -> None:
    """Write at an offset, all of it or as much as fits."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)
        left = memoryview(block)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
