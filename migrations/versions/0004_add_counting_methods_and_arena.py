"""Ranked and scored polls counted by a method of their own, weights, proposals, Discord's own polls; and the arena."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "poll_proposals",
    "poll_weights",
    "arena_lines",
    "arena_battles",
    "arena_answers",
    "arena_votes",
    "arena_exclusions",
)
# (sqlite_autoincrement: the number of what was deleted goes to nothing else, since controls of old messages name it)
# what a kind is counted by, where nobody could say so yet
METHODS = {"approval": "approval", "score": "score", "ranked": "runoff"}


def moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def number(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable)


def of_poll(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["guild_id", "poll_id"],
        ["polls.guild_id", "polls.poll_id"],
        name=f"fk_{table}_guild_id_poll_id_polls",
        ondelete="CASCADE",
    )


def of_battle(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["guild_id", "battle_id"],
        ["arena_battles.guild_id", "arena_battles.battle_id"],
        name=f"fk_{table}_guild_id_battle_id_arena_battles",
        ondelete="CASCADE",
    )


def of_voter(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["guild_id", "voter_id"], ["voters.guild_id", "voters.voter_id"], name=f"fk_{table}_guild_id_voter_id_voters"
    )


def poll_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("method", sa.String(16), nullable=False, server_default="plurality"),
        sa.Column("tie_seed", sa.LargeBinary(), nullable=True),
        sa.Column("takes_proposals", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_native", sa.Boolean(), nullable=False, server_default=sa.false()),
    ]


def upgrade() -> None:
    for column in poll_columns():
        op.add_column("polls", column)
    op.add_column("poll_options", sa.Column("imported", sa.Integer(), nullable=True))
    op.add_column("poll_ballots", sa.Column("weight", sa.SmallInteger(), nullable=False, server_default="1"))
    polls = sa.table("polls", sa.column("kind", sa.String), sa.column("method", sa.String))
    for kind, method in METHODS.items():
        op.execute(polls.update().where(polls.c.kind == kind).values(method=method))
    op.create_table(
        "poll_proposals",
        sa.Column("proposal_id", ROW_ID, nullable=False),
        number("guild_id"),
        number("poll_id"),
        number("member_id", nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        moment("made_at"),
        sa.PrimaryKeyConstraint("proposal_id", name="pk_poll_proposals"),
        of_poll("poll_proposals"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_poll_proposals_poll_id_state", "poll_proposals", ["poll_id", "state"])
    op.create_index("ix_poll_proposals_member_id", "poll_proposals", ["member_id"])
    op.create_table(
        "poll_weights",
        number("guild_id"),
        number("poll_id"),
        number("role_id"),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("poll_id", "role_id", name="pk_poll_weights"),
        of_poll("poll_weights"),
    )
    _create_arena()


def _create_arena() -> None:
    op.create_table(
        "arena_lines",
        sa.Column("line_id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("openness", sa.String(16), nullable=False),
        moment("begun_at"),
        sa.PrimaryKeyConstraint("line_id", name="pk_arena_lines"),
        sa.UniqueConstraint("key", "version", "name", "openness", name="uq_arena_lines_key_version_name_openness"),
    )
    op.create_table(
        "arena_battles",
        sa.Column("battle_id", ROW_ID, nullable=False),
        number("guild_id"),
        number("channel_id"),
        number("message_id", nullable=True),
        number("member_id", nullable=True),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("pairing", sa.String(16), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("task", sa.String(16), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("reply_token", sa.Text(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        moment("made_at"),
        moment("shown_at", nullable=True),
        moment("closes_at"),
        moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("battle_id", name="pk_arena_battles"),
        sa.UniqueConstraint("guild_id", "battle_id", name="uq_arena_battles_guild_id_battle_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_arena_battles_phase_closes_at", "arena_battles", ["phase", "closes_at"])
    op.create_index("ix_arena_battles_guild_id_phase_made_at", "arena_battles", ["guild_id", "phase", "made_at"])
    op.create_index(
        "ix_arena_battles_guild_id_member_id_made_at", "arena_battles", ["guild_id", "member_id", "made_at"]
    )
    op.create_index("ix_arena_battles_member_id", "arena_battles", ["member_id"])
    op.create_table(
        "arena_answers",
        number("guild_id"),
        number("battle_id"),
        sa.Column("side", sa.SmallInteger(), autoincrement=False, nullable=False),
        number("line_id"),
        sa.Column("text", sa.Text(), nullable=False, server_default=""),
        sa.Column("masked", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("place", sa.String(16), nullable=True),
        sa.Column("sent", sa.Text(), nullable=False, server_default=""),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("total_ms", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("battle_id", "side", name="pk_arena_answers"),
        of_battle("arena_answers"),
        sa.ForeignKeyConstraint(["line_id"], ["arena_lines.line_id"], name="fk_arena_answers_line_id_arena_lines"),
    )
    op.create_index("ix_arena_answers_line_id", "arena_answers", ["line_id"])
    op.create_table(
        "arena_votes",
        number("battle_id"),
        number("voter_id"),
        number("guild_id"),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("reasons", sa.String(200), nullable=False, server_default=""),
        moment("cast_at"),
        sa.Column("dwell_ms", sa.Integer(), nullable=False),
        sa.Column("doubt", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("battle_id", "voter_id", name="pk_arena_votes"),
        of_battle("arena_votes"),
        of_voter("arena_votes"),
    )
    op.create_index("ix_arena_votes_guild_id_voter_id_cast_at", "arena_votes", ["guild_id", "voter_id", "cast_at"])
    op.create_table(
        "arena_exclusions",
        sa.Column("exclusion_id", ROW_ID, nullable=False),
        number("guild_id"),
        number("voter_id"),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        moment("made_at"),
        number("moderator_id", nullable=True),
        moment("lifted_at", nullable=True),
        sa.PrimaryKeyConstraint("exclusion_id", name="pk_arena_exclusions"),
        of_voter("arena_exclusions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_arena_exclusions_guild_id_made_at", "arena_exclusions", ["guild_id", "made_at"])
    op.create_index("ix_arena_exclusions_guild_id_voter_id", "arena_exclusions", ["guild_id", "voter_id"])
    op.create_index("ix_arena_exclusions_moderator_id", "arena_exclusions", ["moderator_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("poll_ballots", "weight")
    op.drop_column("poll_options", "imported")
    for column in reversed(poll_columns()):
        op.drop_column("polls", column.name)
