"""Members of a guild: joining, leaving, nicknames, roles, timeouts, kicks and bans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.access import watch_access
from sandbox.audit import Action, Actor
from sandbox.errors import ApiError, form_error, missing_permissions, unknown
from sandbox.messages import delete_message, post
from sandbox.model import Ban, Member, Message
from sandbox.payloads.guilds import guild_create
from sandbox.payloads.people import member_payload, user_payload
from sandbox.permissions import P, guild_permissions, require_guild
from sandbox.roles import find as find_role
from sandbox.roles import invalid_role, may_grant, require_outranks, tell_member
from sandbox.snowflake import created_at
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.model import Guild, Json, Role
    from sandbox.server import Server
    from sandbox.world import World

JOIN_MESSAGE = 7
MAX_TIMEOUT = timedelta(days=28)
MAX_DELETED = 7 * 24 * 3600
MAX_BULK_BAN = 200


def find(world: World, guild_id: int, user_id: int) -> Member:
    """Return a member, or raise 10007 (10013 when there is no such account at all)."""
    member = world.members[guild_id].get(user_id)
    if member is None:
        raise unknown("member" if user_id in world.users else "user")
    return member


def join_guild(server: Server, guild: Guild, user_id: int) -> Member:
    """Let an account join: people with a system message, bots with GUILD_CREATE; the banned are refused (40007)."""
    world = server.world
    if user_id in world.bans[guild.id]:
        raise ApiError(403, 40007, "The user is banned from this guild.")
    if user_id in world.members[guild.id]:
        return world.members[guild.id][user_id]
    member = Member(guild_id=guild.id, user_id=user_id, joined_at=world.now())
    world.save(member)
    if world.users[user_id].bot:
        created = guild_create(world, guild, user_id, all_members=False)
        world.emit("GUILD_CREATE", created, guild_id=guild.id, users=frozenset({user_id}))
    data = {**member_payload(world, member), "guild_id": str(guild.id)}
    world.emit("GUILD_MEMBER_ADD", data, guild_id=guild.id)
    _greet(server, guild, member)
    return member


def leave_guild(world: World, guild: Guild, user_id: int) -> None:
    """Take a member out, by its own will or not: out of threads too. The owner cannot leave (50055)."""
    if guild.owner_id == user_id:
        raise ApiError(400, 50055, "Invalid Guild")
    member = find(world, guild.id, user_id)
    for channel in world.guild_channels[guild.id].values():
        if channel.thread is not None and channel.thread.members.pop(user_id, None):
            world.save(channel)
    world.discard(member)
    gone: Json = {"guild_id": str(guild.id), "user": user_payload(world.users[user_id])}
    world.emit("GUILD_MEMBER_REMOVE", gone, guild_id=guild.id)
    # told by name, for whoever left is no member any more
    world.emit("GUILD_DELETE", {"id": str(guild.id)}, guild_id=guild.id, users=frozenset({user_id}))


def modify_member(world: World, guild: Guild, member: Member, actor: Actor, body: Json) -> Member:
    """Change nickname, roles or timeout, each with its own permission and below the actor's highest role."""
    require_guild(world, guild.id, actor.user_id)
    form = Form(body)
    nick = form.text("nick", 0, 32)
    role_ids = form.snowflakes("roles", 250)
    until = form.moment("communication_disabled_until")
    flags = form.integer("flags", 0, 1 << 31)
    voice = [name for name in ("mute", "deaf", "channel_id") if form.raw(name) is not None]
    form.done()
    before = member_payload(world, member, with_user=False)
    if form.has("nick"):
        _require_over(world, guild, member, actor, P.MANAGE_NICKNAMES)
    if form.has("communication_disabled_until"):
        _check_timeout(world, guild, member, actor, until)
    if flags is not None:
        _require_over(world, guild, member, actor, P.MANAGE_GUILD)
    if role_ids is not None:
        _check_roles(world, guild, member, actor, set(role_ids))
    if voice:
        require_guild(world, guild.id, actor.user_id, P.MOVE_MEMBERS if "channel_id" in voice else P.MUTE_MEMBERS)
        raise ApiError(400, 40032, "Target user is not connected to voice.")
    if form.has("nick"):
        member.nick = nick or None
    if form.has("communication_disabled_until"):
        member.timed_out_until = until
    if flags is not None:
        member.flags = flags
    with watch_access(world, guild.id, changed=role_ids is not None, only=member.user_id):
        member.roles = member.roles if role_ids is None else list(dict.fromkeys(role_ids))
        _changed(world, guild, member, actor, before)
    return member


def modify_self(world: World, guild: Guild, actor: Actor, body: Json) -> Member:
    """Change one's own nickname."""
    form = Form(body)
    nick = form.text("nick", 0, 32)
    form.text("bio", 0, 190)
    form.done()
    member = find(world, guild.id, actor.user_id)
    before = member_payload(world, member, with_user=False)
    if form.has("nick"):
        require_guild(world, guild.id, actor.user_id, P.CHANGE_NICKNAME)
        member.nick = nick or None
    _changed(world, guild, member, actor, before)
    return member


def give_role(world: World, guild: Guild, member: Member, role_id: int, actor: Actor) -> None:
    """Give a member a role below the actor's highest."""
    _require_grant(world, guild, actor, find_role(world, guild.id, role_id))
    if role_id not in member.roles:
        _set_roles(world, guild, member, actor, [*member.roles, role_id])


def take_role(world: World, guild: Guild, member: Member, role_id: int, actor: Actor) -> None:
    """Take a role from a member, below the actor's highest."""
    _require_grant(world, guild, actor, find_role(world, guild.id, role_id))
    if role_id in member.roles:
        _set_roles(world, guild, member, actor, [role for role in member.roles if role != role_id])


def kick(world: World, guild: Guild, user_id: int, actor: Actor) -> None:
    """Throw a member out."""
    member = find(world, guild.id, user_id)
    _require_over(world, guild, member, actor, P.KICK_MEMBERS)
    leave_guild(world, guild, user_id)
    audit.record(world, guild.id, actor, Action.MEMBER_KICK, user_id)


def ban(server: Server, guild: Guild, user_id: int, actor: Actor, body: Json) -> None:
    """Ban an account, member or not, and delete what it wrote in the last `delete_message_seconds`."""
    world = server.world
    require_guild(world, guild.id, actor.user_id, P.BAN_MEMBERS)
    form = Form(body)
    seconds = form.integer("delete_message_seconds", 0, MAX_DELETED)
    days = form.integer("delete_message_days", 0, 7)
    form.done()
    if user_id not in world.users:
        raise unknown("user")
    require_outranks(world, guild.id, actor, user_id)
    if user_id in world.bans[guild.id]:
        return
    world.save(Ban(guild_id=guild.id, user_id=user_id, reason=actor.reason))
    gone: Json = {"guild_id": str(guild.id), "user": user_payload(world.users[user_id])}
    world.emit("GUILD_BAN_ADD", gone, guild_id=guild.id)
    if user_id in world.members[guild.id]:
        leave_guild(world, guild, user_id)
    _erase(server, guild, user_id, timedelta(seconds=seconds or 0, days=days or 0))
    audit.record(world, guild.id, actor, Action.MEMBER_BAN_ADD, user_id)


def bulk_ban(server: Server, guild: Guild, actor: Actor, body: Json) -> Json:
    """Ban up to 200 accounts and list those that could not be; 500000 when that is all of them."""
    require_guild(server.world, guild.id, actor.user_id, P.BAN_MEMBERS, P.MANAGE_GUILD)
    form = Form(body)
    form.raw("user_ids", required=True)
    user_ids = form.snowflakes("user_ids", MAX_BULK_BAN) or []
    form.integer("delete_message_seconds", 0, MAX_DELETED)
    form.done()
    banned: list[str] = []
    failed: list[str] = []
    rest = {key: value for key, value in body.items() if key == "delete_message_seconds"}
    for user_id in dict.fromkeys(user_ids):
        if user_id in server.world.bans[guild.id]:
            failed.append(str(user_id))
            continue
        try:
            ban(server, guild, user_id, actor, rest)
        except ApiError:
            failed.append(str(user_id))
        else:
            banned.append(str(user_id))
    if user_ids and not banned:
        raise ApiError(400, 500_000, "Failed to ban users")
    return {"banned_users": banned, "failed_users": failed}


def unban(world: World, guild: Guild, user_id: int, actor: Actor) -> None:
    """Lift a ban (10026 when there is none)."""
    require_guild(world, guild.id, actor.user_id, P.BAN_MEMBERS)
    found = world.bans[guild.id].get(user_id)
    if found is None:
        raise unknown("ban")
    world.discard(found)
    gone: Json = {"guild_id": str(guild.id), "user": user_payload(world.users[user_id])}
    world.emit("GUILD_BAN_REMOVE", gone, guild_id=guild.id)
    audit.record(world, guild.id, actor, Action.MEMBER_BAN_REMOVE, user_id)


def _require_over(world: World, guild: Guild, member: Member, actor: Actor, needed: P) -> None:
    require_guild(world, guild.id, actor.user_id, needed)
    if member.user_id != actor.user_id:
        require_outranks(world, guild.id, actor, member.user_id)


def _require_grant(world: World, guild: Guild, actor: Actor, role: Role) -> None:
    require_guild(world, guild.id, actor.user_id, P.MANAGE_ROLES)
    if role.id == guild.id or role.managed:
        raise invalid_role()
    if not may_grant(world, guild.id, actor, role):
        raise missing_permissions()


def _check_roles(world: World, guild: Guild, member: Member, actor: Actor, wanted: set[int]) -> None:
    roles = world.guild_roles[guild.id]
    missing = [role for role in wanted if role not in roles]
    if missing:
        raise form_error("roles", code="BASE_TYPE_CHOICES", message=f"Unknown roles: {sorted(missing)}.")
    for role_id in wanted ^ set(member.roles):
        _require_grant(world, guild, actor, roles[role_id])


def _check_timeout(world: World, guild: Guild, member: Member, actor: Actor, until: datetime | None) -> None:
    _require_over(world, guild, member, actor, P.MODERATE_MEMBERS)
    if guild_permissions(world, guild.id, member.user_id) & P.ADMINISTRATOR or member.user_id == actor.user_id:
        raise missing_permissions()
    if until is not None and until > world.now() + MAX_TIMEOUT:
        raise form_error(
            "communication_disabled_until",
            code="GUILD_MEMBER_COMMUNICATION_DISABLED_TOO_LONG",
            message="A timeout lasts at most 28 days.",
        )


def _set_roles(world: World, guild: Guild, member: Member, actor: Actor, role_ids: list[int]) -> None:
    before = member_payload(world, member, with_user=False)
    with watch_access(world, guild.id, only=member.user_id):
        member.roles = role_ids
        _changed(world, guild, member, actor, before)


def _changed(world: World, guild: Guild, member: Member, actor: Actor, before: Json) -> None:
    after = member_payload(world, member, with_user=False)
    changes = audit.differences(before, after)
    if not changes:
        return
    world.save(member)
    tell_member(world, member)
    if before["roles"] != after["roles"]:
        moved = [
            {"key": key, "new_value": [{"id": role, "name": world.roles[int(role)].name} for role in some]}
            for key, some in (
                ("$add", [role for role in after["roles"] if role not in before["roles"]]),
                ("$remove", [role for role in before["roles"] if role not in after["roles"]]),
            )
            if some
        ]
        audit.record(world, guild.id, actor, Action.MEMBER_ROLE_UPDATE, member.user_id, changes=moved)
    others = [change for change in changes if change["key"] != "roles"]
    if others:
        audit.record(world, guild.id, actor, Action.MEMBER_UPDATE, member.user_id, changes=others)


def _erase(server: Server, guild: Guild, user_id: int, span: timedelta) -> None:

    since = server.world.now() - span
    for channel in tuple(server.world.guild_channels[guild.id].values()) if span else ():
        for message in tuple(server.world.messages[channel.id].values()):
            if message.author_id == user_id and created_at(message.id) >= since:
                delete_message(server, message)


def _greet(server: Server, guild: Guild, member: Member) -> None:

    channel = server.world.channels.get(guild.system_channel_id or 0)
    if channel is None:
        return
    greeting = Message(
        id=server.world.next_id(),
        channel_id=channel.id,
        guild_id=guild.id,
        author_id=member.user_id,
        type=JOIN_MESSAGE,
    )
    post(server, channel, greeting)
