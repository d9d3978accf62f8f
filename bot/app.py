"""The whole bot without Discord: builds every service from the settings, opens and closes them in order."""

import asyncio
from datetime import UTC, time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import structlog

from bot.answers.service import AnswerService
from bot.arena.service import BATTLE_DUE, ArenaService
from bot.asking.service import AskService
from bot.backends.allowances import AllowanceService
from bot.backends.registry import Registry
from bot.catalog import Catalog, load_catalog
from bot.clock import Clock, utc_now
from bot.config import Settings
from bot.db.leases import RENEWED_EVERY, Leases
from bot.db.mentions import blank_mentions
from bot.db.migrate import bring_to_head, is_known, newer, revision_of
from bot.db.schema import HEAD
from bot.db.session import Database, sqlite_path
from bot.errors import DatabaseError, NotFoundError
from bot.guilds.service import GuildService
from bot.polls.service import POLL_DUE, POLL_REMINDER_DUE, PollService
from bot.recurrence import daily
from bot.signing import Signer
from bot.timers import Timers

if TYPE_CHECKING:
    from bot.backends.moderation import Moderation

ANSWERS_LEFT = "answers_left"
"""Fires when answers may be there that another process, now dead, was writing."""
BATTLES_LEFT = "battles_left"
"""Fires when battles may be there that another process, now dead, was having answered or about to show."""
DAILY_DUE = "daily_due"
LEASE_DUE = "lease_due"
_DAILY_AT = time(4)
_OPENAI = "api.openai.com"

log = structlog.stdlib.get_logger(__name__)


class App:
    """Every service. Use `await App.open(settings)`, `await start()` once listeners are there, `await close()`."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, catalog: Catalog, signer: Signer) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.signer = signer
        self.timers = Timers(clock)
        self.guilds = GuildService(database, clock, settings.time_zone)
        self.answers = AnswerService(database, self.timers, clock)
        self.polls = PollService(database, self.timers, clock, signer.sign)
        self.registry = Registry(catalog, settings, clock)
        self.leases = Leases(database, clock, settings.data_dir)
        self.allowances = AllowanceService(database, clock, settings, self.leases.holder)
        self._moderation = _moderation(settings)
        self.asking = AskService(
            database, self.registry, self.allowances, self.guilds, clock, settings, self._moderation
        )
        self.arena = ArenaService(
            database, self.registry, self.allowances, self.guilds, self.timers, clock, settings, self._moderation
        )
        self._started = False

    @classmethod
    async def open(cls, settings: Settings, clock: Clock = utc_now) -> Self:
        """Read the catalogue, open the database, bring it to the newest revision and build the services.

        Raises:
            SettingsError: a models file is wrong.
            StartError: the key that signs is damaged, or cannot be made.
            DatabaseError: the database cannot be used.
        """
        catalog = load_catalog(settings.models_file)
        database = await Database.open(settings.database, setting=settings.database_setting)
        try:
            await bring_to_head(database)
            signer = await asyncio.to_thread(Signer.load, settings)
        except BaseException:
            await database.close()
            raise
        return cls(settings, database, clock, catalog, signer)

    async def start(self) -> None:
        """Arm what the tables say is pending and begin to fire; a second call does nothing."""
        if self._started:
            return
        self._started = True
        await self.leases.start()
        await self.guilds.start()
        await self.answers.start()
        await self.polls.start()
        await self.allowances.start()
        await self.asking.start()
        await self.arena.start()
        self.registry.start()
        self.timers.listen(DAILY_DUE, self._daily_due)
        self.timers.every(DAILY_DUE, 0, daily(_DAILY_AT), UTC)
        if not self.database.is_sqlite:
            self.timers.listen(LEASE_DUE, self._lease_due)
            self.timers.arm(LEASE_DUE, 0, self.clock() + RENEWED_EVERY)
        self.timers.start()

    async def close(self) -> None:
        """Stop the timers, finish what was promised, close the database."""
        await self.timers.close()
        await self.polls.stop()
        await self.asking.close()
        await self.arena.stop()
        await self.registry.close()
        if self._moderation:
            await self._moderation.close()
        await self.leases.close()
        await self.database.close()

    async def guild_of(self, event: str, key: int) -> int | None:
        """Return the server that a timer works for; None when it is none's, or what it was for is gone."""
        if event == BATTLE_DUE:
            return await self.arena.guild_of(key)
        if event not in {POLL_DUE, POLL_REMINDER_DUE}:
            return None
        try:
            shown = await self.polls.live(key)
        except NotFoundError:
            return None
        return shown.poll.guild_id

    async def forget_user(self, member_id: int) -> None:
        """Erase a person from every feature, also where others named them; may be repeated when it was cut off."""
        await self.answers.forget(member_id)
        await self.asking.forget(member_id)
        await self.arena.forget(member_id)
        await self.allowances.forget(member_id)
        async with self.database.write() as connection:
            await blank_mentions(connection, member_id)
        await self.polls.forget(member_id, self.arena.forget_votes)

    async def export_user(self, member_id: int) -> dict[str, Any]:
        """Return all that is stored about a person, ready for JSON."""
        return {
            "polls": await self.polls.export_user(member_id),
            "answers": await self.answers.export(member_id),
            "asking": await self.asking.export_user(member_id),
            "arena": await self.arena.export_user(member_id),
            "usage": await self.allowances.export(member_id),
        }

    async def _lease_due(self, _key: int) -> None:
        """Say that this process lives, and take over from those that do not; what cannot be done now is done next."""
        try:
            await self.leases.renew()
            await self.allowances.pick_up()
            await self.asking.pick_up()
            self.timers.arm(ANSWERS_LEFT, 0, self.clock())
            self.timers.arm(BATTLES_LEFT, 0, self.clock())
        except Exception as error:  # noqa: BLE001 - a timer that failed would come too late
            log.warning("this process could not say that it lives", error=type(error).__name__)
        self.timers.arm(LEASE_DUE, 0, self.clock() + RENEWED_EVERY)

    async def _daily_due(self, _key: int) -> None:
        """Sweep what nobody can use any more; a bot that runs for months is not started often enough for it."""
        await self.polls.sweep()
        await self.asking.sweep()
        await self.arena.sweep()
        await self.allowances.sweep()


def _moderation(settings: Settings) -> "Moderation | None":
    if not settings.moderation_url:
        return None
    # most bots have none, and need not load what speaks to it
    from bot.backends.http import new_client  # noqa: PLC0415
    from bot.backends.moderation import Moderation  # noqa: PLC0415

    # a maker's key goes to its maker alone
    is_openai = urlsplit(settings.moderation_url).hostname == _OPENAI
    key = settings.key("OPENAI_API_KEY" if is_openai else "MODERATION_API_KEY")
    return Moderation(settings.moderation_url, settings.moderation_model, key, new_client())


async def look_at_database(settings: Settings) -> list[tuple[str, str | None]]:
    """Return (subject, trouble or None) for the database and its migrations, without changing or locking it."""
    path = sqlite_path(settings.database)
    if path and not path.exists():
        return [("database", f"{path} is not there yet; `rostrum migrate` or the first start makes it")]
    try:
        database = await Database.open(settings.database, alone=False, setting=settings.database_setting)
    except DatabaseError as error:
        return [("database", str(error))]
    try:
        revision = await revision_of(database)
    finally:
        await database.close()
    if revision == HEAD:
        trouble = None
    elif revision and not is_known(revision):
        trouble = newer(revision)
    else:
        trouble = f"at revision {revision or 'none'} instead of {HEAD}; run `rostrum migrate`"
    return [("database", None), ("migrations", trouble)]
