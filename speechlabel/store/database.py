"""A database as the store sees it: one way to write, one to read, and its errors in plain words.

``sqlite.py`` and ``postgresql.py`` make these; nothing else knows which of them is behind.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from speechlabel.errors import ConflictError, RecordError, SpeechLabelError, WorkspaceError

__all__ = ["JSON_CODEC", "Database", "dump_json"]


def dump_json(value: Any) -> str:  # noqa: ANN401 - anything that JSON holds
    """Compact JSON; raises ``RecordError`` for what JSON or UTF-8 cannot carry."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise RecordError("record", "custom", value, f"cannot be written as JSON: {error}") from error


JSON_CODEC: dict[str, Any] = {"json_serializer": dump_json, "json_deserializer": orjson.loads}


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Connections to one database.

    Parameters
    ----------
    writer
        Its transactions exclude each other, at the latest when they touch the same transcript; None where
        the database was opened for reading.
    reader
        Its transactions see one moment and never wait for a writer.
    explain
        Driver's error → our error with plain words.
    """

    writer: Engine | None
    reader: Engine
    explain: Callable[[BaseException], SpeechLabelError]

    @contextmanager
    def write(self) -> Generator[Connection]:
        """One transaction; it is on the disk when the block has ended without an error."""
        if self.writer is None:
            raise ConflictError(
                "read_only",
                "the workspace is open for reading only; save through the process that has it open",
            )
        with self._explained(), self.writer.connect() as connection:
            try:
                with connection.begin():
                    yield connection
            except DBAPIError:
                # After a failed write or sync nobody knows what state a connection is in: the next
                # write starts with a new one.
                connection.invalidate()
                raise

    @contextmanager
    def read(self) -> Generator[Connection]:
        """One consistent view, for reading."""
        with self._explained(), self.reader.connect() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self.explain(error.orig or error) from error
        except NoConnection as error:
            raise WorkspaceError("locked", "the workspace is busy; try again in a moment") from error
        except SQLAlchemyError as error:
            cause = error.__cause__ or error.__context__
            if isinstance(cause, SpeechLabelError):
                raise cause from error
            raise
        except (OverflowError, UnicodeError) as error:
            raise RecordError("record", "value", str(error), "cannot be stored") from error

    def close(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        if self.writer is not None:
            self.writer.dispose()
