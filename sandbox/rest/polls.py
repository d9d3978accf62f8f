"""Routes of native polls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import polls
from sandbox.errors import form_error, unknown
from sandbox.payloads.messages import message_payload
from sandbox.payloads.people import user_payload
from sandbox.permissions import P, require_channel
from sandbox.rest.call import Call, Route
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from sandbox.model import Json, Message

_POLL = "/channels/{channel_id}/polls/{message_id}"


def routes() -> list[Route]:
    """List the routes of polls."""
    return [
        Route("GET", f"{_POLL}/answers/{{answer_id}}", get_voters),
        Route("POST", f"{_POLL}/expire", post_expire),
    ]


async def get_voters(call: Call) -> Json:
    """Return who chose an answer, by id."""
    poll = polls.poll_of(_message(call))
    number = whole(call.path["answer_id"])
    if number is None:
        raise form_error("answer_id", code="NUMBER_TYPE_COERCE", message="This value is not int.")
    limit, after = call.number("limit", 25, 1, 100), call.snowflake("after") or 0
    answer = next((one for one in poll.answers if one.id == number), None)
    if answer is None:
        raise unknown("message")
    found = sorted(user for user in answer.voters if user > after and user in call.world.users)
    return {"users": [user_payload(call.world.users[user]) for user in found[:limit]]}


async def post_expire(call: Call) -> Json:
    """End the bot's own poll."""
    message = _message(call)
    polls.expire(call.server, message, call.bot.id)
    return message_payload(call.world, message, viewer=call.bot.id)


def _message(call: Call) -> Message:
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.READ_MESSAGE_HISTORY)
    return call.message(channel)
