"""A hub of models on loopback, as far as its own library asks: what there is, of what size, and the files."""

import asyncio
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiohttp import web

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REFUSED = "Invalid credentials in Authorization header"


@dataclass
class Hub:
    """Serves `repos`; those in `gated` to `member`, who has accepted the licence, not to `stranger`.

    Of a file in `breaks` the connection ends after so many bytes, once; of one in `stalls` nothing more comes then.
    """

    repos: dict[str, dict[str, bytes]] = field(default_factory=dict[str, dict[str, bytes]], repr=False)
    gated: set[str] = field(default_factory=set[str])
    member: str = "hf-member"
    stranger: str = "hf-stranger"
    breaks: dict[str, int] = field(default_factory=dict[str, int])
    stalls: dict[str, int] = field(default_factory=dict[str, int])
    is_down: bool = False
    fetched: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Which files were fetched, each with the range that was asked for."""
    address: str = ""
    _runner: web.AppRunner | None = None

    def add(self, name: str, folder: Path) -> None:
        """Put what is in a folder there."""
        self.repos[name] = {path.name: path.read_bytes() for path in folder.iterdir()}

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/api/models/{owner}/{name}", self._info)
        app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", self._info)
        app.router.add_get("/api/models/{owner}/{name}/tree/{revision}", self._tree)
        app.router.add_get("/{owner}/{name}/resolve/{revision}/{path:.+}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner
        await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.is_down:
            return web.Response(status=503)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token and token not in {self.member, self.stranger}:
            return web.Response(status=401, headers={"X-Error-Message": REFUSED})
        if self._name(request) not in self.repos:
            # to whoever shows no token it may also be one that only members see
            return web.Response(status=404 if token else 401, headers={"X-Error-Code": "RepoNotFound"})
        return await handler(request)

    def _name(self, request: web.Request) -> str:
        return f"{request.match_info['owner']}/{request.match_info['name']}"

    async def _info(self, request: web.Request) -> web.Response:
        name = self._name(request)
        siblings = [{"rfilename": path, "size": len(data)} for path, data in self.repos[name].items()]
        gated = "manual" if name in self.gated else False
        return web.json_response({"id": name, "sha": COMMIT, "private": False, "gated": gated, "siblings": siblings})

    async def _tree(self, request: web.Request) -> web.Response:
        files = self.repos[self._name(request)]
        return web.json_response(
            [{"type": "file", "path": path, "size": len(data), "oid": _oid(data)} for path, data in files.items()]
        )

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name, path = self._name(request), request.match_info["path"]
        if name in self.gated and not (token := request.headers.get("Authorization", "")).endswith(self.member):
            return web.Response(status=403 if token else 401, headers={"X-Error-Code": "GatedRepo"})
        data = self.repos[name].get(path)
        if data is None:
            return web.Response(status=404, headers={"X-Error-Code": "EntryNotFound"})
        headers = {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        asked = request.headers.get("Range", "")
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        if asked:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        response = web.StreamResponse(status=206 if asked else 200, headers=headers)
        response.content_length = len(data) - start
        await response.prepare(request)
        if request.method == "GET":
            self.fetched.append((path, asked))
            await self._send(request, response, path, data[start:])
        return response

    async def _send(self, request: web.Request, response: web.StreamResponse, path: str, data: bytes) -> None:
        ends = self.breaks.pop(path, None)
        stalls = self.stalls.get(path)
        await response.write(data[: stalls if ends is None else ends])
        if ends is not None and request.transport:
            request.transport.close()
        elif stalls is not None:
            await asyncio.sleep(600)


def _oid(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
