"""The log channel of a server: plain lines about what was changed and by whom."""

import discord
import structlog

from bot.guilds.service import GuildService
from bot.guilds.types import Purpose
from cogs.ui.text import clip
from cogs.ui.watch import UNREACHABLE

LONGEST = 2000
"""Characters of a plain message."""

log = structlog.stdlib.get_logger(__name__)


class Journal:
    """Writes to log channels. A server without one, or whose channel is closed to the bot, is told nothing."""

    def __init__(self, client: discord.Client, guilds: GuildService) -> None:
        self._client = client
        self._guilds = guilds

    async def tell(self, guild_id: int, text: str, *, channel_id: int | None = None) -> bool:
        """Write one line, silently and without a ping; return whether it got there."""
        if channel_id is None:
            channel_id = await self._guilds.channel(guild_id, Purpose.LOG)
        if channel_id is None:
            return False
        channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
        try:
            await channel.send(clip(text, LONGEST), silent=True, allowed_mentions=discord.AllowedMentions.none())
        except (discord.HTTPException, *UNREACHABLE) as error:
            log.warning("a log channel could not be told", guild=guild_id, error=str(error))
            return False
        return True
