"""A provider's moderation: what kinds of harm a text may hold, each with a score from 0 to 1.

The endpoint has the form of OpenAI's (https://platform.openai.com/docs/api-reference/moderations, looked up in November
2026): `model` and `input` go there, `results` with `category_scores` come back.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import orjson

from bot.backends.base import Egress
from bot.backends.http import read_some
from bot.catalog.rules import is_loopback
from bot.errors import ModelError, Trouble

LONGEST_INPUT = 32_000
"""Characters of one request; longer texts are looked at in parts."""
SECONDS = 15.0
TRIES = 2
_LARGEST_ANSWER = 256 * 1024
_OK = 200
_AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
_PAUSE = 0.5
_AWAY = (
    "This server has questions and answers checked by {who}, which cannot be asked just now. Try again in a minute; "
    "if it stays so, tell the server's moderators."
)
_STAYS = "nothing may leave this machine in this server, so {who} is not asked"


class Moderation:
    """Asks one moderation endpoint, with a client of its own."""

    def __init__(self, address: str, model: str, key: str | None, client: httpx.AsyncClient) -> None:
        self._address = address
        self._model = model
        self._client = client
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self.receiver = "" if is_loopback(address) else (urlsplit(address).hostname or "")
        """Who receives the texts; empty when they stay on this machine."""

    def allowed(self, egress: Egress) -> bool:
        """Tell whether texts of a server may be sent there."""
        return not (egress.stays_here and self.receiver)

    async def scores(self, text: str, egress: Egress) -> Mapping[str, float]:
        """Return the score of each kind of harm; of a long text the highest of its parts.

        Raises:
            ModelError: it cannot be asked, or what it says is no answer.
        """
        if not self.allowed(egress):
            raise ModelError(Trouble.EGRESS, _STAYS.format(who=self.receiver))
        highest: dict[str, float] = {}
        for start in range(0, max(1, len(text)), LONGEST_INPUT):
            for name, score in (await self._asked(text[start : start + LONGEST_INPUT])).items():
                highest[name] = max(score, highest.get(name, 0.0))
        return highest

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def _asked(self, text: str) -> dict[str, float]:
        """Ask about one part, a second time where that may help."""
        body = orjson.dumps({"model": self._model, "input": text.encode("utf-8", "replace").decode()})
        detail = ""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(_PAUSE)
            try:
                async with asyncio.timeout(SECONDS):
                    status, answer = await self._posted(body)
            except (httpx.HTTPError, TimeoutError) as error:
                detail = type(error).__name__
                continue
            if status == _OK:
                if (scores := _scores(answer)) is not None:
                    return scores
                detail = "no scores in its answer"
                break
            detail = f"status {status}"
            if status not in _AGAIN:
                break
        who = self.receiver or "a program on this machine"
        raise ModelError(Trouble.UNREACHABLE, _AWAY.format(who=who), detail=f"moderation: {detail}")

    async def _posted(self, body: bytes) -> tuple[int, bytes]:
        headers = {"content-type": "application/json", **self._headers}
        async with self._client.stream("POST", self._address, content=body, headers=headers) as response:
            answer, _ = await read_some(response, _LARGEST_ANSWER)
            return response.status_code, answer


def _scores(answer: bytes) -> dict[str, float] | None:
    try:
        found = orjson.loads(answer)["results"][0]["category_scores"]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
        return None
    if not isinstance(found, dict):
        return None
    given = cast("dict[str, Any]", found)
    scores = {name: float(score) for name, score in given.items() if isinstance(score, int | float)}
    return scores or None
