"""Polls as people live them: the real client over sockets, from the command to the result, with restarts in between."""

import asyncio
from datetime import datetime, timedelta
from io import BytesIO

import aiohttp
from PIL import Image
from sqlalchemy import text

from bot.clock import utc_now
from bot.polls.service import POLL_DUE
from sandbox.driver import Modal, Person, Stage
from tests.support.poll_flow import PLACE, TYPED, people, post, receipt, result_of, start, turnout, write
from tests.support.running import Rostrum


async def test_a_poll_from_the_command_to_the_result(ada: Person, stage: Stage) -> None:
    preview = await write(ada)
    assert preview.ephemeral
    assert "Which \\*models\\*?" in preview.text
    assert [button.label for button in preview.buttons] == ["Post", "Edit", "Discard"]
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
    assert "Your vote: **Open**" in first.text
    await receipt(chika, card, "Hybrid")
    await receipt(dmitri, card, "Open")
    assert "changed from Open" in (await receipt(dmitri, card, "Hybrid")).text
    assert "already **Hybrid**" in (await receipt(dmitri, card, "Hybrid")).text

    open_card = await turnout(ada, card, "**3 votes**")
    assert "%" not in open_card.text, "results stay hidden while it is open"

    panel = await receipt(ada, card, "Manage")
    assert panel.ephemeral
    closed = await (await ada.click(panel, "Close now")).message()
    assert "Most votes: Hybrid" in closed.text
    result = await result_of(chika, card)
    assert result.id == card.id
    assert result.buttons == []
    assert "Most votes: Hybrid" in result.text
    assert "2 votes · 67 % · **first**" in result.text
    assert "1 vote · 33 %" in result.text
    assert result.alternative_texts == [
        "Bar chart. Open: 1 vote, 33 percent; Closed: 0 votes, 0 percent; Hybrid: 2 votes, 67 percent."
    ]
    gallery = next(part for part in result.components if "items" in part)
    async with aiohttp.request("GET", gallery["items"][0]["media"]["url"]) as answer:
        picture = Image.open(BytesIO(await answer.read()))
    assert (picture.format, picture.width) == ("PNG", 800)


async def test_what_does_not_fit_is_given_back(ada: Person) -> None:
    mistake = await write(ada, closes="someday")
    assert mistake.ephemeral
    assert "“someday” is not a time I can read" in mistake.text
    assert "Open\nClosed\nHybrid" in mistake.text
    modal: Modal = await (await ada.click(mistake, "Try again")).opened()
    assert {field["custom_id"]: field.get("value") for field in modal.fields.values()} == {**TYPED, "closes": "someday"}
    again = await (await modal.submit({"closes": "in 1 hour", "options": "Only one"})).message()
    assert again.id == mistake.id, "the mistake is replaced, not repeated"
    assert "1 option" in again.text
    modal = await (await ada.click(again, "Try again")).opened()
    preview = await (await modal.submit({"options": "One\nTwo"})).message()
    assert "Preview" in preview.text


async def test_a_draft_is_edited_and_discarded(ada: Person) -> None:
    preview = await write(ada)
    modal = await (await ada.click(preview, "Edit")).opened()
    edited = await (await modal.submit({"question": "Better?"})).message()
    assert (edited.id, "Better?" in edited.text) == (preview.id, True)
    gone = await (await ada.click(edited, "Discard")).message()
    assert "Discarded" in gone.text
    assert gone.buttons == []
    listed = await (await ada.slash(PLACE, "poll list")).message()
    assert "There is none right now" in listed.text


async def test_open_polls_are_listed(ada: Person) -> None:
    card = await post(ada)
    listed = await (await ada.slash(PLACE, "poll list")).message()
    assert listed.ephemeral
    assert f"/{card.channel_id}/{card.id})" in listed.text
    assert "0 votes" in listed.text


async def test_only_creator_and_moderators_manage(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    ben, chika = await people(stage, "Ben", "Chika")
    refused = await receipt(chika, card, "Manage")
    assert refused.ephemeral
    assert "Only the poll's creator and moderators" in refused.text
    own, panel = await receipt(ada, card, "Manage"), await receipt(ben, card, "Manage")
    await (await ben.click(panel, "Close now")).done()
    assert "Nobody voted" in (await result_of(chika, card)).text
    await (await ada.click(own, "Close now")).done()
    await ada.wait_message(PLACE, "closed already", where=lambda seen: seen.ephemeral)


async def test_votes_survive_a_restart_and_so_do_the_buttons(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    card = await post(ada)
    ben, chika = await people(stage, "Ben", "Chika")
    await receipt(ben, card, "Open")
    preview = await write(ada, question="Second?")
    modal = await (await ada.slash(PLACE, "poll create")).opened()

    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    await start(rostrum, stage)

    assert "changed from Open" in (await receipt(ben, card, "Closed")).text
    await receipt(chika, card, "Closed")
    await turnout(ada, card, "**2 votes**")
    assert "no longer edited" in (await (await ada.click(preview, "Edit")).message()).text
    await (await ada.click(preview, "Post")).done()
    assert "Preview" in (await (await modal.submit(TYPED)).message()).text, "a form outlives a restart too"
    panel = await receipt(ada, card, "Manage")
    await (await ada.click(panel, "Close now")).done()
    assert "2 votes · 100 %" in (await result_of(ben, card)).text


async def test_a_timer_closes_a_poll(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    moved = timedelta()

    def clock() -> datetime:
        return utc_now() + moved

    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    await start(rostrum, stage, clock)
    card = await post(ada)
    await receipt(ada, card, "Open")
    moved = timedelta(hours=2)
    rostrum.app.timers.arm(POLL_DUE, 1, clock())
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
    async with asyncio.timeout(5):
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
    options = [f"{number}" + "*_~|`<[]>\\"[:9] * 8 + "*" * 7 for number in range(10)]
    assert {len(option) for option in options} == {80}
    mistake = await write(ada, question="`" * 300, options="\n".join(options), closes="x" * 60)
    assert "not a time" in mistake.text
    card = await post(ada, question="*" * 300, options="\n".join(options))
    assert len(card.buttons) == 11
    voters = await people(stage, "Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid")
    for voter, button in zip(voters, card.buttons, strict=False):
        await receipt(voter, card, button.custom_id)
    listed = await (await ada.slash(PLACE, "poll list")).message()
    assert "6 votes" in listed.text
    panel = await receipt(ada, card, "Manage")
    assert "A tie between 6 options" in (await (await ada.click(panel, "Close now")).message()).text
    assert "A tie between 6 options" in (await result_of(ada, card)).text
