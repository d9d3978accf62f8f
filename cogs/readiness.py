"""What must be right on Discord's side before the bot can work: token, intents, permissions in each server."""

from dataclasses import dataclass
from typing import Any

import discord

from bot.config import Settings
from bot.errors import StartError
from cogs.endpoint import point_at
from cogs.ui.checks import intents, invite_url, missing, needed_permissions, readable
from cogs.ui.errors import UNREACHABLE


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` says what to do when it is not right, or what could be better."""

    subject: str
    holds: bool
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A server the bot is in, and what it may do there."""

    guild_id: int
    name: str
    permissions: discord.Permissions


async def look(settings: Settings) -> list[Finding]:
    """Log in without connecting and report token, intents and the permissions in every server.

    Raises:
        SettingsError: there is no token.
    """
    token = settings.token()
    if settings.discord_url:
        point_at(settings.discord_url)
    where = settings.discord_url or "Discord"
    client = discord.Client(intents=intents())
    try:
        async with client:
            await client.login(token)
            user, application_id = client.user, client.application_id or 0
            found = [Finding("token", holds=True, text=f"{where} knows it as {user}"), _intents()]
            servers = await _memberships(client)
            found += _permissions(servers, application_id)
            for server in servers:
                found += await _channels(client, server)
            return found
    except discord.LoginFailure:
        advice = f"copy it again from the application's Bot page into {settings.token_setting}"
        return [Finding("token", holds=False, text=f"{settings.token_setting} is refused by {where}", advice=advice)]
    except (discord.HTTPException, *UNREACHABLE) as error:
        advice = "see that it runs and that this machine reaches it"
        return [Finding("token", holds=False, text=f"{where} cannot be reached: {error}", advice=advice)]


async def application_id(settings: Settings) -> int:
    """Ask Discord which application the token belongs to.

    Raises:
        StartError: there is no token, or it is refused, or Discord cannot be reached.
    """
    token = settings.token()
    if settings.discord_url:
        point_at(settings.discord_url)
    try:
        async with discord.Client(intents=intents()) as client:
            await client.login(token)
            return client.application_id or 0
    except (discord.DiscordException, *UNREACHABLE) as error:
        msg = f"{settings.token_setting}: the application's id cannot be found out ({error}); give --application ID"
        raise StartError(msg) from error


def _intents() -> Finding:
    privileged = [name for name in ("members", "presences", "message_content") if getattr(intents(), name)]
    return Finding(
        "intents",
        holds=not privileged,
        text=f"privileged: {', '.join(privileged)}" if privileged else "none of them privileged",
        advice="allow them on the application's Bot page" if privileged else "",
    )


async def _memberships(client: discord.Client) -> list[Membership]:
    listed: list[Membership] = []
    after: int | None = None
    while page := await _page(client, after):
        listed += page
        after = page[-1].guild_id
    return listed


async def _page(client: discord.Client, after: int | None) -> list[Membership]:
    found: list[Any] = await client.http.get_guilds(200, None, after, with_counts=False)
    return [
        Membership(int(guild["id"]), str(guild["name"]), discord.Permissions(int(guild["permissions"])))
        for guild in found
    ]


def _permissions(servers: list[Membership], application: int) -> list[Finding]:
    if not servers:
        return [
            Finding(
                "servers", holds=False, text="the bot is in none", advice=f"open {invite_url(application)} to add it"
            )
        ]
    return [_permission(server) for server in servers]


def _permission(server: Membership) -> Finding:
    granted = server.permissions
    lacking = [] if granted.administrator else missing_anywhere(granted)
    return Finding(
        f"server {server.name}",
        holds=not lacking,
        text=f"lacks {readable(lacking)}" if lacking else "all permissions are there",
        advice="grant them to the bot's role in the server's settings" if lacking else "",
    )


async def _channels(client: discord.Client, server: Membership) -> list[Finding]:
    """Say in which channels that the bot sees it cannot post, although the server lets it: that may well be meant."""
    if not client.user or missing(server.permissions):
        return []
    guild = await client.fetch_guild(server.guild_id, with_counts=False)
    me = await guild.fetch_member(client.user.id)
    found: list[Finding] = []
    for channel in await guild.fetch_channels():
        granted = channel.permissions_for(me)
        lacking = missing(granted)
        if isinstance(channel, discord.TextChannel) and granted.view_channel and lacking:
            text = f"lacks {readable(lacking)}"
            advice = "grant them in the channel's settings if the bot is to post there"
            found.append(Finding(f"server {server.name}, #{channel.name}", holds=True, text=text, advice=advice))
    return found


def missing_anywhere(granted: discord.Permissions) -> list[str]:
    """Return what is missing for channels or threads."""
    lacking = {*missing(granted), *missing(granted, thread=True)}
    return [name for name, _ in needed_permissions() if name in lacking]
