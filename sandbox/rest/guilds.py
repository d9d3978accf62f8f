"""REST of guilds as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import guilds
from sandbox.errors import unknown
from sandbox.payloads.guilds import emoji_payload, guild_payload
from sandbox.rest.acting import actor, wants
from sandbox.rest.call import Call, Route

if TYPE_CHECKING:
    from sandbox.model import Json


async def get(call: Call) -> Json:
    """GET /guilds/{id}."""
    guild = call.guild()
    payload = guild_payload(call.world, guild)
    if wants(call, "with_counts"):
        payload |= _counts(call, guild.id)
    return payload


async def modify(call: Call) -> Json:
    """PATCH /guilds/{id}."""
    guild = guilds.modify_guild(call.world, call.guild(), actor(call), call.json)
    return guild_payload(call.world, guild)


async def preview(call: Call) -> Json:
    """GET /guilds/{id}/preview: of guilds that the bot is in, and of discoverable ones."""
    guild = call.world.guilds.get(call.id("guild_id"))
    inside = guild is not None and call.bot.id in call.world.members[guild.id]
    if guild is None or not (inside or "DISCOVERABLE" in guild.features):
        raise unknown("guild")
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": guild.icon,
        "splash": None,
        "discovery_splash": None,
        "home_header": None,
        "emojis": [emoji_payload(call.world, emoji) for emoji in call.world.emojis[guild.id].values()],
        "features": guild.features,
        "description": guild.description,
        "stickers": [],
        **_counts(call, guild.id),
    }


async def nothing(call: Call) -> list[Json]:
    """GET of stickers, integrations, regions and the like, of which guilds here have none."""
    call.guild()
    return []


async def welcome_screen(call: Call) -> Json:
    """GET /guilds/{id}/welcome-screen: guilds here have none (10069)."""
    call.guild()
    raise guilds.no_welcome_screen()


def _counts(call: Call, guild_id: int) -> Json:
    members = call.world.members[guild_id]
    here = sum(1 for user_id in members if not call.world.users[user_id].bot or call.server.gateway.online(user_id))
    return {"approximate_member_count": len(members), "approximate_presence_count": here}


def routes() -> list[Route]:
    """List the routes of guilds."""
    empty = ("stickers", "integrations", "regions", "auto-moderation/rules", "templates")
    return [
        Route("GET", "/guilds/{guild_id}", get),
        Route("PATCH", "/guilds/{guild_id}", modify),
        Route("GET", "/guilds/{guild_id}/preview", preview),
        Route("GET", "/guilds/{guild_id}/welcome-screen", welcome_screen),
        *(Route("GET", f"/guilds/{{guild_id}}/{name}", nothing) for name in empty),
    ]
