"""Failures that no person is there to be told of: those of timers and of cards that keep themselves up to date."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

import discord
import structlog

from bot.refs import new_reference
from cogs.ui.cards import Tone, card
from cogs.ui.errors import bare, describe, error_card
from cogs.ui.watch import UNREACHABLE

QUIET_SECONDS = 3600
"""The same failure is told in a server once in this time; timers try again and again."""
_KEPT = 1000
_GUILD = "__rostrum_guild__"

log = structlog.stdlib.get_logger(__name__)


@contextmanager
def concerns(guild_id: int) -> Generator[None]:
    """Note on whatever the block raises which server it concerns, so that its log channel can be told."""
    try:
        yield
    except Exception as error:
        setattr(error, _GUILD, guild_id)
        raise


def guild_of(error: BaseException) -> int | None:
    """Return the server that `error` concerns, if that was noted."""
    found: int | None = getattr(error, _GUILD, None)
    return found


class Reporter:
    """Writes failures to the log, and to the log channel of the server that they concern, if it has one."""

    def __init__(self, client: discord.Client, channel_of: Callable[[int], Awaitable[int | None]]) -> None:
        self._client = client
        self._channel_of = channel_of
        self._told: OrderedDict[tuple[int, str, str], float] = OrderedDict()

    async def report(self, error: BaseException, what: str, guild_id: int | None = None) -> None:
        """Tell of `error` in `what`, such as "closing a poll": our own words, never what somebody wrote."""
        error = bare(error)
        guild_id = guild_id or guild_of(error)
        log.error("failed", what=what, guild=guild_id, reference=describe(error).reference, exc_info=error)
        await self.tell(error, what, guild_id)

    async def tell(self, error: BaseException, what: str, guild_id: int | None = None) -> None:
        """Tell the server alone, where the log knows of `error` already."""
        error = bare(error)
        guild_id = guild_id or guild_of(error)
        if guild_id is None or self._is_known(guild_id, what, error):
            return
        await self._show(error_card(error, describe(error), title=f"Trouble with {what}"), guild_id)

    async def note(self, text: str, what: str, guild_id: int) -> None:
        """Tell of what trying again would not mend, in our own words, under a reference that the log has too."""
        reference = new_reference()
        log.warning("given up", what=what, guild=guild_id, reference=reference)
        title, footer = f"Trouble with {what}", f"Reference {reference}"
        await self._show(card(title, text, tone=Tone.TROUBLE, footer=footer), guild_id)

    async def _show(self, view: discord.ui.LayoutView, guild_id: int) -> None:
        try:
            channel_id = await self._channel_of(guild_id)
            if channel_id is None:
                return
            channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
            await channel.send(view=view, silent=True)
        except (discord.HTTPException, *UNREACHABLE) as failure:
            log.warning("a log channel could not be told", guild=guild_id, error=str(failure))
        except Exception:  # a report must not become a failure of its own
            log.exception("a log channel could not be told", guild=guild_id)

    def _is_known(self, guild_id: int, what: str, error: BaseException) -> bool:
        key = (guild_id, what, type(error).__name__)
        now = asyncio.get_running_loop().time()
        told = self._told.get(key)
        if told is not None and now - told < QUIET_SECONDS:
            return True
        self._told[key] = now
        self._told.move_to_end(key)
        if len(self._told) > _KEPT:
            self._told.popitem(last=False)
        return False
