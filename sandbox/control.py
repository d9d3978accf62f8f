"""Bad days over HTTP: GET /people/control lists the faults, POST /people/control/{name} starts one."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from sandbox.faults import Fault
    from sandbox.server import Server


class Control:
    """The control routes; the gatekeeper has asked for the capability already."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [web.get("/people/control", self.listing), web.post("/people/control/{name}", self.act)]

    async def listing(self, request: web.Request) -> web.Response:
        """Return the names of the faults and those now active."""
        del request
        faults = self._server.faults
        return web.json_response({"names": sorted(faults.names()), "active": [_shown(f) for f in faults.active()]})

    async def act(self, request: web.Request) -> web.Response:
        """Start the named fault with the fields of the JSON body as its arguments."""
        act = self._server.faults.names().get(request.match_info["name"])
        if act is None:
            return web.json_response({"code": 0, "message": "There is no such fault."}, status=404)
        try:
            body: dict[str, Any] = await request.json() if request.body_exists else {}
            result = act(**body)
        except (TypeError, ValueError) as error:
            return web.json_response({"code": 50035, "message": str(error)}, status=400)
        return web.json_response({"count": result} if isinstance(result, int) else _shown(result))


def _shown(fault: Fault) -> dict[str, Any]:
    shown = asdict(fault)
    del shown["until"]
    return shown
