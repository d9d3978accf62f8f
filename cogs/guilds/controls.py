"""The buttons and the forms of a server's settings; who takes them is in the cog."""

from collections.abc import Mapping
from types import MappingProxyType

import discord
from discord import ButtonStyle, ui

from bot.guilds.rules import LANGUAGES, LONGEST_ZONE
from bot.guilds.types import GuildSettings, Purpose
from cogs.ui.controls import Control, control_id
from cogs.ui.forms import Channels, Choice, Filled, Radio, Text, form

FEATURE = "server"
OVERVIEW, TIME, CHANNELS, MODELS = "overview", "time", "channels", "models"
SECTIONS: Mapping[str, str] = MappingProxyType(
    {OVERVIEW: "Overview and check", TIME: "Time and language", CHANNELS: "Channels", MODELS: "Models"}
)

# each with what the form says beside it
PURPOSES: Mapping[Purpose, tuple[str, str]] = MappingProxyType(
    {
        Purpose.LOG: ("Log", "Where changes of settings and failures are told; choose one that only moderators see"),
        Purpose.POLLS: ("Polls", "Where polls are posted; empty: where the command is used"),
    }
)
_LANGUAGE_HINTS = MappingProxyType(
    {
        "en": "in 3 days, Fri 18:00",
        "de": "in 3 Tagen, Fr 18:00",
        "fr": "dans 3 jours, ven. 18h30",
        "es": "en 3 días, vie 18:00",
    }
)


def time_form(filled: Filled) -> ui.Modal:
    """Ask for zone and language."""
    questions = (
        Text(
            "zone",
            "Time zone",
            "A city in it, such as Berlin or New York; empty: the one the bot was set up with",
            LONGEST_ZONE,
            "Europe/Berlin",
            required=False,
        ),
        Radio(
            "language",
            "Language of typed times",
            "English is always read too; what the bot writes is English so far",
            [Choice(code, name, _LANGUAGE_HINTS[code]) for code, name in LANGUAGES.items()],
        ),
    )
    return form("Time and language", control_id(FEATURE, "locale"), questions, filled)


def time_filled(settings: GuildSettings) -> Filled:
    """Return what the form opens with."""
    return {"zone": settings.time_zone if settings.has_own_zone else "", "language": settings.language}


def channels_form(settings: GuildSettings) -> ui.Modal:
    """Ask for a channel for each purpose."""
    questions = [
        Channels(purpose.value, label, hint, types=[discord.ChannelType.text])
        for purpose, (label, hint) in PURPOSES.items()
    ]
    filled = {purpose.value: str(channel_id) for purpose, channel_id in settings.channels.items()}
    return form("Channels", control_id(FEATURE, "channels"), questions, filled)


def setup_buttons(guild_id: int) -> list[ui.Item[ui.LayoutView]]:
    """What can be done on the card."""
    return [
        Control.button(control_id(FEATURE, "time"), SECTIONS[TIME]),
        Control.button(control_id(FEATURE, "places"), SECTIONS[CHANNELS]),
        Control.button(control_id(FEATURE, "models"), SECTIONS[MODELS]),
        Control.button(control_id(FEATURE, "check"), "Check again"),
        # bots cannot say who may use which command; people can, there
        ui.Button(label="Who may use what", url=f"discord://-/guilds/{guild_id}/settings/integrations"),
    ]


def retry_button(key: str) -> Control:
    """Open the form again with what was typed."""
    return _try_again(control_id(FEATURE, "retry", key))


def retry_models_button(key: str) -> Control:
    """Open the form about models again with what was typed."""
    return _try_again(control_id(FEATURE, "fixmodels", key))


def _try_again(address: str) -> Control:
    return Control.button(address, "Try again", style=ButtonStyle.primary)


def welcome_button() -> Control:
    """Open the setup from the welcome."""
    return Control.button(control_id(FEATURE, "begin"), "Set up", style=ButtonStyle.primary)
