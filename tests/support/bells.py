"""A feature for tests of what all features share: handlers of every kind, held up as long as the test wants."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.errors import UserError
from cogs.about.cog import AboutCog
from cogs.answers.cog import AnswersCog
from cogs.client import Client
from cogs.ui.cards import card, rows
from cogs.ui.controls import Control, Interaction, Menu, control_id, on_choose, on_press, on_submit
from cogs.ui.forms import Choice, Choices, Roles, Text, Tick, form, open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted
from sandbox.driver import Person, SeenMessage, Stage

PLACE = "#polls"
TUNES = (Choice("a", "Ave"), Choice("b", "Bim bam"))


class BellsCog(commands.Cog):
    """`gate` holds all handlers up while it is not set; `fail` is raised by those that do nothing else."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.fail: BaseException = UserError("The bell is cracked.")
        self.files: list[discord.File] = []
        self.text = "Ding."
        self.words = "@everyone ding"

    @app_commands.command(name="bell", description="Ring")
    @app_commands.guild_only()
    async def bell(self, interaction: Interaction, how: str, tune: str = "") -> None:
        """Do as a control of that name does."""
        await getattr(self, how)(interaction, tune)

    @bell.autocomplete("tune")
    async def tunes(self, _interaction: Interaction, _typed: str) -> list[app_commands.Choice[str]]:
        """Offer tunes, late."""
        await self.gate.wait()
        return [app_commands.Choice(name="Ave", value="a")]

    async def show(self, interaction: Interaction, _key: str) -> None:
        """Show the card with all controls."""
        async with Reply(interaction, private=False) as reply:
            names = ("reply", "public", "replace", "kept", "refuse", "raw", "nothing", "ask", "rude")
            buttons: list[ui.Item[Any]] = [Control.button(control_id("bells", name, "7"), name) for name in names]
            buttons.append(Control.button("bells:v0:reply:7", "old"))
            stranger: ui.Button[Any] = ui.Button(custom_id="stranger", label="stranger")
            menu = ui.ActionRow(Menu.of(control_id("bells", "choose", "7"), TUNES, most=2))
            await reply.send(card("Bells", *rows([*buttons, stranger]), menu))

    @on_press("bells", "reply")
    async def reply(self, interaction: Interaction, _key: str) -> None:
        """Answer privately."""
        async with Reply(interaction) as reply:
            await self.gate.wait()
            await reply.send(card(self.text), self.files)

    @on_press("bells", "kept")
    async def kept(self, interaction: Interaction, _key: str) -> None:
        """Answer privately, and keep it when it is late."""
        async with Reply(interaction, keep="Bell report") as reply:
            await self.gate.wait()
            await reply.send(card(self.text, *(ui.File(file) for file in self.files)), self.files)

    @on_press("bells", "broken")
    async def broken(self, interaction: Interaction, _key: str) -> None:
        """Fail late."""
        async with Reply(interaction, keep="Bell report"):
            await self.gate.wait()
            raise self.fail

    @on_press("bells", "public")
    async def public(self, interaction: Interaction, _key: str) -> None:
        """Answer for all to see."""
        async with Reply(interaction, private=False) as reply:
            await self.gate.wait()
            await reply.send(card(self.text))

    @on_press("bells", "replace")
    async def replace(self, interaction: Interaction, _key: str) -> None:
        """Take the card's place."""
        async with Reply(interaction, replaces=True) as reply:
            await self.gate.wait()
            await reply.send(card("Silence"))

    @on_press("bells", "refuse")
    async def refuse(self, _interaction: Interaction, _key: str) -> None:
        """Fail."""
        await self.gate.wait()
        raise self.fail

    @on_press("bells", "raw")
    async def raw(self, interaction: Interaction, _key: str) -> None:
        """Answer as no handler should."""
        await self.gate.wait()
        await interaction.response.send_message(view=card(self.text), ephemeral=True)

    @on_press("bells", "nothing")
    async def nothing(self, _interaction: Interaction, _key: str) -> None:
        """Answer nothing at all."""
        await self.gate.wait()

    @on_press("bells", "ask")
    async def ask(self, interaction: Interaction, key: str) -> None:
        """Open a form."""
        await self.gate.wait()
        questions = (
            Text("name", "Name", "Of the bell", 500, required=False),
            Choices("tunes", "Tunes", "What it plays", TUNES, fewest=0, most=2),
            Roles("ringers", "Ringers", "Who may ring it"),
            Tick("loud", "Loud", "Wakes everybody"),
        )
        await open_form(interaction, form("Bell", control_id("bells", "cast", key), questions, {"tunes": ("b",)}))

    @on_submit("bells", "cast")
    async def cast(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Say what was sent."""
        async with Reply(interaction, replaces=interaction.message is not None) as reply:
            await self.gate.wait()
            if submitted.text("name") == "nobody's":
                raise self.fail
            tunes, ringers = ",".join(submitted.chosen("tunes")), len(submitted.ids("ringers"))
            text = f"{key} {submitted.text('name')} tunes={tunes} ringers={ringers} loud={submitted.ticked('loud')}"
            await reply.send(card("Cast", text))

    @on_choose("bells", "choose")
    async def choose(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Say what was chosen."""
        async with Reply(interaction) as reply:
            await self.gate.wait()
            await reply.send(card("Chosen", f"{key} {'+'.join(values)}"))

    @on_press("bells", "rude")
    async def rude(self, interaction: Interaction, _key: str) -> None:
        """Say something that pings, in every way there is."""
        words = self.words
        async with Reply(interaction, private=False) as reply:
            await reply.send(card(words))
        await interaction.followup.send(view=card(words))
        await interaction.followup.send(words, ephemeral=True)
        message = await interaction.client.get_partial_messageable(interaction.channel_id or 0).send(words)
        await message.edit(content=words + "!")
        await interaction.edit_original_response(view=card(words + "!"))
        await message.reply(words + "?")


class Bells:
    """The running bot with the feature, seen from inside and from outside."""

    def __init__(self, client: Client, cog: BellsCog, ada: Person, stage: Stage) -> None:
        self.client = client
        self.cog = cog
        self.ada = ada
        self.stage = stage

    async def card(self) -> SeenMessage:
        """Have the card with all controls shown."""
        return await (await self.ada.slash(PLACE, "bell", how="show")).message()


async def ring(
    stage: Stage,
    replace_client: Callable[[type[Client]], None],
    starter: Callable[[], Awaitable[Any]],
) -> Bells:
    """Start the bot with the feature."""
    made: list[tuple[Client, BellsCog]] = []

    class BellsClient(Client):
        def features(self) -> list[commands.Cog]:
            cog = BellsCog()
            made.append((self, cog))
            return [cog, AnswersCog(self.app), AboutCog(self.app)]

    replace_client(BellsClient)
    await starter()
    await stage.wait_online("Rostrum")
    ada = await stage.person("Ada")
    await ada.wait_command(PLACE, "bell")
    client, cog = made[-1]
    return Bells(client, cog, ada, stage)
