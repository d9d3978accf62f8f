"""Kinds and settings of polls, reminders, exports; settings of servers; private answers that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def poll_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("kind", sa.String(16), nullable=False, server_default="single"),
        sa.Column("fewest", sa.SmallInteger(), nullable=False, server_default="1"),
        sa.Column("most", sa.SmallInteger(), nullable=False, server_default="1"),
        sa.Column("is_public", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("reveal", sa.String(16), nullable=False, server_default="closing"),
        sa.Column("quorum", sa.Integer(), nullable=True),
        sa.Column("days_in_server", sa.Integer(), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("export_key", sa.LargeBinary(), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "guild_settings",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=True),
        sa.Column("language", sa.String(16), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_guild_settings"),
    )
    op.create_table(
        "guild_channels",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "purpose", name="pk_guild_channels"),
    )
    op.create_table(
        "kept_answers",
        sa.Column("answer_id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", name="pk_kept_answers"),
    )
    op.create_index("ix_kept_answers_member_id_guild_id", "kept_answers", ["member_id", "guild_id"])
    op.create_index("ix_kept_answers_gone_at", "kept_answers", ["gone_at"])

    # plain ADD COLUMN on both databases: SQLite need not copy the table
    for column in poll_columns():
        op.add_column("polls", column)
    op.add_column("poll_ballots", sa.Column("pseudonym", sa.LargeBinary(), nullable=True))
    for table, column in (("poll_roles", "role_id"), ("poll_bells", "member_id")):
        op.create_table(
            table,
            sa.Column("guild_id", sa.BigInteger(), nullable=False),
            sa.Column("poll_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column(column, sa.BigInteger(), autoincrement=False, nullable=False),
            sa.PrimaryKeyConstraint("poll_id", column, name=f"pk_{table}"),
            sa.ForeignKeyConstraint(
                ["guild_id", "poll_id"],
                ["polls.guild_id", "polls.poll_id"],
                name=f"fk_{table}_guild_id_poll_id_polls",
                ondelete="CASCADE",
            ),
        )
    op.create_index("ix_poll_bells_member_id", "poll_bells", ["member_id"])


def downgrade() -> None:
    op.drop_table("poll_bells")
    op.drop_table("poll_roles")
    # DROP COLUMN as it is: copying the table would trip over the keys that point at it
    op.drop_column("poll_ballots", "pseudonym")
    for column in reversed(poll_columns()):
        op.drop_column("polls", column.name)
    op.drop_table("kept_answers")
    op.drop_table("guild_channels")
    op.drop_table("guild_settings")
