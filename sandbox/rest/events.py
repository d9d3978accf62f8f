"""REST of scheduled events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import events
from sandbox.payloads.guilds import event_payload
from sandbox.payloads.people import member_payload, user_payload
from sandbox.rest.acting import actor, wants
from sandbox.rest.call import Call, Route
from sandbox.rest.paging import window

if TYPE_CHECKING:
    from sandbox.model import Json, ScheduledEvent


async def list_events(call: Call) -> list[Json]:
    """GET /guilds/{id}/scheduled-events: those not over that the bot sees."""
    guild, counted = call.guild(), wants(call, "with_user_count")
    found = [event for event in call.world.events.values() if event.guild_id == guild.id]
    return [
        event_payload(call.world, event, with_count=counted)
        for event in found
        if event.status in events.FOLLOWING and events.can_see(call.world, event, call.bot.id)
    ]


async def create(call: Call) -> Json:
    """POST /guilds/{id}/scheduled-events."""
    return event_payload(call.world, events.create_event(call.world, call.guild(), actor(call), call.json))


async def get(call: Call) -> Json:
    """GET /guilds/{id}/scheduled-events/{id}."""
    return event_payload(call.world, _event(call), with_count=wants(call, "with_user_count"))


async def modify(call: Call) -> Json:
    """PATCH /guilds/{id}/scheduled-events/{id}."""
    return event_payload(call.world, events.modify_event(call.world, _event(call), actor(call), call.json))


async def delete(call: Call) -> None:
    """DELETE /guilds/{id}/scheduled-events/{id}."""
    events.delete_event(call.world, _event(call), actor(call))


async def list_users(call: Call) -> list[Json]:
    """GET /guilds/{id}/scheduled-events/{id}/users, by user id."""
    event = _event(call)
    return [_interested(call, event, user_id) for user_id in window(call, sorted(event.users), 100, 100)]


def _interested(call: Call, event: ScheduledEvent, user_id: int) -> Json:
    payload: Json = {
        "guild_scheduled_event_id": str(event.id),
        "user_id": str(user_id),
        "user": user_payload(call.world.users[user_id]),
        "response": 1,
    }
    member = call.world.members[event.guild_id].get(user_id)
    if wants(call, "with_member") and member is not None:
        payload["member"] = member_payload(call.world, member)
    return payload


def _event(call: Call) -> ScheduledEvent:
    return events.find(call.world, call.guild().id, call.id("event_id"), call.bot.id)


def routes() -> list[Route]:
    """List the routes of scheduled events."""
    base = "/guilds/{guild_id}/scheduled-events"
    return [
        Route("GET", base, list_events),
        Route("POST", base, create),
        Route("GET", f"{base}/{{event_id}}", get),
        Route("PATCH", f"{base}/{{event_id}}", modify),
        Route("DELETE", f"{base}/{{event_id}}", delete),
        Route("GET", f"{base}/{{event_id}}/users", list_users),
    ]
