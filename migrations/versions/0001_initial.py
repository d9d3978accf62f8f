"""Voters, and polls with their options and ballots."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "voters",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("voter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", "voter_id", name="pk_voters"),
        sa.UniqueConstraint("guild_id", "member_id", name="uq_voters_guild_id_member_id"),
    )
    op.create_index("ix_voters_member_id", "voters", ["member_id"])

    op.create_table(
        "polls",
        sa.Column("poll_id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("creator_id", sa.BigInteger(), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("poll_id", name="pk_polls"),
        sa.UniqueConstraint("guild_id", "poll_id", name="uq_polls_guild_id_poll_id"),
    )
    op.create_index("ix_polls_phase_closes_at", "polls", ["phase", "closes_at"])
    op.create_index("ix_polls_guild_id_phase_closes_at", "polls", ["guild_id", "phase", "closes_at"])
    op.create_index("ix_polls_creator_id", "polls", ["creator_id"])

    op.create_table(
        "poll_options",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("poll_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("poll_id", "position", name="pk_poll_options"),
        sa.ForeignKeyConstraint(
            ["guild_id", "poll_id"],
            ["polls.guild_id", "polls.poll_id"],
            name="fk_poll_options_guild_id_poll_id_polls",
            ondelete="CASCADE",
        ),
    )

    op.create_table(
        "poll_ballots",
        sa.Column("poll_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("voter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("ranks", sa.LargeBinary(), nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("poll_id", "voter_id", name="pk_poll_ballots"),
        sa.ForeignKeyConstraint(
            ["guild_id", "poll_id"],
            ["polls.guild_id", "polls.poll_id"],
            name="fk_poll_ballots_guild_id_poll_id_polls",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guild_id", "voter_id"],
            ["voters.guild_id", "voters.voter_id"],
            name="fk_poll_ballots_guild_id_voter_id_voters",
        ),
    )
    op.create_index("ix_poll_ballots_guild_id_voter_id", "poll_ballots", ["guild_id", "voter_id"])


def downgrade() -> None:
    op.drop_table("poll_ballots")
    op.drop_table("poll_options")
    op.drop_table("polls")
    op.drop_table("voters")
