"""REST of invites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import guilds
from sandbox.payloads.audit import invite_payload
from sandbox.permissions import P, require_channel, require_guild
from sandbox.rest.acting import actor, wants
from sandbox.rest.call import Call, Route

if TYPE_CHECKING:
    from sandbox.model import Json


async def of_channel(call: Call) -> list[Json]:
    """GET /channels/{id}/invites."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.MANAGE_CHANNELS)
    return [invite_payload(call.world, one) for one in call.world.invites.values() if one.channel_id == channel.id]


async def of_guild(call: Call) -> list[Json]:
    """GET /guilds/{id}/invites."""
    guild = call.guild()
    require_guild(call.world, guild.id, call.bot.id, P.MANAGE_GUILD)
    return [invite_payload(call.world, one) for one in call.world.invites.values() if one.guild_id == guild.id]


async def create(call: Call) -> Json:
    """POST /channels/{id}/invites."""
    return invite_payload(call.world, guilds.create_invite(call.world, call.channel(), actor(call), call.json))


async def get(call: Call) -> Json:
    """GET /invites/{code}."""
    invite = guilds.find_invite(call.world, call.path["code"])
    payload = invite_payload(call.world, invite, with_use=False)
    if wants(call, "with_counts"):
        count = len(call.world.members[invite.guild_id])
        payload |= {"approximate_member_count": count, "approximate_presence_count": count}
    return payload


async def delete(call: Call) -> Json:
    """DELETE /invites/{code}."""
    return guilds.delete_invite(call.world, guilds.find_invite(call.world, call.path["code"]), actor(call))


def routes() -> list[Route]:
    """List the routes of invites."""
    return [
        Route("GET", "/channels/{channel_id}/invites", of_channel),
        Route("POST", "/channels/{channel_id}/invites", create),
        Route("GET", "/guilds/{guild_id}/invites", of_guild),
        Route("GET", "/invites/{code}", get),
        Route("DELETE", "/invites/{code}", delete),
    ]
