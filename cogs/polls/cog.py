"""/poll, the lists of polls, and the moments when a poll is due."""

import asyncio
from contextlib import suppress

import discord
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.errors import NotFoundError
from bot.polls.service import POLL_DUE, POLL_REMINDER_DUE
from bot.polls.templates import templates
from bot.polls.types import PollKind, PollLists
from cogs.polls import forms
from cogs.polls.board import Board
from cogs.polls.cards.lists import list_card
from cogs.polls.controls import FEATURE, list_of
from cogs.polls.counted import CountedCog
from cogs.polls.managing import ManagingCog
from cogs.polls.native import NativeCog
from cogs.polls.people import guild_of
from cogs.polls.proposing import ProposingCog
from cogs.polls.ranked import RankedCog
from cogs.polls.voting import VotingCog
from cogs.polls.writing import WritingCog, require_post_home
from cogs.ui.controls import Interaction, on_press
from cogs.ui.forms import open_form
from cogs.ui.reply import Reply
from cogs.ui.reports import concerns

_MOST_OFFERED = 25


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class PollsCog(commands.GroupCog, group_name="poll", group_description="Ask the server something"):
    """The commands and the timers of polls."""

    def __init__(self, client: discord.Client, app: App, board: Board) -> None:
        self._client = client
        self._app = app
        self._polls = app.polls
        self._board = board
        self._left_over: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Take the timers' events."""
        self._app.timers.listen(POLL_DUE, self.poll_due)
        self._app.timers.listen(POLL_REMINDER_DUE, self.poll_reminder_due)

    async def cog_unload(self) -> None:
        """Let go of them, and leave no card behind the count."""
        self._app.timers.mute(POLL_DUE)
        self._app.timers.mute(POLL_REMINDER_DUE)
        if self._left_over:
            self._left_over.cancel()
            with suppress(asyncio.CancelledError):
                await self._left_over
        await self._board.close()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Once after a start, put up what was opened when the bot was stopped."""
        if self._left_over is None:
            self._left_over = asyncio.create_task(self._board.post_left_over(), name="post-left-over")

    @app_commands.command(name="create", description="Write a poll; you see it before anybody else does")
    @app_commands.describe(template="A poll to start from")
    async def create(self, interaction: Interaction, template: str = "") -> None:
        """Open the form, empty or with what a template says."""
        settings = self._app.guilds.peek(guild_of(interaction))
        require_post_home(interaction, settings)
        filled = forms.filled_template(template) if template else {"kind": PollKind.SINGLE.value}
        await open_form(interaction, forms.poll_form(forms.NEW, filled, settings))

    @create.autocomplete("template")
    async def offer_templates(self, _interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the templates that have in their titles what was typed."""
        found = [one for one in templates() if typed.casefold() in one.title.casefold()]
        return [app_commands.Choice(name=one.title, value=one.key) for one in found[:_MOST_OFFERED]]

    @app_commands.command(name="list", description="Show the polls of this server: open ones, yours, and closed ones")
    async def list_(self, interaction: Interaction) -> None:
        """Show the open polls."""
        await self._list(interaction, PollLists.OPEN, 0, replaces=False)

    @on_press(FEATURE, "list")
    async def turn(self, interaction: Interaction, key: str) -> None:
        """Show another list."""
        await self._list(interaction, *list_of(key), replaces=True)

    @on_press(FEATURE, "earlier")
    async def earlier(self, interaction: Interaction, key: str) -> None:
        """Show the page before."""
        await self._list(interaction, *list_of(key), replaces=True)

    @on_press(FEATURE, "later")
    async def later(self, interaction: Interaction, key: str) -> None:
        """Show the page after."""
        await self._list(interaction, *list_of(key), replaces=True)

    async def poll_due(self, poll_id: int) -> None:
        """Close a poll whose time has come."""
        result = await self._polls.due(poll_id)
        if result is None:
            return
        if result.poll.is_native:
            with concerns(result.poll.guild_id):
                await self._board.natives.look(result.poll)
            return
        # deleted while it was counted: then nobody waits for the result
        with concerns(result.poll.guild_id), suppress(NotFoundError):
            if not await self._board.show_result(result):
                await self._board.miss(result.poll, "result")

    async def poll_reminder_due(self, poll_id: int) -> None:
        """Remind people of a poll that is about to close."""
        reminder = await self._polls.reminder_due(poll_id)
        if reminder is None:
            return
        with concerns(reminder.poll.guild_id):
            sent = await self._board.remind(reminder)
            await (self._polls.reminded if sent else self._polls.not_reminded)(poll_id)
            if not sent:
                await self._board.miss(reminder.poll, "reminder")

    async def _list(self, interaction: Interaction, which: PollLists, page: int, *, replaces: bool) -> None:
        async with Reply(interaction, replaces=replaces) as reply:
            found = await self._polls.list_polls(guild_of(interaction), which, interaction.user.id, page)
            await reply.send(list_card(found))


def poll_cogs(client: discord.Client, app: App) -> list[commands.Cog]:
    """Build the cogs of polls, which share one board."""
    board = Board(client, app)
    return [
        PollsCog(client, app, board),
        WritingCog(client, app, board),
        VotingCog(app, board),
        RankedCog(app, board),
        CountedCog(app),
        ManagingCog(app, board),
        ProposingCog(app, board),
        NativeCog(app, board, board.natives),
    ]
