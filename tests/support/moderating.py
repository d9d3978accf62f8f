"""A moderation endpoint on loopback, of OpenAI's form: harm is scored by the words that tests agree on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.backends.http import new_client
from bot.backends.moderation import Moderation

HARM = {"punch": ("violence", 0.9), "shove": ("violence", 0.4), "insult": ("harassment", 0.7)}


class Judge:
    """The endpoint: what it was asked, and what it is to answer instead, once each."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.instead: list[web.Response] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(body)
        self.keys.append(request.headers.get("authorization"))
        if self.instead:
            return self.instead.pop(0)
        scores = {"violence": 0.01, "harassment": 0.02, "sexual": 0.0}
        for word, (kind, score) in HARM.items():
            if word in body["input"]:
                scores[kind] = max(score, scores[kind])
        categories = {kind: score > 0.5 for kind, score in scores.items()}
        result = {"flagged": any(categories.values()), "categories": categories, "category_scores": scores}
        return web.json_response({"id": "modr-1", "model": body["model"], "results": [result]})


@asynccontextmanager
async def judging() -> AsyncIterator[Judge]:
    """Run the endpoint."""
    judge = Judge()
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_post("/v1/moderations", judge.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    judge.url = f"http://{host}:{port}/v1/moderations"
    try:
        yield judge
    finally:
        await runner.cleanup()


@asynccontextmanager
async def moderation(judge: Judge, key: str | None = "sk-test") -> AsyncIterator[Moderation]:
    """Open what asks it."""
    asking = Moderation(judge.url, "omni-moderation-latest", key, new_client())
    yield asking
    await asking.close()
