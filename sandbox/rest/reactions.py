"""Routes of reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import reactions
from sandbox.emoji import parse_emoji
from sandbox.errors import unknown
from sandbox.payloads.people import user_payload
from sandbox.permissions import P, require_channel
from sandbox.rest.call import Call, Route

if TYPE_CHECKING:
    from sandbox.model import Json, Message

_ALL = "/channels/{channel_id}/messages/{message_id}/reactions"
_ONE = f"{_ALL}/{{emoji_name}}"
_PACE = (1, 0.25)


def routes() -> list[Route]:
    """List the routes of reactions."""
    return [
        Route("PUT", f"{_ONE}/@me", put_own, limit=_PACE),
        Route("DELETE", f"{_ONE}/@me", drop_own, limit=_PACE),
        Route("DELETE", f"{_ONE}/{{user_id}}", drop_other, limit=_PACE),
        Route("GET", _ONE, get_users),
        Route("DELETE", _ONE, drop_emoji, limit=_PACE),
        Route("DELETE", _ALL, drop_all, limit=_PACE),
    ]


async def put_own(call: Call) -> None:
    """Add the bot's reaction."""
    reactions.react(call.server, _message(call), call.bot.id, call.path["emoji_name"])


async def drop_own(call: Call) -> None:
    """Take the bot's reaction back."""
    reactions.unreact(call.server, _message(call), call.bot.id, call.path["emoji_name"])


async def drop_other(call: Call) -> None:
    """Take someone's reaction away."""
    message, user_id = _message(call), call.id("user_id")
    if user_id not in call.world.users:
        raise unknown("user")
    reactions.unreact(call.server, message, user_id, call.path["emoji_name"], by=call.bot.id)


async def drop_emoji(call: Call) -> None:
    """Remove all reactions with one emoji."""
    reactions.clear(call.server, _message(call), call.bot.id, call.path["emoji_name"])


async def drop_all(call: Call) -> None:
    """Remove all reactions."""
    reactions.clear(call.server, _message(call), call.bot.id)


async def get_users(call: Call) -> list[Json]:
    """Return who reacted with an emoji, by id; none where nobody did."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.READ_MESSAGE_HISTORY)
    message = call.message(channel)
    reaction = reactions.find(message, parse_emoji(call.world, call.path["emoji_name"]))
    limit, after = call.number("limit", 25, 1, 100), call.snowflake("after") or 0
    burst = call.number("type", 0, 0, 1)
    if reaction is None or burst:
        return []
    found = sorted(user for user in reaction.users if user > after and user in call.world.users)
    return [user_payload(call.world.users[user]) for user in found[:limit]]


def _message(call: Call) -> Message:
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id)
    return call.message(channel)
