"""Points discord.py at another API than Discord's own."""

import yarl
from discord import asset, gateway, http


def point_at(url: str) -> None:
    """Send everything discord.py does from now on to the server at `url`, such as http://127.0.0.1:8420."""
    base = yarl.URL(url)
    http.Route.BASE = str(base / "api" / "v10")
    gateway.DiscordWebSocket.DEFAULT_GATEWAY = base.with_scheme("wss" if base.scheme == "https" else "ws") / "gateway"
    asset.Asset.BASE = str(base / "cdn")  # pyright: ignore[reportAttributeAccessIssue] - typed as a constant
