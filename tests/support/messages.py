"""Short words for tests about messages: permissions taken and given, what people say, what was heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.messages import create_message, sender_in
from sandbox.model import Overwrite

if TYPE_CHECKING:
    from sandbox.model import Channel, Message
    from sandbox.permissions import P
    from sandbox.server import Server
    from tests.support.stand_in import Answer, Place


def code(answer: Answer) -> tuple[int, int]:
    """Return HTTP's status and Discord's code of a refusal."""
    return answer.status, answer.json["code"]


def deny(place: Place, channel: Channel, *bits: P) -> None:
    """Take bits from the bot in one channel."""
    channel.overwrites.append(Overwrite(id=place.app.user_id, type=1, deny=int(sum(bits))))


def allow(place: Place, channel: Channel, *bits: P) -> None:
    """Give bits to the bot in one channel."""
    channel.overwrites.append(Overwrite(id=place.app.user_id, type=1, allow=int(sum(bits))))


def said(server: Server, channel: Channel, name: str, content: str = "hello", **body: object) -> Message:
    """A person writes."""
    person = next(user for user in server.world.users.values() if user.global_name == name)
    return create_message(server, channel, sender_in(server.world, channel, person.id), {"content": content, **body})


class Heard(list[Any]):
    """Events since it was made."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        server.world.subscribe(self.append)

    def take(self) -> list[str]:
        """Return the names of the events so far and begin anew."""
        names = [event.name for event in self]
        self.clear()
        return names
