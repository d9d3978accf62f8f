"""What travels through questions and answers; all of it frozen."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.backends.base import Completion, Declined, Finish, Picture
from bot.catalog import ModelCard, Task, Where
from bot.db.schema import ChoiceRule, TurnPhase
from bot.guilds.checking import Blocked

__all__ = ["Blocked", "ChoiceRule", "TurnPhase"]

ANY_OPEN = "any-open"
ANY_CLOSED = "any-closed"
HYBRID = "hybrid"
"""What one may choose instead of a model's key."""
USUAL = "usual"
"""What one chooses to forget one's choice, so that the channel's or the server's holds again."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, where; `role_ids` decide what they may use.

    In a thread, `thread_id` is set, and `parent_channel_id` is the channel that it belongs to.
    """

    guild_id: int
    channel_id: int
    member_id: int
    role_ids: frozenset[int] = frozenset()
    thread_id: int | None = None
    is_moderator: bool = False
    adults_only: bool = False
    """Whether the channel is age-restricted."""
    parent_channel_id: int | None = None

    @property
    def home_id(self) -> int:
        """The channel whose choice and persona hold here."""
        return self.parent_channel_id or self.channel_id


@dataclass(frozen=True, slots=True)
class Passage:
    """Text from a message or a file that a question is about: data, never instructions."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `wanted` is a model's key, `ANY_OPEN`, `ANY_CLOSED` or `HYBRID`; None leaves it to the rules.

    `parent_id` is the turn that it goes on from; with `branches` in a conversation of its own. `private` None leaves
    it to the server.
    """

    text: str
    wanted: str | None = None
    task: Task = Task.ANSWER
    language: str = ""
    passage: Passage | None = None
    pictures: tuple[Picture, ...] = ()
    private: bool | None = None
    parent_id: int | None = None
    branches: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A model, or a way to choose one, as completion shows it; `why_not` is set where it cannot be used here."""

    value: str
    label: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Thumbs for an answer."""

    good: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left for a member today and in this month; None where nothing bounds it."""

    tokens: int | None
    micros: int | None
    tokens_again_at: datetime | None = None
    money_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A question with its answer, as far as it has one: all that a card needs.

    `card` is who answered (or is to answer); `rule` and `wanted` say whose choice it was. `where` tells where it ran,
    `sent` in words which text left the server and to whom (empty when none did). `earlier_turns` were told to the
    model, `dropped_turns` did not fit any more. Costs are in US dollars, None when not known.
    """

    turn_id: int
    guild_id: int
    channel_id: int
    conversation_id: int
    member_id: int | None
    phase: TurnPhase
    task: Task
    question: str
    answer: str
    wanted: str
    rule: ChoiceRule
    is_private: bool
    made_at: datetime
    card: ModelCard | None = None
    where: Where | None = None
    passage_name: str = ""
    language: str = ""
    pictures: int = 0
    finish: Finish | None = None
    trouble: str = ""
    note: str = ""
    declined: tuple[Declined, ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None
    first_seconds: float | None = None
    seconds: float | None = None
    score: float | None = None
    earlier_turns: int = 0
    dropped_turns: int = 0
    dropped_tokens: int = 0
    parent_id: int | None = None
    compare_id: int | None = None
    message_id: int | None = None
    shared_message_id: int | None = None
    reply_token: str | None = None
    ended_at: datetime | None = None
    ratings: Ratings = Ratings()
    remaining: Remaining | None = None
    persona: str = ""
    model: str = ""
    """The key of `card`, also where the catalogue does not have it any more."""
    sent: str = ""
    receivers: tuple[str, ...] | None = None
    """Who outside was given the question, also those who did not answer; None where that was not noted."""
    earlier_texts: int = 0
    """Texts and pictures that were told again with the earlier turns."""
    checked_by: str = ""
    """The host of the moderation endpoint that question and answer were shown to."""


@dataclass(frozen=True, slots=True)
class Told:
    """An earlier turn with all that a model is told of it."""

    turn: TurnRecord
    passage: Passage | None = None
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn as it is stored at first; without a conversation it begins one."""

    asker: Asker
    question: Question
    wanted: str
    rule: ChoiceRule
    model: str
    is_private: bool
    conversation_id: int | None = None
    parent_id: int | None = None
    reply_token: str | None = None
    note: str = ""
    persona: str = ""
    checked_by: str = ""
    earlier_turns: int = 0
    earlier_texts: int = 0
    where: Where | None = None
    receivers: tuple[str, ...] = ()
    """Who outside may be given the question."""
    dropped_turns: int = 0
    dropped_tokens: int = 0
    remembers: bool = False
    """Whether `wanted` is the member's choice from now on."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for where somebody asks: by them, for the channel, for the server."""

    member: str | None = None
    channel: str | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """An answer as far as it has come: all its text so far, and what there is to tell meanwhile."""

    turn_id: int
    text: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Persona:
    """How models are told to speak in a channel; `channel_id` 0 is the whole server."""

    guild_id: int
    channel_id: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """An answer that a member reported, for the moderators, and what came of it (`upheld` or `dismissed`)."""

    report_id: int
    turn: TurnRecord
    member_id: int | None
    reason: str
    outcome: str | None = None
    handler_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """What a turn came to: the completion, or what went wrong (for the member); tokens are estimates without one.

    `model` is who spoke last, at `where`; `receivers` are all outside who were given the question.
    """

    completion: Completion | None
    text: str
    trouble: str = ""
    blocked: Blocked | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: Decimal | None = None
    first_seconds: float | None = None
    seconds: float | None = None
    finish: Finish | None = None
    model: str = ""
    where: Where | None = None
    receivers: tuple[str, ...] | None = None
