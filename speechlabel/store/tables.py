"""Tables of the workspace database, portable between SQLite and PostgreSQL.

Column names are those of the records.  JSON columns hold NULL where a record has its default, so that
reading 20,000 segments does not parse 100,000 empty lists.  ``migrations/`` builds the same tables step by
step; ``tests/store/test_migrations.py`` holds the two together.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

__all__ = [
    "METADATA",
    "SCHEMA",
    "journal",
    "op",
    "project",
    "recording",
    "segment",
    "side_draft",
    "speaker",
    "transcript",
]

SCHEMA = "0002"  # newest revision in migrations/versions

METADATA = MetaData()
RowNumber = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER numbers rows by itself there


def _json(name: str) -> Column[Any]:
    return Column(name, JSON(none_as_null=True))


project = Table(
    "project",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("guideline", Text, nullable=False),
    Column("created_at", Text, nullable=False),
)

recording = Table(
    "recording",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("project_id", Text, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("is_stored", Boolean, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("container", Text, nullable=False),
    Column("codec", Text, nullable=False),
    Column("sample_rate", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("n_frames", BigInteger, nullable=False),
    Column("layout", Text),
    Column("state", Text, nullable=False),
    Column("error", Text),
    Column("error_code", Text),
    _json("preparation"),
    _json("metadata"),
    Column("created_at", Text, nullable=False),
    # Speakers are shared by all transcripts of a recording, whose revisions count apart; this counter gives
    # each change of a speaker a version that was never used before.
    Column("speaker_clock", BigInteger, nullable=False, server_default="0"),
    Index("recording_by_project", "project_id", "content_hash"),
)

speaker = Table(
    "speaker",
    METADATA,
    Column("project_id", Text, primary_key=True),
    Column("recording_id", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text),
    Column("gender", Text),
    Column("age_band", Text),
    Column("accent", Text),
    Column("language", Text),
    Column("channel", Integer),
    Column("color", Text),
    _json("custom"),
    Column("version", BigInteger, nullable=False),
    ForeignKeyConstraint(
        ["recording_id", "project_id"], ["recording.id", "recording.project_id"], ondelete="CASCADE"
    ),
)

transcript = Table(
    "transcript",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("project_id", Text, nullable=False),
    Column("recording_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("parent_id", Text),
    Column("parent_revision", BigInteger),
    Column("span_start_us", BigInteger),
    Column("span_end_us", BigInteger),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Text, nullable=False),
    ForeignKeyConstraint(
        ["recording_id", "project_id"], ["recording.id", "recording.project_id"], ondelete="CASCADE"
    ),
    Index("transcript_by_recording", "project_id", "recording_id"),
)


def _of_transcript(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "transcript_id",
        Text,
        ForeignKey("transcript.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


segment = Table(
    "segment",
    METADATA,
    _of_transcript(primary_key=True),
    Column("id", Text, primary_key=True),
    Column("channel", Integer),
    Column("start_us", BigInteger, nullable=False),
    Column("end_us", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text),
    Column("language", Text),
    Column("speaker", Text),
    _json("noise_labels"),
    _json("tags"),
    _json("events"),
    Column("is_valid", Boolean, nullable=False),
    Column("invalid_reason", Text),
    _json("fields"),
    _json("words"),
    Column("status", Text, nullable=False),
    Column("is_locked", Boolean, nullable=False),
    Column("confidence", Double),
    Column("note", Text),
    Column("tier", Text),
    Column("parent_id", Text),
    _json("custom"),
    Column("version", BigInteger, nullable=False),
)

# One row per batch that was accepted: what makes a resend harmless.
op = Table(
    "op",
    METADATA,
    Column("op_id", Text, primary_key=True),
    _of_transcript(),
    Column("content_hash", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("versions", JSON, nullable=False),
    Index("op_by_transcript", "transcript_id"),
)

# One row per edit, or per visit of a segment while somebody types in it.
journal = Table(
    "journal",
    METADATA,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    _of_transcript(),
    Column("revision", BigInteger, nullable=False),
    Column("op_id", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("undoes", Text),
    Column("visit", Text),
    Column("author", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    _json("before"),
    _json("after"),
    Index("journal_by_revision", "transcript_id", "revision"),
    Index("journal_by_record", "transcript_id", "record_id"),
)

# Batches that met newer data: kept until somebody has looked at them.
side_draft = Table(
    "side_draft",
    METADATA,
    Column("op_id", Text, primary_key=True),
    _of_transcript(primary_key=True),
    Column("author", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("edits", JSON, nullable=False),
    Column("conflicts", JSON, nullable=False),
    Index("side_draft_by_transcript", "transcript_id"),
)
