"""Polls counted again from their files: the same figures, and nothing that was changed goes unnoticed."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InvalidInputError
from bot.polls.counting import ranks_of, tally
from bot.polls.recounting import Outcome, Recount, count_by, recount
from bot.polls.tallies.lots import lots
from bot.polls.types import CountingMethod, Poll, PollKind, PollPhase, PollRules
from bot.reading import read_document
from bot.signing import Verdict, check_public_key, verify
from tests.support.filed import SIGNER, closed, content_of, filed, groups_of, polls

RANKED = [(bytes(ranks), 1) for ranks in [(0, 1, 2)] * 4 + [(1, 0, 255)] * 3 + [(255, 1, 0)] * 2]


def ranked(**more: Any) -> Any:
    return content_of(filed(closed(("Open", "Closed", "Hybrid"), PollKind.RANKED, **more), RANKED))


@given(polls())
@settings(max_examples=60)
def test_every_kind_counts_again_as_it_was_published(case: tuple[Poll, list[tuple[bytes, int]]]) -> None:
    poll, ballots = case
    counted = recount(content_of(filed(poll, ballots)))
    assert (counted.outcome, counted.differences) == (Outcome.RIGHT, ())
    first, again = tally(poll, groups_of(ballots)), counted.result
    assert again
    assert (again.votes, again.percents, again.leading, again.tally, again.turnout, again.weight) == (
        first.votes, first.percents, first.leading, first.tally, first.turnout, first.weight,
    )  # fmt: skip


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value that is not made of parts."""
    if isinstance(value, dict | list) and value:
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key))
    else:
        yield path


def changed(content: Any, path: tuple[Any, ...], value: object) -> Any:
    forged = copy.deepcopy(content)
    parent = forged
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return forged


def other(value: Any) -> list[object]:
    """What somebody might put in a value's place."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, None]
    if isinstance(value, str):
        return [f"9{value}", "", 7]
    return [1, "x", [1]]


def test_no_field_can_be_changed_without_the_signature_telling() -> None:
    document: Any = read_document(filed(closed(("Open", "Closed"), PollKind.RANKED), [(bytes((0, 1)), 1)] * 5).json)
    key = check_public_key(SIGNER.public_key)
    assert verify(document, key).verdict is Verdict.RIGHT
    for path in leaves(document["content"]):
        value = document["content"]
        for step in path:
            value = value[step]
        for forged in other(value):
            content = changed(document["content"], path, forged)
            assert verify({**document, "content": content}, key).verdict is Verdict.WRONG, path


def test_no_figure_can_be_changed_without_the_count_telling() -> None:
    content = ranked()
    told = {"result", "ties"}
    paths = [path for path in leaves(content) if path[0] in told]
    assert len(paths) > 50
    for path in paths:
        value = content
        for step in path:
            value = value[step]
        for forged in other(value):
            try:
                counted = recount(changed(content, path, forged))
            except InvalidInputError as error:
                assert path[0] == "ties", error  # noqa: PT017 - a seed that is none cannot be counted with
            else:
                assert counted.outcome is Outcome.WRONG, path
                assert counted.differences


@given(st.data())
@settings(max_examples=60)
def test_changes_of_any_kind_are_noticed_or_refused(data: st.DataObject) -> None:
    """A change either leaves what is read the same poll, is refused, or is told: nothing breaks."""
    content = ranked()
    path = data.draw(st.sampled_from(sorted(leaves(content), key=str)))
    value = data.draw(
        st.none() | st.booleans() | st.integers(-5, 300) | st.text(max_size=5) | st.just([]) | st.just({})
    )
    try:
        counted = recount(changed(content, path, value))
    except InvalidInputError as error:
        assert error.field == "file"  # noqa: PT017
    else:
        assert isinstance(counted, Recount)


def test_a_ballot_that_was_changed_changes_the_count() -> None:
    content = ranked()
    content["ballots"][0] = [3, 2, 1]
    counted = recount(content)
    assert counted.outcome is Outcome.WRONG
    assert any(line.startswith("result.") for line in counted.differences)
    removed = ranked()
    removed["ballots"].pop()
    assert any("result.turnout: published 9, counted 8" in line for line in recount(removed).differences)


def test_many_differences_are_cut_and_counted() -> None:
    content = ranked()
    content["result"] = {f"n{number}": number for number in range(100)}
    counted = recount(content)
    assert len(counted.differences) == 20
    assert counted.left_out > 80


def test_totals_only_cannot_be_counted_again() -> None:
    content = content_of(filed(closed(("a", "b"), PollKind.SINGLE), [(ranks_of(0, 2), 1)] * 4))
    counted = recount(content)
    assert (counted.outcome, counted.result, counted.differences) == (Outcome.NOT_REPEATABLE, None, ())
    content["ties"]["order"] = content["ties"]["order"][::-1]
    counted = recount(content)
    assert counted.outcome is Outcome.WRONG, "the order of the lot follows from the seed"
    assert counted.differences[0].startswith("ties.order[0]: published")


def test_the_file_of_an_open_poll_does_not_tell_the_seed() -> None:
    """Whoever knew it could propose an option whose text comes first in the lot, and they may see how votes stand."""
    poll = replace(closed(("a", "b"), PollKind.RANKED), phase=PollPhase.OPEN, closed_at=None)
    content = content_of(filed(poll, [(bytes((0, 1)), 1)] * 5))
    assert content["ties"] == {"seed": None, "order": list(lots(poll.tie_seed, poll.options))}
    assert "ballots" not in content
    counted = recount(content)
    assert (counted.outcome, counted.differences) == (Outcome.NOT_REPEATABLE, ())
    with pytest.raises(InvalidInputError, match=r"ties\.seed is no text"):
        recount({**content, "phase": "done"})


def test_totals_do_not_tell_whom_the_only_heavy_vote_went_to() -> None:
    """Two people and a weight of four: one of them is the moderator whose vote counts three times."""
    poll = closed(("a", "b"), PollKind.SINGLE, rules=PollRules(weights=((7, 3),)))
    content = content_of(filed(poll, [(ranks_of(0, 2), 1)] * 8 + [(ranks_of(1, 2), 1), (ranks_of(1, 2), 3)]))
    assert content["only_totals"] is True
    assert [(one["votes"], one["ballots"]) for one in content["result"]["options"]] == [(8, None), (4, None)]
    alike = content_of(filed(poll, [(ranks_of(0, 2), 1)] * 3))
    assert [one["ballots"] for one in alike["result"]["options"]] == [3, 0], "nobody's vote weighed more"


def test_ballots_that_nobody_could_cast_are_named() -> None:
    content = content_of(filed(closed(("a", "b", "c"), PollKind.SINGLE), [(ranks_of(0, 3), 1)] * 6))
    content["ballots"][2] = [1, 1, None]
    counted = recount(content)
    assert counted.outcome is Outcome.WRONG
    assert counted.differences[0] == "ballots[2]: could not have been cast"


def test_weights_count_and_are_listed_only_where_there_are_any() -> None:
    ballots = [(ranks_of(0, 2), 1)] * 5 + [(ranks_of(1, 2), 3)] * 5
    content = content_of(filed(closed(("a", "b"), PollKind.SINGLE, rules=PollRules(weights=((7, 3),))), ballots))
    counted = recount(content)
    assert counted.outcome is Outcome.RIGHT
    assert counted.result
    assert (counted.result.votes, counted.result.turnout) == ((5, 15), 10)
    content["weights"][0] = 3
    assert recount(content).outcome is Outcome.WRONG
    content["weights"][0] = 2
    assert recount(content).differences[0] == "weights[0]: no role gives 2"
    plain = content_of(filed(closed(("a", "b"), PollKind.SINGLE), [(ranks_of(0, 2), 1)] * 5))
    plain["weights"] = [1] * 5
    assert recount(plain).outcome is Outcome.WRONG, "one poll, one file"


def test_polls_from_before_there_were_methods() -> None:
    content = ranked(method=CountingMethod.PLURALITY)
    assert recount(content).outcome is Outcome.RIGHT
    content["method"] = "star"
    with pytest.raises(InvalidInputError, match="does not fit the kind ranked"):
        recount(content)


def test_counting_by_another_method() -> None:
    counted = recount(ranked())
    for method in (CountingMethod.SCHULZE, CountingMethod.BORDA):
        assert count_by(counted.poll, counted.groups, method).tally
    with pytest.raises(InvalidInputError, match="runoff, schulze, ranked-pairs, borda") as caught:
        count_by(counted.poll, counted.groups, CountingMethod.STAR)
    assert caught.value.field == "method"


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("format",), "x", "no file of a poll"),
        (("format",), None, "made before polls could be counted again"),
        (("version",), 1, r"version 1\) was made by an older"),
        (("version",), 3, r"version 3\) was made by a newer"),
        (("version",), "2", "version is no whole number"),
        (("kind",), "acclamation", "kind is none of"),
        (("options",), [], "options has 0 entries"),
        (("options",), ["x"] * 101, "options has 101 entries"),
        (("created_at",), "yesterday", "created_at is no moment"),
        (("settings", "roles"), ["admin"], r"settings.roles\[0\] is no id"),
        (("settings", "roles"), ["²"], r"settings.roles\[0\] is no id"),
        (("ties", "seed"), "xyz", "ties.seed is not hexadecimal"),
        (("ballots", 0), [1], r"ballots\[0\] has 1 marks for 3 options"),
        (("ballots", 0), [0, 1, 2], r"ballots\[0\] has a mark that is none"),
        (("ballots", 0), [True, None, None], r"ballots\[0\] has a mark that is none"),
        (("ballots",), [], "ballots has 0 entries"),
        (("weights",), [1], "weights has 1 entries in place of 9"),
        (("weights",), [1] * 8 + [-1], r"weights\[8\] is no whole number"),
    ],
)
def test_what_cannot_be_read_is_told_by_place(path: tuple[Any, ...], value: object, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        recount(changed(ranked(), path, value))
    assert caught.value.field == "file"


@pytest.mark.parametrize("content", [None, 1, [], "x", {}, {"format": "rostrum-poll"}])
def test_what_is_no_poll(content: object) -> None:
    with pytest.raises(InvalidInputError):
        recount(content)


def test_a_score_that_cannot_be_given_is_refused() -> None:
    content = content_of(filed(closed(("a", "b"), PollKind.SCORE), [(bytes((5, 0)), 1)] * 5))
    assert recount(content).outcome is Outcome.RIGHT
    content["ballots"][0] = [6, 0]
    with pytest.raises(InvalidInputError, match="has a mark that is none"):
        recount(content)


def test_every_setting_survives() -> None:
    poll, ballots = closed(("a", "b"), PollKind.SINGLE), [(ranks_of(0, 2), 1)] * 5
    content = content_of(filed(poll, ballots))
    content["settings"] |= {"days_in_server": 3, "quorum": 5, "roles": ["12"], "weights": [{"role": "12", "weight": 2}]}
    content["closed_at"] = None
    counted = recount(content)
    assert counted.outcome is Outcome.RIGHT
    assert counted.poll.rules.weights == ((12, 2),)
    content["settings"]["quorum"] = 6
    assert recount(content).differences == ("result.missed_quorum: published false, counted true",)


def test_a_poll_of_discords_own_has_totals_only() -> None:
    poll = closed(("a", "b"), PollKind.SINGLE, is_native=True, imported=(7, 3))
    content = content_of(filed(poll, []))
    assert [option["votes"] for option in content["result"]["options"]] == [7, 3]
    counted = recount(content)
    assert (counted.outcome, counted.poll.is_native) == (Outcome.NOT_REPEATABLE, True)
