"""Interactions as Discord's JSON: INTERACTION_CREATE, the metadata that answers carry and what a callback returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.payloads.channels import channel_payload
from sandbox.payloads.messages import message_payload
from sandbox.payloads.people import member_payload, user_payload
from sandbox.permissions import P, channel_permissions

if TYPE_CHECKING:
    from sandbox.model import Channel, Interaction, Json, Message
    from sandbox.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
USER_MENU, MESSAGE_MENU = 2, 3
SUBCOMMAND, GROUP = 1, 2
NEW_MESSAGE, DEFER_NEW, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024
LOADING, EPHEMERAL = 1 << 7, 1 << 6


def interaction_payload(world: World, interaction: Interaction, message: Message | None = None) -> Json:
    """Return INTERACTION_CREATE; `message` is the one whose component was used."""
    app = world.applications[interaction.application_id]
    channel = world.channels[interaction.channel_id]
    user = world.users[interaction.user_id]
    payload: Json = {
        "version": 1,
        "id": str(interaction.id),
        "application_id": str(app.id),
        "type": interaction.type,
        "token": interaction.token,
        "data": interaction.data,
        "channel_id": str(channel.id),
        "channel": interaction_channel(world, channel, user.id),
        "locale": "en-US",
        "app_permissions": str(app_permissions(world, channel, app.user_id)),
        "authorizing_integration_owners": owners(interaction.guild_id),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "attachment_size_limit": ATTACHMENT_SIZE_LIMIT,
        "context": context_of(channel, app.user_id),
    }
    if interaction.guild_id is None:
        payload["user"] = user_payload(user)
    else:
        guild = world.guilds[interaction.guild_id]
        member = member_payload(world, world.members[guild.id][user.id])
        member["permissions"] = payload["channel"]["permissions"]
        payload |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.preferred_locale, "features": guild.features},
            "guild_locale": guild.preferred_locale,
            "member": member,
        }
    if message is not None:
        payload["message"] = message_payload(world, message, viewer=app.user_id)
    return payload


def interaction_channel(world: World, channel: Channel, user_id: int) -> Json:
    """Return the channel object of an interaction: without overwrites, with the user's computed permissions."""
    payload = channel_payload(world, channel, viewer=user_id if channel.thread is not None else None)
    payload.pop("permission_overwrites", None)
    payload["permissions"] = str(channel_permissions(world, channel, user_id))
    return payload


def app_permissions(world: World, channel: Channel, bot_user_id: int) -> int:
    """Return what an application may do where it was used; in a direct message that is a fixed set."""
    if channel.guild_id is not None:
        return channel_permissions(world, channel, bot_user_id)
    bits = P.ATTACH_FILES | P.EMBED_LINKS | P.MENTION_EVERYONE
    return int(bits | P.USE_EXTERNAL_EMOJIS if bot_user_id in channel.recipients else bits)


def context_of(channel: Channel, bot_user_id: int) -> int:
    """Return where it happened: a guild (0), a DM with this bot (1), other private channels (2)."""
    if channel.guild_id is not None:
        return 0
    return 1 if bot_user_id in channel.recipients else 2


def owners(guild_id: int | None) -> dict[str, str]:
    """Return authorizing_integration_owners of an application that servers installed ("0" in a DM)."""
    return {"0": str(guild_id or 0)}


def metadata_payload(world: World, interaction: Interaction) -> Json:
    """Return interaction_metadata as the messages of an answer carry it (followups add to it)."""
    data = interaction.data
    more: Json = {}
    if interaction.type == COMPONENT:
        more = {"interacted_message_id": str(interaction.message_id)}
    elif interaction.type == MODAL_SUBMIT:
        more = {"triggering_interaction_metadata": interaction.metadata}
    else:
        # not in the API description, but in what Discord's clients show: which command it was
        more = {"name": command_name(data), "command_type": data["type"]}
        if data["type"] == USER_MENU:
            more["target_user"] = user_payload(world.users[int(data["target_id"])])
        elif data["type"] == MESSAGE_MENU:
            more["target_message_id"] = data["target_id"]
    return {
        "id": str(interaction.id),
        "type": interaction.type,
        "user": user_payload(world.users[interaction.user_id]),
        "authorizing_integration_owners": owners(interaction.guild_id),
        **more,
    }


def command_name(data: Json) -> str:
    """Return the name of a command as typed, with its group and subcommand."""
    names: list[str] = [data["name"]]
    inner = data
    while (options := cast("list[Json]", inner.get("options"))) and options[0]["type"] in {SUBCOMMAND, GROUP}:
        inner = options[0]
        names.append(inner["name"])
    return " ".join(names)


def callback_payload(world: World, interaction: Interaction, resource: Message | None) -> Json:
    """Return what a callback with `with_response` answers; `resource` is the message created or updated."""
    told: Json = {
        "id": str(interaction.id),
        "type": interaction.type,
        "channel_id": str(interaction.channel_id),
        "response_message_ephemeral": interaction.response_ephemeral,
        "response_message_loading": interaction.response_type == DEFER_NEW,
    }
    if interaction.guild_id is not None:
        told["guild_id"] = str(interaction.guild_id)
    if interaction.response_message_id is not None:
        told["response_message_id"] = str(interaction.response_message_id)
    payload: Json = {"interaction": told}
    if resource is not None:
        app = world.applications[interaction.application_id]
        message = message_payload(world, resource, viewer=app.user_id)
        payload["resource"] = {"type": interaction.response_type, "message": message}
    return payload


def state_payload(interaction: Interaction) -> Json:
    """Return INTERACTION_STATE, the stage's own event for the person who acted.

    `message_id` is the message whose component was used; `response_message_id` the one that answers. A deferred update
    is done for the person's client, and yet unanswered: it is `deferred` until its message is changed or another one
    sent, which is `settled_by`.
    """
    data = interaction.data
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(interaction.application_id),
        "type": interaction.type,
        "command": command_name(data) if "name" in data else None,
        "custom_id": data.get("custom_id"),
        "channel_id": str(interaction.channel_id),
        "state": interaction.state,
    }
    if interaction.response_type == DEFER_UPDATE and interaction.settled_by is None:
        payload["deferred"] = True
    for name in ("message_id", "response_message_id", "source_interaction_id", "settled_by"):
        value: int | None = getattr(interaction, name)
        if value is not None:
            payload[name] = str(value)
    if interaction.state == "modal":
        payload["modal"] = interaction.modal
    if interaction.error is not None:
        payload["error"] = interaction.error
    return payload
