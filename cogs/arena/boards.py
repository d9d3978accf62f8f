"""Boards and what belongs to them: pairs, history, fair play, the file of votes."""

from dataclasses import replace
from io import BytesIO

import discord
from discord import ui
from discord.ext import commands

from bot.app import App
from bot.arena.types import Board
from bot.errors import InvalidInputError
from cogs.arena.cards.board import AXIS, CHART, board_card, part_of, ranges_of
from cogs.arena.cards.fair import FILE, fair_card, file_card
from cogs.arena.cards.meetings import (
    HISTORY_CHART,
    PAIRS_CHART,
    curves_of,
    history_card,
    matrix_of,
    pairs_card,
)
from cogs.arena.controls import FEATURE, BoardKey, board_of, number_of
from cogs.arena.people import actor_of, guild_of, on_private_card
from cogs.ui.chart_lines import draw_lines
from cogs.ui.chart_matrix import draw_matrix
from cogs.ui.chart_ranges import draw_ranges
from cogs.ui.checks import is_moderator, require_post_here
from cogs.ui.controls import Interaction, on_choose, on_press
from cogs.ui.reply import Reply


class ArenaBoardsCog(commands.Cog):
    """The controls on boards. A board is shown to whoever asks; Post puts it into the channel."""

    def __init__(self, app: App) -> None:
        self._arena = app.arena

    async def show(self, interaction: Interaction, reply: Reply, key: BoardKey, *, posted: bool = False) -> None:
        """Answer with a board and its chart."""
        board = await self._board(interaction, key)
        rows = ranges_of(board, part_of(board, key)[0])
        files = [_file(await draw_ranges(rows, axis=AXIS), CHART)] if rows else []
        await reply.send(board_card(board, key, chart=bool(files), posted=posted), files)

    @on_press(FEATURE, "show")
    async def show_(self, interaction: Interaction, _key: str) -> None:
        """Show the board beside what is there."""
        async with Reply(interaction) as reply:
            await self.show(interaction, reply, BoardKey())

    @on_press(FEATURE, "board")
    async def board(self, interaction: Interaction, key: str) -> None:
        """Show another board in the place of this one."""
        await self._turn(interaction, board_of(key))

    @on_press(FEATURE, "count")
    async def count(self, interaction: Interaction, key: str) -> None:
        """Show the board with or without what is left out."""
        await self._turn(interaction, board_of(key))

    @on_press(FEATURE, "earlier")
    async def earlier(self, interaction: Interaction, key: str) -> None:
        """Show the page before."""
        await self._turn(interaction, board_of(key))

    @on_press(FEATURE, "later")
    async def later(self, interaction: Interaction, key: str) -> None:
        """Show the page after."""
        await self._turn(interaction, board_of(key))

    @on_choose(FEATURE, "part")
    async def part(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Show the board of another task or language."""
        if not values:
            raise InvalidInputError("part", "Choose a board.")
        await self._turn(interaction, replace(board_of(key), part=values[0]))

    @on_press(FEATURE, "post")
    async def post(self, interaction: Interaction, key: str) -> None:
        """Post the board in the channel as it is now."""
        require_post_here(interaction)
        async with Reply(interaction, private=False) as reply:
            await self.show(interaction, reply, board_of(key), posted=True)

    @on_press(FEATURE, "pairs")
    async def pairs(self, interaction: Interaction, key: str) -> None:
        """Show how often each won against each."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            board = await self._board(interaction, board_of(key))
            here, _ = part_of(board, board_of(key))
            names, cells = matrix_of(board, here)
            files: list[discord.File] = []
            if names:
                files.append(_file(await draw_matrix(names, names, cells, title="Row against column"), PAIRS_CHART))
            await reply.send(pairs_card(board, here, chart=bool(files)), files)

    @on_press(FEATURE, "history")
    async def history(self, interaction: Interaction, key: str) -> None:
        """Show how ratings moved."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            history = await self._arena.history(guild_of(interaction))
            lines, labels = curves_of(history)
            files = [_file(await draw_lines(lines, labels, axis="Rating"), HISTORY_CHART)] if lines else []
            await reply.send(history_card(history, board_of(key), chart=bool(files)), files)

    @on_press(FEATURE, "fair")
    async def fair(self, interaction: Interaction, key: str) -> None:
        """Show what is left out and why."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await reply.send(await self._fair(interaction, board_of(key)))

    @on_choose(FEATURE, "exclude")
    async def exclude(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Leave a voter's votes out."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            number, actor = _chosen(values), actor_of(interaction)
            await self._arena.exclude(actor.guild_id, number, actor)
            note = f"**Voter {number} is excluded.** The board leaves their votes out from now on."
            await reply.send(await self._fair(interaction, board_of(key), note))

    @on_choose(FEATURE, "lift")
    async def lift(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Count a voter's votes again."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await self._arena.lift(_chosen(values), actor_of(interaction))
            note = "**The exclusion is lifted.** The board counts their votes again."
            await reply.send(await self._fair(interaction, board_of(key), note))

    @on_press(FEATURE, "file")
    async def file(self, interaction: Interaction, _key: str) -> None:
        """Hand out the file of votes."""
        async with Reply(interaction, keep="Arena votes") as reply:
            file = await self._arena.vote_file(guild_of(interaction))
            await reply.send(file_card(file), [_file(file.content, FILE)])

    async def _turn(self, interaction: Interaction, key: BoardKey) -> None:
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await self.show(interaction, reply, key)

    async def _fair(self, interaction: Interaction, key: BoardKey, note: str = "") -> ui.LayoutView:
        guild_id = guild_of(interaction)
        fair = await self._arena.fair_play(guild_id)
        boards = (
            await self._arena.board(guild_id, key.by, everything=False),
            await self._arena.board(guild_id, key.by, everything=True),
        )
        here, _ = part_of(boards[0], key)
        here = replace(here, everything=key.everything)
        return fair_card(fair, here, boards, moderator=is_moderator(interaction), note=note)

    async def _board(self, interaction: Interaction, key: BoardKey) -> Board:
        return await self._arena.board(guild_of(interaction), key.by, everything=key.everything)


def _chosen(values: tuple[str, ...]) -> int:
    if not values:
        raise InvalidInputError("voter", "Choose a voter.")
    return number_of(values[0])


def _file(content: bytes, name: str) -> discord.File:
    return discord.File(BytesIO(content), name)
