"""The people of one stand-in, for the driver in the same process and for people_http.py alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import not_found, unknown
from sandbox.people import views
from sandbox.people.acts import ACTS
from sandbox.people.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.model import Json
    from sandbox.rest.call import Upload
    from sandbox.server import Server
    from sandbox.world import Event


# what no client of a person is told: the first is an application's, the second needs a right that no view here shows
_FOR_BOTS = frozenset({"INTERACTION_CREATE", "GUILD_AUDIT_LOG_ENTRY_CREATE"})


class People:
    """Ids are ints here; payloads are Discord's. Every method raises ApiError as Discord refuses."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._world = server.world
        self._streams: dict[int, list[Stream]] = {}
        server.world.subscribe(self._hear)
        server.interactions.listen(self._tell)

    def everybody(self) -> Json:
        """Return all people, and all applications with whether their bot is online."""
        return views.everybody(self._server)

    def world(self, user_id: int) -> Json:
        """Return what a person sees of the world."""
        self._known(user_id)
        return views.person_world(self._world, user_id)

    def messages(
        self, user_id: int, channel_id: int, *, limit: int = 50, before: int | None = None, after: int | None = None
    ) -> list[Json]:
        """Return messages of a channel, newest first."""
        self._known(user_id)
        return views.messages(self._world, channel_id, user_id, limit=limit, before=before, after=after)

    def pins(self, user_id: int, channel_id: int) -> list[Json]:
        """Return the pinned messages of a channel, last pinned first."""
        self._known(user_id)
        return views.pinned(self._world, channel_id, user_id)

    def commands(self, user_id: int, channel_id: int) -> list[Json]:
        """Return the commands that a person may use in a channel."""
        self._known(user_id)
        return views.usable_commands(self._server, channel_id, user_id)

    async def act(self, user_id: int, name: str, body: Json, files: Sequence[Upload] = ()) -> Json | None:
        """Do something as a person: `name` and `body` are those of the people protocol."""
        self._known(user_id)
        act = ACTS.get(name)
        if act is None:
            raise not_found()
        result = act(self._server, user_id, body, files)
        if not (result is None or isinstance(result, dict)):
            result = await result
        self._world.flush()
        return result

    def listen(self, user_id: int, push: Callable[[str, Json], None]) -> Callable[[], None]:
        """Call `push(name, data)` with everything a person hears of from now on; returns what ends that."""
        self._known(user_id)
        stream = Stream(self._world, user_id, push)
        streams = self._streams.setdefault(user_id, [])
        streams.append(stream)

        def end() -> None:
            if stream in streams:
                streams.remove(stream)

        return end

    def _known(self, user_id: int) -> None:
        user = self._world.users.get(user_id)
        if user is None or user.bot:
            raise unknown("user")

    def _hear(self, event: Event) -> None:
        if event.name in _FOR_BOTS:
            return
        for streams in tuple(self._streams.values()):
            for stream in tuple(streams):
                stream.take(event)

    def _tell(self, user_id: int, state: Json) -> None:
        for stream in tuple(self._streams.get(user_id, ())):
            stream.push("INTERACTION_STATE", state)
