"""What the cards of the arena have in common: the prompt, answers cut to what fits, what there is to say of a model."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from bot.arena.tables import UNSURE
from bot.arena.types import Battle, BattleAnswer, Energy, Reason, Verdict
from bot.catalog import Openness, Task, Where
from cogs.ui.cards import MOST_TEXT
from cogs.ui.model_text import defuse
from cogs.ui.pieces import split
from cogs.ui.text import clip, count, plain

SPARE = 60
"""Characters left free, for what Discord may count otherwise than we do."""
_CENT = Decimal("0.01")
_SCALE = ((10**12, "T"), (10**9, "B"), (10**6, "M"))
_FEW_WATTHOURS = 0.1
_BAR = 10
_CUT = "\n*… cut to fit here*"
_NOTHING = "*There is no text any more: whoever asked has erased it.*"

OPENNESS: Mapping[Openness, str] = MappingProxyType(
    {Openness.OPEN: "Open", Openness.RESTRICTED: "Restricted", Openness.CLOSED: "Closed"}
)
SAID: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.A: "A is better",
        Verdict.B: "B is better",
        Verdict.TIE: "both are equally good",
        Verdict.BAD: "both are bad",
    }
)
TASKS: Mapping[str, str] = MappingProxyType(
    {Task.ANSWER: "Answers", Task.SUMMARISE: "Summaries", Task.TRANSLATE: "Translations", Task.CODE: "Code"}
)
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
        "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian",
        "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
        "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
        "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
    }
)  # fmt: skip


def size(text: str) -> int:
    """Return how long a text is in UTF-16, as the strictest of counts has it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def asked(battle: Battle, room: int = 220) -> str:
    """Return the prompt as a quote of one line; empty once it was erased."""
    prompt = " ".join(battle.prompt.split())
    return f"> {plain(clip(prompt, room))}" if prompt else ""


def answers_in(battle: Battle, others: Sequence[str]) -> tuple[str, str]:
    """Return both answers as a card may show them, cut to what fits beside the `others`."""
    first, second = (defuse(answer.text) or _NOTHING for answer in battle.answers)
    room = MOST_TEXT - SPARE - sum(size(text) for text in others)
    half = room // 2
    # a short one leaves its room to the other
    first_room = max(half, room - size(second))
    second_room = max(half, room - size(first))
    return _cut(first, first_room), _cut(second, second_room)


def name_of(answer: BattleAnswer, length: int = 60) -> str:
    """Return a model's name, as it was when the battle was fought."""
    return plain(clip(answer.line.name, length))


def receipt(answer: BattleAnswer) -> str:
    """Return in one line how open a model is, where it ran, and what that took."""
    return clip(" · ".join(part for part in _parts(answer) if part), 400)


def bar(amount: int, whole: int) -> str:
    """Return a bar in text: how much of the whole an amount is."""
    full = round(amount * _BAR / whole) if whole else 0
    return f"`{'█' * full}{'░' * (_BAR - full)}`"


def reasons_line(reasons: Mapping[Reason, int]) -> str:
    """Say which reasons were given how often, the most frequent first."""
    given = sorted(((amount, reason) for reason, amount in reasons.items() if amount), key=lambda one: -one[0])
    return f"Reasons given: {', '.join(f'{reason.value} {amount:,}' for amount, reason in given)}." if given else ""


def energy_words(energy: Energy) -> str:
    """Return an estimate of electricity, as a span."""
    low, high = _watthours(energy.low), _watthours(energy.high)
    return f"about {low} Wh" if low == high else f"about {low}–{high} Wh"


def cost_words(cost: Decimal | None) -> str:
    """Return what an answer cost."""
    if cost is None:
        return "cost not known"
    if not cost:
        return "no cost"
    if cost >= _CENT:
        return f"${cost:,.2f}"
    return f"${cost:.6f}".rstrip("0") if cost >= Decimal("0.000001") else "less than $0.000001"


def size_words(parameters: int | None) -> str:
    """Return how large a model is."""
    if not parameters:
        return ""
    for scale, letter in _SCALE:
        if parameters >= scale:
            return f"{parameters / scale:.3g}{letter} parameters"
    return f"{parameters:,} parameters"


def place_words(answer: BattleAnswer) -> str:
    """Say where an answer was made."""
    if answer.where is None:
        return ""
    return "ran elsewhere" if answer.where is Where.ELSEWHERE else "ran on this machine"


def sent_words(answer: BattleAnswer) -> str:
    """Say what left the server."""
    if answer.sent:
        said = " ".join(answer.sent.split())
        return plain(clip(said[:1].lower() + said[1:], 160))
    return "nothing left the server" if answer.where is not None else ""


def effort_words(answer: BattleAnswer) -> str:
    """Say how much was written in what time."""
    parts = [
        *([count(answer.completion_tokens, "token")] if answer.completion_tokens else []),
        *([f"{answer.seconds:.1f} s"] if answer.seconds is not None else []),
    ]
    return " in ".join(parts)


def part_words(label: str) -> str:
    """Return the name of a part of a board: a task or a language."""
    if label in {"", UNSURE}:
        return "Language not known"
    return TASKS.get(label) or LANGUAGES.get(label) or plain(clip(label, 40))


def _parts(answer: BattleAnswer) -> Iterator[str]:
    model = answer.card
    yield OPENNESS[answer.line.openness]
    yield plain(clip(model.licence, 40)) if model else ""
    yield plain(clip(model.attribution, 60)) if model else ""
    yield size_words(model.parameters) if model else ""
    # what was sent where says this too
    yield "" if answer.sent else place_words(answer)
    yield sent_words(answer)
    yield effort_words(answer)
    yield cost_words(answer.cost) if answer.where is not None else ""
    yield energy_words(answer.energy) if answer.energy else ""


def _watthours(amount: float) -> str:
    return f"{amount:.1f}" if amount >= _FEW_WATTHOURS else f"{amount:.2g}"


def _cut(text: str, room: int) -> str:
    if size(text) <= room:
        return text
    most = room - len(_CUT)
    piece = split(text, most)[0]
    while size(piece) > room - len(_CUT):
        most = most * 9 // 10
        piece = split(text, most)[0]
    return piece + _CUT
