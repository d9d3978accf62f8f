"""Commands as people use them, answered by the unmodified discord.py client."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from sandbox.driver import File, InteractionFailed, NotFound, Refused, Stage
from tests.support.play_bot import PlayBot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

    Start = Callable[..., Awaitable[PlayBot]]


class Colour(Enum):
    red = 1
    blue = 2


@pytest.fixture
async def play(start: Start) -> PlayBot:
    bot = PlayBot()
    _options(bot)
    _groups(bot)
    _menus(bot)
    _limits(bot)
    return await start(bot)


def _options(bot: PlayBot) -> None:
    @bot.tree.command(description="Every kind of option.")
    async def every(
        interaction: discord.Interaction,
        text: str,
        whole: int,
        number: float,
        flag: bool,
        member: discord.Member,
        role: discord.Role,
        place: discord.TextChannel,
        thread: app_commands.AppCommandThread,
        anyone: discord.Member | discord.Role,
        file: discord.Attachment,
        colour: Colour,
    ) -> None:
        bot.hear(
            {
                "text": text,
                "whole": whole,
                "number": number,
                "flag": flag,
                "member": (member.display_name, isinstance(member, discord.Member), member.guild_permissions.value),
                "role": role.name,
                "place": (place.name, type(place).__name__),
                "thread": (thread.name, type(thread).__name__),
                "anyone": (type(anyone).__name__, str(anyone)),
                "file": (file.filename, await file.read(), file.size),
                "colour": colour,
            }
        )
        await interaction.response.send_message("taken")

    @bot.tree.command(description="Who asks, and where.")
    async def who(interaction: discord.Interaction) -> None:
        bot.hear(interaction)
        await interaction.response.send_message(f"You are {interaction.user.mention}", ephemeral=True)


def _groups(bot: PlayBot) -> None:
    poll = app_commands.Group(name="poll", description="Polls.")
    template = app_commands.Group(name="template", description="Templates of polls.", parent=poll)

    @poll.command(description="Make a poll.")
    async def create(interaction: discord.Interaction, question: str, days: app_commands.Range[int, 1, 30] = 3) -> None:
        await interaction.response.send_message(f"{question} for {days} days")

    @template.command(name="use-it", description="Use a template.")
    async def use_it(interaction: discord.Interaction, name: str) -> None:
        await interaction.response.send_message(f"template {name}")

    @use_it.autocomplete("name")
    async def names(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        bot.hear((current, interaction.type, list(interaction.namespace)))
        return [app_commands.Choice(name=f"{current} {n}", value=f"{current}{n}") for n in range(25)]

    bot.tree.add_command(poll)


def _menus(bot: PlayBot) -> None:
    @bot.tree.context_menu(name="Ask about this")
    async def ask(interaction: discord.Interaction, message: discord.Message) -> None:
        bot.hear((message.content, message.author.display_name, message.id))
        await interaction.response.send_message("An answer", ephemeral=True)

    @bot.tree.context_menu(name="Challenge to debate")
    async def challenge(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"{interaction.user.display_name} challenges {member.display_name}")


def _limits(bot: PlayBot) -> None:
    @bot.tree.command(description="Options with bounds.")
    @app_commands.choices(choice=[app_commands.Choice(name=name, value=name[0]) for name in ("One", "Two")])
    async def bounds(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 3, 5] | None = None,
        whole: app_commands.Range[int, 1, 10] | None = None,
        number: app_commands.Range[float, 0.5, 1.5] | None = None,
        choice: str | None = None,
        voice: discord.VoiceChannel | None = None,
    ) -> None:
        del voice
        await interaction.response.send_message(f"{text} {whole} {number} {choice}")

    @bot.tree.command(description="For moderators.")
    @app_commands.default_permissions(manage_messages=True)
    async def clean(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("cleaned")


async def test_every_kind_of_option(play: PlayBot, stage: Stage) -> None:
    ada = await stage.person("Ada")
    thread = await ada.thread("#general", "A side question")
    response = await ada.slash(
        "#general",
        "every",
        text="hello",
        whole=7,
        number=2.5,
        flag=True,
        member="Ben",
        role="Moderator",
        place="#polls",
        thread=thread,
        anyone="Chika",
        file=File("notes.txt", b"some notes", "text/plain"),
        colour="blue",
    )
    assert (await response.message()).text == "taken"
    heard = await play.next()
    assert heard["member"][:2] == ("Ben", True)
    assert heard["role"] == "Moderator"
    assert heard["place"] == ("polls", "TextChannel")
    assert heard["thread"] == ("A side question", "AppCommandThread")
    assert heard["anyone"][0] == "Member"
    assert heard["file"] == ("notes.txt", b"some notes", 10)
    assert heard["colour"] is Colour.blue
    assert (heard["text"], heard["whole"], heard["number"], heard["flag"]) == ("hello", 7, 2.5, True)


@pytest.mark.usefixtures("play")
async def test_groups_and_subcommands(stage: Stage) -> None:
    ada = await stage.person("Ada")
    response = await ada.slash("#polls", "/poll create", question="Tea?")
    assert (await response.message()).text == "Tea? for 3 days"
    response = await ada.slash("#polls", "poll template use-it", name="lunch")
    assert (await response.message()).text == "template lunch"
    with pytest.raises(NotFound, match="it has 'template', 'create'"):
        await ada.slash("#polls", "poll make")
    with pytest.raises(NotFound, match=r"there are .*'poll'"):
        await ada.slash("#polls", "pool create")


async def test_autocomplete(play: PlayBot, stage: Stage) -> None:
    ada = await stage.person("Ada")
    choices = await ada.autocomplete("#polls", "poll template use-it", "name", "lun")
    assert len(choices) == 25
    assert choices[3] == {"name": "lun 3", "value": "lun3"}
    current, kind, namespace = await play.next()
    assert (current, kind) == ("lun", discord.InteractionType.autocomplete)
    assert namespace == [("name", "lun")]
    with pytest.raises(Refused, match="does not autocomplete"):
        await ada.autocomplete("#polls", "poll create", "question", "T")


async def test_menus(play: PlayBot, stage: Stage) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    message = await ben.post("#general", "Is open better?")
    response = await ada.context("Ask about this", message)
    answer = await response.message()
    assert (answer.text, answer.ephemeral) == ("An answer", True)
    assert answer.raw["type"] == 23
    assert answer.raw["interaction_metadata"]["target_message_id"] == message.id
    assert await play.next() == ("Is open better?", "Ben", int(message.id))
    response = await ada.context("Challenge to debate", ben, "#debates")
    answer = await response.message()
    assert answer.text == "Ada challenges Ben"
    assert answer.raw["interaction_metadata"]["target_user"]["id"] == ben.id


async def test_who_and_where(play: PlayBot, stage: Stage, place: Place) -> None:
    ben = await stage.person("Ben")
    message = await (await ben.slash("#debates", "who")).message()
    assert message.ephemeral
    interaction = await play.next()
    assert isinstance(interaction.user, discord.Member)
    assert interaction.user.display_name == "Ben"
    assert interaction.guild.id == place.guild.id
    assert interaction.guild_locale == discord.Locale.american_english
    assert interaction.permissions.manage_messages
    assert not interaction.permissions.administrator
    assert interaction.app_permissions.send_messages
    assert interaction.channel.name == "debates"
    assert interaction.context.guild
    assert interaction.filesize_limit == 10 * 1024 * 1024
    assert interaction.is_guild_integration()


async def test_in_a_direct_message(play: PlayBot, stage: Stage) -> None:
    ada = await stage.person("Ada")
    dm = await ada.open_dm("Rostrum")
    message = await (await ada.slash(dm, "who")).message()
    assert message.text == f"You are <@{ada.id}>"
    interaction = await play.next()
    assert isinstance(interaction.user, discord.User)
    assert interaction.guild is None
    assert interaction.context.dm_channel
    assert interaction.app_permissions.embed_links
    assert not interaction.app_permissions.send_messages
    with pytest.raises(NotFound):
        await ada.slash("@Rostrum", "nothing of the kind")


@pytest.mark.parametrize(
    ("option", "good", "bad"),
    [
        ("text", ["abc", "abcde"], ["ab", "abcdef", "", 5]),
        ("whole", [1, 10], [0, 11, 1.5, "five", True]),
        ("number", [0.5, 1.5], [0.4, 1.6, "one"]),
        ("choice", ["O", "Two"], ["Three", "3"]),
    ],
)
async def test_bounds_from_both_sides(
    play: PlayBot, stage: Stage, option: str, good: list[Any], bad: list[Any]
) -> None:
    ada = await stage.person("Ada")
    for value in good:
        await (await ada.slash("#general", "bounds", {option: value})).done()
    for value in bad:
        with pytest.raises(Refused) as refused:
            await ada.slash("#general", "bounds", {option: value})
        assert (refused.value.status, refused.value.code) == (400, 50035)
        assert option in str(refused.value)
    assert play.errors == []


@pytest.mark.usefixtures("play")
async def test_what_a_client_would_not_send(stage: Stage) -> None:
    ada = await stage.person("Ada")
    general = (await ada.place("#general")).id
    bounds = await ada.wait_command("#general", "bounds")
    poll = await ada.wait_command("#general", "poll")

    async def refused(command: dict[str, Any], options: Any) -> str:
        with pytest.raises(Refused) as error:
            await ada.act("slash", {"channel_id": general, "command_id": command["id"], "options": options})
        assert error.value.code == 50035
        return str(error.value)

    assert "no option 'colour'" in await refused(bounds, [{"name": "colour", "type": 3, "value": "x"}])
    assert "is a whole number" in await refused(bounds, [{"name": "whole", "type": 3, "value": "1"}])
    twice = [{"name": "whole", "type": 4, "value": 1}, {"name": "whole", "type": 4, "value": 2}]
    assert "given twice" in await refused(bounds, twice)
    assert "list" in await refused(bounds, {"name": "whole"})
    assert "Choose one of: template, create" in await refused(poll, [])
    create: dict[str, Any] = {"name": "create", "type": 1}
    assert "Missing: question" in await refused(poll, [create | {"options": []}])
    assert "no option 'x'" in await refused(poll, [create | {"options": [{"name": "x", "type": 3, "value": "x"}]}])
    with pytest.raises(Refused, match="type cannot be chosen"):
        await ada.slash("#general", "bounds", voice="#polls")
    every = await ada.wait_command("#general", "every")
    assert "no file 3" in await refused(every, [{"name": "file", "type": 11, "value": 3}])


async def test_only_synced_commands(play: PlayBot, stage: Stage) -> None:
    ada = await stage.person("Ada")
    who = await ada.wait_command("#general", "who")
    general = (await ada.place("#general")).id
    play.tree.remove_command("who")
    # not synced yet: it is still there to be used, and the bot does not know it
    await ada.slash("#general", "who")
    assert isinstance(await play.next(), app_commands.CommandNotFound)
    await play.tree.sync()
    with pytest.raises(NotFound):
        await ada.slash("#general", "who")
    with pytest.raises(Refused) as refused:
        await ada.act("slash", {"channel_id": general, "command_id": who["id"], "options": []})
    assert (refused.value.status, refused.value.code) == (404, 10063)


@pytest.mark.usefixtures("play")
async def test_permissions(stage: Stage, place: Place) -> None:
    ada, chika = await stage.person("Ada"), await stage.person("Chika")
    clean = await ada.wait_command("#general", "clean")
    assert "clean" not in [one["name"] for one in await chika.commands("#general")]
    general = (await ada.place("#general")).id
    body = {"channel_id": general, "command_id": clean["id"], "options": []}
    with pytest.raises(Refused) as refused:
        await chika.act("slash", body)
    assert (refused.value.status, refused.value.code) == (403, 50013)
    await (await ada.slash("#general", "clean")).done()
    # out of sight is another matter
    with pytest.raises(Refused) as refused:
        await chika.act("slash", body | {"channel_id": str(place.channel("mod-room").id)})
    assert (refused.value.status, refused.value.code) == (403, 50001)


@pytest.mark.usefixtures("play")
async def test_without_use_application_commands(stage: Stage, server: Server, place: Place) -> None:
    chika = await stage.person("Chika")
    who = await chika.wait_command("#general", "who")
    everyone = server.world.roles[place.guild.id]
    everyone.permissions &= ~(1 << 31)
    server.world.save(everyone)
    assert await chika.commands("#general") == []
    with pytest.raises(Refused) as refused:
        await chika.act(
            "slash",
            {"channel_id": str(place.channel("general").id), "command_id": who["id"], "options": []},
        )
    assert (refused.value.status, refused.value.code) == (403, 50013)


@pytest.mark.usefixtures("play")
async def test_archived_threads_take_no_commands(stage: Stage, http: Http) -> None:
    ada = await stage.person("Ada")
    thread = await ada.thread("#general", "Over")
    who = await ada.wait_command(thread, "who")
    assert (await http.patch(f"/channels/{thread.id}", json={"archived": True})).status == 200
    with pytest.raises(Refused) as refused:
        await ada.act("slash", {"channel_id": thread.id, "command_id": who["id"], "options": []})
    assert refused.value.code == 50083


@pytest.mark.usefixtures("three_seconds")
async def test_a_failing_command_says_so(stage: Stage, start: Start) -> None:
    bot = PlayBot()

    @bot.tree.command(description="Breaks.")
    async def broken(_: discord.Interaction) -> None:
        raise RuntimeError("no")

    await start(bot)
    ada = await stage.person("Ada")
    response = await ada.slash("#general", "broken")
    await bot.next()
    assert response.state == "sent"
    with pytest.raises(InteractionFailed, match=r"Ada: /broken: Rostrum did not respond in time"):
        await response.done(timeout=30)
