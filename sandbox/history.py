"""Looking back in a channel: pages of messages, and what was sent a moment ago."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from sandbox.snowflake import EPOCH_MS, created_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.model import Message
    from sandbox.world import World

NONCE_MEMORY = timedelta(minutes=5)


def history(
    world: World,
    channel_id: int,
    *,
    limit: int = 50,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    viewer: int | None = None,
) -> list[Message]:
    """Return messages, newest first; ephemeral ones only to the `viewer` they are meant for.

    `before` yields the newest below an id, `after` the oldest above it, `around` half of `limit` on either side.
    """
    messages = world.messages.get(channel_id, {})
    ids = list(messages)
    if around is not None:
        half = limit // 2
        older = _seen(messages, reversed(ids[: bisect_left(ids, around)]), viewer, half)
        newer = _seen(messages, iter(ids[bisect_left(ids, around) :]), viewer, limit - len(older))
        return [*reversed(newer), *older]
    if after is not None:
        found = _seen(messages, iter(ids[bisect_right(ids, after) :]), viewer, limit)
        return list(reversed(found))
    end = len(ids) if before is None else bisect_left(ids, before)
    return _seen(messages, (ids[place] for place in range(end - 1, -1, -1)), viewer, limit)


def recent(world: World, channel_id: int, span: timedelta) -> Iterator[Message]:
    """Yield the messages of the last `span`, newest first."""
    floor = snowflake_floor(world.now() - span)
    return takewhile(lambda message: message.id >= floor, reversed(world.messages[channel_id].values()))


def snowflake_floor(moment: datetime) -> int:
    """Return the smallest id that a moment can have."""
    return max(0, int(moment.timestamp() * 1000) - EPOCH_MS) << 22


def with_nonce(world: World, channel_id: int, author_id: int, nonce: str | int) -> Message | None:
    """Return the message that an author sent with a nonce in the last minutes."""
    for message in recent(world, channel_id, NONCE_MEMORY):
        if message.author_id == author_id and message.nonce is not None and str(message.nonce) == str(nonce):
            return message
    return None


def last_written(world: World, channel_id: int, author_id: int, span: timedelta) -> datetime | None:
    """Return when someone last wrote in a channel, within the last `span`."""
    found = (one for one in recent(world, channel_id, span) if one.author_id == author_id and one.type in (0, 19))
    message = next(found, None)
    return None if message is None else created_at(message.id)


def _seen(messages: dict[int, Message], ids: Iterator[int], viewer: int | None, limit: int) -> list[Message]:
    found: list[Message] = []
    for one in ids:
        if len(found) >= limit:
            break
        message = messages[one]
        if message.ephemeral_to is None or message.ephemeral_to == viewer:
            found.append(message)
    return found
