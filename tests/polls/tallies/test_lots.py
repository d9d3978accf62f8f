"""The lot: fixed by seed and texts, and untouched by options that come later."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.polls.tallies.lots import lots

TEXTS = st.lists(st.text(max_size=20), min_size=1, max_size=25, unique=True)


def test_it_can_be_drawn_again_by_hand() -> None:
    drawn = {text: hashlib.sha256(b"seed\x00" + text.encode()).hexdigest() for text in ("Open", "Closed", "Hybrid")}
    order = [("Open", "Closed", "Hybrid")[place] for place in lots(b"seed", ("Open", "Closed", "Hybrid"))]
    assert order == sorted(drawn, key=drawn.__getitem__)


@settings(max_examples=60)
@given(st.binary(max_size=16), TEXTS, st.text(max_size=20))
def test_an_option_that_is_added_changes_nothing_between_the_others(seed: bytes, texts: list[str], new: str) -> None:
    before = lots(seed, texts)
    after = lots(seed, [*texts, new])
    assert [place for place in after if place < len(texts)] == list(before)
    assert sorted(after) == list(range(len(texts) + 1))


@settings(max_examples=60)
@given(st.binary(max_size=16), TEXTS)
def test_the_order_of_options_does_not_matter(seed: bytes, texts: list[str]) -> None:
    moved = texts[::-1]
    assert [moved[place] for place in lots(seed, moved)] == [texts[place] for place in lots(seed, texts)]


def test_seeds_give_every_option_its_chance() -> None:
    first = [lots(bytes([number]), "abcd")[0] for number in range(256)]
    assert all(40 < first.count(place) < 90 for place in range(4))


def test_texts_that_have_no_utf_8() -> None:
    assert sorted(lots(b"", ["\ud800", "\udfff", ""])) == [0, 1, 2]
    assert lots(b"x", ["same", "same"]) == (0, 1)
