"""A bot for the tests of the page: it uses every component, field, option and command type."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord
from discord import app_commands, ui

WORDS = ("Any open", "Any closed", "Hybrid", "Olmo 3 7B", "SmolLM2 135M")


class Showcase(discord.Client):
    """Answers its commands and remembers, in `heard`, what was chosen, typed and pressed."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents.default(), guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.seated = asyncio.Event()
        self.heard: list[Any] = []
        self.go_on = asyncio.Event()

    async def setup_hook(self) -> None:
        """Put the commands in place."""
        add_commands(self)
        await self.tree.sync()

    async def on_ready(self) -> None:
        """Tell that it is here."""
        self.seated.set()

    async def send(self, channel_id: int, **message: Any) -> discord.Message:
        """Send a message, with its controls kept alive."""
        channel = self.get_partial_messageable(channel_id)
        return await channel.send(**message)

    def controls(self) -> ui.LayoutView:
        """One of each control in one card."""
        view = ui.LayoutView(timeout=None)
        card: ui.Container[Any] = ui.Container(accent_colour=discord.Colour(0x0E6259))
        card.add_item(ui.TextDisplay("## Controls"))
        buttons: ui.ActionRow[Any] = ui.ActionRow()
        styles = (("Primary", 1), ("Secondary", 2), ("Success", 3), ("Danger", 4))
        for label, style in styles:
            buttons.add_item(
                self._tells(ui.Button(label=label, style=discord.ButtonStyle(style), custom_id=label.lower()))
            )
        buttons.add_item(ui.Button(label="Off", disabled=True, custom_id="off"))
        card.add_item(buttons)
        more: ui.ActionRow[Any] = ui.ActionRow()
        more.add_item(ui.Button(label="Read more", url="https://example.org/more"))
        silent: ui.Button[Any] = ui.Button(label="Silent", custom_id="silent")
        silent.callback = self._silence
        more.add_item(silent)
        card.add_item(more)
        options = [
            discord.SelectOption(label=name, description=f"About {name.lower()}", emoji="🧪" if name == "One" else None)
            for name in ("One", "Two", "Three")
        ]
        for select in (
            ui.Select(custom_id="string", placeholder="Pick two", min_values=2, max_values=2, options=options),
            ui.UserSelect(custom_id="user", placeholder="Pick a person"),
            ui.RoleSelect(custom_id="role", placeholder="Pick a role"),
            ui.MentionableSelect(custom_id="mentionable", placeholder="Pick anybody"),
            ui.ChannelSelect(
                custom_id="channel", placeholder="Pick a channel", channel_types=[discord.ChannelType.text]
            ),
        ):
            row: ui.ActionRow[Any] = ui.ActionRow()
            row.add_item(self._tells(select))
            card.add_item(row)
        view.add_item(card)
        return view

    def _tells(self, item: Any) -> Any:
        async def callback(interaction: discord.Interaction) -> None:
            values = [str(getattr(value, "id", value)) for value in getattr(item, "values", [])]
            self.heard.append((item.custom_id, values))
            await interaction.response.send_message(
                f"{item.custom_id}: {', '.join(values) or 'pressed'}", ephemeral=True
            )

        item.callback = callback
        return item

    async def _silence(self, interaction: discord.Interaction) -> None:
        self.heard.append(("silent", interaction.id))

    def form(self) -> ui.Modal:
        """A modal with one of each field that fits."""
        modal = ui.Modal(title="Set up a debate")
        short: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.short, min_length=5, max_length=40, custom_id="motion"
        )
        pick: ui.Select[Any] = ui.Select(
            custom_id="format",
            placeholder="Pick a format",
            options=[discord.SelectOption(label="Classic"), discord.SelectOption(label="Lightning")],
        )
        people: ui.UserSelect[Any] = ui.UserSelect(custom_id="judges", max_values=2, required=False)
        upload: ui.FileUpload[Any] = ui.FileUpload(custom_id="evidence", required=False, max_values=2)
        modal.add_item(ui.TextDisplay("Everything can be **changed later**."))
        modal.add_item(ui.Label(text="Motion", description="One sentence", component=short))
        modal.add_item(ui.Label(text="Format", component=pick))
        modal.add_item(ui.Label(text="Judges", component=people))
        modal.add_item(ui.Label(text="Evidence", component=upload))

        async def on_submit(interaction: discord.Interaction) -> None:
            files = [(file.filename, (await file.read()).decode()) for file in upload.values]
            self.heard.append(
                {
                    "motion": short.value,
                    "format": pick.values,
                    "judges": [user.id for user in people.values],
                    "evidence": files,
                }
            )
            await interaction.response.send_message("Thank you, noted.", ephemeral=True)

        modal.on_submit = on_submit
        return modal

    def choices(self) -> ui.Modal:
        """A modal with the fields that are choices, and a long text."""
        modal = ui.Modal(title="Preferences")
        radio: ui.RadioGroup[Any] = ui.RadioGroup(
            custom_id="seen",
            options=[
                discord.RadioGroupOption(label="Public", value="public"),
                discord.RadioGroupOption(label="Secret", value="secret", description="Only the count"),
            ],
        )
        boxes: ui.CheckboxGroup[Any] = ui.CheckboxGroup(
            custom_id="days",
            max_values=2,
            options=[discord.CheckboxGroupOption(label=day, value=day) for day in ("Mon", "Tue", "Wed")],
        )
        agree: ui.Checkbox[Any] = ui.Checkbox(custom_id="agree", default=False)
        note: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph, required=False, custom_id="note", default="As before"
        )
        roles: ui.RoleSelect[Any] = ui.RoleSelect(custom_id="roles", required=False)
        for text, component in (
            ("Visibility", radio),
            ("Days", boxes),
            ("I agree", agree),
            ("Note", note),
            ("Roles", roles),
        ):
            modal.add_item(ui.Label(text=text, component=component))

        async def on_submit(interaction: discord.Interaction) -> None:
            self.heard.append({"seen": radio.value, "days": boxes.values, "agree": agree.value, "note": note.value})
            await interaction.response.send_message("Kept.", ephemeral=True)

        modal.on_submit = on_submit
        return modal


def add_commands(client: Showcase) -> None:
    """Add slash commands of every option type, and menu commands."""
    tree = client.tree

    @tree.command(name="form", description="Opens a form")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(client.form())

    @tree.command(name="preferences", description="Opens another form")
    async def preferences(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(client.choices())

    @tree.command(name="think", description="Thinks first, then writes word by word")
    async def think(interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True)
        await client.go_on.wait()
        for text in ("Open", "Open weights", "Open weights help."):
            await interaction.edit_original_response(content=text)

    @tree.command(name="mute", description="Never answers")
    async def mute(interaction: discord.Interaction) -> None:
        client.heard.append(("mute", interaction.id))

    tree.add_command(_ask(client))
    tree.add_command(_menus(client, "Ask about this", discord.Message))
    tree.add_command(_menus(client, "Challenge to debate", discord.Member))


def _ask(client: Showcase) -> app_commands.Group:
    group = app_commands.Group(name="ask", description="Questions")

    @group.command(name="model", description="Ask a model of your choice")
    @app_commands.describe(
        question="What you want to know", model="Which model answers", task="What to do", times="How often"
    )
    @app_commands.choices(task=[app_commands.Choice(name=name, value=name.lower()) for name in ("Answer", "Summarise")])
    async def ask(
        interaction: discord.Interaction,
        question: app_commands.Range[str, 3, 100],
        model: str,
        task: app_commands.Choice[str] | None = None,
        times: app_commands.Range[int, 1, 5] = 1,
        private: bool = True,
        who: discord.Member | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        content = (await file.read()).decode() if file else ""
        client.heard.append(
            (question, model, task.value if task else None, times, private, who.id if who else None, content)
        )
        await interaction.response.send_message(f"Asked {model}.", ephemeral=private)

    @ask.autocomplete("model")
    async def complete(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        client.heard.append(("typed", typed))
        return [app_commands.Choice(name=word, value=word) for word in WORDS if typed.lower() in word.lower()]

    return group


def _menus(client: Showcase, name: str, target: Any) -> app_commands.ContextMenu:
    async def on_message(interaction: discord.Interaction, message: discord.Message) -> None:
        client.heard.append((name, message.id))
        await interaction.response.send_message("About that message.", ephemeral=True)

    async def on_member(interaction: discord.Interaction, member: discord.Member) -> None:
        client.heard.append((name, member.id))
        await interaction.response.send_message(f"{member.mention} was challenged.")

    return app_commands.ContextMenu(name=name, callback=on_message if target is discord.Message else on_member)


def picture(width: int = 320, height: int = 200) -> io.BytesIO:
    """A small PNG."""
    from PIL import Image  # noqa: PLC0415 - only the tests with pictures need it

    data = io.BytesIO()
    Image.new("RGB", (width, height), (14, 98, 89)).save(data, "PNG")
    data.seek(0)
    return data
