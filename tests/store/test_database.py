"""A connection whose write went wrong is not used again."""

import pytest
from sqlalchemy import text

from speechlabel.errors import RecordError, SpeechLabelError


def connection_of(database):
    with database.write() as connection:
        return connection.connection.dbapi_connection


def test_after_the_database_refused_a_write_the_next_one_has_a_new_connection(database):
    first = connection_of(database)
    assert connection_of(database) is first
    with pytest.raises(SpeechLabelError), database.write() as connection:
        connection.execute(text("SELECT * FROM nowhere"))
    assert connection_of(database) is not first


def test_after_a_refusal_of_our_own_the_connection_stays(database):
    first = connection_of(database)
    with pytest.raises(RecordError), database.write():
        raise RecordError("segment", "text", "", "is refused")
    assert connection_of(database) is first
