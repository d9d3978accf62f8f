"""The tables of servers and their members as voters, and of private answers that are kept."""

from datetime import datetime

from sqlalchemy import Boolean, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from bot.db.columns import RowId, Snowflake, UtcDateTime
from bot.db.schema.base import Base


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


class GuildSettingsRow(Base):
    """What a server has set for itself; empty fields mean the operator's default."""

    __tablename__ = "guild_settings"

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(16))
    open_only: Mapped[bool] = mapped_column(Boolean, server_default=false())
    stays_here: Mapped[bool] = mapped_column(Boolean, server_default=false())
    asks_private: Mapped[bool] = mapped_column(Boolean, server_default=false())
    model: Mapped[str | None] = mapped_column(String(64))
    blocked_words: Mapped[str | None] = mapped_column(Text)
    moderation: Mapped[int | None] = mapped_column(SmallInteger)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GuildChannelRow(Base):
    """Which channel of a server serves a purpose, such as "log" or "polls"."""

    __tablename__ = "guild_channels"

    guild_id: Mapped[int] = mapped_column(Snowflake, primary_key=True, autoincrement=False)
    purpose: Mapped[str] = mapped_column(String(16), primary_key=True)
    channel_id: Mapped[int] = mapped_column(Snowflake)


class KeptAnswerRow(Base):
    """A private answer that Discord no longer took; its owner opens it again until `gone_at`."""

    __tablename__ = "kept_answers"
    __table_args__ = (
        # what a person has to open; what is to be swept
        Index(None, "member_id", "guild_id"),
        Index(None, "gone_at"),
    )

    answer_id: Mapped[int] = mapped_column(RowId, primary_key=True)
    guild_id: Mapped[int] = mapped_column(Snowflake)
    member_id: Mapped[int] = mapped_column(Snowflake)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str | None] = mapped_column(Text)
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime] = mapped_column(UtcDateTime)
