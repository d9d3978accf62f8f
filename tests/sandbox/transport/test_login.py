"""The unmodified client logs in and sees the seeded server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord

    from sandbox.server import Server


async def test_client_sees_the_seeded_server(bot: discord.Client, server: Server) -> None:
    assert [guild.name for guild in bot.guilds] == ["The Open Question"]
    guild = bot.guilds[0]
    assert guild.me.id == bot.user.id
    assert guild.default_role.id == guild.id
    assert {"general", "polls", "debates", "digest", "motions", "announcements", "mod-room"} <= {
        channel.name for channel in guild.channels
    }
    assert server.gateway.online(bot.user.id, guild.id)
    assert server.gateway.online(bot.user.id)
