"""The small print of answers: how open the model is, where it ran, what left the server, what it cost, whose choice."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from bot.asking.rules import SELECTORS
from bot.asking.types import ANY_CLOSED, ANY_OPEN, HYBRID, Remaining, TurnRecord
from bot.backends.base import Finish
from bot.catalog import ModelCard, Openness, Task, Where, receiver_of
from bot.db.schema import ChoiceRule, TurnPhase
from cogs.ui.text import clip, count, plain, when

WRITTEN_BY_AI = "Written by an AI, which may be wrong."
BY_AI = "An AI writes this"
"""For what has no room for the whole of it, or is not whole yet."""
_CENT = Decimal("0.01")
_MOST_DECLINED = 3

OPENNESS: Mapping[Openness, str] = MappingProxyType(
    {Openness.OPEN: "Open", Openness.RESTRICTED: "Restricted", Openness.CLOSED: "Closed"}
)
_SELECTORS: Mapping[str, str] = MappingProxyType(
    {ANY_OPEN: "any open model", ANY_CLOSED: "any closed model", HYBRID: "hybrid: open first"}
)
_RULES: Mapping[ChoiceRule, str] = MappingProxyType(
    {
        ChoiceRule.ASKED: "chosen for this question",
        ChoiceRule.MEMBER: "the asker's choice",
        ChoiceRule.CHANNEL: "this channel's choice",
        ChoiceRule.SERVER: "this server's choice",
        ChoiceRule.DEFAULT: "the usual choice here",
    }
)
_OWN_RULES: Mapping[ChoiceRule, str] = MappingProxyType(
    {**_RULES, ChoiceRule.ASKED: "your choice", ChoiceRule.MEMBER: "your choice from before"}
)
_TASKS: Mapping[Task, str] = MappingProxyType(
    {Task.ANSWER: "", Task.SUMMARISE: "Summary", Task.TRANSLATE: "Translation", Task.CODE: "Code"}
)


def has_nothing(turn: TurnRecord) -> bool:
    """Say whether it ended without a word of the model's."""
    return turn.phase in (TurnPhase.FAILED, TurnPhase.INTERRUPTED) and not turn.answer.strip()


def name_of(turn: TurnRecord) -> str:
    """Return the name of the model that answers, as Discord shows it letter for letter."""
    return plain(clip(turn.card.name if turn.card else turn.model or "A model", 60))


def chosen_name(turn: TurnRecord) -> str:
    """Return what was chosen, as a button says it: a model, or a way to choose one."""
    return SELECTORS.get(turn.wanted) or clip(name_of(turn), 60)


def heading(turn: TurnRecord) -> str:
    """Return the title of an answer."""
    name = name_of(turn)
    if turn.phase is TurnPhase.FAILED and has_nothing(turn):
        return f"{name} gave no answer"
    if turn.phase is TurnPhase.INTERRUPTED:
        return f"{name} was interrupted"
    task = _TASKS[turn.task]
    return f"{task} · {name}" if task else name


def asked(turn: TurnRecord, room: int = 220) -> str:
    """Return the question, and what it is about, as a quote of one line each."""
    lines: list[str] = []
    if question := " ".join(turn.question.split()):
        lines.append(f"> {plain(clip(question, room))}")
    about: list[str] = []
    if turn.passage_name:
        about.append(plain(clip(" ".join(turn.passage_name.split()), 80)))
    if turn.pictures:
        about.append(count(turn.pictures, "picture"))
    if turn.task is Task.TRANSLATE and turn.language:
        about.append(f"into {plain(clip(turn.language, 40))}")
    if about:
        lines.append(f"-# {' · '.join(about)}")
    return "\n".join(lines)


def running_receipt(turn: TurnRecord) -> str:
    """Return the small print while it is being written."""
    return " · ".join(part for part in (BY_AI, _openness(turn.card), _runs(turn), _leaves(turn)) if part)


def receipt(turn: TurnRecord) -> list[str]:
    """Return the small print of an answer: a line for each thing to know, the first is the receipt."""
    return [clip(line, 300) for line in _lines(turn) if line]


def short_receipt(turn: TurnRecord) -> str:
    """Return the receipt in one line, as a comparison has it under each answer."""
    attribution = plain(clip(turn.card.attribution, 40)) if turn.card else ""
    place = _left(turn) if turn.sent else _ran(turn) if turn.where else ""
    parts = [_openness(turn.card), attribution, clip(place, 110), _effort(turn), _cost(turn)]
    return " · ".join(part for part in parts if part)


def rule_words(turn: TurnRecord) -> str:
    """Say whose choice decided who answers."""
    words = (_OWN_RULES if turn.is_private else _RULES)[turn.rule]
    selector = _SELECTORS.get(turn.wanted)
    return f"{words} ({selector})" if selector else words


def dollars(cost: Decimal) -> str:
    """Return an amount with as many digits as tell something."""
    if cost >= _CENT:
        return f"${cost:,.2f}"
    return f"${cost:.6f}".rstrip("0") if cost >= Decimal("0.000001") else "less than $0.000001"


def _lines(turn: TurnRecord) -> Iterator[str]:
    ran = turn.where is not None
    yield " · ".join(
        part for part in (_openness(turn.card), _ran(turn) if ran else _runs(turn), _left(turn), _cost(turn)) if part
    )
    by = "" if has_nothing(turn) else WRITTEN_BY_AI.rstrip(".")
    licence = plain(clip(turn.card.licence, 40)) if turn.card else ""
    # some licences want this to be shown, so it comes before what may be cut off
    attribution = plain(clip(turn.card.attribution, 80)) if turn.card else ""
    yield " · ".join(part for part in (by, licence, attribution, _effort(turn), rule_words(turn)) if part)
    yield f"Speaks as {plain(clip(turn.persona, 40))}." if turn.persona else ""
    yield _dropped(turn)
    # what a note says already
    if turn.declined and not turn.note:
        shown = [
            f"{plain(clip(one.model, 40))} {plain(clip(one.reason, 80))}" for one in turn.declined[:_MOST_DECLINED]
        ]
        yield "; ".join(shown)
    if turn.note:
        yield plain(clip(" ".join(turn.note.split()), 200))
    if turn.finish is Finish.LENGTH:
        yield "Cut off at the longest answer allowed. Reply “go on” for the rest."
    if turn.finish is Finish.FILTERED:
        yield "The maker's filter cut this answer off."
    if turn.score is not None:
        yield f"Found in the text, not made up · certainty {turn.score:.0%}"
    # of a public answer, More says it to whoever presses it
    yield left_for(turn.remaining) if turn.is_private else ""


def _openness(card: ModelCard | None) -> str:
    return OPENNESS[card.openness] if card else ""


def _is_here(turn: TurnRecord) -> bool:
    where = turn.where
    if where is None and turn.card:
        where = Where.WORKER if turn.card.backend == "local" else None
    return where in (Where.WORKER, Where.MACHINE)


def _runs(turn: TurnRecord) -> str:
    if turn.where is Where.ELSEWHERE and turn.card:
        # Hybrid stands for two until one has answered
        verb = "may go to" if turn.model == HYBRID else "runs at"
        return f"{verb} {plain(clip(receiver_of(turn.card), 40))}"
    return "runs on this machine" if _is_here(turn) else ""


def _ran(turn: TurnRecord) -> str:
    if turn.where is Where.ELSEWHERE:
        if turn.model == HYBRID:
            return ""
        # whoever made it need not be who runs it
        receiver = receiver_of(turn.card) if turn.card else ""
        return f"ran at {plain(clip(receiver, 40))}" if receiver else "ran elsewhere"
    return "ran on this machine"


def _leaves(turn: TurnRecord) -> str:
    return "nothing leaves the server" if _is_here(turn) and not turn.sent else ""


def _left(turn: TurnRecord) -> str:
    if turn.sent:
        said = " ".join(turn.sent.split())
        return plain(clip(said[:1].lower() + said[1:], 160))
    return "nothing left the server" if turn.where is not None else ""


def _cost(turn: TurnRecord) -> str:
    if turn.cost is None:
        return "" if turn.completion_tokens is None else "cost not known"
    return dollars(turn.cost) if turn.cost else "no cost"


def _effort(turn: TurnRecord) -> str:
    """Say in few words how much was written in what time."""
    parts = [
        *([count(turn.completion_tokens, "token")] if turn.completion_tokens else []),
        *([f"{turn.seconds:.1f} s"] if turn.seconds is not None else []),
    ]
    return " in ".join(parts)


def figures(turn: TurnRecord) -> Iterator[str]:
    """Tell all that was counted."""
    if turn.prompt_tokens is not None and turn.completion_tokens is not None:
        yield f"{turn.prompt_tokens:,} tokens read, {turn.completion_tokens:,} written"
    elif turn.completion_tokens is not None:
        yield f"{turn.completion_tokens:,} tokens written"
    if turn.seconds is not None:
        first = f" (first words after {turn.first_seconds:.1f} s)" if turn.first_seconds is not None else ""
        yield f"{turn.seconds:.1f} s{first}"


def _dropped(turn: TurnRecord) -> str:
    """Say what no longer fitted into what the model can read."""
    gone: list[str] = []
    if turn.dropped_turns:
        gone.append(f"{count(turn.dropped_turns, 'earlier turn')} of this conversation")
    if turn.dropped_tokens:
        gone.append(f"{turn.dropped_tokens:,} tokens of the text")
    return f"⚠ No longer fitted, so the model has not read them: {' and '.join(gone)}." if gone else ""


def left_for(left: Remaining | None) -> str:
    """Say what is left for a member; nothing where nothing bounds it."""
    if left is None or (left.tokens is None and left.micros is None):
        return ""
    parts: list[str] = []
    if left.tokens is not None:
        again = f", more {when(left.tokens_again_at)}" if left.tokens_again_at and left.tokens <= 0 else ""
        parts.append(f"{max(left.tokens, 0):,} tokens{again or ' today'}")
    if left.micros is not None:
        again = f", more {when(left.money_again_at)}" if left.money_again_at and left.micros <= 0 else ""
        amount = dollars(Decimal(left.micros) / 1_000_000) if left.micros > 0 else "$0"
        parts.append(f"{amount}{again or ' this month'}")
    return f"Left for you: {' · '.join(parts)}"
