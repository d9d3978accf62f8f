"""A local model as a backend: what it can take, and what it refuses before a worker is bothered."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from bot.backends.base import Capabilities, Egress, Event, Health, Prompt
from bot.backends.local.pool import WorkerPool
from bot.catalog import ModelCard, Shape, Where
from bot.errors import ModelError, Trouble


class LocalBackend:
    """One model on this machine, in a worker of the pool; nothing that it is asked leaves the machine."""

    def __init__(self, card: ModelCard, pool: WorkerPool) -> None:
        self._card = card
        self._pool = pool

    @property
    def card(self) -> ModelCard:
        """The model."""
        return self._card

    @property
    def where(self) -> Where:
        """Where it runs: in a child process."""
        return Where.WORKER

    @property
    def capabilities(self) -> Capabilities:
        """What it can take."""
        writes = self._card.shape in {Shape.CAUSAL, Shape.SEQ2SEQ}
        return Capabilities(
            tasks=self._card.tasks, seeds=writes, stops=writes, embeds=self._card.shape is Shape.EMBEDDING
        )

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        """Answer `prompt`; the first one starts the worker, with notices while one waits.

        Raises:
            ModelError: no answer, or not all of it.
        """
        self._refuse_unfit(prompt, egress)
        async with aclosing(self._pool.generate(self._card, prompt)) as events:
            async for event in events:
                yield event

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the meaning of each text as a vector.

        Raises:
            ModelError: this model measures no meaning, or it failed.
        """
        if self._card.shape is not Shape.EMBEDDING:
            raise self._unfit(f"{self._card.name} does not measure what texts mean")
        return await self._pool.embed(self._card, texts)

    def health(self) -> Health:
        """Say how it is; starts nothing."""
        return self._pool.health(self._card)

    async def probe(self) -> Health:
        """Say how it is: asking a worker that sleeps would wake it, and one that is awake is watched anyway."""
        return self.health()

    async def close(self) -> None:
        """Leave the worker to its pool, which other backends share."""

    def _refuse_unfit(self, prompt: Prompt, egress: Egress) -> None:
        card = self._card
        if reason := egress.refuses(card, self.where):
            raise ModelError(Trouble.EGRESS, f"{reason[:1].upper()}{reason[1:]}. Choose another model.", model=card.key)
        if card.shape is Shape.EMBEDDING:
            raise self._unfit(f"{card.name} measures what texts mean and writes nothing")
        if any(turn.pictures for turn in prompt.turns):
            raise self._unfit(f"{card.name} cannot look at pictures")
        if prompt.task not in card.tasks:
            raise self._unfit(f"{card.name} cannot {prompt.task.value}")
        if card.shape is Shape.EXTRACTIVE and not prompt.passage.strip():
            raise self._unfit(f"{card.name} finds answers in a text, and there is none: give it one as a file")

    def _unfit(self, reason: str) -> ModelError:
        return ModelError(Trouble.UNFIT, f"{reason}. Choose another model for this.", model=self._card.key)
