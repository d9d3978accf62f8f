"""A scripted model whose next answers are planned, and what tests of what is around backends look at."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.backends.base import Backend, Egress, Health, Notice
from bot.backends.limits import Limited, Limits
from bot.backends.scripted import ScriptedBackend
from bot.catalog import ModelCard, Openness, Task
from bot.errors import Trouble
from tests.backends.contract import Subject, events_of, prompt_of
from tests.support.polls import SetClock

HERE = "http://127.0.0.1/"
LONG = "It has begun, and it goes on for quite a while now.\\s"


def card(key: str = "planned", **rest: Any) -> ModelCard:
    values: dict[str, Any] = {
        "key": key,
        "name": key.title(),
        "maker": "Testers",
        "family": "Test",
        "openness": Openness.OPEN,
        "reasons": {},
        "tasks": frozenset(Task),
        "backend": "scripted",
        "model": "echo",
        "licence": "MIT",
        "address": HERE,
    }
    return ModelCard(**{**values, **rest})


class Planned(ScriptedBackend):
    """Plays the plans, one an answer, then what its card says."""

    def __init__(self, card: ModelCard, *plans: str) -> None:
        super().__init__(card)
        self.plans = list(plans)
        self.own_health: Health | None = None
        self.probes = 0

    def script(self, asked: str) -> str:
        return self.plans.pop(0) if self.plans else super().script(asked)

    def health(self) -> Health:
        return self.own_health or super().health()

    async def probe(self) -> Health:
        self.probes += 1
        return self.health()


class Pauses:
    """Takes the place of sleeping before another try: takes no time, but moves the clock."""

    def __init__(self, clock: SetClock | None = None) -> None:
        self.taken: list[float] = []
        self._clock = clock

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if self._clock:
            self._clock.now += timedelta(seconds=seconds)


def limited(backend: Backend, clock: SetClock, pause: Pauses | None = None, **limits: Any) -> Limited:
    return Limited(backend, clock, Limits(**limits), random.Random(1), pause or Pauses())


def notices(events: Sequence[object]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


async def ask(backend: Backend, **rest: Any) -> list[Any]:
    return list(await events_of(backend, prompt_of(**rest), Egress()))


def subject_of(backend: Backend, planned: Planned, *others: Planned, forbidden: Sequence[Any] = ()) -> Subject:
    """Return the contract's subject for what is around `planned`; `others` do what it does when it says nothing."""

    def will(*plans: str) -> None:
        planned.plans.extend(plans)

    def will_say(pieces: Sequence[str]) -> None:
        plan = "|".join("say " + piece.replace("\n", "\\n").replace(" ", "\\s") for piece in pieces) or "say "
        for one in (planned, *others) if not "".join(pieces).strip() else (planned,):
            one.plans.append(plan)

    def will_fail() -> Trouble:
        for one in (planned, *others):
            one.plans.append("fail busy")
        return Trouble.BUSY

    def will_break() -> Trouble:
        will(f"say {LONG}|fail cut off")
        return Trouble.CUT_OFF

    return Subject(
        backend,
        forbidden=forbidden,
        sent=lambda: len(planned.prompts) + sum(len(one.prompts) for one in others),
        running=lambda: planned.running + sum(one.running for one in others),
        will_say=will_say,
        will_stall=lambda: will(f"say {LONG}|wait 60|say more"),
        will_fail=will_fail,
        will_break=will_break,
        echoes=True,
    )
