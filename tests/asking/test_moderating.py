"""What a server blocks neither goes in nor comes out, and its moderators hear of it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.asking.types import Asker, Blocked, Passage, Question, TurnPhase, TurnRecord
from bot.backends import moderation as module
from bot.backends.base import Finish
from bot.db.session import Database
from bot.errors import ModelError, NotAllowedError
from tests.support.asking import OPEN, Desk, asker, card, opened, ran
from tests.support.moderating import Judge, judging, moderation
from tests.support.polls import GUILD, SetClock


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the kind of database."""
    return sqlite_url


@pytest.fixture
async def judge() -> AsyncIterator[Judge]:
    async with judging() as judge:
        yield judge


class Heard(list[tuple[Asker, Blocked, TurnRecord | None]]):
    """What was told of moderation."""

    async def __call__(self, who: Asker, blocked: Blocked, turn: TurnRecord | None) -> None:
        self.append((who, blocked, turn))


async def test_a_blocked_word_does_not_go_in(desk: Desk) -> None:
    desk.asks.on_blocked = heard = Heard()
    await desk.set_models(blocked_words=("darn",))
    for question in (
        Question("Dárn it"),
        Question("What?", passage=Passage("so DARN long", "a.txt")),
        Question("What?", passage=Passage("fine", "darn.txt")),
    ):
        with pytest.raises(NotAllowedError, match="blocks") as caught:
            await desk.asks.begin(asker(), question)
        assert "darn" not in str(caught.value)
    assert [(who, blocked, turn) for who, blocked, turn in heard] == [
        (asker(), Blocked("question", "blocked word: darn"), None)
    ] * 3
    assert desk.backend(OPEN).prompts == []
    assert (await desk.asks.remaining(asker())).tokens == 50_000
    assert (await desk.ask("Darning is fine")).phase is TurnPhase.DONE


async def test_a_blocked_word_does_not_come_out_not_even_half(database: Database, clock: SetClock) -> None:
    pieces = "|wait 0.01|".join(f"say {piece}" for piece in ("Well,", "\\nda", "\u0301", "\u200br", "n", "\\nit"))
    async with opened(database, clock, card(model=pieces)) as desk:
        desk.asks.on_blocked = heard = Heard()
        await desk.set_models(blocked_words=("darn",))
        told, last = await ran(desk.asks, await desk.asks.begin(asker(), Question("Hi")))
        assert {one.text for one in told} <= {"W", "We", "Wel", "Well", "Well,", "Well,\n"}
        assert (last.phase, last.answer, last.finish) == (TurnPhase.FAILED, "", Finish.FILTERED)
        assert "held back" in last.trouble
        ((who, blocked, turn),) = heard
        assert (who, blocked) == (asker(), Blocked("answer", "blocked word: darn"))
        assert turn is not None
        assert turn.turn_id == last.turn_id
        assert desk.backend(OPEN).running == 0


async def test_what_looks_like_a_part_of_a_blocked_word_comes_out(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say A cl|wait 0.01|say ass|wait 0.01|say ic")) as desk:
        await desk.set_models(blocked_words=("ass",))
        assert (await desk.ask()).answer == "A classic"


async def test_that_nobody_can_be_told_lets_nothing_through(desk: Desk) -> None:
    async def fails(*_: object) -> None:
        raise RuntimeError("no such channel")

    desk.asks.on_blocked = fails
    await desk.set_models(blocked_words=("darn",))
    with pytest.raises(NotAllowedError):
        await desk.asks.begin(asker(), Question("darn"))


async def test_an_endpoint_looks_at_what_goes_in(database: Database, clock: SetClock, judge: Judge) -> None:
    async with moderation(judge) as asking, opened(database, clock, moderation=asking) as desk:
        assert (await desk.ask("I punch")).phase is TurnPhase.DONE
        assert judge.asked == [], "only where the server wants it"
        desk.asks.on_blocked = heard = Heard()
        await desk.set_models(moderation=50)
        with pytest.raises(NotAllowedError, match="blocks"):
            await desk.asks.begin(asker(), Question("What?", passage=Passage("I punch", "a.txt")))
        ((_, blocked, _),) = heard
        assert (blocked.where, blocked.rule, blocked.score) == ("question", "violence", 0.9)
        assert blocked.scores is not None
        assert (await desk.ask("I shove")).checked_by == "", "it runs on this machine"
        await desk.set_models(moderation=40)
        with pytest.raises(NotAllowedError):
            await desk.asks.begin(asker(), Question("I shove"))


async def test_an_endpoint_looks_at_what_comes_out_before_anybody_does(
    database: Database, clock: SetClock, judge: Judge
) -> None:
    script = "|".join(["words 60", "wait 0.02"] * 5 + ["say I punch you", "wait 0.02", "words 60"])
    async with moderation(judge) as asking, opened(database, clock, card(model=script), moderation=asking) as desk:
        await desk.set_models(moderation=50)
        told, last = await ran(desk.asks, await desk.asks.begin(asker(), Question("Hi")))
        assert told
        assert all("punch" not in one.text for one in told)
        looked_at = [body["input"] for body in judge.asked[1:]]
        assert all(any(one.text.endswith(part[-20:]) for part in looked_at) for one in told)
        assert (last.phase, last.answer, last.finish) == (TurnPhase.FAILED, "", Finish.FILTERED)


async def test_a_short_answer_is_looked_at_whole(database: Database, clock: SetClock, judge: Judge) -> None:
    async with moderation(judge) as asking, opened(database, clock, moderation=asking) as desk:
        await desk.set_models(moderation=50)
        told, last = await ran(desk.asks, await desk.asks.begin(asker(), Question("Hi", wanted=OPEN)))
        assert (told, last.answer) == ([], "Hello, there.")
        assert [body["input"] for body in judge.asked] == ["Hi", "Hello, there."]


async def test_an_endpoint_that_is_away_stops_what_it_was_to_check(
    database: Database, clock: SetClock, judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    async with moderation(judge) as asking, opened(database, clock, moderation=asking) as desk:
        await desk.set_models(moderation=50)
        turn = await desk.asks.begin(asker(), Question("Hi"))
        judge.instead = [web.Response(status=503)] * 2
        _, last = await ran(desk.asks, turn)
        assert (last.phase, last.answer) == (TurnPhase.FAILED, "")
        assert "cannot be asked just now" in last.trouble
        judge.instead = [web.Response(status=503)] * 2
        with pytest.raises(ModelError, match="cannot be asked just now"):
            await desk.asks.begin(asker(), Question("Hi"))


async def test_what_an_endpoint_elsewhere_saw_is_said_and_never_against_the_servers_will(
    database: Database, clock: SetClock, judge: Judge
) -> None:
    async with moderation(judge) as asking, opened(database, clock, moderation=asking) as desk:
        asking.receiver = "mod.example"
        await desk.set_models(moderation=50)
        last = await desk.ask("Hi", wanted=OPEN)
        assert last.sent == "The question and the answer went to mod.example for moderation"
        assert (await desk.asks.get(last.turn_id, GUILD)).sent == last.sent
        seen = len(judge.asked)
        await desk.set_models(stays_here=True)
        stayed = await desk.ask("I punch", wanted=OPEN)
        assert (stayed.phase, stayed.sent, len(judge.asked)) == (TurnPhase.DONE, "", seen)
