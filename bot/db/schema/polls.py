"""The tables of polls."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.columns import RowId, Snowflake, UtcDateTime, enum_column
from bot.db.schema.base import Base


class PollKind(StrEnum):
    """How a ballot is filled in, and so how it is counted."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    APPROVAL = "approval"
    SCORE = "score"
    RANKED = "ranked"


class CountingMethod(StrEnum):
    """How ballots become a winner; which of them fit a kind, `bot.polls.rules` says."""

    PLURALITY = "plurality"
    APPROVAL = "approval"
    SCORE = "score"
    STAR = "star"
    RUNOFF = "runoff"
    BORDA = "borda"
    SCHULZE = "schulze"
    RANKED_PAIRS = "ranked-pairs"


class ProposalState(StrEnum):
    """What became of an option that a member proposed."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class PollReveal(StrEnum):
    """When results are shown: at closing, to those who voted, or to all at any time."""

    CLOSING = "closing"
    VOTED = "voted"
    ALWAYS = "always"


class PollPhase(StrEnum):
    """Where a poll stands: drafted, open, closed (no more votes), done (its result is on the card)."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    DONE = "done"


class PollRow(Base):
    """A poll; `creator_id` is empty once its creator was erased, `message_id` until it is posted.

    `tie_seed` decides ties; polls of before ties were decided have none. With `is_native` it is one of Discord's own
    polls, whose counts are imported at its end.
    """

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
    kind: Mapped[PollKind] = mapped_column(enum_column(PollKind), server_default=PollKind.SINGLE.value)
    fewest: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    most: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    is_public: Mapped[bool] = mapped_column(Boolean, server_default=false())
    reveal: Mapped[PollReveal] = mapped_column(enum_column(PollReveal), server_default=PollReveal.CLOSING.value)
    quorum: Mapped[int | None] = mapped_column(Integer)
    days_in_server: Mapped[int | None] = mapped_column(Integer)
    remind_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    export_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    method: Mapped[CountingMethod] = mapped_column(
        enum_column(CountingMethod), server_default=CountingMethod.PLURALITY.value
    )
    tie_seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    takes_proposals: Mapped[bool] = mapped_column(Boolean, server_default=false())
    is_native: Mapped[bool] = mapped_column(Boolean, server_default=false())


class PollOptionRow(Base):
    """One thing to vote for; `position` counts from 0 and is the option's place in a ranking.

    `imported` is how many votes Discord counted for it in a poll of its own; empty otherwise.
    """

    __tablename__ = "poll_options"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "poll_id"], ["polls.guild_id", "polls.poll_id"], ondelete="CASCADE"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    poll_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)
    imported: Mapped[int | None] = mapped_column(Integer)


class PollProposalRow(Base):
    """An option that a member proposed; `member_id` is empty once that member was erased."""

    __tablename__ = "poll_proposals"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "poll_id"], ["polls.guild_id", "polls.poll_id"], ondelete="CASCADE"),
        Index(None, "poll_id", "state"),
        Index(None, "member_id"),
        # controls of old messages name it: the number of a deleted one goes to no other
        {"sqlite_autoincrement": True},
    )

    proposal_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    poll_id: Mapped[int] = mapped_column(Snowflake)
    member_id: Mapped[int | None] = mapped_column(Snowflake)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[ProposalState] = mapped_column(enum_column(ProposalState))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PollWeightRow(Base):
    """How much the ballot of somebody with a role counts; the heaviest of a voter's roles holds, else it is 1."""

    __tablename__ = "poll_weights"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "poll_id"], ["polls.guild_id", "polls.poll_id"], ondelete="CASCADE"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    poll_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    role_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    weight: Mapped[int] = mapped_column(SmallInteger)


class PollRoleRow(Base):
    """A role whose members may vote; a poll without any is for everybody."""

    __tablename__ = "poll_roles"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "poll_id"], ["polls.guild_id", "polls.poll_id"], ondelete="CASCADE"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    poll_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    role_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)


class PollBellRow(Base):
    """A member who asked to be reminded of a poll."""

    __tablename__ = "poll_bells"
    __table_args__ = (
        ForeignKeyConstraint(["guild_id", "poll_id"], ["polls.guild_id", "polls.poll_id"], ondelete="CASCADE"),
        Index(None, "member_id"),
    )

    guild_id: Mapped[int] = mapped_column(Snowflake)
    poll_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)


class PollBallotRow(Base):
    """A voter's last ballot in a poll.

    `ranks` has one byte an option, in option order: 0 the best, equal bytes tie, 255 unranked (not chosen); in a score
    poll the byte is the score and 255 means not scored. Shorter ones leave the options that were added later unranked.
    `weight` is what the voter's roles gave when it was cast. `pseudonym` stands for the voter in exports; set when the
    poll closes.
    """

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
    pseudonym: Mapped[bytes | None] = mapped_column(LargeBinary)
    weight: Mapped[int] = mapped_column(SmallInteger, server_default="1")
