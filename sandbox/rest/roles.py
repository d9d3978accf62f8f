"""REST of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import roles
from sandbox.payloads.people import role_payload
from sandbox.rest.acting import actor
from sandbox.rest.call import Call, Route

if TYPE_CHECKING:
    from sandbox.model import Json


async def list_roles(call: Call) -> list[Json]:
    """GET /guilds/{id}/roles."""
    found = call.world.guild_roles[call.guild().id].values()
    return [role_payload(role) for role in sorted(found, key=roles.rank)]


async def get(call: Call) -> Json:
    """GET /guilds/{id}/roles/{id}."""
    return role_payload(roles.find(call.world, call.guild().id, call.id("role_id")))


async def create(call: Call) -> Json:
    """POST /guilds/{id}/roles."""
    return role_payload(roles.create_role(call.world, call.guild(), actor(call), call.json))


async def move(call: Call) -> list[Json]:
    """PATCH /guilds/{id}/roles."""
    return [role_payload(role) for role in roles.move_roles(call.world, call.guild(), actor(call), call.body)]


async def modify(call: Call) -> Json:
    """PATCH /guilds/{id}/roles/{id}."""
    guild = call.guild()
    role = roles.find(call.world, guild.id, call.id("role_id"))
    return role_payload(roles.modify_role(call.world, guild, role, actor(call), call.json))


async def delete(call: Call) -> None:
    """DELETE /guilds/{id}/roles/{id}."""
    guild = call.guild()
    roles.delete_role(call.world, guild, roles.find(call.world, guild.id, call.id("role_id")), actor(call))


async def counts(call: Call) -> dict[str, int]:
    """GET /guilds/{id}/roles/member-counts."""
    return roles.member_counts(call.world, call.guild().id)


def routes() -> list[Route]:
    """List the routes of roles."""
    base = "/guilds/{guild_id}/roles"
    return [
        Route("GET", base, list_roles),
        Route("POST", base, create),
        Route("PATCH", base, move),
        Route("GET", f"{base}/member-counts", counts),
        Route("GET", f"{base}/{{role_id}}", get),
        Route("PATCH", f"{base}/{{role_id}}", modify),
        Route("DELETE", f"{base}/{{role_id}}", delete),
    ]
