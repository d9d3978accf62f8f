"""The memory of polls: bounded, whole or not at all, and never older than what happened while it was read."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.polls.book import PollBook
from bot.polls.gate import Gate
from bot.polls.types import Peeked, Poll, PollPhase
from tests.support.polls import START

A, B = b"\x00\xff", b"\xff\x00"


def poll(poll_id: int, creator: int = 1) -> Poll:
    return Poll(poll_id, 1, 1, None, creator, "Q", ("a", "b"), PollPhase.OPEN, START, START + timedelta(hours=1), None)


def book_with(*poll_ids: int, **bounds: int) -> PollBook:
    book = PollBook(**bounds)
    for poll_id in poll_ids:
        book.put(poll(poll_id))
    return book


def read(book: PollBook, poll_id: int, ballots: dict[int, bytes]) -> None:
    assert book.begin(poll_id)
    book.put_ballots(poll_id, ballots)


def test_a_poll_is_known_until_it_is_dropped() -> None:
    book = book_with(1)
    assert book.poll(1) == poll(1)
    book.put(replace(poll(1), question="New"))
    assert book.poll(1) == replace(poll(1), question="New")
    read(book, 1, {5: A})
    book.drop(1)
    book.drop(1)
    assert book.poll(1) is None
    assert not book.knows_ballots(1)
    assert book.peek(1, 5) is None


def test_the_poll_longest_untouched_goes_first_and_its_ballots_with_it() -> None:
    book = book_with(1, 2, most_polls=2)
    read(book, 1, {5: A})
    read(book, 2, {5: A})
    assert book.poll(1)
    book.put(poll(3))
    assert (book.poll(1) is None, book.poll(2) is None) == (False, True)
    assert (book.knows_ballots(1), book.knows_ballots(2)) == (True, False)


def test_ballots_are_known_whole() -> None:
    book = book_with(1)
    assert book.peek(1, 5) is None
    read(book, 1, {5: A})
    assert book.peek(1, 5) == Peeked(A)
    assert book.peek(1, 6) == Peeked(None), "known not to have voted"
    book.put_ballot(1, 6, B)
    assert book.ballot(1, 6) == B
    book.put_ballot(1, 5, B)
    assert book.ballot(1, 5) == B
    assert book.ballot(2, 5) is None


def test_ballots_of_an_unknown_poll_are_not_kept_whole() -> None:
    book = book_with()
    read(book, 1, {5: A})
    assert not book.knows_ballots(1)


def test_too_many_ballots_push_the_longest_untouched_poll_out_whole() -> None:
    book = book_with(1, 2, 3, most_ballots=4)
    read(book, 1, {1: A, 2: A})
    read(book, 2, {1: A})
    assert book.peek(1, 1) == Peeked(A)
    read(book, 3, {1: A, 2: A})
    assert [book.knows_ballots(poll_id) for poll_id in (1, 2, 3)] == [True, False, True]
    book.put_ballot(3, 9, A)
    assert [book.knows_ballots(poll_id) for poll_id in (1, 3)] == [False, True]
    for member in (10, 11):
        book.put_ballot(3, member, A)
    assert not book.knows_ballots(3), "one poll alone is too large"
    assert book.peek(3, 1) is None


def test_ballots_of_large_polls_are_known_one_by_one() -> None:
    book = book_with(1, most_single=2)
    book.put_ballot(1, 5, A)
    assert book.peek(1, 5) == Peeked(A)
    book.learn_ballot(1, 6, None)
    assert book.peek(1, 6) == Peeked(None)
    book.learn_ballot(1, 5, B)
    assert book.peek(1, 5) == Peeked(A), "what was read may be older than what was cast"
    book.put_ballot(1, 7, A)
    assert book.peek(1, 6) is None, "the one looked at longest ago went"
    book.drop_ballots(1)
    assert book.peek(1, 5) is None
    read(book, 1, {5: A})
    book.learn_ballot(1, 5, B)
    assert book.peek(1, 5) == Peeked(A)


def test_what_happens_while_ballots_are_read_wins() -> None:
    book = book_with(1)
    assert book.begin(1)
    assert not book.begin(1), "one reads at a time"
    book.put_ballot(1, 5, B)
    book.forget(6)
    book.put_ballots(1, {5: A, 6: A, 7: A})
    assert [book.peek(1, member) for member in (5, 6, 7)] == [Peeked(B), Peeked(None), Peeked(A)]
    assert book.begin(1), "somebody else may read again"
    book.put_ballots(1, None)
    assert book.knows_ballots(1), "a reading that failed takes nothing away"


def test_people_are_forgotten_everywhere() -> None:
    book = book_with(1, 2, most_ballots=3)
    book.put(poll(3, creator=5))
    read(book, 1, {5: A, 6: A})
    book.put_ballot(2, 5, A)
    book.forget(5)
    assert (book.peek(1, 5), book.peek(1, 6)) == (Peeked(None), Peeked(A))
    assert book.peek(2, 5) is None
    assert book.poll(3) is None
    read(book, 2, {7: A, 8: A})
    assert book.knows_ballots(1), "the room of what was forgotten is free again"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "read", "cast", "learn", "drop", "forget"]),
        st.integers(0, 4),
        st.integers(0, 5),
        st.sampled_from([A, B]),
    ),
    max_size=60,
)


@given(STEPS)
def test_it_stays_in_bounds_and_says_nothing_false(steps: list[tuple[str, int, int, bytes]]) -> None:
    book = PollBook(most_polls=3, most_ballots=6, most_single=3)
    truth: dict[tuple[int, int], bytes] = {}
    for act, poll_id, member, ranks in steps:
        if act == "put":
            book.put(poll(poll_id, creator=99))
        elif act == "read":
            assert book.begin(poll_id)
            book.put_ballots(poll_id, {who: cast for (where, who), cast in truth.items() if where == poll_id})
        elif act == "cast":
            truth[poll_id, member] = ranks
            book.put_ballot(poll_id, member, ranks)
        elif act == "learn":
            book.learn_ballot(poll_id, member, truth.get((poll_id, member)))
        elif act == "drop":
            book.drop(poll_id)
        else:
            truth = {key: cast for key, cast in truth.items() if key[1] != member}
            book.forget(member)
        whole = [place for place in range(5) if book.knows_ballots(place)]
        known = sum(book.ballot(place, who) is not None for place in whole for who in range(6))
        assert known <= 6
        assert sum(book.poll(place) is not None for place in range(5)) <= 3
        for place in range(5):
            for who in range(6):
                peeked = book.peek(place, who)
                assert peeked is None or peeked.ranks == truth.get((place, who))


async def test_the_gate_lets_none_in_while_it_is_held() -> None:
    gate = Gate()
    seen: list[str] = []
    for _ in range(2):
        gate.enter(1)

    async def change(name: str) -> None:
        async with gate.hold(1):
            seen.append(name)
            await asyncio.sleep(0)
            seen.append(f"{name} done")

    changes = [asyncio.create_task(change(name)) for name in ("first", "second")]
    await asyncio.sleep(0)
    assert gate.is_held(1)
    assert not gate.is_held(2)
    gate.leave(1)
    await asyncio.sleep(0)
    assert seen == [], "one is still inside"
    gate.leave(1)
    await gate.opened(1)
    assert seen == ["first", "first done", "second", "second done"]
    await asyncio.gather(*changes)
    assert not gate.is_held(1)


async def test_the_gate_opens_when_who_holds_it_fails_or_gives_up() -> None:
    gate = Gate()
    with pytest.raises(RuntimeError):
        async with gate.hold(1):
            raise RuntimeError
    assert not gate.is_held(1)
    gate.enter(1)

    async def hold() -> None:
        async with gate.hold(1):
            pass

    waiting = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not gate.is_held(1)
    gate.leave(1)
