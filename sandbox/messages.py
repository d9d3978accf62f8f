"""What happens to messages: sent, edited, deleted. Reactions, pins and polls have modules of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.errors import ApiError, form_error, missing_permissions
from sandbox.history import snowflake_floor, with_nonce
from sandbox.mentions import find_mentions
from sandbox.model import Message
from sandbox.payloads.messages import message_event
from sandbox.payloads.people import member_payload
from sandbox.permissions import P, channel_permissions
from sandbox.sending import (
    HAS_SNAPSHOT,
    REPLY,
    WRITTEN,
    check_contents,
    check_pace,
    enter_thread,
    forwarded,
    require_awake,
    require_place,
    resolve_reference,
)
from sandbox.uploads import drop_files, link_files, store_files
from sandbox.validate.message import EPHEMERAL, LOADING, SILENT, SUPPRESS_EMBEDS, V2, Draft, check_create, check_edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Channel, Json
    from sandbox.rest.call import Upload
    from sandbox.server import Server
    from sandbox.world import World

# message types that nobody can delete
FIXED = (1, 2, 3, 4, 5, 21)
STARTER = 21
# what of a message an edit can change, its flags aside
CHANGEABLE = frozenset({"content", "embeds", "components", "attachments", "poll"})
MIN_BULK, MAX_BULK, BULK_AGE = 2, 100, timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: an account, or a webhook with the name and face it uses; `bits` are its permissions there."""

    user_id: int
    application_id: int | None = None
    webhook_id: int | None = None
    name: str | None = None
    avatar: str | None = None
    bits: int = 0


def sender_in(world: World, channel: Channel, user_id: int) -> Sender:
    """Return an account that may write in a channel as its sender; raises Discord's reason why it may not."""
    bits = require_place(world, channel, user_id)
    app = world.application_of(user_id)
    return Sender(user_id, application_id=app.id if app else None, bits=bits)


def create_message(  # noqa: PLR0913 - what an answer to an interaction sets, a plain message leaves out
    server: Server,
    channel: Channel,
    sender: Sender,
    body: Json,
    files: Sequence[Upload] = (),
    *,
    type: int = 0,  # noqa: A002 - Discord's own name
    ephemeral_to: int | None = None,
    interaction: Json | None = None,
    reference: Json | None = None,
    loading: bool = False,
    message_id: int | None = None,
) -> Message:
    """Check a message as Discord does, store it and tell of it; raises ApiError.

    `body` is Discord's message create body, `files` its uploads. `reference` is a message_reference that the server
    itself sets (a body's own is checked). `loading` makes the empty "is thinking" message of a deferred answer, which
    the first `edit_message` fills. An enforced nonce that was used in the last minutes returns the earlier message.
    `message_id` is for the message that begins a forum post, which has the post's own id.
    """
    world = server.world
    draft = check_create(world, body, files)
    check_contents(draft, sender)
    if draft.nonce is not None and draft.enforce_nonce:
        earlier = with_nonce(world, channel.id, sender.user_id, draft.nonce)
        if earlier is not None:
            return earlier
    replied: int | None = None
    snapshots: list[Json] = []
    if draft.reference is not None:
        found = resolve_reference(world, channel, draft.reference, sender)
        if found is not None:
            reference, quoted = found
            if draft.reference.forward:
                snapshots = forwarded(world, draft, quoted)
            else:
                type, replied = type or REPLY, quoted.author_id  # noqa: A001
    if draft.empty and not loading and not snapshots:
        raise empty_message()
    check_pace(world, channel, sender)
    mentions = find_mentions(world, channel, draft.text, draft.allowed, sender.bits, replied)
    if ephemeral_to is None:
        enter_thread(world, channel, [sender.user_id, *mentions.users])
    attachments = store_files(world, channel.id, draft.files, ephemeral=ephemeral_to is not None)
    link_files(world, attachments, draft.embeds, draft.components)
    message = Message(
        id=message_id or world.next_id(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author_id=sender.user_id,
        type=type,
        content=draft.content,
        flags=_flags(draft, ephemeral=ephemeral_to is not None, loading=loading) | (HAS_SNAPSHOT if snapshots else 0),
        tts=draft.tts,
        embeds=draft.embeds,
        components=draft.components,
        attachments=attachments,
        poll=draft.poll,
        mentions=mentions.users,
        mention_roles=mentions.roles,
        mention_everyone=mentions.everyone,
        reference=reference,
        nonce=draft.nonce,
        webhook_id=sender.webhook_id,
        application_id=sender.application_id if sender.webhook_id is not None else None,
        author_name=sender.name,
        author_avatar=sender.avatar,
        interaction=interaction,
        ephemeral_to=ephemeral_to,
        snapshots=snapshots,
    )
    post(server, channel, message)
    return message


def edit_message(server: Server, message: Message, sender: Sender, body: Json, files: Sequence[Upload] = ()) -> Message:
    """Check and apply Discord's message edit body, keeping what it does not name; raises ApiError.

    Others than the author may only hide or show the embeds, with Manage Messages. A V2 message stays V2.
    """
    world = server.world
    channel = world.channels[message.channel_id]
    loading = bool(message.flags & LOADING)
    require_awake(channel)
    _require_editable(message, sender, body, loading=loading, files=bool(files))
    draft = check_edit(world, message, body, files)
    if draft.empty and not message.snapshots:
        raise empty_message()
    if sender.webhook_id is None:
        if draft.files and files and not sender.bits & P.ATTACH_FILES:
            raise missing_permissions()
        if "embeds" in body and not sender.bits & P.EMBED_LINKS:
            # seen of Discord: an edit is not refused, the embeds just do not appear
            draft.embeds.clear()
    if "content" in body or (draft.flags & V2 and "components" in body):
        replied = _replied_to(world, message)
        mentions = find_mentions(world, channel, draft.text, draft.allowed, sender.bits, replied)
        message.mentions, message.mention_roles = mentions.users, mentions.roles
        message.mention_everyone = mentions.everyone
    before = message.attachments
    message.attachments = store_files(
        world, message.channel_id, draft.files, ephemeral=message.ephemeral_to is not None
    )
    kept = {attachment.id for attachment in message.attachments}
    drop_files(world, [attachment for attachment in before if attachment.id not in kept])
    link_files(world, message.attachments, draft.embeds, draft.components)
    message.content, message.embeds, message.components = draft.content, draft.embeds, draft.components
    message.flags, message.poll = draft.flags, draft.poll
    if not loading and (files or body.keys() & CHANGEABLE):
        message.edited_at = world.now()
    announce(server, message)
    return message


def require_deletable(world: World, message: Message, user_id: int) -> None:
    """Raise unless an account may delete a message: its own, or with Manage Messages (in a DM only its own)."""
    channel = world.channels[message.channel_id]
    bits = channel_permissions(world, channel, user_id)
    if message.type in FIXED:
        raise ApiError(403, 50021, "Cannot execute action on a system message")
    if message.author_id != user_id and channel.guild_id is None:
        raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    if message.author_id != user_id and not bits & P.MANAGE_MESSAGES:
        raise missing_permissions()
    require_awake(channel)


def delete_message(server: Server, message: Message) -> None:
    """Delete a message and tell of it; who may is for the caller to decide."""
    _discard(server, message)
    data: Json = {"id": str(message.id), "channel_id": str(message.channel_id)}
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
    emit(server, message, "MESSAGE_DELETE", data)


def delete_bulk(server: Server, channel: Channel, ids: Sequence[int]) -> None:
    """Delete 2 to 100 messages at once, none older than two weeks; ids without a message are passed over."""
    if not MIN_BULK <= len(ids) <= MAX_BULK:
        bounds = f"Must provide at least {MIN_BULK} and fewer than {MAX_BULK} messages to delete"
        raise ApiError(400, 50016, f"Provided too few or too many messages to delete. {bounds}.")
    if len(set(ids)) < len(ids):
        place = next(index for index, one in enumerate(ids) if one in ids[:index])
        message = "The set already contains this value"
        raise form_error("messages", place, code="SET_TYPE_ALREADY_CONTAINS_VALUE", message=message)
    world = server.world
    if min(ids) < snowflake_floor(world.now() - BULK_AGE):
        raise ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    found = [world.messages[channel.id].get(one) for one in ids]
    gone = [message for message in found if message is not None and message.ephemeral_to is None]
    for message in gone:
        _discard(server, message)
    data: Json = {"ids": [str(message.id) for message in gone], "channel_id": str(channel.id)}
    if channel.guild_id is not None:
        data["guild_id"] = str(channel.guild_id)
    world.emit("MESSAGE_DELETE_BULK", data, guild_id=channel.guild_id, channel_id=channel.id)


def type_in(server: Server, channel: Channel, user_id: int) -> None:
    """Tell that someone is typing; the caller has checked that they may write there."""
    world = server.world
    data: Json = {"channel_id": str(channel.id), "user_id": str(user_id), "timestamp": int(world.now().timestamp())}
    if channel.guild_id is not None:
        data["guild_id"] = str(channel.guild_id)
        data["member"] = member_payload(world, world.members[channel.guild_id][user_id])
    world.emit("TYPING_START", data, guild_id=channel.guild_id, channel_id=channel.id)


def post(server: Server, channel: Channel, message: Message) -> None:
    """Store a ready message (system messages come this way) and send MESSAGE_CREATE."""
    world = server.world
    world.save(message)
    if message.ephemeral_to is None:
        channel.last_message_id = message.id
        if channel.thread is not None and message.type != STARTER and message.id != channel.id:
            channel.thread.message_count += 1
            channel.thread.total_message_sent += 1
        world.save(channel)
    emit(server, message, "MESSAGE_CREATE", message_event(world, message, fresh=True))


def announce(server: Server, message: Message) -> None:
    """Store a changed message and send MESSAGE_UPDATE."""
    server.world.save(message)
    emit(server, message, "MESSAGE_UPDATE", message_event(server.world, message))


def emit(server: Server, message: Message, name: str, data: Json) -> None:
    """Send an event about a message: to all who see its channel, or to the one whom it is meant for."""
    if message.ephemeral_to is not None:
        server.world.emit(name, data, guild_id=message.guild_id, users=frozenset({message.ephemeral_to}))
    else:
        server.world.emit(name, data, guild_id=message.guild_id, channel_id=message.channel_id)


def empty_message() -> ApiError:
    """Return 50006."""
    return ApiError(400, 50006, "Cannot send an empty message")


def _flags(draft: Draft, *, ephemeral: bool, loading: bool) -> int:
    kept = draft.flags & (SUPPRESS_EMBEDS | SILENT | V2)
    return kept | (EPHEMERAL if ephemeral else 0) | (LOADING if loading else 0)


def _require_editable(message: Message, sender: Sender, body: Json, *, loading: bool, files: bool) -> None:
    # clients send more than an edit can change (`tts`); only what it can change counts
    changes = files or bool(body.keys() & CHANGEABLE)
    if message.type not in WRITTEN:
        raise ApiError(403, 50021, "Cannot execute action on a system message")
    if message.author_id != sender.user_id:
        if changes:
            raise ApiError(403, 50005, "Cannot edit a message authored by another user")
        if not sender.bits & P.MANAGE_MESSAGES:
            raise missing_permissions()
    if message.poll is not None and changes:
        raise ApiError(400, 520003, "Cannot edit a poll message")
    if body.get("poll") and not loading:
        reason = "A poll can only be set when a deferred response is filled"
        raise form_error("poll", code="MESSAGE_POLL_CANNOT_BE_EDITED", message=reason)


def _replied_to(world: World, message: Message) -> int | None:
    """Return the author of the message that this one replies to."""
    if message.type != REPLY or message.reference is None:
        return None
    quoted = world.messages.get(message.channel_id, {}).get(int(message.reference.get("message_id", 0)))
    return None if quoted is None else quoted.author_id


def _discard(server: Server, message: Message) -> None:
    world = server.world
    world.discard(message)
    drop_files(world, message.attachments)
    channel = world.channels.get(message.channel_id)
    if channel is not None and channel.thread is not None and message.ephemeral_to is None:
        channel.thread.message_count = max(0, channel.thread.message_count - 1)
        world.save(channel)
