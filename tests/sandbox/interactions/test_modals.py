"""Modals: every field that discord.py can put into one, filled in by people, and what cannot be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.driver import File, InteractionFailed, NotFound, Refused, Stage
from tests.support.play_bot import PlayBot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.driver import Modal
    from tests.support.stand_in import Place

    Start = Callable[..., Awaitable[PlayBot]]


class Words(discord.ui.Modal, title="Words"):
    hint = discord.ui.TextDisplay("Say it briefly.")
    question = discord.ui.Label(
        text="Question",
        description="What to decide",
        component=discord.ui.TextInput(custom_id="question", min_length=3, max_length=10),
    )
    details = discord.ui.Label(
        text="Details",
        component=discord.ui.TextInput(
            custom_id="details", style=discord.TextStyle.paragraph, required=False, default="as before"
        ),
    )
    old = discord.ui.TextInput(label="Old style", custom_id="old", required=False, min_length=2)
    sure = discord.ui.Label(text="Sure", component=discord.ui.Checkbox(custom_id="sure", default=True))

    def __init__(self, play: PlayBot) -> None:
        super().__init__(custom_id="words")
        self.play = play

    async def on_submit(self, interaction: discord.Interaction) -> None:
        values = [self.question.component, self.details.component, self.old, self.sure.component]
        self.play.hear([one.value for one in values])  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        await interaction.response.send_message("Taken", ephemeral=True)


def _options(*labels: str) -> list[discord.SelectOption]:
    return [discord.SelectOption(label=label, value=label.lower()) for label in labels]


class Choices(discord.ui.Modal, title="Choices"):
    model = discord.ui.Label(
        text="Models", component=discord.ui.Select(custom_id="model", options=_options("One", "Two"), max_values=2)
    )
    files = discord.ui.Label(
        text="Files", component=discord.ui.FileUpload(custom_id="files", required=False, max_values=2)
    )
    level = discord.ui.Label(
        text="Level",
        component=discord.ui.RadioGroup(
            custom_id="level",
            required=False,
            options=[discord.RadioGroupOption(label=one, value=one.lower()) for one in ("Low", "High")],
        ),
    )
    days = discord.ui.Label(
        text="Days",
        component=discord.ui.CheckboxGroup(
            custom_id="days",
            required=False,
            min_values=2,
            max_values=2,
            options=[discord.CheckboxGroupOption(label=one, value=one.lower()) for one in ("Mon", "Tue", "Wed")],
        ),
    )

    def __init__(self, play: PlayBot) -> None:
        super().__init__(custom_id="choices")
        self.play = play

    async def on_submit(self, interaction: discord.Interaction) -> None:
        upload: Any = self.files.component
        self.play.hear(
            {
                "model": self.model.component.values,  # pyright: ignore
                "files": [(one.filename, await one.read()) for one in upload.values],
                "level": self.level.component.value,  # pyright: ignore
                "days": self.days.component.values,  # pyright: ignore
            }
        )
        await interaction.response.send_message("Taken", ephemeral=True)


class Names(discord.ui.Modal, title="Names"):
    people = discord.ui.Label(text="People", component=discord.ui.UserSelect(custom_id="people", max_values=2))
    role = discord.ui.Label(text="Role", component=discord.ui.RoleSelect(custom_id="role", required=False))
    anybody = discord.ui.Label(
        text="Anybody", component=discord.ui.MentionableSelect(custom_id="anybody", max_values=2)
    )
    place = discord.ui.Label(
        text="Place",
        component=discord.ui.ChannelSelect(custom_id="place", channel_types=[discord.ChannelType.text]),
    )

    def __init__(self, play: PlayBot) -> None:
        super().__init__(custom_id="names")
        self.play = play

    async def on_submit(self, interaction: discord.Interaction) -> None:
        fields = (self.people, self.role, self.anybody, self.place)
        self.play.hear([sorted(str(value) for value in one.component.values) for one in fields])  # pyright: ignore
        await interaction.response.send_message("Taken", ephemeral=True)


@pytest.fixture
async def play(start: Start) -> PlayBot:
    bot = PlayBot()

    @bot.tree.command(description="Words.")
    async def words(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Words(bot))

    @bot.tree.command(description="Choices.")
    async def choices(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Choices(bot))

    @bot.tree.command(description="Names.")
    async def names(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Names(bot))

    return await start(bot)


async def opened(stage: Stage, command: str) -> Modal:
    ada = await stage.person("Ada")
    return await (await ada.slash("#general", command)).opened()


async def test_words(play: PlayBot, stage: Stage) -> None:
    modal = await opened(stage, "words")
    assert (modal.title, modal.custom_id) == ("Words", "words")
    assert list(modal.fields) == ["Question", "Details", "Old style", "Sure"]
    assert "Say it briefly." in modal.text
    assert modal.fields["Details"]["value"] == "as before"
    sent = await modal.submit({"Question": "Tea?", "old": "yes", "Sure": False})
    assert await play.next() == ["Tea?", "as before", "yes", False]
    assert (await sent.message()).text == "Taken"
    with pytest.raises(Refused) as refused:
        await modal.submit({"Question": "Again?"})
    assert refused.value.code == 10062
    modal = await opened(stage, "words")
    await modal.submit({"Question": "Tea?", "Details": ""})
    assert await play.next() == ["Tea?", "", "", True]


async def test_choices(play: PlayBot, stage: Stage) -> None:
    modal = await opened(stage, "choices")
    await modal.submit(
        {
            "Models": ["One", "two"],
            "Files": [File("a.txt", b"1"), File("b.txt", b"22")],
            "Level": "High",
            "Days": ["mon", "Wed"],
        }
    )
    assert await play.next() == {
        "model": ["one", "two"],
        "files": [("a.txt", b"1"), ("b.txt", b"22")],
        "level": "high",
        "days": ["mon", "wed"],
    }
    modal = await opened(stage, "choices")
    await (await modal.submit({"Models": "Two"})).done()
    assert await play.next() == {"model": ["two"], "files": [], "level": None, "days": []}


async def test_names(play: PlayBot, stage: Stage, place: Place) -> None:
    modal = await opened(stage, "names")
    sent = {"People": ["Ben", "Chika"], "Anybody": ["Ada", "Moderator"], "Place": "#polls"}
    await (await modal.submit(sent)).done()
    assert await play.next() == [["ben", "chika"], [], ["Moderator", "ada"], ["polls"]]
    modal = await opened(stage, "names")
    with pytest.raises(Refused, match="not among"):
        await modal.submit(sent | {"Place": str(place.channel("motions").id)})


@pytest.mark.usefixtures("play")
@pytest.mark.parametrize(
    ("command", "values", "reason"),
    [
        ("words", {}, "question: must be between 3 and 10"),
        ("words", {"question": "ab"}, "must be between 3 and 10"),
        ("words", {"question": "x" * 11}, "must be between 3 and 10"),
        ("words", {"question": "Tea?", "details": "x" * 4001}, "must be between 0 and 4000"),
        ("words", {"question": "Tea?", "old": "x"}, "must be between 2"),
        ("words", {"question": 5}, "must be text"),
        ("words", {"question": "Tea?", "sure": "yes"}, "true or false"),
        ("words", {"question": "Tea?", "other": "x"}, "no field 'other'"),
        ("choices", {}, "choose 1 to 2, not 0"),
        ("choices", {"model": ["three"]}, "not among"),
        ("choices", {"model": ["one"], "level": ["low", "high"]}, "choose one"),
        ("choices", {"model": ["one"], "level": "middle"}, "must be among high, low"),
        ("choices", {"model": ["one"], "days": ["mon"]}, "choose 2 to 2, not 1"),
        ("choices", {"model": ["one"], "days": ["mon", "tue", "wed"]}, "choose 2 to 2, not 3"),
        ("choices", {"model": ["one"], "files": [0]}, "no file 0"),
        ("choices", {"model": ["one"], "files": [0, 1, 2]}, "upload 1 to 2 files, not 3"),
    ],
)
async def test_what_cannot_be_sent(stage: Stage, command: str, values: dict[str, Any], reason: str) -> None:
    modal = await opened(stage, command)
    person = modal.response.person
    with pytest.raises(Refused, match=reason) as refused:
        await person.act("modal", {"interaction_id": modal.response.id, "values": values})
    assert (refused.value.status, refused.value.code) == (400, 50035)
    # it still lies open
    assert modal.response.state == "modal"


@pytest.mark.usefixtures("play")
async def test_a_modal_is_its_persons_only_and_can_be_put_away(stage: Stage) -> None:
    modal = await opened(stage, "words")
    ben = await stage.person("Ben")
    for act in ("modal", "dismiss_modal"):
        with pytest.raises(Refused) as refused:
            await ben.act(act, {"interaction_id": modal.response.id, "values": {"question": "Tea?"}})
        assert refused.value.code == 10062
    await modal.dismiss()
    await modal.response.person.wait(lambda: modal.response.state == "done")
    assert modal.response.modal is None
    with pytest.raises(Refused) as refused:
        await modal.submit({"Question": "Tea?"})
    assert refused.value.code == 10062
    with pytest.raises(NotFound, match="no field 'Colour'"):
        await (await opened(stage, "words")).submit({"Colour": "red"})


@pytest.mark.usefixtures("three_seconds")
async def test_a_modal_whose_bot_is_silent_stays_to_be_sent_again(stage: Stage, start: Start) -> None:
    bot = PlayBot()
    quiet = True

    class Once(discord.ui.Modal, title="Once"):
        text = discord.ui.Label(text="Text", component=discord.ui.TextInput(custom_id="text"))

        async def on_submit(self, interaction: discord.Interaction) -> None:
            if not quiet:
                await interaction.response.send_message("Now")

    @bot.tree.command(description="Once.")
    async def once(interaction: discord.Interaction) -> None:
        modal = Once(custom_id="once", timeout=None)
        bot._connection._view_store.add_view(modal)
        await interaction.response.send_modal(modal)

    await start(bot)
    modal = await opened(stage, "once")
    sent = await modal.submit({"Text": "hello"})
    with pytest.raises(Refused) as refused:
        await modal.submit({"Text": "hello"})
    assert refused.value.code == 40060
    with pytest.raises(InteractionFailed):
        await sent.done()
    quiet = False
    assert modal.response.state == "modal"
