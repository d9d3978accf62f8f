"""One table from what went wrong to what the person reads; every failure of a command, control or form ends here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.errors import NotAllowedError, ServiceError, UserError
from bot.refs import new_reference
from cogs.ui.cards import Tone, card
from cogs.ui.text import plain

log = structlog.stdlib.get_logger(__name__)

# Discord's words for: the interaction is too old, or was answered already
TOO_LATE = {10062, 40060, 50027}

# the connection to Discord broke, or never came about
UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError)

Describe: TypeAlias = Callable[[Any], str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What to tell: the text, and a reference when the operator should look into it."""

    text: str
    reference: str | None = None


def _own_words(error: Exception) -> str:
    # it may quote what somebody typed
    return plain(str(error))


def _outdated(_error: Exception) -> str:
    return "This command has changed with an update of the bot. Reload Discord (Ctrl+R) and try again."


def _forbidden(_error: Exception) -> str:
    return (
        "Discord does not let me do that here. Somebody who manages the server can give me the missing permission "
        "in the channel's settings; `rostrum check` names it."
    )


def _missing_rights(error: app_commands.MissingPermissions) -> str:
    names = ", ".join(name.replace("_", " ").title() for name in error.missing_permissions)
    return f"This needs a permission that you do not have here: {names}."


def _cooldown(error: app_commands.CommandOnCooldown) -> str:
    return f"That was quick. Try again in {error.retry_after:.0f} seconds."


# looked up along the class's ancestors, the nearest first; what is not here is unexpected
EXPECTED: dict[type[Exception], Describe] = {
    UserError: _own_words,
    discord.Forbidden: _forbidden,
    app_commands.CommandNotFound: _outdated,
    app_commands.CommandSignatureMismatch: _outdated,
    app_commands.MissingPermissions: _missing_rights,
    app_commands.CommandOnCooldown: _cooldown,
    app_commands.NoPrivateMessage: lambda _error: "This works in servers only.",
}


def describe(error: BaseException) -> Trouble:
    """Say what to tell the person about `error`; what needs the operator gets a reference."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    for kind in type(error).__mro__:
        if kind in EXPECTED:
            return Trouble(EXPECTED[kind](error))
    reference = new_reference()
    if isinstance(error, (ServiceError, discord.DiscordServerError, *UNREACHABLE)):
        return Trouble("Sorry, that did not work just now. Please try again in a minute.", reference)
    return Trouble("Sorry, something went wrong on my side. It has been written down for the operator.", reference)


def error_card(error: BaseException, trouble: Trouble) -> discord.ui.LayoutView:
    """Show what went wrong and what to do."""
    title = "Not allowed" if isinstance(error, NotAllowedError) else "That did not work"
    footer = f"Reference {trouble.reference}" if trouble.reference else None
    return card(title, trouble.text, tone=Tone.TROUBLE, footer=footer)


async def answer_error(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person, whatever has been answered already, and write the unexpected to the log."""
    if isinstance(error, discord.HTTPException) and error.code in TOO_LATE:
        log.warning("an answer came too late", code=error.code, **_origin(interaction))
        return
    trouble = describe(error)
    if trouble.reference:
        log.error("failed", reference=trouble.reference, exc_info=error, **_origin(interaction))
    view = error_card(error, trouble)
    response = interaction.response
    try:
        if not response.is_done():
            await response.send_message(view=view, ephemeral=True)
        elif response.type is discord.InteractionResponseType.deferred_channel_message:
            await interaction.edit_original_response(view=view)
        else:
            await interaction.followup.send(view=view, ephemeral=True)
    except (discord.HTTPException, *UNREACHABLE) as failure:
        log.warning("an error could not be told", error=str(failure), **_origin(interaction))


def _origin(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """Say where an interaction came from, without what was written in it."""
    command = interaction.command.qualified_name if interaction.command else None
    data: Any = interaction.data or {}
    return {"guild": interaction.guild_id, "command": command, "control": data.get("custom_id")}
