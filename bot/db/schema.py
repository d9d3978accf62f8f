"""The tables. Every one that belongs to a server carries its `guild_id`; rows never leave the stores."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, MetaData, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.db.columns import RowId, Snowflake, UtcDateTime, enum_column

# the newest migration; known here so that a start need not import alembic to see that nothing is to do
HEAD = "0001"


class Base(DeclarativeBase):
    """The root of the tables, with names for constraints that both databases share."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class VoterRow(Base):
    """A member as a voter: ballots point here, so that erasing the member leaves the counts as they were."""

    __tablename__ = "voters"
    __table_args__ = (
        UniqueConstraint("guild_id", "member_id"),
        # finds a person in all servers: forget me, give me my data
        Index(None, "member_id"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    voter_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    member_id: Mapped[int | None] = mapped_column(Snowflake)


class PollPhase(StrEnum):
    """Where a poll stands: drafted, open, closed (no more votes), done (its result is on the card)."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"


class PollRow(Base):
    """A poll; `creator_id` is empty once its creator was erased, `message_id` until it is posted."""

    __tablename__ = "polls"
    __table_args__ = (
        UniqueConstraint("guild_id", "poll_id"),
        # pending at start, drafts to sweep, open ones of a server
        Index(None, "phase", "closes_at"),
        Index(None, "guild_id", "phase", "closes_at"),
        Index(None, "creator_id"),
    )

    poll_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    channel_id: Mapped[int] = mapped_column(Snowflake)
    message_id: Mapped[int | None] = mapped_column(Snowflake)
    creator_id: Mapped[int | None] = mapped_column(Snowflake)
    question: Mapped[str] = mapped_column(Text)
    phase: Mapped[PollPhase] = mapped_column(enum_column(PollPhase))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PollOptionRow(Base):
    """One thing to vote for; `position` counts from 0 and is the option's place in a ranking."""

    __tablename__ = "poll_options"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "poll_id"], ["polls.guild_id", "polls.poll_id"], ondelete="CASCADE"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    poll_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)


class PollBallotRow(Base):
    """A voter's last ballot in a poll: `ranks` has one byte an option, 0 the best, equal bytes tie, 255 unranked."""

    __tablename__ = "poll_ballots"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "poll_id"], ["polls.guild_id", "polls.poll_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["guild_id", "voter_id"], ["voters.guild_id", "voters.voter_id"]),
        Index(None, "guild_id", "voter_id"),
    )

    poll_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    voter_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    ranks: Mapped[bytes] = mapped_column(LargeBinary)
    cast_at: Mapped[datetime] = mapped_column(UtcDateTime)
