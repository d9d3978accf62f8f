"""Who presses a control of the arena, as the service wants to know it."""

import discord
from discord import app_commands

from bot.arena.types import Actor, Challenger, Voter
from cogs.ui.checks import is_moderator
from cogs.ui.controls import Interaction


def guild_of(interaction: Interaction) -> int:
    """Return the server's id.

    Raises:
        NoPrivateMessage: it is no server.
    """
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id


def challenger_of(interaction: Interaction) -> Challenger:
    """Return who asks for a battle and where, with their roles at this moment."""
    user, channel = interaction.user, interaction.channel
    roles = frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset[int]()
    adults = isinstance(channel, discord.TextChannel | discord.Thread | discord.VoiceChannel) and channel.is_nsfw()
    return Challenger(
        guild_id=guild_of(interaction),
        channel_id=interaction.channel_id or 0,
        member_id=user.id,
        role_ids=roles,
        parent_channel_id=channel.parent_id if isinstance(channel, discord.Thread) else None,
        adults_only=adults,
    )


def actor_of(interaction: Interaction) -> Actor:
    """Return who wants to change something, with their rights at this moment."""
    return Actor(guild_of(interaction), interaction.user.id, is_moderator(interaction))


def voter_of(interaction: Interaction) -> Voter:
    """Return who votes."""
    return Voter(guild_of(interaction), interaction.user.id, interaction.user.created_at)


def on_private_card(interaction: Interaction) -> bool:
    """Say whether a control came from a message that this person alone sees, and that may be replaced."""
    return interaction.message is not None and interaction.message.flags.ephemeral
