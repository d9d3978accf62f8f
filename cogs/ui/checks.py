"""What the bot may see and must be allowed to do; the one place that `rostrum invite` and `check` and the cogs ask."""

from collections.abc import Mapping
from types import MappingProxyType

import discord

from bot.errors import NotAllowedError

SCOPES = ("bot", "applications.commands")

# each with the reason, which `rostrum check` prints beside it
NEEDED: Mapping[str, str] = MappingProxyType(
    {
        "view_channel": "to see the channels it posts in",
        "send_messages": "to post cards",
        "send_messages_in_threads": "to post cards in threads",
        "attach_files": "to post result charts",
    }
)


def intents() -> discord.Intents:
    """Return what the bot listens to: servers, their channels and messages, nothing that Discord calls privileged.

    Of messages it reads those alone that mention it, as replies to its own do; the others come without their content.
    """
    return discord.Intents(guilds=True, guild_messages=True)


def needed_permissions() -> discord.Permissions:
    """Return all permissions that the bot needs in a server."""
    return discord.Permissions(**dict.fromkeys(NEEDED, True))


def invite_url(application_id: int) -> str:
    """Return the address that adds the bot to a server."""
    return discord.utils.oauth_url(application_id, permissions=needed_permissions(), scopes=SCOPES)


def missing(granted: discord.Permissions, *, thread: bool = False) -> list[str]:
    """Return the names of needed permissions that are not granted, where a channel or a thread is looked at."""
    unneeded = "send_messages" if thread else "send_messages_in_threads"
    return [name for name in NEEDED if name != unneeded and not getattr(granted, name)]


def readable(names: list[str]) -> str:
    """Return permissions by the names that Discord's settings show."""
    return ", ".join(name.replace("_", " ").title() for name in names)


def require_post_here(interaction: discord.Interaction) -> None:
    """See that the bot may post where the interaction came from.

    Raises:
        NotAllowedError: it may not; says what is missing.
    """
    thread = isinstance(interaction.channel, discord.Thread)
    if lacking := missing(interaction.app_permissions, thread=thread):
        raise NotAllowedError(
            f"I cannot post in this channel: I lack {readable(lacking)}. "
            "Somebody who manages the server can grant it in the channel's settings."
        )


def is_moderator(interaction: discord.Interaction) -> bool:
    """Say whether the person may manage what others made here."""
    rights = interaction.permissions
    return rights.manage_messages or rights.manage_guild or rights.administrator
