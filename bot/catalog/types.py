"""Model cards: who made a model, how open it is, what it costs, who may use it, and how it is reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Openness(StrEnum):
    """How open a model is: its weights for any use, its weights under conditions of use, or neither."""

    OPEN = "open"
    RESTRICTED = "restricted"
    CLOSED = "closed"


class Task(StrEnum):
    """What a model is asked to do."""

    ANSWER = "answer"
    SUMMARISE = "summarise"
    TRANSLATE = "translate"
    CODE = "code"


class Where(StrEnum):
    """Where a model runs: in a child process of the bot, at an address of this machine, or at somebody else's."""

    WORKER = "worker"
    MACHINE = "machine"
    ELSEWHERE = "elsewhere"


class Training(StrEnum):
    """Whether the maker trains on what is sent."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Shape(StrEnum):
    """How a local model works: goes on writing, turns one text into another, finds a span, or measures meaning."""

    CAUSAL = "causal"
    SEQ2SEQ = "seq2seq"
    EXTRACTIVE = "extractive"
    EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens read and written, and where and when that was looked up."""

    read: Decimal
    written: Decimal
    source: str
    looked_up: date

    def cost(self, read: int, written: int) -> Decimal:
        """Return US dollars for so many tokens."""
        return (self.read * read + self.written * written) / 1_000_000


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model. `key` names it in commands and tables (`smollm2-135m`), `model` is its name at the backend.

    `parameters` counts weights, `context` tokens; None where the maker does not say. `reasons` say for weights, code,
    data, licence and access why it is in its class. `attest` names the condition that an operator must attest before
    the model is used, and `attestation` goes on after "attest that"; `key_setting` is the variable that holds the key
    (`OPENAI_API_KEY`).
    `provider` serves it where it runs elsewhere; `gated` weights come from the hub only after one has agreed to terms.
    Without `sampling` it takes no temperature and top_p; `effort` is how hard it is to think before it answers, in its
    maker's own word (empty leaves it to the model).
    `sources` were read on the day of `looked_up`; without that day the card is general knowledge, and what stands in
    `not_looked_up` is so in any case: reasons, `context`, `parameters`, `training`.
    """

    key: str
    name: str
    maker: str
    family: str
    openness: Openness
    reasons: Mapping[str, str]
    tasks: frozenset[Task]
    backend: str
    model: str
    licence: str
    licence_url: str = ""
    attribution: str = ""
    context: int | None = None
    parameters: int | None = None
    price: Price | None = None
    training: Training = Training.UNKNOWN
    training_note: str = ""
    conditions: tuple[str, ...] = ()
    attest: str = ""
    key_setting: str = ""
    address: str = ""
    shape: Shape = Shape.CAUSAL
    package: str = ""
    images: bool = False
    sources: tuple[str, ...] = ()
    looked_up: date | None = None
    not_looked_up: tuple[str, ...] = ()
    provider: str = ""
    attestation: str = ""
    gated: bool = False
    sampling: bool = True
    effort: str = ""
    is_added: bool = False
    """Whether the operator added it, rather than it being shipped."""
    is_passed_on: bool = False
    """Whether what is at its address, on this machine, can only pass it on: nobody but its maker has the weights."""
