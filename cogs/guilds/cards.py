"""What a server's settings look like; each function shows frozen values."""

from collections.abc import Sequence
from datetime import datetime

from discord import ui

from bot.errors import InvalidInputError
from bot.guilds.rules import LANGUAGES
from bot.guilds.types import GuildSettings, Purpose
from cogs.guilds.checkup import Finding, Lack
from cogs.guilds.controls import PURPOSES, setup_buttons, welcome_button
from cogs.ui.cards import Tone, card, rows, rule
from cogs.ui.checks import readable
from cogs.ui.controls import Control
from cogs.ui.text import plain

_UNSET = {
    Purpose.LOG: "not set: changes and failures are told nowhere",
    Purpose.POLLS: "not set: polls are posted where the command is used",
}


def setup_card(
    settings: GuildSettings, findings: Sequence[Finding], now: datetime, bot_name: str, note: str = ""
) -> ui.LayoutView:
    """Show all settings and how things stand in the channels; `note` says what just happened."""
    holds = all(finding.holds for finding in findings)
    return card(
        "Server setup",
        *([f"**{note}**"] if note else []),
        _time(settings, now),
        _channels(settings),
        _models(settings),
        "**Permissions**\n" + "\n".join(_finding(finding, bot_name) for finding in findings),
        rule(),
        *rows(setup_buttons(settings.guild_id)),
        tone=Tone.NEUTRAL if holds else Tone.TROUBLE,
        footer="Only you see this. Who may use which command is set in Server Settings → Integrations.",
    )


def mistake_card(error: InvalidInputError, again: Control) -> ui.LayoutView:
    """Say what does not fit; `again` opens the form with what was typed."""
    return card(
        "That did not fit",
        plain(str(error)),
        *rows([again]),
        tone=Tone.TROUBLE,
        footer="Nothing was changed.",
    )


def welcome_card() -> ui.LayoutView:
    """Greet a server that the bot has just joined."""
    return card(
        "Hello, I am Rostrum",
        "I run polls that keep votes secret until the end, and I am made for communities that argue about open and "
        "closed language models. `/poll create` writes the first one, `/help` says more.",
        "Whoever manages this server can tell me its time zone, its language and a channel for my log:",
        *rows([welcome_button()]),
        footer="I read no messages. This is the only thing I post unasked.",
    )


def changed_line(member_id: int, changes: str) -> str:
    """Say in the log who changed what."""
    return f"Server settings changed by <@{member_id}>: {changes}."


def locale_words(settings: GuildSettings) -> str:
    """Say zone and language in words."""
    zone = settings.time_zone if settings.has_own_zone else f"{settings.time_zone} (the bot's own)"
    return f"time zone {zone}, language {LANGUAGES[settings.language]}"


def channel_words(settings: GuildSettings) -> str:
    """Say in words which channels are set."""
    said = [
        f"{label.lower()} in <#{settings.channels[purpose]}>"
        if purpose in settings.channels
        else f"no channel for {label.lower()}"
        for purpose, (label, _) in PURPOSES.items()
    ]
    return ", ".join(said)


def _time(settings: GuildSettings, now: datetime) -> str:
    language = LANGUAGES[settings.language]
    read = language if settings.language == "en" else f"{language} and English"
    whose = "" if settings.has_own_zone else " (the bot's own; set yours if it differs)"
    there = now.astimezone(settings.zone)
    return (
        f"**Time and language**\nTyped times are read in **{settings.time_zone}**{whose}, where it is now "
        f"**{there:%H:%M}**, and in {read}."
    )


def _channels(settings: GuildSettings) -> str:
    lines = [
        f"- {label}: <#{settings.channels[purpose]}>"
        if purpose in settings.channels
        else f"- {label}: {_UNSET[purpose]}"
        for purpose, (label, _) in PURPOSES.items()
    ]
    return "**Channels**\n" + "\n".join(lines)


def _models(settings: GuildSettings) -> str:
    models = settings.models
    classes = "only open models" if models.open_only else "models of every class"
    leaves = "nothing leaves this machine" if models.stays_here else "text may go to a model's maker"
    return f"**Models**\n- {classes}; {leaves}; who answers, limits and more are under **Models**"


def _finding(finding: Finding, bot_name: str) -> str:
    role = "This channel" if finding.purpose is None else PURPOSES[finding.purpose][0]
    if finding.gone:
        return f"❌ {role}: the channel has been deleted. Choose another under **Channels**."
    where = f"{role}, <#{finding.channel_id}>"
    if finding.holds:
        return f"✅ {where}: all I need is there."
    return f"❌ {where}:\n" + "\n".join(_lack(lack, bot_name) for lack in finding.lacks)


def _lack(lack: Lack, bot_name: str) -> str:
    where = (
        f"Server Settings → Roles → {plain(bot_name)} → Permissions"
        if lack.everywhere
        else f"Edit Channel → Permissions → {plain(bot_name)}"
    )
    return f"  - **{readable([lack.name])}** is missing ({lack.reason}). Grant it in {where}."
