"""The cards of polls in their channels: put up, kept up to date, turned into results, taken down."""

import asyncio
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, cast
from weakref import WeakValueDictionary

import discord
import structlog
from discord import ui

from bot.app import App
from bot.polls.types import Poll, PollCount, PollPhase, PollResult, Reminder
from cogs.polls.cards.open import open_card, reminder_text
from cogs.polls.cards.result import CHART, chart_bars, result_card
from cogs.polls.controls import manage_id
from cogs.polls.handover import Natives
from cogs.ui.charts import draw_bars
from cogs.ui.controls import Host
from cogs.ui.errors import UNREACHABLE
from cogs.ui.reports import concerns
from cogs.ui.stream import Refresher

ARCHIVED = 50083
_SEARCHED = 50
"""Messages of a channel in which a card is looked for that was posted, but not noted."""

log = structlog.stdlib.get_logger(__name__)


class Board:
    """Everything that polls show to all; the cogs answer persons."""

    def __init__(self, client: discord.Client, app: App) -> None:
        self._client = client
        self._polls = app.polls
        self.natives = Natives(client, app)
        host = cast("Host", client)
        self._refresher = Refresher(self._refresh, pace=host.pace, failed=self._lags)
        self._reporter = host.reporter
        self._posting: set[int] = set()
        # a card is changed by one after the other, and each looks first at what the poll is by then
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def touch(self, poll_id: int) -> None:
        """Have the card show the present turnout soon."""
        self._refresher.touch(poll_id)

    async def close(self) -> None:
        """Leave no card behind the count."""
        await self._refresher.close()

    async def post(self, count: PollCount) -> Poll:
        """Put up the card of a poll that was just opened; makes it a draft again when Discord does not take it."""
        poll_id = count.poll.poll_id
        self._posting.add(poll_id)
        try:
            return await self._send(count)
        except (discord.HTTPException, *UNREACHABLE):
            # should it have arrived all the same, the nonce keeps the next attempt from posting it twice
            await self._polls.withdraw(poll_id)
            raise
        finally:
            self._posting.discard(poll_id)

    async def post_left_over(self) -> None:
        """Put up the polls that were opened when the bot was stopped, unless they are there already."""
        for count in await self._polls.unposted():
            poll_id = count.poll.poll_id
            if poll_id in self._posting:
                continue
            try:
                if count.poll.is_native:
                    if await self.natives.find(count.poll) is None:
                        await self._send(count)
                    continue
                found = await self._find(count.poll)
                if found is None:
                    await self._send(count)
                else:
                    await self._polls.posted(poll_id, found)
                    self.touch(poll_id)
            except (discord.HTTPException, *UNREACHABLE) as error:
                log.warning("a poll could not be posted", poll=poll_id, guild=count.poll.guild_id, error=str(error))
                await self._give_back(count.poll)

    async def show_open(self, poll_id: int) -> bool:
        """Show a poll as it is now, without its old result; puts up a new card where the old one is gone.

        Returns:
            Whether it is seen.
        """
        async with self._turn(poll_id):
            return await self._show_open(poll_id)

    async def show_result(self, result: PollResult) -> bool:
        """Turn the card into the result; whoever deleted the card or took our access away wants none there.

        Returns:
            Whether it is seen.

        Raises:
            NotFoundError: the poll was deleted meanwhile.
        """
        async with self._turn(result.poll.poll_id):
            return await self._show_result(result)

    async def take_down(self, poll: Poll) -> bool:
        """Remove the card of a deleted poll; says whether it is gone."""
        if poll.message_id is None:
            return True
        try:
            async with self._turn(poll.poll_id):
                await self._refresher.settle(poll.poll_id)
                await self._channel(poll).get_partial_message(poll.message_id).delete()
        except discord.NotFound:
            return True
        except discord.HTTPException as error:
            log.warning("a card could not be removed", poll=poll.poll_id, guild=poll.guild_id, error=error.text)
            return False
        return True

    async def remind(self, reminder: Reminder) -> bool:
        """Say once that a poll is about to close, and mention those who asked for it and are still here."""
        poll = reminder.poll
        members, gone = await self._still_here(poll.guild_id, reminder.members)
        if gone:
            await self._polls.drop_bells(poll.poll_id, tuple(gone))
        mentions = discord.AllowedMentions(users=[discord.Object(member) for member in members])
        try:
            await self._channel(poll).send(
                reminder_text(poll, members),
                allowed_mentions=mentions,
                silent=not members,
                suppress_embeds=True,
                nonce=f"{poll.poll_id}-reminder",
            )
        except discord.HTTPException as error:
            if not _is_lasting(error):
                raise
            log.warning("a reminder has nowhere to go", poll=poll.poll_id, guild=poll.guild_id, error=error.text)
            return False
        return True

    async def miss(self, poll: Poll, what: str) -> None:
        """Tell the server's log channel that a result or a reminder has nowhere to go; nobody pressed for it."""
        kept = " `/poll list` keeps the result, under Closed." if what == "result" else " Nobody was reminded."
        text = (
            f"The {what} of a poll in <#{poll.channel_id}> could not be shown: its card or its channel is gone, "
            f"archived or locked, or I may not write there.{kept}"
        )
        await self._reporter.note(text, f"a poll's {what}", poll.guild_id)

    async def _give_back(self, poll: Poll) -> None:
        """Make a poll a draft again that could not be put up after a start, and say so."""
        await self._polls.withdraw(poll.poll_id)
        is_draft = (await self._polls.live(poll.poll_id)).poll.phase is PollPhase.DRAFT
        now = "It is its creator's draft again." if is_draft else "It stays open in `/poll list`, since people voted."
        text = (
            f"I was stopped while a poll was posted in <#{poll.channel_id}>, and could not put it up afterwards. {now}"
        )
        await self._reporter.note(text, "posting a poll", poll.guild_id)

    def _turn(self, poll_id: int) -> asyncio.Lock:
        return self._turns.setdefault(poll_id, asyncio.Lock())

    async def _show_open(self, poll_id: int) -> bool:
        await self._refresher.settle(poll_id)
        shown = await self._polls.live(poll_id)
        poll = shown.poll
        if poll.phase is not PollPhase.OPEN:
            # closed meanwhile: whoever did that shows the result
            return True
        try:
            if poll.message_id is not None and await self._edit(poll, open_card(shown)):
                return True
            # not the nonce of the first card: Discord would hand that one out
            nonce = f"{poll.poll_id}-{int(poll.closes_at.timestamp())}"
            message = await self._channel(poll).send(view=open_card(shown), nonce=nonce)
            await self._polls.posted(poll.poll_id, message.id)
        except discord.HTTPException as error:
            if not _is_lasting(error):
                raise
            log.warning("a poll has nowhere to go", poll=poll_id, guild=poll.guild_id, error=error.text)
            return False
        return True

    async def _show_result(self, result: PollResult) -> bool:
        poll = (await self._polls.get(result.poll.poll_id, result.poll.guild_id)).poll
        if poll.closed_at != result.poll.closed_at:
            # opened again meanwhile, and perhaps closed again by somebody who shows that result
            return True
        await self._refresher.settle(poll.poll_id)
        view, chart = result_card(result), await draw_bars(chart_bars(result))
        seen = False
        try:
            if poll.message_id is None and (found := await self._find(poll)):
                # the bot was stopped between posting and noting where
                poll = await self._polls.posted(poll.poll_id, found)
            if poll.message_id is None:
                await self._channel(poll).send(view=view, file=_file(chart), nonce=f"{poll.poll_id}-result")
                seen = True
            else:
                seen = await self._edit(poll, view, chart)
        except discord.HTTPException as error:
            if not _is_lasting(error):
                raise
            log.warning("a result has nowhere to go", poll=poll.poll_id, guild=poll.guild_id, error=error.text)
        await self._polls.shown(poll.poll_id)
        return seen

    async def _send(self, count: PollCount) -> Poll:
        poll = count.poll
        if poll.is_native:
            return await self.natives.send(poll)
        message = await self._channel(poll).send(view=open_card(count), nonce=str(poll.poll_id))
        return await self._polls.posted(poll.poll_id, message.id)

    async def _find(self, poll: Poll) -> int | None:
        """Return the id of a card of ours that shows this poll, among the last messages of its channel."""
        wanted = manage_id(poll.poll_id)
        try:
            async for message in self._channel(poll).history(limit=_SEARCHED):
                if wanted in _ids(message.components) and message.author == self._client.user:
                    return message.id
        except (discord.NotFound, discord.Forbidden):
            return None
        return None

    async def _edit(self, poll: Poll, view: ui.LayoutView, chart: bytes | None = None) -> bool:
        """Show something on the card, with this chart or none; says whether there is a card and it could be changed."""
        message = self._channel(poll).get_partial_message(poll.message_id or 0)
        try:
            await message.edit(view=view, attachments=_files(chart))
        except discord.NotFound as error:
            log.warning("a card is gone", poll=poll.poll_id, guild=poll.guild_id, error=error.text)
            return False
        except discord.HTTPException as error:
            if error.code != ARCHIVED or not await self._wake(poll):
                raise
            await message.edit(view=view, attachments=_files(chart))
        return True

    async def _wake(self, poll: Poll) -> bool:
        """Take the card's thread out of the archive, since nothing in it can be changed there; not when it is locked.

        Raises:
            Forbidden: we may not.
        """
        thread = await self._client.fetch_channel(poll.channel_id)
        if not isinstance(thread, discord.Thread) or thread.locked:
            return False
        await thread.edit(archived=False)
        return True

    async def _refresh(self, poll_id: int) -> None:
        """Show the present turnout on an open poll's card."""
        shown = await self._polls.live(poll_id)
        poll = shown.poll
        if poll.phase is PollPhase.OPEN and poll.message_id is not None and not poll.is_native:
            with concerns(poll.guild_id):
                await self._channel(poll).get_partial_message(poll.message_id).edit(view=open_card(shown))

    async def _lags(self, _poll_id: int, error: Exception) -> None:
        await self._reporter.tell(error, "a poll's card")

    async def _still_here(self, guild_id: int, members: Iterable[int]) -> tuple[list[int], list[int]]:
        """Tell members who are in the server from those who have left, which no event tells us."""
        guild = self._client.get_guild(guild_id)
        here: list[int] = []
        gone: list[int] = []
        for member in members:
            try:
                if guild is not None:
                    await guild.fetch_member(member)
                here.append(member)
            except discord.NotFound:
                gone.append(member)
        return here, gone

    def _channel(self, poll: Poll) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(poll.channel_id, guild_id=poll.guild_id)


def _is_lasting(error: discord.HTTPException) -> bool:
    """Say whether trying again would not help: what is shown to is gone, forbidden, or locked in the archive."""
    return isinstance(error, (discord.NotFound, discord.Forbidden)) or error.code == ARCHIVED


async def chart_of(result: PollResult) -> discord.File:
    """Draw a count."""
    return _file(await draw_bars(chart_bars(result)))


def _file(chart: bytes) -> discord.File:
    return discord.File(BytesIO(chart), CHART)


def _files(chart: bytes | None) -> list[discord.File]:
    return [] if chart is None else [_file(chart)]


def _ids(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.Button) and component.custom_id:
            yield component.custom_id
        yield from _ids(getattr(component, "children", ()))
