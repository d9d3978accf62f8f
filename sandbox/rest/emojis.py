"""REST of a guild's custom emojis: they are read here, and put there by whoever builds the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import unknown
from sandbox.payloads.guilds import emoji_payload
from sandbox.rest.call import Call, Route

if TYPE_CHECKING:
    from sandbox.model import Json


async def list_emojis(call: Call) -> list[Json]:
    """GET /guilds/{id}/emojis."""
    return [emoji_payload(call.world, emoji) for emoji in call.world.emojis[call.guild().id].values()]


async def get(call: Call) -> Json:
    """GET /guilds/{id}/emojis/{id}."""
    emoji = call.world.emojis[call.guild().id].get(call.id("emoji_id"))
    if emoji is None:
        raise unknown("emoji")
    return emoji_payload(call.world, emoji)


def routes() -> list[Route]:
    """List the routes of emojis."""
    return [
        Route("GET", "/guilds/{guild_id}/emojis", list_emojis),
        Route("GET", "/guilds/{guild_id}/emojis/{emoji_id}", get),
    ]
