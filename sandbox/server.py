"""The stand-in Discord as one server: REST, gateway, uploads, the page and the people behind it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from aiohttp import web

from sandbox import events, people_http, polls, threads
from sandbox.control import Control
from sandbox.faults import Faults
from sandbox.gateway.hub import Gateway
from sandbox.gateway.protocol import serve
from sandbox.interactions import Interactions
from sandbox.limits import Limits
from sandbox.pages import Pages
from sandbox.people import People
from sandbox.rest.body import LARGEST_BODY
from sandbox.rest.router import Router, all_routes
from sandbox.security import Gatekeeper, require_loopback
from sandbox.seed import seed
from sandbox.spec import Description, Spec
from sandbox.statefile import StateFile
from sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from sandbox.model import Json

logger = logging.getLogger(__name__)
_TICK = 1.0
# what falls due by the clock
_DUE = (polls.due, threads.due, events.due)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run; `port` 0 takes any free one, `capability` None makes one up.

    `spec` is Discord's API description: a file, or one already read that several servers share.

    `identify_seconds` is how long a bot waits between two IDENTIFYs of one concurrency bucket (Discord: 5 seconds);
    tests and benches that restart bots quickly set 0.
    """

    host: str = "127.0.0.1"
    port: int = 8420
    bot_token: str = "stand-in-token"  # noqa: S105 - loopback's own
    state: Path | None = None
    spec: Path | Description | None = None
    capability: str | None = None
    seed: bool = True
    identify_seconds: float = 5.0


class Server:
    """The stand-in; `start` it and `close` it, or use it as a context manager."""

    def __init__(self, options: Options, clock: Callable[[], datetime] | None = None) -> None:
        require_loopback(options.host)
        self.options = options
        self._state = StateFile(options.state) if options.state is not None else None
        self.world = World(self._state, clock)
        if options.seed:
            seed(self.world, options.bot_token)
        self.spec = _spec(options.spec)
        self.limits = Limits()
        self.faults = Faults(self)
        self.unknown_routes: list[str] = []
        self.presences: dict[int, Json] = {}
        self.gateway = Gateway(self, options.identify_seconds)
        self.interactions = Interactions(self)
        self.people = People(self)
        self.gatekeeper = Gatekeeper(options.capability)
        self.port = options.port
        self.router = Router(self, all_routes())
        self._runner: web.AppRunner | None = None
        self._ticking: asyncio.Task[None] | None = None
        self.world.subscribe(self.gateway.deliver)

    @property
    def url(self) -> str:
        """The address of REST (below /api/v10) and of everything else over HTTP."""
        return f"http://{self._host}:{self.port}"

    @property
    def gateway_url(self) -> str:
        """The address of the gateway."""
        return f"ws://{self._host}:{self.port}/gateway"

    @property
    def page_url(self) -> str:
        """The page's address with the capability; whoever has it acts for everybody."""
        return f"{self.url}/#{self.gatekeeper.capability}"

    @property
    def _host(self) -> str:
        host = self.options.host
        return f"[{host}]" if ":" in host else host

    async def start(self) -> None:
        """Listen."""
        app = web.Application(middlewares=[self.gatekeeper.middleware()], client_max_size=LARGEST_BODY + (1 << 20))
        app.router.add_route("*", "/api/{path:.*}", self.router.handle)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/gateway/", self._gateway)
        app.router.add_routes(Pages(self).routes())
        app.router.add_post("/people/enter", self.gatekeeper.enter)
        app.router.add_routes(Control(self).routes())
        app.router.add_routes(people_http.routes(self))
        app.on_response_prepare.append(self._flush)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0, handle_signals=False)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.options.host, self.options.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.world.base_url = self.url
        self.gatekeeper.allow(self.options.host, self.port)
        self._ticking = asyncio.create_task(self._tick())

    async def close(self) -> None:
        """Say goodbye to everybody and stop."""
        if self._ticking is not None:
            self._ticking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticking
        self.interactions.close()
        for connection in tuple(self.gateway.connections):
            connection.close(1001, "The stand-in is going away.")
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self.world.flush()
        if self._state is not None:
            self._state.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _flush(self, request: web.Request, response: web.StreamResponse) -> None:
        del request, response
        self.world.flush()

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        return await serve(self, request)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            try:
                for due in _DUE:
                    due(self)
                self.gateway.expire()
                self.world.flush()
            except Exception:
                logger.exception("what fell due failed")


def _spec(given: Path | Description | None) -> Spec | None:
    if given is None:
        return None
    return Spec(given if isinstance(given, Description) else Description(given))
