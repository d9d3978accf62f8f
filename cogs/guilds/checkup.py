"""What the bot may do in a channel, and where what it lacks is granted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import discord

from bot.guilds.types import Purpose
from cogs.ui.checks import NEEDED, missing
from cogs.ui.errors import NO_ACCESS, UNKNOWN_CHANNEL

# the log is lines of text, nothing else
_FOR_LOG = ("view_channel", "send_messages")


@dataclass(frozen=True, slots=True)
class Lack:
    """A permission that is missing; `everywhere` when the bot's role lacks it, and not this channel alone."""

    name: str
    reason: str
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """How things stand in one channel; `purpose` is None for the channel that was asked in, `gone` when deleted."""

    channel_id: int
    purpose: Purpose | None
    lacks: Sequence[Lack] = ()
    gone: bool = False

    @property
    def holds(self) -> bool:
        """Whether the bot can do there what it is to do."""
        return not self.lacks and not self.gone


async def check_up(
    interaction: discord.Interaction[discord.Client], channels: Mapping[Purpose, int]
) -> tuple[Finding, ...]:
    """Look at the channel of the interaction and at each that is set."""
    guild, here = interaction.guild, interaction.channel
    role = guild.me.guild_permissions if guild else interaction.app_permissions
    found: list[Finding] = []
    if here is not None:
        lacking = missing(interaction.app_permissions, thread=isinstance(here, discord.Thread))
        found.append(Finding(here.id, None, _lacks(lacking, role)))
    for purpose, channel_id in channels.items():
        found.append(await _look(guild, channel_id, purpose, role))
    return tuple(found)


async def _look(guild: discord.Guild | None, channel_id: int, purpose: Purpose, role: discord.Permissions) -> Finding:
    channel = guild.get_channel_or_thread(channel_id) if guild else None
    if guild and channel is None:
        try:
            channel = await guild.fetch_channel(channel_id)
        except discord.HTTPException as error:
            if error.code == NO_ACCESS:
                return Finding(channel_id, purpose, _lacks(["view_channel"], role))
            if error.code != UNKNOWN_CHANNEL:
                raise
        except discord.InvalidData:
            # it is in another server now, which Discord does not do, or was never in this one
            channel = None
    if guild is None or channel is None:
        return Finding(channel_id, purpose, gone=True)
    lacking = missing(channel.permissions_for(guild.me), thread=isinstance(channel, discord.Thread))
    if purpose is Purpose.LOG:
        lacking = [name for name in lacking if name in _FOR_LOG]
    return Finding(channel_id, purpose, _lacks(lacking, role))


def _lacks(names: Sequence[str], role: discord.Permissions) -> tuple[Lack, ...]:
    # who does not see a channel may do nothing else in it, whatever is granted
    names = ["view_channel"] if "view_channel" in names else names
    granted = discord.Permissions.all() if role.administrator else role
    return tuple(Lack(name, NEEDED[name], everywhere=not getattr(granted, name)) for name in names)
