"""The steps of the schema lead to the tables that the store uses."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from speechlabel import records
from speechlabel.errors import WorkspaceError
from speechlabel.store import migrations, sqlite, tables
from speechlabel.store.base import JournalEntry, SideDraft


def test_the_steps_build_the_tables(database):
    migrations.upgrade(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, tables.METADATA) == []


def test_upgrading_twice_changes_nothing(database):
    migrations.upgrade(database)
    migrations.upgrade(database)
    migrations.check(database)


def test_the_newest_step_is_the_one_the_store_asks_for():
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_current_head() == tables.SCHEMA


def test_a_step_that_fails_leaves_the_schema_as_it_was(database, monkeypatch):
    from alembic import op

    def fail(*_arguments):
        raise RuntimeError("killed here")

    monkeypatch.setattr(op, "create_index", fail)
    with pytest.raises(RuntimeError):
        migrations.upgrade(database)
    with database.read() as connection:
        assert inspect(connection).get_table_names() == []


def test_reading_does_not_upgrade(tmp_path):
    sqlite.connect(tmp_path / "w.db").close()
    writer = sqlite.connect(tmp_path / "w.db")
    with writer.write():
        pass
    writer.close()
    reader = sqlite.connect(tmp_path / "w.db", read_only=True)
    with pytest.raises(WorkspaceError, match="open it once"):
        migrations.check(reader)
    reader.close()


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (tables.project, records.Project),
        (tables.recording, records.Recording),
        (tables.transcript, records.Transcript),
        (tables.segment, records.Segment),
        (tables.speaker, records.Speaker),
        (tables.journal, JournalEntry),
        (tables.side_draft, SideDraft),
    ],
)
def test_columns_are_named_as_fields(table, kind):
    own = {"transcript_id", "project_id", "recording_id", "speaker_clock", "id"}
    fields = set(kind.__dataclass_fields__)
    assert fields <= set(table.c.keys())
    assert set(table.c.keys()) - fields <= own
