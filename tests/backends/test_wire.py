"""The small things that every protocol's bodies need."""

import pytest

from bot.backends.base import Picture, Turn
from bot.backends.wire import alternating, base64_of, count, data_url, field, first, listed, object_of, total

DOT = Picture("image/png", b"\x89PNG")


def test_turns_alternate_and_begin_with_a_user() -> None:
    turns = [
        Turn("assistant", "Hello!"),
        Turn("user", "One"),
        Turn("user", "", (DOT,)),
        Turn("user", " "),
        Turn("assistant", "Two"),
        Turn("user", "Three"),
    ]
    assert alternating(turns) == [Turn("user", "One", (DOT,)), Turn("assistant", "Two"), Turn("user", "Three")]
    assert alternating([Turn("user", "a"), Turn("user", "b")]) == [Turn("user", "a\n\nb")]


def test_pictures_become_text() -> None:
    assert base64_of(DOT) == "iVBORw=="
    assert data_url(DOT) == "data:image/png;base64,iVBORw=="


def test_objects_are_decoded_and_halves_of_characters_are_told() -> None:
    assert object_of(b'{"a": 1}') == ({"a": 1}, False)
    assert object_of(rb'{"a": "\ud83d"}') == ({"a": "\ud83d"}, True)
    assert object_of(b'{"a": "\xff"}') == ({"a": "\ufffd"}, True)


@pytest.mark.parametrize(
    "data",
    [b"[1]", b"1", b"", b"{", b'{"a": NaN}', rb'{"\u12": 1', b"\xff", rb'"\ud83d"', b'{"a":' * 5000 + rb'"\ud83d"'],
)
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        object_of(data)


def test_fields_of_what_may_be_anything() -> None:
    assert [field({"a": 1}, "a"), field({}, "a"), field([], "a"), field(None, "a")] == [1, None, None, None]
    assert [first([1, 2]), first([]), first("ab"), first(None)] == [1, None, None, None]
    assert [listed([1]), listed(None), listed("a")] == [[1], [], []]


def test_counts_are_whole_numbers_within_reason() -> None:
    assert [count(7), count(0)] == [7, 0]
    assert [count(value) for value in (-1, True, 1.5, "7", None, 10**12)] == [None] * 6
    assert [total(1, None, 2), total(None), total()] == [3, None, None]
