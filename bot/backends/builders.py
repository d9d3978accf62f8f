"""Which class speaks for which card, and what all of them share: one HTTP client, one pool of workers.

The modules of protocols are imported when the first of their kind is built: a bot without keys needs none of them.
"""

import asyncio
from typing import TYPE_CHECKING, Protocol

from bot.backends.base import Backend
from bot.backends.on_demand import OnDemand
from bot.catalog import LackKind, ModelCard, lacks
from bot.clock import Clock
from bot.config import Settings

if TYPE_CHECKING:
    import httpx

    from bot.backends.local import WorkerPool

_LOCAL, _SCRIPTED = "local", "scripted"


class Builds(Protocol):
    """What turns cards into backends."""

    def backend(self, card: ModelCard) -> Backend:
        """Return the backend of a card; costs next to nothing until it is asked."""
        ...

    async def warm(self) -> None:
        """Make what all of them share and takes long, without holding anybody up."""
        ...

    async def close(self) -> None:
        """Let go of what they share."""
        ...


class Builders:
    """Builds from the settings."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._pool: WorkerPool | None = None

    def backend(self, card: ModelCard) -> Backend:
        """Return the backend of a card; one over HTTP is built when it is first asked."""
        missing = lacks(card, self._settings.key, self._settings.attestations)
        if card.backend == _LOCAL:
            # whether weights may be fetched is of no matter once they are here, and their backend knows that
            missing = tuple(lack for lack in missing if lack.kind is LackKind.ATTESTATION)
        lacking = "; ".join(lack.text for lack in missing)
        if lacking or card.backend not in {_LOCAL, _SCRIPTED}:
            return OnDemand(card, lambda: self._build(card), lacking)
        return self._build(card)

    async def warm(self) -> None:
        """Make the client in a thread: loading certificates takes longer than others should wait."""
        if self._client is None:
            client = await asyncio.to_thread(_new_client)
            # one that was asked for meanwhile stays, this one was never used
            self._client = self._client or client

    async def close(self) -> None:
        """Close the client, and stop all workers."""
        if self._client is not None:
            await self._client.aclose()
        if self._pool is not None:
            await self._pool.close()

    def _build(self, card: ModelCard) -> Backend:
        # each imported where it is needed: see above
        match card.backend:
            case "local":
                from bot.backends.local import LocalBackend  # noqa: PLC0415

                return LocalBackend(card, self._workers())
            case "anthropic_api":
                from bot.backends.anthropic_api import AnthropicBackend  # noqa: PLC0415

                return AnthropicBackend(card, self._settings.key(card.key_setting), self._http())
            case "gemini_api":
                from bot.backends.gemini_api import GeminiBackend  # noqa: PLC0415

                return GeminiBackend(card, self._settings.key(card.key_setting), self._http())
            case "scripted":
                from bot.backends.scripted import ScriptedBackend  # noqa: PLC0415

                return ScriptedBackend(card)
            case _:
                from bot.backends.openai_api import OpenAIBackend  # noqa: PLC0415

                return OpenAIBackend(card, self._settings.key(card.key_setting), self._http())

    def _http(self) -> "httpx.AsyncClient":
        if self._client is None:
            self._client = _new_client()
        return self._client

    def _workers(self) -> "WorkerPool":
        if self._pool is None:
            from bot.backends.local import LocalOptions, WorkerPool  # noqa: PLC0415

            settings = self._settings
            options = LocalOptions(
                models_dir=settings.models_folder,
                memory_mb=settings.local_memory_mb,
                threads=settings.local_threads,
                idle_seconds=settings.local_idle_seconds,
                device=settings.local_device,
            )
            self._pool = WorkerPool(options, self._clock)
        return self._pool


def _new_client() -> "httpx.AsyncClient":
    from bot.backends.http import new_client  # noqa: PLC0415

    return new_client()
