"""Options that members propose: who may, what, how many, and what an accepted one makes of a poll. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError, UserError
from bot.polls.rules import GONE, fit_rules, refuse_voter
from bot.polls.types import Poll, PollPhase, Proposal, ProposalState, Voter
from bot.polls.wording import MOST_OPTIONS, OPTION_LENGTH, alike, tidy

FIELD = "option"
MOST_PENDING = 3
"""Proposals of one member that wait in one poll at a time."""
MOST_MADE = 10
"""Proposals that one member makes in one poll, whatever became of them."""
MOST_WAITING = 50
"""Proposals that wait in one poll: more than this nobody decides on one by one."""


def refuse_proposer(poll: Poll, voter: Voter, now: datetime) -> UserError | None:
    """Return why somebody may not propose an option now, or None when they may: whoever may vote may propose."""
    if poll.guild_id != voter.guild_id or poll.phase is PollPhase.DRAFT:
        return NotFoundError(GONE)
    if refusal := refuse_adding(poll, now):
        return refusal
    if not poll.takes_proposals:
        return NotAllowedError("This poll takes no proposals. Its creator can allow them with Manage, then Edit.")
    return refuse_voter(poll, voter, now)


def refuse_adding(poll: Poll, now: datetime) -> UserError | None:
    """Return why no option can be added to a poll any more, or None when one can."""
    if poll.phase is not PollPhase.OPEN or now >= poll.closes_at:
        return ClosedError("This poll is closed, so no option can be added to it any more.")
    if poll.is_native:
        return ClosedError("This is one of Discord's own polls, and no option can be added to those.")
    if len(poll.options) >= MOST_OPTIONS:
        return ClosedError(f"This poll has {MOST_OPTIONS} options, and no more fit.")
    return None


def check_proposal(poll: Poll, text: str) -> str:
    """Return a proposed option tidied.

    Raises:
        InvalidInputError: it is empty, too long, or there already (option).
    """
    tidied = tidy(text)
    if not tidied:
        raise InvalidInputError(FIELD, "Please write an option.")
    if len(tidied) > OPTION_LENGTH:
        raise InvalidInputError(
            FIELD, f"The option has {len(tidied)} characters; {OPTION_LENGTH} fit. Please shorten it."
        )
    if is_there(poll, tidied):
        raise InvalidInputError(FIELD, f"“{tidied}” is an option of this poll already. You can vote for it.")
    return tidied


def check_others(text: str, member_id: int, others: Sequence[Proposal]) -> None:
    """See that a checked proposal fits beside those made before in the same poll.

    Raises:
        InvalidInputError: the same was proposed before (option).
        NotAllowedError: this member, or all together, have proposed as much as is taken.
    """
    for other in others:
        if alike(other.text) != alike(text):
            continue
        if other.state is ProposalState.PENDING:
            raise InvalidInputError(FIELD, f"“{text}” is proposed already and waits for a decision.")
        if other.state is ProposalState.DECLINED:
            raise InvalidInputError(FIELD, f"“{text}” was proposed before and declined. Please propose something else.")
    mine = [other for other in others if other.member_id == member_id]
    if sum(other.state is ProposalState.PENDING for other in mine) >= MOST_PENDING:
        raise NotAllowedError(
            f"{MOST_PENDING} proposals of yours wait in this poll. Propose again once one of them is decided."
        )
    if len(mine) >= MOST_MADE:
        raise NotAllowedError(f"You have made {MOST_MADE} proposals in this poll, and no more are taken from you.")
    if sum(other.state is ProposalState.PENDING for other in others) >= MOST_WAITING:
        raise NotAllowedError(
            f"{MOST_WAITING} proposals wait in this poll. Please try again once some of them are decided."
        )


def accepted(poll: Poll, proposal: Proposal, now: datetime) -> Poll:
    """Return a poll with a proposed option behind its others; ballots cast so far leave it unranked.

    Raises:
        ClosedError: the poll is closed or full, the proposal was decided, or the same option is there by now.
    """
    if refusal := refuse_adding(poll, now):
        raise refusal
    if proposal.state is not ProposalState.PENDING:
        raise ClosedError(decided(proposal))
    if is_there(poll, proposal.text):
        raise ClosedError(f"“{proposal.text}” is an option of this poll by now. You can decline the proposal.")
    options = (*poll.options, proposal.text)
    return replace(poll, options=options, rules=fit_rules(poll, poll.kind, len(options)))


def decided(proposal: Proposal) -> str:
    """Say that somebody was faster."""
    return f"“{proposal.text}” was {proposal.state.value} a moment ago."


def is_there(poll: Poll, text: str) -> bool:
    """Tell whether a poll has an option that people could not tell from this one."""
    return alike(text) in {alike(option) for option in poll.options}


def added_since(poll: Poll, ranks: bytes | None) -> tuple[str, ...]:
    """Return the options that were added after a ballot was cast."""
    return () if ranks is None else poll.options[len(ranks) :]
