"""Who may set a server up; looked at again at every use, since a card may be old."""

from discord import app_commands

from bot.errors import NotAllowedError
from cogs.ui.controls import Interaction


def manager(interaction: Interaction) -> int:
    """Return the server that this person manages.

    Raises:
        NotAllowedError: they do not.
    """
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    rights = interaction.permissions
    if not (rights.manage_guild or rights.administrator):
        raise NotAllowedError("Only people who manage this server (Manage Server) can set it up.")
    return interaction.guild_id
