"""Reminders: at most one message a poll, and who is pinged by it."""

from collections.abc import Collection
from datetime import timedelta

from bot.errors import ClosedError, NotFoundError
from bot.polls import rules
from bot.polls.service.desk import POLL_REMINDER_DUE, PollDesk
from bot.polls.types import Actor, Reminder, Voter

SENT_WITHIN = timedelta(seconds=30)
MOST_BELLS = 50
"""Members that one reminder pings."""


class Reminding(PollDesk):
    """What has to do with the message before the end."""

    async def remind_now(self, poll_id: int, actor: Actor) -> Reminder:
        """Take a poll's one reminder to send it at once; say `reminded` after it, or `not_reminded`.

        Raises:
            NotAllowedError: the actor may not.
            ClosedError: the poll is closed, or its reminder was sent.
        """
        poll = (await self.manage(poll_id, actor)).poll
        now = self._clock()
        if refusal := rules.refuse_phase(poll, now):
            raise refusal
        if not await self._people.claim_reminder(poll_id, now):
            raise ClosedError("This poll has sent its reminder already; there is only one.")
        self._unsent.add(poll_id)
        # should sending it fail, the timer sends it
        self._timers.arm(POLL_REMINDER_DUE, poll_id, now + SENT_WITHIN)
        return await self._people.reminder(poll_id, MOST_BELLS)

    async def reminder_due(self, poll_id: int) -> Reminder | None:
        """Take a poll's one reminder when its time has come; None when there is nothing to send.

        It comes again, to the same process, until `reminded` says that it was sent; after a crash it does not.
        """
        now = self._clock()
        try:
            poll = (await self._store.get(poll_id)).poll
        except NotFoundError:
            return None
        if rules.refuse_phase(poll, now):
            return None
        if poll_id not in self._unsent:
            if poll.remind_at is None:
                return None
            if now < poll.remind_at:
                self._timers.arm(POLL_REMINDER_DUE, poll_id, poll.remind_at)
                return None
            if not await self._people.claim_reminder(poll_id, now):
                return None
            self._unsent.add(poll_id)
        return await self._people.reminder(poll_id, MOST_BELLS)

    async def reminded(self, poll_id: int) -> None:
        """Note that a reminder was sent."""
        self._unsent.discard(poll_id)
        self._timers.cancel(POLL_REMINDER_DUE, poll_id)

    async def not_reminded(self, poll_id: int) -> None:
        """Give a reminder back that could not be sent: it may be asked for again."""
        await self.reminded(poll_id)
        await self._people.return_reminder(poll_id)
        poll = (await self._refresh(poll_id)).poll
        if poll.remind_at is not None and poll.remind_at > self._clock():
            self._timers.arm(POLL_REMINDER_DUE, poll_id, poll.remind_at)

    async def bell(self, poll_id: int, voter: Voter, *, on: bool) -> None:
        """Want to be pinged by a poll's reminder, or no longer.

        Raises:
            ClosedError: no reminder is to come, or as many as one message may ping want it.
        """
        if not on:
            await self._people.drop_bells(poll_id, [voter.member_id])
            return
        poll = (await self.get(poll_id, voter.guild_id)).poll
        if refusal := rules.refuse_voter(poll, voter, self._clock()):
            raise refusal
        if poll.remind_at is None or poll.reminded_at is not None:
            raise ClosedError("No reminder of this poll is to come. Its card says when it closes.")
        if not await self._people.add_bell(poll, voter.member_id, MOST_BELLS):
            raise ClosedError(f"{MOST_BELLS} people want this reminder already, and no more fit into one message.")

    async def drop_bells(self, poll_id: int, members: Collection[int]) -> None:
        """Forget that these members wanted to be reminded."""
        await self._people.drop_bells(poll_id, members)
