"""What decides about questions and answers: whose choice counts, what fits, who may see and do what, what was sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.asking.prompts import MOST_PICTURES, cut
from bot.asking.types import (
    ANY_CLOSED,
    ANY_OPEN,
    HYBRID,
    Asker,
    ChoiceRule,
    Choices,
    Passage,
    Question,
    Told,
    TurnPhase,
    TurnRecord,
)
from bot.backends import receipts
from bot.backends.base import Egress
from bot.backends.measures import tokens_in
from bot.catalog import ModelCard, Task, Where, receiver_of
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, UserError

LONGEST_QUESTION = 6_000
LONGEST_PASSAGE = 200_000
LONGEST_REASON = 1_000
LONGEST_LANGUAGE = 64
LONGEST_PERSONA_NAME, LONGEST_PERSONA = 80, 2_000
LONGEST_ANSWER = 60_000
"""Characters, after which an answer is cut off whatever the model is set to."""
MOST_COMPARED = 4
MOST_BEFORE = 50
"""Earlier turns that are looked at."""
KEPT_FOR = timedelta(days=90)

SELECTORS: Mapping[str, str] = {ANY_OPEN: "Any open", ANY_CLOSED: "Any closed", HYBRID: "Hybrid"}
RULE_WORDS: Mapping[ChoiceRule, str] = {
    ChoiceRule.ASKED: "you chose it for this question",
    ChoiceRule.MEMBER: "your choice from before",
    ChoiceRule.CHANNEL: "this channel's choice",
    ChoiceRule.SERVER: "this server's choice",
    ChoiceRule.DEFAULT: "nobody has chosen, so the default",
}
"""Whose choice an answer followed, for its card."""
GONE = "This answer is no longer kept. Ask again with /ask."
# blanks, and what has neither width nor ink
_UNSEEN = re.compile(
    "[\\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]*"
)
_TELLS = frozenset({TurnPhase.DONE, TurnPhase.STOPPED, TurnPhase.FAILED, TurnPhase.INTERRUPTED})

# tokens that an answer may take, by what is asked; a translation takes what its text needs
_LENGTHS = {Task.ANSWER: 1_024, Task.SUMMARISE: 512, Task.TRANSLATE: 2_048, Task.CODE: 2_048}
_LOCAL_LENGTH = 768
_LEAST_LENGTH = 64
_FIRST_PART = 256
# what a model's window is taken for when its card does not say
_WINDOWS = {Where.WORKER: 2_048, Where.MACHINE: 4_096, Where.ELSEWHERE: 16_384}
_TOKENS_A_PICTURE = 1_000
_TOKENS_A_TURN = 8
_SYSTEM_TOKENS = 260


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may be asked, and by whose choice."""

    wanted: str
    rule: ChoiceRule


@dataclass(frozen=True, slots=True)
class Fitted:
    """What of a question and of what was said before is told to a model."""

    question: Question
    earlier: tuple[Told, ...]
    dropped_turns: int
    dropped_tokens: int
    prompt_tokens: int
    max_tokens: int

    @property
    def reserved(self) -> int:
        """Tokens to reserve before it begins; more is reserved as the answer grows."""
        return self.prompt_tokens + min(self.max_tokens, _FIRST_PART)


def candidates(asked: str | None, choices: Choices, default: str) -> tuple[Candidate, ...]:
    """Return who may be asked, whoever counts first; what was asked for stands alone."""
    if asked:
        return (Candidate(asked, ChoiceRule.ASKED),)
    ordered = (
        (choices.member, ChoiceRule.MEMBER),
        (choices.channel, ChoiceRule.CHANNEL),
        (choices.server, ChoiceRule.SERVER),
        (default, ChoiceRule.DEFAULT),
    )
    return tuple(Candidate(wanted, rule) for wanted, rule in ordered if wanted)


def narrowed(egress: Egress, chosen: Where | None) -> Egress:
    """Return what may be asked instead of a choice that cannot be used: what stayed here by choice still does."""
    if chosen is None or chosen is Where.ELSEWHERE:
        return egress
    return replace(egress, stays_here=True)


def check_question(question: Question) -> Question:
    """Return a question with blanks and lengths in order.

    Raises:
        InvalidInputError: there is nothing to answer, or too much of it.
    """
    text = "" if is_blank(question.text) else question.text.strip()
    if not text and question.passage is None and not question.pictures:
        raise InvalidInputError("question", "Write what you want to know.")
    if len(text) > LONGEST_QUESTION:
        raise InvalidInputError(
            "question",
            f"Your question has {len(text):,} characters; {LONGEST_QUESTION:,} fit. "
            "Put the long part into a text file and attach that.",
        )
    passage = question.passage
    if passage is not None and is_blank(passage.text):
        raise InvalidInputError("file", "There is no text in it. Choose another message or file.")
    if passage is not None and len(passage.text) > LONGEST_PASSAGE:
        passage = cut(passage, LONGEST_PASSAGE)
    if len(question.pictures) > MOST_PICTURES:
        raise InvalidInputError("file", f"Attach at most {MOST_PICTURES} pictures.")
    language = " ".join(question.language.split())
    if len(language) > LONGEST_LANGUAGE:
        raise InvalidInputError("language", "Write the name of one language, such as German.")
    return replace(question, text=text, passage=passage, language=language)


def is_blank(text: str) -> bool:
    """Tell whether nobody would see anything in a text."""
    return _UNSEEN.fullmatch(text) is not None


def check_reason(reason: str, field: str = "reason") -> str:
    """Return a reason without blanks around it.

    Raises:
        InvalidInputError: it is too long.
    """
    text = reason.strip()
    if len(text) > LONGEST_REASON:
        raise InvalidInputError(field, f"Write at most {LONGEST_REASON:,} characters; this has {len(text):,}.")
    return text


def check_persona(name: str, text: str) -> tuple[str, str]:
    """Return a persona's name and text without blanks around them.

    Raises:
        InvalidInputError: one is too long, or there is a name without a text.
    """
    name, text = " ".join(name.split()), text.strip()
    if len(name) > LONGEST_PERSONA_NAME:
        raise InvalidInputError("name", f"A persona's name has at most {LONGEST_PERSONA_NAME} characters.")
    if len(text) > LONGEST_PERSONA:
        raise InvalidInputError(
            "text", f"Describe the persona in at most {LONGEST_PERSONA:,} characters; this has {len(text):,}."
        )
    if name and not text:
        raise InvalidInputError("text", "Say how the persona speaks, or leave its name empty too to take it away.")
    return name, text


def check_compared(keys: Sequence[str]) -> tuple[str, ...]:
    """Return the models to compare, each once.

    Raises:
        InvalidInputError: they are fewer than two or more than four.
    """
    distinct = tuple(dict.fromkeys(keys))
    if not 2 <= len(distinct) <= MOST_COMPARED:  # noqa: PLR2004 - a comparison is of two at least
        raise InvalidInputError("models", f"Choose two to {MOST_COMPARED} different models to compare.")
    return distinct


def fit(question: Question, earlier: Sequence[Told], card: ModelCard, where: Where, *, adds: int = 0) -> Fitted:
    """Return what fits into the model's window: the question, as much of its passage as goes, the newest turns before.

    `adds` are the tokens that a persona adds to the system prompt.
    """
    window = card.context or _WINDOWS[where]
    max_tokens = _longest(question, window, where)
    room = max(_LEAST_LENGTH, window - max_tokens - min(_SYSTEM_TOKENS, window // 8) - adds)
    passage, dropped_tokens = question.passage, 0
    own = tokens_in(question.text) + _TOKENS_A_TURN + _TOKENS_A_PICTURE * len(question.pictures)
    if passage is not None:
        passage, dropped_tokens = _fitting(passage, max(_LEAST_LENGTH, room - own))
        own += tokens_in(passage.text)
    left = room - own
    told: list[Told] = []
    telling = [each for each in earlier if is_told(each.turn)]
    for each in reversed(telling):
        shorter = each
        if each.passage is not None:
            # a file that was asked about before stands aside for what is said now
            before, _ = _fitting(each.passage, max(_LEAST_LENGTH, left // 2))
            shorter = replace(each, passage=before)
        left -= _cost(shorter)
        if left < 0:
            break
        told.append(shorter)
    used = room - own - sum(_cost(each) for each in told)
    return Fitted(
        question=replace(question, passage=passage),
        earlier=tuple(reversed(told)),
        dropped_turns=len(telling) - len(told),
        dropped_tokens=dropped_tokens,
        prompt_tokens=max(1, room - used + _SYSTEM_TOKENS + adds),
        max_tokens=max_tokens,
    )


def is_told(turn: TurnRecord) -> bool:
    """Tell whether later turns of a conversation are told of this one."""
    return turn.phase in _TELLS and bool(turn.answer.strip())


def visible(
    earlier: Sequence[Told], asker: Asker, cleared_to: int | None, *, is_public: bool = False
) -> tuple[Told, ...]:
    """Return the earlier turns that go on counting for whoever asks: not cleared, and not somebody else's secret.

    For an answer that everybody sees, one's own secrets are left out too. Of a private answer that somebody else
    shared, what it was about was not shared: only question and answer count.
    """
    return tuple(
        each if each.turn.member_id == asker.member_id else without_secrets(each)
        for each in earlier
        if (cleared_to is None or each.turn.turn_id > cleared_to)
        and refuse_seeing(each.turn, asker) is None
        and not (is_public and is_secret(each.turn))
    )


def is_secret(turn: TurnRecord) -> bool:
    """Tell whether an answer is for whoever asked alone."""
    return turn.is_private and turn.shared_message_id is None


def without_secrets(told: Told) -> Told:
    """Return a turn as others may be told of it: sharing a private answer shares no file that it was about."""
    return replace(told, passage=None, pictures=()) if told.turn.is_private else told


def refuse_seeing(turn: TurnRecord, asker: Asker) -> UserError | None:
    """Say why somebody may not see or use an answer; None when they may."""
    if turn.guild_id != asker.guild_id or turn.phase is TurnPhase.DELETED:
        return ClosedError(GONE)
    if is_secret(turn) and turn.member_id != asker.member_id:
        return NotAllowedError("This answer is private: only the person who asked can use it.")
    return None


def refuse_owning(turn: TurnRecord, asker: Asker, *, moderators: bool) -> UserError | None:
    """Say why somebody may not do what is left to whoever asked, and perhaps to moderators; None when they may."""
    if turn.guild_id != asker.guild_id or turn.phase is TurnPhase.DELETED:
        return ClosedError(GONE)
    if turn.member_id == asker.member_id or (moderators and asker.is_moderator):
        return None
    whom = "the person who asked, or a moderator," if moderators else "the person who asked"
    return NotAllowedError(f"Only {whom} can do this. Ask your own question with /ask.")


def sent_words(turn: TurnRecord) -> str:
    """Say in words which text left the server and who received it; empty when none did."""
    receivers = turn.receivers
    if receivers is None:
        receivers = (receiver_of(turn.card),) if turn.card and turn.where is Where.ELSEWHERE else ()
    # without a word of an answer nobody knows how far it came
    is_known = turn.phase is TurnPhase.DONE or turn.first_seconds is not None
    answer = "the question and the answer" if not turn.passage_name else "the question, the text and the answer"
    return receipts.sent_words(_told_of(turn), receivers, is_known=is_known, checked=answer, checked_by=turn.checked_by)


def unfit_reason(card: ModelCard, question: Question) -> str:
    """Say why a model is not made for a question; empty when it is."""
    if question.task not in card.tasks:
        return f"{card.name} is not made to {TASK_WORDS[question.task]}"
    if question.pictures and not card.images:
        return f"{card.name} cannot look at pictures"
    return ""


TASK_WORDS: Mapping[Task, str] = {
    Task.ANSWER: "answer questions",
    Task.SUMMARISE: "summarise",
    Task.TRANSLATE: "translate",
    Task.CODE: "write code",
}


def label_of(card: ModelCard, where: Where) -> str:
    """Return how completion shows a model: its name, how open it is, where it runs."""
    place = "elsewhere" if where is Where.ELSEWHERE else "on this machine"
    return f"{card.name} · {card.openness.value} · {place}"


def _longest(question: Question, window: int, where: Where) -> int:
    longest = _LENGTHS[question.task]
    if question.task is Task.TRANSLATE:
        text = question.passage.text if question.passage else question.text
        longest = min(longest, 2 * tokens_in(text) + _LEAST_LENGTH)
    if where is Where.WORKER:
        longest = min(longest, _LOCAL_LENGTH)
    return max(_LEAST_LENGTH, min(longest, window // 3))


def _fitting(passage: Passage, tokens: int) -> tuple[Passage, int]:
    """Return as much of a passage as fits into so many tokens, and how many are left out."""
    whole = tokens_in(passage.text)
    if whole <= tokens:
        return passage, 0
    shorter = cut(passage, len(passage.text) * tokens // whole)
    # where the text is denser at its beginning than on the whole
    while (now := tokens_in(shorter.text)) > tokens and len(shorter.text) > _LEAST_LENGTH:
        shorter = cut(passage, len(shorter.text) * tokens // now - 1)
    return shorter, max(0, whole - now)


def _cost(told: Told) -> int:
    passage = tokens_in(told.passage.text) if told.passage else 0
    pictures = _TOKENS_A_PICTURE * len(told.pictures)
    return tokens_in(told.turn.question) + tokens_in(told.turn.answer) + passage + pictures + 2 * _TOKENS_A_TURN


def _told_of(turn: TurnRecord) -> list[str]:
    parts = ["the question"] if turn.question else []
    if turn.passage_name:
        parts.append(f"the text “{turn.passage_name}”")
    if turn.pictures:
        parts.append("a picture" if turn.pictures == 1 else f"{turn.pictures} pictures")
    if turn.earlier_turns:
        earlier = "one earlier turn" if turn.earlier_turns == 1 else f"{turn.earlier_turns} earlier turns"
        texts = "its text or picture" if turn.earlier_texts == 1 else f"{turn.earlier_texts} texts or pictures"
        parts.append(f"{earlier} with {texts}" if turn.earlier_texts else earlier)
    if turn.persona:
        parts.append("how to speak here")
    return parts or ["the question"]
