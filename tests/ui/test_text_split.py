"""Long text in several messages."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.graphemes import graphemes
from cogs.ui.text import split

OPENING = re.compile(r"```([\w+.#-]*)\n")
WHOLE = [
    "<@123456789012345678>",
    "<@&123456789012345678>",
    "<#123456789012345678>",
    "<t:1700000000:R>",
    "</poll create:123456789012345678>",
    "<:rostrum:123456789012345678>",
    "<a:party:123456789012345678>",
    "[a name of several words](https://example.com/a_(b)?c=d)",
    "https://example.com/a/long/path?with=a&query=1",
    "<https://example.com/quiet>",
    "👩‍👩‍👧‍👦",
    "e\u0301\u0302\u0303",
    "🇩🇪",
    r"\*",
]
WORDS = st.sampled_from([*WHOLE, "word", "Sentence ends here.", "`code`", "**bold words**", "מילה", "模型"])
SPACES = st.sampled_from([" ", "\n", "\n\n", "  ", "\n- "])
MARKDOWN = st.lists(st.tuples(WORDS, SPACES), max_size=60).map(lambda parts: "".join(word + gap for word, gap in parts))
CODE = st.text(alphabet="ab(): \n", max_size=200).map(lambda code: f"\n```py\n{code}\n```\n")
HOSTILE = st.text(alphabet="a `*_[]()<>@#:/\n\\é\u0301\u200d👩🇩", max_size=400)
LIMITS = st.integers(1, 120)


def rest(text: str) -> str:
    return re.sub(r"[`\s]", "", text)


@given(st.text(max_size=300) | MARKDOWN | HOSTILE | st.tuples(MARKDOWN, CODE, MARKDOWN).map("".join), LIMITS)
def test_pieces_fit_and_nothing_is_lost(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(1 <= len(piece) <= limit and piece.strip() for piece in pieces)
    # besides the text there may be the languages of code that was opened again
    known, shown = rest(text), iter("".join(map(rest, pieces)))
    assert all(char in shown for char in known)
    added = sum(len(found[1]) for piece in pieces[1:] if (found := OPENING.match(piece)))
    assert len("".join(map(rest, pieces))) <= len(known) + added


@given(MARKDOWN, st.integers(60, 120))
def test_outside_code_pieces_are_the_text_itself(text: str, limit: int) -> None:
    at = 0
    for piece in split(text, limit):
        found = text.find(piece, at)
        assert found >= 0
        assert not text[at:found].strip()
        at = found + len(piece)
    assert not text[at:].strip()


@given(MARKDOWN, st.integers(60, 120))
def test_what_must_stay_whole_is_never_cut(text: str, limit: int) -> None:
    pieces = split(text, limit)
    for whole in WHOLE:
        assert sum(piece.count(whole) for piece in pieces) == text.count(whole)


@pytest.mark.parametrize("whole", WHOLE)
def test_each_of_them_moves_to_the_next_message(whole: str) -> None:
    for before in range(60, 101):
        text = "x" * (before - 1) + " " + whole + " and so on" * 10
        pieces = split(text, 100)
        assert any(whole in piece for piece in pieces), (before, pieces)


def test_a_thing_longer_than_a_message_is_cut_after_all() -> None:
    address = "https://example.com/" + "a" * 300
    assert "".join(split(address, 100)) == address
    assert all(len(piece) == 100 for piece in split(address, 100)[:-1])


def test_paragraphs_before_lines_before_sentences_before_words() -> None:
    assert split("aaaa aaaa\n\nbbbb. bbbb\ncccc", 18) == ["aaaa aaaa", "bbbb. bbbb\ncccc"]
    assert split("aaaa. aaaa\nbbbb. bbbb", 18) == ["aaaa. aaaa", "bbbb. bbbb"]
    assert split("aaaa aaaa. bbbb bbbb", 18) == ["aaaa aaaa.", "bbbb bbbb"]
    assert split("aaaa bbbb cccc dddd", 11) == ["aaaa bbbb", "cccc dddd"]


def test_four_thousand_characters_without_a_space() -> None:
    assert [len(piece) for piece in split("x" * 4000, 1900)] == [1900, 1900, 200]
    family = "👩‍👩‍👧"
    pieces = split(family * 800, 1900)
    assert "".join(pieces) == family * 800
    assert all(set(graphemes(piece)) == {family} for piece in pieces)


def test_code_is_closed_at_the_cut_and_opened_again_in_its_language() -> None:
    code = "\n".join(f"print({number})" for number in range(20))
    pieces = split(f"Look:\n```python\n{code}\n```\nThat is all.", 100)
    assert len(pieces) > 2
    assert pieces[-1].endswith("That is all.")
    inside = [piece for piece in pieces if "print" in piece]
    assert all(piece.count("```") == 2 for piece in inside)
    assert all("```python\n" in piece for piece in inside)
    lines = re.findall(r"print\(\d+\)", "\n".join(pieces))
    assert lines == code.split("\n")
    assert all(line.startswith(("print", "```", "Look", "That")) for piece in pieces for line in piece.split("\n"))


def test_indentation_in_code_is_kept() -> None:
    code = "def f():\n" + "    return 1\n" * 30
    pieces = split(f"```py\n{code}```", 100)
    bodies = [piece.removeprefix("```py\n").removesuffix("\n```") for piece in pieces]
    assert "\n".join(bodies) == code.removesuffix("\n")


def test_code_that_was_never_closed_is_closed() -> None:
    pieces = split("```js\n" + "let a = 1;\n" * 30, 100)
    assert all(piece.startswith("```js\n") and piece.endswith("\n```") for piece in pieces)


def test_short_code_is_not_cut_but_moved() -> None:
    text = "word " * 15 + "\n```py\na = 1\nb = 2\n```\nend"
    pieces = split(text, 100)
    assert any("```py\na = 1\nb = 2\n```" in piece for piece in pieces)


def test_a_heading_is_not_the_last_line_of_a_message() -> None:
    for before in range(50, 99):
        pieces = split("x" * before + "\n## A heading\n\nWords below it. " + "and so on " * 9, 100)
        assert not any(piece.endswith("heading") for piece in pieces)


def test_emphasis_and_inline_code_stay_whole_where_they_can() -> None:
    for marked in (
        "**some bold words**",
        "`some code here`",
        "_a few words_",
        "||a secret thing||",
        "~~not this one~~",
    ):
        for before in range(60, 100, 3):
            pieces = split("x" * (before - 1) + " " + marked + " and so on" * 9, 100)
            assert any(marked in piece for piece in pieces), (marked, before, pieces)


@pytest.mark.parametrize("text", ["", " ", "\n\n \t"])
def test_a_blank_text_has_no_pieces(text: str) -> None:
    assert split(text, 10) == []


def test_a_limit_is_positive() -> None:
    with pytest.raises(ValueError, match="at least one"):
        split("abc", 0)


@pytest.mark.parametrize(
    "text",
    ["[" * 20_000, "`" * 20_000, "*a" * 10_000, "[a](" * 5_000, "a\u0301" * 10_000, "``` " * 5_000, "_" * 20_000],
)
def test_hostile_texts_take_no_longer_than_others(text: str) -> None:
    start = process_time()
    pieces = split(text, 1900)
    assert process_time() - start < 3
    assert all(len(piece) <= 1900 for piece in pieces)
