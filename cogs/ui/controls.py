"""Buttons, menus and forms that outlive a restart: their id says which cog method takes them, and they hold nothing.

An id is `feature:v1:action:key`. The client routes them from the raw interaction, in `dispatch`: the library's own
store of views would grow with every message sent, take each message apart at each press, and only log what is raised.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeAlias, TypeVar, cast

import discord
from discord import ui
from discord.ext import commands

from bot.app import App
from bot.errors import NotFoundError
from cogs.ui.errors import answer_error
from cogs.ui.forms import Choice
from cogs.ui.reports import Reporter
from cogs.ui.stream import Pace
from cogs.ui.submitted import Submitted, read_values
from cogs.ui.text import clip
from cogs.ui.watch import watched

VERSION = 1
LONGEST_KEY = 60
_ID = re.compile(
    rf"(?P<feature>[a-z]+):v(?P<version>\d{{1,3}}):(?P<action>[a-z]+):(?P<key>[0-9A-Za-z-]{{0,{LONGEST_KEY}}})",
    re.ASCII,
)

Interaction: TypeAlias = discord.Interaction[Any]
MethodT = TypeVar("MethodT", bound=Callable[..., Awaitable[None]])


class Host(Protocol):
    """What a control needs from the client it came through."""

    app: App
    switchboard: "Switchboard"
    reporter: Reporter
    pace: Pace


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an id that say who takes it; `kind` is press, choose or submit."""

    kind: str
    feature: str
    action: str


def control_id(feature: str, action: str, key: str = "") -> str:
    """Return the id of a control or form.

    Raises:
        ValueError: the key is too long or has a character that ids do not carry.
    """
    custom_id = f"{feature}:v{VERSION}:{action}:{key}"
    if not _ID.fullmatch(custom_id):
        msg = f"{custom_id} is no id of a control"
        raise ValueError(msg)
    return custom_id


def on_press(feature: str, action: str) -> Callable[[MethodT], MethodT]:
    """Have a cog's method take presses: `async def method(self, interaction, key)`.

    Anybody can send any id at any time: the method checks whether this person may do this now.
    """
    return _marked(Address("press", feature, action))


def on_choose(feature: str, action: str) -> Callable[[MethodT], MethodT]:
    """Have a cog's method take choices in a menu: `async def method(self, interaction, key, values)`.

    `values` is a tuple of text; whether it is among what was offered is for the method to see.
    """
    return _marked(Address("choose", feature, action))


def on_submit(feature: str, action: str) -> Callable[[MethodT], MethodT]:
    """Have a cog's method take submitted forms: `async def method(self, interaction, key, submitted)`."""
    return _marked(Address("submit", feature, action))


def _marked(address: Address) -> Callable[[MethodT], MethodT]:
    def mark(method: MethodT) -> MethodT:
        setattr(method, _MARK, address)
        return method

    return mark


_MARK = "__rostrum_address__"


class Switchboard:
    """Which method takes which control."""

    def __init__(self) -> None:
        self._methods: dict[Address, Callable[..., Awaitable[None]]] = {}

    def connect(self, cog: commands.Cog) -> None:
        """Connect all marked methods of a cog."""
        for name in dir(type(cog)):
            address = getattr(getattr(type(cog), name), _MARK, None)
            if address is None:
                continue
            if address in self._methods:
                msg = f"two methods take {address}"
                raise ValueError(msg)
            self._methods[address] = getattr(cog, name)

    def disconnect(self, cog: commands.Cog) -> None:
        """Undo `connect`."""
        self._methods = {
            address: method for address, method in self._methods.items() if getattr(method, "__self__", None) is not cog
        }

    def find(self, kind: str, custom_id: str) -> tuple[Callable[..., Awaitable[None]], str]:
        """Return the method that takes `custom_id`, and its key.

        Raises:
            NotFoundError: nobody takes it: it comes from another version of the bot.
        """
        match = _ID.fullmatch(custom_id)
        method = match and self._methods.get(Address(kind, match["feature"], match["action"]))
        if not match or not method or int(match["version"]) != VERSION:
            raise NotFoundError(
                "This control is from another version of the bot and no longer works. Use the command again, "
                "which shows a new one."
            )
        return method, match["key"]


class Control(ui.Button[Any]):
    """A button that is found by its id, whenever it is pressed."""

    @classmethod
    def button(
        cls,
        custom_id: str,
        label: str,
        *,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        disabled: bool = False,
    ) -> Self:
        """Build a button to be shown; `custom_id` comes from `control_id`."""
        return cls(custom_id=custom_id, label=clip(label, 80), style=style, disabled=disabled)

    def is_dispatchable(self) -> bool:
        """Keep the library from remembering it: `dispatch` finds who takes it."""
        return False


class Menu(ui.Select[Any]):
    """A menu of choices that is found by its id, whenever something is chosen. Stands in a row of its own."""

    @classmethod
    def of(
        cls,
        custom_id: str,
        choices: Sequence[Choice],
        *,
        placeholder: str = "",
        chosen: Sequence[str] = (),
        most: int = 1,
    ) -> Self:
        """Build a menu to be shown; `custom_id` comes from `control_id`."""
        options = [
            discord.SelectOption(
                label=clip(choice.label, 100),
                value=choice.value,
                description=clip(choice.hint, 100) or None,
                default=choice.value in chosen,
            )
            for choice in choices
        ]
        return cls(custom_id=custom_id, placeholder=clip(placeholder, 100) or None, options=options, max_values=most)

    def is_dispatchable(self) -> bool:
        """Keep the library from remembering it: `dispatch` finds who takes it."""
        return False


async def dispatch(interaction: Interaction) -> None:
    """Hand a press, a choice or a form to whoever takes it; commands go through the tree."""
    data: Any = interaction.data
    if interaction.type is discord.InteractionType.modal_submit:
        await guarded(interaction, "submit", data["custom_id"], Submitted.read(data))
    elif interaction.type is discord.InteractionType.component:
        if data["component_type"] == discord.ComponentType.button.value:
            await guarded(interaction, "press", data["custom_id"])
        else:
            await guarded(interaction, "choose", data["custom_id"], read_values(data.get("values")))


async def guarded(interaction: Interaction, kind: str, custom_id: str, *values: Submitted | tuple[str, ...]) -> None:
    """Hand it over, see that it is acknowledged in time, and answer whatever it raises."""
    try:
        async with watched(interaction):
            method, key = cast("Host", interaction.client).switchboard.find(kind, custom_id)
            await method(interaction, key, *values)
    except Exception as error:  # noqa: BLE001 - the person must hear, whatever it is
        await answer_error(interaction, error)
