"""The part of the tour through interactions: commands and their routes, every callback, component and modal field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands, ui

from sandbox.audit import Actor
from sandbox.commands import find, set_permissions
from sandbox.driver import File

if TYPE_CHECKING:
    from tests.sandbox.conformance.tour import Tour, TourBot

_CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
_HOOK = "/webhooks/{webhook_id}/{webhook_token}"


def _options(*labels: str) -> list[discord.SelectOption]:
    return [discord.SelectOption(label=label, value=label.lower()) for label in labels]


class Form(ui.Modal, title="One"):
    """Five fields of a modal."""

    hint = ui.TextDisplay("Say it briefly.")
    why = ui.Label(text="Why", component=ui.TextInput(custom_id="why"))
    model = ui.Label(text="Model", component=ui.Select(custom_id="model", options=_options("One", "Two")))
    files = ui.Label(text="Files", component=ui.FileUpload(custom_id="files"))
    sure = ui.Label(text="Sure", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message("taken", ephemeral=True)


class Names(ui.Modal, title="Two"):
    """The selects of people and places in a modal."""

    people = ui.Label(text="People", component=ui.UserSelect(custom_id="people"))
    role = ui.Label(text="Role", component=ui.RoleSelect(custom_id="role"))
    anybody = ui.Label(text="Anybody", component=ui.MentionableSelect(custom_id="anybody"))
    place = ui.Label(text="Place", component=ui.ChannelSelect(custom_id="place"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()  # of a button's modal: the message stays as it is


class Groups(ui.Modal, title="Three"):
    """What is chosen by ticking."""

    level = ui.Label(
        text="Level",
        component=ui.RadioGroup(
            custom_id="level",
            options=[discord.RadioGroupOption(label=one, value=one.lower()) for one in ("Low", "High")],
        ),
    )
    days = ui.Label(
        text="Days",
        component=ui.CheckboxGroup(
            custom_id="days",
            options=[discord.CheckboxGroupOption(label=one, value=one.lower()) for one in ("Mon", "Tue")],
        ),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="ticked")


class Panel(ui.View):
    """Buttons that open modals or change their message, and every select."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for kind in (ui.UserSelect, ui.RoleSelect, ui.MentionableSelect):
            select = kind(custom_id=kind.__name__, placeholder=kind.__name__)
            select.callback = self._deferred  # type: ignore[method-assign]
            self.add_item(select)

    async def _deferred(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()

    @ui.button(label="Names", custom_id="names")
    async def names(self, interaction: discord.Interaction, _: ui.Button[Panel]) -> None:
        await interaction.response.send_modal(Names())

    @ui.button(label="Groups", custom_id="groups")
    async def groups(self, interaction: discord.Interaction, _: ui.Button[Panel]) -> None:
        await interaction.response.send_modal(Groups())

    @ui.button(label="Change", custom_id="change")
    async def change(self, interaction: discord.Interaction, _: ui.Button[Panel]) -> None:
        await interaction.response.edit_message(content="changed")


class Places(ui.View):
    """The two selects that found no row in the panel."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(cls=ui.ChannelSelect, placeholder="Places", channel_types=[discord.ChannelType.text])
    async def places(self, interaction: discord.Interaction, _: ui.ChannelSelect[Places]) -> None:
        await interaction.response.send_message("there", ephemeral=True)

    @ui.select(placeholder="Models", options=_options("One", "Two"))
    async def models(self, interaction: discord.Interaction, _: ui.Select[Places]) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send("chosen")


def add_commands(client: TourBot) -> None:
    """Give the client commands of every type with options of every type, before it logs in."""
    tree = client.tree

    @tree.command(description="Every kind of option.")
    async def every(
        interaction: discord.Interaction,
        text: str,
        whole: int,
        number: float,
        flag: bool,
        member: discord.Member,
        role: discord.Role,
        place: discord.TextChannel,
        anyone: discord.Member | discord.Role,
        file: discord.Attachment,
    ) -> None:
        del text, whole, number, flag, member, role, place, anyone, file
        await interaction.response.defer()
        client.hear(interaction)

    @every.autocomplete("text")
    async def complete(_: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=current, value=current)]

    poll = app_commands.Group(name="poll", description="Polls.")
    template = app_commands.Group(name="template", description="Templates.", parent=poll)

    @template.command(name="use", description="Use a template.")
    async def use(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("panel", view=Panel())

    tree.add_command(poll)

    @tree.command(description="Fill a form.")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    @tree.command(description="Choose a place.")
    async def place(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("places", view=Places())

    @tree.command(description="What nobody here can answer with.")
    async def launch(interaction: discord.Interaction) -> None:
        client.hear(interaction)

    @tree.context_menu(name="Ask")
    async def ask(interaction: discord.Interaction, _: discord.Message) -> None:
        await interaction.response.send_message("asked")

    @tree.context_menu(name="Challenge")
    async def challenge(interaction: discord.Interaction, _: discord.Member) -> None:
        await interaction.response.send_message("challenged")


async def command_routes(tour: Tour) -> None:
    client, call, guild, http = tour.client, tour.call, tour.guild, tour.client.http
    app_id = tour.place.app.id
    for base, where in (("", None), ("/guilds/{guild_id}", guild)):
        path = f"/applications/{{application_id}}{base}/commands"
        tree = client.tree
        if where is not None:
            tree.copy_global_to(guild=where)
        synced = await call(f"PUT {path}", tree.sync(guild=where))
        await call(f"GET {path}", tree.fetch_commands(guild=where))
        await call(f"GET {path}/{{command_id}}", tree.fetch_command(synced[0].id, guild=where))
        body: Any = {"name": "extra", "description": "d"}
        upsert = (
            http.upsert_global_command(app_id, body)
            if where is None
            else http.upsert_guild_command(app_id, where.id, body)
        )
        extra = await tree.fetch_command(int((await call(f"POST {path}", upsert))["id"]), guild=where)
        await call(f"PATCH {path}/{{command_id}}", extra.edit(description="e"))
        await call(f"DELETE {path}/{{command_id}}", extra.delete())
    one = (await client.tree.fetch_commands(guild=guild))[0]
    settings = "/applications/{application_id}/guilds/{guild_id}/commands"
    await call(f"GET {settings}/permissions", http.get_guild_application_command_permissions(app_id, guild.id))
    await tour.refused(f"GET {settings}/{{command_id}}/permissions", 10066, one.fetch_permissions(guild))
    asking = http.edit_application_command_permissions(app_id, guild.id, one.id, {"permissions": []})
    await tour.refused(f"PUT {settings}/{{command_id}}/permissions", 20001, asking)
    owner = Actor(tour.place.user("Ada").id)
    command = find(tour.server.world, app_id, guild.id, one.id)
    set_permissions(tour.server.world, command, guild.id, owner, {"permissions": []})
    await tour.until("APPLICATION_COMMAND_PERMISSIONS_UPDATE")
    client.tree.clear_commands(guild=guild)
    await client.tree.sync(guild=guild)


async def commands(tour: Tour) -> None:
    client, call, ada = tour.client, tour.call, await tour.ada()
    choices = await call(_CALLBACK, ada.autocomplete("#general", "every", "text", "op"))
    assert choices == [{"name": "op", "value": "op"}]
    options: dict[str, Any] = {
        "text": "open",
        "whole": 1,
        "number": 1.5,
        "flag": True,
        "member": "Chika",
        "role": "Debater",
        "place": "#general",
        "anyone": "Ben",
        "file": File("a.txt", b"a"),
    }
    response = await ada.slash("#general", "every", options)
    interaction: discord.Interaction = await client.next()
    await call(f"GET {_HOOK}/messages/{{message_id}}", interaction.original_response())
    await call(f"PATCH {_HOOK}/messages/{{message_id}}", interaction.edit_original_response(content="filled"))
    assert (await response.message()).text == "filled"
    further = await call(f"POST {_HOOK}", interaction.followup.send("more", wait=True))
    await call(f"DELETE {_HOOK}/messages/{{message_id}}", further.delete())
    message = await ada.post("#general", "what of this?")
    assert (await (await ada.context("Ask", message)).message()).text == "asked"
    assert (await (await ada.context("Challenge", "Chika", "#general")).message()).text == "challenged"


async def controls(tour: Tour) -> None:
    ada = await tour.ada()
    panel = await (await ada.slash("#general", "poll template use")).message()
    changed = await (await ada.click(panel, "Change")).message()
    assert (changed.id, changed.text.splitlines()[0]) == (panel.id, "changed")
    for name, value in (("UserSelect", "Chika"), ("RoleSelect", "Debater"), ("MentionableSelect", "Ben")):
        await (await ada.choose(panel, name, [value])).acknowledged()
    modal = await (await ada.click(panel, "Names")).opened()
    chosen = {"people": ["Chika"], "role": ["Debater"], "anybody": ["Ben"], "place": ["#general"]}
    await (await modal.submit(chosen)).acknowledged()
    modal = await (await ada.click(panel, "Groups")).opened()
    ticked = await (await modal.submit({"level": "low", "days": ["mon"]})).message()
    assert ticked.id == panel.id
    places = await (await ada.slash("#general", "place")).message()
    assert (await (await ada.choose(places, "Places", ["#general"])).message()).text == "there"
    assert (await (await ada.choose(places, "Models", ["One"])).message()).text == "chosen"
    modal = await (await ada.slash("#general", "form")).opened()
    filled = {"why": "because", "model": ["One"], "files": [File("a.txt", b"a")], "sure": True}
    assert (await (await modal.submit(filled)).message()).text == "taken"


async def refused_callbacks(tour: Tour) -> None:
    """Activities are answered as Discord does for an application that has none."""
    ada = await tour.ada()
    response = await ada.slash("#general", "launch")
    interaction: discord.Interaction = await tour.client.next()
    await tour.refused(_CALLBACK, 50035, interaction.response.launch_activity())
    await interaction.response.send_message("instead")
    await response.done()
