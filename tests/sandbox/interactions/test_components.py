"""Buttons and selects, classic and V2, answered by discord.py's views; and what cannot be pressed or chosen."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.driver import NotFound, Refused, Stage
from tests.support.play_bot import PlayBot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.driver import Person, SeenMessage
    from sandbox.server import Server
    from tests.support.stand_in import Place

    Start = Callable[..., Awaitable[PlayBot]]


@pytest.fixture
async def play(start: Start) -> PlayBot:
    return await start(PlayBot())


async def show(play: PlayBot, place: Place, channel: str = "general", **message: Any) -> discord.Message:
    """Let the bot send a message of its own."""
    there = play.get_channel(place.channel(channel).id)
    assert isinstance(there, discord.TextChannel)
    return await there.send(**message)


async def seen(person: Person, message: discord.Message) -> SeenMessage:
    return await person.wait_message(f"#{message.channel.name}", where=lambda one: one.id == str(message.id))  # pyright: ignore


class Buttons(discord.ui.View):
    def __init__(self, play: PlayBot) -> None:
        super().__init__(timeout=None)
        self.play = play
        self.add_item(discord.ui.Button(label="Read", url="https://example.org/"))

    @discord.ui.button(label="Yes", custom_id="yes", style=discord.ButtonStyle.success)
    async def yes(self, interaction: discord.Interaction, button: discord.ui.Button[Buttons]) -> None:
        self.play.hear((interaction.user.display_name, button.custom_id, interaction.message))
        await interaction.response.send_message(f"{interaction.user.display_name}: yes", ephemeral=True)

    @discord.ui.button(label="No", custom_id="no", disabled=True)
    async def no(self, interaction: discord.Interaction, _: discord.ui.Button[Buttons]) -> None:
        raise AssertionError(interaction)

    @discord.ui.button(emoji="🔒", custom_id="close", row=1)
    async def close(self, interaction: discord.Interaction, _: discord.ui.Button[Buttons]) -> None:
        self.yes.disabled = True
        await interaction.response.edit_message(content="Closed", view=self)


async def test_buttons(play: PlayBot, stage: Stage, place: Place) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    message = await seen(ada, await show(play, place, content="Vote", view=Buttons(play)))
    assert [one.label for one in message.buttons] == ["Yes", "No", "Read", "🔒"]
    receipt = await (await ada.click(message, "Yes")).message()
    assert (receipt.text, receipt.ephemeral) == ("Ada: yes", True)
    name, custom_id, pressed = await play.next()
    assert (name, custom_id, pressed.content) == ("Ada", "yes", "Vote")
    assert pressed.id == int(message.id)
    assert "Ada: yes" not in [one.text for one in await ben.see("#general")]
    closed = await (await ben.click(message, "close")).message()
    assert (closed.id, closed.text) == (message.id, "Closed")
    assert closed.button("Yes").disabled
    with pytest.raises(Refused, match="disabled"):
        await ada.click(closed, "Yes")
    # the old picture of the message does not make it any more alive
    with pytest.raises(Refused, match="disabled"):
        await ada.click(message, "Yes")


async def test_what_cannot_be_pressed(play: PlayBot, stage: Stage, place: Place) -> None:
    ada, chika = await stage.person("Ada"), await stage.person("Chika")
    message = await seen(ada, await show(play, place, content="Vote", view=Buttons(play)))
    with pytest.raises(Refused, match="disabled"):
        await ada.click(message, "No")
    with pytest.raises(NotFound, match="it has 'Yes', 'No', 'Read'"):
        await ada.click(message, "Perhaps")
    body = {"channel_id": message.channel_id, "message_id": message.id}

    async def refused(person: Person, **more: Any) -> tuple[int, int]:
        with pytest.raises(Refused) as error:
            await person.act("component", {**body, **more})
        return error.value.status, error.value.code

    assert await refused(ada, custom_id="nothing") == (400, 50035)
    assert await refused(ada, custom_id=None) == (400, 50035)
    assert await refused(ada) == (400, 50035)
    assert await refused(ada, custom_id="yes", values=["x"]) == (400, 50035)
    assert await refused(ada, custom_id="yes", message_id="123456789012345678") == (404, 10008)
    own = await ada.post("#general", "no buttons here")
    assert await refused(ada, custom_id="yes", message_id=own.id) == (400, 50035)
    gone = await show(play, place, content="Vote", view=Buttons(play))
    shown = await seen(ada, gone)
    await gone.delete()
    await ada.wait_gone(shown)
    assert await refused(ada, custom_id="yes", message_id=shown.id) == (404, 10008)
    mod_room = str(place.channel("mod-room").id)
    assert await refused(chika, custom_id="yes", channel_id=mod_room) == (403, 50001)


async def test_ephemeral_buttons_are_their_persons_only(stage: Stage, start: Start) -> None:
    bot = PlayBot()

    @bot.tree.command(description="A private question.")
    async def ballot(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Your ballot", view=Buttons(bot), ephemeral=True)

    await start(bot)
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    message = await (await ada.slash("#general", "ballot")).message()
    with pytest.raises(Refused) as refused:
        await ben.click(message, "Yes")
    assert (refused.value.status, refused.value.code) == (404, 10008)
    receipt = await (await ada.click(message, "Yes")).message()
    assert receipt.ephemeral
    closed = await (await ada.click(message, "close")).message()
    assert (closed.text, closed.ephemeral) == ("Closed", True)
    await ada.dismiss(closed)
    await ada.wait_gone(closed)
    with pytest.raises(Refused) as refused:
        await ada.click(message, "close")
    assert refused.value.code == 10008


class Selects(discord.ui.View):
    def __init__(self, play: PlayBot) -> None:
        super().__init__(timeout=None)
        self.play = play

    async def _heard(self, interaction: discord.Interaction, select: discord.ui.select.BaseSelect[Selects]) -> None:
        self.play.hear([(type(value).__name__, str(value)) for value in select.values])
        await interaction.response.defer()

    @discord.ui.select(
        placeholder="Models",
        custom_id="models",
        min_values=2,
        max_values=3,
        options=[discord.SelectOption(label=f"Model {n}", value=f"m{n}", default=n == 0) for n in range(4)],
    )
    async def models(self, interaction: discord.Interaction, select: discord.ui.Select[Selects]) -> None:
        await self._heard(interaction, select)

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="People", max_values=2)
    async def people(self, interaction: discord.Interaction, select: discord.ui.UserSelect[Selects]) -> None:
        await self._heard(interaction, select)

    @discord.ui.select(cls=discord.ui.RoleSelect, placeholder="Roles")
    async def roles(self, interaction: discord.Interaction, select: discord.ui.RoleSelect[Selects]) -> None:
        await self._heard(interaction, select)

    @discord.ui.select(cls=discord.ui.MentionableSelect, placeholder="Anybody", max_values=5)
    async def anybody(self, interaction: discord.Interaction, select: discord.ui.MentionableSelect[Selects]) -> None:
        await self._heard(interaction, select)

    @discord.ui.select(
        cls=discord.ui.ChannelSelect, placeholder="Places", channel_types=[discord.ChannelType.text], min_values=0
    )
    async def places(self, interaction: discord.Interaction, select: discord.ui.ChannelSelect[Selects]) -> None:
        await self._heard(interaction, select)


async def test_the_five_selects(play: PlayBot, stage: Stage, place: Place) -> None:
    ada = await stage.person("Ada")
    message = await seen(ada, await show(play, place, content="Choose", view=Selects(play)))

    async def chosen(select: str, values: object) -> Any:
        await (await ada.choose(message, select, values)).acknowledged()
        return await play.next()

    assert await chosen("models", ["Model 1", "m3"]) == [("str", "m1"), ("str", "m3")]
    assert await chosen("People", ["Ben", "Chika"]) == [("Member", "ben"), ("Member", "chika")]
    assert await chosen("Roles", "Moderator") == [("Role", "Moderator")]
    assert sorted(await chosen("Anybody", ["Moderator", "Ada"])) == [("Member", "ada"), ("Role", "Moderator")]
    assert await chosen("Places", "#polls") == [("AppCommandChannel", "polls")]
    assert await chosen("Places", []) == []
    assert play.errors == []


@pytest.mark.parametrize(
    ("select", "values", "reason"),
    [
        ("models", ["m0"], "choose 2 to 3, not 1"),
        ("models", ["m0", "m1", "m2", "m3"], "choose 2 to 3, not 4"),
        ("models", ["m0", "m0"], "twice"),
        ("models", ["m0", "m9"], "'m9' is not among"),
        ("models", "m0", "list"),
        ("People", [], "choose 1 to 2, not 0"),
        ("People", ["123456789012345678"], "not among"),
        ("People", ["Ben"], "must be an id"),
        ("Roles", ["123456789012345678"], "not among"),
        ("Places", ["FORUM"], "not among"),
    ],
)
async def test_what_cannot_be_chosen(
    play: PlayBot, stage: Stage, place: Place, select: str, values: Any, reason: str
) -> None:
    ada = await stage.person("Ada")
    message = await seen(ada, await show(play, place, content="Choose", view=Selects(play)))
    control = message.select(select)
    if values == ["FORUM"]:
        values = [str(place.channel("motions").id)]
    body = {"channel_id": message.channel_id, "message_id": message.id}
    with pytest.raises(Refused, match=reason) as refused:
        await ada.act("component", {**body, "custom_id": control.custom_id, "values": values})
    assert (refused.value.status, refused.value.code) == (400, 50035)


async def test_channels_out_of_sight_cannot_be_chosen(play: PlayBot, stage: Stage, place: Place) -> None:
    chika = await stage.person("Chika")
    message = await seen(chika, await show(play, place, content="Choose", view=Selects(play)))
    with pytest.raises(Refused, match="not among"):
        await chika.act(
            "component",
            {
                "channel_id": message.channel_id,
                "message_id": message.id,
                "custom_id": message.select("Places").custom_id,
                "values": [str(place.channel("mod-room").id)],
            },
        )


class Card(discord.ui.LayoutView):
    def __init__(self, play: PlayBot, votes: int = 0) -> None:
        super().__init__(timeout=None)
        button: discord.ui.Button[Card] = discord.ui.Button(label="Vote", custom_id="card:vote")
        manage: discord.ui.Button[Card] = discord.ui.Button(label="Manage", custom_id="card:manage")
        select: discord.ui.Select[Card] = discord.ui.Select(
            placeholder="More", custom_id="card:more", options=[discord.SelectOption(label="Export", value="export")]
        )
        box: discord.ui.Container[Card] = discord.ui.Container(
            discord.ui.TextDisplay("# Tea or coffee?"),
            discord.ui.Section(discord.ui.TextDisplay(f"{votes} voted"), accessory=button),
            discord.ui.Separator(),
            discord.ui.ActionRow(manage),
            discord.ui.ActionRow(select),
            accent_colour=0x336699,
        )
        self.add_item(box)

        async def vote(interaction: discord.Interaction) -> None:
            await interaction.response.edit_message(view=Card(play, votes + 1))

        async def more(interaction: discord.Interaction) -> None:
            play.hear(select.values)
            await interaction.response.send_message(view=Note("Here it is"), ephemeral=True)

        async def nothing(interaction: discord.Interaction) -> None:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await interaction.edit_original_response(view=Note("Managed"))

        button.callback, select.callback, manage.callback = vote, more, nothing


class Note(discord.ui.LayoutView):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.add_item(discord.ui.TextDisplay(text))


async def test_layout_views(play: PlayBot, stage: Stage, place: Place) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    message = await seen(ada, await show(play, place, "polls", view=Card(play)))
    assert message.v2
    assert message.text == "# Tea or coffee?\n0 voted"
    assert [one.label for one in message.controls] == ["Vote", "Manage", "More"]
    await (await ada.click(message, "Vote")).done()
    voted = await (await ben.click(message, "card:vote")).message()
    assert voted.text.endswith("2 voted")
    answer = await (await ben.choose(voted, "More", "Export")).message()
    assert (answer.text, answer.ephemeral, answer.v2) == ("Here it is", True, True)
    assert await play.next() == ["export"]
    managed = await (await ben.click(voted, "Manage")).message()
    assert (managed.text, managed.ephemeral, managed.v2, managed.thinking) == ("Managed", True, True, False)
    assert play.errors == []


class VoteButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"vote:v1:(?P<poll>\d+):(?P<choice>\d+)"):
    """A button that outlives a restart: all it knows is in its custom_id."""

    def __init__(self, poll: int, choice: int) -> None:
        super().__init__(discord.ui.Button(label=f"Choice {choice}", custom_id=f"vote:v1:{poll}:{choice}"))
        self.poll, self.choice = poll, choice

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> VoteButton:
        del interaction, item
        return cls(int(match["poll"]), int(match["choice"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"Poll {self.poll}: choice {self.choice}", ephemeral=True)


async def test_dynamic_items_outlive_a_restart(play: PlayBot, stage: Stage, place: Place, start: Start) -> None:
    view = discord.ui.View(timeout=None)
    for choice in range(3):
        view.add_item(VoteButton(7, choice))
    ada = await stage.person("Ada")
    message = await seen(ada, await show(play, place, content="Vote", view=view))
    await play.close()
    await stage.wait_online("Rostrum", online=False)
    again = PlayBot()
    again.add_dynamic_items(VoteButton)
    await start(again)
    answer = await (await ada.click(message, "Choice 2")).message()
    assert answer.text == "Poll 7: choice 2"


async def test_fifty_people_at_once(play: PlayBot, stage: Stage, place: Place, server: Server) -> None:
    names = [f"Guest {n}" for n in range(50)]
    for name in names:
        place.build.person(name, place.guild)
    people = [await stage.person(name) for name in names]
    message = await seen(people[0], await show(play, place, content="Vote", view=Buttons(play)))
    responses = await asyncio.gather(*(person.click(message, "Yes") for person in people))
    receipts = await asyncio.gather(*(response.message(timeout=60) for response in responses))
    assert [receipt.text for receipt in receipts] == [f"{name}: yes" for name in names]
    heard = {(await play.next())[0] for _ in names}
    assert heard == set(names)
    # each sees the own receipt and no other
    shown = await asyncio.gather(*(person.see("#general", 100) for person in people))
    for name, messages in zip(names, shown, strict=True):
        assert [one.text for one in messages if one.ephemeral] == [f"{name}: yes"]
    assert server.interactions.pending == 0
