"""Polls whose place is gone or closed: results are kept, moderators hear of it once, nothing is tried for ever."""

import asyncio
from collections.abc import Callable
from io import StringIO

import pytest

from bot.polls import service
from bot.polls.service import POLL_DUE, POLL_REMINDER_DUE
from sandbox import channels
from sandbox.audit import Actor
from sandbox.driver import Person, SeenMessage
from sandbox.model import Overwrite
from sandbox.server import Server
from tests.bad_days.conftest import Ahead, LogChannel
from tests.support.poll_flow import PLACE, post, receipt, result_of, shows
from tests.support.running import Rostrum
from tests.support.written import lines

SEEN_ELSEWHERE = "#general"


async def kept(person: Person) -> SeenMessage:
    """Find the result in the list of closed polls, in a channel that is there."""

    async def listed() -> SeenMessage | None:
        seen = await (await person.slash(SEEN_ELSEWHERE, "poll list")).message()
        seen = await (await person.click(seen, "Closed")).message()
        return seen if [button for button in seen.buttons if button.label == "Result"] else None

    seen = await person.wait(listed, what="the closed poll in the list")
    return await (await person.click(seen, "Result")).message()


def in_channel(server: Server, card: SeenMessage) -> None:
    """Delete the channel."""
    channel = server.world.channels[int(card.channel_id)]
    channels.delete_channel(server.world, channel, Actor(next(iter(server.world.guilds.values())).owner_id))


def in_access(server: Server, card: SeenMessage) -> None:
    """Close the channel to the bot."""
    bot_id = next(iter(server.world.applications.values())).user_id
    server.world.channels[int(card.channel_id)].overwrites.append(Overwrite(id=bot_id, type=1, deny=1 << 10))


def in_writing(server: Server, card: SeenMessage) -> None:
    """Take the card away, and the right to write."""
    del server.world.messages[int(card.channel_id)][int(card.id)]
    bot_id = next(iter(server.world.applications.values())).user_id
    server.world.channels[int(card.channel_id)].overwrites.append(Overwrite(id=bot_id, type=1, deny=1 << 11))


def in_card(server: Server, card: SeenMessage) -> None:
    """Delete the card alone."""
    del server.world.messages[int(card.channel_id)][int(card.id)]


Spoil = Callable[[Server, SeenMessage], None]
GONE = [in_channel, in_access, in_writing, in_card]


@pytest.mark.parametrize("spoil", GONE)
async def test_a_result_that_has_nowhere_to_go(
    ada: Person, ahead: Ahead, logged: LogChannel, server: Server, written: StringIO, spoil: Spoil
) -> None:
    card = await post(ada, question="Sesame?", settings=["remind"])
    await receipt(ada, card, "Hybrid")
    await shows(ada, card, "**1 vote**")
    spoil(server, card)
    ahead.fire(POLL_DUE, hours=3)
    told = await logged.told("The result of a poll")
    assert "/poll list" in told.text
    assert "Most votes: Hybrid" in (await kept(ada)).text
    reference = told.text.partition("Reference ")[2].strip()
    assert [line["reference"] for line in lines(written) if line["event"] == "given up"] == [reference]
    assert "sesame" not in written.getvalue().lower()
    ahead.fire(POLL_DUE)
    await ahead.restart()
    await kept(ada)
    assert await logged.amount() == 1, "it is done: nothing is tried or told again"
    assert not [line for line in lines(written) if line["event"] == "timer failed"]


@pytest.mark.parametrize("spoil", GONE[:2])
async def test_a_reminder_that_has_nowhere_to_go(
    ada: Person, ahead: Ahead, logged: LogChannel, server: Server, rostrum: Rostrum, spoil: Spoil
) -> None:
    card = await post(ada, settings=["remind"])
    spoil(server, card)
    ahead.fire(POLL_REMINDER_DUE, minutes=111)
    told = await logged.told("The reminder of a poll")
    assert "Nobody was reminded" in told.text
    assert await logged.amount() == 1
    assert await rostrum.app.polls.reminder_due(1) is not None, "given back: whoever mends the channel may ask for it"


@pytest.mark.parametrize("locked", [False, True])
async def test_a_thread_that_sleeps_when_its_poll_ends(
    ada: Person, ahead: Ahead, logged: LogChannel, server: Server, *, locked: bool
) -> None:
    thread = await ada.thread(PLACE, "Side room")
    modal = await (await ada.slash(thread, "poll create")).opened()
    preview = await (await modal.submit(question="Here?", options="A\nB", closes="in 2 hours")).message()
    await (await ada.click(preview, "Post")).done()
    card = await ada.wait_message(thread, "closes <t:", where=lambda seen: not seen.ephemeral)
    channel = server.world.channels[int(thread.id)]
    assert channel.thread is not None
    channel.thread.archived, channel.thread.locked = True, locked
    ahead.fire(POLL_DUE, hours=3)
    if locked:
        await logged.told("The result of a poll")
        assert "Nobody voted" in (await kept(ada)).text
    else:
        assert "Nobody voted" in (await result_of(ada, card)).text
        assert await logged.amount() == 0


async def test_votes_go_on_by_the_list_when_the_channel_is_gone(
    ada: Person, ahead: Ahead, server: Server, written: StringIO
) -> None:
    card = await post(ada)
    in_channel(server, card)
    listed = await (await ada.slash(SEEN_ELSEWHERE, "poll list")).message()
    modal = await (await ada.click(listed, "Vote")).opened()
    assert "Vote counted" in (await (await modal.submit(choice="Open")).message()).text
    async with asyncio.timeout(60):
        while not [line for line in lines(written) if line["event"] == "a card is left alone"]:
            await asyncio.sleep(0.01)
    ahead.fire(POLL_DUE, hours=3)
    assert "Most votes: Open" in (await kept(ada)).text


async def test_who_closes_a_poll_whose_card_is_gone_is_told(ada: Person, server: Server) -> None:
    card = await post(ada)
    panel = await receipt(ada, card, "Manage")
    in_card(server, card)
    closed = await (await ada.click(panel, "Close now")).message()
    assert "Its card could not be changed" in closed.text
    assert "/poll list" in closed.text


async def test_a_poll_that_was_to_be_posted_where_nothing_can_be_is_a_draft_again(
    ada: Person, ahead: Ahead, logged: LogChannel, server: Server, rostrum: Rostrum
) -> None:
    modal = await (await ada.slash(PLACE, "poll create")).opened()
    preview = await (await modal.submit(question="Here?", options="A\nB", closes="in 2 hours")).message()
    place = await ada.place(PLACE)
    await rostrum.app.polls.open(1, service.Actor(int(place.guild_id or 0), int(ada.id), is_moderator=False))
    await rostrum.stop()
    in_writing_only = Overwrite(id=next(iter(server.world.applications.values())).user_id, type=1, deny=1 << 11)
    overwrites = server.world.channels[int(place.id)].overwrites
    overwrites.append(in_writing_only)
    await rostrum.start(ahead)
    told = await logged.told("could not put it up")
    assert "draft again" in told.text
    overwrites.remove(in_writing_only)
    await ahead.restart()
    assert "Posted" in (await (await ada.click(preview, "Post")).message()).text
