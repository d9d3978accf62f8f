"""Battles whose place is gone, closed or silent: votes are kept, moderators hear of it once, nobody waits for ever."""

import asyncio
from datetime import timedelta

import pytest

from bot import timers
from bot.arena.service import BATTLE_DUE
from bot.arena.types import BoardBy
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.bad_days.conftest import LogChannel
from tests.bad_days.test_people_gone import go
from tests.bad_days.test_places import GONE, Spoil, in_channel
from tests.support.ahead import Ahead
from tests.support.arena_flow import LONG_ENOUGH, begin, closed, fight, press, read, until
from tests.support.ask_flow import PLACE, shows
from tests.support.running import Rostrum

SPOKEN = "script: notice one | wait 1 | say done"
ELSEWHERE = "#polls"
REVEAL = "PATCH /channels/*/messages/*"


async def votes_on_board(rostrum: Rostrum, server: Server) -> int:
    return (await rostrum.app.arena.board(next(iter(server.world.guilds)), BoardBy.MODEL)).votes


async def voted(person: Person, clock: Ahead, button: str = "A is better") -> SeenMessage:
    """A battle with one vote."""
    card = await fight(person)
    await read(person, card, clock)
    assert (await press(person, card, button)).text.startswith("### Vote counted\n")
    return await shows(person, card, "1 member has voted")


@pytest.mark.parametrize("spoil", GONE)
async def test_a_result_that_has_nowhere_to_go(
    ada: Person, clock: Ahead, logged: LogChannel, rostrum: Rostrum, server: Server, spoil: Spoil
) -> None:
    card = await voted(ada, clock)
    spoil(server, card)
    clock.fire(BATTLE_DUE, hours=2)
    told = await logged.told("The result of a battle")
    assert "Its votes count all the same" in told.text
    clock.fire(BATTLE_DUE)
    await clock.restart()
    shown = await (await ada.slash(ELSEWHERE, "arena board")).message()
    assert "1 vote by 1 member" in shown.text
    assert await logged.amount() == 1, "it is done: nothing is tried or told again"
    assert rostrum.app.timers.due_at(BATTLE_DUE, 1) is None


async def test_nobody_waits_for_a_battle_whose_channel_is_deleted(
    ada: Person, clock: Ahead, rostrum: Rostrum, server: Server
) -> None:
    running = await begin(ada, SPOKEN)
    in_channel(server, running)

    async def gone() -> bool:
        return await rostrum.app.arena.guild_of(1) is None

    await until(gone)
    clock.by += LONG_ENOUGH
    other = await (await ada.slash(ELSEWHERE, "arena battle", prompt="What is tea?")).message()
    await shows(ada, other, "Which answer is better?")


@pytest.mark.parametrize("locked", [False, True])
async def test_a_battle_in_a_thread_that_sleeps_when_it_ends(
    ada: Person, clock: Ahead, logged: LogChannel, server: Server, rostrum: Rostrum, *, locked: bool
) -> None:
    thread = await ada.thread(PLACE, "Side room")
    begun = await (await ada.slash(thread, "arena battle", prompt="What is tea?")).message()
    card = await shows(ada, begun, "Which answer is better?")
    await read(ada, card, clock)
    await press(ada, card, "Tie")
    await shows(ada, card, "1 member has voted")
    channel = server.world.channels[int(thread.id)]
    assert channel.thread is not None
    channel.thread.archived, channel.thread.locked = True, locked
    clock.fire(BATTLE_DUE, hours=2)
    if locked:
        await logged.told("The result of a battle")
        assert await votes_on_board(rostrum, server) == 1
    else:
        await shows(ada, card, "Most found them equally good")
        assert await logged.amount() == 0


async def test_the_asker_has_left(ada: Person, stage: Stage, clock: Ahead, server: Server) -> None:
    """A moderator looks after their battle, and it closes by itself as well."""
    ben, chika = await stage.person("Ben"), await stage.person("Chika")
    card, other = await fight(chika), await fight(ada)
    await read(ada, card, clock)
    await press(chika, card, "Tie")
    go(server, chika)
    await press(ada, card, "Tie")
    shut = await closed(ben, card)
    assert "Most found them equally good" in shut.text
    assert "2 votes" in shut.text
    go(server, ada)
    clock.fire(BATTLE_DUE, 2, hours=2)
    assert "Nobody voted" in (await shows(ben, other, "Closed <t:")).text


async def test_an_asker_who_leaves_while_models_answer(ada: Person, stage: Stage, clock: Ahead, server: Server) -> None:
    chika, ben = await stage.person("Chika"), await stage.person("Ben")
    running = await begin(chika, "script: say Tea | wait 1 | say \\sis a drink")
    go(server, chika)
    card = await shows(ben, running, "Which answer is better?")
    await read(ben, card, clock)
    assert (await press(ada, card, "Tie")).text.startswith("### Vote counted\n")
    await closed(ben, card)


@pytest.mark.parametrize("fault", ["fail_rest", "rate_limit_storm"])
async def test_discord_stumbles_over_the_result(
    ada: Person, stage: Stage, clock: Ahead, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """By the clock: it is tried again until it stands there."""
    monkeypatch.setattr(timers, "FIRST_RETRY", timedelta(seconds=0.2))
    card = await voted(ada, clock)
    options = {"status": 503, "times": 2} if fault == "fail_rest" else {"times": 3, "retry_after": 0.1}
    await stage.fault(fault, route=REVEAL, **options)
    clock.fire(BATTLE_DUE, hours=2)
    assert "1 vote" in (await shows(ada, card, "Preferred: A, ")).text


async def test_discord_stumbles_when_somebody_closes_a_battle(ada: Person, stage: Stage, clock: Ahead) -> None:
    """Who pressed is told, the names are not lost: the timer shows them a moment later."""
    card = await voted(ada, clock)
    panel = await press(ada, card, "Manage")
    await stage.fault("fail_rest", status=503, route=REVEAL, times=1)
    told = await press(ada, panel, "Close now")
    assert "Discord has trouble just now. Please try again in a minute." in told.text
    late = await press(ada, card, "B is better")
    assert "This battle has closed" in late.text
    clock.fire(BATTLE_DUE, minutes=1)
    assert "1 · **A**" in (await shows(ada, card, "Preferred: A, ")).text


@pytest.mark.parametrize("again", [False, True])
async def test_names_that_did_not_reach_whoever_voted_in_private(
    ada: Person, stage: Stage, clock: Ahead, *, again: bool
) -> None:
    """The vote is stored and final; pressing again, after a restart too, shows what was missed."""
    card = await fight(ada, private=True)
    await read(ada, card, clock)
    await stage.fault("fail_rest", status=503, route="* /interactions/*/callback", times=20)
    await stage.fault("fail_rest", status=503, route="* /webhooks/*", times=20)
    await ada.click(card, "B is better")

    async def stored() -> bool:
        return await clock.app.arena.turnout(1) == 1

    await until(stored)
    if again:
        await clock.restart()
    await stage.fault("clear")
    shown = await press(ada, card, "A is better")
    assert "You said: **B is better**. Your vote is final." in shown.text
    assert shown.text.startswith("### A was ")


async def test_a_card_that_lags_is_right_in_the_end(ada: Person, stage: Stage, clock: Ahead) -> None:
    """Edits of the counter are refused for a while, and somebody votes meanwhile."""
    card = await fight(ada)
    await read(ada, card, clock)
    await stage.fault("rate_limit_storm", times=3, retry_after=0.1, route=REVEAL)
    await stage.fault("fail_rest", status=503, route=REVEAL, times=1)
    people = [await stage.person(name) for name in ("Ada", "Ben", "Chika")]
    pressed = await asyncio.gather(*(person.click(card, "Tie") for person in people))
    for one in pressed:
        assert (await one.message()).text.startswith("### Vote counted\n")
    await shows(ada, card, "3 members have voted")


async def test_a_moderator_deletes_a_battle_that_is_just_being_closed(
    ada: Person, stage: Stage, clock: Ahead, rostrum: Rostrum, server: Server
) -> None:
    card = await voted(ada, clock)
    ben = await stage.person("Ben")
    asks = await press(ben, await press(ben, card, "Manage"), "Delete")
    panel = await press(ada, card, "Manage")
    closing, deleting = await asyncio.gather(ada.click(panel, "Close now"), ben.click(asks, "Delete for good"))
    told = [(await closing.message(timeout=60)).text, (await deleting.message(timeout=60)).text]
    assert "gone" in told[1], told
    # closed first, its votes count; deleted first, there is nothing to close
    assert await votes_on_board(rostrum, server) == told[0].startswith("### Closed\n"), told
    await ada.wait_gone(card)
