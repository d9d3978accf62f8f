"""Where the gateway is, and how many sessions a bot may start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.rest.call import Route

if TYPE_CHECKING:
    from sandbox.rest.call import Call

_GUILDS_PER_RECOMMENDED_SHARD = 1_000


async def get_gateway(call: Call) -> dict[str, Any]:
    """GET /gateway."""
    return {"url": call.server.gateway_url}


async def get_gateway_bot(call: Call) -> dict[str, Any]:
    """GET /gateway/bot."""
    gateway, bot = call.server.gateway, call.bot
    left, resets = gateway.starts_left(bot.id)
    guilds = sum(1 for _ in call.world.guilds_of(bot.id))
    return {
        "url": call.server.gateway_url,
        "shards": max(1, -(-guilds // _GUILDS_PER_RECOMMENDED_SHARD)),
        "session_start_limit": {
            "total": gateway.tuning.session_starts,
            "remaining": left,
            "reset_after": int(resets * 1000),
            "max_concurrency": gateway.tuning.max_concurrency,
        },
    }


def routes() -> list[Route]:
    """List the routes."""
    return [
        Route("GET", "/gateway", get_gateway, auth=False),
        Route("GET", "/gateway/bot", get_gateway_bot, limit=(2, 5.0)),
    ]
