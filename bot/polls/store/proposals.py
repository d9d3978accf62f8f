"""Options that members propose; each method is one transaction, and a poll's proposals are decided one by one."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import PollOptionRow, PollProposalRow, PollRow
from bot.db.session import Database
from bot.errors import ClosedError, NotFoundError
from bot.polls import proposals
from bot.polls.rules import GONE
from bot.polls.store import rows
from bot.polls.types import Poll, Proposal, ProposalState, Voter

_WAITING = ProposalState.PENDING
_PROPOSAL_GONE = "This proposal is gone: whoever made it erased their data, or its poll was deleted."


class ProposalStore:
    """The proposals of polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, poll_id: int, voter: Voter, text: str, now: datetime) -> Proposal:
        """Store a proposal, with the poll as it is at this moment.

        Raises:
            UserError: it is not taken; see `bot.polls.proposals`.
        """
        async with self._database.write() as connection:
            poll = await _held(connection, poll_id)
            if refusal := proposals.refuse_proposer(poll, voter, now):
                raise refusal
            tidied = proposals.check_proposal(poll, text)
            others = await _where(connection, _of_poll(poll_id))
            proposals.check_others(tidied, voter.member_id, others)
            added = await connection.execute(
                insert(PollProposalRow)
                .values(
                    guild_id=poll.guild_id,
                    poll_id=poll_id,
                    member_id=voter.member_id,
                    text=tidied,
                    state=_WAITING,
                    made_at=now,
                )
                .returning(PollProposalRow.proposal_id)
            )
            number = added.scalar_one()
            return Proposal(number, poll_id, poll.guild_id, voter.member_id, tidied, _WAITING, now)

    async def waiting(self, poll_id: int) -> tuple[Proposal, ...]:
        """Return the proposals that wait in a poll, the oldest first."""
        async with self._database.read() as connection:
            return await _where(connection, _of_poll(poll_id).where(PollProposalRow.state == _WAITING))

    async def accept(self, poll_id: int, proposal_id: int, now: datetime) -> Proposal:
        """Put a proposed option behind a poll's others.

        Raises:
            ClosedError: the poll is closed or full, the proposal was decided, or the option is there by now.
            NotFoundError: there is no such proposal.
        """
        async with self._database.write() as connection:
            # votes wait for this lock no longer than the transaction; those that came before stay as they are
            poll = await _held(connection, poll_id)
            proposal = await _one(connection, poll_id, proposal_id)
            changed = proposals.accepted(poll, proposal, now)
            await connection.execute(
                insert(PollOptionRow).values(
                    guild_id=poll.guild_id,
                    poll_id=poll_id,
                    position=len(poll.options),
                    text=changed.options[-1],
                )
            )
            limits = {"fewest": changed.rules.fewest, "most": changed.rules.most}
            await connection.execute(update(PollRow).where(PollRow.poll_id == poll_id).values(**limits))
            return await _decide(connection, proposal, ProposalState.ACCEPTED)

    async def decline(self, poll_id: int, proposal_id: int) -> Proposal:
        """Refuse a proposal.

        Raises:
            ClosedError: it was decided.
            NotFoundError: there is no such proposal.
        """
        async with self._database.write() as connection:
            await _held(connection, poll_id)
            proposal = await _one(connection, poll_id, proposal_id)
            if proposal.state is not _WAITING:
                raise ClosedError(proposals.decided(proposal))
            return await _decide(connection, proposal, ProposalState.DECLINED)

    async def of_member(self, member_id: int) -> tuple[tuple[Proposal, Poll], ...]:
        """Return what a person proposed, each with its poll."""
        async with self._database.read() as connection:
            found = await _where(connection, select(PollProposalRow).where(PollProposalRow.member_id == member_id))
            polls = await rows.polls_of(connection, {one.poll_id for one in found})
        return tuple((one, polls[one.poll_id]) for one in found)


async def forget_proposals(connection: AsyncConnection, member_id: int) -> None:
    """Erase a person from proposals: what became an option stays in its poll, and nobody knows whose it was."""
    mine = PollProposalRow.member_id == member_id
    await connection.execute(delete(PollProposalRow).where(mine, PollProposalRow.state != ProposalState.ACCEPTED))
    await connection.execute(update(PollProposalRow).where(mine).values(member_id=None))


def _of_poll(poll_id: int) -> Select[PollProposalRow]:
    return select(PollProposalRow).where(PollProposalRow.poll_id == poll_id)


async def _held(connection: AsyncConnection, poll_id: int) -> Poll:
    """Read a poll that nobody else changes until the transaction ends."""
    locked = select(PollRow.poll_id).where(PollRow.poll_id == poll_id).with_for_update()
    if (await connection.execute(locked)).first() is None:
        raise NotFoundError(GONE)
    return await rows.poll_of(connection, poll_id)


async def _one(connection: AsyncConnection, poll_id: int, proposal_id: int) -> Proposal:
    found = await _where(connection, _of_poll(poll_id).where(PollProposalRow.proposal_id == proposal_id))
    if not found:
        raise NotFoundError(_PROPOSAL_GONE)
    return found[0]


async def _where(connection: AsyncConnection, query: Select[PollProposalRow]) -> tuple[Proposal, ...]:
    found = await connection.execute(query.order_by(PollProposalRow.proposal_id))
    return tuple(_to_proposal(row) for row in found)


async def _decide(connection: AsyncConnection, proposal: Proposal, state: ProposalState) -> Proposal:
    decided = update(PollProposalRow).where(PollProposalRow.proposal_id == proposal.proposal_id).values(state=state)
    await connection.execute(decided)
    return replace(proposal, state=state)


def _to_proposal(row: Row[Any]) -> Proposal:
    return Proposal(row.proposal_id, row.poll_id, row.guild_id, row.member_id, row.text, row.state, row.made_at)
