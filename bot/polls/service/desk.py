"""What every part of the poll service works with: the stores, the writer, the timers, and the memory kept right."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from bot.clock import Clock
from bot.db.session import Database
from bot.errors import ClosedError, NotAllowedError, NotFoundError
from bot.polls import rules
from bot.polls.ballots import ballot_writer
from bot.polls.book import PollBook
from bot.polls.exporting import Sign
from bot.polls.gate import Gate
from bot.polls.store import BallotStore, NativeStore, PeopleStore, PollStore, ProposalStore
from bot.polls.types import Actor, Poll, PollCount, PollPhase
from bot.signing import unsigned
from bot.timers import Timers

POLL_DUE = "poll_due"
POLL_REMINDER_DUE = "poll_reminder_due"
ENDED = (PollPhase.CLOSED, PollPhase.DONE)


class PollDesk:
    """The base of the poll service's parts."""

    def __init__(self, database: Database, timers: Timers, clock: Clock, sign: Sign = unsigned) -> None:
        self._store = PollStore(database)
        self._ballots = BallotStore(database)
        self._people = PeopleStore(database)
        self._proposals = ProposalStore(database)
        self._natives = NativeStore(database)
        self._writer = ballot_writer(database)
        self._timers = timers
        self._clock = clock
        self._sign = sign
        self._book = PollBook()
        self._gate = Gate()
        self._refreshing = asyncio.Lock()
        # reminders that this process took and has not sent yet
        self._unsent: set[int] = set()
        # the messages of Discord's own polls whose counts are not in: message_id to poll_id
        self._native_ids: dict[int, int] = {}

    async def get(self, poll_id: int, guild_id: int) -> PollCount:
        """Return a posted poll of this server and its turnout.

        Raises:
            NotFoundError: there is none.
        """
        count = await self._store.get(poll_id)
        if count.poll.guild_id != guild_id or count.poll.phase is PollPhase.DRAFT:
            raise NotFoundError(rules.GONE)
        return count

    async def manage(self, poll_id: int, actor: Actor) -> PollCount:
        """Return a posted poll to somebody who may manage it.

        Raises:
            NotAllowedError: they may not.
        """
        count = await self.get(poll_id, actor.guild_id)
        if refusal := rules.refuse_manager(count.poll, actor):
            raise refusal
        return count

    async def _own_draft(self, poll_id: int, actor: Actor) -> Poll:
        """Return the actor's own draft, or say what became of it."""
        try:
            poll = (await self._store.get(poll_id)).poll
        except NotFoundError:
            raise NotFoundError("This draft is gone. Start again with /poll create.") from None
        if poll.guild_id != actor.guild_id or poll.creator_id != actor.member_id:
            raise NotAllowedError("Only the person who wrote this draft can use it.")
        if poll.phase is not PollPhase.DRAFT:
            raise ClosedError("This poll has been posted already.")
        return poll

    async def _change(self, old: Poll, new: Poll, needs: str | None, now: datetime) -> PollCount:
        """Write a change; with `needs` only if nobody has voted, and no vote passes meanwhile.

        A vote that was on its way would otherwise be counted for what the voter did not see.
        """
        async with self._gate.hold(old.poll_id) if needs else nullcontext():
            if not await self._store.change(old, new, now, needs):
                was_draft = old.phase is PollPhase.DRAFT
                raise ClosedError("This poll has been posted already." if was_draft else rules.NO_MORE_EDITS)
            return await self._refresh(old.poll_id)

    async def _refresh(self, poll_id: int) -> PollCount:
        """Read a poll and know it as it is now; one after the other, so that what was read last is what is known.

        Raises:
            NotFoundError: it is gone.
        """
        async with self._refreshing:
            try:
                count = await self._store.get(poll_id)
            except NotFoundError:
                self._book.drop(poll_id)
                raise
            self._book.put(count.poll)
            if count.poll.phase in ENDED:
                self._book.drop_ballots(poll_id)
            return count

    async def _read_ballots(self, ids: Sequence[int], most: int) -> None:
        """Know the ballots of these polls whole, the first ones first, as far as `most` ballots go."""
        counted = await self._ballots.turnouts(ids)
        taken: list[int] = []
        for poll_id in ids:
            most -= counted.get(poll_id, 0)
            if most < 0:
                break
            if self._book.begin(poll_id):
                taken.append(poll_id)
        found: dict[int, dict[int, bytes]] | None = None
        try:
            if taken:
                found = await self._ballots.all_of(taken, self._book.most_ballots)
        finally:
            for poll_id in reversed(taken):
                self._book.put_ballots(poll_id, None if found is None else found.get(poll_id, {}))

    def _arm(self, poll: Poll) -> None:
        """Set the timers of an open poll."""
        self._timers.arm(POLL_DUE, poll.poll_id, poll.closes_at)
        if poll.remind_at is not None and poll.reminded_at is None:
            self._timers.arm(POLL_REMINDER_DUE, poll.poll_id, poll.remind_at)
        else:
            self._timers.cancel(POLL_REMINDER_DUE, poll.poll_id)

    def _disarm(self, poll_id: int) -> None:
        self._timers.cancel(POLL_DUE, poll_id)
        self._timers.cancel(POLL_REMINDER_DUE, poll_id)
        self._unsent.discard(poll_id)
