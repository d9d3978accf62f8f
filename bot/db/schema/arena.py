"""The tables of the arena: lines of models, battles with their two answers, votes, and what was left out of a board."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.columns import RowId, Snowflake, UtcDateTime, enum_column
from bot.db.schema.base import Base


class BattlePhase(StrEnum):
    """Where a battle stands.

    Its answers are being made, it takes votes, it takes none any more, its names are shown as well; or it was void
    and counts for nothing.
    """

    RUNNING = "running"
    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"
    VOID = "void"


class Verdict(StrEnum):
    """What a vote says."""

    A = "a"
    B = "b"
    TIE = "tie"
    BAD = "bad"


class Pairing(StrEnum):
    """Which classes are to meet; `ANY` leaves it to what the board knows least about."""

    OPEN_CLOSED = "open-closed"
    OPEN_OPEN = "open-open"
    CLOSED_CLOSED = "closed-closed"
    ANY = "any"


class Doubt(StrEnum):
    """Why a vote is kept, but not counted on the board as it is shown at first."""

    RUSHED = "rushed"
    CAPPED = "capped"
    NEW_ACCOUNT = "new-account"


class ModelLineRow(Base):
    """A model as it was when votes were cast: another version, name or class begins another line.

    Not a server's: what stands here is the operator's catalogue over time. `key` is the card's.
    """

    __tablename__ = "arena_lines"
    __table_args__ = (UniqueConstraint("key", "version", "name", "openness"),)

    line_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    openness: Mapped[str] = mapped_column(String(16))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BattleRow(Base):
    """Two anonymous answers to one prompt. The prompt is blank and `member_id` empty once the asker was erased.

    `task` is a `Task`, `language` a code of ISO 639-1 (empty when not known); both decide the boards it counts on.
    `holder` is the process that makes the answers; `reply_token` lets a private battle be finished by another one, and
    is blanked when it is shown.
    """

    __tablename__ = "arena_battles"
    __table_args__ = (
        UniqueConstraint("guild_id", "battle_id"),
        # what is pending at start; a server's board, its history and its exposure; a person's own; their pace
        Index(None, "phase", "closes_at"),
        Index(None, "guild_id", "phase", "made_at"),
        Index(None, "guild_id", "member_id", "made_at"),
        Index(None, "member_id"),
        # controls of old messages name it: the number of a deleted one goes to no other
        {"sqlite_autoincrement": True},
    )

    battle_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    channel_id: Mapped[int] = mapped_column(Snowflake)
    message_id: Mapped[int | None] = mapped_column(Snowflake)
    member_id: Mapped[int | None] = mapped_column(Snowflake)
    prompt: Mapped[str] = mapped_column(Text)
    is_private: Mapped[bool] = mapped_column(Boolean)
    pairing: Mapped[Pairing] = mapped_column(enum_column(Pairing))
    phase: Mapped[BattlePhase] = mapped_column(enum_column(BattlePhase))
    task: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    holder: Mapped[str] = mapped_column(String(32))
    reply_token: Mapped[str | None] = mapped_column(Text)
    void_reason: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BattleAnswerRow(Base):
    """One of the two answers of a battle; `side` is 0 for A and 1 for B, as they are shown.

    `masked` counts the places where the answer named its model. `place` is a `Where`, `sent` says in words which text
    left the server and to whom. Costs are in millionths of a US dollar, energy in thousandths of a watt-hour.
    """

    __tablename__ = "arena_answers"
    __table_args__ = (
        ForeignKeyConstraint(
            ["guild_id", "battle_id"], ["arena_battles.guild_id", "arena_battles.battle_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["line_id"], ["arena_lines.line_id"]),
        Index(None, "line_id"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    battle_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    side: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    line_id: Mapped[int] = mapped_column(Snowflake)
    text: Mapped[str] = mapped_column(Text, server_default="")
    masked: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    place: Mapped[str | None] = mapped_column(String(16))
    sent: Mapped[str] = mapped_column(Text, server_default="")
    prompt_tokens: Mapped[int | None] = mapped_column(Integer)
    completion_tokens: Mapped[int | None] = mapped_column(Integer)
    cost_micros: Mapped[int | None] = mapped_column(BigInteger)
    total_ms: Mapped[int | None] = mapped_column(Integer)


class BattleVoteRow(Base):
    """A voter's verdict on a battle, the last one where it may change; one each.

    `reasons` are names of reasons with commas between. `dwell_ms` is how long the answers had been there, `doubt` why
    the board leaves the vote out at first.
    """

    __tablename__ = "arena_votes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["guild_id", "battle_id"], ["arena_battles.guild_id", "arena_battles.battle_id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["guild_id", "voter_id"], ["voters.guild_id", "voters.voter_id"]),
        # a voter's own votes, also in a day
        Index(None, "guild_id", "voter_id", "cast_at"),
    )

    battle_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    voter_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    verdict: Mapped[Verdict] = mapped_column(enum_column(Verdict))
    reasons: Mapped[str] = mapped_column(String(200), server_default="")
    cast_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dwell_ms: Mapped[int] = mapped_column(Integer)
    doubt: Mapped[Doubt | None] = mapped_column(enum_column(Doubt))


class ArenaExclusionRow(Base):
    """A voter whose votes a board leaves out, why, and until when that held: the log of fair play.

    `evidence` says in words what the test saw. `moderator_id` is who did it, then who lifted it; empty once
    they were erased.
    """

    __tablename__ = "arena_exclusions"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "voter_id"], ["voters.guild_id", "voters.voter_id"]),
        Index(None, "guild_id", "made_at"),
        Index(None, "guild_id", "voter_id"),
        Index(None, "moderator_id"),
        {"sqlite_autoincrement": True},
    )

    exclusion_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    voter_id: Mapped[int] = mapped_column(Snowflake)
    evidence: Mapped[str] = mapped_column(Text)
    votes: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moderator_id: Mapped[int | None] = mapped_column(Snowflake)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
