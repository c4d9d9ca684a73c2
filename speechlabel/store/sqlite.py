"""SQLite: how it is opened, and what its errors mean.  The only file that knows SQLite's own ways.

Choices, and why:

- WAL with ``synchronous=FULL``: a commit is synced before it is acknowledged; readers never wait.
- One writing connection in one writing process (``workspace.lock``).  It alone checkpoints: SQLite 3.7.0 to
    3.51.2 can corrupt a WAL that two connections write or checkpoint at once.
- ``BEGIN IMMEDIATE``: a write takes its place before it reads what it will change.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, Engine, QueuePool, create_engine, event

from speechlabel.errors import SpeechLabelError, WorkspaceError
from speechlabel.store.database import JSON_CODEC, Database

__all__ = ["check", "connect"]

Synchronous = Literal["FULL", "NORMAL", "OFF"]
BUSY_MS = 5_000  # wait for another tool that holds the database, before "try again"
N_READERS = 16


def connect(path: Path, *, read_only: bool = False, synchronous: Synchronous = "FULL") -> Database:
    """Open a database file, made when it is not there (unless ``read_only``).

    Anything but ``"FULL"`` is for the tests of power cuts, which must see it lose saves.
    """

    def explain(error: BaseException) -> SpeechLabelError:
        return explained(path, error)

    shared = ["wal_autocheckpoint=0", "query_only=ON"]
    if read_only:
        return Database(writer=None, reader=_engine(_read_only_uri(path), shared), explain=explain)
    own = ["journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "journal_size_limit=67108864"]
    writer = _engine(path.absolute().as_uri(), own, begin="BEGIN IMMEDIATE", size=1)
    return Database(writer=writer, reader=_engine(path.absolute().as_uri(), shared), explain=explain)


def _read_only_uri(path: Path) -> str:
    """Address for reading; on a medium that cannot be written, where no WAL can be, as it lies."""
    uri = path.absolute().as_uri()
    wal = path.with_name(path.name + "-wal")
    if not os.access(path.parent, os.W_OK) and not wal.exists():
        return f"{uri}?immutable=1"
    return f"{uri}?mode=ro"


def _engine(uri: str, pragmas: list[str], *, begin: str = "BEGIN", size: int = N_READERS) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=BUSY_MS / 1000,
            isolation_level=None,  # we say BEGIN ourselves
            check_same_thread=False,
            cached_statements=256,
        )
        try:
            for pragma in ["mmap_size=0", "cache_size=-16384", *pragmas]:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    engine = create_engine(
        "sqlite://", creator=connect, poolclass=QueuePool, pool_size=size, max_overflow=0, **JSON_CODEC
    )

    def say(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", say)
    return engine


def check(database: Database) -> None:
    """Raise ``WorkspaceError("damaged")`` if SQLite finds the file damaged."""
    with database.read() as connection:
        found: Any = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise database.explain(sqlite3.DatabaseError(f"malformed: {found}"))


def explained(path: Path, error: BaseException) -> SpeechLabelError:
    """Turn an SQLite error into one that says what to do."""
    name = str(getattr(error, "sqlite_errorname", ""))
    text = str(error)
    where = str(path)
    if name.startswith("SQLITE_FULL"):
        return WorkspaceError(
            "full",
            f"the disk that holds {where!r} is full; free some space, nothing saved is lost",
            path=where,
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "malformed" in text:
        return WorkspaceError(
            "damaged",
            f"the database {where!r} is damaged ({text}); close speechlabel, keep a copy of the file, "
            "and put your last backup in its place",
            path=where,
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return WorkspaceError(
            "locked", f"another program holds the database {where!r}; try again in a moment", path=where
        )
    if name.startswith(
        ("SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_PROTOCOL")
    ):
        return WorkspaceError(
            "unwritable",
            f"the database {where!r} cannot be written ({text}); check the disk and the permissions of "
            "its folder",
            path=where,
        )
    return SpeechLabelError(f"the database {where!r} refused a statement: {text}")
