"""What a receipt says of where text went: exactly what happened, also when several were asked or none answered."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.asking.types import HYBRID, ChoiceRule, Passage, Progress, Question, TurnPhase, TurnRecord
from bot.catalog import Task, Where
from bot.db.schema import TurnRow
from bot.db.session import Database
from bot.errors import NotAllowedError
from tests.support.asking import BEN, CLOSED, OPEN, Desk, asker, card, closed, ended, opened
from tests.support.polls import GUILD, SetClock

THREAD = 70
DECLINES = "say I cannot help you with any of that."


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the kind of database."""
    return sqlite_url


async def stopped(desk: Desk, turn: TurnRecord) -> TurnRecord:
    """Run a turn until it has said something, and stop it."""
    last: TurnRecord | None = None
    async for event in desk.asks.run(turn.turn_id):
        if isinstance(event, Progress) and event.text:
            await desk.asks.stop(turn.turn_id, asker())
        elif isinstance(event, TurnRecord):
            last = event
    assert last is not None
    return last


async def test_hybrid_that_is_stopped_names_who_wrote(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Here is a long answer|wait 60"), closed()) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi", wanted=HYBRID))
        assert (turn.where, turn.receivers) == (Where.ELSEWHERE, ("api.example.org",)), "as far as it may go"
        last = await stopped(desk, turn)
        assert (last.model, last.where, last.sent, last.cost) == (OPEN, Where.MACHINE, "", 0)
        assert await desk.asks.get(last.turn_id, GUILD) == replace(last, remaining=None)
        assert (await desk.asks.remaining(asker())).micros == 10_000_000, "nothing was spent"


async def test_hybrid_tells_also_of_those_who_did_not_answer(database: Database, clock: SetClock) -> None:
    first = card(address="https://first.example/v1", model=DECLINES)
    async with opened(database, clock, first, closed()) as desk:
        last = await desk.ask(wanted=HYBRID)
        assert (last.model, last.receivers) == (CLOSED, ("first.example", "api.example.org"))
        assert last.sent == "The question went to first.example and api.example.org"
    small = card(model="say Some code.", parameters=135_000_000)
    async with opened(database, clock, small, closed(model="fail overloaded")) as desk:
        last = await desk.ask(wanted=HYBRID, task=Task.CODE)
        assert (last.model, last.where) == (OPEN, Where.MACHINE)
        assert last.sent == "The question went to api.example.org", "which failed only then"


async def test_hybrid_that_fails_where_nothing_may_leave_says_that_nothing_did(
    database: Database, clock: SetClock
) -> None:
    async with opened(database, clock, card(model="fail worker died"), closed()) as desk:
        await desk.set_models(stays_here=True)
        last = await desk.ask(wanted=HYBRID)
        assert (last.phase, last.model, last.where, last.sent) == (TurnPhase.FAILED, OPEN, Where.MACHINE, "")


async def test_what_failed_without_a_word_may_have_gone(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, closed(model="fail unreachable")) as desk:
        assert (await desk.ask()).sent == "The question may have gone to api.example.org"
    for early in ("not configured", "egress"):
        async with opened(database, clock, closed(model=f"fail {early}")) as desk:
            assert (await desk.ask()).sent == "", "that is found out before anything is sent"


async def test_what_was_interrupted_may_have_gone_to_any_of_them(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(address="https://first.example/v1"), closed()) as desk:
        await desk.asks.begin(asker(), Question("Hi", wanted=HYBRID))
    async with opened(database, clock) as desk:
        (left,) = await desk.asks.interrupted()
        assert left.sent == "The question may have gone to first.example or api.example.org"


async def test_a_receipt_stays_when_the_model_moves_or_goes(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, closed()) as desk:
        far = await desk.ask()
    async with opened(database, clock, closed(address="http://127.0.0.1:9/v1"), card()) as desk:
        moved = await desk.asks.get(far.turn_id, GUILD)
        assert (moved.where, moved.sent) == (Where.ELSEWHERE, "The question went to api.example.org")
        near = await desk.ask(wanted=CLOSED)
    async with opened(database, clock, card()) as desk:
        gone = await desk.asks.get(far.turn_id, GUILD)
        assert (gone.card, gone.where, gone.sent) == (None, Where.ELSEWHERE, "The question went to api.example.org")
        assert (await desk.asks.get(near.turn_id, GUILD)).sent == ""
        # what was stored before that was noted is told as the model is now
        async with database.write() as connection:
            await connection.execute(update(TurnRow).values(note=None))
    async with opened(database, clock, closed()) as desk:
        old = await desk.asks.get(far.turn_id, GUILD)
        assert (old.receivers, old.where, old.sent) == (
            None, Where.ELSEWHERE, "The question went to api.example.org",
        )  # fmt: skip


async def test_a_conversation_that_moves_elsewhere_says_all_that_went_along(desk: Desk) -> None:
    await desk.asks.set_persona(GUILD, 0, "", "Speak like a pirate.")
    first = await desk.ask("What is it?", wanted=OPEN, passage=Passage("A story.", "story.txt"))
    assert (first.persona, first.sent) == ("this server's persona", "")
    then = await desk.ask("Who wrote it?", wanted=CLOSED, parent_id=first.turn_id)
    assert then.earlier_texts == 1
    assert then.sent == (
        "The question, one earlier turn with its text or picture and how to speak here went to api.example.org"
    )
    assert "A story." in desk.backend(CLOSED).prompts[-1].turns[0].text


async def test_a_reply_goes_to_who_was_chosen_for_the_answer_before_it(desk: Desk) -> None:
    await desk.ask(wanted=CLOSED)
    first = await desk.ask("Hello?")
    assert (first.model, first.rule) == (CLOSED, ChoiceRule.MEMBER)
    here = await ended(desk.asks, await desk.asks.retry(first.turn_id, asker(), wanted=OPEN))
    then = await desk.ask("And then?", parent_id=here.turn_id)
    assert (then.model, then.rule, then.sent) == (OPEN, ChoiceRule.MEMBER, ""), "what stayed here goes on to stay here"
    assert (await desk.ask("And you?", who=asker(BEN), parent_id=here.turn_id)).rule is ChoiceRule.DEFAULT
    assert (await desk.ask("New?")).model == CLOSED, "nothing else was changed by that"


async def test_what_was_said_in_private_is_told_in_private_only(desk: Desk) -> None:
    there = asker(thread_id=THREAD)
    public = await desk.ask("Known to all", who=there, private=False)
    secret = await desk.ask("My secret", who=there, private=True)
    assert secret.parent_id == public.turn_id
    last = await desk.ask("What did I say?", who=there, private=False)
    assert (last.parent_id, last.earlier_turns) == (public.turn_id, 1)
    assert "My secret" not in str(desk.backend(OPEN).prompts[-1].turns)
    assert (await desk.ask("And here?", who=there, private=True)).parent_id == last.turn_id
    # neither by going on in public from a private answer, nor by asking again
    assert (await desk.ask("Go on", parent_id=secret.turn_id, private=False)).earlier_turns == 1
    more = await desk.ask("More", parent_id=secret.turn_id, private=True)
    assert more.earlier_turns == 2
    again = await ended(desk.asks, await desk.asks.retry(more.turn_id, asker(), private=False))
    assert again.earlier_turns == 1


async def test_sharing_an_answer_shares_no_file_that_it_was_about(desk: Desk) -> None:
    passage = Passage("The salary is a secret.", "contract.txt")
    private = await desk.ask("What is it?", passage=passage, private=True)
    await desk.asks.share(private.turn_id, asker())
    await desk.asks.shared(private.turn_id, 99)
    then = await desk.ask("Quote the file", who=asker(BEN), parent_id=private.turn_id)
    assert (then.earlier_turns, then.earlier_texts) == (1, 0)
    assert "salary" not in str(desk.backend(OPEN).prompts[-1])
    with pytest.raises(NotAllowedError, match="was not shared"):
        await desk.asks.retry(private.turn_id, asker(BEN))
    # one's own goes on with all of it
    mine = await desk.ask("Go on", parent_id=private.turn_id)
    assert (mine.earlier_turns, mine.earlier_texts) == (1, 1)
