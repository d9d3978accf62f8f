"""Keeps Discord's list of the bot's commands as the code has it, and leaves it alone when it is so already.

Registering costs a daily budget and makes clients reload, so it is not done at every start.
"""

from collections.abc import Mapping
from typing import Any, cast

from discord.ext import commands

# what Discord fills in when it is left out
_DEFAULTS: Mapping[str, Any] = {
    "type": 1,
    "description": "",
    "options": [],
    "choices": [],
    "required": False,
    "autocomplete": False,
    "nsfw": False,
}
# Discord's own bookkeeping
_IGNORED = {"id", "application_id", "version", "guild_id", "handler", "dm_permission", "default_permission"}


async def sync_commands(client: commands.AutoShardedBot) -> bool:
    """Register the commands when they differ from what Discord has; return whether they did."""
    application_id = client.application_id
    if application_id is None:
        msg = "not logged in"
        raise RuntimeError(msg)
    known: list[Any] = await client.http.get_global_commands(application_id)
    ours = [command.to_dict(client.tree) for command in client.tree.get_commands()]
    if normal_set(known) == normal_set(ours):
        return False
    await client.tree.sync()
    return True


def normal_set(listed: list[Any]) -> list[Any]:
    """Return commands in one order and form, so that two lists that mean the same are equal."""
    return sorted(map(normal, listed), key=lambda command: (command.get("type", 1), command["name"]))


def normal(part: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a command, option or choice without what means nothing."""
    if isinstance(part, list):
        return [normal(one) for one in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    kept: dict[str, Any] = {}
    for name, value in cast("dict[str, Any]", part).items():
        if name in _IGNORED or value is None or (name in _DEFAULTS and value == _DEFAULTS[name]):
            continue
        if name in {"contexts", "integration_types"}:
            kept[name] = sorted(value)
        else:
            # the library writes these bits as a number, Discord as text
            kept[name] = str(value) if name == "default_member_permissions" else normal(value)
    return kept
