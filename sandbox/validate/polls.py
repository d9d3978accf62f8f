"""Native polls as a message body asks for them (documentation, "Poll Create Request Object")."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.emoji import custom_emoji, emoji_json, is_unicode_emoji
from sandbox.errors import ApiError
from sandbox.model import Poll, PollAnswer

if TYPE_CHECKING:
    from sandbox.model import Json
    from sandbox.validate.form import Form
    from sandbox.world import World

MAX_QUESTION, MAX_ANSWER, MAX_ANSWERS, MAX_HOURS, DEFAULT_HOURS = 300, 55, 10, 768, 24


def check_poll(form: Form, world: World) -> Poll | None:
    """Return the poll of a message body, its clock started; None when there is none or something is wrong."""
    part = form.part("poll")
    if part is None:
        return None
    question = part.part("question", required=True)
    text = question.text("text", 1, MAX_QUESTION, required=True) if question else None
    part.raw("answers", required=True)
    answers = [
        _answer(answer, number, world)
        for number, answer in enumerate(part.parts("answers", MAX_ANSWERS, low=1) or (), 1)
    ]
    hours = part.integer("duration", 1, MAX_HOURS)
    layout = part.choice("layout_type", (1,))
    return Poll(
        question=text or "",
        answers=answers,
        expires_at=world.now() + timedelta(hours=hours or DEFAULT_HOURS),
        multiselect=bool(part.flag("allow_multiselect")),
        layout_type=layout or 1,
    )


def _answer(form: Form, number: int, world: World) -> PollAnswer:
    media = form.part("poll_media", required=True)
    if media is None:
        return PollAnswer(id=number)
    text = media.text("text", 1, MAX_ANSWER, required=True)
    emoji = media.part("emoji")
    return PollAnswer(id=number, text=text, emoji=_emoji(emoji, world) if emoji else None)


def _emoji(form: Form, world: World) -> Json | None:
    emoji_id, name = form.snowflake("id"), form.text("name", 1, 32)
    if emoji_id:
        custom = custom_emoji(world, emoji_id)
        if custom is None:
            raise ApiError(400, 520004, "Cannot use an emoji included with the poll")
        return emoji_json(custom)
    if name is None:
        return None
    if not is_unicode_emoji(name):
        raise ApiError(400, 520004, "Cannot use an emoji included with the poll")
    return {"id": None, "name": name}
