"""A fresh store on each database that is at hand."""

import os

import pytest
from sqlalchemy import text

from speechlabel.store import migrations, postgresql, sqlite
from speechlabel.store.sql import SqlStore

PG = os.environ.get("SPEECHLABEL_TEST_PG")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        made = sqlite.connect(tmp_path / "speechlabel.db")
    elif PG:
        made = postgresql.connect(PG)
        with made.write() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    else:
        pytest.skip("SPEECHLABEL_TEST_PG does not name a PostgreSQL database")
    yield made
    made.close()


@pytest.fixture
def store(database):
    migrations.upgrade(database)
    return SqlStore(database)
