"""REST of bans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import members
from sandbox.errors import unknown
from sandbox.payloads.audit import ban_payload
from sandbox.permissions import P, require_guild
from sandbox.rest.acting import actor
from sandbox.rest.call import Call, Route
from sandbox.rest.paging import window

if TYPE_CHECKING:
    from sandbox.model import Json

_DELETING = {"delete_message_seconds": members.MAX_DELETED, "delete_message_days": 7}


async def list_bans(call: Call) -> list[Json]:
    """GET /guilds/{id}/bans, by user id."""
    guild = call.guild()
    require_guild(call.world, guild.id, call.bot.id, P.BAN_MEMBERS)
    bans = call.world.bans[guild.id]
    return [ban_payload(call.world, bans[user_id]) for user_id in window(call, sorted(bans), 1000, 1000)]


async def get(call: Call) -> Json:
    """GET /guilds/{id}/bans/{id}."""
    guild = call.guild()
    require_guild(call.world, guild.id, call.bot.id, P.BAN_MEMBERS)
    ban = call.world.bans[guild.id].get(call.id("user_id"))
    if ban is None:
        raise unknown("ban")
    return ban_payload(call.world, ban)


async def put(call: Call) -> None:
    """PUT /guilds/{id}/bans/{id}: what to delete may also be said in the query, as discord.py does."""
    asked = {name: call.number(name, 0, 0, most) for name, most in _DELETING.items() if name in call.query}
    members.ban(call.server, call.guild(), call.id("user_id"), actor(call), {**asked, **call.json})


async def delete(call: Call) -> None:
    """DELETE /guilds/{id}/bans/{id}."""
    members.unban(call.world, call.guild(), call.id("user_id"), actor(call))


async def bulk(call: Call) -> Json:
    """POST /guilds/{id}/bulk-ban."""
    return members.bulk_ban(call.server, call.guild(), actor(call), call.json)


def routes() -> list[Route]:
    """List the routes of bans."""
    return [
        Route("GET", "/guilds/{guild_id}/bans", list_bans),
        Route("GET", "/guilds/{guild_id}/bans/{user_id}", get),
        Route("PUT", "/guilds/{guild_id}/bans/{user_id}", put),
        Route("DELETE", "/guilds/{guild_id}/bans/{user_id}", delete),
        Route("POST", "/guilds/{guild_id}/bulk-ban", bulk),
    ]
