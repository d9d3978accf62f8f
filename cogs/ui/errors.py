"""One table from what went wrong to what people read; every failure of a command, control, form, timer or stream.

`answer_error` tells the person behind an interaction; where nobody is there to be told, `cogs.ui.reports`
tells the log and the server's log channel.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import discord
import structlog
from discord import app_commands

from bot.db.away import is_away
from bot.errors import NotAllowedError, NotYetError, OutcomeUnknownError, ServiceError, UserError
from bot.refs import reference_of
from cogs.ui.cards import Tone, card
from cogs.ui.text import plain
from cogs.ui.watch import UNREACHABLE, watch_of

log = structlog.stdlib.get_logger(__name__)

# Discord's words for: the interaction is too old
TOO_LATE = {10015, 10062, 50027}
ANSWERED = 40060
UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_MESSAGE = 10003, 10007, 10008
NO_ACCESS, NO_PERMISSION, ARCHIVED, LOCKED = 50001, 50013, 50083, 160005
_TOO_MANY = 429
_SHOWN = re.compile(r"\\<(@&\d{1,20}|t:\d{1,12}:[a-zA-Z])\\>")
_CONTROL = re.compile(r"[a-z]+:v\d{1,3}:[a-z]+(?=:)", re.ASCII)

Describe: TypeAlias = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What to tell: the text, and a reference when the operator should look into it."""

    text: str
    reference: str | None = None


# by Discord's code; each says what happened and what to do
REFUSED: Mapping[int, str] = MappingProxyType(
    {
        UNKNOWN_CHANNEL: "The channel that this belongs to has been deleted. Use the command again in another channel.",
        UNKNOWN_MESSAGE: "The message that this belongs to has been deleted. Use the command again for a new one.",
        UNKNOWN_MEMBER: "That person is no longer in this server. Choose somebody else.",
        NO_ACCESS: (
            "I cannot see the channel that this belongs to. Somebody who manages the server can give me "
            "View Channel in the channel's settings; then try again."
        ),
        NO_PERMISSION: (
            "Discord does not let me do that here. Somebody who manages the server can give me the missing permission "
            "in the channel's settings; `/server setup` names it."
        ),
        ARCHIVED: "This thread is archived. Open it again, by writing a message in it, and then try once more.",
        ANSWERED: "I was too slow with this, sorry. Please try again.",
        LOCKED: "This thread is locked. A moderator can unlock it; then try again.",
    }
)
_BUSY = "Discord asks me to slow down just now. Please try again in a minute."


def as_said(text: str) -> str:
    """Return words of the bot's own as they are shown: what they quote is plain, roles and times are read as such."""
    return _SHOWN.sub(r"<\1>", plain(text))


def _own_words(error: Exception) -> str:
    return as_said(str(error))


def _outdated(_error: Exception) -> str:
    return "This command has changed with an update of the bot. Reload Discord (Ctrl+R) and try again."


def _missing_rights(error: app_commands.MissingPermissions) -> str:
    names = ", ".join(name.replace("_", " ").title() for name in error.missing_permissions)
    return f"This needs a permission that you do not have here: {names}."


def _cooldown(error: app_commands.CommandOnCooldown) -> str:
    return f"That was quick. Try again in {error.retry_after:.0f} seconds."


# looked up along the class's ancestors, the nearest first; what is not here is unexpected
EXPECTED: Mapping[type[BaseException], Describe] = MappingProxyType(
    {
        UserError: _own_words,
        discord.Forbidden: lambda _error: REFUSED[NO_PERMISSION],
        discord.RateLimited: lambda _error: _BUSY,
        discord.InteractionResponded: lambda _error: REFUSED[ANSWERED],
        app_commands.CommandNotFound: _outdated,
        app_commands.CommandSignatureMismatch: _outdated,
        app_commands.MissingPermissions: _missing_rights,
        app_commands.CommandOnCooldown: _cooldown,
        app_commands.NoPrivateMessage: lambda _error: "This works in servers only.",
    }
)

# the operator should know, so these carry a reference too
MAY_PASS: Mapping[type[BaseException], str] = MappingProxyType(
    {
        OutcomeUnknownError: (
            "I lost touch with my database in the middle, so it is not known whether this was stored. "
            "Please do it again: a vote that is sent twice counts once."
        ),
        ServiceError: "Sorry, that did not work just now. Please try again in a minute.",
        discord.DiscordServerError: "Discord has trouble just now. Please try again in a minute.",
        **dict.fromkeys(UNREACHABLE, "Sorry, that did not work just now. Please try again in a minute."),
    }
)
_TITLES = ((NotAllowedError, "Not allowed"), (NotYetError, "Not ready yet"))
_AWAY = "I cannot reach my database just now. Please try again in a minute."
_UNEXPECTED = "Sorry, something went wrong on my side. It has been written down for the operator."


def describe(error: BaseException) -> Trouble:
    """Say what to tell the person about `error`; what needs the operator gets a reference."""
    error = bare(error)
    if isinstance(error, discord.HTTPException):
        if error.code in REFUSED:
            return Trouble(REFUSED[error.code])
        if error.status == _TOO_MANY:
            return Trouble(_BUSY, reference_of(error))
    for kind in type(error).__mro__:
        if kind in EXPECTED:
            return Trouble(EXPECTED[kind](error))
        if kind in MAY_PASS:
            return Trouble(MAY_PASS[kind], reference_of(error))
    return Trouble(_AWAY if is_away(error) else _UNEXPECTED, reference_of(error))


def bare(error: BaseException) -> BaseException:
    """Return what a command raised, out of what the library wraps it in."""
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def error_card(error: BaseException, trouble: Trouble, *, title: str | None = None) -> discord.ui.LayoutView:
    """Show what went wrong and what to do."""
    error = bare(error)
    if title is None:
        title = next((words for kind, words in _TITLES if isinstance(error, kind)), "That did not work")
    footer = f"Reference {trouble.reference}" if trouble.reference else None
    return card(title, trouble.text, tone=Tone.TROUBLE, footer=footer)


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person, whatever has been answered already, and write the unexpected to the log."""
    inner = bare(error)
    if isinstance(inner, discord.HTTPException) and inner.code in TOO_LATE:
        log.warning("an answer came too late", code=inner.code, **_origin(interaction))
        return
    trouble = describe(inner)
    if trouble.reference:
        log.error("failed", reference=trouble.reference, exc_info=inner, **_origin(interaction))
    try:
        await _tell(interaction, error_card(inner, trouble))
    except (discord.HTTPException, *UNREACHABLE) as failure:
        log.warning("an error could not be told", error=str(failure), **_origin(interaction))
    except Exception:  # what keeps answers may fail itself, and nobody is above us to hear of it
        log.exception("an error could not be told", **_origin(interaction))


async def _tell(interaction: discord.Interaction[Any], view: discord.ui.LayoutView) -> None:
    watch, response = watch_of(interaction), interaction.response
    if watch.sender:
        await watch.sender.send(view)
        return
    async with watch.turn:
        if not response.is_done():
            try:
                await response.send_message(view=view, ephemeral=True)
            except discord.HTTPException as failure:
                if failure.code != ANSWERED or not watch.has_deferred:
                    raise
                await interaction.edit_original_response(view=view)
        elif response.type is discord.InteractionResponseType.deferred_channel_message:
            await interaction.edit_original_response(view=view)
        else:
            await interaction.followup.send(view=view, ephemeral=True)


def _origin(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """Say where an interaction came from, without what was written in it."""
    command = interaction.command.qualified_name if interaction.command else None
    data: Any = interaction.data or {}
    # without its key, which may say what somebody is about to vote for
    control = _CONTROL.match(data.get("custom_id") or "")
    return {"guild": interaction.guild_id, "command": command, "control": control and control[0]}
