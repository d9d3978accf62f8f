"""Interaction callbacks, and what rest/webhooks.py sends on: the addresses that an interaction's token opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sandbox.errors import ApiError, form_error
from sandbox.interactions.answers import (
    ORIGINAL,
    answer,
    check_type,
    delete_answer,
    edit_answer,
    find_answer,
    follow_up,
    open_modal,
    within,
)
from sandbox.interactions.choices import STRING, check_choices
from sandbox.payloads.interactions import CHOICES, DEFER_NEW, MODAL, callback_payload
from sandbox.payloads.messages import message_payload
from sandbox.rest.call import Call, Reply, Route
from sandbox.validate.modal import check_modal

if TYPE_CHECKING:
    from sandbox.model import Interaction, Json, Message


def routes() -> list[Route]:
    """List the callback; the webhook routes belong to rest/webhooks.py."""
    return [
        Route(
            "POST",
            "/interactions/{interaction_id}/{interaction_token}/callback",
            callback,
            auth=False,
            limit=None,
            unglobal=True,
        )
    ]


async def callback(call: Call) -> Reply | None:
    """Take the first answer to an interaction."""
    server = call.server
    interaction = server.interactions.awaiting(call.id("interaction_id"), call.path["interaction_token"])
    body, with_response = call.json, call.flag("with_response")
    kind = check_type(interaction, body.get("type"))
    if kind == CHOICES and body.get("data") is None:
        raise form_error("data", code="BASE_TYPE_REQUIRED", message="This field is required")
    data = _data(body)
    message: Message | None = None
    try:
        if kind == CHOICES:
            choices = check_choices(data, interaction.focused_type or STRING)
            server.interactions.give_choices(interaction, choices)
        elif kind == MODAL:
            open_modal(server, interaction, check_modal(data, call.world))
        else:
            message = answer(server, interaction, kind, data, call.files)
    except ApiError as error:
        raise within(error, "data") from error
    if not with_response:
        return None
    return Reply(200, callback_payload(call.world, interaction, None if kind == DEFER_NEW else message))


async def followup(call: Call) -> Json:
    """POST /webhooks/{application}/{token}: a further message, or what fills the deferred one."""
    interaction = _interaction(call)
    return _payload(call, interaction, follow_up(call.server, interaction, call.json, call.files))


async def get_answer(call: Call) -> Json:
    """GET /webhooks/{application}/{token}/messages/{id or @original}."""
    interaction = _interaction(call)
    return _payload(call, interaction, _message(call, interaction))


async def patch_answer(call: Call) -> Json:
    """PATCH /webhooks/{application}/{token}/messages/{id or @original}."""
    interaction = _interaction(call)
    message = edit_answer(call.server, interaction, _message(call, interaction), call.json, call.files)
    return _payload(call, interaction, message)


async def drop_answer(call: Call) -> None:
    """DELETE /webhooks/{application}/{token}/messages/{id or @original}."""
    interaction = _interaction(call)
    delete_answer(call.server, interaction, _message(call, interaction))


def _interaction(call: Call) -> Interaction:
    for name in ("wait", "with_components"):
        call.flag(name)
    call.snowflake("thread_id")
    return call.server.interactions.by_token(call.id("webhook_id"), call.path["webhook_token"])


def _message(call: Call, interaction: Interaction) -> Message:
    which = call.path.get("message_id", ORIGINAL)
    return find_answer(call.server, interaction, which if which == ORIGINAL else str(call.id("message_id")))


def _payload(call: Call, interaction: Interaction, message: Message) -> Json:
    app = call.world.applications[interaction.application_id]
    return message_payload(call.world, message, viewer=app.user_id)


def _data(body: Json) -> Json:
    data = body.get("data")
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise form_error("data", code="DICT_TYPE_CONVERT", message="Only dictionaries may be used in a DictType")
    return cast("Json", data)
