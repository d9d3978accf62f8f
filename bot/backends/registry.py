"""All models together: builds their backends, holds each within limits, and finds the one that is to answer."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.backends import routing
from bot.backends.base import Backend, Egress, Health, State
from bot.backends.builders import Builders, Builds
from bot.backends.hybrid import KEY as HYBRID
from bot.backends.hybrid import HybridBackend
from bot.backends.limits import Limited, Limits, limits_for
from bot.backends.limits.limited import Pause, refuse_egress
from bot.backends.routing import Standing
from bot.catalog import Catalog, ModelCard, Openness, Task, Where
from bot.clock import Clock
from bot.config import PREFIX, Settings
from bot.errors import ModelError, NotFoundError, SettingsError, Trouble

ANY_OPEN, ANY_CLOSED = "any-open", "any-closed"
ROUND_SECONDS = 15.0
"""How often it is looked for models in trouble whose next probe is due."""
FIRST_PROBE, LONGEST_PROBE = timedelta(seconds=30), timedelta(minutes=10)

log = structlog.stdlib.get_logger(__name__)


class Registry:
    """The backends of all cards. `builds` makes them and `limits_of` says how each is held in bounds."""

    def __init__(
        self,
        catalog: Catalog,
        settings: Settings,
        clock: Clock,
        dice: random.Random | None = None,
        builds: Builds | None = None,
        limits_of: Callable[[Where], Limits] = limits_for,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.catalog = catalog
        self._settings = settings
        self._clock = clock
        self._builds = builds or Builders(settings, clock)
        self._backends: dict[str, Limited] = {}
        for card in catalog.cards.values():
            backend = self._builds.backend(card)
            self._backends[card.key] = Limited(backend, clock, limits_of(backend.where), dice, pause)
        self._check_default()
        # when a model that is in trouble is probed next, and how long after that
        self._probes: dict[str, tuple[datetime, timedelta]] = {}
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look after models in trouble; a second call does nothing."""
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch(), name="models in trouble")

    async def close(self) -> None:
        """Stop looking, let go of connections, stop workers."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        for backend in self._backends.values():
            await backend.close()
        await self._builds.close()

    def get(self, key: str) -> Backend:
        """Return the backend of a model, usable or not; for `hybrid` the one for a plain question where all goes.

        Raises:
            NotFoundError: there is no such model.
        """
        if key == HYBRID:
            return self.resolve(HYBRID, Egress(), Task.ANSWER)
        backend = self._backends.get(key)
        if backend is None:
            raise NotFoundError("There is no such model here (any more). Choose one of those that are offered.")
        return backend

    def backends(self) -> Sequence[Backend]:
        """Return all of them, in the catalogue's order."""
        return tuple(self._backends.values())

    def health(self) -> Mapping[str, Health]:
        """Say how each is, from memory."""
        return {key: backend.health() for key, backend in self._backends.items()}

    def default(self) -> str:
        """Return who answers where nobody chose: what the operator set, else hybrid, or any open one."""
        if self._settings.default_model:
            return self._settings.default_model
        closed = (one for one in self._backends.values() if one.card.openness is Openness.CLOSED)
        return HYBRID if any(one.capabilities.tasks and one.health().usable for one in closed) else ANY_OPEN

    def usable(self, egress: Egress, task: Task, pictures: bool = False) -> list[Backend]:
        """Return those that are well, may be asked and can do it; the one to prefer first."""
        return [
            one
            for one, standing in self._ranked(lambda _card: True, task)
            if standing.health.usable
            and egress.refuses(one.card, one.where) is None
            and routing.unfit(one.capabilities, task, pictures=pictures) is None
        ]

    def resolve(self, selector: str, egress: Egress, task: Task, pictures: bool = False) -> Backend:
        """Return who is to answer: a model by its key, or by `any-open`, `any-closed`, `hybrid`.

        A model in trouble that was named is returned as well: it says itself what is wrong, unless that has passed.

        Raises:
            NotFoundError: there is no such model.
            ModelError: it may not be asked here, is not switched on, or cannot do this; says what to do.
        """
        if selector == ANY_OPEN:
            return self._best(Openness.OPEN, egress, task, pictures=pictures)
        if selector == ANY_CLOSED:
            return self._best(Openness.CLOSED, egress, task, pictures=pictures)
        if selector == HYBRID:
            return self._hybrid(egress, task, pictures=pictures)
        one = self.get(selector)
        refuse_egress(one.card, one.where, egress)
        if one.health().state is State.MISSING:
            text = (
                f"{one.card.name} is not switched on here. Tell whoever runs the bot; meanwhile choose another model."
            )
            raise ModelError(Trouble.NOT_CONFIGURED, text, detail=one.health().text, model=selector)
        why = routing.unfit(one.capabilities, task, pictures=pictures)
        if why is not None:
            text = f"{one.card.name} {why}. Choose another model."
            raise ModelError(Trouble.UNFIT, text, model=selector)
        return one

    async def probe_troubled(self) -> None:
        """Probe, one after the other, the models in trouble whose time has come; longer apart each time it fails."""
        for key, backend in self._backends.items():
            trial_at = backend.trial_at()
            if trial_at is None and backend.health().state is not State.TROUBLED:
                self._probes.pop(key, None)
                continue
            now = self._clock()
            due, apart = self._probes.setdefault(key, (now, FIRST_PROBE))
            if now < max(due, trial_at or due):
                continue
            try:
                found = await backend.probe()
            except Exception:
                log.exception("a probe failed", model=key)
                found = backend.health()
            if found.usable:
                log.info("a model answers its probe again", model=key)
                # whether it answers questions as well, the next question tells
                apart = LONGEST_PROBE
            self._probes[key] = self._clock() + apart, min(2 * apart, LONGEST_PROBE)

    def _ranked(self, wanted: Callable[[ModelCard], bool], task: Task) -> list[tuple[Limited, Standing]]:
        found: list[tuple[Limited, Standing]] = []
        for one in self._backends.values():
            if wanted(one.card):
                is_default = one.card.key == self._settings.default_model
                fits = routing.fits_memory(one.card, one.where, self._settings.local_memory_mb)
                found.append((one, Standing(one.card, one.where, one.health(), is_default, fits)))
        return sorted(found, key=lambda pair: routing.rank(pair[1], task))

    def _best(self, openness: Openness, egress: Egress, task: Task, *, pictures: bool) -> Backend:
        troubled: list[Standing] = []
        refusals: list[str] = []
        misfits: list[str] = []
        second_choice: Backend | None = None
        for one, standing in self._ranked(lambda card: card.openness is openness and bool(card.tasks), task):
            if standing.health.state is State.MISSING:
                continue
            why_not = egress.refuses(one.card, one.where)
            unfit = routing.unfit(one.capabilities, task, pictures=pictures)
            if why_not is not None:
                refusals.append(why_not)
            elif unfit is not None:
                misfits.append(f"{one.card.name} {unfit}")
            elif standing.health.usable:
                return one
            else:
                troubled.append(standing)
                second_choice = second_choice or (one if one.may_be_asked() else None)
        if second_choice is not None:
            return second_choice
        raise routing.nobody(troubled, refusals, misfits, openness.value)

    def _hybrid(self, egress: Egress, task: Task, *, pictures: bool) -> Backend:
        legs: dict[Openness, Backend | None] = {}
        troubles: list[ModelError] = []
        for openness in (Openness.OPEN, Openness.CLOSED):
            try:
                legs[openness] = self._best(openness, egress, task, pictures=pictures)
            except ModelError as error:
                legs[openness] = None
                troubles.append(error)
        if len(troubles) == len(legs):
            raise troubles[0]
        return HybridBackend(legs[Openness.OPEN], legs[Openness.CLOSED])

    def _check_default(self) -> None:
        key = self._settings.default_model
        if key and key not in {ANY_OPEN, ANY_CLOSED, HYBRID, *self._backends}:
            msg = f"{PREFIX}DEFAULT_MODEL: no model is named {key!r}; `rostrum models` lists them"
            raise SettingsError(msg)

    async def _watch(self) -> None:
        if any(one.where is not Where.WORKER and one.health().usable for one in self._backends.values()):
            await self._builds.warm()
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            await self.probe_troubled()
