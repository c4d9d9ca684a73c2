"""PostgreSQL: how it is opened, and what its errors mean.  Needs the extra ``speechlabel[postgresql]``."""

from __future__ import annotations

from sqlalchemy import create_engine, make_url

from speechlabel.errors import RecordError, SpeechLabelError, WorkspaceError
from speechlabel.store.database import JSON_CODEC, Database

__all__ = ["connect"]

AGAIN = {"40001", "40P01", "55P03", "23505"}  # serialisation, deadlock, lock time-out; someone was first
DAMAGED = {"XX001", "XX002"}
FULL = {"53100"}


def connect(url: str) -> Database:
    """Open a database by its address, ``postgresql://user@host/name``.

    Raises
    ------
    WorkspaceError
        The driver is not installed.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    where = address.render_as_string(hide_password=True)
    try:
        engine = create_engine(address, pool_pre_ping=True, pool_size=8, max_overflow=8, **JSON_CODEC)
    except ModuleNotFoundError as error:
        raise WorkspaceError(
            "unwritable", 'PostgreSQL needs a driver: pip install "speechlabel[postgresql]"'
        ) from error
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(writer=engine, reader=reader, explain=lambda error: explained(where, error))


def explained(where: str, error: BaseException) -> SpeechLabelError:
    """Turn an error of the driver into one that says what to do."""
    code = str(getattr(error, "sqlstate", None) or "")
    text = str(error).strip()
    if code in AGAIN:
        return WorkspaceError("locked", f"another write to {where} came first; try again", path=where)
    if code in FULL:
        return WorkspaceError("full", f"the disk of {where} is full; free some space", path=where)
    if code in DAMAGED:
        return WorkspaceError("damaged", f"{where} is damaged ({text}); restore your last backup", path=where)
    if code.startswith("22") or type(error).__name__ == "DataError":
        return RecordError("record", "value", text, "cannot be stored")
    if not code or code.startswith(("08", "53", "57")):
        return WorkspaceError(
            "unwritable", f"{where} does not answer ({text}); start it, or try later", path=where
        )
    return SpeechLabelError(f"{where} refused a statement: {text}")
