"""Controls and forms that come at the wrong time, from the wrong people, or forged: nothing counts, all are told."""

from datetime import timedelta

import pytest

from bot.clock import utc_now
from bot.polls.service import POLL_DUE
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.model import Overwrite
from sandbox.server import Server
from tests.support.forging import offer, press_forged
from tests.support.poll_flow import (
    PLACE,
    ballot,
    cast,
    close,
    form,
    people,
    post,
    put_up,
    receipt,
    restart,
    result_of,
    set_rules,
    turnout,
    write,
)
from tests.support.running import Rostrum

SIX = "Amber\nBasil\nClove\nDill\nEndive\nFennel"


async def pressed(server: Server, person: Person, card: SeenMessage, custom_id: str) -> str:
    seen = await (await press_forged(server, person, card, custom_id)).message()
    assert seen.ephemeral
    return seen.text


@pytest.mark.parametrize(
    ("custom_id", "says"),
    [
        ("polls:v0:vote:1-0", "another version of the bot"),
        ("polls:v1:vote:1-0", "no longer exists"),
        ("polls:v1:vote:1-{tag}-9", "no such option"),
        ("polls:v1:vote:1-{tag}-x", "no longer exists"),
        ("polls:v1:vote:77-{tag}-0", "no longer exists"),
        ("polls:v1:ballot:" + "9" * 60, "no longer exists"),
        ("polls:v1:ballot:77--", "no longer exists"),
        ("polls:v1:ballot:1-{tag}-01234", "cannot be read"),
        ("polls:v1:ballot:1-beef-01234", "were changed"),
        ("polls:v1:results:77", "no longer exists"),
        ("polls:v1:results:1", "hidden until it closes"),
        ("polls:v1:voters:1", "hidden until it closes"),
        ("polls:v1:bell:1", "No reminder of this poll"),
        ("polls:v1:retry:nothing", "cannot be opened again"),
        ("polls:v1:post:1", "Only the person who wrote"),
        ("polls:v1:erase:1", "Only the poll's creator"),
        ("polls:v1:export:1", "Only the poll's creator"),
        ("polls:v1:discard:1", "Only the person who wrote"),
        ("polls:v1:rules:77", "is gone"),
        ("polls:v1:edit:77", "is gone"),
    ],
)
async def test_forged_controls(ada: Person, stage: Stage, server: Server, custom_id: str, says: str) -> None:
    card = await post(ada)
    tag = card.buttons[0].custom_id.split("-")[1]
    (esi,) = await people(stage, "Esi")
    assert says in await pressed(server, esi, card, custom_id.replace("{tag}", tag))
    assert "**0 votes**" in (await ada.again(card)).text


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        ("Single choice", ["99"], "choose one option"),
        ("Single choice", ["0", "1"], "choose one option"),
        ("Multiple choice", ["0", "1", "2", "3"], "choose 1 to 3 options"),
        ("Multiple choice", ["-1", "x", "６"], "choose 1 to 3 options"),
    ],
)
async def test_forged_choices(ada: Person, server: Server, kind: str, values: list[str], says: str) -> None:
    preview = await write(ada, options=SIX, kind=kind)
    if kind == "Multiple choice":
        preview = await set_rules(ada, preview, most="3")
    card = await put_up(ada, preview)
    modal = await ballot(ada, card)
    offer(server, modal, "99", "-1", "x", "６")
    if kind == "Single choice" and len(values) > 1:
        values = ["99"]
    refused = await (await modal.submit(choice=values if kind == "Multiple choice" else values[0])).message()
    assert "Not counted" in refused.text
    assert says in refused.text
    assert "Vote counted" in (await cast(ada, refused, "1", "Open my ballot")).text


async def test_forged_scores_count_for_nothing(ada: Person, server: Server) -> None:
    card = await post(ada, options="One\nTwo", kind="Score")
    modal = await ballot(ada, card)
    offer(server, modal, "9", "o", "-1")
    assert "score at least one" in (await (await modal.submit(option0="9", option1="o")).message()).text


async def test_a_forged_form_gets_what_it_can_have(ada: Person, server: Server) -> None:
    modal = await form(ada)
    offer(server, modal, "dictatorship")
    preview = await (
        await modal.submit(
            question="Q?", options="A\nB", closes="in 1 day", kind="dictatorship", settings=["dictatorship"]
        )
    ).message()
    assert "**Single choice**" in preview.text
    assert "Votes are secret. Results appear when the poll closes." in preview.text


async def test_who_lacks_the_role_or_the_days_is_told(ada: Person, stage: Stage) -> None:
    preview = await set_rules(ada, await write(ada, options=SIX), roles=["Moderator"], days="30")
    card = await put_up(ada, preview)
    ben, chika = await people(stage, "Ben", "Chika")
    assert "This poll is for members with a role" in (await receipt(chika, card, "Vote")).text
    told = (await receipt(ben, card, "Vote")).text
    assert "for at least 30 days" in told
    assert "You can vote from <t:" in told


async def test_a_role_lost_while_the_ballot_lies_open(ada: Person, stage: Stage, server: Server) -> None:
    card = await put_up(ada, await set_rules(ada, await write(ada, options=SIX), roles=["Moderator"]))
    (ben,) = await people(stage, "Ben")
    modal = await ballot(ben, card)
    for members in server.world.members.values():
        members[int(ben.id)].roles.clear()
    assert "members with a role" in (await (await modal.submit(choice="Amber")).message()).text
    assert "**0 votes**" in (await ada.again(card)).text


async def test_after_the_deadline_and_after_closing(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    moved = timedelta()
    await restart(rostrum, stage, lambda: utc_now() + moved)
    card, other = await post(ada), await post(ada, options=SIX)
    modal = await ballot(ada, other)
    moved = timedelta(hours=3)
    assert "takes no more votes" in (await receipt(ada, card, "Open")).text, "although no timer has closed it yet"
    assert "takes no more votes" in (await receipt(ada, other, "Vote")).text
    assert "takes no more votes" in (await (await modal.submit(choice="Amber")).message()).text
    rostrum.app.timers.arm(POLL_DUE, 1, utc_now())
    assert "Nobody voted" in (await result_of(ada, card)).text


async def test_a_stale_card_of_a_closed_poll(ada: Person, server: Server) -> None:
    card = await post(ada)
    tag = card.buttons[0].custom_id
    result = await close(ada, card)
    assert "takes no more votes" in await pressed(server, ada, result, tag)
    assert "takes no more votes" in await pressed(server, ada, result, "polls:v1:ballot:1--")


async def test_a_poll_deleted_while_its_ballot_lies_open(ada: Person) -> None:
    card = await post(ada, options=SIX)
    modal = await ballot(ada, card)
    panel = await receipt(ada, card, "Manage")
    asked = await (await ada.click(panel, "Delete")).message()
    await (await ada.click(asked, "Delete for good")).done()
    told = await ada.wait_message(PLACE, "are gone")
    assert told.ephemeral
    assert "no longer exists" in (await (await modal.submit(choice="Amber")).message()).text


async def test_a_channel_closed_to_the_bot_hides_nothing(ada: Person, server: Server) -> None:
    card = await post(ada)
    await receipt(ada, card, "Open")
    await turnout(ada, card, "**1 vote**")
    channel = server.world.channels[int(card.channel_id)]
    bot_id = next(iter(server.world.applications.values())).user_id
    channel.overwrites.append(Overwrite(id=bot_id, type=1, deny=1 << 10))
    panel = await receipt(ada, card, "Manage")
    closed = await (await ada.click(panel, "Close now")).message()
    assert "Most votes: Open" in closed.text
    assert "Its card could not be changed" in closed.text
    assert "Most votes: Open" in (await kept_result(ada)).text


@pytest.mark.parametrize("locked", [False, True])
async def test_a_poll_in_an_archived_thread(ada: Person, server: Server, *, locked: bool) -> None:
    thread = await ada.thread(PLACE, "Side room")
    modal = await (await ada.slash(thread, "poll create")).opened()
    preview = await (await modal.submit(question="Here?", options="A\nB", closes="in 2 hours")).message()
    await (await ada.click(preview, "Post")).done()
    card = await ada.wait_message(thread, "closes <t:", where=lambda seen: not seen.ephemeral)
    panel = await receipt(ada, card, "Manage")
    channel = server.world.channels[int(thread.id)]
    assert channel.thread is not None
    channel.thread.archived, channel.thread.locked = True, locked
    closed = await (await ada.click(panel, "Close now")).message()
    if not locked:
        assert "could not" not in closed.text
        assert "Nobody voted" in (await result_of(ada, card)).text
        return
    assert "thread is archived" in closed.text, "Discord takes not even an answer there"
    assert "Nobody voted" in (await kept_result(ada)).text


async def kept_result(person: Person) -> SeenMessage:
    listed = await (await person.slash("#general", "poll list")).message()
    listed = await (await person.click(listed, "Closed")).message()
    return await (await person.click(listed, "Result")).message()
