"""What people do: each act of the people protocol, checked and carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sandbox import pins, threads
from sandbox.commands import require_current
from sandbox.errors import ApiError, form_error, missing_permissions, unknown
from sandbox.interactions import begin
from sandbox.messages import create_message, delete_message, edit_message, require_deletable, sender_in, type_in
from sandbox.people.views import person_channel, person_message, seen_channel
from sandbox.polls import expire, vote, voters
from sandbox.reactions import react, unreact
from sandbox.thread_members import join, leave
from sandbox.users import open_dm
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sandbox.interactions.core import Interaction
    from sandbox.model import Channel, Json, Message
    from sandbox.rest.call import Upload
    from sandbox.server import Server

    Act = Callable[[Server, int, Json, Sequence[Upload]], Json | Awaitable[Json] | None]

ANNOUNCEMENT, FORUM, MEDIA = 5, 15, 16
ANNOUNCEMENT_THREAD, PUBLIC_THREAD = 10, 11


def _ids(body: Json, *names: str) -> list[int]:
    form = Form(body)
    found = [form.snowflake(name, required=True) for name in names]
    form.done()
    return [number or 0 for number in found]


def _begun(interaction: Interaction) -> Json:
    return {"interaction_id": str(interaction.id)}


def _place(server: Server, user_id: int, channel_id: int) -> Channel:
    channel, _ = seen_channel(server.world, channel_id, user_id)
    return channel


def _message(server: Server, user_id: int, body: Json) -> tuple[Channel, Message]:
    channel_id, message_id = _ids(body, "channel_id", "message_id")
    channel = _place(server, user_id, channel_id)
    message = server.world.messages[channel.id].get(message_id)
    if message is None or message.ephemeral_to not in {None, user_id}:
        raise unknown("message")
    return channel, message


def _command(server: Server, user_id: int, body: Json) -> tuple[Channel, int]:
    """Return where a command is used and its id; who names its `version` is told when that is outdated."""
    channel_id, command_id = _ids(body, "channel_id", "command_id")
    channel = _place(server, user_id, channel_id)
    form = Form(body)
    version = form.snowflake("version")
    form.done()
    command = server.world.commands.get(command_id)
    if command is not None:
        require_current(command, version)
    return channel, command_id


def slash(server: Server, user_id: int, body: Json, files: Sequence[Upload]) -> Json:
    """Run a slash command."""
    channel, command_id = _command(server, user_id, body)
    return _begun(begin.run_command(server, user_id, channel, command_id, body.get("options"), files))


async def autocomplete(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """Ask for the choices of the focused option and wait for them."""
    channel, command_id = _command(server, user_id, body)
    interaction = begin.ask_choices(server, user_id, channel, command_id, body.get("options"))
    return {"choices": await server.interactions.choices(interaction)}


def context(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """Use a command of a context menu."""
    (target_id,) = _ids(body, "target_id")
    channel, command_id = _command(server, user_id, body)
    return _begun(begin.use_menu(server, user_id, channel, command_id, target_id))


def component(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """Press a button or choose in a select."""
    channel_id, message_id = _ids(body, "channel_id", "message_id")
    channel = _place(server, user_id, channel_id)
    custom_id, values = body.get("custom_id"), body.get("values")
    return _begun(begin.use_component(server, user_id, channel, message_id, custom_id, values))


def modal(server: Server, user_id: int, body: Json, files: Sequence[Upload]) -> Json:
    """Send a modal in."""
    (interaction_id,) = _ids(body, "interaction_id")
    return _begun(begin.submit_modal(server, user_id, interaction_id, body.get("values"), files))


def dismiss_modal(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Close a modal."""
    (interaction_id,) = _ids(body, "interaction_id")
    begin.dismiss_modal(server, user_id, interaction_id)


def post(server: Server, user_id: int, body: Json, files: Sequence[Upload]) -> Json:
    """Write a message."""
    (channel_id,) = _ids(body, "channel_id")
    channel = _place(server, user_id, channel_id)
    sent: Json = {"content": body.get("content") or ""}
    for name in ("poll", "sticker_ids", "attachments"):
        if body.get(name):
            sent[name] = body[name]
    if body.get("reply_to") is not None:
        sent["message_reference"] = {"message_id": body["reply_to"], "channel_id": str(channel.id)}
    message = create_message(server, channel, sender_in(server.world, channel, user_id), sent, files)
    return person_message(server.world, message, user_id)


def edit(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """Change one's own message."""
    channel, message = _message(server, user_id, body)
    if message.author_id != user_id:
        raise ApiError(403, 50005, "Cannot edit a message authored by another user")
    sender = sender_in(server.world, channel, user_id)
    message = edit_message(server, message, sender, {"content": body.get("content")})
    return person_message(server.world, message, user_id)


def delete(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Delete a message."""
    message = _message(server, user_id, body)[1]
    if message.ephemeral_to is None:
        require_deletable(server.world, message, user_id)
    delete_message(server, message)


def dismiss(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Put away an ephemeral message."""
    message = _message(server, user_id, body)[1]
    if message.ephemeral_to != user_id:
        raise missing_permissions()
    delete_message(server, message)


def add_reaction(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Put an emoji under a message."""
    message = _message(server, user_id, body)[1]
    react(server, message, user_id, str(body.get("emoji") or ""))


def remove_reaction(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Take one's emoji back."""
    message = _message(server, user_id, body)[1]
    unreact(server, message, user_id, str(body.get("emoji") or ""))


def pin(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Pin a message."""
    channel, message = _message(server, user_id, body)
    pins.pin(server, channel, message, user_id)


def unpin(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Take a message from the pins."""
    channel, message = _message(server, user_id, body)
    pins.unpin(server, channel, message, user_id)


def poll_vote(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """Vote in a native poll; no answers at all take the vote back."""
    message = _message(server, user_id, body)[1]
    answers: Any = body.get("answer_ids")
    if not isinstance(answers, list) or not all(type(one) is int for one in cast("list[Any]", answers)):
        raise form_error("answer_ids", code="LIST_TYPE_CONVERT", message="Answers are a list of their numbers.")
    vote(server, message, user_id, cast("list[int]", answers))
    return person_message(server.world, message, user_id)


def poll_end(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """End one's own native poll before its time."""
    message = _message(server, user_id, body)[1]
    expire(server, message, user_id)
    return person_message(server.world, message, user_id)


def poll_voters(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """List who chose which answer of a native poll."""
    return {"answers": voters(server, _message(server, user_id, body)[1], user_id)}


def thread(server: Server, user_id: int, body: Json, files: Sequence[Upload]) -> Json:
    """Begin a thread from a message or without one, or a forum post."""
    (channel_id,) = _ids(body, "channel_id")
    channel = _place(server, user_id, channel_id)
    message = _message(server, user_id, body)[1] if body.get("message_id") is not None else None
    asked: Json = {"name": body.get("name"), "applied_tags": body.get("applied_tags") or []}
    if body.get("type") is not None:
        asked["type"] = body["type"]
    elif message is None and channel.type not in {FORUM, MEDIA}:
        asked["type"] = ANNOUNCEMENT_THREAD if channel.type == ANNOUNCEMENT else PUBLIC_THREAD
    first: Json | None = None
    if channel.type in {FORUM, MEDIA} and (body.get("content") or files):
        first = {"content": body.get("content") or ""}
    made = threads.create_thread(
        server, channel, user_id, asked, message=message, first_message_body=first, files=files
    )
    if first is None and body.get("content"):
        create_message(server, made, sender_in(server.world, made, user_id), {"content": body["content"]}, files)
    return person_channel(server.world, made, user_id)


def join_thread(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Join a thread."""
    (channel_id,) = _ids(body, "channel_id")
    join(server.world, _place(server, user_id, channel_id), user_id)


def leave_thread(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Leave a thread."""
    (channel_id,) = _ids(body, "channel_id")
    leave(server.world, _place(server, user_id, channel_id), user_id)


def open_dm_with(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> Json:
    """Open (or find) a direct message."""
    (other,) = _ids(body, "user_id")
    channel = open_dm(server.world, user_id, other)
    return person_channel(server.world, channel, user_id)


def typing(server: Server, user_id: int, body: Json, _: Sequence[Upload]) -> None:
    """Show that one is typing."""
    (channel_id,) = _ids(body, "channel_id")
    channel = _place(server, user_id, channel_id)
    sender_in(server.world, channel, user_id)
    type_in(server, channel, user_id)


ACTS: dict[str, Act] = {
    "slash": slash,
    "autocomplete": autocomplete,
    "context": context,
    "component": component,
    "modal": modal,
    "dismiss_modal": dismiss_modal,
    "post": post,
    "edit": edit,
    "delete": delete,
    "dismiss": dismiss,
    "react": add_reaction,
    "unreact": remove_reaction,
    "pin": pin,
    "unpin": unpin,
    "poll_vote": poll_vote,
    "poll_end": poll_end,
    "poll_voters": poll_voters,
    "thread": thread,
    "join_thread": join_thread,
    "leave_thread": leave_thread,
    "open_dm": open_dm_with,
    "typing": typing,
}
