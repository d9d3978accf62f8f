"""What members see of models: the list, and one model with its openness explained. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from discord import ui

from bot.backends.base import Egress, State
from bot.backends.listing import STATES, Line, told
from bot.catalog import REASONS, ModelCard, Openness, Shape, Task, Training, Where, receiver_of, where_of
from cogs.models.controls import model_buttons, model_menu, page_buttons
from cogs.ui.cards import Tone, card, rows, rule
from cogs.ui.text import clip, count, listed, plain

CLASSES: Mapping[Openness, str] = MappingProxyType(
    {
        Openness.OPEN: "weights that anybody may run",
        Openness.RESTRICTED: "weights under conditions of use or access",
        Openness.CLOSED: "no weights; it runs at its maker's",
    }
)
MOST_ON_A_PAGE = 12
_ROOM = 3000
"""Characters of a page's list; title, buttons and footer need some of the 4,000 too."""
_LONGEST_HEALTH = 160
_LONGEST_ORIGIN = 380
_MARKS: Mapping[State, str] = MappingProxyType(
    {State.READY: "✅", State.ASLEEP: "💤", State.MISSING: "⚪", State.TROUBLED: "⚠️"}
)
_SHAPES: Mapping[Shape, str] = MappingProxyType(
    {
        Shape.CAUSAL: "",
        Shape.SEQ2SEQ: "It turns one text into another: it is made for single tasks, not for conversations.",
        Shape.EXTRACTIVE: "It marks the words of a given text that answer a question; it writes nothing of its own.",
        Shape.EMBEDDING: "It measures how near texts are to each other in meaning; it answers no questions.",
    }
)
_TRAINING: Mapping[Training, str] = MappingProxyType(
    {
        Training.NO: "What is sent trains no model.",
        Training.YES: "What is sent may train models, unless its maker was told otherwise.",
        Training.UNKNOWN: "Whether what is sent trains models is not known.",
    }
)
_FACTS: Mapping[str, str] = MappingProxyType(
    {"context": "how much it reads at once", "parameters": "its size", "training": "whether what is sent trains models"}
)
_SCALE = ((10**12, "T"), (10**9, "B"), (10**6, "M"))
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list: its models, by class; `number` counts from 0, `first` says where it begins in the list."""

    lines: tuple[Line, ...]
    number: int
    of: int


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Order a list for members: by class, those first that can answer, and among them those of whoever runs the bot."""
    order = list(Openness)
    return sorted(lines, key=lambda line: (order.index(line.card.openness), not line.answers, not line.card.is_added))


def pages_of(lines: Sequence[Line], egress: Egress) -> list[Page]:
    """Cut the list into pages that fit into a message; an empty list has one empty page."""
    cut: list[list[Line]] = [[]]
    used = 0
    for line in in_order(lines):
        length = len(_entry(line, egress)) + 1
        if cut[-1] and (len(cut[-1]) == MOST_ON_A_PAGE or used + length > _ROOM):
            cut.append([])
            used = 0
        cut[-1].append(line)
        used += length
    return [Page(tuple(page), number, len(cut)) for number, page in enumerate(cut)]


def page_with(key: str, pages: Sequence[Page]) -> int:
    """Return the number of the page that a model is on; the first when it is on none."""
    return next((page.number for page in pages if any(line.card.key == key for line in page.lines)), 0)


def list_card(page: Page, lines: Sequence[Line], egress: Egress) -> ui.LayoutView:
    """Show a page of the models, each with how it is and what would switch it on."""
    usable = sum(line.answers and not _refusal(line, egress) for line in lines)
    intro = f"{usable} of {count(len(lines), 'model')} can answer in this server now." + _policy(egress)
    parts: list[str] = []
    for openness in Openness:
        group = [line for line in page.lines if line.card.openness is openness]
        if group:
            heading = f"**{openness.value.title()}**: {CLASSES[openness]}"
            parts.append("\n".join([heading, *(_entry(line, egress) for line in group)]))
    return card(
        "Models",
        intro,
        *parts,
        *([model_menu(page.lines)] if page.lines else []),
        *rows(page_buttons(page.number, page.of)),
        footer=f"Page {page.number + 1} of {page.of}. Only you see this. `/models name` opens one model's card.",
    )


def model_card(line: Line, egress: Egress, page: int = 0) -> ui.LayoutView:
    """Show one model: how open it is and why, where it runs, what it costs, on which conditions, and how it is."""
    model = line.card
    parts = [
        f"**{model.openness.value.title()}**: {CLASSES[model.openness]}. "
        f"By {plain(model.maker)}, of the {plain(model.family)} family.",
        # an operator's own card may say much more than fits
        clip(_health(line, egress), 450),
        clip(_openness(model), 1200),
        clip(_use(model), 850),
        clip(_conditions(model), 550),
    ]
    usable = line.health.usable and not _refusal(line, egress)
    return card(
        plain(model.name),
        *(part for part in parts if part),
        rule(),
        *rows(model_buttons(model.key, page)),
        tone=Tone.NEUTRAL if usable else Tone.DRAFT,
        footer=_origin(model),
    )


def _entry(line: Line, egress: Egress) -> str:
    model, health = line.card, line.health
    refusal = _refusal(line, egress)
    state = STATES[health.state]
    if health.usable and refusal:
        mark, said = "⛔", "not in this server"
    else:
        mark, said = _MARKS[health.state], state
        if told(health):
            said += f": {plain(clip(told(health), _LONGEST_HEALTH))}"
    # what cannot answer is small print, so that the others are seen first
    small = "" if line.answers and not refusal else "-# "
    return f"{small}{mark} {plain(model.name)} · {_where(model)} · {said}"


def _refusal(line: Line, egress: Egress) -> str | None:
    return egress.refuses(line.card, where_of(line.card))


def _policy(egress: Egress) -> str:
    said = [
        *(["open models only"] if egress.open_only else []),
        *(["nothing leaves the bot's machine"] if egress.stays_here else []),
    ]
    return f" This server's rule: {listed(said)}." if said else ""


def _health(line: Line, egress: Egress) -> str:
    health = line.health
    said = f"{_MARKS[health.state]} **{STATES[health.state].capitalize()}**"
    if text := told(health):
        said += f": {plain(clip(text, 400))}"
    if health.state is State.MISSING:
        said += "\nWhoever runs the bot can switch it on."
    if refusal := _refusal(line, egress):
        said += f"\n⛔ Not in this server: {plain(refusal)}."
    return said


def _openness(model: ModelCard) -> str:
    licence = f"[{plain(model.licence)}](<{model.licence_url}>)" if model.licence_url else plain(model.licence)
    lines = [f"**How open it is** · licence: {licence}"]
    lines += [f"- {name.title()}: {plain(model.reasons[name])}" for name in REASONS if name in model.reasons]
    return "\n".join(lines)


def _use(model: ModelCard) -> str:
    lines = ["**What using it means**", f"- Where: {_where_at_length(model)}"]
    lines.append(f"- Training: {plain(model.training_note) or _TRAINING[model.training]}")
    lines.append(f"- Cost: {_cost(model)}")
    sizes = [
        *([f"{_size(model.parameters)} parameters"] if model.parameters else []),
        *([f"{model.context:,} tokens at once"] if model.context else []),
    ]
    if sizes:
        lines.append(f"- Size: {', '.join(sizes)}")
    takes = [task.value for task in Task if task in model.tasks] + (["pictures"] if model.images else [])
    if takes:
        lines.append(f"- For: {', '.join(takes)}")
    if _SHAPES[model.shape]:
        lines.append(f"- {_SHAPES[model.shape]}")
    return "\n".join(lines)


def _conditions(model: ModelCard) -> str:
    lines = [f"- {plain(condition)}" for condition in model.conditions]
    if model.attribution:
        lines.append(f"- {plain(model.attribution)}")
    return "\n".join(["**Conditions**", *lines]) if lines else ""


def _where(model: ModelCard) -> str:
    if where_of(model) is Where.ELSEWHERE:
        return f"at {plain(receiver_of(model))}"
    return "on this machine"


def _where_at_length(model: ModelCard) -> str:
    where = where_of(model)
    if where is Where.ELSEWHERE:
        return f"at {plain(receiver_of(model))}; what you ask is sent there."
    return "on the machine that the bot runs on; what you ask stays on it."


def _cost(model: ModelCard) -> str:
    if where_of(model) is not Where.ELSEWHERE:
        return "none."
    price = model.price
    if price is None:
        return "its price is not known here, so no cost is shown."
    amounts = f"${_dollars(price.read)} for a million tokens read, ${_dollars(price.written)} written"
    return f"{amounts}. From {plain(price.source)}, looked up on {_day(price.looked_up)}."


def _origin(model: ModelCard) -> str:
    if model.is_added:
        return "This card is as whoever runs the bot wrote it. Only you see this."
    if model.looked_up is None:
        return "This card is from general knowledge: nothing on it was looked up. Only you see this."
    told = f"From stored copies of its maker's pages, looked up on {_day(model.looked_up)}:"
    for source in model.sources:
        if len(told) + len(source) < _LONGEST_ORIGIN:
            told += f" <{source}>"
    if model.not_looked_up:
        unread = listed([_FACTS.get(fact, fact) for fact in model.not_looked_up])
        told += f" · From general knowledge, not looked up: {unread}"
    return f"{told} · Only you see this."


def _size(parameters: int) -> str:
    for scale, unit in _SCALE:
        if parameters >= scale:
            return f"{parameters / scale:.3g}{unit}"
    return f"{parameters:,}"


def _dollars(amount: Decimal) -> str:
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount.normalize():f}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
