"""Two people at the same moment, and connections that break in the middle: each is told, and the card ends right."""

import asyncio
from datetime import timedelta

import pytest

from bot.polls.service import POLL_DUE
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.seed import Builder
from sandbox.server import Server
from tests.support.ahead import Ahead
from tests.support.forging import press_forged
from tests.support.poll_flow import EARLIER, PLACE, ballot, close, people, post, receipt, result_of, shows, start
from tests.support.running import Rostrum


async def panels(stage: Stage, card: SeenMessage) -> list[tuple[Person, SeenMessage]]:
    return [(person, await receipt(person, card, "Manage")) for person in await people(stage, "Ada", "Ben")]


async def both(shown: list[tuple[Person, SeenMessage]], *buttons: str) -> str:
    """Press at the same moment; return all that the two are told."""
    known = {person.id: {seen.id for seen in await person.see(PLACE)} for person, _ in shown}
    pressed = await asyncio.gather(
        *(person.click(panel, button) for (person, panel), button in zip(shown, buttons, strict=True))
    )
    await asyncio.gather(*(one.done(timeout=60) for one in pressed))
    told = ""
    for (person, panel), _ in zip(shown, buttons, strict=True):
        for seen in await person.see(PLACE):
            if seen.ephemeral and (seen.id == panel.id or seen.id not in known[person.id]):
                told += seen.text + "\n"
    return told


async def test_two_close_at_once(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    told = await both(await panels(stage, card), "Close now", "Close now")
    assert told.count("### Closed") == 1
    assert told.count("This poll is closed already") == 1
    assert "Nobody voted" in (await result_of(ada, card)).text


async def test_two_delete_at_once(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    asked = [
        (person, await (await person.click(panel, "Delete")).message()) for person, panel in await panels(stage, card)
    ]
    told = await both(asked, "Delete for good", "Delete for good")
    assert told.count("are gone") == 1
    assert told.count("no longer exists") == 1
    assert await ada.find_message(card.channel_id, card.id) is None


async def test_one_closes_what_the_other_deletes(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    (one, panel), (other, second) = await panels(stage, card)
    asked = await (await other.click(second, "Delete")).message()
    told = await both([(one, panel), (other, asked)], "Close now", "Delete for good")
    assert "are gone" in told
    assert told.count("### Closed") + told.count("no longer exists") == 1
    assert await ada.find_message(card.channel_id, card.id) is None
    assert not [seen for seen in await ada.see(PLACE) if "Poll closed" in seen.text and not seen.ephemeral]


async def test_two_reopen_at_once(ada: Person, stage: Stage) -> None:
    card = await close(ada, await post(ada, settings=["voted"]))
    modals = [await (await person.click(panel, "Reopen")).opened() for person, panel in await panels(stage, card)]
    sent = await asyncio.gather(*(modal.submit(closes="in 2 days") for modal in modals))
    told = [(await one.message(timeout=60)).text for one in sent]
    assert sum("open again" in text for text in told) == 1
    assert sum("open already" in text for text in told) == 1
    await shows(ada, card, "closes <t:")


async def test_a_late_edit_does_not_cover_the_result(ada: Person, stage: Stage) -> None:
    """The card's edit is held up on its way while somebody else closes the poll."""
    card = await post(ada)
    (one, panel), (other, second) = await panels(stage, card)
    modal = await (await one.click(panel, "Edit")).opened()
    await stage.fault("slow_rest", delay=1.0, route="PATCH /channels/*/messages/*", times=1)
    edited = await modal.submit(question="Better?")
    closed = await other.click(second, "Close now")
    await asyncio.gather(edited.done(timeout=60), closed.done(timeout=60))
    assert "Nobody voted" in (await result_of(ada, card)).text


async def test_two_edit_at_once_and_the_card_shows_both(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    modals = [await (await person.click(panel, "Edit")).opened() for person, panel in await panels(stage, card)]
    await stage.fault("slow_rest", delay=0.7, route="PATCH /channels/*/messages/*", times=1)
    sent = await asyncio.gather(modals[0].submit(question="Better?"), modals[1].submit(options="Yes\nNo"))
    await asyncio.gather(*(one.done(timeout=60) for one in sent))
    now = await shows(ada, card, "1. Yes")
    assert "Vote counted" in (await receipt(ada, now, "Yes")).text


async def test_opened_again_while_the_timer_is_due(ada: Person, ahead: Ahead, rostrum: Rostrum) -> None:
    card = await close(ada, await post(ada, settings=["voted"]))
    panel = await receipt(ada, card, "Manage")
    modal = await (await ada.click(panel, "Reopen")).opened()
    ahead.fire(POLL_DUE)
    sent = await modal.submit(closes="in 2 days")
    ahead.fire(POLL_DUE)
    assert "open again" in (await sent.message(timeout=60)).text
    now = await shows(ada, card, "closes <t:")
    assert "Vote counted" in (await receipt(ada, now, "Open")).text
    assert rostrum.app.polls.peek(1, int((await ada.place(PLACE)).guild_id or 0))


async def test_a_poll_closed_before_a_crash_shows_its_result_after_it(
    ada: Person, ahead: Ahead, rostrum: Rostrum
) -> None:
    card = await post(ada)
    async with rostrum.app.database.write() as connection:
        await connection.exec_driver_sql("UPDATE polls SET phase = 'closed', closed_at = closes_at")
    ahead.by = timedelta(hours=3)
    await ahead.restart()
    assert "Nobody voted" in (await result_of(ada, card)).text


async def test_a_socket_that_drops_in_the_middle_of_a_vote(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    card = await post(ada)
    async with rostrum.app.database.write():
        voting = await ada.click(card, "Open")
        # the press has come in, or it would not be deferred
        await ada.wait(lambda: voting.state == "thinking", what="the deferral", timeout=60)
        await stage.fault("drop_socket")
    assert "Vote counted" in (await voting.message(timeout=60)).text
    await stage.wait_online("Rostrum", timeout=60)
    assert EARLIER in (await receipt(ada, card, "Closed")).text


@pytest.mark.parametrize("paged", [False, True])
async def test_an_answer_lost_on_its_way_back_was_seen_all_the_same(ada: Person, stage: Stage, *, paged: bool) -> None:
    card = await post(ada, **({"kind": "Approval"} if paged else {}))
    modal = await ballot(ada, card) if paged else None
    await stage.fault("lose_ack")
    voting = await (modal.submit(choice=["Open"]) if modal else ada.click(card, "Open"))
    assert "Vote counted" in (await voting.message(timeout=60)).text
    await shows(ada, card, "**1 vote**")


async def test_a_callback_that_fails_once_is_sent_again(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    await stage.fault("fail_rest", status=503, route="POST /interactions/*/callback", times=1)
    assert "Vote counted" in (await (await ada.click(card, "Open")).message(timeout=60)).text


async def test_a_storm_of_429s_over_late_answers(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    card = await post(ada)
    await stage.fault("rate_limit_storm", times=3, retry_after=0.1, route="PATCH /webhooks/*")
    await stage.fault("rate_limit_storm", times=3, retry_after=0.1, route="PATCH /channels/*/messages/*")
    async with rostrum.app.database.write():
        voting = await ada.click(card, "Open")
        await ada.wait(lambda: voting.state == "thinking", what="the deferral", timeout=60)
    assert "Vote counted" in (await voting.message(timeout=60)).text
    await shows(ada, card, "**1 vote**")


async def test_a_button_from_another_server(rostrum: Rostrum, stage: Stage, server: Server) -> None:
    world = server.world
    build, app = Builder(world), next(iter(world.applications.values()))
    ada = await stage.person("Ada")
    other = build.guild("Elsewhere", world.users[int(ada.id)])
    build.install(other, app)
    build.channel(other, "asks")
    await start(rostrum, stage)
    card = await post(ada)
    modal = await (await ada.slash("Elsewhere/#asks", "poll create")).opened()
    preview = await (await modal.submit(question="Here?", options="A\nB", closes="in 2 hours")).message()
    await (await ada.click(preview, "Post")).done()
    theirs = await ada.wait_message("Elsewhere/#asks", "closes <t:", where=lambda seen: not seen.ephemeral)
    for custom_id in (card.buttons[0].custom_id, "polls:v1:manage:1", "polls:v1:ballot:1--", "polls:v1:results:1"):
        told = await (await press_forged(server, ada, theirs, custom_id)).message()
        assert "no longer exists" in told.text, custom_id
    assert "**0 votes**" in (await ada.again(card)).text
