"""One answer to one interaction; the watchdog defers it when the work takes long.

Discord takes the answer for fifteen minutes. With `keep`, one that is later is kept, and its owner opens it again:
after `PROMISE_AFTER` the "thinking" message turns into a card with a button for it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self, cast

import discord
import structlog
from discord import ui

from bot.answers.service import AnswerService
from bot.answers.types import Answer
from cogs.ui.cards import card, rows
from cogs.ui.controls import Control, Host, control_id
from cogs.ui.errors import ANSWERED
from cogs.ui.parcel import pack
from cogs.ui.watch import UNREACHABLE, watch_of

ANSWERS = "answers"
"""The feature that opens what was kept."""
PROMISE_AFTER = 13 * 60.0
"""Seconds of work after which the person is told that the answer comes later."""
KEEP_AFTER = 14 * 60.0
"""Seconds after which the answer is not tried on Discord any more."""
# the token is dead, the deferred message was never there, the deferral came too late
_GONE = {50027, 10015, 10062}

log = structlog.stdlib.get_logger(__name__)


def open_button(answer_id: int, label: str = "Open my answer") -> Control:
    """Open an answer that was kept."""
    return Control.button(control_id(ANSWERS, "open", str(answer_id)), label, style=discord.ButtonStyle.primary)


def list_button() -> Control:
    """Show what is kept for whoever presses."""
    return Control.button(control_id(ANSWERS, "list"), "My private answers")


class Reply:
    """Use as `async with Reply(interaction) as reply:`, before any work, and call `send` once.

    `private` and `replaces` are fixed from the start, since a deferral fixes them: `replaces` means that the answer
    takes the place of the message the control is on; else it is a new message, seen by the person alone when `private`.
    `keep` is the name under which a private answer is kept when Discord no longer takes it.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        *,
        private: bool = True,
        replaces: bool = False,
        keep: str | None = None,
    ) -> None:
        if keep and (replaces or not private):
            msg = "what is kept is a private message of its own"
            raise ValueError(msg)
        self._interaction = interaction
        self._private = private
        self._replaces = replaces
        self._keep = keep
        self._watch = watch_of(interaction)
        self._began = asyncio.get_running_loop().time()
        self._promising: asyncio.Task[None] | None = None
        self._promise: int | None = None

    async def __aenter__(self) -> Self:
        self._watch.private, self._watch.replaces = self._private, self._replaces
        if self._keep:
            # an error is an answer too, and may be as late
            self._watch.sender = self
            self._promising = asyncio.create_task(self._promise_when_late(self._keep), name="promise-answer")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._promising is None:
            return
        async with self._watch.turn:
            self._promising.cancel()
        with suppress(asyncio.CancelledError):
            await self._promising

    async def send(self, view: ui.LayoutView, files: Sequence[discord.File] = ()) -> None:
        """Answer with a card: a new message, or in place of the control's message when so built."""
        if not self._keep:
            async with self._watch.turn:
                await self._deliver(view, files)
            return
        answer = await self._packed(self._keep, view, files)
        async with self._watch.turn:
            if await self._delivered(view, files):
                if self._promise is not None:
                    await self._answers.withdraw(self._promise)
            elif self._promise is not None:
                await self._answers.fulfil(self._promise, answer)
            else:
                await self._answers.keep(answer)

    async def _delivered(self, view: ui.LayoutView, files: Sequence[discord.File]) -> bool:
        """Try it on Discord; return whether that worked, unless it failed for another reason than being late."""
        if asyncio.get_running_loop().time() - self._began > KEEP_AFTER:
            return False
        try:
            await self._deliver(view, files)
        except discord.HTTPException as error:
            if error.code not in _GONE:
                raise
            log.info("an answer is kept, since Discord no longer takes it", code=error.code)
            return False
        return True

    async def _deliver(self, view: ui.LayoutView, files: Sequence[discord.File]) -> None:
        response = self._interaction.response
        if response.is_done():
            await self._interaction.edit_original_response(view=view, attachments=list(files))
            return
        try:
            if self._replaces:
                await response.edit_message(view=view, attachments=list(files))
            else:
                await response.send_message(view=view, files=list(files), ephemeral=self._private)
        except discord.HTTPException as error:
            if error.code != ANSWERED:
                raise
            # an acknowledgement got through, though its own answer got lost on the way back
            for file in files:
                file.reset()
            await self._interaction.edit_original_response(view=view, attachments=list(files))

    async def _promise_when_late(self, title: str) -> None:
        await asyncio.sleep(PROMISE_AFTER)
        async with self._watch.turn:
            self._promise = await self._answers.promise(self._guild, self._interaction.user.id, title)
            # whoever does not see the card finds the answer in the list that /help opens
            with suppress(discord.HTTPException, *UNREACHABLE):
                await self._interaction.edit_original_response(view=_promise_card(title, self._promise))

    async def _packed(self, title: str, view: ui.LayoutView, files: Sequence[discord.File]) -> Answer:
        text = "\n".join(part.content for part in view.walk_children() if isinstance(part, ui.TextDisplay))
        name, content = await pack(title, files)
        return Answer(self._guild, self._interaction.user.id, title, text, name, content)

    @property
    def _guild(self) -> int:
        # 0 for a direct message, which no server has as its id
        return self._interaction.guild_id or 0

    @property
    def _answers(self) -> AnswerService:
        return cast("Host", self._interaction.client).app.answers


def _promise_card(title: str, answer_id: int) -> ui.LayoutView:
    return card(
        title,
        "This takes longer than Discord waits for an answer. I go on with it, and keep the answer for you.",
        *rows([open_button(answer_id)]),
        footer="Only you can open it, for seven days, here or with `/help`.",
    )
