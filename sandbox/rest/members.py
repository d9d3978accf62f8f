"""REST of members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import members
from sandbox.errors import form_error
from sandbox.payloads.people import member_payload
from sandbox.rest.acting import actor, require_members_intent
from sandbox.rest.call import Call, Route

if TYPE_CHECKING:
    from sandbox.model import Guild, Json, Member

MAX_QUERY = 100


async def get(call: Call) -> Json:
    """GET /guilds/{id}/members/{id}."""
    return member_payload(call.world, _member(call)[1])


async def list_members(call: Call) -> list[Json]:
    """GET /guilds/{id}/members: by id, after one; needs the members intent."""
    guild = call.guild()
    require_members_intent(call)
    limit, after = call.number("limit", 1, 1, 1000), call.snowflake("after") or 0
    found = sorted(user_id for user_id in call.world.members[guild.id] if user_id > after)
    return [member_payload(call.world, call.world.members[guild.id][user_id]) for user_id in found[:limit]]


async def search(call: Call) -> list[Json]:
    """GET /guilds/{id}/members/search: whose name or nickname begins so."""
    guild = call.guild()
    limit, query = call.number("limit", 1, 1, 1000), call.query.get("query", "").casefold()
    if not 1 <= len(query) <= MAX_QUERY:
        message = f"Must be between 1 and {MAX_QUERY} in length."
        raise form_error("query", code="BASE_TYPE_BAD_LENGTH", message=message)
    found: list[Json] = []
    for user_id, member in sorted(call.world.members[guild.id].items()):
        user = call.world.users[user_id]
        names = (user.username, user.global_name or "", member.nick or "")
        if any(name.casefold().startswith(query) for name in names):
            found.append(member_payload(call.world, member))
    return found[:limit]


async def modify(call: Call) -> Json:
    """PATCH /guilds/{id}/members/{id}."""
    guild, member = _member(call)
    return member_payload(call.world, members.modify_member(call.world, guild, member, actor(call), call.json))


async def modify_me(call: Call) -> Json:
    """PATCH /guilds/{id}/members/@me."""
    return member_payload(call.world, members.modify_self(call.world, call.guild(), actor(call), call.json))


async def kick(call: Call) -> None:
    """DELETE /guilds/{id}/members/{id}."""
    members.kick(call.world, call.guild(), call.id("user_id"), actor(call))


async def give_role(call: Call) -> None:
    """PUT /guilds/{id}/members/{id}/roles/{id}."""
    guild, member = _member(call)
    members.give_role(call.world, guild, member, call.id("role_id"), actor(call))


async def take_role(call: Call) -> None:
    """DELETE /guilds/{id}/members/{id}/roles/{id}."""
    guild, member = _member(call)
    members.take_role(call.world, guild, member, call.id("role_id"), actor(call))


def _member(call: Call) -> tuple[Guild, Member]:
    guild = call.guild()
    return guild, members.find(call.world, guild.id, call.id("user_id"))


def routes() -> list[Route]:
    """List the routes of members."""
    base = "/guilds/{guild_id}/members"
    return [
        Route("GET", base, list_members),
        Route("GET", f"{base}/search", search),
        Route("PATCH", f"{base}/@me", modify_me),
        Route("GET", f"{base}/{{user_id}}", get),
        Route("PATCH", f"{base}/{{user_id}}", modify),
        Route("DELETE", f"{base}/{{user_id}}", kick),
        Route("PUT", f"{base}/{{user_id}}/roles/{{role_id}}", give_role),
        Route("DELETE", f"{base}/{{user_id}}/roles/{{role_id}}", take_role),
    ]
