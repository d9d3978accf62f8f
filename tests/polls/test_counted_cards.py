"""What cards say of a count, held against the limits of messages with the most and longest that a poll can have."""

import random
from datetime import timedelta
from fractions import Fraction

import pytest
from discord import ui

from bot.polls.counting import comparison, tally
from bot.polls.tallies.types import Comparison, Tally, TieBreak
from bot.polls.types import CountingMethod, Poll, PollKind, PollPhase, PollResult, PollRules
from cogs.polls.cards.counted import comparison_card, counted_card, explained_card, needs_file
from cogs.polls.cards.ranking import added_notice, ranking_card
from cogs.polls.cards.result import result_card
from cogs.polls.cards.tables import number, table_of
from cogs.polls.ranking import Ranking
from tests.support.polls import GUILD, START

MOST_COMPONENTS, MOST_TEXT = 40, 4000
LONG = tuple(f"{number:02}" + "*_𝔘<" * 19 + "漢字" for number in range(25))
FULL = (
    CountingMethod.RUNOFF,
    CountingMethod.SCHULZE,
    CountingMethod.RANKED_PAIRS,
    CountingMethod.BORDA,
    CountingMethod.STAR,
)


def poll_of(method: CountingMethod, options: tuple[str, ...] = LONG) -> Poll:
    kind = PollKind.SCORE if method in {CountingMethod.STAR, CountingMethod.SCORE} else PollKind.RANKED
    weights = tuple((10**18 + role, 2 + role % 2) for role in range(5))
    rules = PollRules(1, len(options), quorum=1_000_000, weights=weights)
    ends = START + timedelta(hours=1)
    return Poll(
        1, GUILD, 1, 5, 1, "*_𝔘<" * 75, options, PollPhase.DONE, START, ends, ends,
        kind=kind, rules=rules, method=method, tie_seed=b"x" * 16,
    )  # fmt: skip


def groups_of(poll: Poll, amount: int = 300) -> list[tuple[bytes, int, int]]:
    dice = random.Random(5)
    highest = 5 if poll.kind is PollKind.SCORE else len(poll.options) - 1
    ballots = [bytes(dice.choice((dice.randint(0, highest), 255)) for _ in poll.options) for _ in range(amount)]
    return [(ranks, 1, dice.choice((1, 2, 3))) for ranks in ballots]


def result_of(method: CountingMethod, options: tuple[str, ...] = LONG) -> PollResult:
    poll = poll_of(method, options)
    return tally(poll, groups_of(poll))


def written(view: ui.LayoutView) -> str:
    """Return the text of a card that keeps to the limits."""
    parts = list(view.walk_children())
    text = "\n".join(part.content for part in parts if isinstance(part, ui.TextDisplay))
    assert len(parts) <= MOST_COMPONENTS
    assert len(text.encode("utf-16-le")) // 2 <= MOST_TEXT
    return text


@pytest.mark.parametrize("method", FULL)
def test_the_longest_fits_on_every_card(method: CountingMethod) -> None:
    result = result_of(method)
    assert result.tally is not None
    table = needs_file(result, result.tally)
    assert table is not None
    assert len(table.splitlines()) == 26
    assert "How counted" in written(counted_card(result, result.tally, with_file=True))
    assert "it was missed" in written(counted_card(result, result.tally, with_file=True))
    compared = comparison(result.poll, groups_of(result.poll))
    assert "the poll's rule" in written(comparison_card(result, compared))
    for other in compared.tallies:
        drawn = needs_file(result, other) is not None
        assert "ounted" in written(counted_card(result, other, with_file=drawn))
    assert "comes first here wins" in written(explained_card(result.poll))
    assert "Winner by" in written(result_card(result))


def test_the_longest_ranking_fits() -> None:
    poll = poll_of(CountingMethod.RUNOFF)
    for ranks in (bytes(range(25)), bytes(25)):
        ranking = Ranking.of(ranks)
        text = written(ranking_card(poll, ranking, moving=3, notice=added_notice(poll, 24), standing=b"\x00"))
        assert "Not counted yet" in text
        assert "An option was added" in text
    assert "23 options were added" in added_notice(poll, 2)
    assert "This ballot is counted" in written(ranking_card(poll, Ranking.of(bytes(25)), standing=bytes(25)))


def test_a_tie_is_told_by_what_it_decided() -> None:
    poll = poll_of(CountingMethod.RUNOFF, ("Amber", "Basil", "Clove", "Dill"))
    result = tally(poll, [(b"\x00\xff\xff\xff", 3, 3)])
    for method, between, says in (
        (CountingMethod.RUNOFF, (1, 2), "**Tie** of Basil and Clove: Basil goes out, by lot."),
        (CountingMethod.SCHULZE, (0, 1, 2, 3), "**Tie** of 4 options: Basil comes first, by lot."),
    ):
        told = Tally(method, 0, (0, 1, 2, 3), tie_breaks=(TieBreak(between, 1, "by lot"),) * 6)
        text = written(counted_card(result, told))
        assert says in text
        assert "Ties broken besides: 2." in text


def test_the_rule_of_a_score_poll_says_the_same_on_every_card() -> None:
    """Equal means stay a tie; only rules that draw a lot break theirs."""
    poll = poll_of(CountingMethod.SCORE, ("Amber", "Basil", "Clove"))
    ballots = [(b"\x05\x03\x00", 2, 2), (b"\x01\x03\x00", 2, 2)]
    result, compared = tally(poll, ballots), comparison(poll, ballots)
    assert result.leading == (True, True, False)
    text = written(comparison_card(result, compared))
    assert "Mean score: **a tie of Amber and Basil** · **the poll's rule**" in text
    assert "The winner depends on the rule." in text
    own = next(one for one in compared.tallies if one.method is CountingMethod.SCORE)
    assert "**Tie** of Amber and Basil: it stays one, no lot is drawn." in written(counted_card(result, own))


def test_circles_say_what_was_left_out() -> None:
    poll = poll_of(CountingMethod.RANKED_PAIRS, ("Amber", "Basil", "Clove"))
    circle = [(b"\x00\x01\x02", 4, 4), (b"\x02\x00\x01", 3, 3), (b"\x01\x02\x00", 2, 2)]
    result = tally(poll, circle)
    assert result.tally is not None
    text = written(counted_card(result, result.tally))
    assert "No option beats every other one by one" in text
    assert "Left out, since it contradicts clearer victories: Clove over Amber by 1." in text
    assert needs_file(result, result.tally) is None


def test_equal_firsts_are_counted_for_each_on_the_card_and_shared_in_rounds() -> None:
    poll = poll_of(CountingMethod.RUNOFF, ("Amber", "Basil", "Clove"))
    result = tally(poll, [(b"\x00\x00\x01", 1, 1), (b"\x01\x02\x00", 2, 2)])
    assert result.tally is not None
    assert (result.votes, result.tally.rounds[0].votes) == ((1, 1, 2), (Fraction(1, 2), Fraction(1, 2), 2))
    said = "Ballots that put several first count here for each of them; in rounds they are shared."
    assert said in written(result_card(result))
    assert said not in written(result_card(tally(poll, [(b"\x00\x01\x02", 1, 1)])))


def test_nobody_and_nothing() -> None:
    poll = poll_of(CountingMethod.RUNOFF, ("Amber", "Basil"))
    assert "Nobody voted." in written(counted_card(tally(poll, []), None))
    silent = tally(poll, [(b"\xff\xff", 1, 1)])
    assert silent.tally is not None
    assert "so there is no winner" in written(counted_card(silent, silent.tally))
    assert "No ballot names an option" in written(result_card(silent))
    assert "no winner" in written(comparison_card(silent, Comparison((silent.tally,))))


@pytest.mark.parametrize(("value", "text"), [(3, "3"), (12345, "12,345")])
def test_numbers(value: int, text: str) -> None:
    assert number(value) == text


def test_rounds_are_a_table_of_their_own() -> None:
    poll = poll_of(CountingMethod.RUNOFF, ("Amber", "Basil", "Clove"))
    ballots = [(b"\x00\x01\x02", 2, 2), (b"\x01\x00\x02", 1, 1), (b"\x02\x01\x00", 2, 2), (b"\x00\x00\xff", 1, 1)]
    result = tally(poll, ballots)
    assert result.tally is not None
    table = table_of(poll, result.tally)
    assert table is not None
    assert table.text().splitlines() == [
        "Round        1  2",
        "1 Amber    2.5  4",
        "2 Basil  1.5 ×  –",
        "3 Clove      2  2",
    ]
