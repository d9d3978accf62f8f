"""The rules by which a question finds its model: who comes first, what is too much for one, what is a refusal. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.backends.base import Capabilities, Completion, Health, Prompt, State
from bot.backends.declining import says_no
from bot.catalog import ModelCard, Openness, Shape, Task, Where
from bot.errors import ModelError, Trouble

MODEST, SMALL = 1_000_000_000, 300_000_000
"""Weights below which a model is trusted with less: see `too_much`."""
_LONG_QUESTION, _LONG_TEXT, _MANY_TURNS = 1_500, 6_000, 7
_SURE_ENOUGH = 0.1
_CODE = re.compile(
    r"```|^#include\b|^Traceback \(most recent call last\)"
    r"|^\s*(?:async )?(?:def|func|fn|function) \w+ ?\(|^\s*class \w+(?:\([\w., ]*\))?(?: ?:$| \{)"
    r"|^\s*from [\w.]+ import |^\s*import [\w.]+;?$"
    r"|^\s*(?:public|private|protected|static) .*[({]$|^\s*(?:const|let|var) \w+ ?="
    r"|\bSELECT .+ FROM\b|\bINSERT INTO\b|\bCREATE TABLE\b"
    r"|\b[A-Z]\w+(?:Error|Exception)\b|\b(?:segfault|segmentation fault|stack trace)\b",
    re.MULTILINE,
)
_CODE_WANTED = re.compile(
    r"\b(?:write|fix|debug|refactor|implement|review)\b[^.?!]{0,60}"
    r"\b(?:code|script|program|function|method|class|regex|quer(?:y|ies)|unit tests?)\b",
    re.IGNORECASE,
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_BYTES_EACH = 2
_FAILED = {
    Trouble.BUSY: "was busy",
    Trouble.OVERLOADED: "was overloaded",
    Trouble.UNREACHABLE: "could not be reached",
    Trouble.SILENT: "did not answer in time",
    Trouble.WORKER_DIED: "stopped working",
    Trouble.TOO_LONG: "could not take so much text",
    Trouble.REFUSED: "declined",
    Trouble.FILTERED: "declined",
    Trouble.EMPTY: "said nothing",
    Trouble.NOT_CONFIGURED: "is not set up",
    Trouble.EGRESS: "may not be asked here",
}
_TASKS = {
    Task.ANSWER: "answer questions",
    Task.SUMMARISE: "summarise",
    Task.TRANSLATE: "translate",
    Task.CODE: "write code",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides where a model stands among others: `is_default` if the operator named it, `fits` into memory."""

    card: ModelCard
    where: Where
    health: Health
    is_default: bool = False
    fits: bool = True


def rank(standing: Standing, task: Task) -> tuple[float, ...]:
    """Return where a model stands, the smallest first.

    The operator's default; then those that are well; then those that fit into the memory for local models; those that
    converse before those made for one task, unless it is that task; then of open ones the largest, of others the
    cheapest, those without a known price last.
    """
    card = standing.card
    size = card.parameters or 0
    price = card.price.cost(1, 1) if card.price else None
    return (
        not standing.is_default,
        not standing.health.usable,
        bool(standing.health.text) and standing.health.state is State.READY,
        not standing.fits,
        _oddness(card, task),
        -size if card.openness is Openness.OPEN else float("inf") if price is None else float(price),
        -size,
    )


def unfit(takes: Capabilities, task: Task, *, pictures: bool) -> str | None:
    """Say what a model cannot do of what is asked, as words that follow its name; None when it can do all of it."""
    if not takes.tasks:
        return "measures what texts mean and does not answer"
    if task not in takes.tasks:
        return f"does not {_TASKS[task]}"
    if pictures and not takes.pictures:
        return "cannot look at pictures"
    return None


def unable(card: ModelCard, takes: Capabilities, prompt: Prompt) -> str | None:
    """Say what a model cannot do or read of a question, as words that follow its name; None when it can all of it."""
    why = unfit(takes, prompt.task, pictures=any(turn.pictures for turn in prompt.turns))
    if why is not None:
        return why
    if card.shape is Shape.EXTRACTIVE and not prompt.passage.strip():
        return "only finds answers in a given text, and there is none"
    tokens = estimate(prompt.system) + sum(estimate(turn.text) for turn in prompt.turns)
    if card.context is not None and tokens + min(prompt.max_tokens, card.context // 4) > card.context:
        return f"reads {card.context:,} tokens, and this is longer"
    return None


def too_much(card: ModelCard, takes: Capabilities, prompt: Prompt) -> str | None:
    """Say why a question is too much for a model, as words that follow its name; None when it may try.

    What it is unable to do or to read. Then, by its size where that is known: code, long questions, long texts and long
    conversations are for models of a thousand million weights and more; translating is for those of 300 million, unless
    they were made for it. Which model somebody chose by name is not decided here.
    """
    why = unable(card, takes, prompt)
    if why is not None or card.parameters is None or card.parameters >= MODEST or card.shape is not Shape.CAUSAL:
        return why
    what = _ambitious(prompt, is_small=card.parameters < SMALL)
    return f"is small, and this is {what}" if what else None


def _ambitious(prompt: Prompt, *, is_small: bool) -> str | None:
    """Say what makes a question hard for a model of modest size."""
    question = prompt.question or prompt.turns[-1].text
    if prompt.task is Task.CODE or _CODE.search(question) or _CODE_WANTED.search(question):
        return "about code"
    if prompt.task is Task.TRANSLATE and is_small:
        return "a translation"
    if len(prompt.passage) > _LONG_TEXT:
        return "about a long text"
    if len(question) > _LONG_QUESTION:
        return "a long question"
    return "a long conversation" if len(prompt.turns) > _MANY_TURNS else None


def estimate(text: str) -> int:
    """Estimate how many tokens a text takes: four characters each in ASCII, one and a half in other scripts."""
    other = sum(len(run) for run in _NOT_ASCII.findall(text))
    return -(-(len(text) - other) // 4) + -(-other * 2 // 3)


def declines(card: ModelCard, completion: Completion) -> str | None:
    """Say how a complete answer is none; None when it is one."""
    if card.shape is Shape.EXTRACTIVE and completion.score is not None and completion.score < _SURE_ENOUGH:
        return "did not find the answer in the text"
    return says_no(completion.text)


def failed(trouble: Trouble) -> str:
    """Say how a model failed before anything was shown, as words that follow its name."""
    return _FAILED.get(trouble, "failed")


def fits_memory(card: ModelCard, where: Where, memory_mb: int) -> bool:
    """Tell whether a model that would run here fits into what local models may take; yes where its size is unknown."""
    return where is not Where.WORKER or (card.parameters or 0) * _BYTES_EACH <= memory_mb * 1_000_000


def nobody(standings: Sequence[Standing], refusals: Sequence[str], misfits: Sequence[str], what: str) -> ModelError:
    """Return the error for when none of some models can be asked: of the kind that is nearest to being mended.

    `standings` are those that are in trouble, `refusals` and `misfits` say why others may not or cannot, `what` names
    the kind, such as "open".
    """
    if standings:
        first = standings[0]
        why = first.health.text.rstrip(".") or "it does not answer"
        return ModelError(
            Trouble.OVERLOADED,
            f"Every {what} model that could answer is in trouble just now. {first.card.name}: {why}. "
            "Try again in a few minutes, or choose another model.",
        )
    if misfits:
        return ModelError(
            Trouble.UNFIT, f"No {what} model is set up here for this: {misfits[0]}. Choose another model."
        )
    if refusals:
        return ModelError(
            Trouble.EGRESS,
            f"No {what} model may be asked here: {refusals[0]}. Choose another model, or ask a moderator.",
        )
    return ModelError(
        Trouble.NOT_CONFIGURED,
        f"No {what} model is switched on. `/models` shows what each of them needs; meanwhile choose another model.",
    )


def _oddness(card: ModelCard, task: Task) -> int:
    if card.shape is Shape.CAUSAL:
        return 0
    if card.shape is Shape.SEQ2SEQ:
        return 0 if task in {Task.SUMMARISE, Task.TRANSLATE} else 1
    return 2
