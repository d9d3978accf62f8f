"""Who a message pings: what its text names, what its sender may ping and what `allowed_mentions` lets through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.permissions import P

if TYPE_CHECKING:
    from sandbox.model import Channel
    from sandbox.validate.message import Allowed
    from sandbox.world import World

_CODE = re.compile(r"```.*?```|``.+?``|`[^`]+`", re.DOTALL)
_USER = re.compile(r"<@!?([0-9]{1,20})>")
_ROLE = re.compile(r"<@&([0-9]{1,20})>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass(frozen=True, slots=True)
class Mentions:
    """Accounts and roles that a message pings, in the order of its text."""

    users: list[int]
    roles: list[int]
    everyone: bool = False


def find_mentions(
    world: World, channel: Channel, text: str, allowed: Allowed | None, bits: int, replied: int | None = None
) -> Mentions:
    """Return whom `text`, sent with the permissions `bits`, pings; `replied` is the author of the message replied to.

    Code pings nobody. Roles that are not mentionable, and @everyone, need Mention Everyone.
    """
    plain = _CODE.sub(" ", text) if "`" in text else text
    users: list[int] = []
    roles: list[int] = []
    everyone = False
    if "@" in plain:
        users = _unique(_USER.findall(plain), set(world.users))
        if channel.guild_id is not None:
            roles = _roles(world, channel.guild_id, plain, bits)
            everyone = bool(bits & P.MENTION_EVERYONE and _EVERYONE.search(plain))
    if allowed is not None:
        users = users if "users" in allowed.parse else [user for user in users if user in allowed.users]
        roles = roles if "roles" in allowed.parse else [role for role in roles if role in allowed.roles]
        everyone = everyone and "everyone" in allowed.parse
    if replied is not None and replied in world.users and (allowed is None or allowed.replied_user):
        users = [replied, *(user for user in users if user != replied)]
    return Mentions(users, roles, everyone)


def _roles(world: World, guild_id: int, text: str, bits: int) -> list[int]:
    known = world.guild_roles[guild_id]
    found = _unique(_ROLE.findall(text), set(known) - {guild_id})
    return [role for role in found if known[role].mentionable or bits & P.MENTION_EVERYONE]


def _unique(numbers: list[str], known: set[int]) -> list[int]:
    return list(dict.fromkeys(number for text in numbers if (number := int(text)) in known))
