"""The driver's own manners: what its objects tell, and the errors that say what was found instead."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.driver import File, NotFound, Refused, Stage, StageError
from tests.support.play_bot import PlayBot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.support.stand_in import Http, Place

    Start = Callable[..., Awaitable[PlayBot]]


class Gallery(discord.ui.LayoutView):
    def __init__(self) -> None:
        super().__init__()
        item = discord.MediaGalleryItem("attachment://bars.png", description="Tea 3, coffee 1")
        self.add_item(discord.ui.TextDisplay("Result"))
        self.add_item(discord.ui.MediaGallery(item))


@pytest.fixture
async def play(start: Start) -> PlayBot:
    bot = PlayBot()

    @bot.tree.command(description="An embed, then more.")
    async def card(interaction: discord.Interaction) -> None:
        embed = discord.Embed(title="Title", description="Body").add_field(name="Field", value="Value")
        embed.set_footer(text="Foot").set_author(name="Author")
        await interaction.response.send_message(embed=embed)
        await interaction.followup.send("and more", ephemeral=True)

    @bot.tree.command(description="A picture.")
    async def chart(interaction: discord.Interaction) -> None:
        picture = discord.File(io.BytesIO(b"not really a picture"), "bars.png")
        await interaction.response.send_message(view=Gallery(), file=picture)

    @bot.tree.command(description="Takes a file.")
    async def take(
        interaction: discord.Interaction, file: discord.Attachment, who: discord.Member | discord.Role | None = None
    ) -> None:
        text = (await file.read()).decode()
        await interaction.response.send_message(f"{file.filename}: {text} ({who})")

    @bot.tree.command(description="Says nothing that stays.")
    async def vanish(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.delete_original_response()

    @bot.tree.context_menu(name="card")
    async def card_menu(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(member.display_name)

    return await start(bot)


@pytest.mark.usefixtures("play")
async def test_texts_and_pictures(stage: Stage) -> None:
    ada = await stage.person("Ada")
    response = await ada.slash("#general", "card")
    message = await response.message()
    assert message.text == "Author\nTitle\nBody\nField\nValue\nFoot"
    assert message.embeds[0]["title"] == "Title"
    more = await response.followup("more")
    assert (more.text, more.ephemeral, more.interaction_id) == ("and more", True, response.id)
    assert str(more) == "Rostrum (ephemeral): and more"
    chart = await (await ada.slash("#general", "chart")).message()
    assert chart.alternative_texts == ["Tea 3, coffee 1"]
    [gallery] = [one for one in chart.components if one["type"] == 12]
    assert gallery["items"][0]["media"]["url"].endswith("/bars.png")
    assert repr(response) == "<Ada: /card: done>"


@pytest.mark.usefixtures("play")
async def test_a_command_and_a_menu_of_one_name(stage: Stage) -> None:
    ada = await stage.person("Ada")
    assert (await (await ada.context("card", "Ben", "#general")).message()).text == "Ben"
    with pytest.raises(NotFound, match="say in which place"):
        await ada.context("card", "Ben")


@pytest.mark.usefixtures("play")
async def test_files_may_be_paths(stage: Stage, tmp_path: Path) -> None:
    ada = await stage.person("Ada")
    notes = tmp_path / "notes.txt"
    notes.write_text("hello")
    response = await ada.slash("#general", "take", file=notes, who="Moderator")
    assert (await response.message()).text == "notes.txt: hello (Moderator)"
    with pytest.raises(NotFound, match="is no file"):
        await ada.slash("#general", "take", file="notes.txt")
    with pytest.raises(NotFound, match=r"'Nobody' is nobody here.*'Nobody' is no role here"):
        await ada.slash("#general", "take", file=notes, who="Nobody")
    with pytest.raises(NotFound, match="no option 'fil'; it has 'file', 'who'"):
        await ada.slash("#general", "take", fil=notes)
    with pytest.raises(Refused, match="Missing: file"):
        await ada.slash("#general", "take")
    with pytest.raises(NotFound, match="names nothing"):
        await ada.see(3.5)


@pytest.mark.usefixtures("play")
async def test_errors_say_what_came_instead(stage: Stage) -> None:
    ada = await stage.person("Ada")
    response = await ada.slash("#general", "card")
    with pytest.raises(NotFound, match=r"opened no modal; it was answered: Rostrum: Author"):
        await response.opened()
    with pytest.raises(NotFound, match="did not fail but was answered"):
        await response.failed()
    gone = await ada.slash("#general", "vanish")
    with pytest.raises(NotFound, match="there is no message of it"):
        await gone.message()
    with pytest.raises(StageError):
        await stage.fault("no such fault")
    with pytest.raises(TypeError):
        Stage()


async def test_controls_are_found_by_what_one_reads(stage: Stage, play: PlayBot, place: Place) -> None:
    view = discord.ui.View(timeout=None)
    for number in range(2):
        view.add_item(discord.ui.Button(label="Vote", custom_id=f"vote:{number}"))
    view.add_item(discord.ui.Button(label="Close now", custom_id="close"))
    channel = play.get_channel(place.channel("general").id)
    assert isinstance(channel, discord.TextChannel)
    sent = await channel.send("Vote", view=view)
    ada = await stage.person("Ada")
    message = await ada.wait_message("#general", where=lambda one: one.id == str(sent.id))
    with pytest.raises(NotFound, match=r"not unique .* name it by custom_id"):
        message.button("Vote")
    assert message.button("vote:1").custom_id == "vote:1"
    assert message.button("close").label == "Close now"
    assert message.has("Close now")
    assert not message.has("Open")
    assert (message.button("close").style, message.button("close").url) == (2, None)
    with pytest.raises(NotFound):
        message.select()


async def test_pins(stage: Stage, http: Http) -> None:
    ada = await stage.person("Ada")
    first, second = await ada.post("#general", "one"), await ada.post("#general", "two")
    for message in (first, second):
        assert (await http.put(f"/channels/{message.channel_id}/messages/pins/{message.id}")).status == 204
    assert [one.text for one in await ada.pins("#general")] == ["two", "one"]
    assert (await ada.again(first)).pinned
    with pytest.raises(NotFound):
        await ada.pins("#nowhere")


async def test_a_stage_that_is_closed_hears_nothing(stage: Stage) -> None:
    ada = await stage.person("Ada")
    heard: list[Any] = []
    ada.hear_also(heard.append)
    await ada.post("#general", "one", files=[File("a.txt", b"1")])
    await ada.wait(lambda: heard)
    await ada.stop()
    before = len(heard)
    await ada.post("#general", "two")
    assert len(heard) == before
