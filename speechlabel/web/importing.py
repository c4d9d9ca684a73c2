"""Annotation files on their way in: gathered in a folder of the workspace until they are taken in.

Audio never comes here: it goes through uploads, and stays.  A folder that nobody has touched for a day is
removed.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import orjson

from speechlabel.checks import UNWRITABLE
from speechlabel.errors import InputError, NotFoundError, WorkspaceError
from speechlabel.records import new_id
from speechlabel.store.workspace import Workspace
from speechlabel.web.uploading import RESERVE, TooLargeError, blocks
from speechlabel.workflow.ingest import AUDIO_SUFFIXES

__all__ = ["Import", "Imports", "safe_name"]

ID = re.compile(r"[0-9a-f-]{36}")
KEEP_SECONDS = 86_400
MOST_FILES = 20_000
MOST_BYTES = 2_000_000_000
DEEPEST = 32  # folders in folders
LONGEST = 255  # bytes of one name, as file systems have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Files of one drop, which belong to one project."""

    id: str
    project_id: str
    folder: Path  # what was sent, with the paths it had


@dataclass(slots=True)
class _Room:
    """What lies in a folder, or is coming."""

    files: int = 0
    size: int = 0  # bytes


class Imports:
    """The imports of one workspace that are being gathered.

    Parameters
    ----------
    max_bytes : of one import; never more than 2 GB
    """

    def __init__(self, workspace: Workspace, max_bytes: int) -> None:
        self.workspace = workspace
        self.max_bytes = min(max_bytes, MOST_BYTES)
        self.home = workspace.root / "imports"
        self._rooms: dict[str, _Room] = {}
        self._taking = threading.Lock()  # the same import, taken in twice at once

    def begin(self, project_id: str) -> Import:
        """Make a folder for files to come.

        Raises
        ------
        NotFoundError
            There is no such project.
        WorkspaceError
            The disk is full.
        """
        self.workspace.store.project(project_id)
        self.home.mkdir(parents=True, exist_ok=True)
        self.sweep()
        if shutil.disk_usage(self.home).free < RESERVE:
            raise WorkspaceError("full", "the server's disk is full; free some space and try again")
        made = Import(id=new_id(), project_id=project_id, folder=Path())
        (self.home / made.id / "files").mkdir(parents=True)
        (self.home / made.id / "parts").mkdir()
        self._about(made.id).write_bytes(orjson.dumps({"project_id": project_id}))
        return self.get(made.id)

    def get(self, id: str) -> Import:
        """Return an import that is being gathered; it is kept for another day.

        Raises
        ------
        NotFoundError
            There is none of that id: it was taken in, given up, or nobody touched it for a day.
        """
        try:
            about = orjson.loads(self._about(id).read_bytes())
            os.utime(self._about(id))
        except (OSError, orjson.JSONDecodeError) as error:
            raise NotFoundError("import", id, hint="send the files again") from error
        return Import(id=id, project_id=about["project_id"], folder=self.home / id / "files")

    async def put(self, id: str, name: str, pieces: AsyncIterator[bytes]) -> int:
        """Write one file, whole or not at all; one of the same name is replaced.  Returns its size in bytes.

        Raises
        ------
        InputError
            The name leads elsewhere, is that of audio, or is taken by a folder.
        TooLargeError
            The import would hold too many files or bytes.
        SlowError
            No byte came for half a minute.
        """
        found = self.get(id)
        target = found.folder / safe_name(name)
        if target.suffix.lower() in AUDIO_SUFFIXES:
            raise InputError(f"{name!r:.200}: audio is uploaded, not sent with annotations")
        room = self._room(found)
        if room.files >= MOST_FILES:
            raise TooLargeError(f"more than {MOST_FILES} files of annotations; bring in a part")
        room.files += 1
        size = 0
        part = self.home / id / "parts" / new_id()
        try:
            with part.open("wb") as file:
                async for block in blocks(pieces):
                    size += len(block)
                    room.size += len(block)
                    if room.size > self.max_bytes:
                        megabytes = self.max_bytes // 1_000_000
                        raise TooLargeError(f"more than {megabytes} MB of annotations; bring in a part")
                    await anyio.to_thread.run_sync(file.write, block)
            before = _place(part, target, name)
        except BaseException:
            room.files -= 1
            room.size -= size
            part.unlink(missing_ok=True)
            raise
        if before is not None:
            room.files -= 1
            room.size -= before
        return size

    @contextmanager
    def taking(self, id: str) -> Generator[Import]:
        """Hold an import while it is taken in; afterwards, if all went well, it is gone."""
        with self._taking:
            yield self.get(id)
            self.drop(id)

    def drop(self, id: str) -> None:
        """Forget an import and remove its files."""
        shutil.rmtree(self._about(id).parent, ignore_errors=True)
        self._rooms.pop(id, None)

    def sweep(self) -> None:
        """Remove imports that nobody has touched for a day."""
        for path in self.home.glob("*"):
            try:
                about = path / "about.json"
                age = time.time() - (about if about.exists() else path).stat().st_mtime
            except OSError:
                continue  # another sweep was faster
            if age > KEEP_SECONDS and ID.fullmatch(path.name):
                self.drop(path.name)

    def _room(self, found: Import) -> _Room:
        """Room that is taken; counted anew after the server has started."""
        if found.id not in self._rooms:
            sizes = [path.stat().st_size for path in found.folder.rglob("*") if path.is_file()]
            self._rooms[found.id] = _Room(len(sizes), sum(sizes))
        return self._rooms[found.id]

    def _about(self, id: str) -> Path:
        if not ID.fullmatch(id):
            raise NotFoundError("import", id)
        return self.home / id / "about.json"


def safe_name(name: str) -> Path:
    """Return a path below a folder, such as ``calls/monday.TextGrid``.

    Raises
    ------
    InputError
        It is absolute, climbs, or holds what no name may hold.
    """
    parts = name.split("/")
    bad = [
        part
        for part in parts
        if part in ("", ".", "..")
        or UNWRITABLE.search(part)
        or not part.isprintable()
        or "\\" in part
        or len(part.encode("utf-8", "surrogatepass")) > LONGEST
    ]
    if bad or len(parts) > DEEPEST:
        raise InputError(f"{name!r:.200} is not a path below the folder that is brought in")
    return Path(*parts)


def _place(part: Path, target: Path, name: str) -> int | None:
    """Move a file to its place; returns the size of what it replaces."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.stat().st_size if target.is_file() else None
        part.replace(target)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise InputError(f"{name!r:.200}: a file and a folder have one name") from error
    return before
