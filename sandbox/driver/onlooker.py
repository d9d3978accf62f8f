"""Someone who looks and waits: places, messages, commands, and every change that is worth waiting for."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from inspect import isawaitable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from sandbox.driver.errors import NotFound, WaitedInVain
from sandbox.driver.places import Place, Places
from sandbox.driver.response import DEFAULT_TIMEOUT, Response
from sandbox.driver.seen import SeenMessage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.driver.transport import Json, Transport

_STATES_KEPT = 1_000
_SHOWN_IN_ERRORS = 5
_MOST_READ = 100
# after these the person's view of the world is asked for anew
_WORLD = ("GUILD_", "CHANNEL_", "THREAD_")


class Onlooker:
    """One account's eyes and ears; Person adds hands."""

    def __init__(self, transport: Transport, user: Json) -> None:
        self._transport = transport
        self.user = user
        self.id: str = user["id"]
        self._stop: Callable[[], Awaitable[None]] | None = None
        self._places: Places | None = None
        self._commands: dict[str, list[Json]] = {}
        self._responses: WeakValueDictionary[str, Response] = WeakValueDictionary()
        self._early: OrderedDict[str, Json] = OrderedDict()
        self._waiting: list[asyncio.Future[None]] = []
        self._listeners: list[Callable[[tuple[str, Json]], object]] = []

    @property
    def name(self) -> str:
        """The shown name."""
        return self.user.get("global_name") or self.user["username"]

    async def start(self) -> None:
        """Begin to hear events; the stage does this."""
        self._stop = await self._transport.listen(self.id, self._hear)

    def hear_also(self, listener: Callable[[tuple[str, Json]], object]) -> None:
        """Call `listener((name, data))` with every event of this person from now on, for tests of events themselves."""
        self._listeners.append(listener)

    async def stop(self) -> None:
        """Hear nothing more."""
        if self._stop is not None:
            await self._stop()
            self._stop = None

    async def places(self) -> list[str]:
        """Return the names of all places that this person sees."""
        return (await self._known_places()).names()

    async def place(self, name: object) -> Place:
        """Return one place with its payload."""
        return (await self._known_places()).place(name)

    async def see(self, place: object, limit: int = 50) -> list[SeenMessage]:
        """Return the last messages of a place, oldest first, this person's ephemeral ones among them."""
        where = (await self._known_places()).place(place)
        found = await self._transport.messages(self.id, where.id, min(limit, _MOST_READ))
        return [self._seen(one) for one in reversed(found)]

    async def pins(self, place: object) -> list[SeenMessage]:
        """Return the pinned messages of a place."""
        where = (await self._known_places()).place(place)
        return [self._seen(one) for one in await self._transport.pins(self.id, where.id)]

    async def commands(self, place: object) -> list[Json]:
        """Return the commands this person may use in a place, as Discord's payloads."""
        where = (await self._known_places()).place(place)
        return await self._transport.commands(self.id, where.id)

    async def again(self, message: SeenMessage) -> SeenMessage:
        """Look at a message once more; NotFound when it is gone."""
        found = await self.find_message(message.channel_id, message.id)
        if found is None:
            raise NotFound(f"{self.name} no longer sees the message {message.id}, which said:\n{message.text}")
        return found

    async def find_message(self, channel_id: str, message_id: str) -> SeenMessage | None:
        """Return a message by its ids, or None when this person sees none."""
        found = await self._transport.messages(self.id, channel_id, 1, before=str(int(message_id) + 1))
        return self._seen(found[0]) if found and found[0]["id"] == message_id else None

    # waiting

    async def wait(
        self, check: Callable[[], Any], *, timeout: float = DEFAULT_TIMEOUT, what: str = "what was asked for"
    ) -> Any:  # noqa: ANN401 - what the check returns
        """Wait until `check()` (may be async) is true and return its result; asked at each event of this person.

        A NotFound that it raises counts as not yet.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        last: object = None
        while True:
            changed: asyncio.Future[None] = loop.create_future()
            self._waiting.append(changed)
            try:
                last = check()
                last = await last if isawaitable(last) else last
            except NotFound as error:
                last = error
            if last and not isinstance(last, NotFound):
                return last
            try:
                async with asyncio.timeout_at(end):
                    await changed
            except TimeoutError:
                raise WaitedInVain(f"{self.name} waited {timeout:g} s for {what}; last: {last!r}") from None

    async def wait_message(
        self,
        place: object,
        containing: str = "",
        *,
        where: Callable[[SeenMessage], bool] | None = None,
        after: SeenMessage | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> SeenMessage:
        """Wait for a message whose text contains something (and meets `where`), and return the newest such.

        Those that are there already count, unless they are not newer than `after`.
        """
        there = (await self._known_places()).place(place)
        seen: list[SeenMessage] = []

        async def look() -> SeenMessage | None:
            nonlocal seen
            last = None if after is None else after.id
            seen = [self._seen(one) for one in await self._transport.messages(self.id, there.id, 50, after=last)]
            return next((one for one in seen if containing in one.text and (where is None or where(one))), None)

        try:
            return await self.wait(look, timeout=timeout)
        except WaitedInVain:
            shown = "\n".join(f"  {one}" for one in reversed(seen[:_SHOWN_IN_ERRORS])) or "  nothing"
            wanted = f"a message containing {containing!r}" if containing else "a message"
            text = f"{self.name} waited {timeout:g} s in #{there.name} for {wanted}; the last there:\n{shown}"
            raise WaitedInVain(text) from None

    async def wait_until(
        self, message: SeenMessage, check: Callable[[SeenMessage], Any], *, timeout: float = DEFAULT_TIMEOUT
    ) -> SeenMessage:
        """Wait until a message has changed so that `check(message)` is true, and return it as it is then."""
        now = message

        async def look() -> SeenMessage | None:
            nonlocal now
            now = await self.again(message)
            return now if check(now) else None

        try:
            return await self.wait(look, timeout=timeout)
        except WaitedInVain as error:
            raise WaitedInVain(f"{self.name} waited {timeout:g} s for a message to change; it is\n  {now}") from error

    async def wait_gone(self, message: SeenMessage, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Wait until this person no longer sees a message."""

        async def gone() -> bool:
            return await self.find_message(message.channel_id, message.id) is None

        await self.wait(gone, timeout=timeout, what=f"the message to go away: {message}")

    async def wait_command(self, place: object, command: str, *, timeout: float = DEFAULT_TIMEOUT) -> Json:
        """Wait until a command can be used in a place (a bot has registered it) and return its payload."""
        name = command.removeprefix("/").split()[0]

        async def look() -> Json | None:
            return next((one for one in await self.commands(place) if one["name"] == name), None)

        return await self.wait(look, timeout=timeout, what=f"the command {command!r} in {place}")

    async def _known_places(self) -> Places:
        if self._places is None:
            self._places = Places(await self._transport.world(self.id))
        return self._places

    def _seen(self, raw: Json) -> SeenMessage:
        return SeenMessage(raw, self._transport)

    def _named(self, message: SeenMessage) -> Json:
        return {"channel_id": message.channel_id, "message_id": message.id}

    def _hear(self, name: str, data: Json) -> None:
        if name == "INTERACTION_STATE":
            response = self._responses.get(data["id"])
            if response is not None:
                response.update(data)
            else:
                self._early[data["id"]] = data
                if len(self._early) > _STATES_KEPT:
                    self._early.popitem(last=False)
        elif name == "GUILD_APPLICATION_COMMAND_INDEX_UPDATE":
            self._commands.clear()
        elif name.startswith(_WORLD):
            self._places = None
            self._commands.clear()
        for listener in self._listeners:
            listener((name, data))
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
