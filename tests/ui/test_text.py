"""Text on its way into a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.text import block, clip, count, plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("*a* _b_ ~~c~~ `d` ||e||", r"\*a\* \_b\_ \~\~c\~\~ \`d\` \|\|e\|\|"),
        ("<@1> <:x:2>", r"\<@1\> \<:x:2\>"),
        ("[here](http://x)", r"\[here\](http://x)"),
        ("# big\n-# small\n- item\n1. one", "\\# big\n\\-# small\n\\- item\n1\\. one"),
        ("#general is fine, 3.5 too", "#general is fine, 3.5 too"),
        ("\\", "\\\\"),
        ("*שלום*", "\u2068\\*שלום\\*\u2069"),
        ("@everyone and @here, not me@herefordshire", "@\u200beveryone and @\u200bhere, not me@\u200bherefordshire"),
    ],
)
def test_marks_lose_their_meaning(written: str, shown: str) -> None:
    assert plain(written) == shown


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    shown = plain(text)
    if shown.startswith("\u2068") and not text.startswith("\u2068"):
        shown = shown[1:-1]
    assert shown.replace("\\", "") == text.replace("\\", "")


@given(st.text(max_size=50), st.integers(2, 20))
def test_clipped_text_fits(text: str, length: int) -> None:
    assert len(clip(text, length)) <= length
    assert clip(text, 50) == text


def test_blocks_cannot_be_left() -> None:
    inner = block("a ``` b `````` c").removeprefix("```\n").removesuffix("\n```")
    assert "```" not in inner


def test_counts() -> None:
    assert [count(n, "vote") for n in (0, 1, 2, 1200)] == ["0 votes", "1 vote", "2 votes", "1,200 votes"]
