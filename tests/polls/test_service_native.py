"""Discord's own polls on both databases: opened, found again, ended early, counted, lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from bot.polls.native import Counts
from bot.polls.service import PollService
from bot.polls.types import Poll, PollEdit, PollKind, PollLists, PollPhase, PollReveal, PollRules, Voter
from tests.support.polls import GUILD, START, SetClock, actor, draft_of, restarted, voter

MESSAGE = 777


async def handed(polls: PollService, message: int = MESSAGE, **parts: Any) -> Poll:
    draft = await polls.draft(draft_of(is_public=True, **parts))
    count = await polls.open_native(draft.poll_id, actor())
    return await polls.posted_native(draft.poll_id, message, count.poll.closes_at + timedelta(seconds=1))


def counts(*votes: int, final: bool = True, at: datetime = START + timedelta(hours=1)) -> Counts:
    return Counts(votes, final, at)


async def test_a_draft_is_handed_over(polls: PollService, database: Database, clock: SetClock) -> None:
    draft = await polls.draft(draft_of(is_public=True, minutes=70))
    with pytest.raises(NotAllowedError):
        await polls.open_native(draft.poll_id, actor(5))
    count = await polls.open_native(draft.poll_id, actor())
    poll = count.poll
    assert (poll.is_native, poll.phase, poll.reveal) == (True, PollPhase.OPEN, PollReveal.ALWAYS)
    assert poll.closes_at == START + timedelta(hours=2), "whole hours"
    with pytest.raises(ClosedError, match="posted already"):
        await polls.open_native(draft.poll_id, actor())
    assert [one.poll.poll_id for one in await polls.unposted()] == [poll.poll_id]
    ends_at = START + timedelta(hours=2, seconds=1)
    poll = await polls.posted_native(poll.poll_id, MESSAGE, ends_at)
    assert (poll.message_id, poll.closes_at) == (MESSAGE, ends_at)
    assert await polls.is_taken(MESSAGE, GUILD)
    assert not await polls.is_taken(MESSAGE + 1, GUILD)
    async with restarted(database, clock) as again:
        assert again.native_of(MESSAGE) == poll.poll_id
        assert again.natives() == (poll.poll_id,)
        assert await again.due(poll.poll_id) is None, "not yet"


async def test_what_discord_cannot_take_stays_a_draft(polls: PollService) -> None:
    refused: list[dict[str, Any]] = [
        {"is_public": False},
        {"is_public": True, "kind": PollKind.RANKED},
        {"is_public": True, "rules": PollRules(quorum=3)},
    ]
    for parts in refused:
        draft = await polls.draft(draft_of(**parts))
        with pytest.raises(InvalidInputError, match="cannot be one of Discord's own"):
            await polls.open_native(draft.poll_id, actor())
        assert (await polls.load(draft.poll_id, actor())).phase is PollPhase.DRAFT


async def test_what_discord_did_not_take_is_a_draft_as_it_was(polls: PollService) -> None:
    draft = await polls.draft(draft_of(is_public=True))
    await polls.open_native(draft.poll_id, actor())
    await polls.withdraw(draft.poll_id)
    again = await polls.load(draft.poll_id, actor())
    assert (again.phase, again.is_native, again.reveal) == (PollPhase.DRAFT, False, PollReveal.CLOSING)
    assert not (await polls.open(draft.poll_id, actor())).poll.is_native


async def test_nothing_of_it_is_changed_or_voted_in_here(polls: PollService) -> None:
    poll = await handed(polls)
    key, who = poll.poll_id, actor()
    for attempt in (
        polls.vote(key, voter(5), b"\x00\xff\xff"),
        polls.edit(key, who, PollEdit(question="Other?")),
        polls.set_rules(key, who, PollRules()),
        polls.close_now(key, who),
        polls.remind_now(key, who),
        polls.bell(key, voter(5), on=True),
        polls.results(key, Voter(GUILD, 5)),
        polls.export(key, who),
        polls.propose(key, voter(5), "More"),
    ):
        with pytest.raises(ClosedError):
            await attempt


async def test_its_count_is_taken_when_it_is_final(polls: PollService, database: Database, clock: SetClock) -> None:
    poll = await handed(polls)
    key = poll.poll_id
    assert await polls.counted(key, counts(1, 0, 0, final=False)) is None, "open still"
    clock.move(hours=1, seconds=2)
    due = await polls.due(key)
    assert due is not None
    assert (due.poll.phase, due.poll.is_native) == (PollPhase.CLOSED, True)
    assert await polls.counted(key, counts(1, 2, 0, final=False)) is None, "not counted yet"
    with pytest.raises(ClosedError, match="still counting"):
        await polls.results(key, Voter(GUILD, 5))
    async with restarted(database, clock) as again:
        assert await again.due(key) is not None, "asked for once more"
        done = await again.counted(key, counts(1, 3, 0))
        assert done is not None
        assert (done.phase, done.imported) == (PollPhase.DONE, (1, 3, 0))
        assert await again.counted(key, counts(9, 9, 9)) is None, "once"
        assert again.natives() == ()
        assert await again.due(key) is None
    result = await polls.results(key, Voter(GUILD, 5))
    assert (result.votes, result.turnout, result.leading) == ((1, 3, 0), 4, (False, True, False))
    page = await polls.list_polls(GUILD, PollLists.CLOSED, 5)
    assert [(one.poll.poll_id, one.turnout) for one in page.counts] == [(key, 4)]
    export = await polls.export(key, actor())
    assert export.only_totals
    assert b"Open" in export.csv
    with pytest.raises(ClosedError, match="cannot be opened again"):
        await polls.reopen(key, actor(), START + timedelta(days=2))


async def test_it_ends_before_its_time(polls: PollService, clock: SetClock) -> None:
    poll = await handed(polls, minutes=60 * 24)
    clock.move(minutes=10)
    await polls.over(poll.poll_id, clock.now)
    await polls.over(poll.poll_id, clock.now)
    due = await polls.due(poll.poll_id)
    assert due is not None
    assert (due.poll.phase, due.poll.closed_at) == (PollPhase.CLOSED, clock.now)
    done = await polls.counted(poll.poll_id, counts(0, 0, 0, at=clock.now))
    assert done is not None
    result = await polls.results(poll.poll_id, Voter(GUILD, 5))
    assert (result.turnout, any(result.leading)) == (0, False)


async def test_a_final_count_closes_what_was_missed(polls: PollService, clock: SetClock) -> None:
    """It was ended while the bot was away: what it finds at its start is final."""
    poll = await handed(polls, minutes=60 * 24)
    clock.move(minutes=30)
    done = await polls.counted(poll.poll_id, counts(2, 0, 0, at=START + timedelta(minutes=20)))
    assert done is not None
    assert (done.phase, done.closed_at) == (PollPhase.DONE, START + timedelta(minutes=20))


async def test_a_lost_poll_has_no_result(polls: PollService) -> None:
    gone, other = await handed(polls), await handed(polls, MESSAGE + 1)
    for poll, said in ((gone, None), (other, counts(1, 2))):
        done = await polls.counted(poll.poll_id, said)
        assert done is not None
        assert (done.phase, done.imported) == (PollPhase.DONE, ())
        with pytest.raises(NotFoundError, match="was gone before"):
            await polls.results(poll.poll_id, Voter(GUILD, 5))
        with pytest.raises(NotFoundError, match="was gone before"):
            await polls.export(poll.poll_id, actor())
    assert polls.natives() == ()


async def test_what_never_becomes_final_is_taken_after_a_day(polls: PollService, clock: SetClock) -> None:
    poll, away = await handed(polls), await handed(polls, MESSAGE + 1)
    clock.move(hours=2)
    for one in (poll, away):
        assert await polls.due(one.poll_id) is not None
    assert polls.look_later(away)
    clock.move(hours=24)
    assert not polls.look_later(away)
    done = await polls.counted(poll.poll_id, counts(1, 1, 0, final=False))
    assert done is not None
    assert done.imported == (1, 1, 0)


async def test_a_deleted_poll_is_asked_for_no_more(polls: PollService) -> None:
    poll = await handed(polls)
    await polls.delete(poll.poll_id, actor())
    assert await polls.counted(poll.poll_id, counts(1, 1, 1)) is None
    assert polls.natives() == ()
