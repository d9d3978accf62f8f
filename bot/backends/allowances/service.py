"""Reserves what an answer may take before it is made, and settles what it took afterwards; durable, and race-free."""

import builtins
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import structlog

from bot.backends.allowances import rules
from bot.backends.allowances.store import AllowanceStore
from bot.backends.allowances.types import Allowance, AllowanceKind, Bounds, Hold, Left, Use
from bot.clock import Clock
from bot.config import Settings
from bot.db.session import Database

STEP = 256
"""Tokens that a growing answer reserves beyond what it needs, so that the database is not asked at each of them."""
HELD_FOR = timedelta(hours=1)
"""No answer takes longer: what is held longer belongs to a process that is no more."""

log = structlog.stdlib.get_logger(__name__)


class AllowanceService:
    """What may be used in all servers, and what was.

    `holder` names this process among those that share a database, with another name at each start: what is held by one
    that has no lease (any more) is given back.
    """

    def __init__(self, database: Database, clock: Clock, settings: Settings, holder: str = "main") -> None:
        self._store = AllowanceStore(database)
        self._clock = clock
        self.holder = holder
        self._default_tokens = settings.member_tokens_a_day or None
        self._ceiling = rules.micros_of(settings.server_dollars_a_month) or None
        # what each answer of this process has reserved so far
        self._held: dict[int, Use] = {}

    async def start(self) -> None:
        """Give back what dead processes held, and sweep."""
        await self.sweep()

    async def sweep(self) -> None:
        """Give back what nobody will settle, and delete use that is too old to matter."""
        await self.pick_up()
        await self._store.sweep(rules.day_of(self._clock()) - rules.KEPT_DAYS)

    async def pick_up(self) -> None:
        """Give back what dead processes held, and what has been held for too long."""
        given_back = await self._store.give_back(self._clock() - HELD_FOR)
        if given_back:
            log.info("gave back what unfinished answers had reserved", answers=given_back)

    async def reserve(self, guild_id: int, member_id: int, role_ids: Collection[int], tokens: int, micros: int) -> Hold:
        """Reserve what an answer may take.

        Raises:
            QuotaError: that is more than there is; says what is used up and when there is more.
        """
        now, more, roles = self._clock(), Use(tokens, micros), frozenset(role_ids)
        hold_id = await self._store.reserve((guild_id, member_id, roles), more, self._binding(roles), now, self.holder)
        self._held[hold_id] = more
        return Hold(hold_id, guild_id, member_id, roles, rules.day_of(now), tokens, micros)

    async def charge(self, hold: Hold, tokens_so_far: int) -> None:
        """Make sure that what an answer has taken so far is reserved; asks the database only where it is not.

        Raises:
            QuotaError: there is no more.
        """
        held = self._held.get(hold.hold_id)
        if held is None or tokens_so_far <= held.tokens:
            return
        wanted = rules.further(held, tokens_so_far, STEP)
        more = await self._store.extend(hold, wanted, self._binding(hold.role_ids), self._clock())
        self._held[hold.hold_id] = Use(held.tokens + more.tokens, held.micros + more.micros)

    async def settle(self, hold: Hold, tokens: int, micros: int) -> None:
        """Count what an answer really took, be it more or less than was reserved; a second time it does nothing."""
        async with self._ending(hold) as is_held:
            if is_held:
                await self._store.settle(hold, Use(tokens, micros))

    async def release(self, hold: Hold) -> None:
        """Give back all that was reserved; after it is settled it does nothing."""
        async with self._ending(hold) as is_held:
            if is_held:
                await self._store.release(hold)

    async def remaining(self, guild_id: int, member_id: int, role_ids: Collection[int]) -> Left:
        """Return what is left for a member, and when there is more."""
        now = self._clock()
        holding, mine, everybody = await self._store.used((guild_id, member_id, role_ids), self._binding(role_ids), now)
        return rules.left(holding, mine, everybody, now)

    async def set(
        self,
        guild_id: int,
        kind: AllowanceKind,
        role_id: int,
        tokens_a_day: int | None,
        micros_a_month: int | None,
    ) -> Allowance:
        """Set what may be used; None is without a bound. `role_id` is 0 unless the kind is role.

        Raises:
            InvalidInputError: a part does not fit.
        """
        allowance = Allowance(guild_id, kind, role_id, tokens_a_day, micros_a_month)
        allowance = rules.check(allowance, self._ceiling if kind is AllowanceKind.SERVER else None)
        await self._store.set(allowance)
        return allowance

    async def unset(self, guild_id: int, kind: AllowanceKind, role_id: int = 0) -> None:
        """Leave it to the rules again: of a role, the one for every member; else, the operator's."""
        await self._store.unset(guild_id, kind, role_id)

    async def list(self, guild_id: int) -> tuple[Allowance, ...]:
        """Return what a server has set."""
        return await self._store.all_of(guild_id)

    async def forget(self, member_id: int) -> None:
        """Erase a person; what they used still counts for their servers, under nobody's name."""
        await self._store.forget(member_id)

    async def export(self, member_id: int) -> builtins.list[dict[str, Any]]:
        """Return what is known of a person's use, ready for JSON."""
        return [
            {
                "guild_id": str(guild_id),
                "day": date.fromordinal(day).isoformat(),
                "tokens": used.tokens,
                "dollars": f"{used.micros / rules.MICROS:.6f}",
            }
            for guild_id, day, used in await self._store.of_member(member_id)
        ]

    @asynccontextmanager
    async def _ending(self, hold: Hold) -> AsyncGenerator[bool]:
        """Tell whether a hold is still to be ended; it stays so when the database does not take it."""
        held = self._held.pop(hold.hold_id, None)
        if held is None:
            yield False
            return
        try:
            yield True
        except BaseException:
            self._held[hold.hold_id] = held
            raise

    def _binding(self, role_ids: Collection[int]) -> "_Binding":
        return _Binding(role_ids, self._default_tokens, self._ceiling)


class _Binding:
    """What turns allowances into what holds for a member with these roles."""

    def __init__(self, role_ids: Collection[int], default_tokens: int | None, ceiling: int | None) -> None:
        self._role_ids = role_ids
        self._default_tokens = default_tokens
        self._ceiling = ceiling

    def __call__(self, allowances: Iterable[Allowance]) -> Bounds:
        return rules.bounds(allowances, self._role_ids, self._default_tokens, self._ceiling)
