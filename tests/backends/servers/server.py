"""A server of models, in the test's own loop, on a real socket."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson
from aiohttp import web

from bot.catalog import ModelCard, Openness, Task
from tests.backends.servers.plans import Echo, Plan, Raw, Refuse, Say
from tests.backends.servers.protocols import Anthropic, Gemini, OpenAI, Protocol

MODEL = "test-model"
PATIENCE = 20.0


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class ModelServer:
    """Answers as planned; what is not planned, with an echo."""

    def __init__(self, protocol: Protocol, key: str = "", model: str = MODEL) -> None:
        self.protocol = protocol
        self.key = key
        self.model = model
        self.requests: list[Seen] = []
        self.running = 0
        self.most_running = 0
        self.connections: set[Any] = set()
        """Every connection that a request came over."""
        self.otherwise: Plan = Echo()
        self._plans: deque[Plan] = deque()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @classmethod
    def openai(cls, **options: Any) -> Self:
        return cls(OpenAI(), **options)

    @classmethod
    def anthropic(cls, **options: Any) -> Self:
        return cls(Anthropic(), **options)

    @classmethod
    def gemini(cls, **options: Any) -> Self:
        return cls(Gemini(), **options)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.protocol.base}"

    def will(self, *plans: Plan) -> None:
        """Plan the next answers, one for each request, in order."""
        self._plans.extend(plans)

    def always(self, plan: Plan) -> None:
        """Answer everything that is not planned like this."""
        self.otherwise = plan

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_post("/{path:.*}", self._asked)
        app.router.add_get("/{path:.*}", self._listed)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    async def _listed(self, request: web.Request) -> web.StreamResponse:
        self._see(request, {})
        plan = self._plans.popleft() if self._plans else None
        if isinstance(plan, Refuse):
            return self._refusal(plan)
        if isinstance(plan, Raw):
            return await self._raw(request, plan)
        if self.key and self.protocol.key_of(request.headers) != self.key:
            return self._refusal(Refuse(401))
        last = request.path.rsplit("/", 1)[-1]
        if last not in {"models", self.model}:
            return self._refusal(Refuse(404))
        return web.json_response(self.protocol.listing(self.model))

    async def _asked(self, request: web.Request) -> web.StreamResponse:
        body = orjson.loads(await request.read())
        self._see(request, body)
        plan = self._plans.popleft() if self._plans else self.otherwise
        if refusal := self._refuses(request, body, plan):
            return self._refusal(refusal)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if isinstance(plan, Raw):
                return await self._raw(request, plan)
            if isinstance(plan, Echo):
                words = self.protocol.question_of(body).split(" ")
                pieces = [word if n == 0 else f" {word}" for n, word in enumerate(words)]
                plan = Say(*pieces, pause=plan.pause)
            return await self._say(request, plan)
        except ConnectionError:
            return web.Response()  # nobody is there to see it
        finally:
            self.running -= 1

    def _refuses(self, request: web.Request, body: dict[str, Any], plan: Plan) -> Refuse | None:
        if isinstance(plan, Refuse):
            return plan
        if self.key and self.protocol.key_of(request.headers) != self.key:
            return Refuse(401)
        if self.protocol.model_of(request.path, body) != self.model:
            return Refuse(404)
        if lack := self.protocol.lacks(request, body):
            return Refuse(400, {"error": {"type": "invalid_request_error", "message": lack}})
        return None

    def _see(self, request: web.Request, body: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Seen(request.method, str(request.rel_url), headers, body))
        self.connections.add(request.transport)

    def _refusal(self, plan: Refuse) -> web.Response:
        body = self.protocol.refusal(plan.status) if plan.body is None else plan.body
        status = plan.status
        if plan.body is None and "error" in body and isinstance(body["error"].get("code"), int):
            status = body["error"]["code"]
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return web.Response(body=content, status=status, headers=plan.headers, content_type=plan.content_type)

    async def _say(self, request: web.Request, plan: Say) -> web.StreamResponse:
        speak = self.protocol
        response = web.StreamResponse(headers={"content-type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        if begin := speak.begin(plan.tokens[0] if plan.tokens else None):
            await response.write(begin)
        for piece in plan.pieces:
            await response.write(speak.piece(piece))
            if plan.pause:
                await asyncio.sleep(plan.pause)
        if plan.ending in {"cut", "stall"}:
            return await self._leave(request, response, plan.ending)
        if plan.ending not in {"clean", "bare"}:
            await response.write(speak.error(plan.ending))
            return response
        for part in (speak.reason(plan.finish, plan.tokens), speak.last() if plan.ending == "clean" else b""):
            if part:
                await response.write(part)
        return response

    async def _raw(self, request: web.Request, plan: Raw) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": plan.content_type, **plan.headers})
        await response.prepare(request)
        for write in plan.writes:
            await response.write(write)
            await asyncio.sleep(0)
        while plan.ending == "forever":
            await response.write(plan.writes[-1])
            await asyncio.sleep(0)
        if plan.ending != "clean":
            return await self._leave(request, response, plan.ending)
        return response

    async def _leave(self, request: web.Request, response: web.StreamResponse, ending: str) -> web.StreamResponse:
        if ending == "cut" and request.transport:
            await asyncio.sleep(0.02)  # let what was written go out before
            request.transport.abort()
        await until(lambda: request.transport is None or request.transport.is_closing(), 120)
        return response


def card_of(server: ModelServer, backend: str = "", **rest: Any) -> ModelCard:
    """Return the card of the model that a server has."""
    name = backend or f"{type(server.protocol).__name__.lower()}_api"
    values: dict[str, Any] = {
        "key": "test-model",
        "name": "Test Model",
        "maker": "Testers",
        "family": "Test",
        "openness": Openness.CLOSED,
        "reasons": {"weights": "not published"},
        "tasks": frozenset(Task),
        "backend": name,
        "model": server.model,
        "licence": "Terms",
        "address": server.address,
        "key_setting": "TEST_API_KEY" if server.key else "",
    }
    return ModelCard(**{**values, **rest})


async def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(patience):
        while not holds():
            await asyncio.sleep(0.005)
