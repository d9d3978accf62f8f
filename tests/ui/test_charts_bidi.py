"""Directions of text, against a library as the oracle."""

from __future__ import annotations

from bidi import get_display
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.bidi import base_level, levels, visual, without_controls


def as_seen(text: str) -> str:
    return "".join(text[at] for at in visual(levels(text, base_level(text))))


@given(st.text(alphabet="abאב1٢3 .,:+-$%/دش\u0301\u064b!", min_size=1, max_size=24))
def test_characters_are_seen_where_the_algorithm_puts_them(text: str) -> None:
    text = text.strip()
    # what is shown mirrored has another character there, so brackets are left out; marks follow their letter in both
    wanted = get_display(text, base_dir="R" if base_level(text) else "L")
    assert sorted(as_seen(text)) == sorted(text)
    if "\u0301" not in text and "\u064b" not in text:
        assert as_seen(text) == wanted


def test_examples() -> None:
    assert as_seen("abc אבג def") == "abc גבא def"
    assert as_seen("אבג abc") == "abc גבא"
    assert as_seen("אב 12") == "12 בא"
    assert as_seen("") == ""
    assert without_controls("\u202egnp\u2069.exe") == "gnp.exe"
