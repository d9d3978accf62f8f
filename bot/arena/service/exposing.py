"""Who met how often in a server lately, for whom to pair next."""

from bot.arena.pairing import Exposure
from bot.arena.service.desk import ArenaDesk


class Exposing(ArenaDesk):
    """What pairs are chosen by."""

    async def _exposure(self, guild_id: int) -> Exposure:
        """Return how often classes and pairs were shown lately, with the ratings as far as they are known."""
        return await self._boards.exposure(guild_id)
