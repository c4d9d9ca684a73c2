"""Uploads that survive a broken line: a part file that grows by pieces, each at the offset it says.

The part lies in the workspace; when its last byte has come it is hashed, renamed to its content hash and
taken in.  Part files that nobody has touched for a day are removed.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio
import orjson

from speechlabel.errors import InputError, NotFoundError, WorkspaceError
from speechlabel.records import Recording, new_id
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.ingest import hash_file, ingest_stored

__all__ = ["OffsetError", "Upload", "Uploads"]

ID = re.compile(r"[0-9a-f-]{36}")
RESERVE = 256 << 20  # bytes that an upload leaves free on the disk
KEEP_SECONDS = 86_400


class OffsetError(InputError):
    """A piece does not begin where the part ends; ``offset`` says where to go on."""

    code = "offset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An upload under way."""

    id: str
    project_id: str
    name: str
    size: int
    offset: int


class Uploads:
    """The uploads of one workspace."""

    def __init__(self, workspace: Workspace, max_bytes: int) -> None:
        self.workspace = workspace
        self.max_bytes = max_bytes
        self.folder = workspace.root / "uploads" / "parts"
        self.folder.mkdir(parents=True, exist_ok=True)

    def begin(self, project_id: str, name: str, size: int) -> Upload:
        """Start an upload of ``size`` bytes.

        Raises
        ------
        InputError
            It is empty or larger than allowed.
        WorkspaceError
            The disk has no room for it.
        """
        self.workspace.store.project(project_id)
        self.sweep()
        if size <= 0:
            raise InputError(f"{name!r}: the file is empty")
        if size > self.max_bytes:
            raise InputError(
                f"{name!r}: larger than {self.max_bytes // 1_000_000} MB, the limit of this server"
            )
        if shutil.disk_usage(self.folder).free < size + RESERVE:
            raise WorkspaceError(
                "full", f"{name!r}: the server's disk has no room for it; free some and try again"
            )
        upload = Upload(id=new_id(), project_id=project_id, name=name, size=size, offset=0)
        about = {"project_id": project_id, "name": name, "size": size}
        self._about(upload.id).write_bytes(orjson.dumps(about))
        self._part(upload.id).touch()
        return upload

    def get(self, id: str) -> Upload:
        """Return an upload as it stands, so that a client knows where to go on."""
        try:
            about = orjson.loads(self._about(id).read_bytes())
            return Upload(id=id, offset=self._part(id).stat().st_size, **about)
        except (OSError, orjson.JSONDecodeError) as error:
            raise NotFoundError("upload", id, hint="start it again") from error

    async def append(self, id: str, offset: int, pieces: AsyncIterator[bytes]) -> Upload:
        """Add bytes at ``offset``; what came before a broken line stays.

        Raises
        ------
        OffsetError
            The part is longer or shorter than ``offset``.
        InputError
            More bytes come than were announced.
        """
        upload = self.get(id)
        if offset != upload.offset:
            raise OffsetError(f"{upload.name!r}: go on at byte {upload.offset}", offset=upload.offset)
        async with await anyio.open_file(self._part(id), "ab") as part:
            async for piece in pieces:
                offset += len(piece)
                if offset > upload.size:
                    await part.truncate(upload.size)
                    raise InputError(f"{upload.name!r}: more bytes came than were announced")
                await _write(part, piece)
        return self.get(id)

    def finish(self, upload: Upload) -> tuple[Recording, bool]:
        """Take a complete upload in; returns the recording and whether it is new to the project."""
        part = self._part(upload.id)
        try:
            content_hash, _ = hash_file(part)
            suffix = Path(upload.name).suffix.lower()
            suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
            stored = self.workspace.blobs.upload_path(content_hash, suffix)
            had_it = stored.exists()
            if not had_it:
                # Synced, renamed, folder synced, and only then a row: a row without its file never exists.
                _sync(part)
                part.replace(stored)
                _sync(stored.parent)
            try:
                return ingest_stored(self.workspace, upload.project_id, stored, name=upload.name)
            except InputError:
                if not had_it:
                    stored.unlink()
                raise
        finally:
            self.drop(upload.id)

    def drop(self, id: str) -> None:
        """Forget an upload and its part."""
        self._part(id).unlink(missing_ok=True)
        self._about(id).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove parts that nobody has touched for a day."""
        for about in self.folder.glob("*.json"):
            part = about.with_suffix(".part")
            touched = max(item.stat().st_mtime for item in (about, part) if item.exists())
            if time.time() - touched > KEEP_SECONDS:
                self.drop(about.stem)

    def _part(self, id: str) -> Path:
        return self._named(id, ".part")

    def _about(self, id: str) -> Path:
        return self._named(id, ".json")

    def _named(self, id: str, suffix: str) -> Path:
        if not ID.fullmatch(id):
            raise NotFoundError("upload", id)
        return self.folder / f"{id}{suffix}"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


async def _write(part: anyio.AsyncFile[bytes], piece: bytes) -> None:
    try:
        await part.write(piece)
        await part.flush()
    except OSError as error:
        raise WorkspaceError(
            "full", f"the server's disk cannot take the upload ({os.strerror(error.errno or 0)})"
        ) from error
