"""Routes of messages: history, sending, editing, deleting, publishing, typing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import ApiError, form_error, missing_permissions
from sandbox.gateway.intents import PRIVILEGED, Intent, without_content
from sandbox.history import history
from sandbox.messages import (
    Sender,
    announce,
    create_message,
    delete_bulk,
    delete_message,
    edit_message,
    require_deletable,
    sender_in,
    type_in,
)
from sandbox.payloads.channels import ANNOUNCEMENT
from sandbox.payloads.messages import message_payload
from sandbox.permissions import P, require_channel
from sandbox.rest.call import Call, Route
from sandbox.sending import require_place
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.model import Json, Message

MAX_PAGE = 100
CROSSPOSTED = 1 << 0
_MESSAGES = "/channels/{channel_id}/messages"
_ONE = f"{_MESSAGES}/{{message_id}}"


def routes() -> list[Route]:
    """List the routes of messages with Discord's limits."""
    return [
        Route("GET", _MESSAGES, get_messages, limit=(5, 5.0)),
        Route("POST", _MESSAGES, post_message, limit=(5, 5.0)),
        Route("POST", f"{_MESSAGES}/bulk-delete", post_bulk_delete, limit=(1, 1.0)),
        Route("GET", _ONE, get_message, limit=(5, 5.0)),
        Route("PATCH", _ONE, patch_message, limit=(5, 5.0)),
        Route("DELETE", _ONE, drop_message, limit=(5, 1.0)),
        Route("POST", f"{_ONE}/crosspost", post_crosspost, limit=(10, 3600.0)),
        Route("POST", "/channels/{channel_id}/typing", post_typing, limit=(5, 5.0)),
    ]


async def get_messages(call: Call) -> list[Json]:
    """Return a page of history, newest first; an empty one without Read Message History."""
    channel = call.channel()
    bits = require_channel(call.world, channel, call.bot.id)
    places = {name: call.snowflake(name) for name in ("before", "after", "around")}
    if sum(value is not None for value in places.values()) > 1:
        message = "before, after and around are mutually exclusive"
        raise form_error(code="MESSAGES_QUERY_EXCLUSIVE", message=message)
    limit = call.number("limit", 50, 1, MAX_PAGE)
    if not bits & P.READ_MESSAGE_HISTORY:
        return []
    found = history(call.world, channel.id, limit=limit, **places)
    return [seen(call, message) for message in found]


async def get_message(call: Call) -> Json:
    """Return one message."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.READ_MESSAGE_HISTORY)
    return seen(call, call.message(channel))


async def post_message(call: Call) -> Json:
    """Send a message."""
    channel = call.channel()
    sender = sender_in(call.world, channel, call.bot.id)
    message = create_message(call.server, channel, sender, call.json, call.files)
    return message_payload(call.world, message, viewer=call.bot.id, fresh=True)


async def patch_message(call: Call) -> Json:
    """Edit a message."""
    channel = call.channel()
    bits = require_channel(call.world, channel, call.bot.id)
    message = call.message(channel)
    sender = Sender(call.bot.id, application_id=call.app.id if call.app else None, bits=bits)
    edit_message(call.server, message, sender, call.json, call.files)
    return seen(call, message)


async def drop_message(call: Call) -> None:
    """Delete a message."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id)
    message = call.message(channel)
    require_deletable(call.world, message, call.bot.id)
    delete_message(call.server, message)


async def post_bulk_delete(call: Call) -> None:
    """Delete several messages."""
    channel = call.channel()
    if channel.guild_id is None:
        raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    require_channel(call.world, channel, call.bot.id, P.MANAGE_MESSAGES)
    form = Form(call.json)
    form.raw("messages", required=True)
    found = form.items("messages", 10_000) or []
    ids = [form.as_snowflake(one, "messages", place) for place, one in enumerate(found)]
    form.done()
    delete_bulk(call.server, channel, [one for one in ids if one is not None])


async def post_crosspost(call: Call) -> Json:
    """Publish a message of an announcement channel to the channels that follow it (here: none)."""
    channel = call.channel()
    bits = require_channel(call.world, channel, call.bot.id, P.SEND_MESSAGES)
    message = call.message(channel)
    if channel.type != ANNOUNCEMENT:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    if message.author_id != call.bot.id and not bits & P.MANAGE_MESSAGES:
        raise missing_permissions()
    if message.flags & CROSSPOSTED:
        raise ApiError(400, 40033, "This message was already crossposted.")
    message.flags |= CROSSPOSTED
    announce(call.server, message)
    return seen(call, message)


async def post_typing(call: Call) -> None:
    """Show the bot as typing."""
    channel = call.channel()
    require_place(call.world, channel, call.bot.id)
    type_in(call.server, channel, call.bot.id)


def seen(call: Call, message: Message) -> Json:
    """Return a message as the bot may see it: without the approval for content, others' guild messages are empty."""
    payload = message_payload(call.world, message, viewer=call.bot.id)
    if message.guild_id is None or call.app is None or call.app.flags & PRIVILEGED[Intent.MESSAGE_CONTENT]:
        return payload
    return without_content(payload, call.bot.id, call.app.id)
