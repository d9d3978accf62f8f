"""Routes of pinned messages: Discord's present ones, and the former ones that it still serves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox import pins
from sandbox.errors import form_error
from sandbox.payloads.base import iso
from sandbox.permissions import P, require_channel
from sandbox.rest.call import Call, Route
from sandbox.rest.messages import seen

if TYPE_CHECKING:
    from sandbox.model import Channel, Json, Message

MAX_PAGE = 50
_PLACES = ("/channels/{channel_id}/messages/pins", "/channels/{channel_id}/pins")


def routes() -> list[Route]:
    """List the routes of pins."""
    new, old = _PLACES
    found = [Route("GET", new, get_pins), Route("GET", old, get_pins_as_list)]
    for place in _PLACES:
        found += [
            Route("PUT", f"{place}/{{message_id}}", put_pin, limit=(5, 5.0)),
            Route("DELETE", f"{place}/{{message_id}}", drop_pin, limit=(5, 5.0)),
        ]
    return found


async def get_pins(call: Call) -> Json:
    """Return a page of pins, those pinned last first."""
    channel, bits = _channel(call)
    limit, before = call.number("limit", MAX_PAGE, 1, MAX_PAGE), _moment(call)
    found = pins.pinned(call.world, channel.id, before=before) if bits & P.READ_MESSAGE_HISTORY else []
    items = [{"pinned_at": iso(message.pinned_at), "message": seen(call, message)} for message in found[:limit]]
    return {"items": items, "has_more": len(found) > limit}


async def get_pins_as_list(call: Call) -> list[Json]:
    """Return the latest pins as the former route does."""
    channel, bits = _channel(call)
    found = pins.pinned(call.world, channel.id) if bits & P.READ_MESSAGE_HISTORY else []
    return [seen(call, message) for message in found[:MAX_PAGE]]


async def put_pin(call: Call) -> None:
    """Pin a message."""
    channel, message = _message(call)
    pins.pin(call.server, channel, message, call.bot.id)


async def drop_pin(call: Call) -> None:
    """Unpin a message."""
    channel, message = _message(call)
    pins.unpin(call.server, channel, message, call.bot.id)


def _channel(call: Call) -> tuple[Channel, int]:
    channel = call.channel()
    return channel, require_channel(call.world, channel, call.bot.id)


def _message(call: Call) -> tuple[Channel, Message]:
    channel, _ = _channel(call)
    return channel, call.message(channel)


def _moment(call: Call) -> datetime | None:
    text = call.query.get("before")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"Could not parse {text}. Should be ISO8601."
        raise form_error("before", code="DATE_TIME_TYPE_PARSE", message=message) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
