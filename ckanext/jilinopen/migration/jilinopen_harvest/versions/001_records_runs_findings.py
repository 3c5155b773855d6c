"""Records, runs and findings of harvests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "jilinopen_harvest_001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "jilinopen_harvest_record",
        sa.Column("source_id", sa.Text, primary_key=True),
        sa.Column("remote_id", sa.Text, primary_key=True),
        sa.Column("package_id", sa.Text, nullable=False, unique=True),
        sa.Column("stamp", sa.Text),
        sa.Column("content_hash", sa.Text, nullable=False),
        sa.Column("mapping_key", sa.Text, nullable=False),
        sa.Column("raw", JSONB, nullable=False),
        sa.Column("mapped", JSONB, nullable=False),
        sa.Column("findings", JSONB, nullable=False, server_default="[]"),
        sa.Column("first_seen", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("changed", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("missing_since", MOMENT),
        sa.Column("removed", MOMENT),
        sa.Column("is_indexed", sa.Boolean, nullable=False, server_default=sa.true()),
    )
    op.create_index(
        "jilinopen_harvest_record_unindexed",
        "jilinopen_harvest_record",
        ["source_id"],
        postgresql_where=sa.text("NOT is_indexed"),
    )
    op.create_table(
        "jilinopen_harvest_run",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("source_id", sa.Text, nullable=False, index=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("started", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("touched", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("finished", MOMENT),
        sa.Column("total", sa.Integer),
        sa.Column("counts", JSONB, nullable=False, server_default="{}"),
        sa.Column("error_code", sa.Text, nullable=False, server_default=""),
        sa.Column("error_address", sa.Text, nullable=False, server_default=""),
        sa.Column("error_cause", sa.Text, nullable=False, server_default=""),
        sa.Column("requests", sa.Integer, nullable=False, server_default="0"),
        sa.Column("received_bytes", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "jilinopen_harvest_finding",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.Text, nullable=False, index=True),
        sa.Column("source_id", sa.Text, nullable=False, index=True),
        sa.Column("remote_id", sa.Text, nullable=False, server_default=""),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=False, server_default=""),
        sa.Column("value", sa.Text, nullable=False, server_default=""),
    )


def downgrade() -> None:
    """Drop the three tables."""
    op.drop_table("jilinopen_harvest_finding")
    op.drop_table("jilinopen_harvest_run")
    op.drop_table("jilinopen_harvest_record")
