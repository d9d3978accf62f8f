"""Application commands as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.base import sid

if TYPE_CHECKING:
    from sandbox.model import Command, Json

_LOCALIZED = ("name_localizations", "description_localizations")


def command_payload(command: Command, *, localizations: bool = True) -> Json:
    """Return an application command object; lists leave its translations out unless they are asked for."""
    payload: Json = {
        "id": str(command.id),
        "application_id": str(command.application_id),
        "version": str(command.version),
        **(command.body if localizations else _untranslated(command.body)),
    }
    if command.guild_id is not None:
        payload["guild_id"] = sid(command.guild_id)
    return payload


def command_permissions_payload(command: Command, guild_id: int) -> Json:
    """Return a command's permissions in a guild."""
    return {
        "id": str(command.id),
        "application_id": str(command.application_id),
        "guild_id": str(guild_id),
        "permissions": command.permissions.get(guild_id, []),
    }


def _untranslated(body: Json) -> Json:
    result = {key: value for key, value in body.items() if key not in _LOCALIZED}
    for nested in ("options", "choices"):
        if nested in result:
            result[nested] = [_untranslated(one) for one in result[nested]]
    return result
