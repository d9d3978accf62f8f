"""Private answers that come after Discord has stopped waiting: promised, kept, and opened by their owner alone."""

import asyncio
import csv
from datetime import timedelta
from io import BytesIO, StringIO
from zipfile import ZipFile

import discord
import pytest
from aiohttp import ClientSession

from bot.clock import utc_now
from bot.errors import ServiceError
from cogs.ui import reply, watch
from cogs.ui.controls import control_id
from cogs.ui.reply import Reply, open_button
from sandbox.driver import Person, Response, SeenMessage
from sandbox.server import Server
from tests.support.bells import PLACE, Bells
from tests.support.running import Rostrum

FILE = 13
TABLE = b"a,b\n1,2\n"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "DEFER_AFTER", 0.05)


@pytest.fixture
def promising(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "PROMISE_AFTER", 0.2)


async def begin(bells: Bells, how: str = "kept") -> Response:
    bells.cog.gate.clear()
    return await bells.ada.slash(PLACE, "bell", how=how)


async def promised(bells: Bells) -> SeenMessage:
    return await bells.ada.wait_message(PLACE, "takes longer", where=lambda seen: seen.has("Open my answer"))


async def kept_by(bells: Bells, person: Person, *, amount: int) -> SeenMessage:
    """Wait until so many answers are kept for a person, and return the list that /help opens."""

    async def listed() -> SeenMessage | None:
        page = await (await person.slash(PLACE, "help")).message()
        seen = await (await person.click(page, "My private answers")).message()
        ready = [one for one in seen.buttons if one.custom_id.startswith("answers:v1:open:")]
        return seen if len(ready) == amount and "not ready" not in seen.text else None

    return await bells.ada.wait(listed, what="the list of kept answers", timeout=60)


async def file_of(seen: SeenMessage) -> bytes:
    """Download what a file component shows; such files stand in no list of attachments."""
    address = next(one["file"]["url"] for one in seen.components if one["type"] == FILE)
    async with ClientSession() as session, session.get(address) as response:
        return await response.read()


async def opened(person: Person, seen: SeenMessage, number: int = 0) -> SeenMessage:
    buttons = [one for one in seen.buttons if one.custom_id.startswith("answers:v1:open:")]
    return await (await person.click(seen, buttons[number].custom_id)).message()


async def test_an_answer_in_time_is_not_kept(bells: Bells) -> None:
    begun = await begin(bells)
    bells.cog.gate.set()
    assert "Ding." in (await begun.message()).text
    page = await (await bells.ada.slash(PLACE, "help")).message()
    listed = await (await bells.ada.click(page, "My private answers")).message()
    assert "Nothing is kept" in listed.text
    assert listed.ephemeral


@pytest.mark.usefixtures("promising")
async def test_a_late_answer_is_promised_kept_and_opened_after_a_restart(
    bells: Bells, rostrum: Rostrum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "KEEP_AFTER", 0.3)
    bells.cog.files = [discord.File(BytesIO(TABLE), "bells.csv")]
    await begin(bells)
    card = await promised(bells)
    assert card.ephemeral
    early = await (await bells.ada.click(card, "Open my answer")).message()
    assert "Not ready yet" in early.text
    await asyncio.sleep(0.3)
    bells.cog.gate.set()
    await kept_by(bells, bells.ada, amount=1)
    await rostrum.stop()
    await bells.stage.wait_online("Rostrum", online=False)
    await rostrum.start()
    await bells.stage.wait_online("Rostrum")
    answer = await (await bells.ada.click(card, "Open my answer")).message()
    assert "Ding." in answer.text
    assert answer.ephemeral
    rows = list(csv.reader(StringIO((await file_of(answer)).decode())))
    assert rows == [["a", "b"], ["1", "2"]]


@pytest.mark.usefixtures("promising")
async def test_a_promise_that_comes_true_in_time_is_answered_and_not_kept(bells: Bells) -> None:
    begun = await begin(bells)
    card = await promised(bells)
    bells.cog.gate.set()

    async def answered() -> bool:
        return "Ding." in (await bells.ada.again(card)).text

    await bells.ada.wait(answered, what="the answer")
    assert begun.state == "done"
    assert "Nothing is kept" in (await kept_by(bells, bells.ada, amount=0)).text


async def test_what_discord_no_longer_takes_is_kept(
    bells: Bells, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await begin(bells)

    async def thinking() -> bool:
        return begun.state == "thinking"

    await bells.ada.wait(thinking, what="a deferral")
    monkeypatch.setattr(server.world, "_clock", lambda: utc_now() + timedelta(minutes=16))
    bells.cog.files = [discord.File(BytesIO(TABLE), "one.csv"), discord.File(BytesIO(b"{}"), "two.json")]
    bells.cog.gate.set()
    seen = await kept_by(bells, bells.ada, amount=1)
    answer = await opened(bells.ada, seen)
    assert "Ding." in answer.text
    archive = ZipFile(BytesIO(await file_of(answer)))
    assert archive.namelist() == ["one.csv", "two.json"]
    assert archive.read("one.csv") == TABLE


@pytest.mark.usefixtures("promising")
async def test_a_late_failure_is_kept_as_well(bells: Bells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "KEEP_AFTER", 0.0)
    bells.cog.fail = ServiceError("x")
    await begin(bells, "broken")
    card = await promised(bells)
    bells.cog.gate.set()
    await kept_by(bells, bells.ada, amount=1)
    answer = await (await bells.ada.click(card, "Open my answer")).message()
    assert "try again in a minute" in answer.text
    assert "Reference" in answer.text


async def test_nobody_else_opens_it(bells: Bells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "KEEP_AFTER", -1.0)
    await begin(bells)
    bells.cog.gate.set()
    seen = await kept_by(bells, bells.ada, amount=1)
    custom_id = next(one.custom_id for one in seen.buttons if ":open:" in one.custom_id)
    # a person who shows her the same button: whoever makes up an id gets no further
    ben = await bells.stage.person("Ben")
    assert "Nothing is kept" in (await kept_by(bells, ben, amount=0)).text
    client = bells.client
    channel = client.get_partial_messageable(int(seen.channel_id))
    view = discord.ui.LayoutView()
    row: discord.ui.ActionRow[discord.ui.LayoutView] = discord.ui.ActionRow()
    for made_up in (custom_id, control_id("answers", "open", "99"), control_id("answers", "open", "9" * 60)):
        row.add_item(open_button(1, made_up[-5:]).__class__.button(made_up, made_up[-10:]))
    view.add_item(row)
    await channel.send(view=view)
    shown = await ben.wait_message(PLACE, where=lambda one: one.has(custom_id))
    for button in shown.buttons:
        assert "Nothing is kept for you" in (await (await ben.click(shown, button.custom_id)).message()).text
    assert "Ding." in (await (await bells.ada.click(shown, custom_id)).message()).text


async def test_erasing_a_person_erases_what_is_kept(bells: Bells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply, "KEEP_AFTER", -1.0)
    await begin(bells)
    bells.cog.gate.set()
    seen = await kept_by(bells, bells.ada, amount=1)
    exported = await bells.client.app.export_user(int(bells.ada.id))
    assert [one["title"] for one in exported["answers"]] == ["Bell report"]
    await bells.client.app.forget_user(int(bells.ada.id))
    assert "Nothing is kept" in (await opened(bells.ada, seen)).text


def test_only_a_private_answer_of_its_own_can_be_kept() -> None:
    interaction = object()
    with pytest.raises(ValueError, match="private message"):
        Reply(interaction, private=False, keep="x")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="private message"):
        Reply(interaction, replaces=True, keep="x")  # pyright: ignore[reportArgumentType]
