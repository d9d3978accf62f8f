"""Application commands: registered by applications, and seen and used by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.audit import Action
from sandbox.errors import ApiError, FormError, form_error, unknown
from sandbox.model import Command
from sandbox.payloads.channels import CATEGORY, FORUM, MEDIA
from sandbox.payloads.commands import command_permissions_payload
from sandbox.permissions import ALL, P, channel_permissions, require_guild
from sandbox.validate.commands import CHAT_INPUT, MAX_OF_TYPE, bulk_bodies, command_body, duplicate_name
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.audit import Actor
    from sandbox.model import Application, Channel, Json
    from sandbox.server import Server
    from sandbox.world import World

GUILD_CONTEXT, BOT_DM_CONTEXT = 0, 1
ROLE_PERMISSION, USER_PERMISSION, CHANNEL_PERMISSION = 1, 2, 3
MAX_PERMISSIONS = 100


def registered(world: World, application_id: int, guild_id: int | None) -> list[Command]:
    """Return an application's global commands, or those of one guild, in the order of their registration."""
    return [
        command
        for command in world.commands.values()
        if command.application_id == application_id and command.guild_id == guild_id
    ]


def find(world: World, application_id: int, guild_id: int | None, command_id: int) -> Command:
    """Return a registered command, or raise 10063."""
    command = world.commands.get(command_id)
    if command is None or (command.application_id, command.guild_id) != (application_id, guild_id):
        raise unknown("command")
    return command


def register(world: World, app: Application, guild_id: int | None, body: Json) -> tuple[Command, bool]:
    """Register a command and tell whether it is new: one of the same type and name is overwritten."""
    checked = command_body(body, in_guild=guild_id is not None)
    same = _same(world, app.id, guild_id, checked)
    if same is not None:
        _change(world, same, checked)
        _tell_people(world, guild_id)
        return same, False
    kind = checked["type"]
    if sum(command.type == kind for command in registered(world, app.id, guild_id)) >= MAX_OF_TYPE[kind]:
        raise too_many(kind)
    command = _new(world, app, guild_id, checked)
    _tell_people(world, guild_id)
    return command, True


def modify(world: World, command: Command, body: Json) -> Command:
    """Change the fields that a body names; the type stays."""
    merged = {**command.body, **body, "type": command.type}
    if command.type != CHAT_INPUT and body.get("description") in (None, ""):
        merged.pop("description")
    if body.get("contexts") is None and "dm_permission" in body:
        merged.pop("contexts", None)
    checked = command_body(merged, in_guild=command.guild_id is not None)
    same = _same(world, command.application_id, command.guild_id, checked)
    if same is not None and same.id != command.id:
        raise FormError([duplicate_name("name")])
    _change(world, command, checked)
    _tell_people(world, command.guild_id)
    return command


def overwrite(world: World, app: Application, guild_id: int | None, body: object) -> list[Command]:
    """Replace all commands at once; what stays the same keeps its id and version, what changes its id."""
    bodies = bulk_bodies(body, in_guild=guild_id is not None)
    for kind, most in MAX_OF_TYPE.items():
        if sum(one["type"] == kind for one in bodies) > most:
            raise too_many(kind)
    old = registered(world, app.id, guild_id)
    by_key = {(command.type, command.name): command for command in old}
    by_id = {command.id: command for command in old}
    kept: list[Command] = []
    for one in bodies:
        wanted_id = one.pop("id")
        command = by_key.get((one["type"], one["name"]))
        named = by_id.get(wanted_id)
        if named is not None and named.type == one["type"] and command is None:
            command = named
        if command is None or command in kept:
            command = _new(world, app, guild_id, one)
        else:
            _change(world, command, one)
        kept.append(command)
    ids = {command.id for command in kept}
    world.discard(*(command for command in old if command.id not in ids))
    _tell_people(world, guild_id)
    return kept


def delete(world: World, command: Command) -> None:
    """Take a command away; from now on it cannot be invoked."""
    world.discard(command)
    _tell_people(world, command.guild_id)


def set_permissions(world: World, command: Command, guild_id: int, actor: Actor, body: Json) -> None:
    """Set who may use a command in a guild, as its managers do in the settings (bots cannot: 20001)."""
    require_guild(world, guild_id, actor.user_id, P.MANAGE_GUILD, P.MANAGE_ROLES)
    form = Form(body)
    form.raw("permissions", required=True)
    wanted: list[Json] = []
    for part in form.parts("permissions", MAX_PERMISSIONS) or []:
        target, kind = part.snowflake("id", required=True), part.choice("type", (1, 2, 3), required=True)
        permission = part.flag("permission")
        wanted.append({"id": str(target), "type": kind, "permission": bool(permission)})
    form.done()
    command.permissions[guild_id] = wanted
    world.save(command)
    world.emit(
        "APPLICATION_COMMAND_PERMISSIONS_UPDATE", command_permissions_payload(command, guild_id), guild_id=guild_id
    )
    audit.record(world, guild_id, actor, Action.APPLICATION_COMMAND_PERMISSION_UPDATE, command.id)


def visible(server: Server, channel: Channel, user_id: int) -> list[Command]:
    """Return the commands of all applications that a person can use in a channel, by name."""
    world = server.world
    found = [command for command in world.commands.values() if usable(world, command, channel, user_id)]
    return sorted(found, key=lambda command: (command.name, command.type, command.id))


def usable(world: World, command: Command, channel: Channel, user_id: int) -> bool:
    """Tell whether a person can use a command in a channel: place, permissions, age restriction."""
    bits = channel_permissions(world, channel, user_id)
    needed = int(P.VIEW_CHANNEL | P.USE_APPLICATION_COMMANDS)
    if bits & needed != needed or channel.type in {CATEGORY, FORUM, MEDIA}:
        return False
    if channel.guild_id is None:
        return _fits_dm(world, command, channel)
    return _fits_guild(world, command, channel, bits) and _permitted(world, command, channel, user_id, bits)


def require_current(command: Command, version: int | None) -> None:
    """Raise 50035 when a client invokes a version that has been overwritten since."""
    if version is not None and version != command.version:
        raise form_error(
            "data",
            code="INTERACTION_APPLICATION_COMMAND_INVALID_VERSION",
            message="This command is outdated, please try again in a few minutes",
        )


def too_many(kind: int) -> ApiError:
    """Return 30032."""
    return ApiError(400, 30032, f"Maximum number of application commands reached ({MAX_OF_TYPE[kind]})")


def _tell_people(world: World, guild_id: int | None) -> None:
    """Tell people's clients that there are other commands now; no bot hears of it."""
    data: Json = {} if guild_id is None else {"guild_id": str(guild_id)}
    world.emit("GUILD_APPLICATION_COMMAND_INDEX_UPDATE", data, guild_id=guild_id)


def _same(world: World, application_id: int, guild_id: int | None, body: Json) -> Command | None:
    commands = registered(world, application_id, guild_id)
    return next((one for one in commands if (one.type, one.name) == (body["type"], body["name"])), None)


def _new(world: World, app: Application, guild_id: int | None, body: Json) -> Command:
    command = Command(
        id=world.next_id(),
        application_id=app.id,
        version=world.next_id(),
        name=body["name"],
        type=body["type"],
        body=body,
        guild_id=guild_id,
    )
    world.save(command)
    return command


def _change(world: World, command: Command, body: Json) -> None:
    if command.body == body:
        return
    command.body, command.name, command.version = body, body["name"], world.next_id()
    world.save(command)


def _fits_dm(world: World, command: Command, channel: Channel) -> bool:
    app = world.applications.get(command.application_id)
    if app is None or command.guild_id is not None or app.user_id not in channel.recipients:
        return False
    contexts = command.body.get("contexts")
    return BOT_DM_CONTEXT in contexts if contexts is not None else command.body.get("dm_permission", True)


def _fits_guild(world: World, command: Command, channel: Channel, bits: int) -> bool:
    guild_id, app = channel.guild_id or 0, world.applications.get(command.application_id)
    if app is None or command.guild_id not in {None, guild_id} or app.user_id not in world.members[guild_id]:
        return False
    contexts = command.body.get("contexts")
    asleep = channel.thread is not None and (
        channel.thread.archived or (channel.thread.locked and not bits & P.MANAGE_THREADS)
    )
    if asleep or (contexts is not None and GUILD_CONTEXT not in contexts):
        return False
    parent = world.channels.get(channel.parent_id or 0) if channel.thread is not None else channel
    return not command.body.get("nsfw") or (parent is not None and parent.nsfw)


def _permitted(world: World, command: Command, channel: Channel, user_id: int, bits: int) -> bool:
    """Apply the guild's own settings for a command, then the default permissions that it was registered with."""
    if bits == ALL:
        return True
    guild_id = channel.guild_id or 0
    settings = command.permissions.get(guild_id, [])
    place = channel.parent_id if channel.thread is not None else channel.id
    # the id of "all channels" is the guild's minus one
    here = [_setting(settings, CHANNEL_PERMISSION, one) for one in (place, guild_id - 1)]
    if next((one for one in here if one is not None), True) is False:
        return False
    held = [_setting(settings, ROLE_PERMISSION, role) for role in world.members[guild_id][user_id].roles]
    by_roles = any(held) if any(one is not None for one in held) else None
    everyone = _setting(settings, ROLE_PERMISSION, guild_id)
    # the closest setting decides: the person's, then the person's roles', then everyone's
    closest = (_setting(settings, USER_PERMISSION, user_id), by_roles, everyone)
    decided = next((one for one in closest if one is not None), None)
    if decided is not None:
        return decided
    default = command.body.get("default_member_permissions")
    # none needed: for everybody; 0: for administrators alone
    return default is None or (int(default) != 0 and bits & int(default) == int(default))


def _setting(settings: list[Json], kind: int, target: int | None) -> bool | None:
    return next((one["permission"] for one in settings if one["type"] == kind and one["id"] == str(target)), None)
