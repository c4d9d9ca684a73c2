"""A workspace: one folder with the database, uploads and derived files, written by one process at a time.

The kernel's lock on ``workspace.lock`` decides who writes; it ends with its process however that dies.
``workspace.json`` tells the others who that is: ``{"pid": …, "address": …, "token": …}``.  Only its owner can
read it, so that whoever shows a server its token may do what the owner of the files may.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from filelock import FileLock, Timeout

from speechlabel.errors import NotFoundError, WorkspaceError
from speechlabel.store import migrations, sqlite
from speechlabel.store.base import Store
from speechlabel.store.blobs import Blobs, atomic
from speechlabel.store.sql import SqlStore

__all__ = ["Workspace", "holder", "open_workspace"]

DATABASE = "speechlabel.db"
LOCK = "workspace.lock"
HOLDER = "workspace.json"
PATIENCE_S = 0.5  # a process that only looks who holds the lock has it for a moment


class Workspace:
    """An open workspace; use ``open_workspace``.

    Attributes
    ----------
    root : Path
    store : Store
    blobs : Blobs
    address : str or None
        Where the process that writes can be reached: this one's once announced, or another's.
    """

    def __init__(self, root: Path, store: Store, lock: FileLock | None, address: str | None) -> None:
        self.root = root
        self.store = store
        self.blobs = Blobs(root)
        self.address = address
        self._lock = lock

    @property
    def is_read_only(self) -> bool:
        """Whether another process writes here, and this one only reads."""
        return self._lock is None

    def announce(self, address: str, *, token: str | None = None) -> None:
        """Tell other processes where this server can be reached, e.g. ``http://127.0.0.1:7860``.

        ``token`` is a secret that commands of the same user show to this server.
        """
        if self._lock is not None:
            self.address = address
            _write_holder(self.root, address, token)

    def close(self) -> None:
        """Close the database and let the next process write; closing twice is fine."""
        self.store.close()
        if self._lock is not None and self._lock.is_locked:
            (self.root / HOLDER).unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_workspace(root: Path | str, *, read_only: bool = False) -> Workspace:
    """Open a workspace; for writing it is made when it is not there, and its schema brought up to date.

    Raises
    ------
    WorkspaceError
        ``locked``: another process writes here (``pid`` and ``address`` tell which); ``damaged``; ``newer``:
        a later speechlabel made it; ``full``; ``unwritable``.
    NotFoundError
        There is no workspace to read.
    """
    root = Path(root).absolute()
    return _open_to_read(root) if read_only else _open_to_write(root)


def _open_to_write(root: Path) -> Workspace:
    lock = FileLock(root / LOCK, timeout=PATIENCE_S, poll_interval=0.02, thread_local=False)
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise _locked(root) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise WorkspaceError(
            "unwritable", f"the workspace {str(root)!r} cannot be written: {reason}"
        ) from error
    try:
        _write_holder(root, None)
        database = sqlite.connect(root / DATABASE)
        try:
            sqlite.check(database)
            migrations.upgrade(database)
        except BaseException:
            database.close()
            raise
    except BaseException:
        (root / HOLDER).unlink(missing_ok=True)
        lock.release()
        raise
    return Workspace(root, SqlStore(database), lock, None)


def _open_to_read(root: Path) -> Workspace:
    if not (root / DATABASE).is_file():
        raise NotFoundError("workspace", str(root))
    database = sqlite.connect(root / DATABASE, read_only=True)
    try:
        migrations.check(database)
    except BaseException:
        database.close()
        raise
    address = holder(root).get("address") if _is_held(root) else None
    return Workspace(root, SqlStore(database), None, address)


def _is_held(root: Path) -> bool:
    """Tell whether a living process holds the lock."""
    try:
        with FileLock(root / LOCK, blocking=False):
            return False
    except Timeout:
        return True
    except OSError:  # a medium that cannot be written has no writer
        return False


def _write_holder(root: Path, address: str | None, token: str | None = None) -> None:
    about = {"pid": os.getpid(), "address": address} | ({"token": token} if token else {})
    with atomic(root / HOLDER) as part:
        part.touch(mode=0o600)  # before the secret is in it
        part.write_text(json.dumps(about), encoding="utf-8")


def holder(root: Path) -> dict[str, Any]:
    """Return what the process that writes here says of itself: pid, address, token; or nothing."""
    try:
        found = json.loads((root / HOLDER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _locked(root: Path) -> WorkspaceError:
    found = holder(root)
    pid, address = found.get("pid"), found.get("address")
    who = f"process {pid}" if pid else "another process"
    where = f", which serves it at {address}; work there, or" if address else ";"
    return WorkspaceError(
        "locked",
        f"the workspace {str(root)!r} is open for writing in {who}{where} stop that process first",
        pid=pid,
        address=address,
    )
