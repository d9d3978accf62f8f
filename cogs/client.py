"""The client: owns the cogs, routes controls and forms, keeps commands in step, and stays connected."""

import asyncio
import sys
from contextlib import suppress
from typing import Any

import discord
import structlog
from discord import app_commands
from discord.backoff import ExponentialBackoff
from discord.ext import commands

from bot.app import App
from bot.errors import StartError
from bot.guilds.types import Purpose
from bot.pulse import beat
from bot.refs import new_reference
from bot.timers import Failure
from cogs.about.cog import AboutCog
from cogs.answers.cog import AnswersCog
from cogs.arena.cog import arena_cogs
from cogs.asking.cog import asking_cogs
from cogs.endpoint import point_at
from cogs.guilds.cog import guild_cogs
from cogs.models.cog import ModelsCog
from cogs.polls.cog import poll_cogs
from cogs.sync import sync_commands
from cogs.ui.checks import intents
from cogs.ui.controls import Interaction, Switchboard, dispatch
from cogs.ui.errors import UNREACHABLE, answer_error
from cogs.ui.reports import Reporter, guild_of
from cogs.ui.stream import Pace
from cogs.ui.watch import watched

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
LONGEST_RECONNECT_WAIT = 10.0
"""Seconds between two attempts of a shard that was connected before."""
_REFUSED = 4004

log = structlog.stdlib.get_logger(__name__)


class Tree(app_commands.CommandTree["Client"]):
    """The commands; what they raise is answered."""

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Answer what a command raised."""
        await answer_error(interaction, error)

    async def _call(self, interaction: Interaction) -> None:
        # the one place that all commands pass; tests/ui/test_watch.py notices when the library has none of this name
        async with watched(interaction):
            await super()._call(interaction)


class ReconnectWait(ExponentialBackoff[bool]):
    """The wait of a shard before it tries again; the library's own grows to 17 minutes while Discord is away."""

    def delay(self) -> float:
        """Return seconds."""
        return min(super().delay(), LONGEST_RECONNECT_WAIT)


class Client(commands.AutoShardedBot):
    """The bot on Discord. `synced` is set once Discord knows the commands of this version."""

    def __init__(self, app: App, **options: Any) -> None:
        # the bot never speaks: what voice would need is not missing
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=intents(),
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            # nothing here looks at old messages or at members that are not in the event itself
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            **options,
        )
        self.app = app
        self.switchboard = Switchboard()
        self.reporter = Reporter(self, lambda guild_id: app.guilds.channel(guild_id, Purpose.LOG))
        self.pace = Pace()
        self.synced = asyncio.Event()
        self._sync: asyncio.Task[None] | None = None
        self._pulse: asyncio.Task[None] | None = None

    async def setup_hook(self) -> None:
        """Load the cogs and start the clocks; the connection need not wait for the commands."""
        for cog in self.features():
            await self.add_cog(cog)
            self.switchboard.connect(cog)
        self.app.timers.on_failure = self._timer_failed
        await self.app.start()
        self._sync = asyncio.create_task(self._keep_in_step(), name="sync-commands")
        self._pulse = asyncio.create_task(beat(self.app.settings.data_dir, self._is_connected), name="pulse")

    def features(self) -> list[commands.Cog]:
        """Return the cogs to load."""
        return [
            *asking_cogs(self, self.app),
            *poll_cogs(self, self.app),
            *arena_cogs(self, self.app),
            *guild_cogs(self, self.app),
            ModelsCog(self.app),
            AnswersCog(self.app),
            AboutCog(self.app),
        ]

    async def close(self) -> None:
        """Close the connection."""
        for task in (self._sync, self._pulse):
            if task:
                task.cancel()
        await super().close()

    async def on_interaction(self, interaction: Interaction) -> None:
        """Route presses, choices and forms."""
        await dispatch(interaction)

    async def on_shard_connect(self, shard_id: int) -> None:
        """Start over with short waits for the next time that this shard is cut off."""
        self._shorten_waits(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Start over as after a connect."""
        self._shorten_waits(shard_id)

    async def on_ready(self) -> None:
        """Say that the bot is there."""
        log.info("ready", servers=len(self.guilds), shards=self.shard_count, name=str(self.user))

    async def on_error(self, event_method: str, /, *_args: Any, **_options: Any) -> None:
        """Write down what an event raised."""
        log.error("event failed", happening=event_method, reference=new_reference(), exc_info=sys.exc_info())

    async def _timer_failed(self, failure: Failure) -> None:
        what = failure.event.removesuffix("_due").replace("_", " ")
        guild_id = guild_of(failure.error) or await self.app.guild_of(failure.event, failure.key)
        await self.reporter.tell(failure.error, f"a timer ({what})", guild_id)

    def _shorten_waits(self, shard_id: int) -> None:
        # the library has no setting for it; tests/bot/test_bad_days.py notices when it no longer works
        if shard := self.get_shard(shard_id):
            shard._parent._backoff = ReconnectWait()  # pyright: ignore[reportPrivateUsage]

    def _is_connected(self) -> bool:
        return self.is_ready() and not any(shard.is_closed() for shard in self.shards.values())

    async def _keep_in_step(self) -> None:
        wait = FIRST_WAIT
        while True:
            try:
                changed = await sync_commands(self)
            except (discord.HTTPException, *UNREACHABLE) as error:
                log.warning("commands could not be synced", error=str(error), again_in=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                log.info("commands are in step", changed=changed)
                self.synced.set()
                return


async def serve(app: App, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set, across any trouble that may pass.

    Raises:
        StartError: trouble that does not pass, such as a wrong token.
    """
    settings = app.settings
    if settings.discord_url:
        point_at(settings.discord_url)
    token = settings.token()
    where = settings.discord_url or "Discord"
    wait = FIRST_WAIT
    while not stop.is_set():
        async with Client(app) as client:
            try:
                await _until(stop, client.start(token))
            except discord.LoginFailure as error:
                raise StartError(_refused_line(settings.token_setting, where)) from error
            except discord.PrivilegedIntentsRequired as error:
                raise StartError(f"{where} refuses the bot's intents, though none is privileged: {error}") from error
            except discord.ConnectionClosed as error:
                if error.code == _REFUSED:
                    raise StartError(_refused_line(settings.token_setting, where)) from error
                log.warning("the gateway closed the connection", code=error.code)
            except (
                discord.HTTPException,
                discord.GatewayNotFound,
                *UNREACHABLE,
            ) as error:
                log.warning("cannot be reached", address=where, error=str(error), again_in=wait)
            if client.user:
                # it was there: start over with short waits
                wait = FIRST_WAIT
        if not stop.is_set():
            await _pause(stop, wait)
            wait = min(wait * 2, LONGEST_WAIT)


def _refused_line(setting: str, where: str) -> str:
    return f"{setting}: {where} refuses this token; copy it again from the application's Bot page"


async def _until(stop: asyncio.Event, work: Any) -> None:  # noqa: ANN401 - any coroutine
    """Run `work` until it ends or `stop` is set."""
    task, stopped = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        for one in (task, stopped):
            one.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
