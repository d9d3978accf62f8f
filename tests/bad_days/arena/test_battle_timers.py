"""Battles whose time passes while the bot is down or its clock jumps, as people see it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.arena.service import BATTLE_DUE
from bot.db.schema import BattleVoteRow, Verdict
from sandbox.driver import Person, Stage
from sandbox.server import Server
from tests.arena.flows.test_flow_boards import filled
from tests.bad_days.conftest import LogChannel
from tests.support.ahead import Ahead
from tests.support.arena_flow import begin, closed, fight, press, read
from tests.support.ask_flow import PLACE, shows
from tests.support.running import Rostrum

SLOW = "script: say First | wait 60 | say never"


async def test_many_are_due_at_the_start(ada: Person, stage: Stage, clock: Ahead, logged: LogChannel) -> None:
    """One that was being answered, one with votes, one without, one of which the card is gone: each ends once."""
    chika, ben = await stage.person("Chika"), await stage.person("Ben")
    voted = await fight(ada)
    await read(ada, voted, clock)
    await press(chika, voted, "Tie")
    await shows(ada, voted, "1 member has voted")
    unvoted, gone = await fight(ada), await fight(chika)
    running = await begin(ben, SLOW)
    await read(ada, gone, clock)
    await ada.delete(gone)
    clock.by += timedelta(hours=2)
    await clock.restart()
    assert "Most found them equally good" in (await shows(ada, voted, "Closed <t:")).text
    assert "Nobody voted" in (await shows(ada, unvoted, "Closed <t:")).text
    assert "I was restarted while the answers were made" in (await shows(ada, running, "This battle is void")).text
    await logged.told("The result of a battle")
    await clock.restart()
    await fight(ada)
    assert await logged.amount() == 1


async def test_a_private_battle_whose_day_passed_while_the_bot_was_down(ada: Person, clock: Ahead) -> None:
    card = await fight(ada, private=True)
    await read(ada, card, clock)
    clock.by += timedelta(hours=25)
    await clock.restart()
    told = await press(ada, card, "Tie")
    assert "This battle is void" in told.text or "This battle has closed" in told.text
    shown = await (await ada.slash(PLACE, "arena board")).message()
    assert "Nobody has voted here yet" in shown.text


@pytest.mark.parametrize("again", [False, True])
async def test_a_clock_that_is_set_back(ada: Person, clock: Ahead, *, again: bool) -> None:
    clock.by = timedelta(hours=3)
    card = await fight(ada)
    await read(ada, card, clock)
    clock.by = timedelta()
    if again:
        await clock.restart()
    other = await fight(ada)
    hasty = await press(ada, card, "Tie")
    assert "sooner than both answers can be read" in hasty.text
    await press(ada, other, "Tie")
    assert "1 vote" in (await closed(ada, card)).text
    clock.fire(BATTLE_DUE, 2, hours=5)
    assert "1 vote" in (await shows(ada, other, "Closed <t:")).text


async def test_two_moderators_leave_out_and_lift_at_the_same_instant(
    ada: Person, stage: Stage, rostrum: Rostrum, server: Server
) -> None:
    await filled(rostrum, server)
    guild_id = next(iter(server.world.guilds))
    first = await stage.person("Ben")
    member = server.world.members[guild_id]
    member[int(ada.id)].roles[:] = [*member[int(first.id)].roles]
    async with rostrum.app.database.write() as connection:
        await connection.execute(
            # somebody who presses the same button whatever stands there
            update(BattleVoteRow).where(BattleVoteRow.voter_id == 1_000_000).values(verdict=Verdict.A)
        )
    for menu, once, late in (
        (None, "is excluded", "This voter is left out already."),
        ("Count a voter's votes again", "The exclusion is lifted", "This exclusion was lifted already"),
    ):
        cards = [
            await press(person, await (await person.slash(PLACE, "arena board")).message(), "Fair play")
            for person in (ada, first)
        ]
        select = cards[0].selects[-1 if menu else 0]
        label = select.raw["options"][0]["label"]
        pressed = [await person.choose(shown, menu, label) for person, shown in zip((ada, first), cards, strict=True)]
        told = " ".join([(await one.message(timeout=60)).text for one in pressed])
        assert told.count(once) == 1, told
        assert told.count(late) == 1, told
    log = (await rostrum.app.arena.fair_play(guild_id)).log
    assert len(log) == 1
    assert log[0].lifted_at is not None
