"""Methods, weights, comparisons and recounts, on both databases."""

from dataclasses import replace
from typing import Any

import pytest

from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from bot.polls.service import PollService
from bot.polls.tallies.lots import lots
from bot.polls.types import CountingMethod, Poll, PollEdit, PollKind, PollReveal, PollRules
from tests.support.polls import OPTIONS, SetClock, actor, cast, draft_of, opened, restarted, voter

RANKED: dict[str, Any] = {"kind": PollKind.RANKED, "options": ("Amber", "Basil", "Clove")}
# instant runoff elects the first option, whoever compares two by two the second
BALLOTS = (b"\x00\x01\x02", b"\x00\x01\x02", b"\x01\x00\x02", b"\x02\x01\x00", b"\x02\x01\x00")


async def voted(polls: PollService, **parts: Any) -> Poll:
    poll = await opened(polls, **{**RANKED, **parts})
    for member, ranks in enumerate(BALLOTS, start=1):
        await cast(polls, poll, member, ranks)
    return poll


async def test_a_method_is_stored_and_known(polls: PollService, database: Database, clock: SetClock) -> None:
    poll = await polls.draft(draft_of(**RANKED, takes_proposals=True))
    assert (poll.method, poll.takes_proposals, len(poll.tie_seed)) == (CountingMethod.RUNOFF, True, 16)
    changed = await polls.set_method(poll.poll_id, actor(), CountingMethod.SCHULZE)
    assert changed == replace(poll, method=CountingMethod.SCHULZE)
    await polls.open(poll.poll_id, actor())
    changed = await polls.set_method(poll.poll_id, actor(), CountingMethod.BORDA)
    async with restarted(database, clock) as again:
        known = again.peek(poll.poll_id, poll.guild_id)
        assert known is not None
        assert known == changed
        assert known.tie_seed == poll.tie_seed, "the lot stays as it was drawn"


async def test_a_draft_written_anew_keeps_its_lot(polls: PollService) -> None:
    poll = await polls.draft(draft_of())
    other = await polls.draft(draft_of())
    assert poll.tie_seed != other.tie_seed
    again = await polls.redraft(poll.poll_id, actor(), draft_of(**RANKED))
    assert again.tie_seed == poll.tie_seed
    assert again.method is CountingMethod.RUNOFF


async def test_how_a_poll_is_counted_changes_only_before_the_first_vote(polls: PollService) -> None:
    poll = await voted(polls)
    for method in (CountingMethod.BORDA, CountingMethod.SCHULZE):
        with pytest.raises(ClosedError, match="only while nobody has voted"):
            await polls.set_method(poll.poll_id, actor(), method)
    with pytest.raises(InvalidInputError):
        await polls.set_method(poll.poll_id, actor(), CountingMethod.STAR)
    with pytest.raises(NotAllowedError):
        await polls.set_method(poll.poll_id, actor(2), CountingMethod.BORDA)
    with pytest.raises(ClosedError, match="only while nobody has voted"):
        await polls.set_rules(poll.poll_id, actor(), replace(poll.rules, weights=((7, 2),)))
    assert (await polls.set_method(poll.poll_id, actor(), CountingMethod.RUNOFF)).method is CountingMethod.RUNOFF
    await polls.close_now(poll.poll_id, actor())
    with pytest.raises(ClosedError, match="can no longer be edited"):
        await polls.set_method(poll.poll_id, actor(), CountingMethod.RUNOFF)
    with pytest.raises(NotFoundError):
        await polls.set_method(99, actor(), CountingMethod.RUNOFF)


async def test_weights_are_fixed_when_a_ballot_is_cast(polls: PollService, database: Database, clock: SetClock) -> None:
    weights = ((7, 3), (8, 5))
    poll = await opened(polls, rules=PollRules(weights=weights), reveal=PollReveal.ALWAYS)
    assert poll.rules.weights == weights
    for member, (roles, place) in enumerate([((), 0), ((7,), 1), ((8, 7), 2), ((7,), 2)], start=1):
        await polls.vote(poll.poll_id, voter(member, *roles), bytes(0 if at == place else 255 for at in range(3)))
    async with restarted(database, clock) as again:
        assert again.peek(poll.poll_id, poll.guild_id) == poll
        # a role that was lost since: the ballot that is cast now weighs what the voter has now
        await again.vote(poll.poll_id, voter(4), b"\xff\x00\xff")
    result = await polls.results(poll.poll_id, voter(9))
    assert (result.turnout, result.weight, result.votes) == (4, 10, (1, 4, 5))
    exported = await polls.export_user(2)
    assert [vote["weight"] for vote in exported["votes"]] == [3]
    assert "weight" not in (await polls.export_user(1))["votes"][0]


async def test_weights_come_go_and_are_copied(polls: PollService) -> None:
    poll = await polls.draft(draft_of())
    for weights in (((7, 2),), ((7, 2), (9, 4)), ()):
        poll = await polls.set_rules(poll.poll_id, actor(), replace(poll.rules, weights=weights))
        assert poll.rules.weights == weights
        assert (await polls.load(poll.poll_id, actor())).rules.weights == weights


async def test_a_winner_and_the_other_rules(polls: PollService) -> None:
    poll = await voted(polls)
    with pytest.raises(NotAllowedError, match="hidden until it closes"):
        await polls.comparison(poll.poll_id, voter(1))
    result = await polls.close_now(poll.poll_id, actor())
    assert result.tally is not None
    assert (result.tally.winner, result.leading) == (0, (True, False, False))
    compared, comparison = await polls.comparison(poll.poll_id, voter(9))
    assert compared.tally == result.tally
    assert comparison.differs
    winners = {tally.method: tally.winner for tally in comparison.tallies}
    assert winners[CountingMethod.RUNOFF] == 0
    assert winners[CountingMethod.SCHULZE] == winners[CountingMethod.RANKED_PAIRS] == 1


async def test_a_tie_goes_to_the_lot_that_stood_before_the_votes(polls: PollService) -> None:
    poll = await opened(polls, **RANKED)
    order = lots(poll.tie_seed, poll.options)
    for member, ranks in enumerate((b"\x00\xff\xff", b"\xff\x00\xff", b"\xff\xff\x00"), start=1):
        await cast(polls, poll, member, ranks)
    result = await polls.close_now(poll.poll_id, actor())
    assert result.tally is not None
    assert result.tally.winner == order[0]
    assert all("lot" in tie.by for tie in result.tally.tie_breaks)


async def test_whoever_may_see_the_result_may_count_again(polls: PollService) -> None:
    poll = await voted(polls, reveal=PollReveal.VOTED)
    with pytest.raises(NotAllowedError, match="vote first"):
        await polls.recount_file(poll.poll_id, voter(9))
    with pytest.raises(ClosedError, match="once the poll has closed"):
        await polls.recount_file(poll.poll_id, voter(1))
    await polls.close_now(poll.poll_id, actor())
    export = await polls.recount_file(poll.poll_id, voter(9))
    assert not export.only_totals
    assert b"Amber" in export.json
    with pytest.raises(NotFoundError):
        await polls.recount_file(poll.poll_id, voter(9, guild=5))


async def test_a_ballot_made_before_an_option_was_added_counts(
    polls: PollService, database: Database, clock: SetClock
) -> None:
    poll = await opened(polls, takes_proposals=True)
    seen = polls.peek(poll.poll_id, poll.guild_id)
    # as another process does it when a proposal is accepted
    async with restarted(database, clock) as other:
        await other.edit(poll.poll_id, actor(), PollEdit(options=(*OPTIONS, "Neither")))
        await polls.load(poll.poll_id, actor())
        await polls.vote(poll.poll_id, voter(2), b"\x00\xff\xff", seen=seen)
    assert (await polls.close_now(poll.poll_id, actor())).votes == (1, 0, 0, 0)
