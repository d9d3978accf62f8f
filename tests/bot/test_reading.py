"""Files that others hand over: what is refused, in which words, and that nothing enormous is built."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arena.types import Verdict
from bot.errors import InvalidInputError
from bot.reading import LARGEST_FILE, MOST_PARTS, MOST_WHOLE, Reader, differences, read_document


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON: line 1, column 1"),
        (b'{"a": 1,\n "b"}', "not JSON: line 2, column 5"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"a": NaN}', "not whole"),
        (b"[Infinity]", "not whole"),
        (b"[1.5]", "not whole"),
        (b"[1e3]", "not whole"),
        (b'{"a": 1, "b": 2, "a": 3}', "the same name stands twice"),
        (b"[9007199254740992]", "too large"),
        (b"[-9007199254740992]", "too large"),
        (b"[" + b"9" * 1_000_000 + b"]", "too large"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[]," * (MOST_PARTS + 1), "more parts"),
        (b"x" * (LARGEST_FILE + 1), "larger than 64 MB"),
    ],
)
def test_hostile_files_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        read_document(data)
    assert caught.value.field == "file"
    assert len(str(caught.value)) < 200


def test_what_is_read() -> None:
    text = '\ufeff{"a": [1, -9007199254740991, true, null, "é"]}'
    assert read_document(text.encode()) == {"a": [1, -MOST_WHOLE, True, None, "é"]}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InvalidInputError):
        read_document(data)


def test_a_reader_gives_what_is_there() -> None:
    whole = Reader({"n": 3, "t": "x", "f": False, "l": [1, "b"], "v": "tie", "o": {"p": 1}, "none": None})
    assert whole.member("n").number(0, 3) == 3
    assert whole.member("t").text() == "x"
    assert whole.member("f").flag() is False
    assert [one.number(1) if place == 0 else one.text() for place, one in enumerate(whole.member("l").items(2, 2))] == [
        1,
        "b",
    ]
    assert whole.member("v").one_of(Verdict) is Verdict.TIE
    assert whole.member("o").mapping() == {"p": 1}
    assert whole.member("n").is_there()
    assert not whole.member("none").is_there()
    assert not whole.member("missing").is_there()


def refusal(read: object) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read()  # type: ignore[operator]
    return str(caught.value).removeprefix("The file does not fit: ")


def test_a_reader_names_the_place() -> None:
    whole = Reader({"a": {"b": [1, {"c": "x"}]}, "yes": True})
    parts = whole.member("a").member("b")
    assert refusal(lambda: list(parts.items(1, 1))) == "a.b has 2 entries in place of 1."
    assert refusal(lambda: list(parts.items(0, 1))) == "a.b has 2 entries in place of from 0 to 1."
    assert refusal(lambda: list(parts.items(3))) == "a.b has 2 entries in place of more."
    inner = list(parts.items())[1].member("c")
    assert refusal(lambda: inner.number(0, 9)) == "a.b[1].c is no whole number from 0 to 9."
    assert refusal(lambda: whole.member("yes").number(0)) == "yes is no whole number from 0 on."
    assert refusal(lambda: whole.member("yes").text(5)) == "yes is no text of at most 5 characters."
    assert refusal(lambda: Reader("long").text(3)).startswith("its content is no text")
    assert refusal(inner.flag) == "a.b[1].c is neither true nor false."
    assert refusal(lambda: inner.one_of(Verdict)) == "a.b[1].c is none of a, b, tie, bad."
    assert refusal(lambda: Reader([]).one_of(Verdict)) == "its content is none of a, b, tie, bad."
    assert refusal(lambda: inner.member("d")) == "a.b[1].c is no object."
    assert refusal(lambda: Reader(1).values()) == "its content is no list."


def test_differences_are_told_place_by_place() -> None:
    published = {"a": [1, {"b": "x"}], "gone": None, "same": [], "n": True}
    counted = {"a": [1, {"b": "y"}, 3], "same": [], "n": 1}
    assert differences(published, counted, "top") == [
        'top.a[1].b: published "x", counted "y"',
        "top.a[2]: published nothing, counted 3",
        "top.n: published true, counted 1",
        "top.gone: published null, counted nothing",
    ]
    assert differences(published, published, "top") == []
    assert len(differences("x" * 500, 1, "top")[0]) < 120


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("1.00", "1.01", True), ("1.00", "1.03", False), ("x", "x", True), ("x", "y", False), ("1", 1, False),
     ("NaN", "1.0", False), ("Infinity", "Infinity", True), ("Infinity", "-Infinity", False)],
)  # fmt: skip
def test_figures_may_be_a_hair_apart(one: object, other: object, same: bool) -> None:
    assert (differences(one, other, "top", Decimal("0.02")) == []) is same
