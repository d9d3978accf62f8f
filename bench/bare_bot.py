"""The peer of the benches: the smallest discord.py bot, with one command that answers "hi".

    python bench/bare_bot.py URL TOKEN [--plain]

It knows nothing of Rostrum. `--plain` registers no command (for start-up times).
"""

from __future__ import annotations

import argparse
import logging

import discord
import yarl
from discord import app_commands


class BareBot(discord.AutoShardedClient):
    """A client with a command tree of one command."""

    def __init__(self, *, plain: bool) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.plain = plain
        if not plain:
            self.tree.command(name="hi", description="Say hi.")(answer)

    async def setup_hook(self) -> None:
        """Register the command."""
        if not self.plain:
            await self.tree.sync()


async def answer(interaction: discord.Interaction[BareBot]) -> None:
    """Answer hi."""
    await interaction.response.send_message("hi")


def main() -> None:
    """Run until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    url = yarl.URL(options.url)
    discord.http.Route.BASE = f"{url}/api/v10".replace("//api", "/api")
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = url.with_scheme("ws") / "gateway"
    BareBot(plain=options.plain).run(options.token, log_level=logging.ERROR)


if __name__ == "__main__":
    main()
