"""Restarts in the middle of battles, and what happens by the clock."""

from datetime import timedelta

import pytest

from bot.arena.service import BATTLE_DUE
from cogs.arena import ring
from cogs.ui import outlets
from sandbox.driver import Person, Stage
from tests.support.ahead import Ahead
from tests.support.arena_flow import LONG_ENOUGH, begin, closed, fight, pick, press, read, until
from tests.support.ask_flow import shows
from tests.support.running import Rostrum

SLOW = "script: say First | wait 60 | say never"
RESTARTED = "I was restarted while the answers were made"


@pytest.mark.parametrize("private", [False, True])
async def test_a_restart_between_the_two_answers(ada: Person, clock: Ahead, *, private: bool) -> None:
    running = await begin(ada, SLOW, private=private)
    await shows(ada, running, "Two models are")
    await clock.restart()
    void = await shows(ada, running, "This battle is void")
    assert RESTARTED in void.text
    assert "othing was counted" in void.text
    assert not void.buttons


async def test_a_shared_one_is_found_when_its_token_is_dead(
    ada: Person, clock: Ahead, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = await begin(ada, SLOW)
    monkeypatch.setattr(ring, "TOKEN_SECONDS", 0.0)
    await clock.restart()
    assert RESTARTED in (await shows(ada, running, "This battle is void")).text


@pytest.mark.parametrize("dead", [False, True])
async def test_answers_that_were_made_and_not_shown_are_shown_after_a_restart(
    ada: Person, rostrum: Rostrum, clock: Ahead, monkeypatch: pytest.MonkeyPatch, *, dead: bool
) -> None:
    async def never(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(rostrum.app.arena, "shown", never)
    card = await fight(ada, private=not dead)
    monkeypatch.setattr(ring, "TOKEN_SECONDS", 0.0 if dead else outlets.TOKEN_SECONDS)
    await clock.restart()

    async def counted() -> bool:
        said = (await press(ada, card, "Tie")).text
        return "Vote counted" in said or "Your vote is final" in said

    await until(counted)
    if dead:
        await shows(ada, card, "1 member has voted")


async def test_votes_receipts_and_panels_survive_a_restart(ada: Person, stage: Stage, clock: Ahead) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    receipt = await press(ada, card, "A is better")
    await clock.restart()
    assert "Your reasons: wrong." in (await pick(ada, receipt, "wrong")).text
    chika = await stage.person("Chika")
    await press(chika, card, "A is better")
    await shows(ada, card, "2 members have voted")
    panel = await press(ada, card, "Manage")
    await clock.restart()
    await press(ada, panel, "Close now")
    shut = await shows(ada, card, "2 · **A**")
    await clock.restart()
    assert "**Open** · by Openers" in (await press(chika, shut, "About the models")).text
    assert "2 votes by 2 members" in (await press(chika, shut, "Board")).text
    asks = await press(ada, await press(ada, shut, "Manage"), "Delete")
    await clock.restart()
    assert "Its votes stay on the board" in (await press(ada, asks, "Delete for good")).text
    await ada.wait_gone(shut)


@pytest.mark.parametrize("again", [False, True])
async def test_a_battle_closes_at_its_time(ada: Person, clock: Ahead, *, again: bool) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    await press(ada, card, "Tie")
    if again:
        clock.by += timedelta(hours=2)
        await clock.restart()
    else:
        clock.fire(BATTLE_DUE, hours=2)
    shut = await shows(ada, card, "Most found them equally good")
    assert "Closed <t:" in shut.text
    assert not shut.has("Tie")


async def test_a_private_battle_that_nobody_voted_in_takes_no_vote_any_more(ada: Person, clock: Ahead) -> None:
    card = await fight(ada, private=True)
    await clock.restart()
    clock.fire(BATTLE_DUE, hours=25)

    async def refused() -> bool:
        return "void" in (await press(ada, card, "Tie")).text

    await until(refused)


async def test_a_result_without_a_card_still_counts(ada: Person, clock: Ahead) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    await press(ada, card, "A is better")
    panel = await press(ada, card, "Manage")
    await ada.delete(card)
    assert "could not be changed" in (await press(ada, panel, "Close now")).text
    board = await (await ada.slash("#general", "arena board")).message()
    assert "1 vote by 1 member" in board.text


async def test_nobody_waits_for_a_battle_whose_message_is_deleted(ada: Person, rostrum: Rostrum, clock: Ahead) -> None:
    running = await begin(ada, "script: notice one | wait 1 | say done")
    await ada.delete(running)

    async def gone() -> bool:
        return await rostrum.app.arena.guild_of(1) is None

    await until(gone)
    clock.by += LONG_ENOUGH
    await closed(ada, await fight(ada))


async def test_a_private_battle_ends_before_discord_forgets_it(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "LONGEST_PRIVATE", 0.2)
    message = await begin(ada, SLOW, private=True)
    void = await shows(ada, message, "This battle is void")
    assert "took longer than Discord lets a private message wait" in void.text
