"""Buttons and forms that outlive a restart: their id says which cog method takes them, and they hold nothing else.

An id is `feature:v1:action:key`. discord.py only logs what a dynamic item raises, so `guarded` catches and answers.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeAlias, TypeVar, cast

import discord
from discord import ui
from discord.ext import commands

from bot.app import App
from bot.errors import NotFoundError
from cogs.ui.errors import answer_error

VERSION = 1
_ID = r"(?P<feature>[a-z]+):v(?P<version>\d+):(?P<action>[a-z]+):(?P<key>[0-9A-Za-z-]{0,60})"

Interaction: TypeAlias = discord.Interaction[Any]
MethodT = TypeVar("MethodT", bound=Callable[..., Awaitable[None]])


class Host(Protocol):
    """What a control needs from the client it came through."""

    app: App
    switchboard: "Switchboard"


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an id that say who takes it; `kind` is press or submit."""

    kind: str
    feature: str
    action: str


def control_id(feature: str, action: str, key: str = "") -> str:
    """Return the id of a control or form."""
    return f"{feature}:v{VERSION}:{action}:{key}"


def on_press(feature: str, action: str) -> Callable[[MethodT], MethodT]:
    """Have a cog's method take presses: `async def method(self, interaction, key)`."""
    return _marked(Address("press", feature, action))


def on_submit(feature: str, action: str) -> Callable[[MethodT], MethodT]:
    """Have a cog's method take submitted forms: `async def method(self, interaction, key, values)`."""
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
        match = re.fullmatch(_ID, custom_id)
        method = match and self._methods.get(Address(kind, match["feature"], match["action"]))
        if not match or not method or int(match["version"]) != VERSION:
            raise NotFoundError("This control is from another version of the bot and no longer works.")
        return method, match["key"]


class Control(ui.DynamicItem[ui.Button[Any]], template=_ID):
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
        return cls(ui.Button(custom_id=custom_id, label=label[:80], style=style, disabled=disabled))

    @classmethod
    async def from_custom_id(cls, _interaction: Interaction, item: ui.Item[Any], _match: re.Match[str], /) -> Self:
        """Build the button that was pressed."""
        return cls(cast("ui.Button[Any]", item))

    async def callback(self, interaction: Interaction) -> None:
        """Hand the press to the cog method that takes it."""
        await guarded(interaction, "press", self.custom_id)


async def guarded(interaction: Interaction, kind: str, custom_id: str, *values: Mapping[str, str]) -> None:
    """Hand a press or a form to whoever takes it, and answer whatever that raises."""
    try:
        method, key = cast("Host", interaction.client).switchboard.find(kind, custom_id)
        await method(interaction, key, *values)
    except Exception as error:  # noqa: BLE001 - the person must hear, whatever it is
        await answer_error(interaction, error)
