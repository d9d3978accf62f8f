"""The rules of allowances: which bound holds for whom, what is left of it, and when there is more. Pure.

Days and months are those of UTC, for everybody: an answer counts for the day on which it was begun.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from bot.backends.allowances.types import Allowance, AllowanceKind, Bound, Bounds, Left, Use
from bot.errors import InvalidInputError, QuotaError

MICROS = 1_000_000
"""In a US dollar."""
MOST_TOKENS = 10**12
MOST_MICROS = 10**12
KEPT_DAYS = 62
"""Use is kept as long as a month's sum may need it, and one month more for those who ask where it went."""
_NO_BOUND = Bound(None, None)


def day_of(now: datetime) -> int:
    """Return the day of a moment as the tables hold it."""
    return now.astimezone(UTC).date().toordinal()


def month_of(day: int) -> int:
    """Return the first day of a day's month."""
    return date.fromordinal(day).replace(day=1).toordinal()


def next_day(now: datetime) -> datetime:
    """Return when the next day begins."""
    return _midnight(now.astimezone(UTC).date() + timedelta(days=1))


def next_month(now: datetime) -> datetime:
    """Return when the next month begins."""
    # no month is longer than 31 days, and the 1st plus that many is always in the next one
    first = now.astimezone(UTC).date().replace(day=1)
    return _midnight((first + timedelta(days=31)).replace(day=1))


def bounds(
    allowances: Iterable[Allowance], role_ids: Collection[int], default_tokens: int | None, ceiling: int | None
) -> Bounds:
    """Return what holds for a member with these roles.

    The most generous of their roles' bounds, taken for tokens and money apart, wins over the one for every member, and
    that over the operator's default. The server's own bound holds in addition, and never exceeds the operator's
    `ceiling` of micros a month.
    """
    member, server = Bound(default_tokens, None), _NO_BOUND
    roles: list[Bound] = []
    for allowance in allowances:
        bound = Bound(allowance.tokens_a_day, allowance.micros_a_month)
        if allowance.kind is AllowanceKind.SERVER:
            server = bound
        elif allowance.kind is AllowanceKind.MEMBER:
            member = bound
        elif allowance.role_id in role_ids:
            roles.append(bound)
    if roles:
        member = Bound(_most(one.tokens for one in roles), _most(one.micros for one in roles))
    return Bounds(member, replace(server, micros=_least(server.micros, ceiling)))


def left(holding: Bounds, mine: Use, everybody: Use, now: datetime) -> Left:
    """Return what is left for a member: the smaller of what is left of their own bound and of the server's."""
    tokens = _least(_rest(holding.member.tokens, mine.tokens), _rest(holding.server.tokens, everybody.tokens))
    micros = _least(_rest(holding.member.micros, mine.micros), _rest(holding.server.micros, everybody.micros))
    return Left(
        tokens,
        micros,
        None if tokens is None else next_day(now),
        None if micros is None else next_month(now),
    )


def refuse(holding: Bounds, mine: Use, everybody: Use, more: Use, now: datetime) -> QuotaError | None:
    """Return why `more` cannot be used as well, or None when it can."""
    again = f"<t:{next_day(now).timestamp():.0f}:t>"
    rest = _rest(holding.member.tokens, mine.tokens)
    if rest is not None and more.tokens > rest:
        return _tokens_gone(f"Your allowance of {holding.member.tokens:,} tokens a day", rest, more.tokens, again)
    rest = _rest(holding.server.tokens, everybody.tokens)
    if rest is not None and more.tokens > rest:
        return _tokens_gone(
            f"This server's allowance of {holding.server.tokens:,} tokens a day", rest, more.tokens, again
        )
    # what costs nothing is never refused for want of money
    again = f"<t:{next_month(now).timestamp():.0f}:D>"
    if more.micros and (rest := _rest(holding.member.micros, mine.micros)) is not None and more.micros > rest:
        return _money_gone(f"Your allowance of {_dollars(holding.member.micros)} a month", rest, more.micros, again)
    if more.micros and (rest := _rest(holding.server.micros, everybody.micros)) is not None and more.micros > rest:
        return _money_gone(
            f"This server's allowance of {_dollars(holding.server.micros)} a month", rest, more.micros, again
        )
    return None


def further(held: Use, tokens: int, step: int) -> tuple[Use, Use]:
    """Return what to reserve beyond `held` when `tokens` are used: with a step to spare, and the bare need.

    Money goes with tokens at the rate of what is held.
    """
    need = tokens - held.tokens
    # the longer an answer gets, the longer it may still be: the database is asked seldom
    return _at_rate(held, max(need, step, held.tokens // 2)), _at_rate(held, need)


def check(allowance: Allowance, ceiling: int | None) -> Allowance:
    """Return an allowance as it is stored.

    Raises:
        InvalidInputError: a part does not fit; names the field: role, tokens or money.
    """
    if (allowance.kind is AllowanceKind.ROLE) != bool(allowance.role_id):
        raise InvalidInputError("role", "Choose the role that this allowance is for.")
    if allowance.tokens_a_day is not None and not 0 <= allowance.tokens_a_day <= MOST_TOKENS:
        raise InvalidInputError("tokens", f"The tokens a day are a number from 0 to {MOST_TOKENS:,}, or nothing.")
    most = MOST_MICROS if ceiling is None else ceiling
    if allowance.micros_a_month is not None and not 0 <= allowance.micros_a_month <= most:
        why = "" if ceiling is None else "; whoever runs this bot allows no more"
        raise InvalidInputError("money", f"The money a month is from $0.00 to {_dollars(most)}, or nothing{why}.")
    return allowance


def micros_of(dollars: Decimal) -> int:
    """Return US dollars in millionths, rounded up: what is used must never look like less."""
    return math.ceil(dollars * MICROS)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _at_rate(held: Use, tokens: int) -> Use:
    return Use(tokens, -(-held.micros * tokens // held.tokens) if held.tokens else 0)


def _rest(bound: int | None, used: int) -> int | None:
    return None if bound is None else max(0, bound - used)


def _least(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _most(values: Iterable[int | None]) -> int | None:
    most = 0
    for value in values:
        if value is None:
            return None
        most = max(most, value)
    return most


def _tokens_gone(whose: str, rest: int, more: int, again: str) -> QuotaError:
    if not rest:
        return QuotaError(f"{whose} is used up. There is more at {again}.")
    return QuotaError(
        f"{whose} has {rest:,} left, and this takes about {more:,}. Ask something shorter, or wait: "
        f"there is more at {again}."
    )


def _money_gone(whose: str, rest: int, more: int, again: str) -> QuotaError:
    cheaper = "Choose a model that costs nothing, or wait"
    if not rest:
        return QuotaError(f"{whose} is used up. {cheaper}: there is more on {again}.")
    return QuotaError(
        f"{whose} has {_dollars(rest)} left, and this takes up to {_dollars(more)}. "
        f"{cheaper}: there is more on {again}."
    )


def _dollars(micros: int | None) -> str:
    """Write money with two places, or with as many as it has."""
    value = Decimal(micros or 0) / MICROS
    return f"${value:,.2f}" if value == round(value, 2) else f"${value:,.6f}".rstrip("0")
