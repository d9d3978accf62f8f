"""The unmodified discord.py client builds, changes and reads channels, threads and forum posts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.audit import Actor
from sandbox.permissions import P
from sandbox.thread_members import add, enrol
from sandbox.threads import create_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.server import Server
    from tests.support.stand_in import Place


class Heard:
    """Events that a client dispatches, each awaited with a timeout."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    def next(self, name: str, check: Callable[..., bool] | None = None) -> asyncio.Task[Any]:
        """Return the task of the next event of a name; await it after what causes it."""
        return asyncio.ensure_future(self._client.wait_for(name, check=check, timeout=30))


@pytest.fixture
def powers(may: Callable[..., None]) -> None:
    """Make the bot an administrator before it connects."""
    may(P.ADMINISTRATOR)


@pytest.fixture
async def guild(powers: None, bot: discord.Client, place: Place) -> discord.Guild:  # noqa: ARG001
    found = bot.get_guild(place.guild.id)
    assert found is not None
    return found


@pytest.fixture
async def heard(bot: discord.Client) -> AsyncIterator[Heard]:
    yield Heard(bot)
    await asyncio.sleep(0)


async def test_channels_of_every_type(guild: discord.Guild, heard: Heard) -> None:
    created = heard.next("guild_channel_create")
    category = await guild.create_category("Season Two")
    await asyncio.sleep(0)
    assert (await created).id == category.id
    text = await guild.create_text_channel("Opening Night", category=category, topic="t", slowmode_delay=5)
    assert (text.name, text.category_id, text.topic, text.slowmode_delay) == ("opening-night", category.id, "t", 5)
    voice = await guild.create_voice_channel("Hall", user_limit=5, bitrate=16000)
    assert (voice.user_limit, voice.bitrate) == (5, 16000)
    forum = await guild.create_forum("Motions", available_tags=[discord.ForumTag(name="law", emoji="⚖️")])
    assert [(tag.name, str(tag.emoji)) for tag in forum.available_tags] == [("law", "⚖️")]
    assert forum.type is discord.ChannelType.forum
    assert category.channels == [text]
    updated = heard.next("guild_channel_update")
    await text.edit(name="closing night", nsfw=True)
    before, after = await updated
    assert (before.name, after.name, after.nsfw) == ("opening-night", "closing-night", True)
    deleted = heard.next("guild_channel_delete")
    await text.delete(reason="over")
    assert (await deleted).id == text.id


async def test_every_channel_is_known_from_the_start(guild: discord.Guild, place: Place) -> None:
    expected = {channel.id for channel in place.world.channels.values() if channel.thread is None}
    assert {channel.id for channel in guild.channels} == expected
    fetched = await guild.fetch_channels()
    assert {channel.id for channel in fetched} == expected


async def test_overwrites(guild: discord.Guild, place: Place, heard: Heard) -> None:
    general = guild.get_channel(place.channel("general").id)
    assert isinstance(general, discord.TextChannel)
    updated = heard.next("guild_channel_update")
    await general.set_permissions(guild.default_role, send_messages=False, add_reactions=True)
    _, after = await updated
    assert after.overwrites_for(guild.default_role).send_messages is False
    assert after.overwrites_for(guild.default_role).add_reactions is True
    updated = heard.next("guild_channel_update")
    await general.set_permissions(guild.default_role, overwrite=None)
    _, after = await updated
    assert after.overwrites_for(guild.default_role).is_empty()
    secret = await guild.create_text_channel(
        "secret",
        overwrites={
            guild.default_role: discord.PermissionOverwrite(view_channel=False),
            guild.me: discord.PermissionOverwrite(view_channel=True),
        },
    )
    assert not secret.permissions_for(guild.default_role).view_channel
    assert secret.permissions_for(guild.me).view_channel


async def test_moving_channels(guild: discord.Guild, place: Place) -> None:
    debates = guild.get_channel(place.channel("debates").id)
    assert isinstance(debates, discord.TextChannel)
    await debates.move(beginning=True)
    siblings = [channel.name for channel in debates.category.text_channels] if debates.category else []
    fetched = sorted(
        (
            channel
            for channel in await guild.fetch_channels()
            if getattr(channel, "category_id", None) == debates.category_id
        ),
        key=lambda channel: channel.position,  # type: ignore[attr-defined]
    )
    assert fetched[0].id == debates.id
    assert siblings


async def test_a_thread_from_beginning_to_end(guild: discord.Guild, place: Place, heard: Heard) -> None:
    debates = guild.get_channel(place.channel("debates").id)
    assert isinstance(debates, discord.TextChannel)
    created = heard.next("thread_create")
    thread = await debates.create_thread(name="Opening", type=discord.ChannelType.public_thread)
    assert (await created).id == thread.id
    assert guild.get_thread(thread.id) is not None
    assert thread.owner_id == guild.me.id
    await thread.send("first")
    updated = heard.next("thread_update")
    await thread.edit(name="Closing", auto_archive_duration=60, slowmode_delay=3)
    _, after = await updated
    assert (after.name, after.auto_archive_duration, after.slowmode_delay) == ("Closing", 60, 3)
    updated = heard.next("thread_update")
    await thread.edit(archived=True, locked=True)
    _, after = await updated
    assert (after.archived, after.locked) == (True, True)
    archived = [one async for one in debates.archived_threads(limit=None)]
    assert [one.id for one in archived] == [thread.id]
    await thread.edit(archived=False, locked=False)
    assert [one.id for one in await guild.active_threads()] == [thread.id]
    deleted = heard.next("thread_delete")
    await thread.delete()
    assert (await deleted).id == thread.id


async def test_threads_from_messages(guild: discord.Guild, place: Place) -> None:
    debates = guild.get_channel(place.channel("debates").id)
    assert isinstance(debates, discord.TextChannel)
    message = await debates.send("Shall we?")
    thread = await message.create_thread(name="We shall")
    assert thread.id == message.id
    fetched = await debates.fetch_message(message.id)
    assert fetched.thread is not None
    assert fetched.flags.has_thread
    with pytest.raises(discord.HTTPException) as caught:
        await message.create_thread(name="Again")
    assert caught.value.code == 160004
    (starter,) = [one async for one in thread.history()]
    assert starter.type is discord.MessageType.thread_starter_message
    assert await thread.parent.fetch_message(thread.id) == fetched  # type: ignore[union-attr]


async def test_forum_posts(guild: discord.Guild, place: Place, heard: Heard) -> None:
    forum = guild.get_channel(place.channel("motions").id)
    assert isinstance(forum, discord.ForumChannel)
    created = heard.next("thread_create")
    thread, message = await forum.create_thread(
        name="This house would publish", content="Arguments below", applied_tags=forum.available_tags[:2]
    )
    assert (await created).id == thread.id == message.id
    assert thread.applied_tags == forum.available_tags[:2]
    assert message.content == "Arguments below"
    await thread.edit(applied_tags=forum.available_tags[2:])
    assert [tag.name for tag in (await guild.fetch_channel(thread.id)).applied_tags] == ["settled"]  # type: ignore[union-attr]
    await thread.edit(pinned=True)
    await thread.edit(archived=True)
    assert [one.id async for one in forum.archived_threads()] == [thread.id]


async def test_members_of_threads(guild: discord.Guild, place: Place, server: Server, heard: Heard) -> None:
    chika = place.user("Chika")
    thread = create_thread(server, place.channel("debates"), chika.id, {"name": "Chika's", "type": 11})
    found = guild.get_thread(thread.id) or await guild.fetch_channel(thread.id)
    assert isinstance(found, discord.Thread)
    joined = heard.next("thread_join")
    await found.join()
    mine = await joined
    assert (mine.id, mine.me is not None) == (thread.id, True)
    await found.add_user(discord.Object(place.user("Esi").id))
    assert thread.thread is not None
    assert place.user("Esi").id in thread.thread.members
    removed = heard.next("thread_remove")
    await found.leave()
    assert (await removed).id == thread.id


async def test_a_private_thread_appears_when_the_bot_is_added(
    bot: discord.Client, place: Place, server: Server, heard: Heard
) -> None:
    guild = bot.get_guild(place.guild.id)
    assert guild is not None
    role = next(one for one in place.world.roles.values() if one.managed)
    role.permissions &= ~int(P.MANAGE_THREADS)
    chika = place.user("Chika").id
    thread = create_thread(server, place.channel("debates"), chika, {"name": "Secret", "type": 12})
    with pytest.raises(discord.Forbidden):
        await guild.fetch_channel(thread.id)
    joined = heard.next("thread_join")
    add(server.world, thread, place.app.user_id, Actor(chika))
    assert (await joined).name == "Secret"
    enrol(server.world, thread, [place.user("Esi").id])
    assert guild.get_thread(thread.id) is not None


async def test_refusals_are_discords(bot: discord.Client, place: Place) -> None:
    guild = bot.get_guild(place.guild.id)
    assert guild is not None
    with pytest.raises(discord.Forbidden) as caught:
        await guild.create_text_channel("no")
    assert caught.value.code == 50013
    with pytest.raises(discord.Forbidden) as caught:
        await bot.fetch_channel(place.channel("mod-room").id)
    assert caught.value.code == 50001
    with pytest.raises(discord.NotFound) as missing:
        await bot.fetch_channel(1)
    assert missing.value.code == 10003
