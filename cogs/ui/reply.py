"""One answer to one interaction, that defers by itself when the work takes long."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import discord
from discord import ui

from cogs.ui.errors import UNREACHABLE

DEFER_AFTER = 1.5
"""Seconds; Discord gives up after 3."""


class Reply:
    """Use as `async with Reply(interaction) as reply:` and call `send` once.

    `private` and `replaces` are fixed from the start, since a deferral fixes them: `replaces` means that the answer
    takes the place of the message the control is on; else it is a new message, seen by the person alone when `private`.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        *,
        private: bool = True,
        replaces: bool = False,
        defer_after: float = DEFER_AFTER,
    ) -> None:
        self._interaction = interaction
        self._private = private
        self._replaces = replaces
        self._defer_after = defer_after
        # the watchdog and the answer must not both reach for Discord's single answer
        self._turn = asyncio.Lock()
        self._watchdog: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._watchdog = asyncio.create_task(self._defer_when_late(), name="reply-watchdog")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watchdog is None:
            return
        async with self._turn:
            self._watchdog.cancel()
        with suppress(asyncio.CancelledError):
            await self._watchdog

    async def send(self, view: ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
        """Answer with a card: a new message, or in place of the control's message when so built."""
        async with self._turn:
            response = self._interaction.response
            if response.is_done():
                await self._interaction.edit_original_response(view=view, attachments=list(files))
            elif self._replaces:
                await response.edit_message(view=view, attachments=list(files))
            else:
                await response.send_message(view=view, files=list(files), ephemeral=self._private)

    async def _defer_when_late(self) -> None:
        await asyncio.sleep(self._defer_after)
        async with self._turn:
            if not self._interaction.response.is_done():
                # a failure shows when the answer is sent
                with suppress(discord.HTTPException, *UNREACHABLE):
                    await self._interaction.response.defer(ephemeral=self._private, thinking=not self._replaces)
