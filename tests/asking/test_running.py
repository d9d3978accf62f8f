"""Answers while they are made: notices, stops, floods, failures, restarts, places, offers."""

import asyncio

import pytest

from bot.asking import rules
from bot.asking.types import (
    ANY_OPEN,
    HYBRID,
    Offer,
    Passage,
    Progress,
    Question,
    TurnPhase,
    TurnRecord,
)
from bot.backends.allowances import AllowanceKind
from bot.backends.base import Finish
from bot.catalog import Task
from bot.db.session import Database
from bot.errors import ClosedError, ModelError, NotAllowedError, NotFoundError, QuotaError
from tests.support.asking import (
    BEN,
    CLOSED,
    FLAN,
    OPEN,
    Broken,
    Desk,
    Sick,
    asker,
    card,
    closed,
    ended,
    opened,
    ran,
)
from tests.support.polls import GUILD, SetClock


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the kind of database."""
    return sqlite_url


async def test_nothing_said_is_a_failure_with_what_to_do(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say \\n  \\n")) as desk:
        last = await desk.ask()
        assert (last.phase, last.answer) == (TurnPhase.FAILED, "")
        assert "choose another model" in last.trouble
        assert (await desk.asks.remaining(asker())).tokens == 50_000 or last.completion_tokens


@pytest.mark.parametrize("trouble", ["busy", "key", "credit", "cut off", "unreachable", "worker died"])
async def test_what_goes_wrong_with_a_model_ends_the_answer(database: Database, clock: SetClock, trouble: str) -> None:
    async with opened(database, clock, card(model=f"say Half of it|wait 0.01|fail {trouble}")) as desk:
        last = await desk.ask()
        assert (last.phase, last.answer) == (TurnPhase.FAILED, "Half of it")
        assert last.trouble
        assert last.completion_tokens
        last = await desk.asks.retry(last.turn_id, asker())
        assert last.phase is TurnPhase.RUNNING
        await ended(desk.asks, last)


async def test_what_fails_unforeseen_is_an_apology_with_a_reference(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, Broken(card())) as desk:
        last = await desk.ask()
        assert last.phase is TurnPhase.FAILED
        assert "could not convert" not in last.trouble
        assert "tell the moderators" in last.trouble
        assert (await desk.asks.remaining(asker())).tokens == 50_000, "nothing was said, nothing is counted"


async def test_a_notice_is_told_while_nothing_is_there(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="notice Loading (40 %)|wait 0.05|say Here.")) as desk:
        told, last = await ran(desk.asks, await desk.asks.begin(asker(), Question("Hi")))
        assert Progress(last.turn_id, "", "Loading (40 %)") in told
        assert last.answer == "Here."


async def test_stopping_keeps_what_has_come(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi"))
        with pytest.raises(NotAllowedError):
            await desk.asks.stop(turn.turn_id, asker(BEN))
        told: list[object] = []
        async for event in desk.asks.run(turn.turn_id):
            told.append(event)
            if isinstance(event, Progress):
                await desk.asks.stop(turn.turn_id, asker(BEN, is_moderator=True))
        last = told[-1]
        assert isinstance(last, TurnRecord)
        assert (last.phase, last.answer) == (TurnPhase.STOPPED, "Begun")
        assert desk.backend(OPEN).running == 0
        with pytest.raises(ClosedError, match="ended"):
            await desk.asks.stop(turn.turn_id, asker())


async def test_closing_the_generator_stops_the_work_and_keeps_its_text(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi"))
        running = desk.asks.run(turn.turn_id)
        assert await anext(running) == Progress(turn.turn_id, "Begun")
        await running.aclose()
        assert desk.backend(OPEN).running == 0
        last = await desk.asks.get(turn.turn_id, GUILD)
        assert (last.phase, last.answer) == (TurnPhase.STOPPED, "Begun")


async def test_closing_interrupts_what_runs_and_leaves_it_to_the_next_process(
    database: Database, clock: SetClock
) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi"), reply_token="token")
        running = asyncio.create_task(ran(desk.asks, turn))
        while not desk.backend(OPEN).running:
            await asyncio.sleep(0)
        await asyncio.wait_for(desk.asks.close(), 10)
        _, last = await running
        assert last.phase is TurnPhase.INTERRUPTED
        assert desk.backend(OPEN).running == 0
    async with opened(database, clock) as desk:
        (left,) = await desk.asks.interrupted()
        assert (left.turn_id, left.reply_token) == (turn.turn_id, "token")


async def test_a_turn_that_nobody_runs_any_more_is_interrupted_when_it_is_run(desk: Desk) -> None:
    last = await desk.ask()
    assert [one async for one in desk.asks.run(last.turn_id)] == [await desk.asks.get(last.turn_id, GUILD)]
    with pytest.raises(NotFoundError):
        _ = [one async for one in desk.asks.run(10_000)]


async def test_a_flood_is_cut_off(database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LONGEST_ANSWER", 1_000)
    async with opened(database, clock, card(model="words 100000")) as desk:
        last = await desk.ask()
        assert (last.phase, last.finish) == (TurnPhase.DONE, Finish.LENGTH)
        assert len(last.answer) <= 1_000
        assert desk.backend(OPEN).running == 0


async def test_without_money_hybrid_stays_with_what_is_free(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        await desk.allowances.set(GUILD, AllowanceKind.SERVER, 0, None, 1_000)
        last = await desk.ask(wanted=HYBRID)
        assert last.card is not None
        assert (last.card.key, last.wanted) == (OPEN, HYBRID)
        assert "No money is left" in last.note
        with pytest.raises(QuotaError, match="a month"):
            await desk.asks.begin(asker(), Question("Hi", wanted=CLOSED))


async def test_one_member_may_not_take_all_the_places(desk: Desk) -> None:
    for _ in range(8):
        await desk.asks.begin(asker(), Question("Hi"))
    with pytest.raises(ModelError, match="8 of your answers"):
        await desk.asks.begin(asker(), Question("Hi"))
    assert await desk.asks.begin(asker(BEN), Question("Hi"))


async def test_more_than_run_at_once_wait_in_line(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="wait 0.1|say Done."), most_running=2) as desk:
        turns = [await desk.asks.begin(asker(member), Question("Hi")) for member in (1, 2, 3, 4)]
        found = await asyncio.gather(*(ran(desk.asks, turn) for turn in turns))
        assert all(last.answer == "Done." for _, last in found)
        assert any(one.notice and "in line" in one.notice for told, _ in found for one in told)


async def test_offers_come_from_memory_what_can_be_used_first(database: Database, clock: SetClock) -> None:
    one_task = card(FLAN, tasks=frozenset({Task.SUMMARISE}))
    missing = Sick(closed("not-set-up"))
    async with opened(database, clock, missing, one_task, card(), closed()) as desk:
        offers = desk.asks.offers(GUILD, "", Task.ANSWER)
        assert [offer.value for offer in offers] == [
            OPEN, CLOSED, "any-open", "any-closed", "hybrid", "not-set-up", FLAN,
        ]  # fmt: skip
        assert [bool(offer.why_not) for offer in offers] == [False] * 5 + [True] * 2
        assert offers[0] == Offer(OPEN, "Small Open · open · on this machine")
        assert offers[5].why_not == "set EXAMPLE_API_KEY"
        assert "not made to answer" in offers[6].why_not
        assert [offer.value for offer in desk.asks.offers(GUILD, "CLOSED big")] == [CLOSED]
        await desk.set_models(open_only=True)
        closed_offer = next(offer for offer in desk.asks.offers(GUILD, "") if offer.value == "any-closed")
        assert "no closed model" in closed_offer.why_not
        assert all(len(offer.label) <= 100 for offer in desk.asks.offers(GUILD, ""))


async def test_a_file_that_is_too_long_is_cut_and_said(desk: Desk) -> None:
    last = await desk.ask("Sum up", wanted=OPEN, task=Task.SUMMARISE, passage=Passage("word " * 40_000, "long.txt"))
    assert last.phase is TurnPhase.DONE
    assert last.dropped_tokens > 10_000
    prompt = desk.backend(OPEN).prompts[-1]
    assert "left out" in prompt.passage
    assert rules.tokens_in(prompt.turns[-1].text) < 8192


async def test_what_stays_here_never_leaves(desk: Desk) -> None:
    await desk.set_models(stays_here=True)
    with pytest.raises(ModelError, match="runs elsewhere"):
        await desk.asks.begin(asker(), Question("Hi", wanted=CLOSED))
    last = await desk.ask()
    assert last.card is not None
    assert (last.card.key, last.wanted, last.sent) == (OPEN, ANY_OPEN, "")
    assert desk.backend(CLOSED).prompts == []
