"""The steps of the schema lead to the tables that the store uses."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from speechlabel import records
from speechlabel.errors import WorkspaceError
from speechlabel.store import migrations, sqlite, tables
from speechlabel.store.base import JournalEntry, SideDraft
from speechlabel.store.sql import SqlStore


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


def at(database, revision):
    with database.write() as connection:
        command.upgrade(migrations._config(connection), revision)


def test_what_an_older_version_kept_is_there_after_the_upgrade(database):
    at(database, "0001")
    old = {
        "id": "r",
        "project_id": "p",
        "name": "a.wav",
        "path": "/a.wav",
        "is_stored": False,
        "content_hash": "0" * 64,
        "size_bytes": 9,
        "modified_ns": 7,
        "container": "WAV",
        "codec": "PCM_16",
        "sample_rate": 8_000,
        "channels": 2,
        "n_frames": 16_000,
        "layout": "separate",
        "state": "failed",
        "error": "is cut off",
        "created_at": "2026-01-01T00:00:00.000+00:00",
    }
    with database.write() as connection:
        project = {"id": "p", "name": "p", "language": "zh", "guideline": "", "created_at": old["created_at"]}
        for table, row in (("project", project), ("recording", old)):
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)
    with pytest.raises(WorkspaceError, match="open it once"):
        migrations.check(database)
    migrations.upgrade(database)
    migrations.check(database)
    store = SqlStore(database)
    assert store.recordings("p") == [records.Recording(**old)]
    told = {"error": None, "error_code": "disk_full", "preparation": {"values": {"mode": 2}}}
    assert store.update_recording("p", "r", **told) == store.recording("p", "r")
    assert store.recording("p", "r") == records.Recording(**old | told)


def test_a_step_that_fails_in_an_upgrade_leaves_the_older_schema(database, monkeypatch):
    from alembic import op

    at(database, "0001")
    add_column = op.add_column

    def fail_at_the_second(table, column):
        if column.name == "preparation":
            raise RuntimeError("killed here")
        add_column(table, column)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(op, "add_column", fail_at_the_second)
        migrations.upgrade(database)
    with database.read() as connection:
        found = {item["name"] for item in inspect(connection).get_columns("recording")}
    assert "error_code" not in found
    migrations.upgrade(database)
    migrations.check(database)


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
