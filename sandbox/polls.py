"""Native polls after they are sent: votes, the end, and the result that the server counts and posts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.errors import ApiError, form_error, missing_access, unknown
from sandbox.messages import announce, emit, post
from sandbox.model import Message
from sandbox.permissions import can_view
from sandbox.sending import require_awake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Json, Poll, PollAnswer
    from sandbox.server import Server

RESULT = 46
COUNTED_AFTER = timedelta()
"""How long Discord counts a poll that is over, beside the second that passes anyway; tests set it."""


def vote(server: Server, message: Message, user_id: int, answer_ids: Sequence[int]) -> None:
    """Replace a person's votes by these; none takes them back. Bots cannot vote."""
    world, poll = server.world, poll_of(message)
    channel = world.channels[message.channel_id]
    if not can_view(world, channel, user_id):
        raise missing_access()
    require_awake(channel)
    if world.users[user_id].bot:
        raise ApiError(403, 520000, "Poll voting blocked")
    if poll.finalized or poll.expires_at <= world.now():
        raise ApiError(400, 520001, "Poll expired")
    chosen = set(answer_ids)
    known = {answer.id for answer in poll.answers}
    if not chosen <= known or (len(chosen) > 1 and not poll.multiselect):
        raise form_error("answer_ids", code="POLL_INVALID_ANSWERS", message="Invalid answers")
    for answer in poll.answers:
        held = user_id in answer.voters
        if held and answer.id not in chosen:
            answer.voters.remove(user_id)
            emit(server, message, "MESSAGE_POLL_VOTE_REMOVE", _event(message, user_id, answer))
        elif not held and answer.id in chosen:
            answer.voters.append(user_id)
            emit(server, message, "MESSAGE_POLL_VOTE_ADD", _event(message, user_id, answer))
    world.save(message)


def expire(server: Server, message: Message, user_id: int) -> None:
    """End one's own poll at once. The count is final, and posted, a moment later: see `due`."""
    world = server.world
    if message.poll is None:
        raise ApiError(400, 520006, "Cannot expire a non-poll message")
    if message.author_id != user_id:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    require_awake(world.channels[message.channel_id])
    if message.poll.finalized or message.poll.expires_at <= world.now():
        raise ApiError(400, 520001, "Poll expired")
    message.poll.expires_at = world.now()
    announce(server, message)


def voters(server: Server, message: Message, user_id: int) -> list[Json]:
    """Tell a person who chose what: names are no secret in these polls."""
    world, poll = server.world, poll_of(message)
    if not can_view(world, world.channels[message.channel_id], user_id):
        raise missing_access()
    return [
        {"answer_id": answer.id, "user_ids": [str(one) for one in answer.voters if one in world.users]}
        for answer in poll.answers
    ]


def due(server: Server) -> None:
    """Count the polls whose time is over and post their results."""
    now = server.world.now()
    for message in tuple(server.world.open_polls.values()):
        if message.poll is not None and message.poll.expires_at + COUNTED_AFTER <= now:
            _finalize(server, message, message.poll)


def poll_of(message: Message) -> Poll:
    """Return a message's poll, or raise 10008 as for no such message."""
    if message.poll is None:
        raise unknown("message")
    return message.poll


def result_embed(poll: Poll) -> Json:
    """Return the embed in which Discord tells a result (documentation, "Poll Result Embed Fields")."""
    most = max(len(answer.voters) for answer in poll.answers)
    winners = [answer for answer in poll.answers if len(answer.voters) == most]
    fields = {
        "poll_question_text": poll.question,
        "victor_answer_votes": str(most),
        "total_votes": str(sum(len(answer.voters) for answer in poll.answers)),
    }
    if most and len(winners) == 1:
        winner = winners[0]
        emoji = winner.emoji or {}
        fields |= {"victor_answer_id": str(winner.id), "victor_answer_text": winner.text or ""}
        if emoji.get("name"):
            fields["victor_answer_emoji_name"] = emoji["name"]
        if emoji.get("id"):
            fields["victor_answer_emoji_id"] = emoji["id"]
            fields["victor_answer_emoji_animated"] = str(bool(emoji.get("animated"))).lower()
    return {
        "type": "poll_result",
        "fields": [{"name": name, "value": value, "inline": False} for name, value in fields.items()],
    }


def _finalize(server: Server, message: Message, poll: Poll) -> None:
    world = server.world
    poll.finalized = True
    announce(server, message)
    channel = world.channels.get(message.channel_id)
    if channel is None or message.ephemeral_to is not None:
        return
    reference: Json = {"type": 0, "channel_id": str(channel.id), "message_id": str(message.id)}
    if channel.guild_id is not None:
        reference["guild_id"] = str(channel.guild_id)
    result = Message(
        id=world.next_id(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author_id=message.author_id,
        type=RESULT,
        embeds=[result_embed(poll)],
        mentions=[message.author_id] if message.author_id in world.users else [],
        reference=reference,
        webhook_id=message.webhook_id,
        application_id=message.application_id,
        author_name=message.author_name,
        author_avatar=message.author_avatar,
    )
    post(server, channel, result)


def _event(message: Message, user_id: int, answer: PollAnswer) -> Json:
    data: Json = {
        "user_id": str(user_id),
        "channel_id": str(message.channel_id),
        "message_id": str(message.id),
        "answer_id": answer.id,
    }
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
    return data
