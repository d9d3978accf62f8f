"""What models may do in a server: the card behind /server setup, and its forms."""

from dataclasses import dataclass

import discord
from discord.ext import commands

from bot.app import App
from bot.backends.allowances import AllowanceKind
from bot.backends.allowances.rules import MICROS
from bot.catalog.rules import is_loopback
from bot.errors import ClosedError, InvalidInputError
from bot.guilds.types import GuildSettings, ModelSettings
from bot.refs import new_reference
from cogs.guilds import model_cards as cards
from cogs.guilds import model_forms as forms
from cogs.guilds.cards import mistake_card
from cogs.guilds.controls import FEATURE, retry_models_button
from cogs.guilds.journal import Journal
from cogs.guilds.managers import manager
from cogs.guilds.model_cards import ModelSetup
from cogs.ui.controls import Interaction, on_press, on_submit
from cogs.ui.forms import Filled, Typed, open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted


@dataclass(frozen=True, slots=True)
class Mistake:
    """What was typed into a form and did not fit; `where` is the channel of a persona's form."""

    form: str
    filled: Filled
    where: int = 0


_PRESS_AGAIN = "The settings had to be loaded. Press once more."


class ModelSetupCog(commands.Cog):
    """The part of the server settings that is about models."""

    def __init__(self, client: discord.Client, app: App) -> None:
        self._app = app
        self._journal = Journal(client, app.guilds)
        # forms open from memory; after a restart the card is shown anew first
        self._shown: Typed[ModelSetup] = Typed()
        self._typed: Typed[Mistake] = Typed()

    @on_press(FEATURE, "models")
    async def models(self, interaction: Interaction, _key: str) -> None:
        """Show the card."""
        await self.show(interaction, replaces=True)

    @on_press(FEATURE, "openrules")
    async def open_rules(self, interaction: Interaction, key: str) -> None:
        """Open the form for what models may do."""
        if setup := await self._setup_for(interaction, key):
            offers = self._app.asking.offers(setup.settings.guild_id, "")
            models = self._app.guilds.peek(setup.settings.guild_id).models
            await open_form(interaction, forms.rules_form(models, offers, has_provider=setup.has_provider))

    @on_press(FEATURE, "openlimits")
    async def open_limits(self, interaction: Interaction, key: str) -> None:
        """Open the form for limits."""
        if setup := await self._setup_for(interaction, key):
            await open_form(interaction, forms.limits_form(_limits_filled(setup)))

    @on_press(FEATURE, "openpersona")
    async def open_persona(self, interaction: Interaction, key: str) -> None:
        """Open the form for how models speak, in the whole server or in this channel."""
        reference, _, channel = key.partition("-")
        if setup := await self._setup_for(interaction, reference):
            channel_id = int(channel) if channel.isascii() and channel.isdecimal() else 0
            offers = self._app.asking.offers(setup.settings.guild_id, "")
            chosen = setup.channel_models.get(channel_id)
            filled = forms.persona_filled(setup.persona(channel_id), chosen)
            await open_form(interaction, forms.persona_form(channel_id, offers, filled))

    @on_submit(FEATURE, "rules")
    async def rules(self, interaction: Interaction, _key: str, submitted: Submitted) -> None:
        """Set what models may do."""
        guild_id = manager(interaction)
        async with Reply(interaction, replaces=interaction.message is not None) as reply:
            settings = await self._app.guilds.get(guild_id)
            try:
                settings = await self._app.guilds.set_models(guild_id, self._read_rules(settings, submitted))
            except InvalidInputError as error:
                await reply.send(self._mistake(error, Mistake("rules", submitted.filled)))
                return
            setup = await self._load(interaction, settings)
            await reply.send(self._card(setup, "Saved."))
        await self._tell(interaction, cards.models_line(settings.models, setup.names))

    @on_submit(FEATURE, "limits")
    async def limits(self, interaction: Interaction, _key: str, submitted: Submitted) -> None:
        """Set how much may be used."""
        guild_id = manager(interaction)
        async with Reply(interaction, replaces=interaction.message is not None) as reply:
            try:
                await self._set_limits(guild_id, submitted)
            except InvalidInputError as error:
                await reply.send(self._mistake(error, Mistake("limits", submitted.filled)))
                return
            setup = await self._load(interaction, await self._app.guilds.get(guild_id))
            await reply.send(self._card(setup, "Saved."))
        await self._tell(interaction, cards.limits_line(setup.allowances))

    @on_submit(FEATURE, "persona")
    async def persona(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Set how models speak."""
        guild_id = manager(interaction)
        channel_id = int(key) if key.isascii() and key.isdecimal() else 0
        if channel_id and (interaction.guild is None or interaction.guild.get_channel_or_thread(channel_id) is None):
            raise InvalidInputError("channel", "That channel is not in this server any more.")
        async with Reply(interaction, replaces=interaction.message is not None) as reply:
            try:
                await self._app.asking.set_persona(guild_id, channel_id, submitted.text("name"), submitted.text("text"))
            except InvalidInputError as error:
                await reply.send(self._mistake(error, Mistake("persona", submitted.filled, channel_id)))
                return
            if channel_id:
                wanted = self._chosen_model(guild_id, submitted, None)
                await self._app.asking.choose_for_channel(guild_id, channel_id, wanted)
            setup = await self._load(interaction, await self._app.guilds.get(guild_id))
            await reply.send(self._card(setup, "Saved."))
        model = setup.channel_models.get(channel_id)
        await self._tell(interaction, cards.persona_line(setup.persona(channel_id), channel_id, model, setup.names))

    @on_press(FEATURE, "fixmodels")
    async def fix(self, interaction: Interaction, key: str) -> None:
        """Open a form again with what was typed; after a restart, show the card."""
        guild_id = manager(interaction)
        mistake = self._typed.get(key)
        if mistake is None or not self._app.guilds.knows(guild_id):
            await self.show(interaction, replaces=True, note=_PRESS_AGAIN)
            return
        offers = self._app.asking.offers(guild_id, "")
        if mistake.form == "limits":
            modal = forms.limits_form(mistake.filled)
        elif mistake.form == "rules":
            models = self._app.guilds.peek(guild_id).models
            modal = forms.rules_form(models, offers, has_provider=self._has_provider, filled=mistake.filled)
        else:
            modal = forms.persona_form(mistake.where, offers, mistake.filled)
        await open_form(interaction, modal)

    async def show(self, interaction: Interaction, *, replaces: bool, note: str = "") -> None:
        """Show the card."""
        guild_id = manager(interaction)
        async with Reply(interaction, replaces=replaces) as reply:
            setup = await self._load(interaction, await self._app.guilds.get(guild_id))
            await reply.send(self._card(setup, note))

    async def _set_limits(self, guild_id: int, submitted: Submitted) -> None:
        # everything is read before anything is set
        typed = {field: submitted.text(field).strip() for field in ("member", "server", "dollars", "role_tokens")}
        tokens = {
            field: forms.read_tokens(typed[field], field)
            for field in ("member", "server", "role_tokens")
            if typed[field]
        }
        micros = forms.read_micros(typed["dollars"], "dollars") if typed["dollars"] else None
        role_id = next(iter(submitted.ids("role")), None)
        if "role_tokens" in tokens and role_id is None:
            raise InvalidInputError("role", "Choose the role that this bound is for, or leave the bound empty.")
        allowances = self._app.allowances
        # the server's first: its bound in dollars is checked against the operator's
        if tokens.get("server") is None and micros is None:
            await allowances.unset(guild_id, AllowanceKind.SERVER)
        else:
            await allowances.set(guild_id, AllowanceKind.SERVER, 0, tokens.get("server"), micros)
        for kind, field, of in ((AllowanceKind.MEMBER, "member", 0), (AllowanceKind.ROLE, "role_tokens", role_id)):
            if of is None:
                continue
            if field in tokens:
                await allowances.set(guild_id, kind, of, tokens[field], None)
            else:
                await allowances.unset(guild_id, kind, of)

    def _mistake(self, error: InvalidInputError, mistake: Mistake) -> discord.ui.LayoutView:
        key = new_reference()
        self._typed.keep(key, mistake)
        return mistake_card(error, retry_models_button(key))

    @property
    def _has_provider(self) -> bool:
        return bool(self._app.settings.moderation_url)

    def _card(self, setup: ModelSetup, note: str = "") -> discord.ui.LayoutView:
        key = new_reference()
        self._shown.keep(key, setup)
        return cards.models_card(setup, key, note)

    async def _setup_for(self, interaction: Interaction, key: str) -> ModelSetup | None:
        guild_id = manager(interaction)
        setup = self._shown.get(key)
        if setup is None or not self._app.guilds.knows(guild_id):
            await self.show(interaction, replaces=True, note=_PRESS_AGAIN)
            return None
        if setup.settings.guild_id != guild_id:
            raise ClosedError("This card is another server's. Use `/server setup` here.")
        return setup

    async def _load(self, interaction: Interaction, settings: GuildSettings) -> ModelSetup:
        app, guild_id = self._app, settings.guild_id
        dollars = app.settings.server_dollars_a_month
        return ModelSetup(
            settings,
            await app.allowances.list(guild_id),
            await app.asking.personas(guild_id),
            await app.asking.channel_choices(guild_id),
            {key: card.name for key, card in app.registry.catalog.cards.items()},
            interaction.channel_id or 0,
            app.settings.member_tokens_a_day,
            f"{dollars:,.2f}" if dollars else "",
            self._has_provider,
            is_loopback(app.settings.moderation_url),
        )

    def _read_rules(self, settings: GuildSettings, submitted: Submitted) -> ModelSettings:
        allowed = submitted.chosen("allowed")
        score = "".join(submitted.chosen("moderation"))
        asked = "moderation" in submitted.choices
        return ModelSettings(
            open_only="open_only" in allowed,
            stays_here="stays_here" in allowed,
            asks_private="asks_private" in allowed,
            model=self._chosen_model(settings.guild_id, submitted, settings.models.model),
            blocked_words=tuple(submitted.text("words").splitlines()),
            moderation=(int(score) if score.isascii() and score.isdecimal() else None)
            if asked
            else settings.models.moderation,
        )

    def _chosen_model(self, guild_id: int, submitted: Submitted, now: str | None) -> str | None:
        """Return the choice as far as it was offered: anybody can send anything."""
        offered = {offer.value for offer in self._app.asking.offers(guild_id, "")} | ({now} if now else set[str]())
        return next(iter(submitted.chosen("model", offered)), None)

    async def _tell(self, interaction: Interaction, changes: str) -> None:
        line = f"Models in this server, changed by <@{interaction.user.id}>: {changes}."
        await self._journal.tell(interaction.guild_id or 0, line)


def _limits_filled(setup: ModelSetup) -> Filled:
    member, server = setup.allowance(AllowanceKind.MEMBER), setup.allowance(AllowanceKind.SERVER)
    dollars = server.micros_a_month if server else None
    return {
        "member": _tokens(member.tokens_a_day) if member else "",
        "server": _tokens(server.tokens_a_day) if server and server.tokens_a_day is not None else "",
        "dollars": f"{dollars / MICROS:.2f}" if dollars is not None else "",
    }


def _tokens(tokens: int | None) -> str:
    return forms.NO_LIMIT if tokens is None else f"{tokens:,}"
