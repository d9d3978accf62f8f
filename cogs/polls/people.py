"""Who presses a control, as the service wants to know it."""

import discord
from discord import app_commands

from bot.polls.types import Actor, Voter
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


def actor_of(interaction: Interaction) -> Actor:
    """Return who asks, with their rights at this moment."""
    return Actor(guild_of(interaction), interaction.user.id, is_moderator(interaction))


def voter_of(interaction: Interaction) -> Voter:
    """Return who votes, with the roles that they have at this moment."""
    user = interaction.user
    if not isinstance(user, discord.Member):
        return Voter(guild_of(interaction), user.id)
    return Voter(guild_of(interaction), user.id, frozenset(role.id for role in user.roles), user.joined_at)


def on_private_card(interaction: Interaction) -> bool:
    """Say whether a control or form came from a message that this person alone sees, and that may be replaced."""
    return interaction.message is not None and interaction.message.flags.ephemeral
