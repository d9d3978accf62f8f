"""REST of application commands, global and of one guild."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import commands
from sandbox.errors import ApiError, unknown
from sandbox.payloads.commands import command_payload, command_permissions_payload
from sandbox.rest.call import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.model import Application, Command, Json


async def list_commands(call: Call) -> list[Json]:
    """GET .../commands."""
    app, guild_id = own_application(call), _guild_id(call)
    full = call.flag("with_localizations")
    found = commands.registered(call.world, app.id, guild_id)
    return [command_payload(command, localizations=full) for command in found]


async def create(call: Call) -> Reply:
    """POST .../commands: 201 for a new one, 200 for one overwritten by its name."""
    app, guild_id = own_application(call), _guild_id(call)
    command, new = commands.register(call.world, app, guild_id, call.json)
    return Reply(201 if new else 200, command_payload(command))


async def overwrite(call: Call) -> list[Json]:
    """PUT .../commands."""
    app, guild_id = own_application(call), _guild_id(call)
    return [command_payload(command) for command in commands.overwrite(call.world, app, guild_id, call.body)]


async def get(call: Call) -> Json:
    """GET .../commands/{id}."""
    return command_payload(_command(call))


async def modify(call: Call) -> Json:
    """PATCH .../commands/{id}."""
    return command_payload(commands.modify(call.world, _command(call), call.json))


async def delete(call: Call) -> None:
    """DELETE .../commands/{id}."""
    commands.delete(call.world, _command(call))


async def list_permissions(call: Call) -> list[Json]:
    """GET .../commands/permissions: of every command that a guild has settings for."""
    app, guild = own_application(call), call.guild()
    found = commands.registered(call.world, app.id, None) + commands.registered(call.world, app.id, guild.id)
    return [command_permissions_payload(command, guild.id) for command in found if guild.id in command.permissions]


async def get_permissions(call: Call) -> Json:
    """GET .../commands/{id}/permissions: 10066 when a guild has no settings for it."""
    app, guild = own_application(call), call.guild()
    command = call.world.commands.get(call.id("command_id"))
    if command is None or command.application_id != app.id or guild.id not in command.permissions:
        raise unknown("command permissions")
    return command_permissions_payload(command, guild.id)


async def put_permissions(call: Call) -> None:
    """PUT .../commands/{id}/permissions: for people's tokens only."""
    own_application(call)
    raise ApiError(403, 20001, "Bots cannot use this endpoint")


def own_application(call: Call) -> Application:
    """Return the application of the path: 10002 when there is none, 20012 when it is another's."""
    app = call.world.applications.get(call.id("application_id"))
    if app is None:
        raise unknown("application")
    if call.app is None or app.id != call.app.id:
        raise ApiError(403, 20012, "You are not authorized to perform this action on this application")
    return app


def _guild_id(call: Call) -> int | None:
    return call.guild().id if "guild_id" in call.path else None


def _command(call: Call) -> Command:
    app, guild_id = own_application(call), _guild_id(call)
    return commands.find(call.world, app.id, guild_id, call.id("command_id"))


def routes() -> list[Route]:
    """List the routes of application commands."""
    found: list[Route] = []
    for base in ("/applications/{application_id}", "/applications/{application_id}/guilds/{guild_id}"):
        found += [
            Route("GET", f"{base}/commands", list_commands),
            Route("POST", f"{base}/commands", create, limit=(5, 20.0)),
            Route("PUT", f"{base}/commands", overwrite, limit=(5, 20.0)),
            Route("GET", f"{base}/commands/{{command_id}}", get),
            Route("PATCH", f"{base}/commands/{{command_id}}", modify, limit=(5, 20.0)),
            Route("DELETE", f"{base}/commands/{{command_id}}", delete, limit=(5, 20.0)),
        ]
    guild = "/applications/{application_id}/guilds/{guild_id}"
    return [
        *found,
        Route("GET", f"{guild}/commands/permissions", list_permissions),
        Route("GET", f"{guild}/commands/{{command_id}}/permissions", get_permissions),
        Route("PUT", f"{guild}/commands/{{command_id}}/permissions", put_permissions),
    ]
