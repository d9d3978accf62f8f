"""Discord's own polls with the real client: handed over, voted in there, ended in every way, their counts kept here."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.db.schema import PollRow
from bot.polls.types import Actor, PollDraft
from sandbox import polls as native_polls
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.model import Message, Overwrite
from sandbox.permissions import P
from sandbox.server import Server
from tests.support.forging import press_forged
from tests.support.poll_flow import (
    PLACE,
    Breaks,
    breaks_at,
    people,
    restart,
    start,
    write,
)
from tests.support.running import Rostrum

OFFER = "Post as Discord's own poll"


async def press(person: Person, message: SeenMessage, button: str) -> SeenMessage:
    return await (await person.click(message, button)).message()


async def preview(person: Person, **typed: Any) -> SeenMessage:
    return await write(person, **{"settings": ["public"], **typed})


async def handed(person: Person, **typed: Any) -> SeenMessage:
    """Write a poll, hand it over, and return Discord's message."""
    offer = await press(person, await preview(person, **typed), OFFER)
    posted = await press(person, offer, "Post it so")
    assert "Posted" in posted.text
    return await native(person)


async def native(person: Person) -> SeenMessage:
    return await person.wait_message(PLACE, where=lambda seen: seen.poll is not None)


async def listed(person: Person, which: str) -> SeenMessage:
    shown = await (await person.slash(PLACE, "poll list")).message()
    return shown if which == "Open" else await press(person, shown, which)


async def kept(person: Person, text: str) -> SeenMessage:
    """Wait until the result is kept, and open it."""

    async def there() -> SeenMessage | None:
        shown = await listed(person, "Closed")
        return shown if text in shown.text else None

    return await press(person, await person.wait(there, what=f"{text!r} in the list"), "Result")


def stored(server: Server, message: SeenMessage) -> Message:
    return server.world.messages[int(message.channel_id)][int(message.id)]


def end(server: Server, message: SeenMessage) -> None:
    """Let a poll's time be over; the stand-in counts it within a second or two."""
    found = stored(server, message)
    assert found.poll is not None
    found.poll.expires_at = server.world.now()
    server.world.save(found)


def place_of(server: Server) -> tuple[int, int]:
    """The server and the channel of the polls."""
    channel = next(one for one in server.world.channels.values() if one.name == PLACE.removeprefix("#"))
    assert channel.guild_id is not None
    return channel.guild_id, channel.id


async def natives_of(person: Person) -> list[SeenMessage]:
    return [seen for seen in await person.see(PLACE) if seen.poll is not None]


@breaks_at("written", "offered", "posted", "voted")
async def test_from_the_preview_to_the_result(ada: Person, stage: Stage, server: Server, breaks: Breaks) -> None:
    ben, chika, esi = await people(stage, "Ben", "Chika", "Esi")
    shown = await preview(ada)
    await breaks("written")
    offer = await press(ada, shown, OFFER)
    assert offer.id == shown.id
    assert "see who voted for what" in offer.text
    assert "would run 2 hours" in offer.text
    back = await press(ada, offer, "Back")
    assert "Preview:" in back.text
    offer = await press(ada, back, OFFER)
    await breaks("offered")
    posted = await press(ada, offer, "Post it so")
    assert "is Discord's own poll" in posted.text
    message = await native(ben)
    assert message.author == "Rostrum"
    assert message.poll is not None
    assert message.poll["question"]["text"] == "Which *models*?"
    assert list(message.votes) == ["Open", "Closed", "Hybrid"]
    await breaks("posted")
    for person, answer in ((ben, "Open"), (chika, "Open"), (esi, "Hybrid"), (chika, "Closed"), (chika, "Open")):
        await person.vote(message, [answer])
    await breaks("voted")
    row = await listed(ben, "Open")
    assert "Discord's own poll · closes by itself" in row.text
    assert (row.button("Go to it").url or "").endswith(f"/{message.channel_id}/{message.id}")
    end(server, message)
    result = await kept(esi, "3 votes")
    assert "Open: 2 votes · 67 %" in result.text
    assert "Hybrid: 1 vote · 33 %" in result.text
    assert len(await natives_of(ada)) == 1
    told = [seen for seen in await ada.see(PLACE) if seen.raw["type"] == native_polls.RESULT]
    assert len(told) == 1, "Discord tells the result; the bot does not tell it again"


async def test_several_answers_are_votes_not_voters(ada: Person, stage: Stage, server: Server) -> None:
    message = await handed(ada, kind="Multiple choice", options="Open\nClosed")
    assert message.poll is not None
    assert message.poll["allow_multiselect"] is True
    (ben,) = await people(stage, "Ben")
    await ben.vote(message, ["Open", "Closed"])
    await ada.vote(message, ["Open"])
    end(server, message)
    result = await kept(ben, "3 votes")
    assert "Open: 2 votes · 67 %" in result.text
    assert "votes, not voters" in result.text


@pytest.mark.parametrize(
    "typed",
    [
        {"settings": []},
        {"kind": "Ranked"},
        {"options": "One\n" + "x" * 56},
        {"options": "\n".join("abcdefghijk")},
        {"closes": "in 33 days"},
        {"settings": ["public", "propose"]},
    ],
)
async def test_what_discord_cannot_take_is_not_offered(ada: Person, server: Server, typed: dict[str, Any]) -> None:
    shown = await preview(ada, **typed)
    assert OFFER not in [button.label for button in shown.buttons]
    forged = await press_forged(server, ada, shown, "polls:v1:offernative:1")
    assert "cannot be one of Discord's own polls" in (await forged.message()).text
    forged = await press_forged(server, ada, shown, "polls:v1:postnative:1")
    assert "cannot be one of Discord's own polls" in (await forged.message()).text
    assert await natives_of(ada) == []


async def test_it_is_closed_from_its_panel(ada: Person, stage: Stage) -> None:
    message = await handed(ada)
    ben, esi = await people(stage, "Ben", "Esi")
    await ben.vote(message, ["Closed"])
    mine = await listed(ada, "Mine")
    panel = await press(ada, mine, "Manage")
    assert "Discord's own poll" in panel.text
    assert [button.label for button in panel.buttons] == ["Close now", "Clone", "Export", "Delete"]
    assert panel.button("Export").disabled
    closed = await press(ada, panel, "Close now")
    assert "takes no more votes" in closed.text
    assert "Closed: 1 vote · 100 %" in (await kept(esi, "1 vote")).text
    panel = await press(ada, closed, "Manage")
    assert panel.button("Close now").disabled
    assert not panel.button("Export").disabled
    export = await press(ada, panel, "Export")
    assert "totals only, since Discord took the votes" in export.text


async def test_a_count_that_takes_its_time(
    ada: Person, stage: Stage, rostrum: Rostrum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over, but not final: nothing is taken until Discord says so, across a restart too."""
    message = await handed(ada)
    await ada.vote(message, ["Hybrid"])
    monkeypatch.setattr(native_polls, "COUNTED_AFTER", timedelta(days=1))
    panel = await press(ada, await listed(ada, "Mine"), "Manage")
    await press(ada, panel, "Close now")
    result = await press(ada, await listed(ada, "Closed"), "Result")
    assert "still counting" in result.text
    await restart(rostrum, stage)
    shown = await listed(ada, "Closed")
    assert "still counting" in (await press(ada, shown, "Result")).text
    monkeypatch.setattr(native_polls, "COUNTED_AFTER", timedelta())
    assert "Hybrid: 1 vote" in (await kept(ada, "1 vote")).text


@pytest.mark.parametrize("how", ["over", "deleted"])
async def test_the_bot_was_away_at_its_end(
    ada: Person, stage: Stage, server: Server, rostrum: Rostrum, how: str
) -> None:
    message = await handed(ada)
    await ada.vote(message, ["Open"])
    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    if how == "over":
        end(server, message)
        await ada.wait_message(PLACE, where=lambda seen: seen.raw["type"] == native_polls.RESULT)
    else:
        (ben,) = await people(stage, "Ben")
        await ben.delete(message)
    await start(rostrum, stage)
    said = "Open: 1 vote" if how == "over" else "was gone before its votes were counted"
    assert said in (await kept(ada, "1 vote" if how == "over" else "0 votes")).text


async def test_its_message_is_deleted(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    message = await handed(ada)
    (ben,) = await people(stage, "Ben")
    await ben.delete(message)
    assert "was gone before its votes were counted" in (await kept(ada, "0 votes")).text
    assert rostrum.app.polls.natives() == ()


async def test_deleting_it_takes_the_message_along(ada: Person) -> None:
    message = await handed(ada)
    panel = await press(ada, await listed(ada, "Mine"), "Manage")
    deleted = await press(ada, await press(ada, panel, "Delete"), "Delete for good")
    assert "are gone" in deleted.text
    assert await ada.find_message(message.channel_id, message.id) is None
    assert "There is none" in (await listed(ada, "Open")).text


async def test_where_the_bot_may_not_post_polls(ada: Person, server: Server) -> None:
    offer = await press(ada, await preview(ada), OFFER)
    bot_id = next(user.id for user in server.world.users.values() if user.bot)
    server.world.channels[place_of(server)[1]].overwrites.append(Overwrite(id=bot_id, type=1, deny=int(P.SEND_POLLS)))
    refused = await press(ada, offer, "Post it so")
    assert "Create Polls" in refused.text
    assert await natives_of(ada) == []
    back = await press(ada, await ada.again(offer), "Back")
    assert "Preview:" in back.text


@pytest.mark.parametrize("sent", [False, True])
async def test_a_stop_between_opening_and_noting_the_message(
    ada: Person, stage: Stage, server: Server, rostrum: Rostrum, *, sent: bool
) -> None:
    """It is posted once: at the next start, or found where it stands."""
    if sent:
        await handed(ada)
        async with rostrum.app.database.write() as connection:
            await connection.execute(update(PollRow).values(message_id=None))
    else:
        guild_id, channel_id = place_of(server)
        own = Actor(guild_id, int(ada.id), is_moderator=False)
        closes_at = rostrum.app.clock() + timedelta(hours=2)
        draft = PollDraft(guild_id, channel_id, own.member_id, "Q?", ("Open", "Closed"), closes_at, is_public=True)
        await rostrum.app.polls.open_native((await rostrum.app.polls.draft(draft)).poll_id, own)
    await restart(rostrum, stage)
    message = await native(ada)

    async with asyncio.timeout(30):
        while rostrum.app.polls.native_of(int(message.id)) != 1:
            await asyncio.sleep(0.02)
    assert len(await natives_of(ada)) == 1


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("ballot:1--", "Discord's own polls"),
        ("close:1", "Discord's own polls"),
        ("reopen:1", ""),
        ("remind:1", "Discord's own polls"),
        ("results:1", "its votes stand on it"),
        ("propose:1", "Discord's own polls"),
        ("export:1", "its votes stand on it"),
    ],
)
async def test_forged_presses_change_nothing(ada: Person, server: Server, action: str, says: str) -> None:
    message = await handed(ada)
    shown = await listed(ada, "Mine")
    pressed = await (await press_forged(server, ada, shown, f"polls:v1:{action}")).done()
    if pressed.modal:
        pressed = await (await pressed.modal.submit(closes="in 2 days")).done()
        says = "open already"
    assert says in (await pressed.message()).text
    assert stored(server, message).poll is not None
    assert len(await natives_of(ada)) == 1


async def test_others_cannot_end_it(ada: Person, stage: Stage, server: Server) -> None:
    message = await handed(ada)
    (esi,) = await people(stage, "Esi")
    own = await listed(esi, "Open")
    refused = await (await press_forged(server, esi, own, "polls:v1:endnative:1")).message()
    assert "Only the poll's creator" in refused.text
    poll = stored(server, message).poll
    assert poll is not None
    assert poll.expires_at > server.world.now()
