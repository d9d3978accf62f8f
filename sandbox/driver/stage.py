"""The stage: the way in for whoever plays people."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sandbox.driver.errors import NotFound, WaitedInVain, listed
from sandbox.driver.person import Person
from sandbox.driver.places import matches
from sandbox.driver.transport import Local, Remote

if TYPE_CHECKING:
    from types import TracebackType

    from sandbox.driver.transport import Json, Transport
    from sandbox.server import Server


class Stage:
    """A stand-in Discord with its people.

    `Stage(server)` plays on a server of the same process, `await Stage.connect(url, capability)` on one elsewhere on
    this machine; everything else is the same. Use it as an async context manager, or close it.
    """

    def __init__(self, server: Server | None = None, *, transport: Transport | None = None) -> None:
        if transport is None:
            if server is None:
                raise TypeError("give a server, or use Stage.connect(url, capability)")
            transport = Local(server)
        self._transport = transport
        self._people: dict[str, Person] = {}

    @classmethod
    async def connect(cls, url: str, capability: str) -> Stage:
        """Reach a server by its address and the capability that its page's address ends with."""
        stage = cls(transport=Remote(url, capability))
        try:
            await stage.everybody()
        except BaseException:
            await stage.close()
            raise
        return stage

    async def everybody(self) -> Json:
        """Return {"people": [...], "applications": [...]} as the people protocol describes them."""
        return await self._transport.everybody()

    async def person(self, name: str) -> Person:
        """Return the person with this shown name, user name or id; the same object each time."""
        known = self._people.get(name)
        if known is not None:
            return known
        people = (await self._transport.everybody())["people"]
        found = [user for user in people if matches(user, name)]
        if len(found) != 1:
            names = listed(user.get("global_name") or user["username"] for user in found or people)
            raise NotFound(f"{name!r} is {'more than one person' if found else 'nobody'} here: {names}")
        person = self._people.get(found[0]["id"])
        if person is None:
            person = Person(self._transport, found[0])
            await person.start()
            self._people[found[0]["id"]] = person
        self._people[name] = person
        return person

    async def wait_online(self, application: str | None = None, *, timeout: float = 30.0, online: bool = True) -> None:
        """Wait until a bot is online (or, with online=False, gone); without a name, any bot."""
        people = (await self._transport.everybody())["people"]
        changed = asyncio.Event()

        def hear(name: str, _: Json) -> None:
            if name == "BOT_STATE":
                changed.set()

        if not people:
            raise NotFound("there is nobody on this stage to watch for the bot")
        stop = await self._transport.listen(people[0]["id"], hear)
        try:
            async with asyncio.timeout(timeout):
                while not await self._is_online(application, online):
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            apps = (await self._transport.everybody())["applications"]
            states = listed(f"{app['name']}: {'online' if app['online'] else 'offline'}" for app in apps)
            wanted = f"{application or 'a bot'} to be {'online' if online else 'offline'}"
            raise WaitedInVain(f"waited {timeout:g} s for {wanted}; there is {states}") from None
        finally:
            await stop()

    async def fault(self, name: str, **options: Any) -> Any:  # noqa: ANN401 - as sandbox/faults.py has it
        """Ask for a bad day: drop_socket, slow_rest, lose_ack... with the options of sandbox/faults.py."""
        return await self._transport.control(name, options)

    async def close(self) -> None:
        """Let go of the stage."""
        for person in {id(one): one for one in self._people.values()}.values():
            await person.stop()
        self._people.clear()
        await self._transport.close()

    async def _is_online(self, application: str | None, online: bool) -> bool:
        apps = (await self._transport.everybody())["applications"]
        chosen = [app for app in apps if application in {None, app["name"], app["id"]}]
        if not chosen:
            raise NotFound(f"there is no application {application!r}; there are {listed(app['name'] for app in apps)}")
        states = [app["online"] for app in chosen]
        return any(states) if online else not any(states)

    async def __aenter__(self) -> Stage:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
