"""The poll service on both databases: drafts, votes and the end of a poll, and what goes wrong in them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from bot.polls.counting import pack_choices, ranks_of
from bot.polls.service import PollService
from bot.polls.types import (
    Peeked,
    PollCount,
    PollKind,
    PollLists,
    PollPhase,
    PollResult,
    PollReveal,
    PollRules,
)
from tests.support.polls import GUILD, START, SetClock, actor, cast, draft_of, opened, restarted, voter

FULL = PollRules(1, 2, (4, 5), 3, 9)


async def test_a_poll_from_draft_to_result(polls: PollService, clock: SetClock) -> None:
    poll = await polls.draft(draft_of())
    assert (poll.phase, poll.options, poll.closes_at) == (
        PollPhase.DRAFT,
        ("Open", "Closed", "Hybrid"),
        draft_of().closes_at,
    )
    assert (await polls.open(poll.poll_id, actor())).turnout == 0
    assert (await polls.posted(poll.poll_id, 99)).message_id == 99
    for member, position in ((1, 0), (2, 2), (3, 2)):
        receipt = await cast(polls, poll, member, position)
        assert (receipt.changed, receipt.poll.message_id) == (False, 99)
    assert (await polls.get(poll.poll_id, GUILD)).turnout == 3
    assert await polls.due(poll.poll_id) is None, "not due yet"
    clock.move(hours=1)
    result = await polls.due(poll.poll_id)
    assert result is not None
    assert result.votes == (1, 0, 2)
    assert result.percents == (33, 0, 67)
    assert result.leading == (False, False, True)
    assert result.poll.message_id == 99
    assert result.poll.closed_at == poll.closes_at


@pytest.mark.parametrize("kind", PollKind)
async def test_every_setting_is_stored(polls: PollService, database: Database, clock: SetClock, kind: PollKind) -> None:
    draft = draft_of(kind=kind, is_public=True, reveal=PollReveal.VOTED, reminds=True, rules=FULL)
    poll = await polls.draft(draft)
    assert (poll.kind, poll.is_public, poll.reveal) == (kind, True, PollReveal.VOTED)
    assert (poll.rules.role_ids, poll.rules.days_in_server, poll.rules.quorum) == ((4, 5), 3, 9)
    assert poll.remind_at == poll.closes_at - timedelta(minutes=10)
    opened_as = (await polls.open(poll.poll_id, actor())).poll
    assert opened_as == replace(poll, phase=PollPhase.OPEN)
    assert polls.peek(poll.poll_id, GUILD) == opened_as
    async with restarted(database, clock) as again:
        assert again.peek(poll.poll_id, GUILD) == opened_as
        assert (await again.get(poll.poll_id, GUILD)).poll == opened_as


async def test_a_draft_is_written_anew(polls: PollService) -> None:
    poll = await polls.draft(draft_of(kind=PollKind.MULTIPLE, options=("a", "b", "c", "d")))
    await polls.set_rules(poll.poll_id, actor(), PollRules(2, 2, (8,), None, 5))
    written = draft_of(kind=PollKind.MULTIPLE, options=("x", "y", "z"), is_public=True, channel_id=8, minutes=90)
    again = await polls.redraft(poll.poll_id, actor(), written)
    assert again.poll_id == poll.poll_id
    assert (again.options, again.is_public, again.channel_id) == (("x", "y", "z"), True, 8)
    assert again.rules == PollRules(2, 2, (8,), None, 5), "what the second form set stays"
    assert polls.peek(poll.poll_id, GUILD) == again
    private = await polls.redraft(poll.poll_id, actor(), replace(written, is_public=False, rules=PollRules()))
    assert (private.is_public, private.rules) == (False, PollRules())
    public = await polls.redraft(poll.poll_id, actor(), written)
    assert public.is_public, "a draft may become public again"
    with pytest.raises(InvalidInputError):
        await polls.redraft(poll.poll_id, actor(), replace(written, question=" "))
    await polls.open(poll.poll_id, actor())
    with pytest.raises(ClosedError, match="posted already"):
        await polls.redraft(poll.poll_id, actor(), written)


async def test_a_vote_can_be_changed_and_counts_once(polls: PollService) -> None:
    poll = await opened(polls)
    assert not (await cast(polls, poll, 5, 0)).changed
    assert (await cast(polls, poll, 5, 0)).changed
    assert (await cast(polls, poll, 5, 1)).changed
    assert (await polls.close_now(poll.poll_id, actor())).votes == (0, 1, 0)


async def test_presses_at_once_all_count_once_each(polls: PollService) -> None:
    poll = await opened(polls)
    presses = [cast(polls, poll, member, member % 3) for member in range(60) for _ in range(5)]
    receipts = await asyncio.gather(*presses)
    assert len(receipts) == 300
    assert (await polls.close_now(poll.poll_id, actor())).votes == (20, 20, 20)


async def test_the_last_of_quick_presses_stands(polls: PollService) -> None:
    poll = await opened(polls)
    await asyncio.gather(*(cast(polls, poll, 4, place) for place in (0, 1, 2)))
    assert polls.peek_ballot(poll.poll_id, 4) == Peeked(ranks_of(2, 3))
    assert (await polls.paper(poll.poll_id, voter(4))).ranks == ranks_of(2, 3)
    assert (await polls.close_now(poll.poll_id, actor())).votes == (0, 0, 1)


async def test_late_votes_are_refused_beside_good_ones(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls)
    other = await opened(polls, minutes=120)
    await cast(polls, poll, 1, 0)
    clock.move(minutes=60)
    late, good = await asyncio.gather(cast(polls, poll, 2, 0), cast(polls, other, 2, 1), return_exceptions=True)
    assert isinstance(late, ClosedError), "the deadline counts, even before the timer came"
    assert not isinstance(good, BaseException)
    result = await polls.due(poll.poll_id)
    assert result is not None
    assert result.votes == (1, 0, 0)
    with pytest.raises(ClosedError):
        await cast(polls, poll, 1, 1)


async def test_votes_from_nowhere_are_refused(polls: PollService) -> None:
    poll = await opened(polls)
    with pytest.raises(NotFoundError):
        await polls.vote(poll.poll_id, voter(1, guild=GUILD + 1), ranks_of(0, 3))
    for position in (3, -1):
        with pytest.raises(NotFoundError):
            await cast(polls, poll, 1, position)
    draft = await polls.draft(draft_of())
    for poll_id in (draft.poll_id, 10**9):
        with pytest.raises(NotFoundError):
            await polls.vote(poll_id, voter(1), ranks_of(0, 3))
        with pytest.raises(NotFoundError):
            await polls.get(poll_id, GUILD)
        with pytest.raises(NotFoundError):
            await polls.paper(poll_id, voter(1))
        with pytest.raises(NotFoundError):
            await polls.results(poll_id, voter(1))
    assert (await polls.get(poll.poll_id, GUILD)).turnout == 0


async def test_who_may_not_vote_gets_no_ballot_and_casts_none(polls: PollService) -> None:
    poll = await opened(polls, rules=PollRules(role_ids=(7,), days_in_server=2))
    for wrong in (voter(1), voter(1, 7), voter(1, 7, joined_at=START - timedelta(days=1))):
        with pytest.raises(NotAllowedError):
            await polls.vote(poll.poll_id, wrong, ranks_of(0, 3))
        with pytest.raises(NotAllowedError):
            await polls.paper(poll.poll_id, wrong)
    member = voter(1, 7, joined_at=START - timedelta(days=2))
    await polls.vote(poll.poll_id, member, ranks_of(0, 3))
    assert (await polls.paper(poll.poll_id, member)).ranks == ranks_of(0, 3)
    with pytest.raises(InvalidInputError):
        await polls.vote(poll.poll_id, member, bytes(3))


async def test_a_draft_is_its_creators_own(polls: PollService) -> None:
    poll = await polls.draft(draft_of(creator=1))
    for stranger in (actor(2, moderator=True), actor(1, guild=GUILD + 1)):
        for attempt in (
            polls.open(poll.poll_id, stranger),
            polls.discard(poll.poll_id, stranger),
            polls.redraft(poll.poll_id, stranger, draft_of()),
            polls.set_rules(poll.poll_id, stranger, FULL),
        ):
            with pytest.raises(NotAllowedError):
                await attempt
    await polls.discard(poll.poll_id, actor(1))
    assert polls.peek(poll.poll_id, GUILD) is None
    with pytest.raises(NotFoundError, match="Start again"):
        await polls.open(poll.poll_id, actor(1))


async def test_a_draft_opens_once(polls: PollService) -> None:
    poll = await polls.draft(draft_of())
    results = await asyncio.gather(*(polls.open(poll.poll_id, actor()) for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(result, ClosedError) for result in results) == [False, True, True, True]


async def test_a_draft_whose_time_has_passed_is_not_opened(polls: PollService, clock: SetClock) -> None:
    poll = await polls.draft(draft_of())
    clock.move(hours=2)
    with pytest.raises(InvalidInputError, match="already passed"):
        await polls.open(poll.poll_id, actor())
    await polls.start()
    with pytest.raises(NotFoundError, match="draft is gone"):
        await polls.open(poll.poll_id, actor())


async def test_withdrawn_polls_are_drafts_again(polls: PollService) -> None:
    poll = await opened(polls)
    await polls.withdraw(poll.poll_id)
    assert (await polls.list_polls(GUILD, PollLists.OPEN, 1)).counts == ()
    with pytest.raises(NotFoundError):
        await cast(polls, poll, 1, 0)
    assert (await polls.open(poll.poll_id, actor())).poll.phase is PollPhase.OPEN


async def test_polls_that_are_seen_or_voted_in_stay_open(polls: PollService) -> None:
    posted, voted = await opened(polls), await opened(polls)
    await polls.posted(posted.poll_id, 5)
    await cast(polls, voted, 1, 0)
    for poll in (posted, voted):
        await polls.withdraw(poll.poll_id)
        assert (await polls.get(poll.poll_id, GUILD)).poll.phase is PollPhase.OPEN
    await polls.withdraw(10**9)


async def test_what_a_crash_left_unposted_is_found(polls: PollService, database: Database, clock: SetClock) -> None:
    lost, posted = await opened(polls), await opened(polls)
    await polls.draft(draft_of())
    await polls.posted(posted.poll_id, 5)
    await cast(polls, lost, 1, 0)
    async with restarted(database, clock) as again:
        assert await again.unposted() == (PollCount(lost, 1),)


async def test_memory_knows_after_a_restart(polls: PollService, database: Database, clock: SetClock) -> None:
    poll, draft = await opened(polls), await polls.draft(draft_of())
    await cast(polls, poll, 5, 2)
    assert polls.peek(draft.poll_id, GUILD) == draft
    assert polls.peek(poll.poll_id, GUILD + 1) is None
    async with restarted(database, clock) as again:
        assert again.peek(poll.poll_id, GUILD) == poll
        assert again.peek_ballot(poll.poll_id, 5) == Peeked(ranks_of(2, 3))
        assert again.peek_ballot(poll.poll_id, 6) == Peeked(None)


async def test_what_memory_does_not_know_is_read_once(polls: PollService, database: Database, clock: SetClock) -> None:
    other = PollService(database, polls._timers, clock)
    poll = await opened(other)
    await cast(other, poll, 5, 2)
    assert polls.peek(poll.poll_id, GUILD) is None
    assert polls.peek_ballot(poll.poll_id, 5) is None
    paper = await polls.paper(poll.poll_id, voter(5))
    assert (paper.poll, paper.ranks) == (poll, ranks_of(2, 3))
    assert polls.peek(poll.poll_id, GUILD) == poll
    assert polls.peek_ballot(poll.poll_id, 6) == Peeked(None)
    await other.stop()


async def test_large_polls_are_known_voter_by_voter(polls: PollService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.polls.service.voting.READ_WHOLE", 1)
    poll = await opened(polls)
    polls._book.drop(poll.poll_id)
    for member in (5, 6):
        await cast(polls, poll, member, 1)
    polls._book.drop(poll.poll_id)
    assert (await polls.paper(poll.poll_id, voter(7))).ranks is None
    assert (await polls.paper(poll.poll_id, voter(5))).ranks == ranks_of(1, 3)
    assert polls.peek_ballot(poll.poll_id, 7) == Peeked(None)
    assert polls.peek_ballot(poll.poll_id, 5) == Peeked(ranks_of(1, 3))
    assert polls.peek_ballot(poll.poll_id, 6) is None


async def test_another_process_closes_and_opens_again(polls: PollService, database: Database, clock: SetClock) -> None:
    poll = await opened(polls, reveal=PollReveal.ALWAYS)
    other = PollService(database, polls._timers, clock)
    await other.close_now(poll.poll_id, actor())
    assert polls.peek(poll.poll_id, GUILD) == poll, "memory is behind"
    with pytest.raises(ClosedError):
        await cast(polls, poll, 1, 0)
    await other.reopen(poll.poll_id, actor(), START + timedelta(hours=2))
    assert (await cast(polls, poll, 1, 0)).poll.closes_at == START + timedelta(hours=2)
    await other.delete(poll.poll_id, actor())
    with pytest.raises(NotFoundError):
        await cast(polls, poll, 1, 0)
    assert polls.peek(poll.poll_id, GUILD) is None
    await other.stop()


async def test_closing_twice_is_harmless_and_done_comes_last(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls)
    await cast(polls, poll, 1, 1)
    clock.move(hours=1)
    first, second = await asyncio.gather(polls.due(poll.poll_id), polls.due(poll.poll_id))
    assert first == second is not None
    assert await polls.due(poll.poll_id) == first, "closed but not shown: it is handed out again"
    await polls.shown(poll.poll_id)
    await polls.shown(poll.poll_id)
    assert await polls.due(poll.poll_id) is None
    assert await polls.due(10**9) is None
    assert (await polls.get(poll.poll_id, GUILD)).poll.phase is PollPhase.DONE


@pytest.mark.parametrize(
    ("reveal", "open_card"),
    [(PollReveal.CLOSING, PollCount), (PollReveal.VOTED, PollCount), (PollReveal.ALWAYS, PollResult)],
)
async def test_what_a_card_shows(polls: PollService, reveal: PollReveal, open_card: type) -> None:
    draft = await polls.draft(draft_of(reveal=reveal))
    assert isinstance(await polls.live(draft.poll_id), PollCount)
    await polls.open(draft.poll_id, actor())
    await cast(polls, draft, 1, 0)
    card = await polls.live(draft.poll_id)
    assert type(card) is open_card
    assert card.turnout == 1
    await polls.close_now(draft.poll_id, actor())
    assert isinstance(await polls.live(draft.poll_id), PollResult)


async def test_results_and_voters_are_shown_to_those_who_may_see(polls: PollService) -> None:
    hidden = await opened(polls)
    voted = await opened(polls, reveal=PollReveal.VOTED, is_public=True, kind=PollKind.MULTIPLE)
    await cast(polls, hidden, 5, 0)
    await cast(polls, voted, 5, pack_choices((0, 2), 3))
    await cast(polls, voted, 3, pack_choices((2,), 3))
    with pytest.raises(NotAllowedError, match="until it closes"):
        await polls.results(hidden.poll_id, voter(5))
    with pytest.raises(NotAllowedError, match="vote first"):
        await polls.voters(voted.poll_id, voter(6))
    assert (await polls.results(voted.poll_id, voter(5))).votes == (1, 0, 2)
    assert (await polls.voters(voted.poll_id, voter(5))).members == ((5,), (), (3, 5))
    with pytest.raises(NotFoundError):
        await polls.results(voted.poll_id, voter(5, guild=GUILD + 1))
    await polls.close_now(hidden.poll_id, actor())
    assert (await polls.results(hidden.poll_id, voter(9))).votes == (1, 0, 0)
    with pytest.raises(NotAllowedError, match="secret"):
        await polls.voters(hidden.poll_id, voter(5))


async def test_forgotten_people_leave_closed_counts_as_they_were(polls: PollService, database: Database) -> None:
    closed, running = await opened(polls, creator=5), await opened(polls, reminds=True)
    for poll in (closed, running):
        await cast(polls, poll, 5, 1)
        await cast(polls, poll, 6, 0)
    await polls.bell(running.poll_id, voter(5), on=True)
    await polls.draft(draft_of(creator=5))
    before = await polls.close_now(closed.poll_id, actor(5))
    known = await polls.export_user(5)
    assert [len(known[part]) for part in ("created", "votes", "reminders")] == [2, 2, 1]

    await polls.forget(5)
    assert (await polls.get(running.poll_id, GUILD)).turnout == 1
    assert polls.peek_ballot(running.poll_id, 5) == Peeked(None)
    after = await polls.due(closed.poll_id)
    assert after is not None
    assert after.votes == before.votes
    assert after.poll.creator_id is None
    async with database.read() as connection:
        for left in ("polls WHERE phase = 'draft'", "poll_bells"):
            assert (await connection.execute(text(f"SELECT count(*) FROM {left}"))).scalar_one() == 0  # noqa: S608


async def test_export_says_what_was_chosen(polls: PollService) -> None:
    expected = {
        PollKind.SINGLE: (ranks_of(2, 3), {"choices": ["Hybrid"]}),
        PollKind.SCORE: (bytes((5, 0, 255)), {"scores": {"Open": 5, "Closed": 0}}),
        PollKind.RANKED: (bytes((1, 0, 255)), {"ranks": {"Open": 2, "Closed": 1}}),
    }
    for kind, (ranks, _) in expected.items():
        await cast(polls, await opened(polls, kind=kind), 8, ranks)
    about = {"guild_id": str(GUILD), "question": "Which models?", "cast_at": START.isoformat()}
    votes = (await polls.export_user(8))["votes"]
    assert sorted(votes, key=str) == sorted(({**about, **said} for _, said in expected.values()), key=str)
    assert await polls.export_user(404) == {"created": [], "votes": [], "reminders": [], "proposals": []}
