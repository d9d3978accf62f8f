"""Polls before they are open: written, set, thrown away, posted."""

import secrets
from datetime import datetime

from bot.errors import ClosedError, NotFoundError
from bot.polls import rules
from bot.polls.service.desk import PollDesk
from bot.polls.types import Actor, CountingMethod, Poll, PollCount, PollDraft, PollPhase, PollRules


class Drafting(PollDesk):
    """What a creator does until the card is posted."""

    async def draft(self, draft: PollDraft) -> Poll:
        """Check a poll and keep it for its creator to look at.

        Raises:
            InvalidInputError: a part of it does not fit; names the field.
        """
        now = self._clock()
        poll = await self._store.add(_drafted(rules.check_draft(draft, now), now))
        self._book.put(poll)
        return poll

    async def redraft(self, poll_id: int, actor: Actor, draft: PollDraft) -> Poll:
        """Write a draft anew; without rules in it, those that were set stay as far as they fit.

        Raises:
            InvalidInputError: a part of it does not fit; names the field.
        """
        old = await self._own_draft(poll_id, actor)
        now = self._clock()
        checked = rules.recheck_draft(old, draft, now)
        return (await self._change(old, _drafted(checked, now, old), None, now)).poll

    async def load(self, poll_id: int, actor: Actor) -> Poll:
        """Return the actor's own draft or a poll they manage, and know it from now on, so that its forms open.

        Raises:
            NotAllowedError: the actor may not.
            NotFoundError: it is gone.
        """
        try:
            await self.manage(poll_id, actor)
        except NotFoundError:
            await self._own_draft(poll_id, actor)
        return (await self._refresh(poll_id)).poll

    async def set_rules(self, poll_id: int, actor: Actor, wanted: PollRules) -> Poll:
        """Set the finer rules of the actor's draft, or of an open poll they manage.

        Raises:
            InvalidInputError: a part does not fit: fewest, most, roles, days, quorum or weights.
            ClosedError: it has closed, or people have voted and it concerns how many options to choose or weights.
        """
        now = self._clock()
        poll = await self.load(poll_id, actor)
        if poll.phase is not PollPhase.DRAFT and rules.refuse_phase(poll, now):
            raise ClosedError(rules.NO_MORE_EDITS)
        return (await self._change(poll, *rules.change_rules(poll, wanted), now)).poll

    async def set_method(self, poll_id: int, actor: Actor, method: CountingMethod) -> Poll:
        """Set what the actor's draft, or an open poll they manage, is counted by.

        Raises:
            InvalidInputError: it does not fit the kind (method).
            ClosedError: it has closed, or people have voted.
        """
        now = self._clock()
        poll = await self.load(poll_id, actor)
        if poll.phase is not PollPhase.DRAFT and rules.refuse_phase(poll, now):
            raise ClosedError(rules.NO_MORE_EDITS)
        return (await self._change(poll, *rules.change_method(poll, method), now)).poll

    async def discard(self, poll_id: int, actor: Actor) -> None:
        """Throw a draft away; it may be gone already."""
        await self._own_draft(poll_id, actor)
        if await self._store.delete(poll_id, PollPhase.DRAFT):
            self._book.drop(poll_id)

    async def open(self, poll_id: int, actor: Actor) -> PollCount:
        """Open a draft for votes; the caller then posts it and says where with `posted`.

        Raises:
            ClosedError: it is open already.
            InvalidInputError: its closing time has passed meanwhile.
        """
        poll = await self._own_draft(poll_id, actor)
        now = self._clock()
        rules.check_deadline(poll.closes_at, now)
        remind_at = poll.remind_at and rules.reminder_time(now, poll.closes_at, now)
        # from before it is open: then who votes first is noted, and the rest are known not to have voted
        begun = self._book.begin(poll_id)
        whole: dict[int, bytes] | None = None
        try:
            if not await self._store.open(poll_id, remind_at, secrets.token_bytes(32)):
                raise ClosedError("This poll has been posted already.")
            count = await self._refresh(poll_id)
            whole = {}
        finally:
            if begun:
                self._book.put_ballots(poll_id, whole)
        self._arm(count.poll)
        return count

    async def posted(self, poll_id: int, message_id: int) -> Poll:
        """Remember the message that shows the poll."""
        await self._store.set_message(poll_id, message_id)
        return (await self._refresh(poll_id)).poll

    async def withdraw(self, poll_id: int) -> None:
        """Make an opened poll a draft again, because it could not be posted; not when somebody has voted."""
        if await self._store.withdraw(poll_id):
            self._disarm(poll_id)
            await self._refresh(poll_id)

    async def unposted(self) -> tuple[PollCount, ...]:
        """Return the polls that are open while no message of theirs is known: a crash came between."""
        return await self._store.unposted()


def _drafted(draft: PollDraft, now: datetime, old: Poll | None = None) -> Poll:
    """Return a checked draft as a poll."""
    return Poll(
        poll_id=old.poll_id if old else 0,
        guild_id=old.guild_id if old else draft.guild_id,
        channel_id=draft.channel_id,
        message_id=None,
        creator_id=old.creator_id if old else draft.creator_id,
        question=draft.question,
        options=draft.options,
        phase=PollPhase.DRAFT,
        created_at=old.created_at if old else now,
        closes_at=draft.closes_at,
        closed_at=None,
        kind=draft.kind,
        is_public=draft.is_public,
        reveal=draft.reveal,
        rules=draft.rules or rules.kind_rules(draft.kind, len(draft.options)),
        remind_at=rules.reminder_time(now, draft.closes_at, now) if draft.reminds else None,
        method=draft.method or rules.METHODS[draft.kind][0],
        # from before anybody sees it, and never drawn again: who wins a tie stands before anybody can vote
        tie_seed=old.tie_seed if old else secrets.token_bytes(16),
        takes_proposals=draft.takes_proposals,
    )
