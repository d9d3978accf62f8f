"""The buttons that list and open kept answers; their owner's alone."""

from discord.ext import commands

from bot.app import App
from bot.errors import NotFoundError
from cogs.answers.cards import list_card, opened_card
from cogs.ui.controls import Interaction, on_press
from cogs.ui.reply import ANSWERS, Reply

_LONGEST_ID = 18


class AnswersCog(commands.Cog):
    """Kept answers on Discord."""

    def __init__(self, app: App) -> None:
        self._answers = app.answers

    @on_press(ANSWERS, "list")
    async def list_(self, interaction: Interaction, _key: str) -> None:
        """Show what is kept for whoever pressed."""
        async with Reply(interaction) as reply:
            kept = await self._answers.list_for(interaction.guild_id or 0, interaction.user.id)
            await reply.send(list_card(kept))

    @on_press(ANSWERS, "open")
    async def open(self, interaction: Interaction, key: str) -> None:
        """Show an answer to its owner, and to nobody else."""
        async with Reply(interaction) as reply:
            if not key.isdecimal() or len(key) > _LONGEST_ID:
                raise NotFoundError("Nothing is kept for you here under this button.")
            answer = await self._answers.open(int(key), interaction.guild_id or 0, interaction.user.id)
            view, files = opened_card(answer)
            await reply.send(view, files)
