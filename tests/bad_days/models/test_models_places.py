"""Answers whose surroundings change: threads, rights, rules, models and allowances that go in the middle of it."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.backends.allowances import AllowanceKind
from bot.backends.local import LocalOptions
from bot.guilds.types import ModelSettings
from sandbox import channels
from sandbox.audit import Actor
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.model import Overwrite
from sandbox.server import Server
from tests.support.ask_flow import CLOSED, OPEN, PLACE, answered, ask, change_models, panel, restart, shows
from tests.support.running import Rostrum

VIEW, WRITE = 1 << 10, 1 << 11
GROWS = "script: say Tea is | " + " | ".join("wait 0.2 | say \\stea" for _ in range(200))


def guild_of(server: Server) -> int:
    return next(iter(server.world.guilds))


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await check():
            await asyncio.sleep(0.02)


async def reply(person: Person, message: SeenMessage, text: str) -> SeenMessage:
    return await (await (await (await person.click(message, "Reply")).opened()).submit({"say": text})).message()


async def test_a_thread_that_is_deleted_in_the_middle(ada: Person, server: Server, rostrum: Rostrum) -> None:
    """The model stops, and the next question is answered as ever."""
    first = await answered(ada, await ask(ada))
    moved = await panel(ada, await panel(ada, first), "Thread")
    thread = (moved.button("Go there").url or "").rsplit("/", 1)[1]
    message = await shows(ada, await ask(ada, GROWS, thread), "Tea is")
    owner = next(iter(server.world.guilds.values())).owner_id
    channels.delete_channel(server.world, server.world.channels[int(thread)], Actor(owner))

    async def stopped() -> bool:
        turn = await rostrum.app.asking.by_message(guild_of(server), int(message.id))
        return turn is not None and turn.phase.value == "stopped"

    await until(stopped)
    assert "Tea is a drink." in (await answered(ada, await ask(ada))).text


async def test_a_channel_that_the_bot_may_not_write_in(ada: Person, server: Server) -> None:
    """Commands are answered all the same; what would need a message of the bot's own says what is missing."""
    hidden = await answered(ada, await ask(ada, private=True))
    public = await answered(ada, await ask(ada))
    more = await panel(ada, hidden)
    place = await ada.place(PLACE)
    closed = Overwrite(id=next(iter(server.world.applications.values())).user_id, type=1, deny=WRITE)
    server.world.channels[int(place.id)].overwrites.append(closed)
    refused = await panel(ada, more, "Share")
    assert "I cannot post in this channel: I lack Send Messages" in refused.text
    assert "can grant it in the channel's settings" in refused.text
    long = await ask(ada, "script: words 900")
    end = await ada.wait_message(PLACE, "word900", where=lambda seen: seen.has("Reply"))
    assert end.id != long.id
    await ada.post(PLACE, "And?", reply_to=public)
    closed.deny = VIEW | WRITE
    assert (await answered(ada, await ask(ada))).has("Reply")
    closed.deny = 0
    assert "are posted" in (await panel(ada, more, "Share")).text


async def test_rules_that_change_while_a_closed_model_answers(ada: Person, server: Server, rostrum: Rostrum) -> None:
    """What was sent before is answered to its end; nothing more goes there, by whatever control."""
    message = await ask(ada, "script: say Coffee | wait 1.5 | say \\sis", model="closedly")
    await shows(ada, message, "Coffee")
    await rostrum.app.guilds.set_models(guild_of(server), ModelSettings(open_only=True))
    done = await answered(ada, message, "Coffee is")
    for refused in (
        await panel(ada, await panel(ada, done, "Retry"), "Closedly again"),
        await ask(ada, model="closedly"),
        await ask(ada, model="any-closed"),
    ):
        assert refused.ephemeral
        assert "open models only" in refused.text
        assert "Choose another model" in refused.text
    after = await answered(ada, await reply(ada, done, "script: say Tea"))
    assert after.text.startswith(f"### {OPEN}")
    assert "Passed over: Closedly" in after.text


async def test_a_model_that_is_gone_from_the_catalogue(
    ada: Person, rostrum: Rostrum, stage: Stage, models: Path
) -> None:
    """Its answers stay and can be gone on with; who asks it again is told; a choice of it is passed over, aloud."""
    done = await answered(ada, await ask(ada, model="closedly"))
    chooser = await panel(ada, done, "Retry")
    change_models(models, '[models.closedly]\nname = "Closedly"', '[models.otherly]\nname = "Otherly"')
    await restart(rostrum, stage)
    gone = await panel(ada, chooser, "Closedly again")
    assert gone.ephemeral
    assert "no such model here (any more)" in gone.text
    other = await panel(ada, done, "Retry")
    assert (await answered(ada, await (await ada.choose(other, "Another model", "otherly")).message())).has("Reply")
    assert "went to" in (await panel(ada, await panel(ada, done), "What was sent where")).text
    kept = await answered(ada, await ask(ada))
    assert kept.text.startswith(f"### {OPEN}")
    assert "Passed over: closedly" in kept.text
    assert (await answered(ada, await reply(ada, done, "And tea?"))).has("Reply")
    assert CLOSED not in kept.text


async def test_a_server_where_no_model_can_be_used(
    ada: Person, server: Server, rostrum: Rostrum, stage: Stage, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine without keys and without the extra: every way to ask says so, and where to look."""
    bare = functools.partial(LocalOptions, modules=("no_such_module",))
    monkeypatch.setattr("bot.backends.local.LocalOptions", bare)
    change_models(models, 'openness = "open"', 'openness = "closed"')
    posted = await ada.post(PLACE, "Oolong is half oxidised.")
    before = await answered(ada, await ask(ada))
    await restart(rostrum, stage)
    await rostrum.app.guilds.set_models(guild_of(server), ModelSettings(open_only=True, stays_here=True))
    told = [
        await ask(ada, **options)
        for options in ({}, {"model": "hybrid"}, {"model": "openly"}, {"task": "Write or explain code"})
    ]
    told += [await (await ada.context(menu, posted)).message() for menu in ("Summarise", "Translate")]
    told += [await panel(ada, await panel(ada, before, "Retry"), "Openly again"), await reply(ada, before, "And?")]
    for one in told:
        assert one.ephemeral
        assert "No model can answer here at the moment" in one.text
        assert "/models shows what each of them needs. Tell whoever runs the bot." in one.text
    compared = await (await ada.slash(PLACE, "compare", question="Which?")).message()
    assert "fewer can be used here" in compared.text
    assert "0 of " in (await (await ada.slash(PLACE, "models")).message()).text
    offered = await ada.autocomplete(PLACE, "ask", "model", "hybrid", question="?")
    assert "no model can be used here just now" in offered[0]["name"]


async def test_an_allowance_that_ends_in_the_middle(ada: Person, server: Server, rostrum: Rostrum) -> None:
    """What was written stays, with a word about what is used up and when there is more; then nothing more is begun."""
    first = await answered(ada, await ask(ada))
    await rostrum.app.allowances.set(guild_of(server), AllowanceKind.MEMBER, 0, 1_000, None)
    wordy = "script: say Tea is\\s | " + " | ".join("wait 0.1 | words 60" for _ in range(20))
    await ask(ada, wordy, private=True)
    cut = await ada.wait_message(PLACE, "Your allowance of 1,000 tokens a day")
    assert "here is more at <t:" in cut.text
    assert [button.label for button in cut.buttons] == ["Retry", "Another model", "More"]
    shown = [one.text for one in await ada.see(PLACE) if one.ephemeral]
    assert any("Tea is word1" in text for text in shown)
    assert sum(text.count("word60") for text in shown) < 20
    refused = await ask(ada)
    assert refused.ephemeral
    assert "Your allowance of 1,000 tokens a day is used up. There is more at <t:" in refused.text
    assert "is used up" in (await reply(ada, first, "And?")).text
    await ada.post(PLACE, "And?", reply_to=first)
    await ada.wait_message(PLACE, "is used up", where=lambda seen: not seen.ephemeral)
