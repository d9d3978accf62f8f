"""How ballots are packed, read and counted, and how sure the counts are. Pure."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from bot.polls.tallies.lots import lots
from bot.polls.tallies.types import HIGHEST_SCORE, Comparison
from bot.polls.types import CountingMethod, Estimate, Poll, PollKind, PollResult

Group = tuple[bytes, int, int]
FULL_METHODS = frozenset(
    (
        CountingMethod.RUNOFF,
        CountingMethod.BORDA,
        CountingMethod.SCHULZE,
        CountingMethod.RANKED_PAIRS,
        CountingMethod.STAR,
    )
)
"""What takes more than adding up. These name one winner, if need be by lot; with the others equal votes stay a tie."""
UNRANKED = 255
NORMAL_97_5 = 1.959963984540054
"""The 97.5 % point of the normal distribution: 95 % lie between minus and plus this."""
# the same of Student's t with 1, 2, ... degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.6.7.2)
STUDENT_97_5 = (
    *(12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448),
    *(2.1314, 2.1199, 2.1098, 2.1009, 2.0930, 2.0860),
)


def ranks_of(position: int, options: int) -> bytes:
    """Pack a single choice: rank 0 for it, unranked for the rest."""
    return pack_choices((position,), options)


def pack_choices(positions: Collection[int], options: int) -> bytes:
    """Pack what was ticked: rank 0 for each of these, unranked for the rest."""
    return bytes(0 if place in positions else UNRANKED for place in range(options))


def choices_of(ranks: bytes) -> tuple[int, ...]:
    """Return the positions that a ballot names at all: ticked, scored or ranked."""
    return tuple(place for place, mark in enumerate(ranks) if mark != UNRANKED)


def best_of(kind: PollKind, ranks: bytes) -> tuple[int, ...]:
    """Return the positions with the best mark of a ballot: all that are ticked, the highest score, the first rank."""
    named = choices_of(ranks)
    if not named:
        return ()
    best = (max if kind is PollKind.SCORE else min)(ranks[place] for place in named)
    return tuple(place for place in named if ranks[place] == best)


def tally(poll: Poll, ballots: Iterable[Group]) -> PollResult:
    """Count ballots, given as (packed ranks, how many of them, what these weigh together), in any order.

    A group holds ballots of one weight. What a poll counts are weights; turnout, quorum and the ballots behind an
    estimate are people.
    """
    if poll.is_native:
        return _imported(poll)
    groups = list(ballots)
    turnout = sum(amount for _, amount, _ in groups)
    result = (_scored if poll.kind is PollKind.SCORE else _ticked)(poll, groups, turnout)
    if poll.method not in FULL_METHODS or not turnout:
        return result
    # numpy comes with it: only a bot that counts so loads it
    from bot.polls.tallies.count import count  # noqa: PLC0415
    from bot.polls.tallies.profile import Profile  # noqa: PLC0415

    profile = Profile.of(((ranks, weight) for ranks, _, weight in groups), len(poll.options))
    full = count(poll.method, profile, lots(poll.tie_seed, poll.options))
    return replace(result, tally=full, leading=tuple(place == full.winner for place in range(len(poll.options))))


def _imported(poll: Poll) -> PollResult:
    """Return what Discord counted in a poll of its own: votes, not voters, where somebody may give several."""
    votes = poll.imported or (0,) * len(poll.options)
    total, most = sum(votes), max(votes)
    single = poll.kind is PollKind.SINGLE
    return PollResult(
        poll=poll,
        turnout=total,
        votes=votes,
        percents=whole_percents(votes),
        leading=tuple(amount == most > 0 for amount in votes),
        # of how many people several votes came is not known, and so neither is how sure they are
        estimates=tuple(
            share(amount, total) if single else Estimate(amount, amount / total if total else None, None, None)
            for amount in votes
        ),
        weight=total,
    )


def comparison(poll: Poll, ballots: Iterable[Group]) -> Comparison:
    """Count the same ballots by every rule that fits them."""
    from bot.polls.tallies.compare import compare  # noqa: PLC0415
    from bot.polls.tallies.profile import Profile  # noqa: PLC0415

    profile = Profile.of(((ranks, weight) for ranks, _, weight in ballots), len(poll.options))
    return compare(poll.kind, profile, lots(poll.tie_seed, poll.options))


def _ticked(poll: Poll, groups: Sequence[Group], turnout: int) -> PollResult:
    """Count the ballots that name each option, or in a ranked poll put it first."""
    votes, people = [0] * len(poll.options), [0] * len(poll.options)
    for ranks, amount, weight in groups:
        best = min(ranks, default=UNRANKED)
        if best == UNRANKED:
            continue
        if ranks.count(best) == 1:
            places: Iterable[int] = (ranks.index(best),)
        else:
            places = (place for place, mark in enumerate(ranks) if mark == best)
        for place in places:
            votes[place] += weight
            people[place] += amount
    most, whole = max(votes), sum(weight for _, _, weight in groups)
    ballots = _as_many(groups)
    single = poll.kind is PollKind.SINGLE
    return PollResult(
        poll=poll,
        turnout=turnout,
        votes=tuple(votes),
        percents=whole_percents(votes) if single else tuple(_percent(weight, whole) for weight in votes),
        leading=tuple(most > 0 and weight == most for weight in votes),
        estimates=tuple(
            replace(share(weight, whole, ballots), amount=amount) for weight, amount in zip(votes, people, strict=True)
        ),
        missed_quorum=_misses(poll, turnout),
        weight=whole,
    )


def _scored(poll: Poll, groups: Sequence[Group], turnout: int) -> PollResult:
    """Add up the scores of each option; the highest mean of those who scored it leads."""
    counts = [[0] * (HIGHEST_SCORE + 1) for _ in poll.options]
    scorers: list[list[Group]] = [[] for _ in poll.options]
    for group in groups:
        for place in choices_of(group[0]):
            counts[place][group[0][place]] += group[2]
            scorers[place].append(group)
    sums = [sum(score * weight for score, weight in enumerate(count)) for count in counts]
    means = [Fraction(total, sum(count) or 1) for total, count in zip(sums, counts, strict=True)]
    most = max(means)
    return PollResult(
        poll=poll,
        turnout=turnout,
        votes=tuple(sums),
        percents=tuple(_percent(mean.numerator, mean.denominator * HIGHEST_SCORE) for mean in means),
        leading=tuple(most > 0 and mean == most for mean in means),
        estimates=tuple(
            replace(mean_score(count, _as_many(some)), amount=sum(amount for _, amount, _ in some))
            for count, some in zip(counts, scorers, strict=True)
        ),
        missed_quorum=_misses(poll, turnout),
        weight=sum(weight for _, _, weight in groups),
    )


def _as_many(groups: Iterable[Group]) -> Fraction:
    """Return of how many ballots of equal weight an estimate would be as sure: Kish's effective sample size (1965)."""
    whole, squares = 0, Fraction(0)
    for _, amount, weight in groups:
        whole += weight
        squares += amount if weight == amount else Fraction(weight * weight, amount)
    return whole * whole / squares if squares else Fraction(0)


def _misses(poll: Poll, turnout: int) -> bool:
    return poll.rules.quorum is not None and turnout < poll.rules.quorum


def _percent(part: int, whole: int) -> int:
    """Round to whole percents, halves up; 0 of nothing is 0."""
    return (200 * part + whole) // (2 * whole) if whole else 0


def whole_percents(votes: Sequence[int]) -> tuple[int, ...]:
    """Round shares to whole percents by largest remainder; equal votes get equal percents.

    They sum to 100, or to a little less where equals would have to be told apart. All zero when there are no votes.
    """
    total = sum(votes)
    if not total:
        return (0,) * len(votes)
    percents = [amount * 100 // total for amount in votes]
    remainders = [amount * 100 % total for amount in votes]
    left = 100 - sum(percents)
    for remainder in sorted(set(remainders), reverse=True):
        equals = [place for place, one in enumerate(remainders) if one == remainder]
        if len(equals) > left:
            break
        left -= len(equals)
        for place in equals:
            percents[place] += 1
    return tuple(percents)


def share(amount: int, turnout: int, ballots: Fraction | None = None) -> Estimate:
    """Estimate a share with the score interval of E. B. Wilson (1927), without correction for continuity.

    With weights, `ballots` says of how many equal ones it is as sure.
    """
    if not turnout:
        return Estimate(amount, None, None, None)
    number = turnout if ballots is None else float(ballots)
    part, squared = amount / turnout, NORMAL_97_5**2
    middle = (part + squared / (2 * number)) / (1 + squared / number)
    half = NORMAL_97_5 * math.sqrt(part * (1 - part) / number + squared / (4 * number**2)) / (1 + squared / number)
    # at the ends the bound is the share itself, which floating point misses by a hair
    low = 0.0 if amount == 0 else middle - half
    high = 1.0 if amount == turnout else middle + half
    return Estimate(amount, part, low, high)


def mean_score(counts: Sequence[int], ballots: Fraction | None = None) -> Estimate:
    """Estimate a mean from how many gave 0, 1, ... points, with Student's t and clipped to what can be scored.

    No bounds when there is one score, or all are equal: their spread says nothing about the rest. With weights,
    `ballots` says of how many equal ones it is as sure.
    """
    amount = sum(counts)
    if not amount:
        return Estimate(0, None, None, None)
    number = amount if ballots is None else float(ballots)
    mean = sum(score * count for score, count in enumerate(counts)) / amount
    squares = sum(count * (score - mean) ** 2 for score, count in enumerate(counts))
    if max(counts) == amount:
        return Estimate(amount, mean, None, None)
    half = student(max(1, int(number) - 1)) * math.sqrt(squares / amount / (number - 1))
    return Estimate(amount, mean, max(0.0, mean - half), min(float(HIGHEST_SCORE), mean + half))


def student(freedom: int) -> float:
    """Return the 97.5 % point of Student's t.

    From the table, then by the expansion 26.7.5 of Abramowitz and Stegun (1964), good to four decimals there.
    """
    if freedom <= len(STUDENT_97_5):
        return STUDENT_97_5[freedom - 1]
    z = NORMAL_97_5
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
