"""The seeded world, and a world that outlives its server."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import aiohttp
import pytest

from sandbox.model import Entity, Message
from sandbox.permissions import P, can_view, channel_permissions
from sandbox.server import Options, Server
from sandbox.snowflake import Snowflakes
from sandbox.statefile import KINDS
from tests.support.stand_in import Http, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(port=0, state=tmp_path / "deep" / "stage.db", capability="the same", identify_seconds=0.0)


def kinds(server: Server) -> Iterator[tuple[str, int]]:
    world = server.world
    for name in ("users", "applications", "guilds", "roles", "channels", "commands", "webhooks", "events"):
        yield name, len(getattr(world, name))
    for name in ("members", "messages", "bans", "emojis"):
        yield name, sum(len(part) for part in getattr(world, name).values())


async def test_everything_is_there_again(options: Options) -> None:
    async with Server(options) as first, aiohttp.ClientSession() as session:
        place, http = Place(first.world), Http(session, first.url, options.bot_token)
        general = place.channel("general")
        files = {"files[0]": ("a.txt", b"kept")}
        body = {"content": "kept", "attachments": [{"id": 0, "filename": "a.txt"}]}
        sent = await http.post(f"/channels/{general.id}/messages", json=body, files=files)
        assert sent.status == 200
        gone = await http.post(f"/channels/{general.id}/messages", json={"content": "gone"})
        assert (await http.delete(f"/channels/{general.id}/messages/{gone.json['id']}")).status == 204
        before, last = dict(kinds(first)), first.world.next_id()
        capability = first.gatekeeper.capability
    async with Server(options) as second, aiohttp.ClientSession() as session:
        place, http = Place(second.world), Http(session, second.url, options.bot_token)
        assert dict(kinds(second)) == before
        assert second.world.next_id() > last
        assert second.gatekeeper.capability == capability
        assert place.app.token == options.bot_token
        history = await http.get(f"/channels/{place.channel('general').id}/messages", params={"limit": "1"})
        assert [message["content"] for message in history.json] == ["kept"]
        url = history.json[0]["attachments"][0]["url"]
        assert url.startswith(second.url)
        async with session.get(url) as response:
            assert await response.read() == b"kept"


async def test_a_new_token_replaces_the_old_one(options: Options) -> None:
    async with Server(options):
        pass
    async with Server(dataclasses.replace(options, bot_token="new")) as second, aiohttp.ClientSession() as session:
        assert len(second.world.applications) == 1
        assert (await Http(session, second.url, "new").get("/users/@me")).status == 200
        assert (await Http(session, second.url, options.bot_token).get("/users/@me")).status == 401


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
import aiohttp
sys.path.insert(0, {root!r})
from sandbox.server import Options, Server
from tests.support.stand_in import Http, Place

async def main():
    async with Server(Options(port=0, state=Path({state!r}))) as server, aiohttp.ClientSession() as session:
        http, general = Http(session, server.url, "stand-in-token"), Place(server.world).channel("general")
        server.limits.enforce = False
        for number in range(50):
            answer = await http.post(f"/channels/{{general.id}}/messages", json={{"content": f"number {{number}}"}})
            assert answer.status == 200
            print(answer.json["id"], flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_what_was_answered_survives_a_kill(options: Options) -> None:
    code = _KILLED.format(root=str(ROOT), state=str(options.state))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == -signal.SIGKILL, run.stderr
    answered = [int(line) for line in run.stdout.split()]
    assert len(answered) == 50
    server = Server(options)
    general = Place(server.world).channel("general")
    kept = [message for message in server.world.messages[general.id] if message in set(answered)]
    assert kept == answered
    assert server.world.next_id() > max(answered)
    assert os.path.getsize(str(options.state)) > 0  # noqa: PTH202


def test_ten_thousand_messages_come_back_in_order(options: Options) -> None:
    first = Server(options)
    general = Place(first.world).channel("general")
    ada = Place(first.world).user("Ada")
    ids = [first.world.next_id() for _ in range(10_000)]
    first.world.save(*(Message(id=number, channel_id=general.id, author_id=ada.id, content="x") for number in ids))
    first.world.flush()
    second = Server(options)
    assert [number for number in second.world.messages[general.id] if number >= ids[0]] == ids


def test_every_kind_of_entity_is_kept() -> None:
    assert set(get_args(Entity)) == set(KINDS.values())


def test_the_seed_is_as_the_page_expects() -> None:
    server = Server(Options(port=0))
    place = Place(server.world)
    world = server.world
    people = [user.global_name for user in world.users.values() if not user.bot]
    assert people == ["Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid"]
    assert place.guild.name == "The Open Question"
    assert place.guild.owner_id == place.user("Ada").id
    assert (place.app.name, place.app.token, place.app.flags) == ("Rostrum", "stand-in-token", 0)
    types = {channel.name: channel.type for channel in world.channels.values()}
    assert (
        types | {"general": 0, "polls": 0, "debates": 0, "digest": 0, "motions": 15, "announcements": 5, "mod-room": 0}
        == types
    )
    hidden = place.channel("mod-room")
    assert [name for name in people if name and can_view(world, hidden, place.user(name).id)] == ["Ada", "Ben"]
    assert not can_view(world, hidden, place.app.user_id)
    bits = channel_permissions(world, place.channel("general"), place.app.user_id)
    assert bits & P.SEND_MESSAGES
    assert not bits & P.ADMINISTRATOR
    for name in ("general", "debates", "polls"):
        assert world.messages[place.channel(name).id]


def test_an_unseeded_world_is_empty() -> None:
    assert dict(kinds(Server(Options(port=0, seed=False)))) == dict.fromkeys(dict(kinds(Server(Options(port=0)))), 0)


def test_ids_grow_though_the_clock_steps_back() -> None:
    server = Server(Options(port=0, seed=False))
    now = server.world.now()
    ids = Snowflakes()
    first = ids.next(now)
    assert ids.next(now.replace(year=now.year - 1)) == first + 1
