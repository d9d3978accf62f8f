r"""A model that does as it is told: for tests and demonstrations, reachable only through an operator's models file.

`model` of its card is the script, steps with `|` between them; so can the question be, after `script:`:

    say TEXT            a piece of the answer (`\n` is a new line, `\s` a space)
    echo                what was asked
    words N             N numbered words, each a piece
    wait SECONDS        nothing for a while
    notice TEXT         something to tell meanwhile
    fail KIND           the trouble of that name, such as busy or cut off
    finish length       or filtered: how it ends
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from bot.backends.answer import Answer
from bot.backends.base import Capabilities, Chunk, Completion, Egress, Event, Finish, Health, Notice, Prompt, State
from bot.backends.troubles import TEXTS, error_of
from bot.catalog import ModelCard, Where, where_of
from bot.errors import Trouble

MARK = "script:"
Step: TypeAlias = str | float | Notice | Trouble | Finish

_STEPS: Mapping[str, Callable[[str], Step]] = {
    "say": lambda rest: rest.replace("\\n", "\n").replace("\\s", " "),
    "wait": float,
    "notice": Notice,
    "fail": Trouble,
    "finish": Finish,
}


class ScriptedBackend:
    """A backend whose answers are known beforehand."""

    def __init__(self, card: ModelCard) -> None:
        self._card = card
        self._where = where_of(card)
        self.prompts: list[Prompt] = []
        """What it was asked, the newest last."""
        self.running = 0

    @property
    def card(self) -> ModelCard:
        """The model."""
        return self._card

    @property
    def where(self) -> Where:
        """Where it says that it runs."""
        return self._where

    @property
    def capabilities(self) -> Capabilities:
        """What it can take."""
        return Capabilities(self._card.tasks, pictures=self._card.images, seeds=True)

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        """Do what the script says.

        Raises:
            ModelError: the script says so.
        """
        if refusal := egress.refuses(self._card, self._where):
            text = f"{refusal[:1].upper()}{refusal[1:]}. Choose another model."
            raise error_of(self._card, Trouble.EGRESS, text=text)
        self.prompts = [*self.prompts[-99:], prompt]
        started, first, pieces = time.perf_counter(), None, 0
        answer, finish = Answer(prompt), Finish.STOP
        self.running += 1
        try:
            for step in self._steps(prompt):
                if isinstance(step, Finish):
                    finish = step
                elif isinstance(step, Notice):
                    yield step
                elif isinstance(step, (int, float)):
                    await asyncio.sleep(step)
                elif isinstance(step, Trouble):
                    raise error_of(self._card, step, text="" if step in TEXTS else f"It failed: {step}. Ask again.")
                elif not answer.finish and (text := answer.add(step)):
                    first = first or time.perf_counter() - started
                    pieces += 1
                    yield Chunk(text)
            if text := answer.rest():
                yield Chunk(text)
        finally:
            self.running -= 1
        if not answer.text.strip():
            raise error_of(self._card, Trouble.EMPTY)
        asked = sum(len(turn.text.split()) for turn in prompt.turns)
        yield Completion(
            text=answer.text,
            model=self._card.key,
            where=self._where,
            finish=answer.finish or finish,
            prompt_tokens=asked,
            completion_tokens=pieces,
            first_token_seconds=first,
            seconds=time.perf_counter() - started,
            cost=self._cost(asked, pieces),
        )

    def _cost(self, read: int, written: int) -> Decimal | None:
        if self._where is not Where.ELSEWHERE:
            return Decimal(0)
        return self._card.price.cost(read, written) if self._card.price else None

    def script(self, asked: str) -> str:
        """Return the script of the answer to a question."""
        return asked.split(MARK, 1)[1] if MARK in asked else self._card.model

    def _steps(self, prompt: Prompt) -> Iterator[Step]:
        asked = prompt.turns[-1].text
        script = self.script(asked)
        try:
            for line in script.split("|"):
                yield from _read(line.strip(), asked)
        except ValueError:
            text = f"The script of {self._card.name} has a step that is none. Tell whoever wrote it."
            raise error_of(self._card, Trouble.NOT_CONFIGURED, text=text) from None

    def health(self) -> Health:
        """Say that all is well."""
        return Health(State.READY)

    async def probe(self) -> Health:
        """Say that all is well."""
        return self.health()

    async def close(self) -> None:
        """Nothing is held."""


def _read(line: str, asked: str) -> Iterator[Step]:
    """Understand one step of a script.

    Raises:
        ValueError: there is no such step.
    """
    step, _, rest = line.partition(" ")
    if step == "words":
        yield from (f"word{number} " for number in range(1, int(rest) + 1))
    elif reads := _STEPS.get(step):
        yield reads(rest)
    elif step == "echo":
        yield asked
    else:
        raise ValueError(step)
