"""Events come out whole, however the body is cut; httpx-sse, which reads whole bodies, says what is right."""

from itertools import pairwise

import httpx
import pytest
from httpx_sse import EventSource
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.sse import EventReader, TooLargeError

WORDS = st.text(st.sampled_from('ab é漢👩:{}"'), max_size=6)
FIELDS = st.one_of(
    WORDS.map(lambda text: f"data: {text}"),
    WORDS.map(lambda text: f"data:{text}"),
    WORDS.map(lambda text: f"event: {text}"),
    WORDS.map(lambda text: f": {text}"),
    st.sampled_from(["data", "id: 7", "retry: 10", "nonsense", "event: delta\ndata: {}"]),
)
EVENTS = st.lists(st.lists(FIELDS, min_size=1, max_size=4), min_size=1, max_size=6)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def read(pieces: list[bytes]) -> list[bytes]:
    reader = EventReader()
    found = [event for piece in pieces for event in reader.feed(piece)]
    return [*found, *reader.finish()]


def as_the_library_reads(body: bytes) -> list[bytes]:
    response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)
    return [event.data.encode() for event in EventSource(response).iter_sse()]


def pieces_of(body: bytes, cuts: list[int]) -> list[bytes]:
    marks = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    return [body[start:end] for start, end in pairwise(marks)]


@given(EVENTS, LINE_ENDS, st.lists(st.integers(0, 1000), max_size=8))
def test_however_a_body_is_cut_the_events_are_the_same(events: list[list[str]], end: str, cuts: list[int]) -> None:
    body = "".join("\n".join(fields) + "\n\n" for fields in events).replace("\n", end).encode()
    said = [data for data in read(pieces_of(body, cuts)) if data]
    assert said == [data for data in as_the_library_reads(body) if data]


def test_every_byte_on_its_own_gives_whole_characters() -> None:
    body = 'event: x\ndata: {"a": "👩‍👩‍👧 é"}\n\ndata: [DONE]\n\n'.encode()
    assert read([bytes([byte]) for byte in body]) == ['{"a": "👩‍👩‍👧 é"}'.encode(), b"[DONE]"]


def test_a_mark_of_byte_order_is_no_text() -> None:
    assert read([b"\xef\xbb\xbfdata: 1\n\n"]) == [b"1"]


def test_data_of_several_lines_is_joined() -> None:
    assert read([b"data: one\ndata: two\n\n"]) == [b"one\ntwo"]


def test_a_last_event_without_an_empty_line_counts() -> None:
    assert read([b"data: 1\n\ndata: [DONE]\n"]) == [b"1", b"[DONE]"]
    assert read([b"data: 1\n\n\n"]) == [b"1"]


def test_comments_are_passed_over() -> None:
    assert [data for data in read([b": alive\n\n", b": alive\n\ndata: 1\n\n"]) if data] == [b"1"]


def test_bytes_that_are_no_text_stay_as_they_are_or_become_marks() -> None:
    assert read([b"data: \xff\n\n"]) == [b"\xff"]
    assert read([b"data: \xff\ndata: 1\n\n"]) == ["\ufffd\n1".encode()]


def test_an_event_that_never_ends_is_not_kept() -> None:
    reader = EventReader(largest=100)
    reader.feed(b"data: " + b"x" * 90)
    with pytest.raises(TooLargeError):
        reader.feed(b"x" * 20)


def test_a_large_event_in_one_piece_is_refused_but_many_small_ones_are_not() -> None:
    small = b"data: x\n\n" * 50
    assert len(EventReader(largest=100).feed(small)) == 50
    with pytest.raises(TooLargeError):
        EventReader(largest=100).feed(small + b"data: " + b"x" * 100 + b"\n\n")


def test_all_events_together_are_bounded() -> None:
    reader = EventReader(most=100)
    for _ in range(11):
        reader.feed(b": alive\n\n")
    with pytest.raises(TooLargeError):
        reader.feed(b": alive\n\n")


def test_a_large_event_in_many_pieces_takes_no_longer_than_its_size() -> None:
    reader = EventReader()
    pieces = [b"data: ", *([b"x" * 64] * 8000), b"\n\n"]
    found = [event for piece in pieces for event in reader.feed(piece)]
    assert [len(event) for event in found] == [64 * 8000]
