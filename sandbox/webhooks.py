"""Incoming webhooks: made, changed, removed, and who they are when they write."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from typing import TYPE_CHECKING

from sandbox.errors import ApiError, unknown
from sandbox.messages import Sender
from sandbox.model import Webhook
from sandbox.payloads.channels import ANNOUNCEMENT, FORUM, MEDIA, TEXT, VOICE
from sandbox.permissions import ALL
from sandbox.validate.components import raw_components
from sandbox.validate.form import Form
from sandbox.validate.urls import WEB, read_url

if TYPE_CHECKING:
    from sandbox.model import Channel, Json, Message
    from sandbox.world import World

MAX_NAME, MAX_WEBHOOKS = 80, 15
FORBIDDEN = ("clyde", "discord")
HOMES = (TEXT, VOICE, ANNOUNCEMENT, FORUM, MEDIA)


def create_webhook(world: World, channel: Channel, user_id: int, body: Json) -> Webhook:
    """Make a webhook; the caller has checked Manage Webhooks."""
    if channel.type not in HOMES or channel.guild_id is None:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    form = Form(body)
    name, avatar = _name(form, required=True), _picture(form)
    form.done()
    if len(of_channel(world, channel.id)) >= MAX_WEBHOOKS:
        raise ApiError(400, 30007, f"Maximum number of webhooks reached ({MAX_WEBHOOKS})")
    app = world.application_of(user_id)
    webhook = Webhook(
        id=world.next_id(),
        guild_id=channel.guild_id,
        channel_id=channel.id,
        name=name or "",
        token=secrets.token_urlsafe(51),
        user_id=user_id,
        application_id=app.id if app else None,
        avatar=avatar,
    )
    world.save(webhook)
    _tell(world, webhook)
    return webhook


def modify_webhook(world: World, webhook: Webhook, body: Json, *, may_move: bool) -> Webhook:
    """Change name, avatar and, unless only the token was shown, channel."""
    form = Form(body)
    name, avatar = _name(form, required=form.has("name")), _picture(form)
    channel_id = form.snowflake("channel_id") if may_move else None
    form.done()
    if channel_id is not None and channel_id != webhook.channel_id:
        channel = world.channels.get(channel_id)
        if channel is None or channel.guild_id != webhook.guild_id:
            raise unknown("channel")
        if channel.type not in HOMES:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        _tell(world, webhook)
        webhook.channel_id = channel_id
    webhook.name = name or webhook.name
    if form.has("avatar"):
        webhook.avatar = avatar
    world.save(webhook)
    _tell(world, webhook)
    return webhook


def delete_webhook(world: World, webhook: Webhook) -> None:
    """Remove a webhook; its messages stay."""
    world.discard(webhook)
    _tell(world, webhook)


def of_channel(world: World, channel_id: int) -> list[Webhook]:
    """Return the webhooks of a channel."""
    return [webhook for webhook in world.webhooks.values() if webhook.channel_id == channel_id]


def sender_of(webhook: Webhook, body: Json) -> Sender:
    """Return a webhook as the writer of a message, under the name and face that the body asks for."""
    form = Form(body)
    name, face = form.text("username", 1, MAX_NAME), read_url(form, "avatar_url", WEB)
    if name is not None:
        _check_name(form, "username", name)
    form.done()
    avatar = webhook.avatar if face is None else hashlib.md5(face.encode(), usedforsecurity=False).hexdigest()
    return Sender(
        webhook.id,
        application_id=webhook.application_id,
        webhook_id=webhook.id,
        name=name or webhook.name,
        avatar=avatar,
        bits=ALL,
    )


def allowed_components(webhook: Webhook, body: Json, *, with_components: bool) -> Json:
    """Return the body without the components that this webhook may not send.

    An application's own webhook sends all; others need `with_components`, and nothing that can be pressed.
    """
    if webhook.application_id is not None or not body.get("components"):
        return body
    if not with_components:
        return {name: value for name, value in body.items() if name != "components"}
    if any(component.get("custom_id") for component in raw_components(body["components"])):
        raise ApiError(400, 50035, "Webhooks that no application owns cannot send interactive components")
    return body


def find_message(world: World, webhook: Webhook, channel: Channel, message_id: int) -> Message:
    """Return a message that this webhook wrote, or raise 10008."""
    message = world.messages.get(channel.id, {}).get(message_id)
    if message is None or message.webhook_id != webhook.id:
        raise unknown("message")
    return message


def _name(form: Form, *, required: bool = False) -> str | None:
    name = form.text("name", 1, MAX_NAME, required=required)
    if name is not None:
        _check_name(form, "name", name)
    return name


def _check_name(form: Form, field: str, name: str) -> None:
    for word in FORBIDDEN:
        if word in name.lower():
            message = f'Username cannot contain "{word}"'
            form.wrong(field, code="USERNAME_INVALID_CONTAINS", message=message)


def _picture(form: Form) -> str | None:
    """Return the hash of a picture given as a data URI."""
    data = form.text("avatar", 0, 11 << 20)
    if data is None:
        return None
    head, comma, content = data.partition(",")
    kinds = ("image/png", "image/jpeg", "image/gif", "image/webp")
    if not comma or head not in {f"data:{kind};base64" for kind in kinds}:
        form.wrong("avatar", code="IMAGE_INVALID", message="Invalid image data")
        return None
    try:
        picture = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        form.wrong("avatar", code="BINARY_TYPE_DECODE", message="Invalid image data")
        return None
    return hashlib.md5(picture, usedforsecurity=False).hexdigest()


def _tell(world: World, webhook: Webhook) -> None:
    data: Json = {"guild_id": str(webhook.guild_id), "channel_id": str(webhook.channel_id)}
    world.emit("WEBHOOKS_UPDATE", data, guild_id=webhook.guild_id, channel_id=webhook.channel_id)
