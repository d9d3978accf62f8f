"""What creators and moderators do with polls, on both databases: edit, close, reopen, delete, list."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError, UserError
from bot.polls.counting import ranks_of
from bot.polls.service import POLL_DUE, POLL_REMINDER_DUE, PollService
from bot.polls.types import (
    Peeked,
    PollEdit,
    PollKind,
    PollLists,
    PollPhase,
    PollResult,
    PollReveal,
    PollRules,
    VoteReceipt,
)
from tests.support.polls import GUILD, START, SetClock, actor, cast, draft_of, opened, restarted, voter

LATER = START + timedelta(hours=5)


def armed(polls: PollService, event: str, poll_id: int) -> Any:
    """Whether and for when a timer is set, as the timers know it."""
    return polls._timers.due_at(event, poll_id)


async def test_only_creator_and_moderators_manage(polls: PollService) -> None:
    poll = await opened(polls)

    async def each(who: Any) -> None:
        for act in (
            polls.manage(poll.poll_id, who),
            polls.close_now(poll.poll_id, who),
            polls.edit(poll.poll_id, who, PollEdit()),
            polls.reopen(poll.poll_id, who, LATER),
            polls.delete(poll.poll_id, who),
            polls.export(poll.poll_id, who),
            polls.remind_now(poll.poll_id, who),
        ):
            with pytest.raises(NotFoundError if who.guild_id != GUILD else NotAllowedError):
                await act

    await each(actor(2))
    await each(actor(2, moderator=True, guild=GUILD + 1))
    with pytest.raises(NotAllowedError):
        await polls.set_rules(poll.poll_id, actor(2), PollRules())
    assert (await polls.manage(poll.poll_id, actor(2, moderator=True))).poll == poll
    await polls.close_now(poll.poll_id, actor(1))
    with pytest.raises(ClosedError):
        await polls.close_now(poll.poll_id, actor(1))
    assert (await polls.manage(poll.poll_id, actor(1))).poll.phase is PollPhase.CLOSED, "closed ones are managed too"


async def test_an_edit_is_stored_and_known(polls: PollService, database: Database, clock: SetClock) -> None:
    poll = await opened(polls, is_public=True, reveal=PollReveal.ALWAYS)
    await cast(polls, poll, 5, 0)
    edit = PollEdit(question="Other?", closes_at=LATER, is_public=False, reveal=PollReveal.CLOSING, reminds=True)
    count = await polls.edit(poll.poll_id, actor(), edit)
    assert count.turnout == 1
    assert count.poll == replace(
        poll,
        question="Other?",
        closes_at=LATER,
        is_public=False,
        reveal=PollReveal.CLOSING,
        remind_at=LATER - timedelta(minutes=30),
    )
    assert polls.peek(poll.poll_id, GUILD) == count.poll
    async with restarted(database, clock) as again:
        assert again.peek(poll.poll_id, GUILD) == count.poll
    with pytest.raises(NotAllowedError, match="cannot become public"):
        await polls.edit(poll.poll_id, actor(), PollEdit(is_public=True))
    with pytest.raises(InvalidInputError):
        await polls.edit(poll.poll_id, actor(), PollEdit(question=" "))
    clock.move(hours=2)
    assert await polls.due(poll.poll_id) is None, "the old end no longer counts"
    clock.move(hours=4)
    with pytest.raises(ClosedError, match="no longer be edited"):
        await polls.edit(poll.poll_id, actor(), PollEdit(closes_at=LATER + timedelta(days=1)))
    assert isinstance(await polls.due(poll.poll_id), PollResult)
    with pytest.raises(ClosedError, match="no longer be edited"):
        await polls.edit(poll.poll_id, actor(), PollEdit(question="Too late?"))


@pytest.mark.parametrize(
    "edit",
    [PollEdit(options=("Yes", "No")), PollEdit(kind=PollKind.RANKED), PollEdit(reveal=PollReveal.ALWAYS)],
)
async def test_what_voters_relied_on_changes_only_before_the_first_vote(polls: PollService, edit: PollEdit) -> None:
    fresh, voted = await opened(polls), await opened(polls)
    changed = (await polls.edit(fresh.poll_id, actor(), edit)).poll
    for name in ("options", "kind", "reveal"):
        wanted = getattr(edit, name)
        assert getattr(changed, name) == (getattr(fresh, name) if wanted is None else wanted)
    assert polls.peek(fresh.poll_id, GUILD) == changed
    await cast(polls, voted, 5, 0)
    with pytest.raises(ClosedError, match=r"nobody has voted|stay hidden"):
        await polls.edit(voted.poll_id, actor(), replace(edit, question="Changed as well?"))
    assert (await polls.get(voted.poll_id, GUILD)).poll == voted, "all or nothing"
    assert polls.peek(voted.poll_id, GUILD) == voted


async def test_rules_of_an_open_poll(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls, kind=PollKind.MULTIPLE)
    assert (await polls.set_rules(poll.poll_id, actor(), PollRules(2, 2))).rules == PollRules(2, 2)
    await cast(polls, poll, 5, bytes((0, 0, 255)))
    wanted = PollRules(2, 2, (7, 9), 4, 11)
    assert (await polls.set_rules(poll.poll_id, actor(2, moderator=True), wanted)).rules == wanted
    known = polls.peek(poll.poll_id, GUILD)
    assert known is not None
    assert known.rules == wanted
    with pytest.raises(ClosedError, match="How many options"):
        await polls.set_rules(poll.poll_id, actor(), replace(wanted, fewest=1))
    assert (await polls.set_rules(poll.poll_id, actor(), PollRules(2, 2))).rules == PollRules(2, 2)
    with pytest.raises(InvalidInputError):
        await polls.set_rules(poll.poll_id, actor(), PollRules(2, 9))
    clock.move(hours=1)
    with pytest.raises(ClosedError, match="no longer be edited"):
        await polls.set_rules(poll.poll_id, actor(), wanted)


async def test_edits_at_once_take_nothing_back(polls: PollService) -> None:
    poll = await opened(polls, is_public=True)
    await asyncio.gather(
        polls.edit(poll.poll_id, actor(), PollEdit(is_public=False)),
        polls.edit(poll.poll_id, actor(), PollEdit(question="New?")),
        polls.edit(poll.poll_id, actor(), PollEdit(closes_at=LATER)),
        polls.set_rules(poll.poll_id, actor(), PollRules(quorum=3)),
    )
    now = (await polls.get(poll.poll_id, GUILD)).poll
    assert (now.is_public, now.question, now.closes_at, now.rules.quorum) == (False, "New?", LATER, 3)
    assert polls.peek(poll.poll_id, GUILD) == now


async def test_options_never_change_under_a_vote(polls: PollService) -> None:
    """Either the vote counts for the options it was cast for, or it hears that they are no more."""
    outcomes: set[str] = set()
    for turn in range(12):
        poll = await opened(polls, options=("a", "b", "c", "d"))
        edit = polls.edit(poll.poll_id, actor(), PollEdit(options=("x", "y")))
        votes = [polls.vote(poll.poll_id, voter(member), ranks_of(3, 4)) for member in range(4)]
        acts = [edit, *votes] if turn % 2 else [*votes[:2], edit, *votes[2:]]
        answers = await asyncio.gather(*acts, return_exceptions=True)
        now = (await polls.get(poll.poll_id, GUILD)).poll
        counted = sum(isinstance(answer, VoteReceipt) for answer in answers)
        refused = [answer for answer in answers if isinstance(answer, BaseException)]
        assert all(isinstance(answer, UserError) for answer in refused)
        result = await polls.close_now(poll.poll_id, actor())
        if now.options == ("x", "y"):
            assert counted == 0
            outcomes.add("edited")
        else:
            assert result.votes == (0, 0, 0, counted)
            assert counted == 4
            outcomes.add("voted")
        assert result.turnout == counted
    assert outcomes, "one of both won each time"


async def test_a_vote_waits_while_options_change(polls: PollService) -> None:
    poll = await opened(polls)
    changed = replace(poll, options=("Hybrid", "Closed", "Open"))
    ballots = ((None, 0), (poll, 0), (changed, 2))
    async with polls._gate.hold(poll.poll_id):
        votes = [
            asyncio.create_task(polls.vote(poll.poll_id, voter(member), ranks_of(place, 3), seen=seen))
            for member, (seen, place) in enumerate(ballots)
        ]
        await asyncio.sleep(0.02)
        assert not any(vote.done() for vote in votes)
        await polls._store.change(poll, changed, START)
    answers = await asyncio.gather(*votes, return_exceptions=True)
    assert [type(answer) for answer in answers] == [ClosedError, ClosedError, VoteReceipt]
    assert "Please look again" in str(answers[0])
    assert (await polls.close_now(poll.poll_id, actor())).votes == (0, 0, 1)


async def test_a_ballot_made_for_other_options_is_refused(polls: PollService) -> None:
    poll = await opened(polls)
    changed = (await polls.edit(poll.poll_id, actor(), PollEdit(options=("Hybrid", "Closed", "Open")))).poll
    for old in (poll, replace(changed, kind=PollKind.APPROVAL)):
        with pytest.raises(ClosedError, match="were changed"):
            await polls.vote(poll.poll_id, voter(5), ranks_of(0, 3), seen=old)
    await polls.vote(poll.poll_id, voter(5), ranks_of(0, 3), seen=replace(changed, question="Old question?"))
    assert (await polls.get(poll.poll_id, GUILD)).turnout == 1


async def test_many_close_one_wins(polls: PollService) -> None:
    poll = await opened(polls)
    await cast(polls, poll, 5, 0)
    answers = await asyncio.gather(*(polls.close_now(poll.poll_id, actor()) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, PollResult) for answer in answers) == 1
    assert sum(isinstance(answer, ClosedError) for answer in answers) == 4
    assert polls.peek(poll.poll_id, GUILD) is not None
    assert polls.peek_ballot(poll.poll_id, 5) is None, "ballots of closed polls leave memory"
    with pytest.raises(ClosedError):
        await cast(polls, poll, 6, 0)


async def test_votes_and_closing_at_once_agree(polls: PollService) -> None:
    poll = await opened(polls)
    votes = [cast(polls, poll, member, 0) for member in range(40)]
    answers = await asyncio.gather(*votes[:20], polls.close_now(poll.poll_id, actor()), *votes[20:],
                                   return_exceptions=True)  # fmt: skip
    counted = sum(isinstance(answer, VoteReceipt) for answer in answers)
    result = await polls.due(poll.poll_id)
    assert result is not None
    assert result.turnout == counted, "who was told that it counts is counted, and nobody else"


async def test_a_closed_poll_opens_again_with_its_votes(
    polls: PollService, database: Database, clock: SetClock
) -> None:
    poll = await opened(polls, reveal=PollReveal.VOTED, reminds=True)
    await cast(polls, poll, 5, 0)
    clock.move(hours=1)
    await polls.due(poll.poll_id)
    for wrong in (clock.now, clock.now + timedelta(days=500)):
        with pytest.raises(InvalidInputError):
            await polls.reopen(poll.poll_id, actor(), wrong)
    count = await polls.reopen(poll.poll_id, actor(), LATER)
    assert (count.turnout, count.poll.phase, count.poll.closed_at) == (1, PollPhase.OPEN, None)
    assert count.poll.remind_at == LATER - timedelta(minutes=30)
    with pytest.raises(ClosedError, match="open already"):
        await polls.reopen(poll.poll_id, actor(), LATER)
    assert (await cast(polls, poll, 5, 2)).changed
    await cast(polls, poll, 6, 2)
    async with restarted(database, clock) as again:
        assert again.peek_ballot(poll.poll_id, 6) == Peeked(ranks_of(2, 3))
        clock.move(hours=5)
        result = await again.due(poll.poll_id)
    assert result is not None
    assert result.votes == (0, 0, 2)


async def test_hidden_polls_stay_closed(polls: PollService) -> None:
    poll = await opened(polls)
    await polls.close_now(poll.poll_id, actor())
    await polls.shown(poll.poll_id)
    with pytest.raises(ClosedError, match="clone"):
        await polls.reopen(poll.poll_id, actor(), LATER)


async def test_opening_again_against_the_timer(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls, reveal=PollReveal.ALWAYS)
    clock.move(hours=1)
    await polls.due(poll.poll_id)
    reopened, _, _ = await asyncio.gather(
        polls.reopen(poll.poll_id, actor(), LATER), polls.due(poll.poll_id), polls.due(poll.poll_id)
    )
    assert reopened.poll.phase is PollPhase.OPEN
    await polls.shown(poll.poll_id)
    assert (await polls.get(poll.poll_id, GUILD)).poll.phase is PollPhase.OPEN, "what was shown is not the end any more"
    assert await polls.due(poll.poll_id) is None
    await cast(polls, poll, 5, 0)


async def test_moving_the_end_against_the_timer(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls)
    clock.move(minutes=59)
    edit = polls.edit(poll.poll_id, actor(), PollEdit(closes_at=LATER))
    clock.move(minutes=1)
    due, edited = await asyncio.gather(polls.due(poll.poll_id), edit, return_exceptions=True)
    now = (await polls.get(poll.poll_id, GUILD)).poll
    assert isinstance(due, PollResult)
    assert isinstance(edited, ClosedError)
    assert (now.phase, now.closes_at) == (PollPhase.CLOSED, poll.closes_at)


async def test_a_deleted_poll_is_gone_everywhere(polls: PollService, database: Database) -> None:
    poll, kept = await opened(polls, reminds=True), await opened(polls)
    for each in (poll, kept):
        await cast(polls, each, 5, 0)
    await polls.bell(poll.poll_id, voter(5), on=True)
    assert (await polls.delete(poll.poll_id, actor(2, moderator=True))).poll_id == poll.poll_id
    assert polls.peek(poll.poll_id, GUILD) is None
    for act in (
        cast(polls, poll, 5, 1),
        polls.get(poll.poll_id, GUILD),
        polls.delete(poll.poll_id, actor()),
        polls.paper(poll.poll_id, voter(5)),
        polls.live(poll.poll_id),
    ):
        with pytest.raises(NotFoundError):
            await act
    assert await polls.due(poll.poll_id) is None
    assert await polls.reminder_due(poll.poll_id) is None
    async with database.read() as connection:
        for table in ("poll_options", "poll_ballots", "poll_bells", "poll_roles"):
            left = await connection.exec_driver_sql(f"SELECT DISTINCT poll_id FROM {table}")  # noqa: S608
            assert set(left.scalars()) <= {kept.poll_id}


async def test_deleting_against_votes(polls: PollService) -> None:
    poll = await opened(polls)
    answers = await asyncio.gather(
        *(cast(polls, poll, member, 0) for member in range(10)),
        polls.delete(poll.poll_id, actor()),
        *(cast(polls, poll, member, 0) for member in range(10, 20)),
        return_exceptions=True,
    )
    wrong = [answer for answer in answers if isinstance(answer, BaseException)]
    assert all(isinstance(answer, NotFoundError) for answer in wrong), "told that it is gone, nothing worse"
    with pytest.raises(NotFoundError):
        await cast(polls, poll, 1, 0)
    assert polls.peek(poll.poll_id, GUILD) is None


async def test_lists(polls: PollService) -> None:
    late = await opened(polls, minutes=90)
    soon = await opened(polls, minutes=30, creator=2)
    await polls.draft(draft_of())
    done = [await opened(polls) for _ in range(2)]
    for poll in done:
        await polls.close_now(poll.poll_id, actor())
    await polls.shown(done[0].poll_id)
    for member, poll in ((1, late), (9, soon), (9, late)):
        await cast(polls, poll, member, 0)

    async def listed(which: PollLists, member: int = 1, guild: int = GUILD) -> list[tuple[int, int]]:
        page = await polls.list_polls(guild, which, member)
        assert (page.which, page.page, page.pages) == (which, 0, 1)
        return [(count.poll.poll_id, count.turnout) for count in page.counts]

    assert await listed(PollLists.OPEN) == [(soon.poll_id, 1), (late.poll_id, 2)], "the first to close first"
    assert await listed(PollLists.CLOSED) == [(done[1].poll_id, 0), (done[0].poll_id, 0)]
    assert await listed(PollLists.MINE) == [(late.poll_id, 2)]
    assert await listed(PollLists.MINE, 2) == [(soon.poll_id, 1)], "made, not voted in"
    assert await listed(PollLists.MINE, 9) == [(soon.poll_id, 1), (late.poll_id, 2)]
    for which in PollLists:
        assert await listed(which, guild=GUILD + 1) == []


async def test_lists_have_pages(polls: PollService) -> None:
    made = [await opened(polls, minutes=30 + number) for number in range(23)]
    seen: list[int] = []
    for page in range(3):
        listed = await polls.list_polls(GUILD, PollLists.OPEN, 1, page)
        assert (listed.page, listed.pages) == (page, 3)
        seen += [count.poll.poll_id for count in listed.counts]
    assert seen == [poll.poll_id for poll in made]
    for wanted, given in ((-1, 0), (7, 2)):
        assert (await polls.list_polls(GUILD, PollLists.OPEN, 1, wanted)).page == given


async def test_timers_follow_a_poll(polls: PollService) -> None:
    poll = await opened(polls, reminds=True)

    def times() -> tuple[Any, Any]:
        return armed(polls, POLL_DUE, poll.poll_id), armed(polls, POLL_REMINDER_DUE, poll.poll_id)

    assert times() == (poll.closes_at, poll.remind_at)
    await polls.edit(poll.poll_id, actor(), PollEdit(closes_at=LATER))
    assert times() == (LATER, LATER - timedelta(minutes=30))
    await polls.edit(poll.poll_id, actor(), PollEdit(reminds=False))
    assert times() == (LATER, None)
    await polls.close_now(poll.poll_id, actor())
    assert times() == (START + timedelta(seconds=30), None), "should showing the result fail"
    await polls.shown(poll.poll_id)
    assert times() == (None, None)
