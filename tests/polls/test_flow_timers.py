"""What happens by the clock: polls close, people are reminded, once; with restarts in between."""

import asyncio
from datetime import timedelta

import pytest

from bot.polls.service import POLL_DUE, POLL_REMINDER_DUE
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.support.ahead import Ahead
from tests.support.poll_flow import PLACE, people, post, receipt, result_of, turnout, write
from tests.support.running import Rostrum

REMINDER = "Votes can be cast and changed until then"


@pytest.fixture
async def clock(ada: Person, rostrum: Rostrum, stage: Stage) -> Ahead:
    moved = Ahead(rostrum, stage)
    await moved.restart()
    assert ada.name == "Ada"
    return moved


async def reminders(person: Person) -> list[SeenMessage]:
    return [seen for seen in await person.see(PLACE) if REMINDER in seen.content]


@pytest.mark.parametrize("again", [False, True])
async def test_a_poll_closes_at_its_time(ada: Person, clock: Ahead, *, again: bool) -> None:
    card = await post(ada)
    await receipt(ada, card, "Open")
    if again:
        clock.by = timedelta(hours=3)
        await clock.restart()
    else:
        clock.fire(POLL_DUE, hours=3)
    assert "1 vote · 100 %" in (await result_of(ada, card)).text
    late = await receipt(ada, card, "Manage")
    assert "closed <t:" in late.text


@pytest.mark.parametrize("again", ["no", "before", "after"])
async def test_a_reminder_mentions_who_asked_for_it_and_is_still_there(
    ada: Person, stage: Stage, server: Server, clock: Ahead, again: str
) -> None:
    preview = await write(ada, settings=["remind"])
    assert "One reminder, <t:" in preview.text
    await (await ada.click(preview, "Post")).done()
    card = await ada.wait_message(PLACE, "**0 votes**")
    ben, chika, esi = await people(stage, "Ben", "Chika", "Esi")
    for voter in (ben, chika, esi):
        voted = await receipt(voter, card, "Open")
        assert [button.label for button in voted.buttons] == ["Change", "Remind me"]
        asked = await (await voter.click(voted, "Remind me")).message()
        assert asked.id == voted.id
        assert "I will mention you in the poll's channel once, <t:" in asked.text
        if voter is chika:
            silenced = await (await voter.click(asked, "Don't remind me")).message()
            assert "I will not mention you" in silenced.text
    for members in server.world.members.values():
        members.pop(int(esi.id))
    if again == "before":
        await clock.restart()
    clock.fire(POLL_REMINDER_DUE, minutes=111)
    reminder = await ada.wait_message(PLACE, REMINDER)
    assert reminder.content.endswith(f"<@{ben.id}>")
    assert [user["id"] for user in reminder.raw["mentions"]] == [ben.id]
    assert f"/{card.channel_id}/{card.id})" in reminder.content
    assert not reminder.raw["flags"] & 1 << 12, "who asked for it is to hear it"
    if again == "after":
        await clock.restart()
    clock.fire(POLL_REMINDER_DUE, minutes=1)
    assert "Vote counted" in (await receipt(ben, card, "Closed")).text
    await turnout(ada, card, "**3 votes**")
    assert len(await reminders(ada)) == 1, "once"
    shown = await receipt(ada, card, "Manage")
    assert "people were reminded already" in shown.text


async def test_a_reminder_nobody_asked_for_is_silent(ada: Person, clock: Ahead) -> None:
    await post(ada, settings=["remind"])
    clock.fire(POLL_REMINDER_DUE, minutes=111)
    reminder = await ada.wait_message(PLACE, REMINDER)
    assert reminder.raw["mentions"] == []
    assert reminder.raw["flags"] & 1 << 12


async def test_a_moderator_reminds_at_once(ada: Person, stage: Stage, clock: Ahead) -> None:
    card = await post(ada)
    (ben,) = await people(stage, "Ben")
    shown = await receipt(ben, card, "Manage")
    done = await (await ben.click(shown, "Remind")).message()
    assert "people were reminded" in done.text
    assert len(await reminders(ada)) == 1
    await clock.restart()
    again = await (await ben.click(done, "Manage")).message()
    assert again.button("Remind").disabled


async def test_a_result_without_a_card_is_kept(ada: Person, clock: Ahead) -> None:
    card = await post(ada)
    await receipt(ada, card, "Hybrid")
    await ada.delete(card)
    clock.fire(POLL_DUE, hours=3)
    listed = await (await ada.slash(PLACE, "poll list")).message()
    async with asyncio.timeout(30):
        while "Which" not in (closed := await (await ada.click(listed, "Closed")).message()).text:
            listed = await (await ada.click(closed, "Open")).message()
    result = await (await ada.click(closed, "Result")).message()
    assert "Most votes: Hybrid" in result.text
    assert result.alternative_texts
