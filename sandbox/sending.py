"""What must hold before something is sent or changed: where, by whom, how often, in reply to what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.errors import ApiError, SlowMode, form_error, missing_access, missing_permissions
from sandbox.history import last_written
from sandbox.payloads.channels import CATEGORY, FORUM, MEDIA
from sandbox.payloads.messages import snapshot_payload
from sandbox.permissions import P, can_view, channel_permissions
from sandbox.thread_members import MAX_MEMBERS, enrol, wake

if TYPE_CHECKING:
    from sandbox.messages import Sender
    from sandbox.model import Channel, Json, Message
    from sandbox.validate.message import Draft, Reference
    from sandbox.world import World

REPLY, HAS_SNAPSHOT = 19, 1 << 14
# types that people and bots write; all others the server writes itself
WRITTEN = (0, REPLY, 20, 23)


def require_place(world: World, channel: Channel, user_id: int) -> int:
    """Return an account's bits in a channel where it may write, or raise Discord's reason why it may not."""
    bits = channel_permissions(world, channel, user_id)
    if not bits & P.VIEW_CHANNEL:
        raise missing_access()
    if channel.type in (FORUM, MEDIA):
        raise ApiError(400, 40058, "Cannot send messages in a forum channel")
    if channel.type == CATEGORY:
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    if channel.guild_id is None:
        _require_acquaintance(world, channel, user_id)
        return bits
    needed = P.SEND_MESSAGES_IN_THREADS if channel.thread is not None else P.SEND_MESSAGES
    if not bits & needed:
        raise missing_permissions()
    if channel.thread is not None and channel.thread.locked and not bits & P.MANAGE_THREADS:
        raise ApiError(403, 160005, "Thread is locked")
    return bits


def require_awake(channel: Channel) -> None:
    """Raise 50083 in an archived thread, where nothing can be changed."""
    if channel.thread is not None and channel.thread.archived:
        raise ApiError(400, 50083, "Thread is archived")


def require_history(bits: int) -> None:
    """Raise 50013 without Read Message History."""
    if not bits & P.READ_MESSAGE_HISTORY:
        raise missing_permissions()


def check_contents(draft: Draft, sender: Sender) -> None:
    """Raise 50013 for what the sender may not send there; webhooks and interaction answers may send it all."""
    if sender.webhook_id is not None:
        return
    for wanted, needed in (
        (draft.embeds, P.EMBED_LINKS),
        (draft.files, P.ATTACH_FILES),
        (draft.poll, P.SEND_POLLS),
        (draft.tts, P.SEND_TTS_MESSAGES),
    ):
        if wanted and not sender.bits & needed:
            raise missing_permissions()


def check_pace(world: World, channel: Channel, sender: Sender) -> None:
    """Raise 20016 when a person is too quick for the channel's slow mode; bots are not held back."""
    if not channel.rate_limit_per_user or sender.application_id is not None or sender.webhook_id is not None:
        return
    if sender.bits & P.BYPASS_SLOWMODE or world.users[sender.user_id].bot:
        return
    span = timedelta(seconds=channel.rate_limit_per_user)
    last = last_written(world, channel.id, sender.user_id, span)
    if last is not None:
        raise SlowMode(max(0.001, (last + span - world.now()).total_seconds()))


def resolve_reference(world: World, channel: Channel, asked: Reference, sender: Sender) -> tuple[Json, Message] | None:
    """Return the stored reference and the message it points to; None when it may be gone and is."""
    place = channel.id if asked.channel_id is None else asked.channel_id
    if place != channel.id and not asked.forward:
        raise form_error(
            "message_reference",
            code="REPLIES_CANNOT_REFERENCE_OTHER_CHANNEL",
            message="Cannot reply to a message in a different channel",
        )
    if not asked.forward and not sender.bits & P.READ_MESSAGE_HISTORY:
        raise ApiError(403, 160002, "Cannot reply without permission to read message history")
    message = world.messages.get(place, {}).get(asked.message_id)
    if message is not None and message.ephemeral_to is not None:
        message = None
    if message is not None and asked.forward and not can_view(world, world.channels[place], sender.user_id):
        raise missing_access()
    if message is None:
        if asked.must_exist or asked.forward:
            code = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"
            raise form_error("message_reference", code=code, message="Unknown message")
        return None
    _require_quotable(message, forward=asked.forward)
    reference: Json = {"type": int(asked.forward), "channel_id": str(place), "message_id": str(message.id)}
    if message.guild_id is not None:
        reference["guild_id"] = str(message.guild_id)
    return reference, message


def forwarded(world: World, draft: Draft, message: Message) -> list[Json]:
    """Return the snapshot that a forward carries; a forward has nothing of its own."""
    if not draft.empty:
        code = "MESSAGE_FORWARD_CANNOT_HAVE_CONTENT"
        raise form_error("message_reference", code=code, message="A forward cannot have content of its own")
    return message.snapshots or [snapshot_payload(world, message)]


def enter_thread(world: World, channel: Channel, user_ids: list[int]) -> None:
    """Wake a thread that is written in, and let writer and mentioned people join it while there is room."""
    if channel.thread is None:
        return
    wake(world, channel)
    if len(channel.thread.members) + len(user_ids) <= MAX_MEMBERS:
        enrol(world, channel, user_ids)


def _require_quotable(message: Message, *, forward: bool) -> None:
    if forward and (message.type not in (0, REPLY) or message.poll is not None or message.components):
        code = "MESSAGE_REFERENCE_CANNOT_BE_FORWARDED"
        raise form_error("message_reference", code=code, message="This message cannot be forwarded")
    if message.type not in WRITTEN:
        code = "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"
        raise form_error("message_reference", code=code, message="Cannot reply to a system message")


def _require_acquaintance(world: World, channel: Channel, user_id: int) -> None:
    """Raise 50007 where Discord lets no direct message through: between bots, or without a server in common."""
    for other in channel.recipients:
        if other == user_id:
            continue
        together = any(other in world.members[guild.id] for guild in world.guilds_of(user_id))
        if not together or (world.users[user_id].bot and world.users[other].bot):
            raise ApiError(403, 50007, "Cannot send messages to this user")
