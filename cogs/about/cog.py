"""/help."""

import asyncio

from discord import app_commands
from discord.ext import commands

from bot.app import App
from cogs.about.cards import FIRST, SIGNATURES, TOPICS, help_card
from cogs.ui.controls import Interaction
from cogs.ui.reply import Reply


class AboutCog(commands.Cog):
    """Help."""

    def __init__(self, app: App) -> None:
        self._guilds = app.guilds
        self._signer = app.signer

    @app_commands.command(name="help", description="What this bot does and how to use it")
    @app_commands.describe(topic="What to read about")
    @app_commands.choices(topic=[app_commands.Choice(name=topic.name, value=key) for key, topic in TOPICS.items()])
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def help(self, interaction: Interaction, topic: str = FIRST) -> None:
        """Show a help page."""
        async with Reply(interaction) as reply:
            # what knows keys is loaded when first needed
            names = await asyncio.to_thread(self._signer.names) if topic == SIGNATURES else ("", "")
            await reply.send(help_card(topic, await self._guilds.get(interaction.guild_id or 0), *names))
