"""How polls are counted, shown to whoever may see the result; and the file to count again."""

from io import BytesIO

import discord
from discord.ext import commands

from bot.app import App
from bot.errors import NotFoundError
from bot.polls.types import PollResult, Tally
from cogs.polls.cards.counted import (
    PICTURE,
    TEXT,
    comparison_card,
    counted_card,
    explained_card,
    needs_file,
    recount_card,
)
from cogs.polls.cards.tables import table_of
from cogs.polls.controls import ALL_RULES, FEATURE, number_of
from cogs.polls.people import guild_of, on_private_card, voter_of
from cogs.ui.chart_matrix import draw_matrix
from cogs.ui.controls import Interaction, on_choose, on_press
from cogs.ui.reply import Reply


class CountedCog(commands.Cog):
    """The card behind "How it counts" and "How counted"."""

    def __init__(self, app: App) -> None:
        self._polls = app.polls

    @on_press(FEATURE, "explain")
    async def explain(self, interaction: Interaction, key: str) -> None:
        """Say how votes will be counted and who wins ties."""
        async with Reply(interaction) as reply:
            count = await self._polls.get(number_of(key), guild_of(interaction))
            await reply.send(explained_card(count.poll))

    @on_press(FEATURE, "counted")
    async def counted(self, interaction: Interaction, key: str) -> None:
        """Show how a poll was counted, by its own rule."""
        # on the private card of another rule it takes that card's place
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            result = await self._polls.results(number_of(key), voter_of(interaction))
            await self._show(reply, result, result.tally)

    @on_choose(FEATURE, "compare")
    async def compare(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Count the same ballots by another rule, or by all."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            result, comparison = await self._polls.comparison(number_of(key), voter_of(interaction))
            if values == (ALL_RULES,):
                await reply.send(comparison_card(result, comparison))
                return
            found = next((tally for tally in comparison.tallies if tally.method.value in values), None)
            if found is None:
                raise NotFoundError("These ballots cannot be counted that way. Please choose from the list.")
            is_own = found.method is result.poll.method
            await self._show(reply, result, (result.tally if is_own else None) or found)

    @on_press(FEATURE, "recount")
    async def recount(self, interaction: Interaction, key: str) -> None:
        """Hand out the signed file of a closed poll."""
        async with Reply(interaction, keep="Recount file") as reply:
            files = await self._polls.recount_file(number_of(key), voter_of(interaction))
            name = f"poll-{files.poll.poll_id}.json"
            file = discord.File(BytesIO(files.json), name)
            await reply.send(recount_card(files.poll, name, files.only_totals), [file])

    async def _show(self, reply: Reply, result: PollResult, tally: Tally | None) -> None:
        files: list[discord.File] = []
        text = None
        if tally is not None and (table := table_of(result.poll, tally)) is not None:
            drawn = await draw_matrix(table.rows, table.columns, table.cells, title=table.title)
            files.append(discord.File(BytesIO(drawn), PICTURE))
            if text := needs_file(result, tally):
                files.append(discord.File(BytesIO(text.encode()), TEXT))
        await reply.send(counted_card(result, tally, with_file=text is not None), files)
