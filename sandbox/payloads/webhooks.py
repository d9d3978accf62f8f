"""Webhooks as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.base import sid
from sandbox.payloads.people import user_payload

if TYPE_CHECKING:
    from sandbox.model import Json, Webhook
    from sandbox.world import World


def webhook_payload(world: World, webhook: Webhook, *, with_user: bool = True) -> Json:
    """Return a webhook object; who comes with its token alone does not learn who made it."""
    payload: Json = {
        "id": str(webhook.id),
        "type": webhook.type,
        "guild_id": str(webhook.guild_id),
        "channel_id": str(webhook.channel_id),
        "name": webhook.name,
        "avatar": webhook.avatar,
        "application_id": sid(webhook.application_id),
        "token": webhook.token,
        "url": f"{world.base_url}/api/v10/webhooks/{webhook.id}/{webhook.token}",
    }
    if with_user and webhook.user_id in world.users:
        payload["user"] = user_payload(world.users[webhook.user_id])
    return payload
