"""Projects, recordings, speakers, transcripts, segments, ops, the journal and side drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _json(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.JSON, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _of_recording() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["recording_id", "project_id"], ["recording.id", "recording.project_id"], ondelete="CASCADE"
    )


def _of_transcript() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["transcript_id"], ["transcript.id"], ondelete="CASCADE")


def upgrade() -> None:
    _recordings()
    _transcripts()
    _saves()


def _recordings() -> None:
    op.create_table(
        "project",
        _text("id"),
        _text("name"),
        _text("language"),
        _text("guideline"),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "recording",
        _text("id"),
        _text("project_id"),
        _text("name"),
        _text("path"),
        sa.Column("is_stored", sa.Boolean, nullable=False),
        _text("content_hash"),
        _number("size_bytes"),
        _number("modified_ns"),
        _text("container"),
        _text("codec"),
        sa.Column("sample_rate", sa.Integer, nullable=False),
        sa.Column("channels", sa.Integer, nullable=False),
        _number("n_frames"),
        _text("layout", nullable=True),
        _text("state"),
        _text("error", nullable=True),
        _json("metadata"),
        _text("created_at"),
        sa.Column("speaker_clock", sa.BigInteger, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", "project_id"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
    )
    op.create_index("recording_by_project", "recording", ["project_id", "content_hash"])
    op.create_table(
        "speaker",
        _text("project_id"),
        _text("recording_id"),
        _text("id"),
        _text("name"),
        _text("role", nullable=True),
        _text("gender", nullable=True),
        _text("age_band", nullable=True),
        _text("accent", nullable=True),
        _text("language", nullable=True),
        sa.Column("channel", sa.Integer),
        _text("color", nullable=True),
        _json("custom"),
        _number("version"),
        sa.PrimaryKeyConstraint("project_id", "recording_id", "id"),
        _of_recording(),
    )


def _transcripts() -> None:
    op.create_table(
        "transcript",
        _text("id"),
        _text("project_id"),
        _text("recording_id"),
        _text("author"),
        _text("stage"),
        _text("parent_id", nullable=True),
        _number("parent_revision", nullable=True),
        _number("span_start_us", nullable=True),
        _number("span_end_us", nullable=True),
        _number("revision"),
        _text("created_at"),
        sa.PrimaryKeyConstraint("id"),
        _of_recording(),
    )
    op.create_index("transcript_by_recording", "transcript", ["project_id", "recording_id"])
    op.create_table(
        "segment",
        _text("transcript_id"),
        _text("id"),
        sa.Column("channel", sa.Integer),
        _number("start_us"),
        _number("end_us"),
        _text("kind"),
        _text("text", nullable=True),
        _text("language", nullable=True),
        _text("speaker", nullable=True),
        _json("noise_labels"),
        _json("tags"),
        _json("events"),
        sa.Column("is_valid", sa.Boolean, nullable=False),
        _text("invalid_reason", nullable=True),
        _json("fields"),
        _json("words"),
        _text("status"),
        sa.Column("is_locked", sa.Boolean, nullable=False),
        sa.Column("confidence", sa.Double),
        _text("note", nullable=True),
        _text("tier", nullable=True),
        _text("parent_id", nullable=True),
        _json("custom"),
        _number("version"),
        sa.PrimaryKeyConstraint("transcript_id", "id"),
        _of_transcript(),
    )


def _saves() -> None:
    op.create_table(
        "op",
        _text("op_id"),
        _text("transcript_id"),
        _text("content_hash"),
        _number("revision"),
        _json("versions", nullable=False),
        sa.PrimaryKeyConstraint("op_id"),
        _of_transcript(),
    )
    op.create_index("op_by_transcript", "op", ["transcript_id"])
    op.create_table(
        "journal",
        sa.Column("id", ROW_NUMBER, autoincrement=True),
        _text("transcript_id"),
        _number("revision"),
        _text("op_id"),
        _text("step"),
        _text("undoes", nullable=True),
        _text("visit", nullable=True),
        _text("author"),
        _text("stage"),
        _text("time"),
        _text("target"),
        _text("record_id"),
        _json("before"),
        _json("after"),
        sa.PrimaryKeyConstraint("id"),
        _of_transcript(),
    )
    op.create_index("journal_by_revision", "journal", ["transcript_id", "revision"])
    op.create_index("journal_by_record", "journal", ["transcript_id", "record_id"])
    op.create_table(
        "side_draft",
        _text("op_id"),
        _text("transcript_id"),
        _text("author"),
        _text("time"),
        _number("revision"),
        _text("reason"),
        _json("edits", nullable=False),
        _json("conflicts", nullable=False),
        sa.PrimaryKeyConstraint("op_id", "transcript_id"),
        _of_transcript(),
    )
    op.create_index("side_draft_by_transcript", "side_draft", ["transcript_id"])
