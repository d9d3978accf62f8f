"""Messages with all they carry as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sandbox.payloads.base import iso, sid
from sandbox.payloads.channels import channel_payload
from sandbox.payloads.people import member_payload, user_payload
from sandbox.snowflake import created_at

if TYPE_CHECKING:
    from sandbox.model import Attachment, Json, Message, Poll, Reaction
    from sandbox.world import World


SUPPRESS_EMBEDS = 1 << 2
# replies, thread starters and answers to message commands show what they point to
_QUOTING = (19, 21, 23)
_SNAPSHOT = (
    "type",
    "content",
    "embeds",
    "attachments",
    "timestamp",
    "edited_timestamp",
    "flags",
    "mentions",
    "mention_roles",
    "components",
)


def message_payload(
    world: World, message: Message, *, viewer: int | None = None, nested: bool = False, fresh: bool = False
) -> Json:
    """Return a message object as `viewer` (a user id) sees it.

    `nested` leaves out what it replies to. The nonce is told only of a `fresh` message, in the answer to its creation
    and in MESSAGE_CREATE.
    """
    payload: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "type": message.type,
        "content": message.content,
        "author": _author(world, message),
        "timestamp": iso(created_at(message.id)),
        "edited_timestamp": iso(message.edited_at),
        "tts": message.tts,
        "flags": message.flags,
        "pinned": message.pinned_at is not None,
        "mention_everyone": message.mention_everyone,
        "mentions": [user_payload(world.users[user]) for user in message.mentions if user in world.users],
        "mention_roles": [str(role) for role in message.mention_roles],
        "embeds": [] if message.flags & SUPPRESS_EMBEDS else message.embeds,
        "attachments": [attachment_payload(world, one) for one in message.attachments if not one.shown_inside],
        "components": message.components,
    }
    if message.reactions:
        payload["reactions"] = [reaction_payload(reaction, viewer) for reaction in message.reactions]
    for name, value in (
        ("nonce", message.nonce if fresh else None),
        ("webhook_id", sid(message.webhook_id)),
        ("application_id", sid(message.application_id)),
        ("interaction_metadata", message.interaction),
    ):
        if value is not None:
            payload[name] = value
    if message.poll is not None:
        payload["poll"] = poll_payload(message.poll, viewer)
    if message.thread_id is not None and message.thread_id in world.channels:
        payload["thread"] = channel_payload(world, world.channels[message.thread_id], viewer=viewer)
    if message.reference is not None:
        payload["message_reference"] = message.reference
        if not nested and message.type in _QUOTING and "message_id" in message.reference:
            payload["referenced_message"] = _referenced(world, message.reference, viewer)
    if message.snapshots:
        payload["message_snapshots"] = message.snapshots
    return payload


def snapshot_payload(world: World, message: Message) -> Json:
    """Return what a forward shows of a message, without its author."""
    payload = message_payload(world, message, nested=True)
    return {"message": {name: payload[name] for name in _SNAPSHOT}}


def message_event(world: World, message: Message, *, fresh: bool = False) -> Json:
    """Return a message as gateway events carry it: with guild_id and the author's member."""
    payload = message_payload(world, message, fresh=fresh)
    if message.guild_id is not None:
        payload["guild_id"] = str(message.guild_id)
        member = world.members[message.guild_id].get(message.author_id)
        if member is not None and message.webhook_id is None:
            payload["member"] = member_payload(world, member, with_user=False)
        for mention in payload["mentions"]:
            mentioned = world.members[message.guild_id].get(int(mention["id"]))
            if mentioned is not None:
                mention["member"] = member_payload(world, mentioned, with_user=False)
    return payload


def attachment_url(world: World, attachment: Attachment) -> str:
    """Return where the stand-in serves an attachment."""
    return f"{world.base_url}/cdn/attachments/{attachment.channel_id}/{attachment.id}/{quote(attachment.filename)}"


def attachment_payload(world: World, attachment: Attachment) -> Json:
    """Return an attachment object; its url is served by the stand-in."""
    url = attachment_url(world, attachment)
    payload: Json = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size,
        "url": url,
        "proxy_url": url,
    }
    for name, value in (
        ("content_type", attachment.content_type),
        ("description", attachment.description),
        ("width", attachment.width),
        ("height", attachment.height),
        ("title", attachment.title),
    ):
        if value is not None:
            payload[name] = value
    if attachment.ephemeral:
        payload["ephemeral"] = True
    return payload


def reaction_payload(reaction: Reaction, viewer: int | None) -> Json:
    """Return a reaction object with its counts."""
    return {
        "emoji": {"id": sid(reaction.emoji_id), "name": reaction.emoji_name},
        "count": len(reaction.users),
        "count_details": {"burst": 0, "normal": len(reaction.users)},
        "me": viewer in reaction.users,
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
        "burst_colors": [],
    }


def poll_payload(poll: Poll, viewer: int | None) -> Json:
    """Return a native poll with its counts."""
    answers: list[Json] = []
    for answer in poll.answers:
        media: Json = {"text": answer.text}
        if answer.emoji is not None:
            media["emoji"] = answer.emoji
        answers.append({"answer_id": answer.id, "poll_media": media})
    return {
        "question": {"text": poll.question},
        "answers": answers,
        "expiry": iso(poll.expires_at),
        "allow_multiselect": poll.multiselect,
        "layout_type": poll.layout_type,
        "results": {
            "is_finalized": poll.finalized,
            "answer_counts": [
                {"id": answer.id, "count": len(answer.voters), "me_voted": viewer in answer.voters}
                for answer in poll.answers
            ],
        },
    }


def _author(world: World, message: Message) -> Json:
    if message.webhook_id is not None and message.author_name is not None:
        return {
            "id": str(message.webhook_id),
            "username": message.author_name,
            "avatar": message.author_avatar,
            "discriminator": "0000",
            "public_flags": 0,
            "flags": 0,
            "bot": True,
            "global_name": None,
            "primary_guild": None,
        }
    return user_payload(world.users[message.author_id])


def _referenced(world: World, reference: Json, viewer: int | None) -> Json | None:
    channel_id, message_id = int(reference["channel_id"]), int(reference["message_id"])
    message = world.messages[channel_id].get(message_id)
    return None if message is None else message_payload(world, message, viewer=viewer, nested=True)
