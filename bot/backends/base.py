"""The contract between what asks a model and what reaches one.

A backend is bound to one model card. `complete` yields `Chunk`s and ends with exactly one `Completion`; or it raises a
`ModelError`, before or after chunks. Closing the generator stops the work at the other end.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol

from bot.catalog import ModelCard, Openness, Task, Where


@dataclass(frozen=True, slots=True)
class Egress:
    """What a server lets leave: with `open_only` only open models answer, with `stays_here` nothing leaves the machine.

    The two may hold together.
    """

    open_only: bool = False
    stays_here: bool = False

    def refuses(self, card: ModelCard, where: Where) -> str | None:
        """Say why `card`, run at `where`, may not be used; None when it may."""
        if self.open_only and card.openness is not Openness.OPEN:
            return f"this server allows open models only, and {card.name} is {card.openness.value}"
        if self.stays_here and where is Where.ELSEWHERE:
            return f"nothing may leave this machine in this server, and {card.name} runs elsewhere"
        return None


@dataclass(frozen=True, slots=True)
class Picture:
    """An image to look at; `media_type` is such as image/png."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said."""

    role: Literal["user", "assistant"]
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked. `turns` ends with a user's; `system` is how to speak.

    `passage` is the text that a summary, translation or extractive answer is about: chat models get it inside the last
    turn already (`bot/asking/prompts.py` puts it there, fenced), models for one task take it from here. `question` is
    the bare question, `language` what to translate into (an English name). Sampling: None leaves it to the model.
    """

    turns: tuple[Turn, ...]
    system: str = ""
    task: Task = Task.ANSWER
    question: str = ""
    passage: str = ""
    language: str = ""
    max_tokens: int = 512
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer, as it comes; never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell while one waits, such as `Loading SmolLM2 (40 %)`; replaces the notice before it.

    What stands for several models says in `asks` which of them is given the question now.
    """

    text: str
    asks: str = ""


class Finish(StrEnum):
    """Why an answer ended: it was complete, it was as long as allowed, or the maker's filter cut it."""

    STOP = "stop"
    LENGTH = "length"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Declined:
    """A model that was tried before the one that answered, and why it did not."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Completion:
    """How an answer ended. `text` is all of it; `model` the key of the card that answered.

    Tokens are as the model counts them, None where it does not say; `cost` is in US dollars, None where the price is
    not known (0 for what runs on this machine). `dropped_tokens` of the prompt did not fit. `score` is an extractive
    answer's, 0 to 1. `declined` and `note` say how a hybrid came to its model.
    """

    text: str
    model: str
    where: Where
    finish: Finish
    prompt_tokens: int | None
    completion_tokens: int | None
    first_token_seconds: float | None
    seconds: float
    cost: Decimal | None
    dropped_tokens: int = 0
    score: float | None = None
    declined: tuple[Declined, ...] = ()
    note: str = ""


Event = Chunk | Notice | Completion


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can take."""

    tasks: frozenset[Task]
    pictures: bool = False
    seeds: bool = False
    stops: bool = True
    embeds: bool = False


class State(StrEnum):
    """How a model is: ready to answer, ready once it is started, not usable until something is done, or in trouble."""

    READY = "ready"
    ASLEEP = "asleep"
    MISSING = "missing"
    TROUBLED = "troubled"


@dataclass(frozen=True, slots=True)
class Health:
    """How a model is, in a few words for people: what is missing or wrong and what to do; empty when all is well."""

    state: State
    text: str = ""
    details: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def usable(self) -> bool:
        """Whether asking it makes sense."""
        return self.state in {State.READY, State.ASLEEP}


class Backend(Protocol):
    """What reaches one model."""

    @property
    def card(self) -> ModelCard:
        """The model."""
        ...

    @property
    def where(self) -> Where:
        """Where it runs."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can take."""
        ...

    def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        """Answer `prompt`; refuses what `egress` forbids before anything is sent.

        Raises:
            ModelError: no answer, or not all of it.
        """
        ...

    def health(self) -> Health:
        """Say how it is, from memory: nothing is sent."""
        ...

    async def probe(self) -> Health:
        """Ask the other side, as cheaply as it allows, whether it would answer."""
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...
