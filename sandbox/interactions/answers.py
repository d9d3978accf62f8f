"""How a bot answers: the callback of each type, followups, and the messages that belong to an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import ApiError, FormError, form_error, unknown
from sandbox.messages import Sender, create_message, delete_message, edit_message
from sandbox.payloads.interactions import (
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    COMPONENT,
    DEFER_NEW,
    DEFER_UPDATE,
    EPHEMERAL,
    LOADING,
    MODAL,
    NEW_MESSAGE,
    UPDATE,
    metadata_payload,
)
from sandbox.permissions import P, channel_permissions
from sandbox.validate.message import check_create

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Channel, Interaction, Json, Message
    from sandbox.rest.call import Upload
    from sandbox.server import Server

ORIGINAL = "@original"
_PLAIN, _REPLY, _COMMAND_ANSWER, _MENU_ANSWER = 0, 19, 20, 23
CHAT_INPUT = 1
# an answer may always be sent, whatever the bot may do in the channel by itself
_ALWAYS = int(
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.SEND_MESSAGES_IN_THREADS
    | P.READ_MESSAGE_HISTORY
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.SEND_POLLS
    | P.USE_EXTERNAL_EMOJIS
)


def check_type(interaction: Interaction, kind: object) -> int:
    """Return the callback type, or raise 50035 when this interaction cannot be answered so.

    Premium (10) and activities (12) need an application that sells or plays something, which no stand-in's does.
    """
    if interaction.type == AUTOCOMPLETE:
        allowed: tuple[int, ...] = (CHOICES,)
    elif interaction.type == COMPONENT:
        allowed = (NEW_MESSAGE, DEFER_NEW, DEFER_UPDATE, UPDATE, MODAL)
    elif interaction.type == COMMAND:
        allowed = (NEW_MESSAGE, DEFER_NEW, MODAL)
    elif interaction.message_id is not None:
        allowed = (NEW_MESSAGE, DEFER_NEW, DEFER_UPDATE, UPDATE)
    else:
        allowed = (NEW_MESSAGE, DEFER_NEW)
    if isinstance(kind, bool) or not isinstance(kind, int):
        code = "BASE_TYPE_REQUIRED" if kind is None else "NUMBER_TYPE_COERCE"
        message = "This field is required" if kind is None else f'Value "{kind}" is not int.'
        raise form_error("type", code=code, message=message)
    if kind not in allowed:
        choices = ", ".join(map(str, allowed))
        raise form_error("type", code="BASE_TYPE_CHOICES", message=f"Value must be one of {{{choices}}}.")
    return kind


def answer(
    server: Server, interaction: Interaction, kind: int, data: Json, files: Sequence[Upload] = ()
) -> Message | None:
    """Do what a callback of a checked type says; returns the message that it created or updated."""
    interactions = server.interactions
    if kind == DEFER_UPDATE:
        interactions.advance(interaction, "done", response_type=kind)
        return None
    if kind == UPDATE:
        message = _source(server, interaction)
        message = edit_message(server, message, _sender(server, interaction), data, files)
        interaction.response_message_id = message.id
        interaction.response_ephemeral = message.ephemeral_to is not None
        interactions.advance(interaction, "done", response_type=kind)
        return message
    if loading := kind == DEFER_NEW:
        check_create(server.world, data)  # of which only the flags are used
    ephemeral = bool(_flags(data) & EPHEMERAL)
    message = _send(server, interaction, {} if loading else data, files, ephemeral=ephemeral, loading=loading)
    interaction.response_message_id = message.id
    interaction.response_ephemeral = ephemeral
    interactions.advance(interaction, "thinking" if loading else "done", response_type=kind)
    return message


def open_modal(server: Server, interaction: Interaction, modal: Json) -> None:
    """Show a checked modal to the person."""
    interaction.modal = modal
    server.interactions.advance(interaction, "modal", response_type=MODAL)


def follow_up(server: Server, interaction: Interaction, body: Json, files: Sequence[Upload] = ()) -> Message:
    """Send a further message; the first one after a deferral fills the deferred message instead."""
    pending = _pending(server, interaction)
    if pending is not None:
        return edit_answer(server, interaction, pending, body, files)
    message = _send(server, interaction, body, files, ephemeral=bool(_flags(body) & EPHEMERAL), followup=True)
    interaction.followups.append(message.id)
    server.world.save(interaction)
    _settle(server, interaction, message)
    return message


def find_answer(server: Server, interaction: Interaction, which: str) -> Message:
    """Return a message of an interaction by its id or as @original; 10008 when it is not (or no longer) there."""
    if which == ORIGINAL:
        number = interaction.response_message_id
        if number is None and interaction.response_type == DEFER_UPDATE:
            number = interaction.message_id
    else:
        number = int(which)
        if number not in {interaction.response_message_id, interaction.message_id, *interaction.followups}:
            raise unknown("message")
    message = server.world.messages[interaction.channel_id].get(number or 0)
    if message is None:
        raise unknown("message")
    return message


def edit_answer(
    server: Server, interaction: Interaction, message: Message, body: Json, files: Sequence[Upload] = ()
) -> Message:
    """Edit a message of an interaction; a deferred one is thereby answered."""
    message = edit_message(server, message, _sender(server, interaction), body, files)
    _settle(server, interaction, message)
    return message


def delete_answer(server: Server, interaction: Interaction, message: Message) -> None:
    """Delete a message of an interaction; a deferred one is thereby answered."""
    delete_message(server, message)
    _settle(server, interaction, message)


def _settle(server: Server, interaction: Interaction, message: Message) -> None:
    if interaction.state == "thinking" and message.id == interaction.response_message_id:
        server.interactions.advance(interaction, "done")
    elif interaction.response_type == DEFER_UPDATE and interaction.settled_by is None:
        interaction.settled_by = message.id
        server.interactions.advance(interaction, interaction.state)


def _pending(server: Server, interaction: Interaction) -> Message | None:
    if interaction.response_type != DEFER_NEW or interaction.response_message_id is None:
        return None
    message = server.world.messages[interaction.channel_id].get(interaction.response_message_id)
    return message if message is not None and message.flags & LOADING else None


def _send(
    server: Server,
    interaction: Interaction,
    body: Json,
    files: Sequence[Upload],
    *,
    ephemeral: bool,
    loading: bool = False,
    followup: bool = False,
) -> Message:
    channel = _channel(server, interaction)
    metadata = metadata_payload(server.world, interaction)
    replied = interaction.message_id
    if followup:
        replied = interaction.response_message_id or interaction.message_id
        if replied is not None:
            metadata["original_response_message_id"] = str(replied)
    kind, reference = _manner(server, interaction, replied, ephemeral=ephemeral)
    return create_message(
        server,
        channel,
        _sender(server, interaction),
        body,
        files,
        type=kind,
        ephemeral_to=interaction.user_id if ephemeral else None,
        interaction=metadata,
        reference=reference,
        loading=loading,
    )


def _manner(
    server: Server, interaction: Interaction, replied: int | None, *, ephemeral: bool
) -> tuple[int, Json | None]:
    """Return the type of an answer and, when it is a reply, its message_reference."""
    if replied is None:
        command = interaction.data.get("type", CHAT_INPUT) == CHAT_INPUT
        return _COMMAND_ANSWER if command else _MENU_ANSWER, None
    target = server.world.messages[interaction.channel_id].get(replied)
    if target is None or (target.ephemeral_to is not None and not ephemeral):
        # what one person alone saw is not quoted to all
        return _PLAIN, None
    reference: Json = {"type": 0, "channel_id": str(target.channel_id), "message_id": str(target.id)}
    if target.guild_id is not None:
        reference["guild_id"] = str(target.guild_id)
    return _REPLY, reference


def _sender(server: Server, interaction: Interaction) -> Sender:
    world = server.world
    app = world.applications[interaction.application_id]
    bits = channel_permissions(world, _channel(server, interaction), app.user_id)
    return Sender(app.user_id, application_id=app.id, webhook_id=app.id, bits=bits | _ALWAYS)


def _channel(server: Server, interaction: Interaction) -> Channel:
    """Return where the person was, or raise 10003 when that has been deleted since."""
    channel = server.world.channels.get(interaction.channel_id)
    if channel is None:
        raise unknown("channel")
    return channel


def _source(server: Server, interaction: Interaction) -> Message:
    message = server.world.messages[interaction.channel_id].get(interaction.message_id or 0)
    if message is None:
        raise unknown("message")
    return message


def _flags(body: Json) -> int:
    flags = body.get("flags")
    return flags if isinstance(flags, int) else 0


def within(error: ApiError, *path: str) -> ApiError:
    """Return an error as seen from outside the field `path`."""
    if isinstance(error, FormError):
        return FormError([field.under(*path) for field in error.fields])
    return error
