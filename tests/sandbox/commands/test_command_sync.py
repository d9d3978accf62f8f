"""The unmodified discord.py client syncs its command tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest
from discord import app_commands

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Place


def tree_of(client: discord.Client) -> app_commands.CommandTree:
    """Return a tree with every kind of command and option that discord.py has."""
    tree = app_commands.CommandTree(client)

    @tree.command(description="Everything at once", nsfw=True)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    @app_commands.choices(colour=[app_commands.Choice(name="Red", value=1), app_commands.Choice(name="Blue", value=2)])
    async def everything(
        interaction: discord.Interaction,
        text: app_commands.Range[str, 2, 10],
        count: app_commands.Range[int, 1, 5],
        share: app_commands.Range[float, 0.0, 1.0],
        colour: app_commands.Choice[int],
        yes: bool,
        who: discord.Member,
        where: discord.TextChannel | discord.Thread,
        role: discord.Role,
        anything: discord.Member | discord.Role,
        file: discord.Attachment | None = None,
    ) -> None: ...

    @everything.autocomplete("text")
    async def complete(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:  # noqa: ARG001
        return []

    poll = app_commands.Group(name="poll", description="Polls")
    inner = app_commands.Group(name="template", description="Templates", parent=poll)

    @poll.command(name="create", description="Make one")
    async def create(interaction: discord.Interaction) -> None: ...

    @inner.command(name="use", description="Use one")
    async def use(interaction: discord.Interaction, name: str) -> None: ...

    tree.add_command(poll)

    @tree.context_menu(name="Ask about this")
    async def ask(interaction: discord.Interaction, message: discord.Message) -> None: ...

    @tree.context_menu(name="Challenge to debate")
    async def challenge(interaction: discord.Interaction, member: discord.Member) -> None: ...

    return tree


@pytest.mark.parametrize("local", [False, True])
async def test_sync_and_fetch(bot: discord.Client, place: Place, local: bool) -> None:
    tree = tree_of(bot)
    guild = discord.Object(place.guild.id) if local else None
    if guild is not None:
        tree.copy_global_to(guild=guild)
    synced = await tree.sync(guild=guild)
    assert {(one.name, one.type.value) for one in synced} == {
        ("everything", 1),
        ("poll", 1),
        ("Ask about this", 3),
        ("Challenge to debate", 2),
    }
    fetched = {one.name: one for one in await tree.fetch_commands(guild=guild)}
    everything = fetched["everything"]
    assert everything.nsfw
    assert everything.default_member_permissions == discord.Permissions(manage_guild=True)
    assert everything.guild_id == (place.guild.id if local else None)
    options = {option.name: option for option in everything.options}
    assert options["text"].autocomplete
    assert (options["text"].min_length, options["text"].max_length) == (2, 10)
    assert (options["count"].min_value, options["count"].max_value) == (1, 5)
    assert [choice.value for choice in options["colour"].choices] == [1, 2]
    assert [option.required for option in everything.options] == [True] * 9 + [False]
    groups = fetched["poll"].options
    assert [type(option).__name__ for option in groups] == ["AppCommandGroup", "AppCommandGroup"]


async def test_syncing_twice_changes_nothing(bot: discord.Client, server: Server) -> None:
    tree = tree_of(bot)
    await tree.sync()
    before = {one.id: one.version for one in server.world.commands.values()}
    await tree.sync()
    assert {one.id: one.version for one in server.world.commands.values()} == before


async def test_edit_and_delete(bot: discord.Client) -> None:
    tree = tree_of(bot)
    await tree.sync()
    command = next(one for one in await tree.fetch_commands() if one.name == "poll")
    edited = await command.edit(description="Votes and counts")
    assert edited.description == "Votes and counts"
    await command.delete()
    with pytest.raises(discord.NotFound) as caught:
        await tree.fetch_command(command.id)
    assert caught.value.code == 10063


async def test_translations_come_back(bot: discord.Client) -> None:
    class German(app_commands.Translator):
        async def translate(
            self,
            string: app_commands.locale_str,
            locale: discord.Locale,
            context: app_commands.TranslationContextTypes,  # noqa: ARG002
        ) -> str | None:
            return f"{string.message}-de" if locale is discord.Locale.german else None

    tree = app_commands.CommandTree(bot)

    @tree.command(name="poll", description="votes")
    async def poll(interaction: discord.Interaction) -> None: ...

    await tree.set_translator(German())
    (synced,) = await tree.sync()
    fetched = await tree.fetch_command(synced.id)
    assert fetched.name_localizations == {discord.Locale.german: "poll-de"}


async def test_permissions_that_nobody_set(bot: discord.Client, place: Place) -> None:
    tree = tree_of(bot)
    await tree.sync()
    command = (await tree.fetch_commands())[0]
    guild = bot.get_guild(place.guild.id)
    assert guild is not None
    with pytest.raises(discord.NotFound) as caught:
        await command.fetch_permissions(guild)
    assert caught.value.code == 10066


async def test_too_many_are_refused_readably(bot: discord.Client) -> None:
    tree = app_commands.CommandTree(bot)
    for number in range(20):

        @tree.command(name=f"c{number}", description="d" * 100)
        @app_commands.describe(**{f"option{one}": "d" * 100 for one in range(5)})
        async def command(
            interaction: discord.Interaction, option0: str, option1: str, option2: str, option3: str, option4: str
        ) -> None: ...

    assert len(await tree.sync()) == 20
    big = app_commands.Group(name="big", description="d" * 100)
    for number in range(25):

        @big.command(name=f"s{number}", description="d" * 100)
        @app_commands.describe(**{f"option{one}": "d" * 100 for one in range(5)})
        async def inner(
            interaction: discord.Interaction, option0: str, option1: str, option2: str, option3: str, option4: str
        ) -> None: ...

    tree.add_command(big)
    with pytest.raises(app_commands.CommandSyncFailure, match="8000"):
        await tree.sync()
