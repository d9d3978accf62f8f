"""Discord's own polls: handed over to Discord, and their counts taken back when they are final."""

from datetime import datetime

from bot.errors import ClosedError, InvalidInputError, NotFoundError
from bot.polls import native, rules
from bot.polls.native import Counts
from bot.polls.service.desk import POLL_DUE, PollDesk
from bot.polls.types import Actor, Poll, PollCount, PollPhase


class Handing(PollDesk):
    """Polls of which Discord takes the votes. `posted_native` says where one stands, `counted` what came of it."""

    async def open_native(self, poll_id: int, actor: Actor) -> PollCount:
        """Open a draft as one of Discord's own, which run whole hours; the caller posts it.

        Raises:
            ClosedError: it is open already.
            InvalidInputError: it is not one that Discord can take, or its time has passed.
        """
        poll = await self._own_draft(poll_id, actor)
        now = self._clock()
        rules.check_deadline(poll.closes_at, now)
        if reason := native.why_not(poll, now):
            raise InvalidInputError("native", f"This cannot be one of Discord's own polls: {reason}.")
        if not await self._natives.open(poll_id, now + native.hours_of(poll, now) * native.HOUR):
            raise ClosedError("This poll has been posted already.")
        count = await self._refresh(poll_id)
        self._arm(count.poll)
        return count

    async def posted_native(self, poll_id: int, message_id: int, ends_at: datetime) -> Poll:
        """Remember the message, and when Discord ends the poll."""
        await self._natives.stands(poll_id, message_id, ends_at)
        poll = (await self._refresh(poll_id)).poll
        self._native_ids[message_id] = poll_id
        if poll.phase is PollPhase.OPEN:
            self._arm(poll)
        return poll

    def native_of(self, message_id: int) -> int | None:
        """Return the poll that a message is, as long as its count is not in; from memory."""
        return self._native_ids.get(message_id)

    def natives(self) -> tuple[int, ...]:
        """Return the polls of Discord's own whose counts are not in."""
        return tuple(self._native_ids.values())

    async def is_taken(self, message_id: int, guild_id: int) -> bool:
        """Tell whether a message is known to be a poll of ours."""
        return await self._natives.by_message(message_id, guild_id) is not None

    async def over(self, poll_id: int, ended_at: datetime) -> None:
        """Note that Discord has ended a poll, perhaps before its time; its timer then looks for the count."""
        now = self._clock()
        await self._store.close(poll_id, min(ended_at, now))
        await self._refresh(poll_id)
        self._timers.arm(POLL_DUE, poll_id, now)

    async def counted(self, poll_id: int, counts: Counts | None) -> Poll | None:
        """Take what Discord says of a poll, None when it can no longer say anything; return the poll once it is done.

        While the count is not final, the poll's timer is armed for another look; after a day what there is counts.
        """
        try:
            poll = (await self._store.get(poll_id)).poll
        except NotFoundError:
            self._know_no_native(poll_id)
            return None
        now = self._clock()
        if counts and not counts.is_final:
            if counts.ends_at > now and poll.phase is PollPhase.OPEN:
                self._timers.arm(POLL_DUE, poll_id, counts.ends_at)
                return None
            if again := native.next_look(poll.closed_at or counts.ends_at, now):
                self._timers.arm(POLL_DUE, poll_id, again)
                return None
        await self._store.close(poll_id, min(counts.ends_at, now) if counts else now)
        if not await self._natives.count(poll_id, native.fitting(poll, counts)):
            return None
        self._disarm(poll_id)
        self._know_no_native(poll_id)
        return (await self._refresh(poll_id)).poll

    def look_later(self, poll: Poll) -> bool:
        """Have a poll looked at again that could not be reached; return whether there is still hope."""
        now = self._clock()
        again = native.next_look(poll.closed_at or poll.closes_at, now)
        if again is None:
            return False
        self._timers.arm(POLL_DUE, poll.poll_id, again)
        return True

    def _know_no_native(self, poll_id: int) -> None:
        for message_id in [message_id for message_id, known in self._native_ids.items() if known == poll_id]:
            del self._native_ids[message_id]

    async def _know_natives(self) -> None:
        """Fill the memory after a start."""
        self._native_ids.update(await self._natives.waiting())
