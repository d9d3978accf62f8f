"""Text on its way into a message."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.graphemes import graphemes
from cogs.ui.text import block, clip, count, listed, plain

UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\x7f]")
MARKS_AND_LETTERS = st.text(alphabet="ab \n\\*_~`|<>[]()#-+>1.@/:é\u0301\u200d\u202eאש👩🚀🇩", max_size=60)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("*a* _b_ ~~c~~ `d` ||e||", r"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|"),
        ("<@1> <:x:2>", r"\<@1\> \<:x:2\>"),
        ("<@&7> <#8> <t:1:R> </cmd:9> <id:home>", r"\<@&7\> \<#8\> \<t:1:R\> \</cmd:9\> \<id:home\>"),
        ("[here](http://x)", r"\[here\](http://x)"),
        ("[here](<https://x.y>)", r"\[here\](\<https://x.y\>)"),
        ("# big\n-# small\n- item\n1. one", "\\# big\n\\-# small\n\\- item\n1\\. one"),
        (
            "> quote\n>>> more\n* item\n### head\n  - nested",
            "\\> quote\n\\>\\>\\> more\n\\* item\n\\### head\n  \\- nested",
        ),
        ("#general is fine, 3.5 too", "#general is fine, 3.5 too"),
        ("a\r\n# b\r- c\u2028# d", "a\n\\# b\n\\- c\n\\# d"),
        ("\\", "\\\\"),
        ("*שלום*", "\u2068\\*שלום\\*\u2069"),
        ("@everyone and @here, not me@herefordshire", "@\u200beveryone and @\u200bhere, not me@\u200bherefordshire"),
        ("\u202egnp.exe\u2069\u2066", "gnp.exe"),
        ("https://a.b/c_d_e is_it", r"https://a.b/c_d_e is\_it"),
        # inside the name of one of our own links this would close it
        ("https://a](https://b.c)", r"https://a\](https://b.c)"),
        ("discord.gg/abc https://discord.com/invite/x", "discord.gg/\u200babc https://discord.com/invite/\u200bx"),
        ("\x00a\x1bb\x7f", "ab"),
        ("a\u200bb\u2060", "a\u200bb\u2060"),
        ("", ""),
    ],
)
def test_marks_lose_their_meaning(written: str, shown: str) -> None:
    assert plain(written) == shown


@given(st.text() | MARKS_AND_LETTERS)
def test_nothing_is_lost_but_what_cannot_be_seen(text: str) -> None:
    shown = plain(text)
    if shown.startswith("\u2068"):
        shown = shown[1:-1]
    kept = UNSEEN.sub("", re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text))
    assert shown.replace("\\", "") == kept.replace("\\", "")


@given(MARKS_AND_LETTERS)
def test_no_mark_of_a_text_works(text: str) -> None:
    bare = re.sub(r"\\[^\w\s]", "x", plain(text))
    # between addresses nothing is left that Discord would take for more than itself
    assert not re.search(r"[*~`|<>\[\]]", bare)
    assert not re.search(r"^\s*(#{1,3}|-#|[-+])\s", bare, re.MULTILINE)


@given(st.text(max_size=50) | MARKS_AND_LETTERS, st.integers(1, 20))
def test_clipped_text_fits(text: str, length: int) -> None:
    assert len(clip(text, length)) <= length
    assert clip(text, 60) == text


@given(MARKS_AND_LETTERS, st.integers(2, 30))
def test_clipping_leaves_no_escape_open_and_no_letter_without_its_marks(text: str, length: int) -> None:
    whole = plain(text)
    cut = clip(whole, length)
    assert cut.count("\u2068") <= cut.count("\u2069")
    if cut == whole:
        return
    begin = cut.removesuffix("\u2069").removesuffix("…")
    assert (len(begin) - len(begin.rstrip("\\"))) % 2 == 0
    pieces = list(graphemes(whole))
    starts = {"".join(pieces[:amount]).rstrip() for amount in range(len(pieces) + 1)}
    assert begin in starts | {start[:-1] for start in starts}


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("cafe\u0301s", 5, "caf…"),
        ("ab👩‍👩‍👧 c", 5, "ab…"),
        ("🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…"),
        (r"a\*b\*c", 3, "a…"),
        ("word by word", 6, "word…"),
        ("👩‍👩‍👧‍👦!", 3, "…"),
        ("\u2068שלום עולם\u2069", 7, "\u2068שלום…\u2069"),
        ("abc", 3, "abc"),
        ("abcd", 1, "…"),
    ],
)
def test_clipping_cuts_between_characters(text: str, length: int, cut: str) -> None:
    assert clip(text, length) == cut


@given(st.text(alphabet="`a\n", max_size=30))
def test_blocks_cannot_be_left(text: str) -> None:
    inner = block(text).removeprefix("```\n").removesuffix("\n```")
    assert "```" not in inner
    assert inner.replace("\u200b", "") == text


def test_counts() -> None:
    assert [count(n, "vote") for n in (0, 1, 2, 1200)] == ["0 votes", "1 vote", "2 votes", "1,200 votes"]


def test_lists() -> None:
    words = ["a", "b", "c"]
    assert [listed(words[:amount]) for amount in range(4)] == ["", "a", "a and b", "a, b and c"]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("👩‍👩‍👧👍🏽❤️1️⃣", ["👩‍👩‍👧", "👍🏽", "❤️", "1️⃣"]),
        ("🇩🇪🇫🇷🇮", ["🇩🇪", "🇫🇷", "🇮"]),
        ("🏴󠁧󠁢󠁳󠁣󠁴󠁿!", ["🏴󠁧󠁢󠁳󠁣󠁴󠁿", "!"]),
        ("क्षत्रिय", ["क्ष", "त्रि", "य"]),
        ("\u1100\u1161\u11a8가", ["\u1100\u1161\u11a8", "가"]),
        ("\r\n\n", ["\r\n", "\n"]),
        ("", []),
    ],
)
def test_characters_as_readers_see_them(text: str, pieces: list[str]) -> None:
    assert list(graphemes(text)) == pieces


@given(st.text() | MARKS_AND_LETTERS)
def test_characters_put_together_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text
