"""One answer to one interaction; the watchdog defers it when the work takes long."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import discord
from discord import ui

from cogs.ui.watch import watch_of


class Reply:
    """Use as `async with Reply(interaction) as reply:`, before any work, and call `send` once.

    `private` and `replaces` are fixed from the start, since a deferral fixes them: `replaces` means that the answer
    takes the place of the message the control is on; else it is a new message, seen by the person alone when `private`.
    """

    def __init__(self, interaction: discord.Interaction[Any], *, private: bool = True, replaces: bool = False) -> None:
        self._interaction = interaction
        self._private = private
        self._replaces = replaces
        self._watch = watch_of(interaction)

    async def __aenter__(self) -> Self:
        self._watch.private, self._watch.replaces = self._private, self._replaces
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def send(self, view: ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
        """Answer with a card: a new message, or in place of the control's message when so built."""
        async with self._watch.turn:
            response = self._interaction.response
            if response.is_done():
                await self._interaction.edit_original_response(view=view, attachments=list(files))
            elif self._replaces:
                await response.edit_message(view=view, attachments=list(files))
            else:
                await response.send_message(view=view, files=list(files), ephemeral=self._private)
