"""Proposals on both databases: two who decide at once, what came meanwhile, and people who erase themselves."""

import asyncio
from typing import Any

import pytest

from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError, UserError
from bot.polls.service import PollService
from bot.polls.types import Poll, PollEdit, PollKind, PollRules, ProposalState
from tests.support.polls import SetClock, actor, cast, opened, restarted, voter

MODERATOR = actor(9, moderator=True)


async def taking(polls: PollService, **parts: Any) -> Poll:
    return await opened(polls, takes_proposals=True, **parts)


async def test_a_proposal_waits_until_somebody_decides(polls: PollService, database: Database, clock: SetClock) -> None:
    poll = await taking(polls)
    made = await polls.propose(poll.poll_id, voter(5), "  Council\n ")
    assert (made.text, made.member_id, made.state, made.made_at) == ("Council", 5, ProposalState.PENDING, clock.now)
    for who in (actor(5), actor(1, guild=3)):
        with pytest.raises((NotAllowedError, NotFoundError)):
            await polls.proposals(poll.poll_id, who)
        with pytest.raises((NotAllowedError, NotFoundError)):
            await polls.accept(poll.poll_id, made.proposal_id, who)
        with pytest.raises((NotAllowedError, NotFoundError)):
            await polls.decline(poll.poll_id, made.proposal_id, who)
    async with restarted(database, clock) as again:
        shown = await again.proposals(poll.poll_id, actor(1))
        assert (shown.waiting, shown.count.poll.waiting) == ((made,), 1)
        known = again.peek(poll.poll_id, poll.guild_id)
        assert known is not None
        assert known.waiting == 1
        assert (await again.accept(poll.poll_id, made.proposal_id, MODERATOR)).state is ProposalState.ACCEPTED
        after = (await again.get(poll.poll_id, poll.guild_id)).poll
        assert (after.options, after.waiting) == ((*poll.options, "Council"), 0)
        assert again.peek(poll.poll_id, poll.guild_id) == after
        assert (await again.proposals(poll.poll_id, actor(1))).waiting == ()


async def test_ballots_cast_before_stay_and_can_name_it_after(polls: PollService, clock: SetClock) -> None:
    poll = await taking(polls, kind=PollKind.MULTIPLE)
    for member in (5, 6):
        await cast(polls, poll, member, b"\x00\x00\xff")
    made = await polls.propose(poll.poll_id, voter(5), "Council")
    await polls.accept(poll.poll_id, made.proposal_id, MODERATOR)
    after = (await polls.get(poll.poll_id, poll.guild_id)).poll
    assert (after.rules.fewest, after.rules.most) == (1, 4)
    await cast(polls, after, 6, b"\x00\xff\xff\x00")
    clock.move(minutes=61)
    result = await polls.due(poll.poll_id)
    assert result is not None
    assert (result.votes, result.turnout) == ((2, 1, 0, 1), 2)


async def test_a_declined_one_is_gone_and_not_taken_again(polls: PollService) -> None:
    poll = await taking(polls)
    made = await polls.propose(poll.poll_id, voter(5), "Council")
    assert (await polls.decline(poll.poll_id, made.proposal_id, MODERATOR)).state is ProposalState.DECLINED
    assert (await polls.proposals(poll.poll_id, MODERATOR)).waiting == ()
    assert (await polls.get(poll.poll_id, poll.guild_id)).poll.options == poll.options
    with pytest.raises(InvalidInputError, match="declined"):
        await polls.propose(poll.poll_id, voter(6), "COUNCIL")
    for decide in (polls.accept, polls.decline):
        with pytest.raises(ClosedError, match="was declined a moment ago"):
            await decide(poll.poll_id, made.proposal_id, MODERATOR)


async def test_two_moderators_at_once(polls: PollService, database: Database, clock: SetClock) -> None:
    """In one process and in two: the option is there once, and all but one hear that somebody was faster."""
    poll = await taking(polls)
    made = [await polls.propose(poll.poll_id, voter(member), f"Option {member}") for member in (5, 6, 7)]
    async with restarted(database, clock) as other:
        decisions = [
            service.accept(poll.poll_id, one.proposal_id, MODERATOR)
            for one in made
            for service in (polls, other, polls, other)
        ]
        answers = await asyncio.gather(*decisions, return_exceptions=True)
    assert [type(answer).__name__ for answer in answers].count("Proposal") == 3
    assert all("was accepted a moment ago" in str(one) for one in answers if isinstance(one, Exception))
    options = (await polls.get(poll.poll_id, poll.guild_id)).poll.options
    assert options[:3] == poll.options
    assert sorted(options[3:]) == ["Option 5", "Option 6", "Option 7"]


async def test_the_twenty_sixth_option_does_not_fit(polls: PollService) -> None:
    poll = await taking(polls, options=tuple(f"Option {number}" for number in range(24)))
    first, second = [await polls.propose(poll.poll_id, voter(member), f"By {member}") for member in (5, 6)]
    answers = await asyncio.gather(
        *(polls.accept(poll.poll_id, one.proposal_id, MODERATOR) for one in (first, second)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, ClosedError)]
    assert len(refused) == 1
    assert "25 options" in str(refused[0])
    assert len((await polls.get(poll.poll_id, poll.guild_id)).poll.options) == 25
    with pytest.raises(ClosedError, match="25 options"):
        await polls.propose(poll.poll_id, voter(7), "Late")
    (left,) = (await polls.proposals(poll.poll_id, MODERATOR)).waiting
    await polls.decline(poll.poll_id, left.proposal_id, MODERATOR)


async def test_nothing_is_accepted_after_the_end(polls: PollService, clock: SetClock) -> None:
    poll, other = await taking(polls), await taking(polls)
    made = [await polls.propose(one.poll_id, voter(5), "Council") for one in (poll, other)]
    await polls.close_now(other.poll_id, MODERATOR)
    clock.move(minutes=60)
    for one in made:
        with pytest.raises(ClosedError, match="poll is closed"):
            await polls.accept(one.poll_id, one.proposal_id, MODERATOR)
        with pytest.raises(ClosedError, match="poll is closed"):
            await polls.propose(one.poll_id, voter(5), "Later")
        await polls.decline(one.poll_id, one.proposal_id, MODERATOR)


async def test_an_option_that_came_meanwhile_is_not_added_twice(polls: PollService) -> None:
    poll = await taking(polls)
    made = await polls.propose(poll.poll_id, voter(5), "Council")
    await polls.edit(poll.poll_id, actor(), PollEdit(options=(*poll.options, "COUNCIL")))
    with pytest.raises(ClosedError, match="option of this poll by now"):
        await polls.accept(poll.poll_id, made.proposal_id, MODERATOR)


async def test_an_edit_keeps_what_waits_and_can_end_proposing(polls: PollService) -> None:
    poll = await taking(polls)
    made = await polls.propose(poll.poll_id, voter(5), "Council")
    await polls.edit(poll.poll_id, actor(), PollEdit(takes_proposals=False))
    with pytest.raises(NotAllowedError, match="takes no proposals"):
        await polls.propose(poll.poll_id, voter(5), "More")
    assert (await polls.proposals(poll.poll_id, MODERATOR)).waiting == (made,)
    await polls.accept(poll.poll_id, made.proposal_id, MODERATOR)


async def test_nobody_floods_a_poll(polls: PollService, database: Database, clock: SetClock) -> None:
    poll = await taking(polls)
    async with restarted(database, clock) as other:
        answers: list[object] = await asyncio.gather(
            *(
                service.propose(poll.poll_id, voter(5), f"Number {number}")
                for number, service in enumerate((polls, other) * 4)
            ),
            return_exceptions=True,
        )
    assert sum(isinstance(answer, NotAllowedError) for answer in answers) == 5
    assert len((await polls.proposals(poll.poll_id, MODERATOR)).waiting) == 3
    limited = await taking(polls, rules=PollRules(role_ids=(4,)))
    with pytest.raises(NotAllowedError, match="with a role"):
        await polls.propose(limited.poll_id, voter(5), "Council")


async def test_what_is_not_there_is_told(polls: PollService) -> None:
    poll, other = await taking(polls), await taking(polls)
    made = await polls.propose(poll.poll_id, voter(5), "Council")
    for poll_id, proposal_id in ((poll.poll_id, 99), (other.poll_id, made.proposal_id)):
        for decide in (polls.accept, polls.decline):
            with pytest.raises(NotFoundError, match="proposal is gone"):
                await decide(poll_id, proposal_id, MODERATOR)
    with pytest.raises(UserError):
        await polls.propose(99, voter(5), "Council")
    await polls.delete(poll.poll_id, MODERATOR)
    with pytest.raises(NotFoundError):
        await polls.accept(poll.poll_id, made.proposal_id, MODERATOR)


async def test_a_proposer_who_is_erased(polls: PollService) -> None:
    """What waits goes with them; what became an option stays, and nobody knows whose it was."""
    poll = await taking(polls)
    kept, waiting = [await polls.propose(poll.poll_id, voter(5), text) for text in ("Council", "Lot")]
    declined = await polls.propose(poll.poll_id, voter(5), "Coin")
    await polls.accept(poll.poll_id, kept.proposal_id, MODERATOR)
    await polls.decline(poll.poll_id, declined.proposal_id, MODERATOR)
    listed = (await polls.export_user(5))["proposals"]
    assert [(one["option"], one["state"], one["question"]) for one in listed] == [
        ("Council", "accepted", "Which models?"),
        ("Lot", "pending", "Which models?"),
        ("Coin", "declined", "Which models?"),
    ]
    await polls.forget(5)
    assert (await polls.export_user(5))["proposals"] == []
    assert polls.peek(poll.poll_id, poll.guild_id) is None, "memory counted one that is gone"
    with pytest.raises(NotFoundError, match="erased"):
        await polls.accept(poll.poll_id, waiting.proposal_id, MODERATOR)
    after = (await polls.proposals(poll.poll_id, MODERATOR)).count.poll
    assert (after.options, after.waiting) == ((*poll.options, "Council"), 0)
