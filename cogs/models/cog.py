"""/models, its list and its cards."""

from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.backends.base import Egress
from bot.backends.listing import STATES, Line, lines_of
from bot.errors import NotFoundError
from cogs.models.cards import in_order, list_card, model_card, page_with, pages_of
from cogs.models.controls import FEATURE, key_of, page_of
from cogs.ui.controls import Interaction, on_choose, on_press
from cogs.ui.reply import Reply
from cogs.ui.text import clip, listed

_MOST_CHOICES = 25
_MOST_SUGGESTED = 3
_LONGEST_NAME = 100


class ModelsCog(commands.Cog):
    """Models on Discord."""

    def __init__(self, app: App) -> None:
        self._registry = app.registry
        self._catalog = app.registry.catalog
        self._guilds = app.guilds

    @app_commands.command(
        name="models", description="Which models there are, how open they are, and who can answer now"
    )
    @app_commands.describe(name="A model to look at; without it, all are listed")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def models(
        self, interaction: Interaction, name: app_commands.Range[str, 1, _LONGEST_NAME] | None = None
    ) -> None:
        """Show the list, or one model's card."""
        if name is None:
            await self._show_page(interaction, 0, replaces=False)
        else:
            await self._show_model(interaction, self._named(name), replaces=False)

    @models.autocomplete("name")
    async def complete(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the models that fit what is typed."""
        found = in_order(self._lines()) if not typed.strip() else self._found(typed)
        return [
            app_commands.Choice(
                name=clip(f"{line.card.name} · {line.card.openness.value} · {STATES[line.health.state]}", 100),
                value=line.card.key,
            )
            for line in found[:_MOST_CHOICES]
        ]

    @on_press(FEATURE, "page")
    async def page(self, interaction: Interaction, key: str) -> None:
        """Show a page of the list."""
        await self._show_page(interaction, page_of(key))

    @on_press(FEATURE, "next")
    async def next(self, interaction: Interaction, key: str) -> None:
        """Show the page after this one."""
        await self._show_page(interaction, page_of(key))

    @on_press(FEATURE, "again")
    async def again(self, interaction: Interaction, key: str) -> None:
        """Show the same page as things are now."""
        await self._show_page(interaction, page_of(key))

    @on_choose(FEATURE, "show")
    async def show(self, interaction: Interaction, _key: str, values: tuple[str, ...]) -> None:
        """Show the model that was chosen."""
        await self._show_model(interaction, "".join(values[:1]))

    @on_press(FEATURE, "look")
    async def look(self, interaction: Interaction, key: str) -> None:
        """Show the same model as things are now."""
        await self._show_model(interaction, key_of(key))

    async def _show_page(self, interaction: Interaction, page: int, *, replaces: bool = True) -> None:
        async with Reply(interaction, replaces=replaces) as reply:
            egress = await self._egress(interaction)
            lines = self._lines()
            pages = pages_of(lines, egress)
            await reply.send(list_card(pages[min(page, len(pages) - 1)], lines, egress))

    async def _show_model(self, interaction: Interaction, key: str, *, replaces: bool = True) -> None:
        async with Reply(interaction, replaces=replaces) as reply:
            egress = await self._egress(interaction)
            lines = self._lines()
            line = next((line for line in lines if line.card.key == key), None)
            if line is None:
                raise NotFoundError(f"There is no model “{clip(key, 60)}” any more. /models lists all.")
            await reply.send(model_card(line, egress, page_with(key, pages_of(lines, egress))))

    async def _egress(self, interaction: Interaction) -> Egress:
        return (await self._guilds.get(interaction.guild_id or 0)).models.egress

    def _lines(self) -> list[Line]:
        return lines_of(self._catalog.cards.values(), self._registry.health())

    def _found(self, typed: str) -> list[Line]:
        health = self._registry.health()
        return [line for card in self._catalog.find(typed) for line in lines_of([card], health)]

    def _named(self, typed: str) -> str:
        """Return the key of the model that was typed: its key or name, or the only one that fits.

        Raises:
            NotFoundError: none fits, or several do.
        """
        if self._catalog.get(typed):
            return typed
        found = self._catalog.find(typed)
        if len(found) == 1 or (found and found[0].name.casefold() == typed.strip().casefold()):
            return found[0].key
        shown = clip(typed, 60)
        if not found:
            raise NotFoundError(f"There is no model “{shown}” here. /models lists all.")
        names = [card.name for card in found[:_MOST_SUGGESTED]]
        rest = len(found) - len(names)
        fits = listed([*names, *([f"{rest} more"] if rest else [])])
        raise NotFoundError(f"“{shown}” fits {fits}. Choose one from the list while you type.")
