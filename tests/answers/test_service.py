"""Kept answers: for their owner alone, for a week, and never too many; on both databases."""

import json
from datetime import timedelta

import pytest

from bot.answers.service import KEPT_FOR, LARGEST_FILE, MOST_KEPT, SWEEP_DUE, AnswerService
from bot.answers.types import Answer
from bot.db.session import Database
from bot.errors import NotFoundError, NotYetError
from bot.timers import Timers
from tests.support.databases import clock, database
from tests.support.polls import SetClock

__all__ = ["clock", "database"]

GUILD, OTHER_GUILD, ADA, BEN = 10, 11, 1, 2
ANSWER = Answer(GUILD, ADA, "Poll export", "### Export\nTwo votes.", "poll.csv", b"a,b\n")


@pytest.fixture
def answers(database: Database, clock: SetClock) -> AnswerService:
    return AnswerService(database, Timers(clock), clock)


async def test_what_is_kept_is_opened_by_its_owner_where_it_was_asked_for(answers: AnswerService) -> None:
    answer_id = await answers.keep(ANSWER)
    assert await answers.open(answer_id, GUILD, ADA) == ANSWER
    assert await answers.open(answer_id, GUILD, ADA) == ANSWER
    for guild_id, member_id in ((GUILD, BEN), (OTHER_GUILD, ADA)):
        with pytest.raises(NotFoundError, match="Nothing is kept"):
            await answers.open(answer_id, guild_id, member_id)
        assert await answers.list_for(guild_id, member_id) == ()
    with pytest.raises(NotFoundError):
        await answers.open(answer_id + 1, GUILD, ADA)


async def test_the_newest_stands_first_in_the_list(answers: AnswerService, clock: SetClock) -> None:
    first = await answers.keep(ANSWER)
    clock.now += timedelta(hours=1)
    second = await answers.promise(GUILD, ADA, "Recount")
    kept = await answers.list_for(GUILD, ADA)
    assert [(one.answer_id, one.title, one.is_ready) for one in kept] == [
        (second, "Recount", False),
        (first, "Poll export", True),
    ]
    assert kept[0].made_at == clock.now
    assert kept[0].gone_at == clock.now + KEPT_FOR


async def test_it_is_gone_after_a_week_and_swept(answers: AnswerService, database: Database, clock: SetClock) -> None:
    answer_id = await answers.keep(ANSWER)
    clock.now += KEPT_FOR - timedelta(seconds=1)
    await answers.sweep()
    assert await answers.open(answer_id, GUILD, ADA) == ANSWER
    clock.now += timedelta(seconds=1)
    with pytest.raises(NotFoundError):
        await answers.open(answer_id, GUILD, ADA)
    assert await answers.export(ADA) != []
    timers = Timers(clock)
    await AnswerService(database, timers, clock).start()
    assert await answers.export(ADA) == []
    with pytest.raises(ValueError, match="listener already"):
        timers.listen(SWEEP_DUE, answers.forget)


async def test_the_oldest_go_when_a_person_has_too_many(answers: AnswerService) -> None:
    bens = await answers.keep(Answer(GUILD, BEN, "Other", "text"))
    ids = [await answers.keep(ANSWER) for _ in range(MOST_KEPT + 2)]
    kept = await answers.list_for(GUILD, ADA)
    assert [one.answer_id for one in kept] == ids[:1:-1]
    assert (await answers.open(bens, GUILD, BEN)).title == "Other"


async def test_a_promise_is_kept_or_says_why_not(answers: AnswerService, database: Database, clock: SetClock) -> None:
    answer_id = await answers.promise(GUILD, ADA, "Poll export")
    with pytest.raises(NotYetError, match="not ready yet"):
        await answers.open(answer_id, GUILD, ADA)
    after_restart = AnswerService(database, Timers(clock), clock)
    with pytest.raises(NotFoundError, match="restarted"):
        await after_restart.open(answer_id, GUILD, ADA)
    await answers.fulfil(answer_id, ANSWER)
    assert await answers.open(answer_id, GUILD, ADA) == ANSWER
    assert await after_restart.open(answer_id, GUILD, ADA) == ANSWER


async def test_a_promise_that_is_not_needed_is_taken_back(answers: AnswerService) -> None:
    answer_id = await answers.promise(GUILD, ADA, "Poll export")
    await answers.withdraw(answer_id)
    assert await answers.list_for(GUILD, ADA) == ()
    await answers.fulfil(answer_id, ANSWER)
    assert await answers.list_for(GUILD, ADA) == ()


async def test_a_file_that_is_too_large_is_named_instead(answers: AnswerService) -> None:
    fits = Answer(GUILD, ADA, "Big", "text", "big.csv", b"x" * LARGEST_FILE)
    assert (await answers.open(await answers.keep(fits), GUILD, ADA)).file == fits.file
    huge = Answer(GUILD, ADA, "Big", "text", "big.csv", b"x" * (LARGEST_FILE + 1))
    opened = await answers.open(await answers.keep(huge), GUILD, ADA)
    assert (opened.file, opened.file_name) == (None, None)
    assert "big.csv was too large" in opened.body


async def test_a_person_is_exported_and_erased(answers: AnswerService) -> None:
    await answers.keep(ANSWER)
    await answers.keep(Answer(OTHER_GUILD, ADA, "Second", "text"))
    bens = await answers.keep(Answer(GUILD, BEN, "Other", "text"))
    first, second = json.loads(json.dumps(await answers.export(ADA)))
    assert (first["title"], first["guild_id"], first["file"]) == ("Poll export", "10", "YSxiCg==")
    assert (second["text"], second["file"]) == ("text", None)
    promised = await answers.promise(GUILD, ADA, "Late")
    await answers.forget(ADA)
    await answers.fulfil(promised, ANSWER)
    assert await answers.export(ADA) == []
    assert (await answers.open(bens, GUILD, BEN)).title == "Other"
