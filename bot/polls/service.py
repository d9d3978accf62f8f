"""What can be done with polls: draft, open, vote, close. Knows neither messages nor Discord."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.db.session import Database
from bot.db.writer import GroupWriter
from bot.errors import ClosedError, NotAllowedError, NotFoundError
from bot.polls import rules
from bot.polls.store import PollStore, cast
from bot.polls.types import Ballot, Poll, PollCount, PollDraft, PollPhase, PollResult, VoteReceipt
from bot.timers import Timers

POLL_DUE = "poll_due"
MOST_LISTED = 20
SHOWN_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something, and whether the server lets them manage what others made."""

    guild_id: int
    member_id: int
    is_moderator: bool


class PollService:
    """The polls of all servers."""

    def __init__(self, database: Database, timers: Timers, clock: Clock) -> None:
        self._store = PollStore(database)
        self._writer: GroupWriter[Ballot, VoteReceipt] = GroupWriter(database, cast)
        self._timers = timers
        self._clock = clock

    async def start(self) -> None:
        """Arm a timer for every poll whose end is still to come or was cut off, and sweep stale drafts."""
        await self._store.delete_drafts(self._clock())
        for poll_id, closes_at in await self._store.pending():
            self._timers.arm(POLL_DUE, poll_id, closes_at)

    async def stop(self) -> None:
        """Finish the votes that are under way; take no more."""
        await self._writer.close()

    async def draft(self, draft: PollDraft) -> Poll:
        """Check a poll and keep it for its creator to look at.

        Raises:
            InvalidInputError: a part of it does not fit.
        """
        now = self._clock()
        return await self._store.add(rules.check_draft(draft, now), now)

    async def discard(self, poll_id: int, actor: Actor) -> None:
        """Throw a draft away; it may be gone already."""
        await self._own_draft(poll_id, actor)
        await self._store.delete_draft(poll_id)

    async def open(self, poll_id: int, actor: Actor) -> PollCount:
        """Open a draft for votes; the caller then posts it and says where with `posted`.

        Raises:
            ClosedError: it is open already.
            InvalidInputError: its closing time has passed meanwhile.
        """
        poll = await self._own_draft(poll_id, actor)
        rules.check_deadline(poll.closes_at, self._clock())
        if not await self._store.move(poll_id, PollPhase.DRAFT, PollPhase.OPEN):
            raise ClosedError("This poll has been posted already.")
        self._timers.arm(POLL_DUE, poll_id, poll.closes_at)
        return await self._store.get(poll_id)

    async def posted(self, poll_id: int, message_id: int) -> Poll:
        """Remember the message that shows the poll."""
        await self._store.set_message(poll_id, message_id)
        return (await self._store.get(poll_id)).poll

    async def withdraw(self, poll_id: int) -> None:
        """Make an opened poll a draft again, because it could not be posted."""
        self._timers.cancel(POLL_DUE, poll_id)
        await self._store.move(poll_id, PollPhase.OPEN, PollPhase.DRAFT)

    async def vote(self, poll_id: int, guild_id: int, member_id: int, position: int) -> VoteReceipt:
        """Cast or change a vote; it is durable when this returns.

        Raises:
            ClosedError: the poll takes no more votes.
            NotFoundError: there is no such poll or option.
        """
        return await self._writer.submit(Ballot(poll_id, guild_id, member_id, position, self._clock()))

    async def get(self, poll_id: int, guild_id: int) -> PollCount:
        """Return a posted poll of this server and its turnout.

        Raises:
            NotFoundError: there is none.
        """
        count = await self._store.get(poll_id)
        if count.poll.guild_id != guild_id or count.poll.phase is PollPhase.DRAFT:
            raise NotFoundError("This poll no longer exists.")
        return count

    async def count(self, poll_id: int) -> PollCount:
        """Return a poll and its turnout, for the bot's own use.

        Raises:
            NotFoundError: there is none.
        """
        return await self._store.get(poll_id)

    async def list_open(self, guild_id: int) -> tuple[PollCount, ...]:
        """Return the open polls of a server, the first to close first, at most `MOST_LISTED`."""
        return await self._store.open_in(guild_id, MOST_LISTED)

    async def manage(self, poll_id: int, actor: Actor) -> PollCount:
        """Return an open poll to somebody who may manage it.

        Raises:
            NotAllowedError: they may not.
            ClosedError: it is closed.
        """
        count = await self.get(poll_id, actor.guild_id)
        if not (actor.is_moderator or count.poll.creator_id == actor.member_id):
            raise NotAllowedError("Only the poll's creator and moderators (Manage Messages) can manage it.")
        if count.poll.phase is not PollPhase.OPEN:
            raise ClosedError("This poll is closed already.")
        return count

    async def close_now(self, poll_id: int, actor: Actor) -> PollResult:
        """Close a poll before its time; the caller shows the result and then says `shown`.

        Raises:
            NotAllowedError: the actor may not.
            ClosedError: it is closed already.
        """
        await self.manage(poll_id, actor)
        now = self._clock()
        if not await self._close(poll_id, now):
            raise ClosedError("This poll is closed already.")
        # should showing the result fail, the timer shows it
        self._timers.arm(POLL_DUE, poll_id, now + SHOWN_WITHIN)
        return await self._store.result(poll_id)

    async def due(self, poll_id: int) -> PollResult | None:
        """Close a poll whose time has come; None when nothing is left to do.

        A poll that was closed but whose result was not shown comes back too, so that a crash in between heals.
        """
        try:
            poll = (await self._store.get(poll_id)).poll
        except NotFoundError:
            return None
        if poll.phase is PollPhase.OPEN:
            if self._clock() < poll.closes_at:
                self._timers.arm(POLL_DUE, poll_id, poll.closes_at)
                return None
            await self._close(poll_id, poll.closes_at)
        elif poll.phase is not PollPhase.CLOSED:
            return None
        return await self._store.result(poll_id)

    async def shown(self, poll_id: int) -> None:
        """Note that the result is where people see it: nothing is left to do."""
        self._timers.cancel(POLL_DUE, poll_id)
        await self._store.move(poll_id, PollPhase.CLOSED, PollPhase.DONE)

    async def forget(self, member_id: int) -> None:
        """Erase a person from polls; the counts of closed ones stay as they were."""
        await self._store.forget(member_id)

    async def export(self, member_id: int) -> dict[str, Any]:
        """Return what is known of a person, ready for JSON."""
        created, votes = await self._store.of_member(member_id)
        return {
            "created": [
                {
                    "guild_id": str(poll.guild_id),
                    "question": poll.question,
                    "options": list(poll.options),
                    "created_at": poll.created_at.isoformat(),
                }
                for poll in created
            ],
            "votes": [
                {
                    "guild_id": str(poll.guild_id),
                    "question": poll.question,
                    "choice": poll.options[position],
                    "cast_at": cast_at.isoformat(),
                }
                for poll, position, cast_at in votes
            ],
        }

    async def _close(self, poll_id: int, closed_at: datetime) -> bool:
        return await self._store.move(poll_id, PollPhase.OPEN, PollPhase.CLOSED, closed_at=closed_at)

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
