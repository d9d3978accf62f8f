"""Polls as people live them: the real client over sockets, from the command to the result, with restarts in between."""

import asyncio
from datetime import datetime, timedelta
from io import BytesIO

import aiohttp
from PIL import Image
from sqlalchemy import text

from bot.clock import utc_now
from bot.polls.service import POLL_DUE
from sandbox.driver import Person, Stage
from tests.support.poll_flow import (
    EARLIER,
    PLACE,
    TYPED,
    ballot,
    people,
    post,
    receipt,
    restart,
    result_of,
    turnout,
    write,
)
from tests.support.running import Rostrum


async def test_a_poll_from_the_command_to_the_result(ada: Person, stage: Stage) -> None:
    preview = await write(ada)
    assert preview.ephemeral
    assert "Which \\*models\\*?" in preview.text
    assert [button.label for button in preview.buttons] == ["Post", "Edit", "Rules", "Weights", "Discard"]
    answer = await (await ada.click(preview, "Post")).message()
    assert answer.id == preview.id
    assert "Posted" in answer.text
    assert answer.buttons == []

    ben, chika, dmitri = await people(stage, "Ben", "Chika", "Dmitri")
    card = await chika.wait_message(PLACE, "Which", where=lambda seen: not seen.ephemeral)
    assert [button.label for button in card.buttons] == ["Open", "Closed", "Hybrid", "Manage"]
    assert "**0 votes**" in card.text

    first = await receipt(ben, card, "Open")
    assert first.ephemeral
    assert "Vote counted" in first.text
    assert "Open" not in first.text, "a receipt proves nothing"
    assert [button.label for button in first.buttons] == ["Change"]
    await receipt(chika, card, "Hybrid")
    assert EARLIER not in (await receipt(dmitri, card, "Open")).text
    assert EARLIER in (await receipt(dmitri, card, "Hybrid")).text
    last = await receipt(dmitri, card, "Hybrid")
    modal = await ballot(dmitri, last, "Change")
    chosen = [option["label"] for option in modal.fields["Choose one"]["options"] if option.get("default")]
    assert chosen == ["Hybrid"], "what stands is marked"

    open_card = await turnout(ada, card, "**3 votes**")
    assert "%" not in open_card.text, "results stay hidden while it is open"

    panel = await receipt(ada, card, "Manage")
    assert panel.ephemeral
    closed = await (await ada.click(panel, "Close now")).message()
    assert "Most votes: Hybrid" in closed.text
    result = await result_of(chika, card)
    assert result.id == card.id
    assert [button.label for button in result.buttons] == ["How counted", "Manage"]
    assert "Most votes: Hybrid" in result.text
    assert "2 votes · 67 % (21–94 %) · **first**" in result.text
    assert "1 vote · 33 % (6–79 %)" in result.text
    assert result.alternative_texts == [
        "Bar chart. Open: 1 vote, 33 percent; Closed: 0 votes, 0 percent; Hybrid: 2 votes, 67 percent."
    ]
    gallery = next(part for part in result.components if "items" in part)
    async with aiohttp.request("GET", gallery["items"][0]["media"]["url"]) as answer:
        picture = Image.open(BytesIO(await answer.read()))
    assert (picture.format, picture.width) == ("PNG", 800)


async def test_votes_survive_a_restart_and_so_do_the_buttons(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    card = await post(ada)
    ben, chika = await people(stage, "Ben", "Chika")
    await receipt(ben, card, "Open")
    preview = await write(ada, question="Second?")
    modal = await (await ada.slash(PLACE, "poll create")).opened()

    await restart(rostrum, stage)

    assert EARLIER in (await receipt(ben, card, "Closed")).text
    await receipt(chika, card, "Closed")
    await turnout(ada, card, "**2 votes**")
    await (await ada.click(preview, "Post")).done()
    assert "Preview" in (await (await modal.submit(TYPED)).message()).text, "a form outlives a restart too"
    panel = await receipt(ada, card, "Manage")
    await (await ada.click(panel, "Close now")).done()
    assert "2 votes · 100 %" in (await result_of(ben, card)).text


async def test_a_timer_closes_a_poll(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    moved = timedelta()

    def clock() -> datetime:
        return utc_now() + moved

    await restart(rostrum, stage, clock)
    card = await post(ada)
    await receipt(ada, card, "Open")
    moved = timedelta(hours=3)
    rostrum.app.timers.arm(POLL_DUE, 1, utc_now())
    assert "1 vote · 100 %" in (await result_of(ada, card)).text


async def test_what_fell_due_while_the_bot_was_away_closes_at_start(ada: Person, rostrum: Rostrum) -> None:
    card = await post(ada)
    await receipt(ada, card, "Hybrid")
    await rostrum.stop()
    await rostrum.start(lambda: utc_now() + timedelta(hours=3))
    assert "Most votes: Hybrid" in (await result_of(ada, card)).text


async def unfinished(rostrum: Rostrum) -> int:
    """Return how many polls are not done."""
    async with rostrum.app.database.read() as connection:
        found = await connection.execute(text("SELECT count(*) FROM polls WHERE phase <> 'done'"))
        return found.scalar_one()


async def test_a_deleted_card_stops_nothing(ada: Person, rostrum: Rostrum) -> None:
    card = await post(ada)
    other = await post(ada, question="Still there?")
    await ada.delete(card)
    await rostrum.stop()
    await rostrum.start(lambda: utc_now() + timedelta(hours=3))
    await result_of(ada, other)
    async with asyncio.timeout(30):
        while await unfinished(rostrum):
            await asyncio.sleep(0.01)


async def test_many_presses_at_once(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    voters = await people(stage, "Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid")
    presses = [receipt(voter, card, option) for voter in voters for option in ("Open", "Closed", "Open", "Hybrid")]
    receipts = await asyncio.gather(*presses)
    assert len(receipts) == 24
    await turnout(ada, card, "**6 votes**")


async def test_markup_in_text_stays_text(ada: Person) -> None:
    card = await post(ada, question="@everyone <@1> **x** [a](http://b)", options="# big\n<b>html</b>\n||hidden||")
    assert "\\*\\*x\\*\\*" in card.text
    assert "\\<b\\>" in card.text
    assert card.raw["mentions"] == []
    assert card.raw["mention_everyone"] is False


async def test_help(ada: Person) -> None:
    first = await (await ada.slash(PLACE, "help")).message()
    assert first.ephemeral
    assert "/poll create" in first.text
    times = await (await ada.slash(PLACE, "help", topic="times")).message()
    assert "time zone UTC" in times.text


async def test_the_longest_texts_fit_everywhere(ada: Person, stage: Stage) -> None:
    options = [f"{number}" + "*_~|`<[]>\\"[:9] * 8 + "*" * 7 for number in range(5)]
    assert {len(option) for option in options} == {80}
    mistake = await write(ada, question="`" * 300, options="\n".join(options), closes="x" * 60)
    assert "not a time" in mistake.text
    card = await post(ada, question="*" * 300, options="\n".join(options))
    assert len(card.buttons) == 6
    voters = await people(stage, "Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid")
    for voter, button in zip(voters, card.buttons, strict=False):
        await receipt(voter, card, button.custom_id)
    listed = await (await ada.slash(PLACE, "poll list")).message()
    assert "5 votes" in listed.text
    panel = await receipt(ada, card, "Manage")
    assert "A tie between 5 options" in (await (await ada.click(panel, "Close now")).message()).text
    assert "A tie between 5 options" in (await result_of(ada, card)).text
