"""REST of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.audit import audit_entry_payload
from sandbox.payloads.channels import channel_payload
from sandbox.payloads.guilds import event_payload
from sandbox.payloads.people import user_payload
from sandbox.permissions import P, require_guild
from sandbox.rest.call import Call, Route
from sandbox.rest.paging import window

if TYPE_CHECKING:
    from sandbox.model import Json


async def get(call: Call) -> Json:
    """GET /guilds/{id}/audit-logs: newest first, or oldest first after an id."""
    guild, world = call.guild(), call.world
    require_guild(world, guild.id, call.bot.id, P.VIEW_AUDIT_LOG)
    action, user_id = call.number("action_type", 0, 0, 1000), call.snowflake("user_id")
    lines = {
        line.id: line
        for line in world.audit[guild.id].values()
        if (not action or line.action == action) and (user_id is None or line.user_id == user_id)
    }
    ids = sorted(lines)
    if call.snowflake("after") is None:
        last = call.snowflake("before")
        kept = [one for one in ids if last is None or one < last]
        ids = kept[-call.number("limit", 50, 1, 100) :][::-1]
    else:
        ids = window(call, ids, 50, 100)
    found = [lines[one] for one in ids]
    targets = {line.target_id for line in found}
    accounts = {line.user_id for line in found} | {one for one in targets if one in world.users}
    return {
        "audit_log_entries": [audit_entry_payload(line) for line in found],
        "users": [user_payload(world.users[one]) for one in sorted(accounts)],
        "integrations": [],
        "webhooks": [],
        "guild_scheduled_events": [
            event_payload(world, event) for event in world.events.values() if event.id in targets
        ],
        "threads": [
            channel_payload(world, channel)
            for channel in world.guild_channels[guild.id].values()
            if channel.thread is not None and channel.id in targets
        ],
        "application_commands": [],
        "auto_moderation_rules": [],
    }


def routes() -> list[Route]:
    """List the routes of the audit log."""
    return [Route("GET", "/guilds/{guild_id}/audit-logs", get)]
