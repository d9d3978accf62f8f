"""The rules of allowances: which bound holds, what is left, when there is more."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from bot.backends.allowances import rules
from bot.backends.allowances.types import Allowance, AllowanceKind, Bound, Bounds, Left, Use
from bot.errors import InvalidInputError

GUILD = 10
NOW = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 29, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
FREE = Bounds(Bound(None, None), Bound(None, None))


def allowance(kind: AllowanceKind, tokens: int | None, micros: int | None = None, role_id: int = 0) -> Allowance:
    return Allowance(GUILD, kind, role_id, tokens, micros)


def test_days_and_months_are_those_of_utc() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    assert east.date() != NOW.date()
    assert rules.day_of(east) == rules.day_of(NOW) == date(2026, 11, 28).toordinal()
    assert rules.month_of(rules.day_of(NOW)) == date(2026, 11, 1).toordinal()
    assert rules.next_day(east) == MIDNIGHT
    assert rules.next_month(east) == DECEMBER


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("day", [1, 28])
def test_the_next_month_is_the_next_one(month: int, day: int) -> None:
    following = rules.next_month(datetime(2028, month, day, 12, tzinfo=UTC))
    assert following == datetime(2028 + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def test_without_anything_set_the_operators_default_and_ceiling_hold() -> None:
    assert rules.bounds([], {1}, 500, 10) == Bounds(Bound(500, None), Bound(None, 10))
    assert rules.bounds([], {1}, None, None) == FREE


def test_the_rule_for_members_wins_over_the_default_and_roles_over_that() -> None:
    member = allowance(AllowanceKind.MEMBER, 100, 7)
    small, large = (allowance(AllowanceKind.ROLE, tokens, 5, role_id) for role_id, tokens in ((1, 50), (2, 80)))
    assert rules.bounds([member], (), 500, None).member == Bound(100, 7)
    assert rules.bounds([member, small], {1}, 500, None).member == Bound(50, 5)
    assert rules.bounds([member, small, large], {1, 2}, 500, None).member == Bound(80, 5)
    assert rules.bounds([member, small, large], {3}, 500, None).member == Bound(100, 7)


def test_the_most_generous_role_counts_for_tokens_and_for_money_apart() -> None:
    tokens = allowance(AllowanceKind.ROLE, None, 3, 1)
    money = allowance(AllowanceKind.ROLE, 10, 9, 2)
    assert rules.bounds([tokens, money], {1, 2}, 500, None).member == Bound(None, 9)


def test_a_servers_own_bound_never_exceeds_the_operators() -> None:
    assert rules.bounds([allowance(AllowanceKind.SERVER, 9, 50)], (), None, 20).server == Bound(9, 20)
    assert rules.bounds([allowance(AllowanceKind.SERVER, None, 5)], (), None, 20).server == Bound(None, 5)
    assert rules.bounds([allowance(AllowanceKind.SERVER, None, None)], (), None, 20).server == Bound(None, 20)


def test_what_is_left_is_the_smaller_of_both() -> None:
    holding = Bounds(Bound(100, 50), Bound(1000, 60))
    assert rules.left(holding, Use(30, 10), Use(950, 55), NOW) == Left(50, 5, MIDNIGHT, DECEMBER)
    assert rules.left(holding, Use(130, 10), Use(0, 0), NOW) == Left(0, 40, MIDNIGHT, DECEMBER)
    assert rules.left(FREE, Use(30, 10), Use(950, 55), NOW) == Left(None, None)


def test_what_fits_is_not_refused() -> None:
    holding = Bounds(Bound(100, 50), Bound(1000, 60))
    assert rules.refuse(holding, Use(0, 0), Use(0, 0), Use(100, 50), NOW) is None
    assert rules.refuse(FREE, Use(10**9, 10**9), Use(10**9, 10**9), Use(10**9, 10**9), NOW) is None


@pytest.mark.parametrize(
    ("mine", "everybody", "more", "says"),
    [
        (Use(100, 0), Use(0, 0), Use(1, 0), "Your allowance of 100 tokens a day is used up."),
        (Use(60, 0), Use(0, 0), Use(41, 0), "Your allowance of 100 tokens a day has 40 left, and this takes about 41."),
        (Use(0, 0), Use(1000, 0), Use(1, 0), "This server's allowance of 1,000 tokens a day is used up."),
        (Use(0, 500000), Use(0, 0), Use(1, 1), "Your allowance of $0.50 a month is used up."),
        (Use(0, 400000), Use(0, 0), Use(1, 100001), "has $0.10 left, and this takes up to $0.100001."),
        (Use(0, 0), Use(0, 600000), Use(1, 1), "This server's allowance of $0.60 a month is used up."),
    ],
)
def test_what_does_not_fit_is_refused_until_there_is_more(mine: Use, everybody: Use, more: Use, says: str) -> None:
    holding = Bounds(Bound(100, 500_000), Bound(1000, 600_000))
    refusal = str(rules.refuse(holding, mine, everybody, more, NOW))
    assert says in refusal
    again = (
        f"<t:{DECEMBER.timestamp():.0f}:D>" if "month" in says or "$" in says else f"<t:{MIDNIGHT.timestamp():.0f}:t>"
    )
    assert again in refusal
    assert ("costs nothing" in refusal) == ("$" in refusal)


def test_what_costs_nothing_is_not_refused_for_want_of_money() -> None:
    holding = Bounds(Bound(100, 0), Bound(None, 0))
    assert rules.refuse(holding, Use(0, 5), Use(0, 5), Use(100, 0), NOW) is None


def test_more_is_reserved_in_steps_and_money_goes_along() -> None:
    assert rules.further(Use(100, 30), 101, 256) == (Use(256, 77), Use(1, 1))
    assert rules.further(Use(100, 0), 500, 256) == (Use(400, 0), Use(400, 0))
    assert rules.further(Use(0, 30), 5, 256) == (Use(256, 0), Use(5, 0))


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        (allowance(AllowanceKind.ROLE, 5), "role", "Choose the role"),
        (allowance(AllowanceKind.MEMBER, 5, None, 7), "role", "Choose the role"),
        (allowance(AllowanceKind.MEMBER, -1), "tokens", "number from 0 to"),
        (allowance(AllowanceKind.MEMBER, 10**13), "tokens", "number from 0 to"),
        (allowance(AllowanceKind.SERVER, None, -1), "money", r"from \$0.00 to \$2.00"),
        (allowance(AllowanceKind.SERVER, None, 2_000_001), "money", "whoever runs this bot allows no more"),
    ],
)
def test_what_cannot_be_set_is_named(given: Allowance, field: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as refused:
        rules.check(given, 2_000_000)
    assert refused.value.field == field


def test_without_a_ceiling_money_is_bounded_by_what_a_number_holds() -> None:
    fits = allowance(AllowanceKind.MEMBER, None, rules.MOST_MICROS)
    assert rules.check(fits, None) == fits
    with pytest.raises(InvalidInputError, match=r"or nothing\.$"):
        rules.check(allowance(AllowanceKind.MEMBER, None, rules.MOST_MICROS + 1), None)


def test_money_is_rounded_up() -> None:
    assert rules.micros_of(Decimal("0.0000001")) == 1
    assert rules.micros_of(Decimal("1.5")) == 1_500_000
    assert rules.micros_of(Decimal(0)) == 0
