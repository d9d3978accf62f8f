"""What the code of `cogs` offers on Discord, read from its classes without a connection."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

import cogs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def modules() -> list[ModuleType]:
    names = [found.name for found in pkgutil.walk_packages(cogs.__path__, "cogs.")]
    return [importlib.import_module(name) for name in sorted(names)]


def cog_classes() -> list[type[commands.Cog]]:
    found = {
        value
        for module in modules()
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, commands.Cog) and value.__module__.startswith("cogs.")
    }
    return sorted(found, key=lambda cog: cog.__qualname__)


def slash_commands() -> Iterator[tuple[str, app_commands.Command]]:
    """Every command that can be run, with the words that people type."""
    for cog in cog_classes():
        prefix = f"/{cog.__cog_group_name__} " if cog.__cog_is_app_commands_group__ else "/"
        for command in cog.__cog_app_commands__:
            parts = command.walk_commands() if isinstance(command, app_commands.Group) else [command]
            for part in parts:
                if isinstance(part, app_commands.Command):
                    yield prefix + part.qualified_name, part
