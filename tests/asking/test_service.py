"""Asking, from the question to the end of its answer, on both databases."""

import asyncio
from decimal import Decimal

import pytest

from bot.asking.types import (
    HYBRID,
    ChoiceRule,
    Passage,
    Progress,
    Question,
    TurnPhase,
    TurnRecord,
)
from bot.backends.base import Finish, Picture
from bot.catalog import Where
from bot.db.session import Database
from bot.errors import InvalidInputError, ModelError, NotFoundError, QuotaError
from tests.support.asking import (
    ADA,
    BEN,
    CLOSED,
    OPEN,
    Desk,
    asker,
    card,
    closed,
    ended,
    opened,
    ran,
)
from tests.support.polls import GUILD, SetClock


async def test_an_answer_comes_in_pieces_and_ends_with_all_that_a_card_needs(desk: Desk) -> None:
    turn = await desk.asks.begin(asker(), Question("Who are you?", wanted=OPEN), reply_token="token")
    assert (turn.phase, turn.answer, turn.rule, turn.reply_token) == (TurnPhase.RUNNING, "", ChoiceRule.ASKED, "token")
    assert turn.card is not None
    assert turn.card.key == OPEN
    told, last = await ran(desk.asks, turn)
    assert all(one.text and "Hello, there.".startswith(one.text) for one in told)
    assert (last.phase, last.answer, last.finish, last.trouble) == (TurnPhase.DONE, "Hello, there.", Finish.STOP, "")
    assert (last.where, last.sent, last.cost) == (Where.MACHINE, "", Decimal(0))
    assert last.prompt_tokens
    assert last.completion_tokens == 2
    assert last.seconds is not None
    assert last.reply_token is None
    assert last.remaining is None, "everybody sees this answer"
    left = await desk.asks.remaining(asker())
    assert left.tokens == 50_000 - last.prompt_tokens - 2
    private = await desk.ask("And you?", wanted=OPEN, private=True)
    assert private.remaining is not None
    assert private.remaining.tokens == left.tokens - (private.prompt_tokens or 0) - 2
    assert await desk.asks.get(last.turn_id, GUILD) == TurnRecord(
        **{**{name: getattr(last, name) for name in TurnRecord.__slots__}, "remaining": None}
    )


async def test_what_left_the_server_is_said_and_paid_for(desk: Desk) -> None:
    before = await desk.asks.remaining(asker())
    passage = Passage("A long story.", "story.txt")
    last = await desk.ask("What is this?", wanted=CLOSED, passage=passage)
    assert last.where is Where.ELSEWHERE
    assert last.sent == "The question and the text “story.txt” went to api.example.org"
    assert last.cost is not None
    assert last.cost > 0
    after = await desk.asks.remaining(asker())
    assert before.micros is not None
    assert after.micros == before.micros - int(last.cost * 1_000_000)


async def test_what_runs_at_a_restart_is_told_once_by_the_next_process(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi"), reply_token="token")
        waiting = await desk.asks.begin(asker(), Question("Another"))
        running = desk.asks.run(turn.turn_id)
        first = asyncio.create_task(anext(running))
        assert await first == Progress(turn.turn_id, "Begun")
        rest = asyncio.create_task(anext(running))
        await asyncio.sleep(0)
        rest.cancel()
        with pytest.raises(asyncio.CancelledError):
            await rest
        assert await desk.asks.interrupted() == []
    async with opened(database, clock) as desk:
        new = await desk.asks.begin(asker(), Question("New"))
        left = await desk.asks.interrupted()
        assert [(one.turn_id, one.phase, one.answer, one.reply_token) for one in left] == [
            (turn.turn_id, TurnPhase.INTERRUPTED, "Begun", "token"),
            (waiting.turn_id, TurnPhase.INTERRUPTED, "", None),
        ]
        assert all("Retry" in one.trouble for one in left)
        assert await desk.asks.interrupted() == []
        assert (await desk.asks.get(turn.turn_id, GUILD)).reply_token is None
        assert (await ended(desk.asks, new)).phase is TurnPhase.DONE
        assert (await desk.asks.remaining(asker())).tokens != 0
        again = await ended(desk.asks, await desk.asks.retry(turn.turn_id, asker()))
        assert (again.phase, again.question) == (TurnPhase.DONE, "Hi")


async def test_what_was_begun_and_never_run_is_given_up(desk: Desk, clock: SetClock) -> None:
    turn = await desk.asks.begin(asker(), Question("Hi"))
    clock.move(minutes=16)
    await desk.ask("Another")
    left = await desk.asks.get(turn.turn_id, GUILD)
    assert (left.phase, left.answer) == (TurnPhase.FAILED, "")
    assert "Retry" in left.trouble


async def test_a_quota_that_is_reached_in_the_middle_ends_the_answer(database: Database, clock: SetClock) -> None:
    script = "|".join(["words 100", "wait 0.01"] * 20)
    environ = {"ROSTRUM_MEMBER_TOKENS_A_DAY": "900"}
    async with opened(database, clock, card(model=script), environ=environ) as desk:
        last = await desk.ask()
        assert last.phase is TurnPhase.FAILED
        assert "tokens a day" in last.trouble
        assert last.answer.startswith("word1 word2 "), "what was shown stays"
        with pytest.raises(QuotaError):
            await desk.asks.begin(asker(), Question("More"))
        assert (await desk.ask("I may", asker(BEN))).rule is ChoiceRule.DEFAULT


async def test_hybrid_says_who_answered_and_why(database: Database, clock: SetClock) -> None:
    refusing = card(model="say I'm sorry, but I cannot help with that.")
    async with opened(database, clock, refusing, closed()) as desk:
        last = await desk.ask("Hi")
        assert (last.wanted, last.rule) == (HYBRID, ChoiceRule.DEFAULT)
        assert last.card is not None
        assert last.card.key == CLOSED
        assert [one.model for one in last.declined] == [OPEN]
        assert "answered" in last.note
        assert (await desk.asks.get(last.turn_id, GUILD)).declined == last.declined


async def test_a_comparison_begins_all_or_none(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        await desk.asks.compare(asker(), Question("Hi"), [OPEN, "no-such-model"])
    with pytest.raises(InvalidInputError, match="two to 4"):
        await desk.asks.compare(asker(), Question("Hi"), [OPEN, OPEN])
    await desk.set_models(stays_here=True)
    with pytest.raises(ModelError):
        await desk.asks.compare(asker(), Question("Hi"), [OPEN, CLOSED])
    assert (await desk.asks.remaining(asker())).tokens == 50_000, "what was reserved is given back"
    await desk.set_models(stays_here=False)
    turns = await desk.asks.compare(asker(), Question("Hi"), [OPEN, CLOSED])
    done = await asyncio.gather(*(ended(desk.asks, turn) for turn in turns))
    assert [turn.answer for turn in done] == ["Hello, there.", "Closed answer."]
    assert {turn.compare_id for turn in done} == {turns[0].turn_id}
    assert {turn.conversation_id for turn in done} == {turns[0].conversation_id}
    assert (await desk.asks.choices(asker())).member is None, "comparing chooses nobody"


async def test_pictures_reach_models_that_look_at_them(desk: Desk) -> None:
    picture = Picture("image/png", b"\x89PNG\r\n\x1a\nrest")
    with pytest.raises(ModelError):
        await desk.asks.begin(asker(), Question("What is it?", wanted=OPEN, pictures=(picture,)))
    last = await desk.ask("What is it?", wanted=CLOSED, pictures=(picture,))
    assert (last.pictures, last.sent) == (1, "The question and a picture went to api.example.org")
    assert desk.backend(CLOSED).prompts[-1].turns[-1].pictures == (picture,)
    await ended(desk.asks, await desk.asks.retry(last.turn_id, asker()))
    assert desk.backend(CLOSED).prompts[-1].turns[-1].pictures == (picture,)


async def test_privacy_is_the_servers_unless_said(desk: Desk) -> None:
    assert not (await desk.ask()).is_private
    await desk.set_models(asks_private=True)
    assert (await desk.ask()).is_private
    assert not (await desk.ask(private=False)).is_private


async def test_a_forgotten_persons_running_answer_ends_without_a_trace(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(ADA), Question("Hi"))
        running = desk.asks.run(turn.turn_id)
        await anext(running)
        await desk.asks.forget(ADA)
        last = await anext(running)
        assert isinstance(last, TurnRecord)
        assert (last.phase, last.question, last.answer) == (TurnPhase.DELETED, "", "")
        with pytest.raises(NotFoundError):
            await desk.asks.get(turn.turn_id, GUILD)
