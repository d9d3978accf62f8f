"""Options that members propose, and what creators and moderators make of them."""

from contextlib import suppress

from bot.errors import NotFoundError
from bot.polls.service.desk import PollDesk
from bot.polls.types import Actor, Proposal, Proposals, Voter


class Proposing(PollDesk):
    """Proposing, looking through proposals, accepting and declining."""

    async def propose(self, poll_id: int, voter: Voter, text: str) -> Proposal:
        """Propose an option; creator and moderators find it behind the poll's Manage button.

        Raises:
            InvalidInputError: the text does not fit, or is there already (option).
            NotAllowedError: this person may not vote, or has proposed enough.
            ClosedError: the poll is closed or full.
        """
        proposal = await self._proposals.add(poll_id, voter, text, self._clock())
        await self._refresh(poll_id)
        return proposal

    async def proposals(self, poll_id: int, actor: Actor) -> Proposals:
        """Return what waits for a decision, to somebody who may decide.

        Raises:
            NotAllowedError: they may not.
        """
        count = await self.manage(poll_id, actor)
        return Proposals(count, await self._proposals.waiting(poll_id))

    async def accept(self, poll_id: int, proposal_id: int, actor: Actor) -> Proposal:
        """Make a proposal an option, behind the others; ballots that were cast leave it unranked and stay valid.

        Raises:
            NotAllowedError: the actor may not.
            ClosedError: the poll is closed or full, somebody has decided, or the same option is there by now.
            NotFoundError: the proposal is gone.
        """
        await self.manage(poll_id, actor)
        try:
            return await self._proposals.accept(poll_id, proposal_id, self._clock())
        finally:
            # also when another process was faster
            with suppress(NotFoundError):
                await self._refresh(poll_id)

    async def decline(self, poll_id: int, proposal_id: int, actor: Actor) -> Proposal:
        """Refuse a proposal.

        Raises:
            NotAllowedError: the actor may not.
            ClosedError: somebody has decided.
            NotFoundError: the proposal is gone.
        """
        await self.manage(poll_id, actor)
        try:
            return await self._proposals.decline(poll_id, proposal_id)
        finally:
            with suppress(NotFoundError):
                await self._refresh(poll_id)
