"""A walk of the unmodified discord.py client through the stand-in, and the record of all that it touched."""

from __future__ import annotations

import ast
import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest

import sandbox
from sandbox.gateway import intents
from sandbox.rest.router import all_routes
from tests.support.play_bot import PlayBot

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Iterator

    from sandbox.driver import Person, Stage
    from sandbox.rest.call import Call, Route, Upload
    from sandbox.server import Server
    from tests.support.stand_in import Place

# sent to one session by the gateway itself and so in no table of intents
_SESSIONS_OWN = ("READY", "RESUMED", "GUILD_MEMBERS_CHUNK")


def name_of(route: Route) -> str:
    """Return a route as the tour spells it: "GET /channels/{channel_id}"."""
    return f"{route.method} {route.path}"


def events_in_source() -> set[str]:
    """Return every event of bots that a module names besides the table of intents: those that may be sent."""
    root = Path(sandbox.__file__).parent
    found: set[str] = set()
    for path in root.rglob("*.py"):
        # people and their driver hear events, they send none to bots
        if path.samefile(intents.__file__) or path.relative_to(root).parts[0] in {"people", "driver"}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_event(node.value):
                found.add(node.value)
    return found


def _is_event(text: str) -> bool:
    return text in _SESSIONS_OWN or any(intents.needed(text, in_guild=guild) is not None for guild in (True, False))


@dataclass(frozen=True)
class Recorded:
    """A call that was served."""

    route: Route
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    files: tuple[Upload, ...]


class Record:
    """What a server served, and what it was told in the bodies of calls; `server.router` is made to note it."""

    def __init__(self, server: Server) -> None:
        self.served: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.callbacks: set[int] = set()
        self.components: set[int] = set()
        self.calls: list[Recorded] = []
        server.router.serve([self._noting(route) for route in all_routes()])

    def _noting(self, route: Route) -> Route:
        async def handler(call: Call) -> Any:
            try:
                result = await route.handler(call)
            except Exception:
                self.refused[name_of(route)] += 1
                raise
            self.served[name_of(route)] += 1
            self.calls.append(Recorded(route, dict(call.path), dict(call.query), call.body, tuple(call.files)))
            if route.path.endswith("/callback"):
                self.callbacks.add(call.json["type"])
            if route.method != "GET":
                self.components |= set(component_types(call.body))
            return result

        return replace(route, handler=handler)


def component_types(part: object) -> Iterator[int]:
    """Yield the type of every component somewhere in a body."""
    match part:
        case dict():
            for name in ("components", "accessory", "component"):
                inner = part.get(name) or []
                for one in inner if isinstance(inner, list) else [inner]:
                    if isinstance(one, dict) and isinstance(one.get("type"), int):
                        yield one["type"]
            for value in part.values():
                yield from component_types(value)
        case list():
            for value in part:
                yield from component_types(value)
        case _:
            pass


class TourBot(PlayBot):
    """The client with a record of what it heard: names of events, types of interactions and what was in them."""

    def __init__(self) -> None:
        super().__init__(discord.Intents.all())
        self.events: Counter[str] = Counter()
        self.interactions: set[int] = set()
        self.commands: set[int] = set()
        self.options: set[int] = set()
        self.used: set[int] = set()

    async def on_socket_event_type(self, name: str) -> None:
        self.events[name] += 1

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        data: Any = interaction.data or {}
        self.interactions.add(interaction.type.value)
        if interaction.type is discord.InteractionType.component:
            self.used.add(data["component_type"])
        elif interaction.type is discord.InteractionType.modal_submit:
            self.used |= set(component_types(data))
        else:
            self.commands.add(data["type"])
            self.options |= set(_option_types(data.get("options", ())))


def _option_types(options: Any) -> Iterator[int]:
    for option in options:
        yield option["type"]
        yield from _option_types(option.get("options", ()))


@dataclass
class Tour:
    """The client on its way: `call` names the route that a call of discord.py must reach."""

    server: Server
    client: TourBot
    stage: Stage
    place: Place
    record: Record

    def __post_init__(self) -> None:
        self.covered: set[str] = set()
        self.known = {name_of(route) for route in all_routes()}

    @cached_property
    def guild(self) -> discord.Guild:
        found = self.client.get_guild(self.place.guild.id)
        assert found is not None
        return found

    def channel(self, name: str) -> Any:
        """Return a channel of the guild as discord.py has it."""
        found = self.guild.get_channel(self.place.channel(name).id)
        assert found is not None
        return found

    async def ada(self) -> Person:
        return await self.stage.person("Ada")

    async def call(self, route: str, doing: Awaitable[Any] | AsyncIterable[Any]) -> Any:
        """Await a call (or gather what an iterator yields) and require that it reached this route."""
        return await self._reaching(self.record.served, route, doing)

    async def until(self, event: str, count: int = 1) -> None:
        """Wait until the client has heard an event so many times."""
        async with asyncio.timeout(30):
            while self.client.events[event] < count:
                await asyncio.sleep(0.005)

    async def refused(self, route: str, code: int, doing: Awaitable[Any]) -> None:
        """Await a call that must reach this route and be refused with one of Discord's codes."""
        with pytest.raises(discord.HTTPException) as caught:
            await self._reaching(self.record.refused, route, doing)
        assert caught.value.code == code
        assert self.record.refused[route]
        self.covered.add(route)

    async def _reaching(self, count: Counter[str], route: str, doing: Awaitable[Any] | AsyncIterable[Any]) -> Any:
        assert route in self.known, f"the stand-in has no {route}"
        before = count[route]
        async with asyncio.timeout(60):
            result = [one async for one in doing] if hasattr(doing, "__aiter__") else await doing  # type: ignore[union-attr,misc]
        assert count[route] > before, f"the call did not reach {route}"
        self.covered.add(route)
        return result
