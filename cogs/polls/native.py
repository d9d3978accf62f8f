"""Handing quick polls over to Discord, and hearing from it what becomes of them."""

import asyncio
from contextlib import suppress

import discord
import structlog
from discord.ext import commands

from bot.app import App
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from bot.polls.native import hours_of, why_not
from bot.polls.rules import GONE
from bot.polls.types import Poll, PollPhase
from cogs.polls.board import Board
from cogs.polls.cards.native import native_ended_card, native_panel_card, native_posted_card, offer_card
from cogs.polls.cards.open import preview_card
from cogs.polls.controls import FEATURE, number_of
from cogs.polls.handover import Natives
from cogs.polls.people import actor_of, on_private_card
from cogs.ui.controls import Interaction, on_press
from cogs.ui.reply import Reply
from cogs.ui.watch import UNREACHABLE

log = structlog.stdlib.get_logger(__name__)


class NativeCog(commands.Cog):
    """Discord's own polls: their buttons, and the events that tell of them."""

    def __init__(self, app: App, board: Board, natives: Natives) -> None:
        self._app = app
        self._polls = app.polls
        self._board = board
        self._natives = natives
        self._looking: asyncio.Task[None] | None = None

    async def cog_unload(self) -> None:
        """Look no further."""
        if self._looking:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Once after a start, see what became of polls while nobody listened: ended before their time, or deleted."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_at_all(), name="look-at-native-polls")

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Hear that a poll is over: by its time, or ended by whoever may."""
        poll_id = self._polls.native_of(payload.message_id)
        if poll_id is None or payload.message.poll is None:
            return
        ends_at = payload.message.poll.expires_at
        if payload.message.poll.is_finalised() or (ends_at and ends_at <= self._app.clock()):
            with suppress(NotFoundError):
                await self._polls.over(poll_id, ends_at or self._app.clock())

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Hear that a poll's message is gone, and its votes with it."""
        await self._gone(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Hear the same of many messages at once."""
        for message_id in payload.message_ids:
            await self._gone(message_id)

    @on_press(FEATURE, "offernative")
    async def offer(self, interaction: Interaction, key: str) -> None:
        """Say what it means."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll = await self._polls.load(number_of(key), actor_of(interaction))
            if poll.phase is not PollPhase.DRAFT:
                raise ClosedError("This poll has been posted already.")
            now = self._app.clock()
            if reason := why_not(poll, now):
                raise InvalidInputError("native", f"This cannot be one of Discord's own polls: {reason}.")
            await reply.send(offer_card(poll, hours_of(poll, now)))

    @on_press(FEATURE, "preview")
    async def preview(self, interaction: Interaction, key: str) -> None:
        """Go back to the preview."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll = await self._polls.load(number_of(key), actor_of(interaction))
            if poll.phase is not PollPhase.DRAFT:
                raise ClosedError("This poll has been posted already.")
            await reply.send(preview_card(poll))

    @on_press(FEATURE, "postnative")
    async def post(self, interaction: Interaction, key: str) -> None:
        """Open the poll and post it."""
        _require_polls_here(interaction, self._polls.peek(number_of(key), actor_of(interaction).guild_id))
        async with Reply(interaction, replaces=True) as reply:
            count = await self._polls.open_native(number_of(key), actor_of(interaction))
            await reply.send(native_posted_card(await self._board.post(count)))

    @on_press(FEATURE, "endnative")
    async def end(self, interaction: Interaction, key: str) -> None:
        """End the poll before its time."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll_id, actor = number_of(key), actor_of(interaction)
            count = await self._polls.manage(poll_id, actor)
            if not count.poll.is_native:
                raise NotFoundError(GONE)
            if count.poll.phase is not PollPhase.OPEN:
                await reply.send(native_panel_card(count))
                return
            await self._natives.end(count.poll)
            poll = (await self._polls.get(poll_id, actor.guild_id)).poll
            await reply.send(native_ended_card(poll))

    async def _gone(self, message_id: int) -> None:
        poll_id = self._polls.native_of(message_id)
        if poll_id is not None:
            await self._natives.take(poll_id, None)

    async def _look_at_all(self) -> None:
        for poll_id in self._polls.natives():
            try:
                await self._natives.look((await self._polls.live(poll_id)).poll)
            except NotFoundError:
                continue
            except (discord.HTTPException, *UNREACHABLE) as error:
                # its timer looks again at its end
                log.warning("a poll of Discord's own could not be looked at", poll=poll_id, error=type(error).__name__)


def _require_polls_here(interaction: Interaction, poll: Poll | None) -> None:
    """See that Discord lets us post polls, where it is to be posted here."""
    if poll is not None and poll.channel_id != interaction.channel_id:
        return
    if not interaction.app_permissions.send_polls:
        raise NotAllowedError(
            "I cannot post Discord's own polls here: I lack “Create Polls”. Somebody who manages the server can grant "
            "it in the channel's settings. “Back” leads to the preview, which posts the poll as a card."
        )
