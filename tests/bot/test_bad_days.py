"""What goes wrong between the bot and Discord, and what people and operators see of it."""

import asyncio
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import discord
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot import timers
from bot.clock import utc_now
from bot.errors import StartError
from bot.polls import service
from bot.polls.service import managing
from cogs import client
from sandbox.driver import Person, Stage
from sandbox.interactions import ANSWER_SECONDS, core
from sandbox.model import Overwrite
from sandbox.server import Options, Server
from tests.support.poll_flow import PLACE, post, receipt, result_of, start, turnout, write
from tests.support.running import Rostrum


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_stand_in_that_is_not_there_yet(rostrum: Rostrum, options: Options, free_port: int) -> None:
    rostrum.url = f"http://127.0.0.1:{free_port}"
    with capture_logs() as lines:
        await rostrum.start()
        async with asyncio.timeout(30):
            while len([line for line in lines if line["event"] == "cannot be reached"]) < 2:
                await asyncio.sleep(0.01)
    assert lines[0]["address"] == rostrum.url
    async with Server(replace(options, port=free_port)) as server, Stage(server) as stage:
        await stage.wait_online("Rostrum")
        await rostrum.stop()


async def test_a_stand_in_that_is_restarted(rostrum: Rostrum, options: Options, tmp_path: Path) -> None:
    kept = replace(options, state=tmp_path / "state.db")
    async with Server(kept) as server, Stage(server) as stage:
        rostrum.url = server.url
        await start(rostrum, stage)
        ada = await stage.person("Ada")
        card = await post(ada)
        await receipt(ada, card, "Open")
        port = server.port
    async with Server(replace(kept, port=port)) as server, Stage(server) as stage:
        await stage.wait_online("Rostrum", timeout=60)
        ada = await stage.person("Ada")
        assert "place of your earlier vote" in (await receipt(ada, card, "Closed")).text
        await rostrum.stop()


@pytest.mark.timeout(300)
async def test_a_stand_in_that_is_gone_for_a_minute(rostrum: Rostrum, options: Options, tmp_path: Path) -> None:
    kept = replace(options, state=tmp_path / "state.db")
    async with Server(kept) as server, Stage(server) as stage:
        rostrum.url = server.url
        await start(rostrum, stage)
        card = await post(await stage.person("Ada"))
        port = server.port
    # not for a condition: that a minute passes is what is tested
    await asyncio.sleep(60)
    async with Server(replace(kept, port=port)) as server, Stage(server) as stage:
        await stage.wait_online("Rostrum", timeout=client.LONGEST_RECONNECT_WAIT + 20)
        assert "Vote counted" in (await receipt(await stage.person("Ben"), card, "Open")).text
        await rostrum.stop()


async def test_a_poll_that_falls_due_while_discord_is_gone_closes_when_it_is_back(
    rostrum: Rostrum, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "FIRST_RETRY", timedelta(seconds=0.1))
    moved = timedelta()
    kept = replace(options, state=tmp_path / "state.db")
    async with Server(kept) as server, Stage(server) as stage:
        rostrum.url = server.url
        await start(rostrum, stage, lambda: utc_now() + moved)
        card = await post(await stage.person("Ada"))
        port = server.port
    moved = timedelta(hours=3)
    with capture_logs() as lines:
        rostrum.app.timers.arm(service.POLL_DUE, 1, utc_now())
        async with asyncio.timeout(30):
            while len([line for line in lines if line["event"] == "timer failed"]) < 2:
                await asyncio.sleep(0.01)
    async with Server(replace(kept, port=port)) as server, Stage(server) as stage:
        assert "Nobody voted" in (await result_of(await stage.person("Ada"), card)).text
        await stage.wait_online("Rostrum", timeout=60)
        await rostrum.stop()


async def test_a_dropped_socket_loses_no_press(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    await stage.fault("drop_socket")
    await stage.wait_online("Rostrum")
    assert "Vote counted" in (await receipt(ada, card, "Open")).text


async def test_an_invalid_session_is_begun_anew(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    await stage.fault("invalidate_session")
    await stage.wait_online("Rostrum", online=False)
    await stage.wait_online("Rostrum", timeout=60)
    assert "Vote counted" in (await receipt(ada, card, "Open")).text


async def test_a_wrong_token_names_its_setting(rostrum: Rostrum) -> None:
    rostrum.token = "wrong"
    await rostrum.start()
    ended = await rostrum.ended()
    assert isinstance(ended, StartError)
    assert str(ended).startswith("ROSTRUM_STAND_IN_TOKEN: http://127.0.0.1")
    assert "refuses this token" in str(ended)


async def test_commands_of_another_version_are_replaced_once(rostrum: Rostrum, stage: Stage, server: Server) -> None:
    application = next(iter(server.world.applications.values()))
    path = f"{server.url}/api/v10/applications/{application.id}/commands"
    headers = {"Authorization": "Bot stand-in-token"}
    old = [
        {
            "name": "poll",
            "description": "Of another version",
            "options": [{"type": 3, "name": "x", "description": "x"}],
        },
        {"name": "vote", "description": "No longer there"},
    ]
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.put(path, json=old) as answer:
            assert answer.status == 200
        await start(rostrum, stage)
        async with session.get(path) as answer:
            first = await answer.json(content_type=None)
        menus = {"Ask about this", "Summarise", "Translate"}
        slash = {"arena", "ask", "compare", "models", "poll", "server", "help"}
        assert {command["name"] for command in first} == menus | slash
        await rostrum.stop()
        with capture_logs() as lines:
            await rostrum.start()
            async with asyncio.timeout(30):
                while not [line for line in lines if line["event"] == "commands are in step"]:
                    await asyncio.sleep(0.01)
        assert [line["changed"] for line in lines if line["event"] == "commands are in step"] == [False]
        async with session.get(path) as answer:
            assert await answer.json(content_type=None) == first, "the same versions: nothing was registered again"


async def test_commands_are_registered_although_discord_fails_at_first(rostrum: Rostrum, stage: Stage) -> None:
    await stage.fault("fail_rest", status=503, route="PUT /applications/*/commands", times=1)
    await start(rostrum, stage)
    assert "poll" in {command["name"] for command in await (await stage.person("Ada")).commands(PLACE)}


async def test_a_slow_database_shows_thinking_and_then_the_answer(ada: Person, rostrum: Rostrum) -> None:
    card = await post(ada)
    async with rostrum.app.database.write():
        response = await ada.click(card, "Open")
        await ada.wait(lambda: response.state == "thinking", what="the deferral")
    message = await response.message()
    assert "Vote counted" in message.text
    assert message.ephemeral
    assert not message.thinking


async def test_an_answer_that_comes_too_late_is_logged_and_the_vote_counts(
    ada: Person, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await post(ada)
    monkeypatch.setattr(core, "ANSWER_SECONDS", ANSWER_SECONDS)
    await stage.fault("slow_rest", delay=ANSWER_SECONDS + 0.1, route="POST /interactions/*/callback", times=2)
    with capture_logs() as lines:
        response = await ada.click(card, "Open")
        assert "did not respond" in await response.failed()
        async with asyncio.timeout(30):
            while not [line for line in lines if line["event"] == "an answer came too late"]:
                await asyncio.sleep(0.01)
    assert not [line for line in lines if line["log_level"] == "error"]
    assert "place of your earlier vote" in (await receipt(ada, card, "Open")).text


async def test_a_crash_between_posting_and_noting_where_still_shows_the_result(ada: Person, rostrum: Rostrum) -> None:
    card = await post(ada)
    async with rostrum.app.database.write() as connection:
        await connection.execute(text("UPDATE polls SET message_id = NULL"))
    panel = await receipt(ada, card, "Manage")
    await (await ada.click(panel, "Close now")).done()
    assert "Nobody voted" in (await result_of(ada, card)).text, "the card is found among the last messages"


async def test_a_lost_acknowledgement_keeps_the_vote(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    await stage.fault("lose_ack")
    await ada.click(card, "Open")
    await turnout(ada, card, "**1 vote**")
    assert "place of your earlier vote" in (await receipt(ada, card, "Open")).text


async def test_a_result_that_discord_does_not_take_is_shown_later(
    ada: Person, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(managing, "SHOWN_WITHIN", timedelta(seconds=0.2))
    card = await post(ada)
    panel = await receipt(ada, card, "Manage")
    await stage.fault("fail_rest", status=503, route="PATCH /channels/*/messages/*", times=1)
    await (await ada.click(panel, "Close now")).done()
    told = await ada.wait_message(PLACE, "did not work", where=lambda seen: seen.ephemeral)
    assert "Reference" in told.text
    assert "Nobody voted" in (await result_of(ada, card)).text


async def test_a_storm_of_429s_delays_and_loses_nothing(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    await stage.fault("rate_limit_storm", times=3, retry_after=0.1, route="PATCH /channels/*/messages/*")
    await receipt(ada, card, "Open")
    await turnout(ada, card, "**1 vote**")


async def test_a_channel_where_the_bot_may_not_post_is_told_before_anything_is_typed(
    ada: Person, server: Server
) -> None:
    channel = server.world.channels[int((await ada.place(PLACE)).id)]
    bot_id = next(iter(server.world.applications.values())).user_id
    denied = discord.Permissions(send_messages=True, attach_files=True).value
    channel.overwrites.append(Overwrite(id=bot_id, type=1, deny=denied))
    answer = await (await ada.slash(PLACE, "poll create")).message()
    assert "I lack Send Messages, Attach Files" in answer.text
    assert answer.ephemeral


async def test_a_post_that_discord_refuses_leaves_a_draft(ada: Person, stage: Stage) -> None:
    preview = await write(ada)
    await stage.fault("fail_rest", status=503, route="POST /channels/*/messages", times=1)
    await (await ada.click(preview, "Post")).done()
    assert "Reference" in (await ada.wait_message(PLACE, "did not work", where=lambda seen: seen.ephemeral)).text
    await (await ada.click(preview, "Post")).done()
    await ada.wait_message(PLACE, "closes <t:", where=lambda seen: not seen.ephemeral)
