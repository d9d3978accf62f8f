"""/server, its card and forms, the welcome to a new server, and the log of what changed."""

from datetime import timedelta

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.errors import InvalidInputError
from bot.guilds.types import GuildSettings, Purpose
from bot.refs import new_reference
from cogs.guilds import cards
from cogs.guilds.checkup import check_up
from cogs.guilds.controls import (
    CHANNELS,
    FEATURE,
    MODELS,
    OVERVIEW,
    SECTIONS,
    TIME,
    channels_form,
    retry_button,
    time_filled,
    time_form,
)
from cogs.guilds.journal import Journal
from cogs.guilds.managers import manager
from cogs.guilds.model_cog import ModelSetupCog
from cogs.ui.controls import Interaction, on_press, on_submit
from cogs.ui.forms import Filled, Typed, open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted
from cogs.ui.text import plain
from cogs.ui.watch import UNREACHABLE

NEWLY_JOINED = timedelta(minutes=10)
"""A server that the bot has been in for longer is not new, whatever the library takes it for."""

log = structlog.stdlib.get_logger(__name__)


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_guild=True)
class GuildsCog(commands.GroupCog, group_name="server", group_description="Set the bot up for this server"):
    """Server settings on Discord."""

    def __init__(self, client: discord.Client, app: App, models: ModelSetupCog) -> None:
        self._client = client
        self._app = app
        self._models = models
        self._guilds = app.guilds
        self._journal = Journal(client, app.guilds)
        self._typed: Typed[Filled] = Typed()

    @app_commands.command(
        name="setup", description="Time zone, language, channels, models, and a check of my permissions"
    )
    @app_commands.describe(section="What to set; without it, everything is shown")
    @app_commands.choices(section=[app_commands.Choice(name=name, value=key) for key, name in SECTIONS.items()])
    async def setup(self, interaction: Interaction, section: str = OVERVIEW) -> None:
        """Show the card, or open the form of one section."""
        guild_id = manager(interaction)
        if section == MODELS:
            await self._models.show(interaction, replaces=False)
        elif section != OVERVIEW and self._guilds.knows(guild_id):
            await self._open(interaction, section)
        else:
            await self._show(interaction)

    @on_press(FEATURE, "begin")
    async def begin(self, interaction: Interaction, _key: str) -> None:
        """Open the setup from the welcome."""
        manager(interaction)
        await self._show(interaction)

    @on_press(FEATURE, "check")
    async def check(self, interaction: Interaction, _key: str) -> None:
        """Look again."""
        manager(interaction)
        await self._show(interaction, replaces=True)

    @on_press(FEATURE, "time")
    async def time(self, interaction: Interaction, _key: str) -> None:
        """Open the form for zone and language."""
        await self._open_or_load(interaction, TIME)

    @on_press(FEATURE, "places")
    async def places(self, interaction: Interaction, _key: str) -> None:
        """Open the form for channels."""
        await self._open_or_load(interaction, CHANNELS)

    @on_press(FEATURE, "retry")
    async def retry(self, interaction: Interaction, key: str) -> None:
        """Open the form again with what was typed; after a restart, with what is set."""
        guild_id = manager(interaction)
        typed = self._typed.get(key)
        if typed is None and not self._guilds.knows(guild_id):
            await self._show(interaction, replaces=True)
            return
        await open_form(interaction, time_form(typed or time_filled(self._guilds.peek(guild_id))))

    @on_submit(FEATURE, "locale")
    async def locale(self, interaction: Interaction, _key: str, submitted: Submitted) -> None:
        """Set zone and language, or say what does not fit."""
        guild_id = manager(interaction)
        language = "".join(submitted.chosen("language"))
        async with Reply(interaction, replaces=interaction.message is not None) as reply:
            try:
                settings = await self._guilds.set_locale(guild_id, submitted.text("zone"), language)
            except InvalidInputError as error:
                key = new_reference()
                self._typed.keep(key, submitted.filled)
                await reply.send(cards.mistake_card(error, retry_button(key)))
                return
            await reply.send(await self._card(interaction, settings, "Saved."))
        await self._journal.tell(guild_id, cards.changed_line(interaction.user.id, cards.locale_words(settings)))

    @on_submit(FEATURE, "channels")
    async def channels(self, interaction: Interaction, _key: str, submitted: Submitted) -> None:
        """Set the channels; one where the bot cannot post is set too, and the card says what to mend."""
        guild_id = manager(interaction)
        chosen = {purpose: next(iter(submitted.ids(purpose.value)), None) for purpose in Purpose}
        async with Reply(interaction, replaces=interaction.message is not None) as reply:
            await self._refuse_strange(interaction, chosen)
            before = await self._guilds.channel(guild_id, Purpose.LOG)
            settings = await self._guilds.set_channels(guild_id, chosen)
            await reply.send(await self._card(interaction, settings, "Saved."))
        line = cards.changed_line(interaction.user.id, cards.channel_words(settings))
        await self._journal.tell(guild_id, line)
        if before is not None and before != settings.channel(Purpose.LOG):
            # the channel that hears no more should not wonder why
            await self._journal.tell(guild_id, line, channel_id=before)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a new server, once and where it wants such messages."""
        joined_at = guild.me.joined_at
        if joined_at is not None and discord.utils.utcnow() - joined_at > NEWLY_JOINED:
            return
        channel = guild.system_channel
        granted = channel.permissions_for(guild.me) if channel else discord.Permissions.none()
        if channel is None or not (granted.view_channel and granted.send_messages):
            log.info("a new server was not greeted: it has no system channel that I can post in", guild=guild.id)
            return
        try:
            await channel.send(view=cards.welcome_card(), silent=True)
        except (discord.HTTPException, *UNREACHABLE) as error:
            log.warning("a new server could not be greeted", guild=guild.id, error=str(error))

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Let go of a channel that is no more, so that polls are posted elsewhere, and say so in the log."""
        settings = await self._guilds.get(channel.guild.id)
        lost = [purpose for purpose, channel_id in settings.channels.items() if channel_id == channel.id]
        if lost:
            settings = await self._guilds.set_channels(channel.guild.id, dict.fromkeys(lost))
            now = cards.channel_words(settings)
            line = f"#{plain(channel.name)} was deleted. Server settings now: {now}."
            await self._journal.tell(channel.guild.id, line)

    async def _open_or_load(self, interaction: Interaction, section: str) -> None:
        if self._guilds.knows(manager(interaction)):
            await self._open(interaction, section)
        else:
            # loading them makes them known, so that the next press opens the form
            await self._show(interaction, replaces=True, note="The settings had to be loaded. Press once more.")

    async def _open(self, interaction: Interaction, section: str) -> None:
        settings = self._guilds.peek(interaction.guild_id or 0)
        form = time_form(time_filled(settings)) if section == TIME else channels_form(settings)
        await open_form(interaction, form)

    async def _show(self, interaction: Interaction, *, replaces: bool = False, note: str = "") -> None:
        async with Reply(interaction, replaces=replaces) as reply:
            settings = await self._guilds.get(interaction.guild_id or 0)
            await reply.send(await self._card(interaction, settings, note))

    async def _card(self, interaction: Interaction, settings: GuildSettings, note: str) -> discord.ui.LayoutView:
        findings = await check_up(interaction, settings.channels)
        guild = interaction.guild
        role = guild.self_role if guild else None
        name = role.name if role else str(interaction.client.user)
        return cards.setup_card(settings, findings, self._app.clock(), name, note)

    async def _refuse_strange(self, interaction: Interaction, chosen: dict[Purpose, int | None]) -> None:
        """Refuse channels that the form does not offer: anybody can send any id."""
        wanted = {purpose: channel_id for purpose, channel_id in chosen.items() if channel_id is not None}
        for finding in await check_up(interaction, wanted):
            if finding.gone:
                raise InvalidInputError("channels", "That channel is not in this server any more. Choose another.")


def guild_cogs(client: discord.Client, app: App) -> list[commands.Cog]:
    """Build the cogs of server settings."""
    models = ModelSetupCog(client, app)
    return [models, GuildsCog(client, app, models)]
