"""Op 3: a bot's status and activity, and what others see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.gateway.session import Session
    from sandbox.model import Json
    from sandbox.server import Server

_STATUSES = ("online", "dnd", "idle", "invisible", "offline")
_SHOWN_LIMIT = 128


def update_presence(server: Server, session: Session, body: Json) -> bool:
    """Tell the session's guilds of a new status; False when it is malformed."""
    status = body.get("status") or "online"
    game = body.get("game")
    given: object = body.get("activities")
    if given is None:
        given = [game] if game else []
    if status not in _STATUSES or not isinstance(given, list):
        return False
    activities: list[Json] = []
    for each in cast("list[object]", given):
        activity = cast("Json", each) if isinstance(each, dict) else {}
        if not isinstance(activity.get("name"), str):
            return False
        activities.append({**activity, "name": activity["name"][:_SHOWN_LIMIT]})
    shown = "offline" if status == "invisible" else status
    presence: Json = {"status": shown, "activities": activities}
    if server.presences.get(session.user_id) == presence:
        return True
    server.presences[session.user_id] = presence
    for guild_id in session.guilds:
        server.world.emit("PRESENCE_UPDATE", _payload(presence, guild_id, session.user_id), guild_id=guild_id)
    return True


def go_offline(server: Server, session: Session) -> None:
    """Tell the guilds of a bot's last session that the bot has gone."""
    if server.presences.pop(session.user_id, None) is not None:
        gone: Json = {"status": "offline", "activities": []}
        for guild_id in session.guilds:
            server.world.emit("PRESENCE_UPDATE", _payload(gone, guild_id, session.user_id), guild_id=guild_id)


def presences_of(server: Server, guild_id: int, users: Iterable[int]) -> list[Json]:
    """Return the presences of those who are not offline."""
    shown = [_payload(server.presences[user], guild_id, user) for user in users if user in server.presences]
    return [presence for presence in shown if presence["status"] != "offline"]


def _payload(presence: Json, guild_id: int, user_id: int) -> Json:
    return {
        "user": {"id": str(user_id)},
        "guild_id": str(guild_id),
        "status": presence["status"],
        "activities": presence["activities"],
        "client_status": {} if presence["status"] == "offline" else {"web": presence["status"]},
    }
