"""Stand-in and bot as two processes, each killed with -9 and started again by itself: no vote and no poll is lost."""

import asyncio
import socket
from asyncio.subprocess import Process

import pytest

from sandbox.driver import Person, SeenMessage, Stage
from tests.cli.running import Cli, opened
from tests.support.poll_flow import PLACE, post, receipt, result_of


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def kill(process: Process) -> None:
    process.kill()
    await process.communicate()


async def vote(person: Person, card: SeenMessage, option: str) -> str:
    return (await receipt(person, card, option)).text


async def test_each_is_killed_and_comes_back(cli: Cli, port: int, sqlite_url: str) -> None:
    cli.environ = {
        "ROSTRUM_DISCORD_URL": f"http://127.0.0.1:{port}",
        "ROSTRUM_DISCORD_TOKEN": "a real token, that is never read",
        "ROSTRUM_DATABASE_URL": sqlite_url,
    }
    stand_in = ["sandbox", "--server-only", "--no-open", "--port", str(port), "--state", "stage.db"]
    async with asyncio.timeout(110):
        server, bot = await cli.begin(*stand_in), await cli.begin("run")
        try:
            async with await Stage.connect(*await opened(server)) as stage:
                await stage.wait_online("Rostrum", timeout=60)
                ada, ben = await stage.person("Ada"), await stage.person("Ben")
                await ada.wait_command(PLACE, "poll create", timeout=60)
                card = await post(ada)
                assert "Vote counted" in await vote(ben, card, "Open")
                await kill(bot)
                await stage.wait_online("Rostrum", online=False)
                bot = await cli.begin("run")
                await stage.wait_online("Rostrum", timeout=60)
                assert "place of your earlier vote" in await vote(ben, card, "Closed")
            await kill(server)
            server = await cli.begin(*stand_in)
            async with await Stage.connect(*await opened(server)) as stage:
                await stage.wait_online("Rostrum", timeout=30)
                ada, ben = await stage.person("Ada"), await stage.person("Ben")
                assert "place of your earlier vote" in await vote(ben, card, "Hybrid")
                panel = await receipt(ada, card, "Manage")
                await (await ada.click(panel, "Close now")).done()
                assert "Most votes: Hybrid" in (await result_of(ada, card)).text
        finally:
            for process in (bot, server):
                if process.returncode is None:
                    await kill(process)
