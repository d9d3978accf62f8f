"""Roles: made, changed, ordered, and the rules of who stands above whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.access import watch_access
from sandbox.audit import Action
from sandbox.errors import ApiError, missing_permissions, unknown
from sandbox.model import Role
from sandbox.payloads.people import member_payload, role_payload
from sandbox.permissions import ALL, P, guild_permissions, require_guild
from sandbox.validate.form import Form, forms

if TYPE_CHECKING:
    from sandbox.audit import Actor
    from sandbox.model import Guild, Json, Member
    from sandbox.world import World

MAX_ROLES = 250
NOBODY, TOP = (-1, 0), (1 << 31, 0)


def find(world: World, guild_id: int, role_id: int) -> Role:
    """Return a role of a guild, or raise 10011."""
    role = world.guild_roles[guild_id].get(role_id)
    if role is None:
        raise unknown("role")
    return role


def rank(role: Role) -> tuple[int, int]:
    """Return where a role stands; of two at one position the older (smaller id) is above."""
    return (role.position, -role.id)


def member_rank(world: World, guild_id: int, user_id: int) -> tuple[int, int]:
    """Return where a member's highest role stands; the owner is above all roles."""
    guild, member = world.guilds[guild_id], world.members[guild_id].get(user_id)
    if guild.owner_id == user_id:
        return TOP
    held = [world.roles[role] for role in member.roles if role in world.roles] if member else []
    return max((rank(role) for role in held), default=rank(world.roles[guild_id]) if member else NOBODY)


def require_above(world: World, guild_id: int, actor: Actor, role: Role) -> None:
    """Raise 50013 unless the actor's highest role is above this one."""
    if member_rank(world, guild_id, actor.user_id) <= rank(role):
        raise missing_permissions()


def require_outranks(world: World, guild_id: int, actor: Actor, user_id: int) -> None:
    """Raise 50013 unless the actor stands above a member."""
    if member_rank(world, guild_id, actor.user_id) <= member_rank(world, guild_id, user_id):
        raise missing_permissions()


def create_role(world: World, guild: Guild, actor: Actor, body: Json) -> Role:
    """Make a role at the bottom, just above @everyone; bits that the actor lacks are refused."""
    held = require_guild(world, guild.id, actor.user_id, P.MANAGE_ROLES)
    if len(world.guild_roles[guild.id]) >= MAX_ROLES:
        raise ApiError(400, 30005, f"Maximum number of guild roles reached ({MAX_ROLES})")
    form = Form(body)
    role = Role(id=world.next_id(), guild_id=guild.id, name="new role", position=1)
    _read(form, guild, role)
    bits = form.bits("permissions")
    form.done()
    role.permissions = world.roles[guild.id].permissions if bits is None else bits & ALL
    _require_held(held, role.permissions if bits is not None else 0)
    moved = [other for other in world.guild_roles[guild.id].values() if other.position >= 1]
    for other in moved:
        other.position += 1
    world.save(role, *moved)
    _tell(world, "GUILD_ROLE_CREATE", role)
    for other in moved:
        _tell(world, "GUILD_ROLE_UPDATE", other)
    changes = audit.differences({}, role_payload(role))
    audit.record(world, guild.id, actor, Action.ROLE_CREATE, role.id, changes=changes)
    return role


def modify_role(world: World, guild: Guild, role: Role, actor: Actor, body: Json) -> Role:
    """Change a role that is below the actor's highest; of @everyone only the permissions can change."""
    held = require_guild(world, guild.id, actor.user_id, P.MANAGE_ROLES)
    everyone = role.id == guild.id
    if not everyone:
        require_above(world, guild.id, actor, role)
    form = Form(body)
    before = role_payload(role)
    draft = Role(id=role.id, guild_id=guild.id, name=role.name, color=role.color)
    draft.hoist, draft.mentionable = role.hoist, role.mentionable
    _read(form, guild, draft)
    bits = form.bits("permissions")
    form.done()
    if bits is not None:
        _require_held(held, (bits ^ role.permissions) & ALL)
    if not everyone:
        role.name, role.color, role.hoist = draft.name, draft.color, draft.hoist
        role.mentionable = draft.mentionable
    with watch_access(world, guild.id, changed=bits is not None):
        role.permissions = role.permissions if bits is None else bits & ALL
        world.save(role)
        changes = audit.differences(before, role_payload(role))
        if changes:
            _tell(world, "GUILD_ROLE_UPDATE", role)
    if changes:
        audit.record(world, guild.id, actor, Action.ROLE_UPDATE, role.id, changes=changes)
    return role


def delete_role(world: World, guild: Guild, role: Role, actor: Actor) -> None:
    """Delete a role and take it from its members; @everyone and managed roles cannot be deleted."""
    require_guild(world, guild.id, actor.user_id, P.MANAGE_ROLES)
    require_above(world, guild.id, actor, role)
    if role.id == guild.id or role.managed:
        raise invalid_role()
    before = role_payload(role)
    holders = [member for member in world.members[guild.id].values() if role.id in member.roles]
    for member in holders:
        member.roles.remove(role.id)
    for channel in world.guild_channels[guild.id].values():
        if any(overwrite.id == role.id for overwrite in channel.overwrites):
            channel.overwrites = [overwrite for overwrite in channel.overwrites if overwrite.id != role.id]
            world.save(channel)
    world.save(*holders)
    world.discard(role)
    world.emit("GUILD_ROLE_DELETE", {"guild_id": str(guild.id), "role_id": str(role.id)}, guild_id=guild.id)
    for member in holders:
        tell_member(world, member)
    changes = audit.differences(before, {})
    audit.record(world, guild.id, actor, Action.ROLE_DELETE, role.id, changes=changes)


def move_roles(world: World, guild: Guild, actor: Actor, body: object) -> list[Role]:
    """Give roles new positions, all of them below the actor's highest role before and after; returns all roles."""
    require_guild(world, guild.id, actor.user_id, P.MANAGE_ROLES)
    form, parts = forms(body, MAX_ROLES)
    wanted: dict[int, int] = {}
    for part in parts:
        role_id, position = part.snowflake("id", required=True), part.integer("position", 0, MAX_ROLES)
        if role_id is not None and position is not None:
            wanted[role_id] = position
    form.done()
    top = member_rank(world, guild.id, actor.user_id)
    roles = world.guild_roles[guild.id]
    for role_id, position in wanted.items():
        role = find(world, guild.id, role_id)
        if role.id == guild.id and position != 0:
            raise invalid_role()
        if role.position != position and (rank(role) >= top or (position, -role.id) >= top):
            raise missing_permissions()
    # a place below 1 belongs to @everyone; afterwards positions are counted anew without gaps
    old = {role.id: role.position for role in roles.values()}
    order = sorted(
        (role for role in roles.values() if role.id != guild.id),
        key=lambda role: (
            position := wanted.get(role.id, role.position),
            (position > role.position) - (position < role.position),
            -role.id,
        ),
    )
    for place, role in enumerate(order, start=1):
        role.position = place
        if old[role.id] != place:
            world.save(role)
            _tell(world, "GUILD_ROLE_UPDATE", role)
    return sorted(roles.values(), key=rank)


def member_counts(world: World, guild_id: int) -> dict[str, int]:
    """Return how many members hold each role, @everyone left out."""
    counts = {str(role): 0 for role in world.guild_roles[guild_id] if role != guild_id}
    for member in world.members[guild_id].values():
        for role in member.roles:
            if str(role) in counts:
                counts[str(role)] += 1
    return counts


def invalid_role() -> ApiError:
    """Return 50028: this role cannot be used so."""
    return ApiError(400, 50028, "Invalid Role")


def tell_member(world: World, member: Member) -> None:
    """Send GUILD_MEMBER_UPDATE."""
    data = {**member_payload(world, member), "guild_id": str(member.guild_id)}
    world.emit("GUILD_MEMBER_UPDATE", data, guild_id=member.guild_id)


def may_grant(world: World, guild_id: int, actor: Actor, role: Role) -> bool:
    """Tell whether a role is below the actor's highest one and is not given out by Discord itself."""
    held = guild_permissions(world, guild_id, actor.user_id)
    return bool(held & P.MANAGE_ROLES) and member_rank(world, guild_id, actor.user_id) > rank(role)


def _read(form: Form, guild: Guild, role: Role) -> None:
    if form.has("name"):
        role.name = form.text("name", 1, 100) or "new role"
    if form.has("color"):
        role.color = form.integer("color", 0, 0xFFFFFF) or 0
    colors = form.part("colors")
    if colors is not None:
        role.color = colors.integer("primary_color", 0, 0xFFFFFF, required=True) or 0
        for field in ("secondary_color", "tertiary_color"):
            if colors.integer(field, 0, 0xFFFFFF) is not None and "ENHANCED_ROLE_COLORS" not in guild.features:
                raise needs_boosts()
    role.hoist = bool(form.flag("hoist")) if form.has("hoist") else role.hoist
    role.mentionable = bool(form.flag("mentionable")) if form.has("mentionable") else role.mentionable
    if form.raw("icon") is not None or form.raw("unicode_emoji") is not None:
        raise needs_boosts()


def needs_boosts() -> ApiError:
    """Return 50101: a paid feature that guilds of the stand-in do not have."""
    return ApiError(400, 50101, "This server needs more boosts to perform this action")


def _require_held(held: int, bits: int) -> None:
    if bits & ~held:
        raise missing_permissions()


def _tell(world: World, name: str, role: Role) -> None:
    world.emit(name, {"guild_id": str(role.guild_id), "role": role_payload(role)}, guild_id=role.guild_id)
