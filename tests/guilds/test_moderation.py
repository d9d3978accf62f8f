"""Blocked words are found however they are written, and no part of one is ever shown."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guilds.moderation import Gate, Words, plain, worst


@pytest.mark.parametrize(
    ("blocked", "text"),
    [
        ("darn", "Oh DARN it"),
        ("darn", "dárn"),
        ("därn", "darn"),
        ("darn", "d\u200ba\u00adr\u2060n"),
        ("darn", "ｄａｒｎ"),
        ("darn", "(darn)"),
        ("darn", "“darn”"),
        ("darn", "da\u0308rn!"),
        ("straße", "STRASSE"),
        ("go away", "Go\n  away."),
        ("go away", "go\u00a0away"),
        ("spam*", "spammers"),
        ("*spam", "antispam"),
        ("*spam*", "antispammers"),
        ("坏话", "这是坏话吗"),
        ("c++", "I like C++."),
        ("ﬁne", "fine"),
    ],
)
def test_a_word_is_found(blocked: str, text: str) -> None:
    assert Words([blocked]).find(text) == blocked


@pytest.mark.parametrize(
    ("blocked", "text"),
    [
        ("cunt", "Scunthorpe"),
        ("ass", "a classic assistant, en masse"),
        ("ass", "as s"),
        ("spam*", "antispam"),
        ("*spam", "spammers"),
        ("go away", "goaway"),
        ("darn", ""),
        ("c", "c_name"),
    ],
)
def test_a_part_of_a_word_is_not(blocked: str, text: str) -> None:
    assert Words([blocked]).find(text) is None


def test_nothing_blocked_finds_nothing() -> None:
    for words in (Words([]), Words(["", "  ", "*", "\u200b"])):
        assert not words
        assert words.find("anything") is None
        gate = Gate(words)
        assert gate.feed("any") == "any"
        assert gate.feed("thing") == "anything"
        assert gate.end() == "anything"
        assert gate.found is None


def test_plain_reads_the_same_however_it_is_spelled() -> None:
    assert plain("  A \t b ") == " a b "
    assert plain("A b") == "a b"
    assert plain("É\u00a0 é") == "e e"


def shown_of(words: Words, pieces: list[str]) -> tuple[list[str], str | None]:
    """What a gate shows, until it finds something."""
    gate, shown = Gate(words), list[str]()
    for piece in pieces:
        text = gate.feed(piece)
        if gate.found:
            return shown, gate.found
        shown.append(text)
    text = gate.end()
    if gate.found is None:
        shown.append(text)
    return shown, gate.found


def test_no_part_of_a_blocked_word_is_shown() -> None:
    shown, found = shown_of(Words(["darn"]), list("Well, da\u0301\u200brn it"))
    assert found == "darn"
    assert shown[-1] == "Well, "


def test_a_word_at_the_end_counts_only_once_it_is_over() -> None:
    assert shown_of(Words(["ass"]), ["An ass", "istant"]) == (["An ", "An assist", "An assistant"], None)
    assert shown_of(Words(["ass"]), ["An ass"])[1] == "ass"
    assert shown_of(Words(["ass"]), ["An ass", "."])[1] == "ass"
    assert shown_of(Words(["ass"]), ["m", "ass"])[1] is None
    assert shown_of(Words(["ass*"]), ["An ass", "istant"])[1] == "ass*"


def test_a_phrase_is_held_back_over_its_blanks() -> None:
    shown, found = shown_of(Words(["go away"]), ["Please go ", " \n", "aw", "ay now"])
    assert found == "go away"
    assert all(not text.rstrip().endswith("go") for text in shown)


WORDS = ["bad", "very bad", "a*", "ß", "坏话"]
LETTERS = st.text(alphabet="ab dvery.ßs坏话\u200b\u0301A", max_size=40)


@given(st.lists(LETTERS, max_size=6), st.sets(st.sampled_from(WORDS), min_size=1))
def test_a_gate_finds_what_the_whole_text_holds_and_shows_a_growing_beginning(
    pieces: list[str], blocked: set[str]
) -> None:
    words, whole = Words(sorted(blocked)), "".join(pieces)
    shown, found = shown_of(words, pieces)
    assert (found is None) == (words.find(whole) is None)
    for earlier, later in pairwise(shown):
        assert later.startswith(earlier)
    assert all(whole.startswith(text) and words.find(text + " ") is None for text in shown if found)
    if found is None:
        assert shown[-1] == whole


def test_the_worst_counts_from_the_least_score_on() -> None:
    scores = {"violence": 0.4, "harassment": 0.6}
    assert worst(scores, 0.5) == ("harassment", 0.6)
    assert worst(scores, 0.6) == ("harassment", 0.6)
    assert worst(scores, 0.61) is None
    assert worst({}, 0.1) is None
