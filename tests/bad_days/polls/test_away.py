"""Weights, proposals and Discord's own polls when the database goes or the bot is down in the middle."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.driver import Person, SeenMessage, Stage, WaitedInVain
from sandbox.server import Server
from tests.bad_days.test_places import in_card, in_channel
from tests.polls.test_flow_native import end, handed, listed
from tests.polls.test_flow_proposals import open_proposals, propose
from tests.support.ahead import Ahead
from tests.support.arena_flow import until
from tests.support.cutting import Wire, wire_to
from tests.support.forging import press_forged
from tests.support.poll_flow import close, opens, people, post, put_up, receipt, result_of, shows, write
from tests.support.running import Rostrum


@pytest.fixture
async def wire(postgres_url: str, postgres_server: Path, rostrum: Rostrum) -> AsyncIterator[Wire]:
    """The bot reaches PostgreSQL over a wire that can be cut; asked for before anything that starts it."""
    async with wire_to(postgres_server) as made:
        rostrum.database_url = postgres_url.replace(str(postgres_server), str(made.folder))
        yield made
        await rostrum.stop()


async def weighted(person: Person) -> SeenMessage:
    """A poll in which moderators count three times."""
    form = await opens(person, await write(person), "Weights")
    return await put_up(person, await (await form.submit(roles=["Moderator"], times="3")).message())


@pytest.mark.parametrize("how", ["down", "cut_answer", "cut_question"])
async def test_ballots_that_weigh_more_while_the_database_is_away(
    wire: Wire, ada: Person, stage: Stage, how: str
) -> None:
    """Late or at once, each counts once, with the weight of the role at the press."""
    ben, chika, esi = await people(stage, "Ben", "Chika", "Esi")
    card = await weighted(ada)
    await receipt(esi, card, "Open")
    setattr(wire, how, True)
    if how == "down":
        wire.hang_up()
    voting = [await person.click(card, option) for person, option in ((ben, "Closed"), (chika, "Open"))]
    if how == "down":
        for one in voting:
            with pytest.raises(WaitedInVain):
                await one.message(timeout=0.5)
    wire.down = False
    for one in voting:
        assert "Vote counted" in (await one.message(timeout=60)).text
    result = await close(ada, card)
    assert "Most votes: Closed" in result.text
    assert "3 ballots weigh 5 together" in result.text


async def test_proposals_wait_through_a_downtime_and_end_with_the_poll(
    ada: Person, stage: Stage, server: Server, ahead: Ahead
) -> None:
    card = await post(ada, settings=["propose"])
    ben, chika = await people(stage, "Ben", "Chika")
    await propose(chika, card, "Council")
    await propose(ben, card, "Lot")
    await shows(ada, card, "2 proposals wait")
    ahead.by += timedelta(hours=1)
    await ahead.restart()
    waiting = await open_proposals(ada, card, 2)
    accept = next(button.custom_id for button in waiting.buttons if button.label == "Accept")
    ahead.by += timedelta(hours=2)
    await ahead.restart()
    result = await result_of(ada, card)
    assert "Council" not in result.text
    assert "wait" not in result.text.lower()
    late = await (await ada.click(waiting, accept)).message()
    assert "closed" in late.text
    assert "Council" not in (await ada.again(card)).text
    forged = await press_forged(server, chika, result, "polls:v1:propose:1")
    assert "closed" in (await forged.message()).text


async def test_many_polls_of_discords_own_end_in_a_downtime(
    ada: Person, stage: Stage, server: Server, ahead: Ahead
) -> None:
    """One that ended, one whose message is gone, one whose channel is gone before the bot is back: each once."""
    (ben,) = await people(stage, "Ben")
    ended = await handed(ada, question="Ended?")
    await ben.vote(ended, ["Closed"])
    gone = await handed_again(ada, ended, "Gone?")
    await ahead._rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    end(server, ended)
    in_card(server, gone)
    ahead.by += timedelta(hours=3)
    await ahead._rostrum.start(ahead)
    await stage.wait_online("Rostrum", timeout=30)

    async def both() -> SeenMessage | None:
        shown = await listed(ada, "Closed")
        return shown if "1 vote" in shown.text and "Gone?" in shown.text else None

    shown = await ada.wait(both, what="both results in the list", timeout=30)
    assert "Ended?" in shown.text
    assert ahead.app.polls.natives() == ()


async def handed_again(person: Person, before: SeenMessage, question: str) -> SeenMessage:
    """Hand another poll over, and return Discord's message of it."""
    await handed(person, question=question)
    return await person.wait_message("#polls", where=lambda seen: seen.poll is not None and seen.id != before.id)


async def test_a_poll_of_discords_own_whose_channel_is_deleted(ada: Person, server: Server, ahead: Ahead) -> None:
    message = await handed(ada)
    in_channel(server, message)
    ahead.by += timedelta(days=2)
    await ahead.restart()

    async def done() -> bool:
        return ahead.app.polls.natives() == ()

    await until(done)
