"""Routes of webhooks. Below an application's id they belong to its interactions: see rest/interactions.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import ApiError, unknown
from sandbox.messages import create_message, delete_message, edit_message
from sandbox.payloads.channels import FORUM, MEDIA
from sandbox.payloads.messages import message_payload
from sandbox.payloads.webhooks import webhook_payload
from sandbox.permissions import P, require_channel, require_guild
from sandbox.rest import interactions
from sandbox.rest.call import Call, Route
from sandbox.threads import create_thread
from sandbox.webhooks import (
    allowed_components,
    create_webhook,
    delete_webhook,
    find_message,
    modify_webhook,
    of_channel,
    sender_of,
)

if TYPE_CHECKING:
    from sandbox.model import Channel, Json, Message, Webhook

_ONE = "/webhooks/{webhook_id}"
_TOKEN = f"{_ONE}/{{webhook_token}}"
_MESSAGE = f"{_TOKEN}/messages/{{message_id}}"


def routes() -> list[Route]:
    """List the routes of webhooks; those with a token need no bot's."""
    return [
        Route("GET", "/channels/{channel_id}/webhooks", get_of_channel),
        Route("POST", "/channels/{channel_id}/webhooks", post_webhook),
        Route("GET", "/guilds/{guild_id}/webhooks", get_of_guild),
        Route("GET", _ONE, get_webhook),
        Route("PATCH", _ONE, patch_webhook),
        Route("DELETE", _ONE, drop_webhook),
        Route("GET", _TOKEN, get_by_token, auth=False, unglobal=True),
        Route("PATCH", _TOKEN, patch_by_token, auth=False, unglobal=True),
        Route("DELETE", _TOKEN, drop_by_token, auth=False, unglobal=True),
        Route("POST", _TOKEN, execute, auth=False, limit=(5, 2.0), unglobal=True),
        Route("GET", _MESSAGE, get_message, auth=False, unglobal=True),
        Route("PATCH", _MESSAGE, patch_message, auth=False, limit=(5, 5.0), unglobal=True),
        Route("DELETE", _MESSAGE, drop_message, auth=False, limit=(5, 1.0), unglobal=True),
    ]


async def get_of_channel(call: Call) -> list[Json]:
    """Return the webhooks of a channel."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.MANAGE_WEBHOOKS)
    return [webhook_payload(call.world, webhook) for webhook in of_channel(call.world, channel.id)]


async def post_webhook(call: Call) -> Json:
    """Make a webhook."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.MANAGE_WEBHOOKS)
    return webhook_payload(call.world, create_webhook(call.world, channel, call.bot.id, call.json))


async def get_of_guild(call: Call) -> list[Json]:
    """Return the webhooks of a guild."""
    guild = call.guild()
    require_guild(call.world, guild.id, call.bot.id, P.MANAGE_WEBHOOKS)
    found = [webhook for webhook in call.world.webhooks.values() if webhook.guild_id == guild.id]
    return [webhook_payload(call.world, webhook) for webhook in found]


async def get_webhook(call: Call) -> Json:
    """Return a webhook: the application's own, or with Manage Webhooks."""
    return webhook_payload(call.world, _managed(call))


async def patch_webhook(call: Call) -> Json:
    """Change a webhook."""
    webhook = _managed(call, own=False)
    return webhook_payload(call.world, modify_webhook(call.world, webhook, call.json, may_move=True))


async def drop_webhook(call: Call) -> None:
    """Remove a webhook."""
    delete_webhook(call.world, _managed(call, own=False))


async def get_by_token(call: Call) -> Json:
    """Return a webhook to whoever has its token."""
    return webhook_payload(call.world, _by_token(call), with_user=False)


async def patch_by_token(call: Call) -> Json:
    """Change name and face of a webhook with its token."""
    webhook = modify_webhook(call.world, _by_token(call), call.json, may_move=False)
    return webhook_payload(call.world, webhook, with_user=False)


async def drop_by_token(call: Call) -> None:
    """Remove a webhook with its token."""
    delete_webhook(call.world, _by_token(call))


async def execute(call: Call) -> Json | None:
    """Write a message; its body comes back with `wait`."""
    if _of_interaction(call):
        return await interactions.followup(call)
    webhook = _by_token(call)
    body = call.json
    sender, wait = sender_of(webhook, body), call.flag("wait")
    channel, new_thread = _destination(call, webhook, body)
    body = allowed_components(webhook, body, with_components=call.flag("with_components"))
    if new_thread:
        thread_body = {"name": body["thread_name"], "applied_tags": body.get("applied_tags")}
        thread = create_thread(
            call.server, channel, webhook.user_id, thread_body, first_message_body=body, files=call.files, writer=sender
        )
        message = call.world.messages[thread.id][thread.id]
    else:
        message = create_message(call.server, channel, sender, body, call.files)
    return message_payload(call.world, message) if wait else None


async def get_message(call: Call) -> Json:
    """Return a message of the webhook."""
    if _of_interaction(call):
        return await interactions.get_answer(call)
    return message_payload(call.world, _message(call, _by_token(call)))


async def patch_message(call: Call) -> Json:
    """Edit a message of the webhook."""
    if _of_interaction(call):
        return await interactions.patch_answer(call)
    webhook = _by_token(call)
    message = _message(call, webhook)
    body = allowed_components(webhook, call.json, with_components=call.flag("with_components"))
    edit_message(call.server, message, sender_of(webhook, {}), body, call.files)
    return message_payload(call.world, message)


async def drop_message(call: Call) -> None:
    """Delete a message of the webhook."""
    if _of_interaction(call):
        await interactions.drop_answer(call)
        return
    delete_message(call.server, _message(call, _by_token(call)))


def _of_interaction(call: Call) -> bool:
    return call.id("webhook_id") in call.world.applications


def _find(call: Call) -> Webhook:
    webhook = call.world.webhooks.get(call.id("webhook_id"))
    if webhook is None:
        raise unknown("webhook")
    return webhook


def _by_token(call: Call) -> Webhook:
    webhook = _find(call)
    if webhook.token != call.path["webhook_token"]:
        raise ApiError(401, 50027, "Invalid Webhook Token")
    return webhook


def _managed(call: Call, *, own: bool = True) -> Webhook:
    webhook = _find(call)
    if not (own and call.app is not None and webhook.application_id == call.app.id):
        require_channel(call.world, call.world.channels[webhook.channel_id], call.bot.id, P.MANAGE_WEBHOOKS)
    return webhook


def _destination(call: Call, webhook: Webhook, body: Json) -> tuple[Channel, bool]:
    """Return where the message goes, and whether it begins a post there."""
    home = call.world.channels[webhook.channel_id]
    thread_id, named = call.snowflake("thread_id"), bool(body.get("thread_name"))
    forum = home.type in (FORUM, MEDIA)
    if thread_id is not None and named:
        raise ApiError(400, 220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id")
    if named and not forum:
        raise ApiError(400, 220003, "Webhooks can only create threads in forum channels")
    if forum and not named and thread_id is None:
        raise ApiError(400, 220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
    return _thread(call, webhook, thread_id), named


def _thread(call: Call, webhook: Webhook, thread_id: int | None) -> Channel:
    if thread_id is None:
        return call.world.channels[webhook.channel_id]
    thread = call.world.channels.get(thread_id)
    if thread is None or thread.parent_id != webhook.channel_id or thread.thread is None:
        raise unknown("channel")
    return thread


def _message(call: Call, webhook: Webhook) -> Message:
    channel = _thread(call, webhook, call.snowflake("thread_id"))
    return find_message(call.world, webhook, channel, call.id("message_id"))
