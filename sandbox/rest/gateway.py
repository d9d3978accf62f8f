"""Where the gateway is, and how many sessions a bot may start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.payloads.people import application_payload, own_user_payload
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


async def _me(call: Call) -> dict[str, Any]:
    return own_user_payload(call.bot)


async def _application(call: Call) -> dict[str, Any]:
    return application_payload(
        call.world, next(a for a in call.world.applications.values() if a.user_id == call.bot.id)
    )


def until_users_land() -> list[Route]:
    """List what a client asks for at login, while the module of users is being written."""
    return [
        Route("GET", "/users/@me", _me),
        Route("GET", "/applications/@me", _application),
        Route("GET", "/oauth2/applications/@me", _application),
    ]


def routes() -> list[Route]:
    """List the routes."""
    return [
        Route("GET", "/gateway", get_gateway, auth=False),
        Route("GET", "/gateway/bot", get_gateway_bot, limit=(2, 5.0)),
    ]
