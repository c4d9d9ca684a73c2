"""Why a recording is not prepared, as a code; how its preparation was asked for, until it is done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("recording", sa.Column("error_code", sa.Text))
    op.add_column("recording", sa.Column("preparation", sa.JSON))
