"""Schema of the database, built step by step: ``versions/0001_initial.py`` and so on.

``upgrade`` brings a database of any released version, or an empty one, to the newest schema, in one
transaction: a process killed half-way leaves the schema as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from speechlabel.errors import WorkspaceError
from speechlabel.store.database import Database
from speechlabel.store.tables import SCHEMA

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["check", "upgrade"]


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config  # a tenth of a second that only an upgrade needs

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "speechlabel.store:migrations")
    return config


def _schema(connection: Connection) -> str | None:
    """Revision of the schema, None for an empty database.

    Raises
    ------
    WorkspaceError
        ``newer``: a later speechlabel made it.
    """
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found in (None, SCHEMA):
        return found
    from alembic.script import ScriptDirectory

    known = {item.revision for item in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found not in known:
        raise WorkspaceError(
            "newer",
            f"the workspace was made by a newer speechlabel (schema {found}, this one knows {SCHEMA}); "
            "install the newer version to open it",
            schema=found,
        )
    return found


def upgrade(database: Database) -> None:
    """Bring the schema up to date; raises ``WorkspaceError("newer")`` for one of a later version."""
    with database.write() as connection:
        if _schema(connection) != SCHEMA:
            from alembic import command

            command.upgrade(_config(connection), "head")


def check(database: Database) -> None:
    """Raise ``WorkspaceError`` unless the schema is this version's; changes nothing."""
    with database.read() as connection:
        found = _schema(connection)
    if found != SCHEMA:
        raise WorkspaceError(
            "unwritable",
            "the workspace was made by an older speechlabel and must be brought up to date: open it once for "
            "writing",
            schema=found,
        )
