"""A backend that is built when it is first asked, so that what nobody asks costs nothing."""

from collections.abc import AsyncGenerator, Callable

from bot.backends.base import Backend, Capabilities, Egress, Event, Health, Prompt, State
from bot.catalog import ModelCard, Where, where_of
from bot.errors import ModelError, Trouble


class OnDemand:
    """Stands for the backend that `build` makes; with `lacking`, what the operator has to do first, for none."""

    def __init__(self, card: ModelCard, build: Callable[[], Backend], lacking: str = "") -> None:
        self._card = card
        self._build = build
        self._lacking = lacking
        self._where = where_of(card)
        self._built: Backend | None = None

    @property
    def card(self) -> ModelCard:
        """The model."""
        return self._card

    @property
    def where(self) -> Where:
        """Where it runs."""
        return self._where

    @property
    def capabilities(self) -> Capabilities:
        """What it can take; before it is built, as far as the card tells."""
        return self._built.capabilities if self._built else Capabilities(self._card.tasks, pictures=self._card.images)

    def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        """Answer as the backend does, which is built for it.

        Raises:
            ModelError: as the backend does; NOT_CONFIGURED when something is lacking.
        """
        # its own generator is handed out, so that no chunk passes through one more
        return self._refuse() if self._lacking else self._get().complete(prompt, egress)

    def health(self) -> Health:
        """Say how it is; builds nothing."""
        if self._lacking:
            return Health(State.MISSING, self._lacking)
        return self._built.health() if self._built else Health(State.READY)

    async def probe(self) -> Health:
        """Ask the other side, unless something is lacking."""
        return self.health() if self._lacking else await self._get().probe()

    async def close(self) -> None:
        """Close what was built."""
        if self._built:
            await self._built.close()

    def _get(self) -> Backend:
        if self._built is None:
            self._built = self._build()
        return self._built

    async def _refuse(self) -> AsyncGenerator[Event]:
        raise not_switched_on(self._card, self._lacking)
        yield  # pragma: no cover  (what makes it a generator)


def not_switched_on(card: ModelCard, lacking: str) -> ModelError:
    """Return what to raise for a model that the operator has to do something for first."""
    text = f"{card.name} is not switched on here. Tell whoever runs the bot; meanwhile choose another model."
    return ModelError(Trouble.NOT_CONFIGURED, text, detail=lacking, model=card.key)
