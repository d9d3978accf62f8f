"""Polls in the hands of their creators and of moderators, and their end."""

import asyncio
import secrets
from datetime import datetime, timedelta

from bot.errors import ClosedError, NotFoundError
from bot.polls import rules
from bot.polls.exporting import export_files
from bot.polls.native import refuse_count, refuse_native
from bot.polls.service.desk import ENDED, POLL_DUE, POLL_REMINDER_DUE
from bot.polls.service.voting import Voting
from bot.polls.types import (
    Actor,
    Poll,
    PollCount,
    PollEdit,
    PollExport,
    PollPhase,
    PollResult,
    PollReveal,
    Voter,
)

SHOWN_WITHIN = timedelta(seconds=30)


class Managing(Voting):
    """What creators and moderators do, and what the timer does at the end."""

    async def edit(self, poll_id: int, actor: Actor, edit: PollEdit) -> PollCount:
        """Change an open poll.

        Raises:
            NotAllowedError: the actor may not, or secret votes would become public.
            InvalidInputError: a part does not fit; names the field.
            ClosedError: it has closed, or the change needs that nobody has voted.
        """
        now = self._clock()
        poll = (await self.manage(poll_id, actor)).poll
        if rules.refuse_phase(poll, now):
            raise ClosedError(rules.NO_MORE_EDITS)
        count = await self._change(poll, *rules.change(poll, edit, now), now)
        self._arm(count.poll)
        return count

    async def close_now(self, poll_id: int, actor: Actor) -> PollResult:
        """Close a poll before its time; the caller shows the result and then says `shown`.

        Raises:
            NotAllowedError: the actor may not.
            ClosedError: it is closed already.
        """
        poll = (await self.manage(poll_id, actor)).poll
        if refusal := refuse_native(poll):
            raise refusal
        now = self._clock()
        if not await self._store.close(poll_id, now):
            raise ClosedError("This poll is closed already.")
        # should showing the result fail, the timer shows it
        self._timers.arm(POLL_DUE, poll_id, now + SHOWN_WITHIN)
        return await self._ended(poll_id)

    async def reopen(self, poll_id: int, actor: Actor, closes_at: datetime) -> PollCount:
        """Open a closed poll again until another time; the votes cast so far stand.

        Raises:
            NotAllowedError: the actor may not.
            ClosedError: it is open, or results that were hidden have been shown.
            InvalidInputError: the time does not fit (closes).
        """
        now = self._clock()
        poll = (await self.manage(poll_id, actor)).poll
        if refusal := rules.refuse_reopening(poll):
            raise refusal
        rules.check_deadline(closes_at, now)
        remind_at = rules.next_reminder(poll, None, closes_at, now)
        if not await self._store.reopen(poll, closes_at, remind_at, secrets.token_bytes(32)):
            raise ClosedError("This poll is open already.")
        count = await self._refresh(poll_id)
        self._arm(count.poll)
        return count

    async def delete(self, poll_id: int, actor: Actor) -> Poll:
        """Delete a posted poll with all its votes, and return what it was.

        Raises:
            NotAllowedError: the actor may not.
        """
        poll = (await self.manage(poll_id, actor)).poll
        if not await self._store.delete(poll_id, PollPhase.OPEN, *ENDED):
            raise NotFoundError(rules.GONE)
        self._disarm(poll_id)
        self._book.drop(poll_id)
        return poll

    async def export(self, poll_id: int, actor: Actor) -> PollExport:
        """Return a poll as files: ballots under pseudonyms once it has closed, before that only totals.

        Two lists of an open poll would tell by their difference who had voted in between.

        Raises:
            NotAllowedError: the actor may not.
            ClosedError: results are hidden until it closes.
        """
        poll = (await self.manage(poll_id, actor)).poll
        if poll.phase is PollPhase.OPEN:
            if poll.reveal is PollReveal.CLOSING:
                raise ClosedError("Results of this poll are hidden while it is open. Export it after closing.")
            result = await self.results(poll_id, Voter(actor.guild_id, actor.member_id))
            return await asyncio.to_thread(export_files, result, (), self._sign)
        if refusal := refuse_count(poll):
            raise refusal
        return await self._files(poll_id)

    async def recount_file(self, poll_id: int, voter: Voter) -> PollExport:
        """Return a closed poll as files to anybody who may see its result: they can count again.

        Raises:
            NotAllowedError: they may not see it.
            ClosedError: the poll is open.
        """
        poll = await self._see(poll_id, voter)
        if poll.phase not in ENDED:
            raise ClosedError("The recount file is made once the poll has closed. Please ask again then.")
        return await self._files(poll_id)

    async def _files(self, poll_id: int) -> PollExport:
        """Write the files of a closed poll."""
        await self._seal(poll_id)
        # many thousand lines are written beside the event loop, not in it
        return await asyncio.to_thread(export_files, *await self._ballots.listed(poll_id), self._sign)

    async def due(self, poll_id: int) -> PollResult | None:
        """Close a poll whose time has come; None when nothing is left to do.

        A poll that was closed but whose result was not shown comes back too, so that a crash in between heals.
        """
        try:
            poll = (await self._store.get(poll_id)).poll
            if poll.phase is PollPhase.OPEN and not await self._store.close(
                poll_id, poll.closes_at, due_by=self._clock()
            ):
                # not due yet, or moved or closed by somebody else at this moment
                poll = (await self._refresh(poll_id)).poll
                if poll.phase is PollPhase.OPEN:
                    self._timers.arm(POLL_DUE, poll_id, poll.closes_at)
                    return None
            return await self._ended(poll_id) if poll.phase in {PollPhase.OPEN, PollPhase.CLOSED} else None
        except NotFoundError:
            return None

    async def shown(self, poll_id: int) -> None:
        """Note that the result is where people see it: nothing is left to do."""
        if await self._store.shown(poll_id):
            self._timers.cancel(POLL_DUE, poll_id)
            await self._refresh(poll_id)

    async def _ended(self, poll_id: int) -> PollResult:
        """Finish what closing began, and count."""
        self._timers.cancel(POLL_REMINDER_DUE, poll_id)
        self._unsent.discard(poll_id)
        await self._refresh(poll_id)
        await self._seal(poll_id)
        return await self._ballots.result(poll_id)

    async def _seal(self, poll_id: int) -> None:
        """Give every ballot of a closed poll its pseudonym, then the key is gone; goes on where a crash cut it off."""
        key, after = secrets.token_bytes(32), -1
        while (reached := await self._ballots.seal(poll_id, key, after)) is not None:
            after = reached
