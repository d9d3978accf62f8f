"""/poll, the buttons of polls, and the moment a poll is due."""

from collections.abc import Mapping
from io import BytesIO

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.errors import InvalidInputError, NotFoundError
from bot.polls.service import MOST_LISTED, POLL_DUE, Actor
from bot.polls.types import PollDraft, PollPhase, PollResult
from bot.refs import new_reference
from cogs.polls import cards
from cogs.polls.controls import FEATURE, NEW, number_of, poll_form, vote_of
from cogs.ui.charts import draw_bars
from cogs.ui.checks import is_moderator, require_post_here
from cogs.ui.controls import Interaction, on_press, on_submit
from cogs.ui.forms import Typed, open_form
from cogs.ui.reply import Reply
from cogs.ui.stream import Refresher
from cogs.ui.submitted import Submitted
from cogs.ui.times import parse_time

log = structlog.stdlib.get_logger(__name__)


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class PollsCog(commands.GroupCog, group_name="poll", group_description="Ask the server something"):
    """Polls on Discord."""

    def __init__(self, client: discord.Client, app: App) -> None:
        self._client = client
        self._app = app
        self._polls = app.polls
        self._typed: Typed[Mapping[str, str]] = Typed()
        self._refresher = Refresher(self._refresh)

    async def cog_load(self) -> None:
        """Take the timer's event."""
        self._app.timers.listen(POLL_DUE, self.poll_due)

    async def cog_unload(self) -> None:
        """Leave no card behind the count."""
        self._app.timers.mute(POLL_DUE)
        await self._refresher.close()

    @app_commands.command(name="create", description="Write a poll; you see it before anybody else does")
    async def create(self, interaction: Interaction) -> None:
        """Open the form."""
        require_post_here(interaction)
        await open_form(interaction, poll_form(NEW, {}))

    @app_commands.command(name="list", description="Show the polls that are open in this server")
    async def list_(self, interaction: Interaction) -> None:
        """Show the open polls."""
        async with Reply(interaction) as reply:
            counts = await self._polls.list_open(_guild(interaction))
            await reply.send(cards.list_card(counts, MOST_LISTED))

    @on_submit(FEATURE, "write")
    async def write(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Turn the form into a draft and show it, or say what does not fit."""
        typed = submitted.texts
        async with Reply(interaction, replaces=interaction.message is not None) as reply:
            try:
                poll = await self._polls.draft(self._read(interaction, typed))
            except InvalidInputError as error:
                token = new_reference()
                self._typed.keep(token, {**typed, "key": key})
                await reply.send(cards.mistake_card(error, typed, token))
                return
            if key != NEW:
                await self._polls.discard(number_of(key), _actor(interaction))
                self._typed.drop(key)
            self._typed.keep(str(poll.poll_id), typed)
            await reply.send(cards.preview_card(poll))

    @on_press(FEATURE, "retry")
    async def retry(self, interaction: Interaction, key: str) -> None:
        """Open the form again with what was typed; after a restart it opens empty."""
        typed = self._typed.get(key) or {}
        await open_form(interaction, poll_form(typed.get("key", NEW), typed))

    @on_press(FEATURE, "edit")
    async def edit(self, interaction: Interaction, key: str) -> None:
        """Open the form with what the draft says."""
        typed = self._typed.get(key)
        if typed is None:
            raise NotFoundError("This draft can be posted or discarded, but no longer edited: I have restarted since.")
        await open_form(interaction, poll_form(key, typed))

    @on_press(FEATURE, "discard")
    async def discard(self, interaction: Interaction, key: str) -> None:
        """Throw the draft away."""
        async with Reply(interaction, replaces=True) as reply:
            await self._polls.discard(number_of(key), _actor(interaction))
            self._typed.drop(key)
            await reply.send(cards.discarded_card())

    @on_press(FEATURE, "post")
    async def post(self, interaction: Interaction, key: str) -> None:
        """Open the poll and post its card where the command was used."""
        require_post_here(interaction)
        async with Reply(interaction, replaces=True) as reply:
            count = await self._polls.open(number_of(key), _actor(interaction))
            poll = count.poll
            try:
                message = await self._channel(poll.guild_id, poll.channel_id).send(view=cards.open_card(count))
            except BaseException:
                await self._polls.withdraw(poll.poll_id)
                raise
            self._typed.drop(key)
            poll = await self._polls.posted(poll.poll_id, message.id)
            await reply.send(cards.posted_card(poll))

    @on_press(FEATURE, "vote")
    async def vote(self, interaction: Interaction, key: str) -> None:
        """Count a press and say so to the voter alone."""
        poll_id, position = vote_of(key)
        async with Reply(interaction) as reply:
            receipt = await self._polls.vote(poll_id, _guild(interaction), interaction.user.id, position)
            self._refresher.touch(poll_id)
            await reply.send(cards.receipt_card(receipt))

    @on_press(FEATURE, "manage")
    async def manage(self, interaction: Interaction, key: str) -> None:
        """Show what can be done to those who may."""
        async with Reply(interaction) as reply:
            count = await self._polls.manage(number_of(key), _actor(interaction))
            await reply.send(cards.manage_card(count))

    @on_press(FEATURE, "close")
    async def close(self, interaction: Interaction, key: str) -> None:
        """Close the poll and show its result."""
        async with Reply(interaction, replaces=True) as reply:
            result = await self._polls.close_now(number_of(key), _actor(interaction))
            await self._show(result)
            await reply.send(cards.closed_card(result))

    async def poll_due(self, poll_id: int) -> None:
        """Close a poll whose time has come."""
        result = await self._polls.due(poll_id)
        if result is not None:
            await self._show(result)

    async def _show(self, result: PollResult) -> None:
        """Turn the card into the result; whoever deleted the card or took our access away wants none."""
        poll = result.poll
        await self._refresher.settle(poll.poll_id)
        chart = discord.File(BytesIO(await draw_bars(cards.chart_bars(result))), cards.CHART)
        channel = self._channel(poll.guild_id, poll.channel_id)
        view = cards.result_card(result)
        try:
            if poll.message_id is None:
                # the bot was stopped between posting and noting where
                await channel.send(view=view, file=chart)
            else:
                await channel.get_partial_message(poll.message_id).edit(view=view, attachments=[chart])
        except (discord.NotFound, discord.Forbidden) as error:
            log.warning("a result has nowhere to go", poll=poll.poll_id, guild=poll.guild_id, error=error.text)
        await self._polls.shown(poll.poll_id)

    async def _refresh(self, poll_id: int) -> None:
        """Show the present turnout on an open poll's card."""
        count = await self._polls.count(poll_id)
        poll = count.poll
        if poll.phase is PollPhase.OPEN and poll.message_id is not None:
            message = self._channel(poll.guild_id, poll.channel_id).get_partial_message(poll.message_id)
            await message.edit(view=cards.open_card(count))

    def _read(self, interaction: Interaction, typed: Mapping[str, str]) -> PollDraft:
        now = self._app.clock()
        return PollDraft(
            guild_id=_guild(interaction),
            channel_id=interaction.channel_id or 0,
            creator_id=interaction.user.id,
            question=typed.get("question", ""),
            options=tuple(typed.get("options", "").splitlines()),
            closes_at=parse_time(typed.get("closes", ""), now, self._app.settings.zone, field="closes"),
        )

    def _channel(self, guild_id: int, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id)


def _guild(interaction: Interaction) -> int:
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id


def _actor(interaction: Interaction) -> Actor:
    return Actor(_guild(interaction), interaction.user.id, is_moderator(interaction))
