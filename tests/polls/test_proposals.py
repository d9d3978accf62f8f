"""The rules of proposals: who may, what is taken, how much, and what an accepted one makes of a poll."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from bot.polls import proposals
from bot.polls.counting import UNRANKED, tally
from bot.polls.types import CountingMethod, Poll, PollKind, PollPhase, PollRules, Proposal, ProposalState
from bot.polls.wording import alike
from tests.support.polls import GUILD, START, voter

POLL = Poll(
    1, GUILD, 1, None, 1, "Q", ("a", "b", "c"), PollPhase.OPEN, START, START + timedelta(hours=1), None,
    rules=PollRules(1, 1), takes_proposals=True,
)  # fmt: skip
FULL = replace(POLL, options=tuple(f"option {place}" for place in range(25)))


def proposal(text: str = "d", member: int | None = 5, state: ProposalState = ProposalState.PENDING) -> Proposal:
    return Proposal(1, 1, GUILD, member, text, state, START)


@pytest.mark.parametrize(
    ("parts", "kind", "says"),
    [
        ({"guild_id": 9}, NotFoundError, "no longer exists"),
        ({"phase": PollPhase.DRAFT}, NotFoundError, "no longer exists"),
        ({"phase": PollPhase.CLOSED}, ClosedError, "no option can be added"),
        ({"closes_at": START}, ClosedError, "no option can be added"),
        ({"is_native": True}, ClosedError, "Discord's own polls"),
        ({"options": FULL.options}, ClosedError, "25 options"),
        ({"takes_proposals": False}, NotAllowedError, "takes no proposals"),
        ({"rules": PollRules(role_ids=(7,))}, NotAllowedError, "for members with a role"),
    ],
)
def test_who_may_propose(parts: dict[str, Any], kind: type[Exception], says: str) -> None:
    refusal = proposals.refuse_proposer(replace(POLL, **parts), voter(5), START)
    assert type(refusal) is kind
    assert says in str(refusal)
    assert proposals.refuse_proposer(POLL, voter(5), START) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write an option"),
        (" \u200b\u2060 ", "write an option"),
        ("x" * 81, "81 characters; 80 fit"),
        ("B", "option of this poll already"),
        ("\u202eb\u202c", "option of this poll already"),
        ("ｂ", "option of this poll already"),
    ],
)
def test_what_cannot_be_proposed(text: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as raised:
        proposals.check_proposal(POLL, text)
    assert raised.value.field == "option"


def test_a_proposal_is_tidied() -> None:
    assert proposals.check_proposal(POLL, "  **d**\n\u202e @everyone ") == "**d** @everyone"
    assert len(proposals.check_proposal(POLL, "x" * 80)) == 80


def test_what_was_proposed_before_is_told_apart() -> None:
    with pytest.raises(InvalidInputError, match="waits for a decision"):
        proposals.check_others("D", 6, [proposal("e"), proposal("d")])
    with pytest.raises(InvalidInputError, match="declined"):
        proposals.check_others("D", 6, [proposal("d", state=ProposalState.DECLINED)])
    # it became an option, and was taken out again by an edit
    proposals.check_others("D", 6, [proposal("d", state=ProposalState.ACCEPTED)])


def test_how_many_proposals_are_taken() -> None:
    waiting = [proposal(str(number)) for number in range(3)]
    proposals.check_others("x", 6, waiting)
    proposals.check_others("x", 5, waiting[:2])
    with pytest.raises(NotAllowedError, match="3 proposals of yours wait"):
        proposals.check_others("x", 5, waiting)
    decided = [proposal(str(number), state=ProposalState.DECLINED) for number in range(10)]
    proposals.check_others("x", 5, decided[:9])
    with pytest.raises(NotAllowedError, match="made 10 proposals"):
        proposals.check_others("x", 5, decided)
    many = [proposal(str(number), member=100 + number) for number in range(50)]
    proposals.check_others("x", 5, many[:49])
    with pytest.raises(NotAllowedError, match="50 proposals wait"):
        proposals.check_others("x", 5, many)


def test_an_accepted_one_comes_last() -> None:
    changed = proposals.accepted(POLL, proposal(), START)
    assert changed == replace(POLL, options=("a", "b", "c", "d"))
    several = replace(POLL, kind=PollKind.MULTIPLE, rules=PollRules(1, 3))
    assert proposals.accepted(several, proposal(), START).rules == PollRules(1, 4), "all may be named, as before"
    two = replace(several, rules=PollRules(2, 2))
    assert proposals.accepted(two, proposal(), START).rules == PollRules(2, 2)


@pytest.mark.parametrize(
    ("poll", "proposed", "says"),
    [
        (replace(POLL, phase=PollPhase.DONE), proposal(), "closed"),
        (FULL, proposal(), "25 options"),
        (POLL, proposal(state=ProposalState.ACCEPTED), "“d” was accepted a moment ago"),
        (POLL, proposal(state=ProposalState.DECLINED), "“d” was declined a moment ago"),
        (replace(POLL, options=("a", "D")), proposal(), "option of this poll by now"),
    ],
)
def test_what_can_no_longer_be_accepted(poll: Poll, proposed: Proposal, says: str) -> None:
    with pytest.raises(ClosedError, match=says):
        proposals.accepted(poll, proposed, START)


def test_a_ballot_knows_what_came_after_it() -> None:
    assert proposals.added_since(POLL, None) == ()
    assert proposals.added_since(POLL, b"\x00\xff\xff") == ()
    assert proposals.added_since(POLL, b"\x00") == ("b", "c")


@given(st.text(max_size=100), st.text(max_size=100))
def test_whatever_is_accepted_can_be_told_from_the_rest(first: str, second: str) -> None:
    poll = POLL
    for text in (first, second):
        try:
            tidied = proposals.check_proposal(poll, text)
        except InvalidInputError:
            continue
        poll = proposals.accepted(poll, proposal(tidied), START)
    assert len({alike(option) for option in poll.options}) == len(poll.options)
    assert poll.options[:3] == POLL.options


@pytest.mark.parametrize(
    ("kind", "method", "ballot"),
    [
        (PollKind.SINGLE, CountingMethod.PLURALITY, b"\xff\x00\xff"),
        (PollKind.APPROVAL, CountingMethod.APPROVAL, b"\x00\x00\xff"),
        (PollKind.SCORE, CountingMethod.SCORE, b"\x05\x02\xff"),
        (PollKind.SCORE, CountingMethod.STAR, b"\x05\x02\xff"),
        (PollKind.RANKED, CountingMethod.RUNOFF, b"\x00\x01\x02"),
        (PollKind.RANKED, CountingMethod.SCHULZE, b"\x00\x01\x02"),
    ],
)
def test_ballots_cast_before_count_as_if_they_left_it_out(
    kind: PollKind, method: CountingMethod, ballot: bytes
) -> None:
    poll = replace(POLL, kind=kind, method=method, tie_seed=b"seed", options=("a", "b", "c", "d"))
    short, long = (
        [(ballot, 3, 3), (ballot[:2], 1, 1)],
        [
            (ballot + bytes([UNRANKED]), 3, 3),
            (ballot[:2] + bytes([UNRANKED] * 2), 1, 1),
        ],
    )
    assert tally(poll, short) == tally(poll, long)
