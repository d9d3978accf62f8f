"""Discord's own polls as messages: written, found again, and read when they are over."""

from datetime import datetime, timedelta
from typing import cast

import discord
import structlog

from bot.app import App
from bot.clock import Clock
from bot.polls.native import Counts, hours_of
from bot.polls.types import Poll, PollKind
from cogs.ui.controls import Host

_SEARCHED = 50
"""Messages of a channel in which a poll is looked for that was posted, but not noted."""

log = structlog.stdlib.get_logger(__name__)


def native_poll(poll: Poll, now: datetime) -> discord.Poll:
    """Return a poll as Discord takes it."""
    written = discord.Poll(
        question=poll.question,
        duration=timedelta(hours=hours_of(poll, now)),
        multiple=poll.kind is PollKind.MULTIPLE,
    )
    for option in poll.options:
        written.add_answer(text=option)
    return written


def counts_of(message: discord.Message, poll: Poll) -> Counts | None:
    """Return what a message says of a poll; None when it is not this poll."""
    shown = message.poll
    if shown is None or shown.expires_at is None or not shows(message, poll):
        return None
    votes = tuple(answer.vote_count for answer in sorted(shown.answers, key=lambda answer: answer.id))
    return Counts(votes, shown.is_finalised(), shown.expires_at)


def shows(message: discord.Message, poll: Poll) -> bool:
    """Tell whether a message is a poll of Discord's own that asks what this one does."""
    shown = message.poll
    if shown is None or shown.question != poll.question:
        return False
    return tuple(answer.text for answer in sorted(shown.answers, key=lambda answer: answer.id)) == poll.options


class Natives:
    """Looks at Discord's own polls for the service."""

    def __init__(self, client: discord.Client, app: App) -> None:
        self._client = client
        self._polls = app.polls
        self._clock: Clock = app.clock
        self._reporter = cast("Host", client).reporter

    async def send(self, poll: Poll) -> Poll:
        """Post a poll that was just opened as one of Discord's own."""
        # not the nonce of its card: Discord would hand out this message should it be posted as a card after a failure
        nonce = f"{poll.poll_id}-native"
        sent = await self._channel(poll).send(poll=native_poll(poll, self._clock()), nonce=nonce)
        return await self._polls.posted_native(poll.poll_id, sent.id, _end(sent, poll))

    async def find(self, poll: Poll) -> Poll | None:
        """Note the message of a poll that was sent when the bot was stopped; None when there is none."""
        try:
            async for message in self._channel(poll).history(limit=_SEARCHED):
                if message.author != self._client.user or not shows(message, poll):
                    continue
                if not await self._polls.is_taken(message.id, poll.guild_id):
                    return await self._polls.posted_native(poll.poll_id, message.id, _end(message, poll))
        except (discord.NotFound, discord.Forbidden):
            return None
        return None

    async def look(self, poll: Poll) -> None:
        """Take a poll's count where it is final, else look again later; what can no longer be had is given up."""
        if poll.message_id is None:
            poll = await self.find(poll) or poll
        counts: Counts | None = None
        try:
            if poll.message_id is not None:
                counts = counts_of(await self._channel(poll).fetch_message(poll.message_id), poll)
        except discord.NotFound:
            pass
        except discord.Forbidden:
            # somebody may let us in again
            if self._polls.look_later(poll):
                return
        await self.take(poll.poll_id, counts)

    async def take(self, poll_id: int, counts: Counts | None) -> None:
        """Take a count, None where nobody can tell it any more; the server's log channel hears of the latter."""
        done = await self._polls.counted(poll_id, counts)
        if done is None or done.imported:
            return
        log.warning("a poll of Discord's own is gone", poll=done.poll_id, guild=done.guild_id)
        text = (
            f"One of Discord's own polls in <#{done.channel_id}> was gone, or I may not see it, before its votes were "
            "counted. There is no result of it."
        )
        await self._reporter.note(text, "a poll's result", done.guild_id)

    async def end(self, poll: Poll) -> None:
        """End a poll before its time."""
        message = self._channel(poll).get_partial_message(poll.message_id or 0)
        try:
            await message.end_poll()
        except discord.NotFound:
            await self.take(poll.poll_id, None)
            return
        await self._polls.over(poll.poll_id, self._clock())

    def _channel(self, poll: Poll) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(poll.channel_id, guild_id=poll.guild_id)


def _end(message: discord.Message, poll: Poll) -> datetime:
    return message.poll.expires_at if message.poll and message.poll.expires_at else poll.closes_at
