"""The tables of answers by models: questions and answers, choices, personas, ratings, reports, allowances and usage."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.columns import RowId, Snowflake, UtcDateTime, enum_column
from bot.db.schema.base import Base


class TurnPhase(StrEnum):
    """Where an answer stands: being made, done, stopped by a person, failed, cut off by a restart, deleted."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    DELETED = "deleted"


class ChoiceRule(StrEnum):
    """Whose choice decided who answers."""

    ASKED = "asked"
    MEMBER = "member"
    CHANNEL = "channel"
    SERVER = "server"
    DEFAULT = "default"


class AllowanceKind(StrEnum):
    """Whom an allowance is for: each member, each member with a role, or the server as a whole."""

    MEMBER = "member"
    ROLE = "role"
    SERVER = "server"


class ConversationRow(Base):
    """A row of turns that belong together; `thread_id` is set when it has a thread of its own."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("guild_id", "conversation_id"),
        # whoever asks in a thread goes on with what they began there
        Index(None, "guild_id", "thread_id"),
        Index(None, "member_id"),
        Index(None, "made_at"),
    )

    conversation_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    channel_id: Mapped[int] = mapped_column(Snowflake)
    thread_id: Mapped[int | None] = mapped_column(Snowflake)
    member_id: Mapped[int | None] = mapped_column(Snowflake)
    # turns up to this one are no longer told to the model
    cleared_to: Mapped[int | None] = mapped_column(Snowflake)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TurnRow(Base):
    """A question and its answer; `parent_id` is the turn before it, so that branches share what came before.

    `wanted` is what was chosen ("any-open", "hybrid", a model's key), `model` who answered. `reply_token` lets the
    answer be finished after a restart, and is blanked at the end. Costs are in millionths of a US dollar.
    """

    __tablename__ = "ask_turns"
    __table_args__ = (
        ForeignKeyConstraint(
            ["guild_id", "conversation_id"],
            ["conversations.guild_id", "conversations.conversation_id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("guild_id", "turn_id"),
        Index(None, "conversation_id", "turn_id"),
        # replies to a message; what a restart cut off; a person's own; what stands side by side; what is old
        Index(None, "message_id"),
        Index(None, "shared_message_id"),
        Index(None, "phase", "turn_id"),
        Index(None, "member_id"),
        Index(None, "compare_id"),
        Index(None, "made_at"),
    )

    turn_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    conversation_id: Mapped[int] = mapped_column(Snowflake)
    parent_id: Mapped[int | None] = mapped_column(Snowflake)
    compare_id: Mapped[int | None] = mapped_column(Snowflake)
    member_id: Mapped[int | None] = mapped_column(Snowflake)
    channel_id: Mapped[int] = mapped_column(Snowflake)
    message_id: Mapped[int | None] = mapped_column(Snowflake)
    shared_message_id: Mapped[int | None] = mapped_column(Snowflake)
    reply_token: Mapped[str | None] = mapped_column(Text)
    # which process makes it, or shares it: what a dead one left is told by another
    holder: Mapped[str] = mapped_column(String(32))
    is_private: Mapped[bool] = mapped_column(Boolean)
    phase: Mapped[TurnPhase] = mapped_column(enum_column(TurnPhase))
    task: Mapped[str] = mapped_column(String(16))
    language: Mapped[str | None] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(Text)
    quoted: Mapped[str | None] = mapped_column(Text)
    quoted_name: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, server_default="")
    wanted: Mapped[str] = mapped_column(String(64))
    rule: Mapped[ChoiceRule] = mapped_column(enum_column(ChoiceRule))
    model: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
    finish: Mapped[str | None] = mapped_column(String(16))
    trouble: Mapped[str | None] = mapped_column(Text)
    prompt_tokens: Mapped[int | None] = mapped_column(Integer)
    completion_tokens: Mapped[int | None] = mapped_column(Integer)
    cost_micros: Mapped[int | None] = mapped_column(BigInteger)
    first_ms: Mapped[int | None] = mapped_column(Integer)
    total_ms: Mapped[int | None] = mapped_column(Integer)
    dropped_turns: Mapped[int] = mapped_column(Integer, server_default="0")
    dropped_tokens: Mapped[int] = mapped_column(Integer, server_default="0")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TurnImageRow(Base):
    """A picture that was asked about, kept as long as its turn."""

    __tablename__ = "ask_images"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "turn_id"], ["ask_turns.guild_id", "ask_turns.turn_id"], ondelete="CASCADE"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    turn_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    media_type: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class TurnRatingRow(Base):
    """A thumb for an answer; one a member."""

    __tablename__ = "ask_ratings"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "turn_id"], ["ask_turns.guild_id", "ask_turns.turn_id"], ondelete="CASCADE"),
        Index(None, "member_id"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    turn_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    is_good: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str | None] = mapped_column(Text)
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TurnReportRow(Base):
    """An answer that a member reported to the moderators, and what came of it; one a member and answer."""

    __tablename__ = "ask_reports"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "turn_id"], ["ask_turns.guild_id", "ask_turns.turn_id"], ondelete="CASCADE"),
        UniqueConstraint("turn_id", "member_id"),
        Index(None, "member_id"),
        Index(None, "handler_id"),
    )

    report_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    turn_id: Mapped[int] = mapped_column(Snowflake)
    member_id: Mapped[int | None] = mapped_column(Snowflake)
    reason: Mapped[str] = mapped_column(Text)
    handler_id: Mapped[int | None] = mapped_column(Snowflake)
    outcome: Mapped[str | None] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MemberChoiceRow(Base):
    """The model that a member of a server chose last."""

    __tablename__ = "member_choices"
    __table_args__ = (Index(None, "member_id"),)

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(String(64))
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChannelChoiceRow(Base):
    """The model that answers in a channel unless its members choose another."""

    __tablename__ = "channel_choices"

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    model: Mapped[str] = mapped_column(String(64))
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonaRow(Base):
    """How models are told to speak in a channel; `channel_id` 0 is for the whole server."""

    __tablename__ = "personas"

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    channel_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AllowanceRow(Base):
    """How much may be used: tokens a day, money (millionths of a US dollar) a month; NULL is without a bound.

    `role_id` is 0 unless the kind is role.
    """

    __tablename__ = "allowances"

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    kind: Mapped[AllowanceKind] = mapped_column(enum_column(AllowanceKind), primary_key=True)
    role_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    tokens_a_day: Mapped[int | None] = mapped_column(BigInteger)
    micros_a_month: Mapped[int | None] = mapped_column(BigInteger)


class UsageRow(Base):
    """What a member used on a day, reservations included; `day` is the proleptic ordinal of the date in UTC.

    An erased member's use goes on under `member_id` 0, so that the server's budget stays right.
    """

    __tablename__ = "usage_days"
    __table_args__ = (Index(None, "guild_id", "day"), Index(None, "day"), Index(None, "member_id"))

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    day: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    tokens: Mapped[int] = mapped_column(BigInteger)
    micros: Mapped[int] = mapped_column(BigInteger)


class UsageHoldRow(Base):
    """A reservation that is not settled yet; its amount is in `usage_days` already."""

    __tablename__ = "usage_holds"
    __table_args__ = (Index(None, "member_id"),)

    hold_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    member_id: Mapped[int] = mapped_column(Snowflake)
    day: Mapped[int] = mapped_column(Integer)
    tokens: Mapped[int] = mapped_column(BigInteger)
    micros: Mapped[int] = mapped_column(BigInteger)
    # which process holds it: what a dead one held is given back
    holder: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
