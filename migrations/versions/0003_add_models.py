"""Answers by models: turns, choices, personas, ratings, reports, allowances; what a server lets leave the machine."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "process_leases",
    "conversations",
    "ask_turns",
    "ask_images",
    "ask_ratings",
    "ask_reports",
    "member_choices",
    "channel_choices",
    "personas",
    "allowances",
    "usage_days",
    "usage_holds",
)


def guild_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("open_only", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("stays_here", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("asks_private", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("model", sa.String(64), nullable=True),
        sa.Column("blocked_words", sa.Text(), nullable=True),
        sa.Column("moderation", sa.SmallInteger(), nullable=True),
    ]


def upgrade() -> None:
    for column in guild_columns():
        op.add_column("guild_settings", column)
    op.create_table(
        "process_leases",
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("holder", name="pk_process_leases"),
    )
    op.create_table(
        "conversations",
        sa.Column("conversation_id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("cleared_to", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_conversations"),
        sa.UniqueConstraint("guild_id", "conversation_id", name="uq_conversations_guild_id_conversation_id"),
    )
    op.create_index("ix_conversations_made_at", "conversations", ["made_at"])
    op.create_index("ix_conversations_member_id", "conversations", ["member_id"])
    op.create_index("ix_conversations_guild_id_thread_id", "conversations", ["guild_id", "thread_id"])
    op.create_table(
        "ask_turns",
        sa.Column("turn_id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("compare_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("shared_message_id", sa.BigInteger(), nullable=True),
        sa.Column("reply_token", sa.Text(), nullable=True),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("task", sa.String(16), nullable=False),
        sa.Column("language", sa.String(64), nullable=True),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=True),
        sa.Column("quoted_name", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False, server_default=""),
        sa.Column("wanted", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(16), nullable=False),
        sa.Column("model", sa.String(64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("finish", sa.String(16), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("first_ms", sa.Integer(), nullable=True),
        sa.Column("total_ms", sa.Integer(), nullable=True),
        sa.Column("dropped_turns", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("dropped_tokens", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("turn_id", name="pk_ask_turns"),
        sa.UniqueConstraint("guild_id", "turn_id", name="uq_ask_turns_guild_id_turn_id"),
        sa.ForeignKeyConstraint(
            ["guild_id", "conversation_id"],
            ["conversations.guild_id", "conversations.conversation_id"],
            ondelete="CASCADE",
            name="fk_ask_turns_guild_id_conversation_id_conversations",
        ),
    )
    op.create_index("ix_ask_turns_phase_turn_id", "ask_turns", ["phase", "turn_id"])
    op.create_index("ix_ask_turns_compare_id", "ask_turns", ["compare_id"])
    op.create_index("ix_ask_turns_conversation_id_turn_id", "ask_turns", ["conversation_id", "turn_id"])
    op.create_index("ix_ask_turns_member_id", "ask_turns", ["member_id"])
    op.create_index("ix_ask_turns_message_id", "ask_turns", ["message_id"])
    op.create_index("ix_ask_turns_shared_message_id", "ask_turns", ["shared_message_id"])
    op.create_index("ix_ask_turns_made_at", "ask_turns", ["made_at"])
    op.create_table(
        "ask_images",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "position", name="pk_ask_images"),
        sa.ForeignKeyConstraint(
            ["guild_id", "turn_id"],
            ["ask_turns.guild_id", "ask_turns.turn_id"],
            ondelete="CASCADE",
            name="fk_ask_images_guild_id_turn_id_ask_turns",
        ),
    )
    op.create_table(
        "ask_ratings",
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "member_id", name="pk_ask_ratings"),
        sa.ForeignKeyConstraint(
            ["guild_id", "turn_id"],
            ["ask_turns.guild_id", "ask_turns.turn_id"],
            ondelete="CASCADE",
            name="fk_ask_ratings_guild_id_turn_id_ask_turns",
        ),
    )
    op.create_index("ix_ask_ratings_member_id", "ask_ratings", ["member_id"])
    op.create_table(
        "ask_reports",
        sa.Column("report_id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("turn_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("handler_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("report_id", name="pk_ask_reports"),
        sa.UniqueConstraint("turn_id", "member_id", name="uq_ask_reports_turn_id_member_id"),
        sa.ForeignKeyConstraint(
            ["guild_id", "turn_id"],
            ["ask_turns.guild_id", "ask_turns.turn_id"],
            ondelete="CASCADE",
            name="fk_ask_reports_guild_id_turn_id_ask_turns",
        ),
    )
    op.create_index("ix_ask_reports_member_id", "ask_reports", ["member_id"])
    op.create_index("ix_ask_reports_handler_id", "ask_reports", ["handler_id"])
    op.create_table(
        "member_choices",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "member_id", name="pk_member_choices"),
    )
    op.create_index("ix_member_choices_member_id", "member_choices", ["member_id"])
    op.create_table(
        "channel_choices",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "channel_id", name="pk_channel_choices"),
    )
    op.create_table(
        "personas",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "channel_id", name="pk_personas"),
    )
    op.create_table(
        "allowances",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), autoincrement=False, nullable=False),
        sa.Column("role_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tokens_a_day", sa.BigInteger(), nullable=True),
        sa.Column("micros_a_month", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("guild_id", "kind", "role_id", name="pk_allowances"),
    )
    op.create_table(
        "usage_days",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "member_id", "day", name="pk_usage_days"),
    )
    op.create_index("ix_usage_days_member_id", "usage_days", ["member_id"])
    op.create_index("ix_usage_days_day", "usage_days", ["day"])
    op.create_index("ix_usage_days_guild_id_day", "usage_days", ["guild_id", "day"])
    op.create_table(
        "usage_holds",
        sa.Column("hold_id", ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hold_id", name="pk_usage_holds"),
    )
    op.create_index("ix_usage_holds_member_id", "usage_holds", ["member_id"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for column in reversed(guild_columns()):
        op.drop_column("guild_settings", column.name)
