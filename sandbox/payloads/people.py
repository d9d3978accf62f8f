"""Users, members, roles and applications as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.base import iso

if TYPE_CHECKING:
    from sandbox.model import Application, Json, Member, Role, User
    from sandbox.world import World


def user_payload(user: User) -> Json:
    """Return a user object."""
    return {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0000" if user.bot else "0",
        "global_name": user.global_name,
        "avatar": user.avatar,
        "bot": user.bot,
        "system": False,
        "public_flags": user.flags,
        "flags": user.flags,
        "banner": None,
        "accent_color": None,
        "avatar_decoration_data": None,
        "clan": None,
        "primary_guild": None,
    }


def own_user_payload(user: User) -> Json:
    """Return a user object with what only its owner sees (READY, /users/@me)."""
    return {**user_payload(user), "verified": True, "email": None, "mfa_enabled": True, "locale": "en-US"}


def member_payload(world: World, member: Member, *, with_user: bool = True) -> Json:
    """Return a member object; message events leave the user out of it."""
    payload: Json = {
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role) for role in member.roles],
        "joined_at": iso(member.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": member.flags,
        "pending": False,
        "communication_disabled_until": iso(member.timed_out_until),
    }
    if with_user:
        payload["user"] = user_payload(world.users[member.user_id])
    return payload


def role_payload(role: Role) -> Json:
    """Return a role object."""
    payload: Json = {
        "id": str(role.id),
        "name": role.name,
        "description": None,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": role.hoist,
        "icon": None,
        "unicode_emoji": None,
        "managed": role.managed,
        "mentionable": role.mentionable,
        "flags": role.flags,
    }
    if role.tags:
        payload["tags"] = role.tags
    return payload


def application_payload(world: World, app: Application) -> Json:
    """Return an application object as its own bot sees it."""
    owner = world.users.get(app.owner_id or 0) or world.users[app.user_id]
    return {
        "id": str(app.id),
        "name": app.name,
        "icon": None,
        "description": app.description,
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": app.public_key,
        "flags": app.flags,
        "flags_new": str(app.flags),
        "type": None,
        "hook": True,
        "bot": user_payload(world.users[app.user_id]),
        "owner": user_payload(owner),
        "team": None,
        "rpc_origins": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": sum(1 for _ in world.guilds_of(app.user_id)),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["applications.commands", "bot"],
        "integration_types_config": {"0": {}},
    }
