"""What people do that begins an interaction: run a command, press, choose, submit; checked before a bot sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.commands import usable
from sandbox.errors import ApiError, form_error, missing_access, missing_permissions, unknown
from sandbox.interactions.controls import find_control, press
from sandbox.interactions.modals import fill
from sandbox.interactions.options import Typed
from sandbox.interactions.resolve import Resolver
from sandbox.payloads.interactions import AUTOCOMPLETE, COMMAND, COMPONENT, LOADING, MODAL_SUBMIT
from sandbox.permissions import P, can_view, channel_permissions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Application, Channel, Command, Interaction, Json, Message
    from sandbox.rest.call import Upload
    from sandbox.server import Server
    from sandbox.world import World

CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3


def run_command(
    server: Server, user_id: int, channel: Channel, command_id: int, options: object, files: Sequence[Upload] = ()
) -> Interaction:
    """Run a slash command as typed."""
    app, command = _command(server, user_id, channel, command_id, (CHAT,))
    resolver = Resolver(server.world, channel, user_id, files)
    typed = Typed(command.body, resolver).check(options)
    data = _command_data(command, resolver)
    if typed:
        data["options"] = typed
    return server.interactions.begin(app, channel, user_id, COMMAND, data)


def ask_choices(server: Server, user_id: int, channel: Channel, command_id: int, options: object) -> Interaction:
    """Ask for the choices of the option that is `focused`."""
    app, command = _command(server, user_id, channel, command_id, (CHAT,))
    resolver = Resolver(server.world, channel, user_id)
    typed = Typed(command.body, resolver, lenient=True)
    checked = typed.check(options)
    if typed.focused is None:
        raise form_error("options", code="BASE_TYPE_REQUIRED", message="No option is focused.")
    data = _command_data(command, resolver) | {"options": checked}
    return server.interactions.begin(app, channel, user_id, AUTOCOMPLETE, data, focused_type=typed.focused["type"])


def use_menu(server: Server, user_id: int, channel: Channel, command_id: int, target_id: int) -> Interaction:
    """Use a command of the context menu of a message or user."""
    app, command = _command(server, user_id, channel, command_id, (USER_MENU, MESSAGE_MENU))
    resolver = Resolver(server.world, channel, user_id)
    if command.type == USER_MENU:
        if not resolver.user(target_id):
            raise unknown("user")
    else:
        resolver.message(seen_message(server, user_id, channel, target_id))
    data = _command_data(command, resolver) | {"target_id": str(target_id)}
    return server.interactions.begin(app, channel, user_id, COMMAND, data)


def use_component(
    server: Server, user_id: int, channel: Channel, message_id: int, custom_id: object, values: object
) -> Interaction:
    """Press a button or choose in a select of a message."""
    message = seen_message(server, user_id, channel, message_id)
    _awake(server, user_id, channel, locked_only=True)
    if timed_out(server.world, channel, user_id):
        raise missing_permissions()
    app = server.world.applications.get(message.application_id or 0) or server.world.application_of(message.author_id)
    if app is None:
        raise form_error("message_id", code="COMPONENT_UNKNOWN", message="No application owns this message.")
    control = find_control(message.components, custom_id)
    data = press(control, values, Resolver(server.world, channel, user_id))
    return server.interactions.begin(app, channel, user_id, COMPONENT, data, message=message)


def submit_modal(
    server: Server, user_id: int, source_id: int, values: object, files: Sequence[Upload] = ()
) -> Interaction:
    """Send in a modal that an interaction of the same person opened."""
    world = server.world
    source = open_modal_of(server, user_id, source_id)
    channel = world.channels.get(source.channel_id)
    if channel is None:
        raise unknown("channel")
    resolver = Resolver(world, channel, user_id, files)
    data = fill(source.modal or {}, values, resolver)
    message = None
    if source.message_id is not None:
        message = world.messages[channel.id].get(source.message_id)
    app = world.applications[source.application_id]
    return server.interactions.begin(app, channel, user_id, MODAL_SUBMIT, data, message=message, source=source)


def dismiss_modal(server: Server, user_id: int, source_id: int) -> None:
    """Close a modal without sending it; no bot hears of that."""
    source = open_modal_of(server, user_id, source_id)
    source.modal = None
    server.interactions.advance(source, "done")


def open_modal_of(server: Server, user_id: int, source_id: int) -> Interaction:
    """Return the interaction whose modal lies open before this person, or raise 10062."""
    source = server.world.interactions.get(source_id)
    if source is None or source.user_id != user_id or source.modal is None:
        raise unknown("interaction")
    if source.submission_id is not None:
        raise ApiError(400, 40060, "This modal is being sent already.")
    return source


def seen_message(server: Server, user_id: int, channel: Channel, message_id: int) -> Message:
    """Return a finished message that a person sees in a channel, or raise 50001 or 10008."""
    if not can_view(server.world, channel, user_id):
        raise missing_access()
    message = server.world.messages[channel.id].get(message_id)
    if message is None or message.ephemeral_to not in {None, user_id} or message.flags & LOADING:
        raise unknown("message")
    return message


def timed_out(world: World, channel: Channel, user_id: int) -> bool:
    """Tell whether a member may not act for now."""
    member = world.members[channel.guild_id].get(user_id) if channel.guild_id is not None else None
    return member is not None and member.timed_out_until is not None and member.timed_out_until > world.now()


def _command(
    server: Server, user_id: int, channel: Channel, command_id: int, types: tuple[int, ...]
) -> tuple[Application, Command]:
    world = server.world
    bits = channel_permissions(world, channel, user_id)
    if not bits & P.VIEW_CHANNEL:
        raise missing_access()
    _awake(server, user_id, channel)
    command = world.commands.get(command_id)
    if command is None or command.type not in types:
        raise unknown("command")
    if not bits & P.USE_APPLICATION_COMMANDS or not usable(world, command, channel, user_id):
        raise missing_permissions()
    return world.applications[command.application_id], command


def _awake(server: Server, user_id: int, channel: Channel, *, locked_only: bool = False) -> None:
    thread = channel.thread
    if thread is None or not thread.archived:
        return
    if not locked_only or (
        thread.locked and not channel_permissions(server.world, channel, user_id) & P.MANAGE_THREADS
    ):
        raise ApiError(400, 50083, "Thread is archived")


def _command_data(command: Command, resolver: Resolver) -> Json:
    data: Json = {"id": str(command.id), "name": command.name, "type": command.type}
    if resolver.data:
        data["resolved"] = resolver.data
    if command.guild_id is not None:
        data["guild_id"] = str(command.guild_id)
    return data
