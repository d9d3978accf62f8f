"""The unmodified discord.py client sends, reads and hears messages of every kind."""

from __future__ import annotations

import asyncio
import io
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import ui

from sandbox import polls
from sandbox.messages import create_message, sender_in
from sandbox.model import Overwrite
from sandbox.permissions import P
from sandbox.reactions import react

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import User
    from sandbox.server import Server
    from tests.support.stand_in import Place


@pytest.fixture
def intents() -> discord.Intents:
    found = discord.Intents.default()
    found.message_content = True
    return found


@pytest.fixture(autouse=True)
def approved(place: Place) -> None:
    """The application may read content."""
    place.app.flags |= 1 << 19


@pytest.fixture
def general(bot: discord.Client, place: Place) -> discord.TextChannel:
    return channel_of(bot, place, "general")


def channel_of(bot: discord.Client, place: Place, name: str) -> discord.TextChannel:
    channel = bot.get_channel(place.channel(name).id)
    assert isinstance(channel, discord.TextChannel)
    return channel


def said(server: Server, place: Place, person: User, content: str) -> discord.Object:
    channel = place.channel("general")
    body = {"content": content}
    return discord.Object(create_message(server, channel, sender_in(server.world, channel, person.id), body).id)


async def heard(bot: discord.Client, event: str, check: Callable[..., bool] | None = None) -> Any:
    return await bot.wait_for(event, check=check, timeout=30)


class Everything(ui.LayoutView):
    """Every component that a V2 message can hold."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.TextDisplay("# Heading"))
        self.add_item(ui.Section(ui.TextDisplay("beside"), accessory=ui.Thumbnail("https://a.example/t.png")))
        self.add_item(ui.Section(ui.TextDisplay("press"), accessory=ui.Button(label="Press", custom_id="beside")))
        gallery = ui.MediaGallery(discord.MediaGalleryItem("attachment://chart.png", description="bars", spoiler=True))
        self.add_item(gallery)
        self.add_item(ui.Separator(visible=False, spacing=discord.SeparatorSpacing.large))
        self.add_item(ui.File("attachment://ballots.json"))
        box = ui.Container(ui.TextDisplay("inside"), accent_color=discord.Color.teal(), spoiler=True)
        row = ui.ActionRow()
        row.add_item(ui.Button(label="Vote", style=discord.ButtonStyle.success, custom_id="vote", emoji="✅"))
        row.add_item(ui.Button(label="Rules", url="https://a.example/rules"))
        box.add_item(row)
        self.add_item(box)
        for number, kind in enumerate((ui.UserSelect, ui.RoleSelect, ui.MentionableSelect, ui.ChannelSelect)):
            self.add_item(ui.ActionRow(kind(custom_id=f"select-{number}", max_values=5)))
        options = [discord.SelectOption(label=str(number), description="d", emoji="🗳️") for number in range(25)]
        self.add_item(ui.ActionRow(ui.Select(custom_id="choose", placeholder="Choose", options=options, max_values=3)))


def two_files() -> list[discord.File]:
    return [
        discord.File(io.BytesIO(b"not really a picture"), "chart.png", description="a chart"),
        discord.File(io.BytesIO(b"{}"), "ballots.json"),
    ]


async def test_every_layout_component(bot: discord.Client, general: discord.TextChannel) -> None:
    waiting = asyncio.create_task(heard(bot, "message", lambda message: message.flags.components_v2))
    sent = await general.send(view=Everything(), files=two_files())
    event = await waiting
    fetched = await general.fetch_message(sent.id)
    for message in (sent, event, fetched):
        kinds = [component.type.name for component in message.components]
        assert kinds == [
            "text_display",
            "section",
            "section",
            "media_gallery",
            "separator",
            "file",
            "container",
            *["action_row"] * 5,
        ]
        assert message.attachments == []
        gallery, file = message.components[3], message.components[5]
        assert await bot.http.get_from_cdn(gallery.items[0].media.url) == b"not really a picture"
        assert (file.name, file.size) == ("ballots.json", 2)
        assert message.components[6].accent_color == discord.Color.teal()
        # a view rebuilt from what came back can be sent again
        assert ui.LayoutView.from_message(message).to_components()
    again = ui.LayoutView.from_message(sent)
    with pytest.raises(discord.HTTPException, match="attachment"):
        await sent.edit(view=again)  # a file is named by reference only, also when it is there already
    file = next(item for item in again.children if isinstance(item, ui.File))
    file.media = "attachment://ballots.json"
    edited = await sent.edit(view=again)
    assert edited.components[3].items[0].media.url == sent.components[3].items[0].media.url


async def test_classic_components_embeds_and_mentions(place: Place, general: discord.TextChannel) -> None:
    view = ui.View(timeout=None)
    for number in range(5):
        view.add_item(ui.Button(label=str(number), custom_id=f"b{number}", row=0))
    view.add_item(ui.Select(custom_id="s", options=[discord.SelectOption(label="a")], row=1))
    embed = discord.Embed(title="t", description="d", url="https://a.example", color=discord.Color.red())
    embed.set_footer(text="f", icon_url="https://a.example/f.png").set_author(name="a").add_field(name="n", value="v")
    embed.set_image(url="attachment://chart.png").timestamp = discord.utils.utcnow()
    ada = place.user("Ada")
    sent = await general.send(f"<@{ada.id}> @everyone", embed=embed, view=view, file=two_files()[0], silent=True)
    assert [user.name for user in sent.mentions] == ["ada"]
    assert (sent.mention_everyone, sent.flags.suppress_notifications) == (False, True)
    back = sent.embeds[0]
    assert (back.title, back.footer.text, back.author.name, back.fields[0].value) == ("t", "f", "a", "v")
    assert back.timestamp == embed.timestamp
    assert back.image.url is not None
    assert back.image.url.endswith("/chart.png")
    assert [len(row.children) for row in sent.components] == [5, 1]
    quiet = await general.send(f"<@{ada.id}>", allowed_mentions=discord.AllowedMentions.none())
    assert quiet.mentions == []


async def test_edits_and_deletions_are_heard(
    bot: discord.Client, server: Server, place: Place, general: discord.TextChannel
) -> None:
    sent = await general.send("one", file=two_files()[1])
    waiting = asyncio.create_task(heard(bot, "message_edit"))
    edited = await sent.edit(content="two", attachments=[])
    before, after = await waiting
    assert (before.content, after.content, edited.attachments) == ("one", "two", [])
    added = await edited.add_files(*two_files())
    assert [file.filename for file in added.attachments] == ["chart.png", "ballots.json"]
    kept = await added.remove_attachments(added.attachments[0])
    assert [file.filename for file in kept.attachments] == ["ballots.json"]
    assert await kept.attachments[0].read() == b"{}"
    turned = await kept.edit(content=None, attachments=[], view=ui.LayoutView().add_item(ui.TextDisplay("three")))
    assert turned.flags.components_v2
    with pytest.raises(discord.HTTPException) as refused:
        await turned.edit(content="back")
    assert refused.value.code == 50035
    assert "MESSAGE_CANNOT_USE_LEGACY_FIELDS" not in refused.value.text  # discord.py shows the words, not the code
    assert "content" in refused.value.text
    waiting = asyncio.create_task(heard(bot, "message_delete"))
    await turned.delete()
    assert (await waiting).id == sent.id
    with pytest.raises(discord.NotFound):
        await general.fetch_message(sent.id)
    hers = general.get_partial_message(said(server, place, place.user("Chika"), "hers").id)
    with pytest.raises(discord.Forbidden) as forbidden:
        await hers.edit(content="mine")
    assert forbidden.value.code == 50005
    await (await hers.fetch()).edit(suppress=True)
    assert server.world.messages[general.id][hers.id].flags == 1 << 2


async def test_replies_forwards_and_nonces(
    server: Server, place: Place, bot: discord.Client, general: discord.TextChannel
) -> None:
    hers = await general.fetch_message(said(server, place, place.user("Chika"), "question").id)
    answer = await hers.reply("answer", mention_author=False)
    assert isinstance(answer.reference.resolved, discord.Message)
    assert (answer.type, answer.reference.resolved.content, answer.mentions) == (
        discord.MessageType.reply,
        "question",
        [],
    )
    forwarded = await hers.forward(channel_of(bot, place, "polls"))
    assert forwarded.message_snapshots[0].content == "question"
    first = await general.send("once", nonce="delivery")
    assert (await general.send("once", nonce="delivery")).id == first.id


async def test_bulk_deletion_and_purge(bot: discord.Client, general: discord.TextChannel) -> None:
    sent = [await general.send(str(number)) for number in range(4)]
    waiting = asyncio.create_task(heard(bot, "bulk_message_delete"))
    await general.delete_messages(sent[:3])
    assert {message.id for message in await waiting} == {message.id for message in sent[:3]}
    gone = await general.purge(limit=1)
    assert [message.id for message in gone] == [sent[3].id]


async def test_reactions(bot: discord.Client, server: Server, place: Place, general: discord.TextChannel) -> None:
    sent = await general.send("react")
    for event, act in (
        ("raw_reaction_add", sent.add_reaction("✅")),
        ("raw_reaction_remove", sent.remove_reaction("✅", bot.user)),
        ("raw_reaction_add", sent.add_reaction("🗳️")),
        ("raw_reaction_clear_emoji", sent.clear_reaction("🗳️")),
        ("raw_reaction_add", sent.add_reaction("👍")),
        ("raw_reaction_clear", sent.clear_reactions()),
    ):
        waiting = asyncio.create_task(heard(bot, event))
        await act
        assert (await waiting).message_id == sent.id
    react(server, server.world.messages[general.id][sent.id], place.user("Ada").id, "👍")
    fetched = await general.fetch_message(sent.id)
    assert [user.name async for user in fetched.reactions[0].users()] == ["ada"]
    with pytest.raises(discord.HTTPException) as unknown:
        await sent.add_reaction("nope")
    assert unknown.value.code == 10014


async def test_pins(bot: discord.Client, general: discord.TextChannel) -> None:
    sent = [await general.send(str(number)) for number in range(3)]
    waiting = asyncio.create_task(heard(bot, "guild_channel_pins_update"))
    for message in sent:
        await message.pin()
    assert (await waiting)[0].id == general.id
    pinned = [message async for message in general.pins(limit=None)]
    assert [message.content for message in pinned] == ["2", "1", "0"]
    assert pinned[0].pinned_at is not None
    await sent[1].unpin()
    assert [message.content async for message in general.pins()] == ["2", "0"]
    notes = [message.type async for message in general.history(limit=2)]
    assert notes == [discord.MessageType.pins_add, discord.MessageType.pins_add]


async def test_native_polls(bot: discord.Client, server: Server, place: Place, general: discord.TextChannel) -> None:
    asked = discord.Poll("Open or closed?", timedelta(hours=1), multiple=True)
    asked.add_answer(text="Open", emoji="🔓").add_answer(text="Closed")
    sent = await general.send(poll=asked)
    assert sent.poll is not None
    message = server.world.messages[general.id][sent.id]
    waiting = asyncio.create_task(heard(bot, "raw_poll_vote_add"))
    polls.vote(server, message, place.user("Ada").id, [1])
    assert (await waiting).answer_id == 1
    polls.vote(server, message, place.user("Ben").id, [1, 2])
    fetched = await general.fetch_message(sent.id)
    assert fetched.poll is not None
    assert [answer.vote_count for answer in fetched.poll.answers] == [2, 1]
    assert {user.name async for user in fetched.poll.answers[0].voters()} == {"ada", "ben"}
    result = asyncio.create_task(heard(bot, "message", lambda one: one.type is discord.MessageType.poll_result))
    ended = await sent.end_poll()
    assert ended.poll is not None
    assert not ended.poll.is_finalised()
    assert (await result).reference.message_id == sent.id
    final = await general.fetch_message(sent.id)
    assert final.poll is not None
    assert final.poll.is_finalised()
    assert final.poll.total_votes == 3


async def test_webhooks(bot: discord.Client, place: Place, general: discord.TextChannel) -> None:
    rights = Overwrite(id=place.app.user_id, type=1, allow=int(P.MANAGE_WEBHOOKS))
    place.channel("general").overwrites.append(rights)
    hook = await general.create_webhook(name="Newsroom")
    waiting = asyncio.create_task(heard(bot, "message", lambda message: message.webhook_id == hook.id))
    sent = await hook.send("hello", wait=True, username="Press", embed=discord.Embed(title="t"), file=two_files()[1])
    assert (await waiting).author.name == "Press"
    assert (sent.attachments[0].filename, sent.embeds[0].title) == ("ballots.json", "t")
    edited = await sent.edit(content="changed", attachments=[])
    assert (edited.content, edited.attachments) == ("changed", [])
    assert (await hook.fetch_message(sent.id)).content == "changed"
    await sent.delete()
    assert [one.id for one in await general.webhooks()] == [hook.id]
    await hook.edit(name="Other")
    await hook.delete()
    assert await general.webhooks() == []


async def test_typing_and_direct_messages(bot: discord.Client, place: Place, general: discord.TextChannel) -> None:
    async with general.typing():
        await general.send("typed")
    ada = await bot.fetch_user(place.user("Ada").id)
    channel = place.build.direct(place.world.users[place.app.user_id], place.user("Ada"))
    direct = discord.DMChannel._from_message(bot._connection, channel.id)  # without the route that opens one
    sent = await direct.send(f"hello {ada.name}")
    assert sent.content == "hello ada"
    assert sent.guild is None


async def test_a_history_of_ten_thousand(place: Place, bot: discord.Client) -> None:
    long = place.build.channel(place.guild, "long")
    author = place.world.users[place.app.user_id]
    for number in range(10_000):
        place.build.message(long, author, str(number))
    place.world.emit(
        "CHANNEL_CREATE",
        {
            "id": str(long.id),
            "type": 0,
            "guild_id": str(place.guild.id),
            "name": "long",
            "position": 9,
            "permission_overwrites": [],
            "nsfw": False,
            "parent_id": None,
            "topic": None,
        },
        guild_id=place.guild.id,
    )
    channel = await bot.fetch_channel(long.id)
    assert isinstance(channel, discord.TextChannel)
    started = time.process_time()
    texts = [message.content async for message in channel.history(limit=None)]
    assert texts == [str(number) for number in range(9_999, -1, -1)]
    assert time.process_time() - started < 20
    oldest = [message.content async for message in channel.history(limit=3, oldest_first=True)]
    assert oldest == ["0", "1", "2"]
