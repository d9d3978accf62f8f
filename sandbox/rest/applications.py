"""REST of the application itself: its description and its own emojis."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from sandbox.errors import ApiError, form_error, unknown
from sandbox.model import Emoji
from sandbox.payloads.guilds import emoji_payload
from sandbox.payloads.people import application_payload, user_payload
from sandbox.rest.call import Call, Reply, Route
from sandbox.rest.commands import own_application
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.model import Json

MAX_EMOJIS = 2_000
MAX_EMOJI_BYTES = 256 * 1024
_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,(.*)", re.DOTALL)


async def get_application(call: Call) -> Json:
    """GET /applications/@me and /oauth2/applications/@me."""
    if call.app is None:
        raise unknown("application")
    return application_payload(call.world, call.app)


async def modify_application(call: Call) -> Json:
    """PATCH /applications/@me: the description is kept, the rest only checked."""
    form = Form(call.json)
    form.choice("type", (4,))
    description = form.raw("description")
    text = None
    if isinstance(description, dict):
        part = form.part("description")
        text = part.text("default", 0, 400, required=True) if part is not None else None
    else:
        text = form.text("description", 0, 400)
    for index, tag in enumerate(form.items("tags", 5) or []):
        if not isinstance(tag, str) or len(tag) > 20:  # noqa: PLR2004 - Discord's limit
            form.wrong("tags", index, code="BASE_TYPE_MAX_LENGTH", message="Must be 20 or fewer in length.")
    form.done()
    if call.app is not None and text is not None:
        call.app.description = text
        call.world.save(call.app)
    return await get_application(call)


async def get_authorization(call: Call) -> Json:
    """GET /oauth2/@me: answers tokens of people only."""
    del call
    raise ApiError(401, 50025, "Invalid OAuth2 access token provided")


async def list_emojis(call: Call) -> Json:
    """GET /applications/{id}/emojis."""
    app = own_application(call)
    return {"items": [_payload(call, emoji) for emoji in call.world.emojis[app.id].values()]}


async def get_emoji(call: Call) -> Json:
    """GET /applications/{id}/emojis/{id}."""
    return _payload(call, _emoji(call))


async def create_emoji(call: Call) -> Reply:
    """POST /applications/{id}/emojis: a picture of at most 256 KiB as a data URI."""
    app, world = own_application(call), call.world
    form = Form(call.json)
    name = _name(form, required=True)
    image = form.text("image", 0, 1 << 20, required=True)
    form.done()
    kind, content = _picture(image or "")
    if len(world.emojis[app.id]) >= MAX_EMOJIS:
        raise ApiError(400, 30008, f"Maximum number of emojis reached ({MAX_EMOJIS})")
    emoji = Emoji(id=world.next_id(), guild_id=app.id, name=name or "", animated=kind == "gif", user_id=call.bot.id)
    world.put_file(emoji.id, content)
    world.save(emoji)
    return Reply(201, _payload(call, emoji))


async def modify_emoji(call: Call) -> Json:
    """PATCH /applications/{id}/emojis/{id}."""
    emoji = _emoji(call)
    form = Form(call.json)
    name = _name(form, required=False)
    form.done()
    emoji.name = name or emoji.name
    call.world.save(emoji)
    return _payload(call, emoji)


async def delete_emoji(call: Call) -> None:
    """DELETE /applications/{id}/emojis/{id}."""
    call.world.discard(_emoji(call))


async def no_entitlements(call: Call) -> list[Json]:
    """GET /applications/{id}/entitlements: nothing is sold here."""
    own_application(call)
    call.number("limit", 100, 1, 100)
    for name in ("user_id", "guild_id", "before", "after"):
        call.snowflake(name)
    for name in ("exclude_ended", "exclude_deleted", "only_active"):
        call.flag(name)
    return []


async def no_skus(call: Call) -> list[Json]:
    """GET /applications/{id}/skus: nothing is sold here."""
    own_application(call)
    return []


def _payload(call: Call, emoji: Emoji) -> Json:
    return {**emoji_payload(call.world, emoji), "user": user_payload(call.bot)}


def _emoji(call: Call) -> Emoji:
    emoji = call.world.emojis[own_application(call).id].get(call.id("emoji_id"))
    if emoji is None:
        raise unknown("emoji")
    return emoji


def _name(form: Form, *, required: bool) -> str | None:
    name = form.text("name", 2, 32, required=required)
    if name is not None and not re.fullmatch(r"\w+", name, re.ASCII):
        form.wrong("name", code="STRING_TYPE_REGEX", message="String value did not match validation regex.")
    return name


def _picture(image: str) -> tuple[str, bytes]:
    found = _IMAGE.fullmatch(image)
    try:
        content = base64.b64decode(found[2], validate=True) if found else b""
    except binascii.Error:
        content = b""
    if not found or not content:
        raise form_error("image", code="IMAGE_INVALID", message="Invalid image data")
    if len(content) > MAX_EMOJI_BYTES:
        raise form_error("image", code="BINARY_TYPE_MAX_SIZE", message="File cannot be larger than 256.0 kb.")
    return found[1], content


def routes() -> list[Route]:
    """List the routes of the application."""
    emojis = "/applications/{application_id}/emojis"
    return [
        Route("GET", "/applications/@me", get_application),
        Route("PATCH", "/applications/@me", modify_application),
        Route("GET", "/oauth2/applications/@me", get_application),
        Route("GET", "/oauth2/@me", get_authorization),
        Route("GET", emojis, list_emojis),
        Route("POST", emojis, create_emoji),
        Route("GET", f"{emojis}/{{emoji_id}}", get_emoji),
        Route("PATCH", f"{emojis}/{{emoji_id}}", modify_emoji),
        Route("DELETE", f"{emojis}/{{emoji_id}}", delete_emoji),
        Route("GET", "/applications/{application_id}/entitlements", no_entitlements),
        Route("GET", "/applications/{application_id}/skus", no_skus),
    ]
