"""REST of channels of all kinds and of their permission overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import channels, threads
from sandbox.errors import ApiError, unknown
from sandbox.payloads.channels import ANNOUNCEMENT, channel_payload
from sandbox.permissions import P, require_channel
from sandbox.rest.acting import actor
from sandbox.rest.call import Call, Reply, Route
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.model import Channel, Json


async def get(call: Call) -> Json:
    """GET /channels/{id}: any channel or thread that the bot sees."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id)
    return channel_payload(call.world, channel, viewer=call.bot.id)


async def modify(call: Call) -> Json:
    """PATCH /channels/{id}: a channel or a thread."""
    channel = _of_guild(call)
    if channel.thread is not None:
        threads.modify_thread(call.server, channel, actor(call), call.json)
    else:
        channels.modify_channel(call.world, channel, actor(call), call.json)
    return channel_payload(call.world, channel, viewer=call.bot.id)


async def delete(call: Call) -> Json:
    """DELETE /channels/{id}: deletes it, or closes a DM."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id)
    payload = channel_payload(call.world, channel, viewer=call.bot.id)
    if channel.thread is not None:
        threads.delete_thread(call.world, channel, actor(call))
    elif channel.guild_id is not None:
        channels.delete_channel(call.world, channel, actor(call))
    return payload


async def put_overwrite(call: Call) -> None:
    """PUT /channels/{id}/permissions/{id}."""
    channels.set_overwrite(call.world, call.channel(), call.id("overwrite_id"), actor(call), call.json)


async def delete_overwrite(call: Call) -> None:
    """DELETE /channels/{id}/permissions/{id}."""
    channels.delete_overwrite(call.world, call.channel(), call.id("overwrite_id"), actor(call))


async def of_guild(call: Call) -> list[Json]:
    """GET /guilds/{id}/channels: all but threads, hidden ones too."""
    found = call.world.guild_channels[call.guild().id].values()
    return [channel_payload(call.world, channel) for channel in found if channel.thread is None]


async def create(call: Call) -> Reply:
    """POST /guilds/{id}/channels."""
    channel = channels.create_channel(call.world, call.guild(), actor(call), call.json)
    return Reply(201, channel_payload(call.world, channel))


async def move(call: Call) -> None:
    """PATCH /guilds/{id}/channels."""
    channels.move_channels(call.world, call.guild(), actor(call), call.body)


async def follow(call: Call) -> Json:
    """POST /channels/{id}/followers: only checked, for nothing is carried from one server to another here."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id)
    if channel.type != ANNOUNCEMENT:
        raise channels.wrong_type()
    form = Form(call.json)
    target_id = form.snowflake("webhook_channel_id", required=True) or 0
    form.done()
    target = call.world.channels.get(target_id)
    if target is None:
        raise unknown("channel")
    require_channel(call.world, target, call.bot.id, P.MANAGE_WEBHOOKS)
    raise ApiError(501, 0, "501: the stand-in does not carry announcements to other channels")


def _of_guild(call: Call) -> Channel:
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id)
    if channel.guild_id is None:
        raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    return channel


def routes() -> list[Route]:
    """List the routes of channels."""
    overwrite = "/channels/{channel_id}/permissions/{overwrite_id}"
    return [
        Route("GET", "/channels/{channel_id}", get),
        Route("PATCH", "/channels/{channel_id}", modify, limit=(10, 10.0)),
        Route("DELETE", "/channels/{channel_id}", delete),
        Route("PUT", overwrite, put_overwrite),
        Route("DELETE", overwrite, delete_overwrite),
        Route("POST", "/channels/{channel_id}/followers", follow),
        Route("GET", "/guilds/{guild_id}/channels", of_guild),
        Route("POST", "/guilds/{guild_id}/channels", create),
        Route("PATCH", "/guilds/{guild_id}/channels", move),
    ]
