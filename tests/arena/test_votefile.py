"""The arena's vote file: no names, no text, no order that tells anything; and the board can be made again from it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arena.ratings.rate import rate
from bot.arena.ratings.types import Outcome, VoteTable
from bot.arena.tables import OUTCOMES, CastVote, LeftOut, Met
from bot.arena.types import Board, BoardBy, Doubt, Line, Openness, Pairing, Reason, Task, Verdict
from bot.arena.votefile import (
    CLOSE,
    board_content,
    read_votes,
    vote_content,
)
from bot.errors import InvalidInputError
from bot.reading import differences, read_document
from bot.signing import Signer
from tests.support.filed import SIGNER

NOW = datetime(2026, 11, 28, tzinfo=UTC)
LINES = tuple(
    Line(10 + place, f"m{place}", "1" if place else "", f"Model {place}", Openness.OPEN) for place in range(4)
)


def votes_of(voters: int, battles: int = 30, seed: int = 1) -> tuple[list[Met], list[CastVote], list[LeftOut]]:
    """Some hundred votes, a few of them in doubt, and a voter who was left out."""
    dice = Random(seed)
    met = [
        Met(100 + number, (10 + pair[0], 10 + pair[1]), Task.ANSWER, "en", Pairing.ANY, number % 2 == 0, NOW)
        for number, pair in enumerate(dice.sample(range(4), 2) for _ in range(battles))
    ]
    cast = [
        CastVote(battle.battle_id, 7_000_000 + voter, dice.choice(list(Verdict)), (Reason.CLEAR,),
                  Doubt.RUSHED if dice.random() < 0.1 else None)
        for battle in met for voter in range(voters) if dice.random() < 0.7
    ]  # fmt: skip
    out = [
        LeftOut(1, 7_000_001, "votes unlike the rest", 9, NOW, moderator_id=5),
        LeftOut(2, 7_000_002, "a mistake", 9, NOW, moderator_id=5, lifted_at=NOW),
        LeftOut(3, 99, "has no votes any more", 0, NOW, moderator_id=None),
    ]
    return met, cast, out


def board_of(battles: list[Met], votes: list[CastVote]) -> Board:
    """The board as the service makes it: without doubt, and without the voter who is left out."""
    pair = {battle.battle_id: battle.lines for battle in battles}
    counted = [vote for vote in votes if vote.doubt is None and vote.voter_id != 7_000_001]
    table = VoteTable(
        len(LINES),
        tuple(pair[vote.battle_id][0] - 10 for vote in counted),
        tuple(pair[vote.battle_id][1] - 10 for vote in counted),
        tuple(OUTCOMES[vote.verdict] for vote in counted),
        tuple(vote.voter_id for vote in counted),
    )
    made = rate(table, seed=5, rounds=200)
    return Board(1, BoardBy.MODEL, False, (("", made),), LINES, (), (), len(battles), len(votes), 0, 0, 0, 5)


def filed(voters: int = 9, rng: int = 3) -> dict[str, Any]:
    battles, votes, out = votes_of(voters)
    return vote_content(board_of(battles, votes), battles, votes, out, NOW, Random(rng))


def again(content: Any) -> list[str]:
    votes = read_votes(content)
    assert votes.table
    made = rate(votes.table, seed=votes.seed, prior=votes.prior, rounds=votes.rounds)
    return differences(votes.published, board_content(made), "board", CLOSE)


def test_the_board_is_made_again_from_the_file() -> None:
    content: Any = read_document(SIGNER.sign(filed()))
    assert again(content["content"]) == []
    found = read_votes(content["content"])
    assert found.lines == ("Model 0", "Model 1 (1)", "Model 2 (1)", "Model 3 (1)")
    assert (found.battles, found.voters, found.seed, found.rounds) == (30, 9, 5, 200)
    assert found.table
    assert len(found.table.voter) < found.votes, "votes in doubt and of the excluded are listed, and not counted"
    assert found.table.outcome.count(Outcome.BAD) > 0


def test_two_files_of_the_same_votes_have_other_numbers_and_the_same_board() -> None:
    one, other = filed(rng=1), filed(rng=2)
    assert one["votes"] != other["votes"]
    assert one["battles"] != other["battles"]
    assert one["board"] == other["board"]
    assert again(one) == again(other) == []


def test_nothing_tells_who_voted_or_what_was_written() -> None:
    text = json.dumps(filed())
    assert "7000" not in text
    assert "100" not in json.dumps(filed()["battles"])
    assert {"cast_at", "shown_at", "prompt", "text"}.isdisjoint(text.split('"'))
    content = filed()
    assert {vote["voter"] for vote in content["votes"]} == set(range(9))
    assert len(content["exclusions"]) == 2, "of whom nothing is left, nothing is said"


def test_under_five_voters_totals_only() -> None:
    content = filed(voters=4)
    assert content["only_totals"] is True
    assert not {"votes", "battles", "exclusions"} & content.keys()
    found = read_votes(content)
    assert (found.table, found.voters) == (None, 4)
    assert filed(voters=5)["only_totals"] is False


def test_a_changed_vote_changes_the_board() -> None:
    content = filed()
    for vote in content["votes"][:40]:
        vote["verdict"] = "a"
    assert again(content)
    forged = filed()
    forged["board"]["ratings"][0]["rating"] = "1500.00"
    assert again(forged)[0].startswith('board.ratings[0].rating: published "1500.00", counted')


def changed(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    content = filed()
    parent: Any = content
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("format",), "rostrum-poll", "no vote file"),
        (("version",), 2, "newer version"),
        (("version",), 0, "version is no whole number"),
        (("seed",), "-1", "seed is no whole number as text"),
        (("seed",), 5, "seed is no text"),
        (("prior",), "NaN", "prior is no number from 0"),
        (("prior",), "-1", "prior is no number from 0"),
        (("prior",), "lots", "prior is no number from 0"),
        (("rounds",), 2_001, "rounds is no whole number from 0 to 2000"),
        (("lines", 0, "openness"), "ajar", r"lines\[0\].openness is none of open"),
        (("battles", 0, "lines"), [0, 4], r"battles\[0\].lines\[1\] is no whole number from 0 to 3"),
        (("battles", 0, "lines"), [0], r"battles\[0\].lines has 1 entries in place of 2"),
        (("votes", 0, "battle"), 30, r"votes\[0\].battle is no whole number from 0 to 29"),
        (("votes", 0, "verdict"), "c", r"votes\[0\].verdict is none of a, b, tie, bad"),
        (("votes", 0, "doubt"), "maybe", r"votes\[0\].doubt is none of"),
        (("exclusions", 0, "lifted"), None, r"exclusions\[0\].lifted is neither"),
        (("votes",), None, "votes is no list"),
    ],
)
def test_what_does_not_fit_is_told_by_place(path: tuple[Any, ...], value: object, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        read_votes(changed(path, value))
    assert caught.value.field == "file"


def test_nobody_votes_twice_in_one_battle() -> None:
    content = filed()
    content["votes"].append(dict(content["votes"][0]))
    with pytest.raises(InvalidInputError, match="is a second vote of one voter in one battle"):
        read_votes(content)


def test_a_battle_of_a_line_with_itself_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"battles\[0\].lines names one line twice"):
        read_votes(changed(("battles", 0, "lines"), [1, 1]))


@given(st.data())
@settings(max_examples=40)
def test_any_change_is_read_or_refused(data: st.DataObject) -> None:
    content = filed()
    name = data.draw(st.sampled_from(sorted(content)))
    content[name] = data.draw(
        st.none() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({}) | st.just([{}])
    )
    try:
        read_votes(content)
    except InvalidInputError as error:
        assert error.field == "file"  # noqa: PT017


def test_an_arena_without_votes_or_lines() -> None:
    empty = replace(board_of([], []), lines=(), parts=())
    content = vote_content(empty, [], [], [], NOW, Random(1))
    assert read_document(Signer(bytes(32)).sign(content))
    assert read_votes(content).table is None
