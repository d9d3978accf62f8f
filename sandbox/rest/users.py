"""REST of accounts: oneself, others, one's guilds and direct messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import members, users
from sandbox.errors import ApiError, unknown
from sandbox.payloads.channels import channel_payload
from sandbox.payloads.people import member_payload, own_user_payload, user_payload
from sandbox.permissions import guild_permissions
from sandbox.rest.call import Call, Route
from sandbox.rest.paging import window
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.model import Guild, Json


async def get_me(call: Call) -> Json:
    """GET /users/@me."""
    return own_user_payload(call.bot)


async def modify_me(call: Call) -> Json:
    """PATCH /users/@me."""
    return own_user_payload(users.modify_self(call.world, call.bot, call.json))


async def get_user(call: Call) -> Json:
    """GET /users/{id}."""
    user = call.world.users.get(call.id("user_id"))
    if user is None:
        raise unknown("user")
    return user_payload(user)


async def my_guilds(call: Call) -> list[Json]:
    """GET /users/@me/guilds, by id."""
    found = {guild.id: guild for guild in call.world.guilds_of(call.bot.id)}
    counted = call.flag("with_counts")
    return [_partial(call, found[one], counted=counted) for one in window(call, sorted(found), 200, 200)]


async def my_member(call: Call) -> Json:
    """GET /users/@me/guilds/{id}/member."""
    guild = call.guild()
    return member_payload(call.world, members.find(call.world, guild.id, call.bot.id))


async def leave(call: Call) -> None:
    """DELETE /users/@me/guilds/{id}."""
    guild = call.world.guilds.get(call.id("guild_id"))
    if guild is None or call.bot.id not in call.world.members[guild.id]:
        raise unknown("guild")
    members.leave_guild(call.world, guild, call.bot.id)


async def open_dm(call: Call) -> Json:
    """POST /users/@me/channels: with people only; whether one may write there is seen on sending (50007)."""
    form = Form(call.json)
    other_id = form.snowflake("recipient_id", required=True) or 0
    form.done()
    other = call.world.users.get(other_id)
    if other is not None and other.bot and other.id != call.bot.id:
        raise ApiError(400, 50007, "Cannot send messages to this user")
    channel = users.open_dm(call.world, call.bot.id, other_id)
    return channel_payload(call.world, channel, viewer=call.bot.id)


async def my_channels(call: Call) -> list[Json]:
    """GET /users/@me/channels: bots keep no list of theirs."""
    del call
    return []


def _partial(call: Call, guild: Guild, *, counted: bool) -> Json:
    payload: Json = {
        "id": str(guild.id),
        "name": guild.name,
        "icon": guild.icon,
        "banner": None,
        "owner": guild.owner_id == call.bot.id,
        "permissions": str(guild_permissions(call.world, guild.id, call.bot.id)),
        "features": guild.features,
    }
    if counted:
        payload["approximate_member_count"] = len(call.world.members[guild.id])
        payload["approximate_presence_count"] = len(call.world.members[guild.id])
    return payload


def routes() -> list[Route]:
    """List the routes of accounts."""
    return [
        Route("GET", "/users/@me", get_me),
        Route("PATCH", "/users/@me", modify_me, limit=(2, 3600.0)),
        Route("GET", "/users/@me/guilds", my_guilds),
        Route("DELETE", "/users/@me/guilds/{guild_id}", leave),
        Route("GET", "/users/@me/guilds/{guild_id}/member", my_member),
        Route("GET", "/users/@me/channels", my_channels),
        Route("POST", "/users/@me/channels", open_dm),
        Route("GET", "/users/{user_id}", get_user),
    ]
