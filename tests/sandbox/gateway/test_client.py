"""The unmodified discord.py client over the gateway: compressions, shards, chunks, presences, privileged intents."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.gateway.intents import PRIVILEGED
from sandbox.messages import Sender, create_message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.server import Server
    from tests.support.stand_in import Place

    Start = Callable[..., Awaitable[Any]]

EVERYTHING = (1 << 53) - 1


class Hasty(discord.AutoShardedClient):
    """A sharded client that does not wait five seconds between its shards."""

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        del shard_id, initial


async def test_zstd_stream(start: Start, server: Server, place: Place) -> None:
    assert discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE == "zstd-stream"
    bot = await start(discord.Client(intents=discord.Intents.default(), guild_ready_timeout=0.1))
    heard = asyncio.create_task(bot.wait_for("message", timeout=30))
    await asyncio.sleep(0)
    text = f"<@{place.app.user_id}> " + "é" * 1_900
    create_message(server, place.channel("general"), Sender(place.user("Ada").id, bits=EVERYTHING), {"content": text})
    message = await heard
    assert message.content == text
    assert message.author.display_name == "Ada"
    assert message.guild.me in message.mentions


_WITHOUT_ZSTD = """
import sys
sys.modules["zstandard"] = None
import discord, yarl

class Bot(discord.Client):
    async def on_ready(self):
        print(discord.utils._ActiveDecompressionContext.COMPRESSION_TYPE, self.guilds[0].name, flush=True)

    async def on_message(self, message):
        print(len(message.content), flush=True)
        await self.close()

discord.http.Route.BASE = sys.argv[1] + "/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(sys.argv[2])
Bot(intents=discord.Intents.default(), guild_ready_timeout=0.1).run("stand-in-token", log_handler=None)
"""


async def test_zlib_stream_where_zstandard_is_not_installed(server: Server, place: Place) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WITHOUT_ZSTD, server.url, server.gateway_url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert (await process.stdout.readline()).decode().strip() == "zlib-stream The Open Question"
        text = f"<@{place.app.user_id}> " + "é" * 1_900
        sender = Sender(place.user("Ada").id, bits=EVERYTHING)
        create_message(server, place.channel("general"), sender, {"content": text})
        assert int(await process.stdout.readline()) == len(text)
        assert await process.wait() == 0


async def test_shards_of_one_client(start: Start, server: Server, place: Place) -> None:
    for number in range(1000, 1006):
        guild = place.build.guild(f"Guild {number}", place.user("Ada"), guild_id=(number << 22) | 7)
        place.build.install(guild, place.app)
    bot = await start(Hasty(shard_count=3, intents=discord.Intents.default(), guild_ready_timeout=0.1))
    assert len(bot.guilds) == 7
    assert {guild.shard_id for guild in bot.guilds} == {0, 1, 2}
    assert all(guild.shard_id == (guild.id >> 22) % 3 for guild in bot.guilds)
    assert sorted(session.shard for session in server.gateway.sessions.values()) == [(0, 3), (1, 3), (2, 3)]


async def test_recommended_shards_are_used(start: Start, server: Server) -> None:
    bot = await start(discord.AutoShardedClient(intents=discord.Intents.default(), guild_ready_timeout=0.1))
    assert bot.shard_count == 1
    assert [session.shard for session in server.gateway.sessions.values()] == [(0, 1)]


@pytest.mark.parametrize("name", ["members", "presences", "message_content"])
async def test_privileged_intents_are_refused(start: Start, name: str) -> None:
    intents = discord.Intents.default()
    setattr(intents, name, True)
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await start(discord.Client(intents=intents))


async def test_privileged_intents_once_approved(start: Start, server: Server, place: Place) -> None:
    place.app.flags = sum(PRIVILEGED.values())
    bot = await start(discord.Client(intents=discord.Intents.all(), guild_ready_timeout=0.1))
    guild = bot.guilds[0]
    assert guild.chunked
    assert guild.member_count == len(guild.members) == 7
    assert guild.get_member_named("Chika") is not None
    heard = asyncio.create_task(bot.wait_for("message", timeout=30))
    await asyncio.sleep(0)
    create_message(server, place.channel("general"), Sender(place.user("Ada").id, bits=EVERYTHING), {"content": "open"})
    assert (await heard).content == "open"


async def test_a_wrong_token(start: Start) -> None:
    with pytest.raises(discord.LoginFailure):
        await start(discord.Client(intents=discord.Intents.default()), token="wrong")


async def test_members_are_queried(start: Start) -> None:
    bot = await start(discord.Client(intents=discord.Intents.default(), guild_ready_timeout=0.1))
    guild = bot.guilds[0]
    assert len(guild.members) == 1
    found = await guild.query_members("chi", limit=5)
    assert [member.display_name for member in found] == ["Chika"]
    found = await guild.query_members(user_ids=[guild.owner_id, 12345])
    assert [member.display_name for member in found] == ["Ada"]


async def test_presence_is_changed(start: Start, server: Server, place: Place) -> None:
    client = discord.Client(
        intents=discord.Intents.default(),
        guild_ready_timeout=0.1,
        activity=discord.Game("chess"),
        status=discord.Status.idle,
    )
    bot = await start(client)
    assert server.presences[place.app.user_id]["status"] == "idle"
    await bot.change_presence(status=discord.Status.dnd, activity=discord.CustomActivity("thinking"))
    async with asyncio.timeout(30):
        while server.presences[place.app.user_id]["status"] != "dnd":
            await asyncio.sleep(0.01)
    assert server.presences[place.app.user_id]["activities"][0]["type"] == 4


async def test_a_client_that_leaves_is_offline_at_once(start: Start, server: Server, place: Place) -> None:
    bot = await start(discord.Client(intents=discord.Intents.default(), guild_ready_timeout=0.1))
    assert server.gateway.online(place.app.user_id, place.guild.id)
    await bot.close()
    async with asyncio.timeout(30):
        # with this aiohttp the client's own 4000 overtakes its 1000, so the session itself lingers as on Discord
        while server.gateway.online(place.app.user_id, place.guild.id):
            await asyncio.sleep(0.01)


async def test_a_guild_joined_and_left(start: Start, server: Server, place: Place) -> None:
    bot = await start(discord.Client(intents=discord.Intents.default(), guild_ready_timeout=0.1))
    joined = asyncio.create_task(bot.wait_for("guild_join", timeout=30))
    await asyncio.sleep(0)
    other = place.build.guild("Another", place.user("Ben"))
    place.build.install(other, place.app)
    own = frozenset({place.app.user_id})
    server.world.emit("GUILD_CREATE", {}, guild_id=other.id, users=own)
    assert (await joined).name == "Another"
    left = asyncio.create_task(bot.wait_for("guild_remove", timeout=30))
    await asyncio.sleep(0)
    server.world.emit("GUILD_DELETE", {"id": str(other.id)}, guild_id=other.id, users=own)
    assert (await left).id == other.id
    assert len(bot.guilds) == 1
