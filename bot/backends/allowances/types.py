"""What travels through allowances; all of it frozen."""

from dataclasses import dataclass
from datetime import datetime

from bot.db.schema import AllowanceKind

__all__ = ["Allowance", "AllowanceKind", "Bound", "Bounds", "Hold", "Left", "Use"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a server has set: for each member, for each member with a role, or for itself; None is without a bound.

    `role_id` is 0 unless the kind is role. `micros` are millionths of a US dollar.
    """

    guild_id: int
    kind: AllowanceKind
    role_id: int
    tokens_a_day: int | None
    micros_a_month: int | None


@dataclass(frozen=True, slots=True)
class Hold:
    """What is reserved for an answer that is being made; it is settled or released in the end."""

    hold_id: int
    guild_id: int
    member_id: int
    role_ids: frozenset[int]
    day: int
    tokens: int
    micros: int


@dataclass(frozen=True, slots=True)
class Use:
    """What was used, reservations included: tokens today and money this month."""

    tokens: int = 0
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Bound:
    """How much may be used: tokens a day, money a month; None is without a bound."""

    tokens: int | None
    micros: int | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds for a member: their own bound, and the server's in addition."""

    member: Bound
    server: Bound


@dataclass(frozen=True, slots=True)
class Left:
    """What is left for a member today and in this month; None where nothing bounds it."""

    tokens: int | None
    micros: int | None
    tokens_again_at: datetime | None = None
    money_again_at: datetime | None = None
