"""Votes, and looking at how polls stand."""

from contextlib import suppress

from bot.errors import ClosedError, NotAllowedError, NotFoundError
from bot.polls import rules
from bot.polls.service.desk import PollDesk
from bot.polls.tallies.types import Comparison
from bot.polls.types import (
    Ballot,
    BallotPaper,
    Peeked,
    Poll,
    PollCount,
    PollLists,
    PollPage,
    PollPhase,
    PollResult,
    PollVoters,
    Voter,
    VoteReceipt,
)

PAGE_SIZE = 10
READ_WHOLE = 2_000
"""A poll with more ballots is not read whole when somebody opens theirs."""


class Voting(PollDesk):
    """What every member does."""

    def peek(self, poll_id: int, guild_id: int) -> Poll | None:
        """Return what memory knows of a poll of this server; drafts too."""
        poll = self._book.poll(poll_id)
        return poll if poll and poll.guild_id == guild_id else None

    def peek_ballot(self, poll_id: int, member_id: int) -> Peeked | None:
        """Return what memory knows of a ballot; None when it must be read with `paper`."""
        return self._book.peek(poll_id, member_id)

    async def paper(self, poll_id: int, voter: Voter) -> BallotPaper:
        """Return a poll and the voter's ballot from the database, and know both from now on.

        Raises:
            UserError: they may not vote; see `rules.refuse_voter`.
        """
        await self._refresh(poll_id)
        if not self._book.knows_ballots(poll_id):
            await self._read_ballots([poll_id], READ_WHOLE)
        paper = await self._ballots.paper(poll_id, voter.member_id)
        if refusal := rules.refuse_voter(paper.poll, voter, self._clock()):
            raise refusal
        self._book.learn_ballot(poll_id, voter.member_id, paper.ranks)
        return paper

    async def vote(self, poll_id: int, voter: Voter, ranks: bytes, *, seen: Poll | None = None) -> VoteReceipt:
        """Cast or change a vote; it is durable when this returns. `seen` is the poll that the ballot was made for.

        Raises:
            ClosedError: the poll takes no more votes, or has other options than those that were seen.
            NotFoundError: there is no such poll or option.
            NotAllowedError: this person may not vote in it.
            InvalidInputError: the ballot does not fit.
        """
        now = self._clock()
        poll = self._book.poll(poll_id)
        seen = seen or poll
        # what memory would refuse is looked up: another process may have opened it again or moved its end
        if poll is None or poll.phase is not PollPhase.OPEN or now >= poll.closes_at or self._gate.is_held(poll_id):
            poll = await self._read_poll(poll_id)
        if seen is not None and seen is not poll:
            ranks = rules.fit_ballot(seen, poll, ranks)
        if refusal := rules.refuse_voter(poll, voter, now):
            raise refusal
        rules.check_ranks(poll, ranks)
        self._gate.enter(poll_id)
        try:
            weight = rules.weight_of(poll.rules, voter) if poll.rules.weights else 1
            counted = await self._writer.enqueue(Ballot(poll_id, voter.guild_id, voter.member_id, ranks, now, weight))
            self._book.put_ballot(poll_id, voter.member_id, ranks)
        except (ClosedError, NotFoundError):
            with suppress(NotFoundError):
                await self._refresh(poll_id)
            raise
        finally:
            self._gate.leave(poll_id)
        return VoteReceipt(poll, counted.changed)

    async def live(self, poll_id: int) -> PollCount | PollResult:
        """Return what a poll's card shows, for the bot's own use: the result when everybody may see it.

        Raises:
            NotFoundError: there is none.
        """
        count = await self._store.get(poll_id)
        hidden = count.poll.phase is PollPhase.DRAFT or rules.refuse_results(count.poll, has_voted=False)
        return count if hidden else await self._ballots.result(poll_id)

    async def list_polls(self, guild_id: int, which: PollLists, member_id: int, page: int = 0) -> PollPage:
        """Return one page, counted from 0, of the open or closed polls of a server, or of those that are mine."""
        return await self._store.page(guild_id, which, member_id, page, PAGE_SIZE)

    async def results(self, poll_id: int, voter: Voter) -> PollResult:
        """Return how a poll stands to somebody who may see it.

        Raises:
            NotAllowedError: they may not (yet).
        """
        await self._see(poll_id, voter)
        return await self._ballots.result(poll_id)

    async def comparison(self, poll_id: int, voter: Voter) -> tuple[PollResult, Comparison]:
        """Return how a poll stands, and how by every other rule, to somebody who may see it.

        Raises:
            NotAllowedError: they may not (yet).
        """
        await self._see(poll_id, voter)
        return await self._ballots.comparison(poll_id)

    async def voters(self, poll_id: int, voter: Voter) -> PollVoters:
        """Return who voted for what in a public poll, to somebody who may see how it stands.

        Raises:
            NotAllowedError: votes are secret, or results hidden.
        """
        poll = await self._see(poll_id, voter)
        if not poll.is_public:
            raise NotAllowedError("Votes in this poll are secret.")
        return await self._ballots.voters(poll)

    async def _see(self, poll_id: int, voter: Voter) -> Poll:
        """Return a poll whose results this person may see."""
        paper = await self._ballots.paper(poll_id, voter.member_id)
        poll = paper.poll
        if poll.guild_id != voter.guild_id or poll.phase is PollPhase.DRAFT:
            raise NotFoundError(rules.GONE)
        if refusal := rules.refuse_results(poll, has_voted=paper.ranks is not None):
            raise refusal
        return poll

    async def _read_poll(self, poll_id: int) -> Poll:
        """Read a poll for a vote; nobody changes what ballots mean until the caller waits for something else."""
        while True:
            await self._gate.opened(poll_id)
            poll = (await self._refresh(poll_id)).poll
            if not self._gate.is_held(poll_id):
                return poll
