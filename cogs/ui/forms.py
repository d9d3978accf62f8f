"""Modals: what they ask. What comes back is in `cogs.ui.submitted`, read from the submission alone."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import discord
from discord import ui

from bot.errors import ClosedError
from cogs.ui.submitted import TICKED
from cogs.ui.text import clip
from cogs.ui.watch import watch_of

_KEPT = 500
MOST_PARTS = 5
MOST_GROUPED = 10
"""Choices in a radio or checkbox group; a select takes `MOST_SELECTED`."""
MOST_SELECTED = 25
_LABEL, _HINT, _TITLE, _CHOICE, _PLACEHOLDER = 45, 100, 45, 100, 100

Filled: TypeAlias = Mapping[str, str | Sequence[str]]
"""What a form opens with, by the questions' names: text, or the values (ids as text) that are chosen."""
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; `value` comes back."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Text between the questions, in Markdown."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """One text field; `name` is the key of its answer, here as in every question."""

    name: str
    label: str
    hint: str
    longest: int
    placeholder: str = ""
    long: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Radio:
    """One of two to ten."""

    name: str
    label: str
    hint: str
    choices: Sequence[Choice]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Checks:
    """Some of one to ten; `most` None is all of them. With `fewest` 0 nothing need be chosen."""

    name: str
    label: str
    hint: str
    choices: Sequence[Choice]
    fewest: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A single checkbox."""

    name: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Some of one to 25, from a menu; `most` None is all of them."""

    name: str
    label: str
    hint: str
    choices: Sequence[Choice]
    fewest: int = 1
    most: int | None = 1
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Roles:
    """Roles of the server; their ids come back."""

    name: str
    label: str
    hint: str
    fewest: int = 0
    most: int = MOST_SELECTED
    placeholder: str = ""


@dataclass(frozen=True, slots=True)
class Channels:
    """Channels of the server, of some types or of any; their ids come back."""

    name: str
    label: str
    hint: str
    types: Sequence[discord.ChannelType] = ()
    fewest: int = 0
    most: int = 1
    placeholder: str = ""


Question: TypeAlias = Text | Radio | Checks | Tick | Choices | Roles | Channels


def form(title: str, custom_id: str, questions: Sequence[Question | Note], filled: Filled) -> ui.Modal:
    """Build a modal; `custom_id` comes from `control_id`. What is filled in but does not fit is left out.

    Raises:
        ValueError: Discord would refuse it: too many questions, or too few or many choices in one.
    """
    if not 1 <= len(questions) <= MOST_PARTS:
        msg = f"a form has one to {MOST_PARTS} parts, not {len(questions)}"
        raise ValueError(msg)
    modal = ui.Modal(title=clip(title, _TITLE), custom_id=custom_id)
    for question in questions:
        modal.add_item(_part(question, filled))
    return modal


async def open_form(interaction: discord.Interaction[Any], modal: ui.Modal) -> None:
    """Answer with a form, which must be the first answer: the handler may have read memory only.

    Raises:
        ClosedError: it came too late; says to press again.
    """
    # the library keeps what is sent until it times out, but answers are read from the submission
    modal.stop()
    async with watch_of(interaction).turn:
        if interaction.response.is_done():
            raise ClosedError("I was too slow to open the form, sorry. Please press again.")
        await interaction.response.send_modal(modal)


def _part(question: Question | Note, filled: Filled) -> ui.Item[Any]:
    if isinstance(question, Note):
        return ui.TextDisplay(question.text)
    value = filled.get(question.name, "")
    if isinstance(question, Text):
        field = _text(question, value if isinstance(value, str) else "")
    else:
        chosen = ([value] if value else []) if isinstance(value, str) else list(value)
        field = _field(question, list(dict.fromkeys(chosen)))
    return ui.Label(text=clip(question.label, _LABEL), description=clip(question.hint, _HINT) or None, component=field)


def _text(question: Text, typed: str) -> ui.Item[Any]:
    return ui.TextInput(
        custom_id=question.name,
        style=discord.TextStyle.paragraph if question.long else discord.TextStyle.short,
        placeholder=clip(question.placeholder, _PLACEHOLDER) or None,
        default=typed[: question.longest] or None,
        max_length=question.longest,
        required=question.required,
    )


def _field(question: Radio | Checks | Tick | Choices | Roles | Channels, chosen: list[str]) -> ui.Item[Any]:
    if isinstance(question, Tick):
        return ui.Checkbox(custom_id=question.name, default=TICKED in chosen)
    if isinstance(question, Roles):
        return ui.RoleSelect(**_menu(question, question.most), default_values=_defaults(question, chosen, discord.Role))
    if isinstance(question, Channels):
        kind = discord.abc.GuildChannel
        defaults = _defaults(question, chosen, kind)
        types = list(question.types)
        return ui.ChannelSelect(**_menu(question, question.most), channel_types=types, default_values=defaults)
    values = [choice.value for choice in question.choices]
    most = 1 if isinstance(question, Radio) else question.most or len(values)
    chosen = [value for value in values if value in chosen][:most]
    _check_choices(question, values)
    if isinstance(question, Choices):
        return ui.Select(**_menu(question, most), options=_options(question, chosen, discord.SelectOption))
    if isinstance(question, Checks):
        return ui.CheckboxGroup(
            custom_id=question.name,
            required=question.fewest > 0,
            min_values=question.fewest,
            max_values=most,
            options=_options(question, chosen, discord.CheckboxGroupOption),
        )
    options = _options(question, chosen, discord.RadioGroupOption)
    return ui.RadioGroup(custom_id=question.name, required=question.required, options=options)


def _menu(question: Choices | Roles | Channels, most: int) -> dict[str, Any]:
    return {
        "custom_id": question.name,
        "placeholder": clip(question.placeholder, _PLACEHOLDER) or None,
        "min_values": question.fewest,
        "max_values": most,
        "required": question.fewest > 0,
    }


def _options(question: Radio | Checks | Choices, chosen: Sequence[str], kind: Callable[..., ValueT]) -> list[ValueT]:
    return [
        kind(
            label=clip(choice.label, _CHOICE),
            value=choice.value,
            description=clip(choice.hint, _CHOICE) or None,
            default=choice.value in chosen,
        )
        for choice in question.choices
    ]


def _check_choices(question: Radio | Checks | Choices, values: Sequence[str]) -> None:
    fewest = 2 if isinstance(question, Radio) else 1
    most = MOST_SELECTED if isinstance(question, Choices) else MOST_GROUPED
    if not fewest <= len(values) <= most or len(set(values)) != len(values):
        msg = f"{question.name}: {fewest} to {most} different choices, not {len(values)}"
        raise ValueError(msg)


def _defaults(question: Roles | Channels, chosen: Sequence[str], kind: type) -> list[discord.Object]:
    ids = [int(one) for one in chosen if one.isascii() and one.isdecimal()][: question.most]
    # Discord refuses fewer than must be chosen
    return [discord.Object(one, type=kind) for one in ids] if len(ids) >= question.fewest else []


class Typed(Generic[ValueT]):
    """What people typed lately, so that a form opens filled in without asking the database; the oldest goes first."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, ValueT] = OrderedDict()

    def keep(self, key: str, value: ValueT) -> None:
        """Remember `value` under `key`."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > _KEPT:
            self._values.popitem(last=False)

    def get(self, key: str) -> ValueT | None:
        """Return what was kept under `key`, unless it was long ago."""
        return self._values.get(key)

    def drop(self, key: str) -> None:
        """Forget it."""
        self._values.pop(key, None)
