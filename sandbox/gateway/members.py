"""Op 8: members of a guild in chunks of up to a thousand (documentation, "Request Guild Members")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from sandbox.gateway.intents import Intent
from sandbox.gateway.presence import presences_of
from sandbox.payloads.people import member_payload
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from sandbox.gateway.session import Session
    from sandbox.model import Json, Member
    from sandbox.server import Server

CHUNK = 1_000
_MOST = 100
_LONGEST_NONCE = 32


def request_members(server: Server, session: Session, body: Json) -> bool:
    """Send GUILD_MEMBERS_CHUNK events, none for what the bot may not ask; False when the request is malformed."""
    guild_id = _snowflake(body.get("guild_id"))
    query, wanted = body.get("query"), body.get("user_ids")
    limit = body.get("limit", 0)
    if guild_id is None or (query is None) == (wanted is None) or not isinstance(limit, int) or limit < 0:
        return False
    if guild_id not in session.guilds:
        return True
    members = server.world.members[guild_id]
    missing: list[str] = []
    if wanted is not None:
        ids: list[Any] = wanted if isinstance(wanted, list) else [wanted]  # pyright: ignore[reportUnknownVariableType]
        numbers = [_snowflake(each) for each in ids]
        if len(ids) > _MOST or None in numbers:
            return False
        found = [members[number] for number in numbers if number in members]
        missing = [str(number) for number in numbers if number not in members]
    elif not isinstance(query, str) or (query and "limit" not in body):
        return False
    elif not query and not session.intents & Intent.GUILD_MEMBERS:
        return True
    else:
        found = _named(server, guild_id, query)
        if query:
            found = found[: min(limit or _MOST, _MOST)]
        elif limit:
            found = found[:limit]
    _send(server, session, guild_id, found, missing, body)
    return True


def _named(server: Server, guild_id: int, query: str) -> list[Member]:
    start = query.casefold()

    def matches(member: Member) -> bool:
        user = server.world.users[member.user_id]
        return any(
            name and name.casefold().startswith(start) for name in (member.nick, user.global_name, user.username)
        )

    return [member for member in server.world.members[guild_id].values() if matches(member)]


def _send(server: Server, session: Session, guild_id: int, found: list[Member], missing: list[str], body: Json) -> None:
    count = max(1, -(-len(found) // CHUNK))
    nonce = body.get("nonce")
    show_presences = bool(body.get("presences")) and bool(session.intents & Intent.GUILD_PRESENCES)
    for index in range(count):
        part = found[index * CHUNK : (index + 1) * CHUNK]
        data: Json = {
            "guild_id": str(guild_id),
            "members": [member_payload(server.world, member) for member in part],
            "chunk_index": index,
            "chunk_count": count,
        }
        if missing and index == count - 1:
            data["not_found"] = missing
        if show_presences:
            data["presences"] = presences_of(server, guild_id, [member.user_id for member in part])
        if isinstance(nonce, str) and len(nonce.encode()) <= _LONGEST_NONCE:
            data["nonce"] = nonce
        session.push("GUILD_MEMBERS_CHUNK", orjson.dumps(data))


def _snowflake(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return whole(value) if isinstance(value, str) else None
