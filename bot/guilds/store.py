"""Server settings in the database: each method is one transaction, and rows do not leave it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import GuildChannelRow, GuildSettingsRow
from bot.db.session import Database
from bot.db.upsert import inserting
from bot.guilds.types import ModelSettings, Purpose, StoredSettings

_KNOWN = frozenset(Purpose)


class GuildStore:
    """All that servers have set."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def latest(self, most: int) -> list[StoredSettings]:
        """Return the settings of the servers that changed theirs last, the newest first."""
        newest = select(GuildSettingsRow).order_by(GuildSettingsRow.changed_at.desc()).limit(most)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest)).all()
            among = select(newest.subquery().c.guild_id)
            return _joined(rows, await _channels(connection, GuildChannelRow.guild_id.in_(among)))

    async def get(self, guild_id: int) -> StoredSettings:
        """Return the settings of a server; all empty when it has set nothing."""
        async with self._database.read() as connection:
            return await _one(connection, guild_id)

    async def set_locale(
        self, guild_id: int, time_zone: str | None, language: str | None, now: datetime
    ) -> StoredSettings:
        """Set zone and language; None leaves them to the operator's default."""
        async with self._database.write() as connection:
            await _touch(connection, guild_id, now, time_zone=time_zone, language=language)
            return await _one(connection, guild_id)

    async def set_models(self, guild_id: int, models: ModelSettings, now: datetime) -> StoredSettings:
        """Set what concerns models."""
        async with self._database.write() as connection:
            await _touch(
                connection,
                guild_id,
                now,
                open_only=models.open_only,
                stays_here=models.stays_here,
                asks_private=models.asks_private,
                model=models.model,
                blocked_words="\n".join(models.blocked_words) or None,
                moderation=models.moderation,
            )
            return await _one(connection, guild_id)

    async def set_channels(
        self, guild_id: int, channels: Mapping[Purpose, int | None], now: datetime
    ) -> StoredSettings:
        """Set the channels for these purposes, None for no channel; those for other purposes stay."""
        async with self._database.write() as connection:
            await _touch(connection, guild_id, now)
            for purpose, channel_id in channels.items():
                if channel_id is None:
                    mine = (GuildChannelRow.guild_id == guild_id, GuildChannelRow.purpose == purpose.value)
                    await connection.execute(delete(GuildChannelRow).where(*mine))
                else:
                    added = inserting(connection, GuildChannelRow).values(
                        guild_id=guild_id, purpose=purpose.value, channel_id=channel_id
                    )
                    await connection.execute(
                        added.on_conflict_do_update(
                            index_elements=[GuildChannelRow.guild_id, GuildChannelRow.purpose],
                            set_={"channel_id": added.excluded.channel_id},
                        )
                    )
            return await _one(connection, guild_id)


async def _touch(connection: AsyncConnection, guild_id: int, now: datetime, **values: str | int | None) -> None:
    changed = {"changed_at": now, **values}
    added = inserting(connection, GuildSettingsRow).values(guild_id=guild_id, **changed)
    await connection.execute(added.on_conflict_do_update(index_elements=[GuildSettingsRow.guild_id], set_=changed))


async def _one(connection: AsyncConnection, guild_id: int) -> StoredSettings:
    rows = (await connection.execute(select(GuildSettingsRow).where(GuildSettingsRow.guild_id == guild_id))).all()
    found = _joined(rows, await _channels(connection, GuildChannelRow.guild_id == guild_id))
    return found[0] if found else StoredSettings(guild_id, None, None, {})


async def _channels(connection: AsyncConnection, where: ColumnElement[bool]) -> dict[int, dict[Purpose, int]]:
    found: dict[int, dict[Purpose, int]] = {}
    for row in await connection.execute(select(GuildChannelRow).where(where)):
        # a purpose of a newer version, after a step back, means nothing here
        if row.purpose in _KNOWN:
            found.setdefault(row.guild_id, {})[Purpose(row.purpose)] = row.channel_id
    return found


def _joined(rows: Sequence[Row[Any]], channels: Mapping[int, Mapping[Purpose, int]]) -> list[StoredSettings]:
    return [
        StoredSettings(row.guild_id, row.time_zone, row.language, channels.get(row.guild_id, {}), _models(row))
        for row in rows
    ]


def _models(row: Row[Any]) -> ModelSettings:
    words = tuple(row.blocked_words.split("\n")) if row.blocked_words else ()
    return ModelSettings(row.open_only, row.stays_here, row.asks_private, row.model, words, row.moderation)
