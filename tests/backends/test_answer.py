"""Answers are bounded, end at stop texts, and their characters are whole."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.answer import CHARACTERS_A_TOKEN, Answer, Halves, Thoughts
from bot.backends.base import Finish, Prompt, Turn


def answer(max_tokens: int = 100, *stop: str) -> Answer:
    return Answer(Prompt((Turn("user", "?"),), max_tokens=max_tokens, stop=stop))


def said(answer: Answer, *pieces: str) -> str:
    shown = "".join(answer.add(piece) for piece in pieces) + answer.rest()
    assert shown == answer.text
    return shown


def test_without_stops_all_is_shown_at_once() -> None:
    one = answer()
    assert [one.add("a"), one.add("b"), one.rest()] == ["a", "b", ""]
    assert (one.text, one.finish) == ("ab", None)


def test_it_ends_at_its_bound() -> None:
    one = answer(2)
    assert said(one, "x" * 20, "y" * 20, "z") == "x" * 20 + "y" * 12
    assert one.finish is Finish.LENGTH
    assert len(one.text) == 2 * CHARACTERS_A_TOKEN


def test_even_no_tokens_leave_room_for_one() -> None:
    assert len(said(answer(0), "x" * 99)) == CHARACTERS_A_TOKEN


def test_what_is_held_back_counts_towards_the_bound() -> None:
    one = answer(1, "END")
    assert said(one, "x" * 15, "EN") == "x" * 15 + "E"
    assert one.finish is Finish.LENGTH


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (("one STOP two",), "one "),
        (("one S", "TO", "P two"), "one "),
        (("one ST", "ART"), "one START"),
        (("one STO",), "one STO"),
        (("STOP",), ""),
        (("a\n", "\nUser: b"), "a"),
        (("SSTOP",), "S"),
    ],
)
def test_it_ends_at_the_first_stop_text(pieces: tuple[str, ...], shown: str) -> None:
    one = answer(100, "STOP", "\n\nUser:", "")
    assert said(one, *pieces) == shown
    assert (one.finish is Finish.STOP) == (shown != "".join(pieces))
    assert one.add("more") == ("" if one.finish else "more")


@given(st.text("abST OP", max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_however_it_is_cut_the_end_is_the_same(text: str, cuts: list[int]) -> None:
    marks = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [text[start:end] for start, end in pairwise(marks)]
    assert said(answer(100, "STOP", "OPS"), *pieces) == min(
        (text.split(stop, 1)[0] for stop in ("STOP", "OPS")), key=len
    )


def test_halves_of_a_character_are_joined() -> None:
    halves = Halves()
    assert [halves.whole("a\ud83d"), halves.whole("\ude00b")] == ["a", "😀b"]
    assert halves.whole("\ud83d\ude00") == "😀"


def test_a_half_alone_becomes_a_mark() -> None:
    halves = Halves()
    assert halves.whole("a\ude00b") == "a\ufffdb"
    assert [halves.whole("\ud83d"), halves.whole("b")] == ["", "\ufffdb"]
    assert halves.whole("") == ""


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (("<think>hm</think>Yes",), "Yes"),
        (("<th", "ink>h", "m</th", "ink>\n\nYes", " no"), "Yes no"),
        (("\n <think>hm, </thin</think>Yes",), "Yes"),
        (("Yes <think>no</think>",), "Yes <think>no</think>"),
        (("<b>Yes</b>",), "<b>Yes</b>"),
        (("<think>and on and on",), ""),
        (("<thi",), "<thi"),
        (("", "Yes"), "Yes"),
    ],
)
def test_what_is_thought_aloud_is_left_out(pieces: tuple[str, ...], shown: str) -> None:
    thoughts, found = Thoughts(), ""
    for piece in pieces:
        found += piece if thoughts.is_done else thoughts.without(piece)
    assert found + thoughts.rest() == shown
