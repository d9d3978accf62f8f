"""What people are told when a bot is late, silent or gone; and what the stand-in forgets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.driver import InteractionFailed, Stage, WaitedInVain
from sandbox.interactions import TOKEN_SECONDS, core
from sandbox.server import Options, Server
from tests.support.play_bot import PlayBot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.support.stand_in import Http, Place

    Start = Callable[..., Awaitable[PlayBot]]


class Silent(PlayBot):
    """Hears everything and never acknowledges."""

    def __init__(self) -> None:
        super().__init__()

        @self.tree.command(description="Never answered.")
        async def hush(interaction: discord.Interaction) -> None:
            self.hear(interaction)

        @self.tree.command(description="Thinks for ever.")
        async def ponder(interaction: discord.Interaction) -> None:
            await interaction.response.defer()
            self.hear(interaction)


@pytest.fixture
async def play(start: Start) -> Silent:
    bot = Silent()
    await start(bot)
    return bot


@pytest.mark.usefixtures("three_seconds")
async def test_a_bot_that_never_acknowledges(play: Silent, stage: Stage, server: Server) -> None:
    ada = await stage.person("Ada")
    responses = [await ada.slash("#general", "hush")]
    with pytest.raises(WaitedInVain, match=r"Ada: /hush is still 'sent' after 0\.05 s"):
        await responses[0].done(timeout=0.05)
    responses += [await ada.slash("#general", "hush") for _ in range(19)]
    for response in responses:
        assert await response.failed(timeout=30) == "Rostrum did not respond in time"
    with pytest.raises(InteractionFailed, match="Ada: /hush: Rostrum did not respond in time"):
        await responses[0].done()
    assert server.interactions.pending == 0
    # the bot's late answer is refused, and nothing is shown
    interaction = await play.next()
    with pytest.raises(discord.NotFound) as late:
        await interaction.response.send_message("late")
    assert (late.value.status, late.value.code) == (404, 10062)
    assert "late" not in [one.text for one in await ada.see("#general")]


@pytest.mark.usefixtures("three_seconds")
async def test_an_offline_bot(play: Silent, stage: Stage) -> None:
    ada = await stage.person("Ada")
    await ada.wait_command("#general", "hush")
    await play.close()
    await stage.wait_online("Rostrum", online=False)
    response = await ada.slash("#general", "hush")
    # a session that might be resumed is waited for, as long as Discord waits
    assert await response.failed(timeout=30) == "Rostrum is offline"


async def test_a_bot_that_was_never_there(server: Server, stage: Stage, http: Http, place: Place) -> None:
    await http.put(f"/applications/{place.app.id}/commands", json=[{"name": "hi", "description": "Hi."}])
    ada = await stage.person("Ada")
    response = await ada.slash("#general", "hi")
    assert server.interactions.pending == 0, "there is nothing to wait for"
    assert await response.failed() == "Rostrum is offline"
    with pytest.raises(WaitedInVain, match="there is 'Rostrum: offline'"):
        await stage.wait_online("Rostrum", timeout=0.05)


async def test_a_dropped_socket_is_resumed_in_time(stage: Stage, start: Start) -> None:
    bot = PlayBot()

    @bot.tree.command(description="Hi.")
    async def hi(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("still here")

    await start(bot)
    ada = await stage.person("Ada")
    await ada.wait_command("#general", "hi")
    await stage.fault("drop_socket")
    response = await ada.slash("#general", "hi")
    assert (await response.message(timeout=30)).text == "still here"


async def test_a_lost_acknowledgement(stage: Stage, start: Start) -> None:
    bot = PlayBot()

    @bot.tree.command(description="Hi.")
    async def hi(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")

    await start(bot)
    ada = await stage.person("Ada")
    await ada.wait_command("#general", "hi")
    await stage.fault("lose_ack")
    response = await ada.slash("#general", "hi")
    # people see the answer; the bot sees its connection cut (and what it makes of that is its business)
    assert (await response.message()).text == "hello"


class Later:
    """A schedule that does nothing by itself."""

    def __init__(self) -> None:
        self.acts: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, seconds: float, act: Callable[[], None]) -> Later.Entry:
        self.acts.append((seconds, act))
        return Later.Entry(self, act)

    class Entry:
        def __init__(self, later: Later, act: Callable[[], None]) -> None:
            self.later, self.act = later, act

        def cancel(self) -> None:
            self.later.acts = [one for one in self.later.acts if one[1] is not self.act]


async def test_thinking_ends_with_the_token(play: Silent, stage: Stage, server: Server) -> None:
    later = Later()
    server.interactions._schedule = later
    ada = await stage.person("Ada")
    response = await ada.slash("#general", "ponder")
    await play.next()
    await ada.wait(lambda: response.state == "thinking")
    [(seconds, act)] = later.acts
    assert TOKEN_SECONDS - 5 < seconds <= TOKEN_SECONDS
    act()
    assert await response.failed() == "Rostrum did not finish its answer in time"


async def test_old_interactions_are_forgotten(
    play: Silent, stage: Stage, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, ada = server.world, await stage.person("Ada")
    first = await ada.slash("#general", "ponder")
    await play.next()
    born = world.now()
    monkeypatch.setattr(world, "_clock", lambda: born + timedelta(minutes=19))
    await ada.slash("#general", "ponder")
    assert int(first.id) in world.interactions
    monkeypatch.setattr(world, "_clock", lambda: born + timedelta(minutes=21))
    await ada.slash("#general", "ponder")
    assert int(first.id) not in world.interactions
    assert len(world.interactions) == len(world.interaction_tokens) == 2
    monkeypatch.setattr(core, "MOST_KEPT", 5)
    for _ in range(10):
        await ada.slash("#general", "hush")
    assert len(world.interactions) == 6


async def test_a_restarted_stage_says_so(tmp_path: Path) -> None:
    options = Options(port=0, state=tmp_path / "state.db")
    async with Server(options) as server:
        app = next(iter(server.world.applications.values()))
        server.gateway.sessions["one"] = Deaf(app.user_id)  # pyright: ignore[reportArgumentType]
        channel = next(one for one in server.world.channels.values() if one.name == "general")
        ada = next(one for one in server.world.users.values() if one.global_name == "Ada")
        begun = server.interactions.begin(app, channel, ada.id, 2, {"id": "1", "name": "hi", "type": 1})
        assert begun.state == "sent"
        server.gateway.sessions.clear()
        server.interactions.close()
    async with Server(options) as server:
        again = server.world.interactions[begun.id]
        assert (again.state, again.error) == ("failed", "The stage was restarted before an answer came")


class Deaf:
    """A session that takes every event and does nothing."""

    intents = 0
    connection = None
    application_id = 0

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id

    def covers(self, _: int | None) -> bool:
        return True

    def push(self, name: str, body: bytes) -> None:
        del name, body
