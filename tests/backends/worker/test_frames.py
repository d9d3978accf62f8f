"""Frames survive every cut of the stream, and what is no frame is noticed."""

import asyncio
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends import frames
from bot.backends.frames import BlockingFrames, Decoder, FrameError, decode, encode, read_frame, write_frame

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), values), max_size=4), st.integers(1, 7))
def test_any_cut_gives_the_same_frames(sent: list[dict[str, object]], step: int) -> None:
    stream = b"".join(encode(frame) for frame in sent)
    decoder = Decoder()
    got = [frame for start in range(0, len(stream), step) for frame in decoder.feed(stream[start : start + step])]
    assert got == sent


def test_half_a_surrogate_pair_does_not_stop_a_frame() -> None:
    assert Decoder().feed(encode({"text": "a\ud800b"})) == [{"text": "a?b"}]


def test_a_frame_that_is_too_large_is_refused_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = encode({"text": "x" * 200})
    monkeypatch.setattr(frames, "MAX_FRAME_BYTES", 100)
    with pytest.raises(FrameError, match="over the 100"):
        encode({"text": "x" * 200})
    with pytest.raises(FrameError, match="over the 100"):
        Decoder().feed(stream)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff", b""])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(FrameError):
        decode(body)


async def test_the_asyncio_end_reads_what_it_wrote_and_sees_the_end() -> None:
    left, right = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=left)
    other_reader, other_writer = await asyncio.open_connection(sock=right)
    await write_frame(writer, {"do": "ping", "id": 1})
    await write_frame(writer, {"text": "ж" * 100_000})
    assert await read_frame(other_reader) == {"do": "ping", "id": 1}
    assert await read_frame(other_reader) == {"text": "ж" * 100_000}
    writer.write(encode({"text": "cut"})[:-3])
    writer.close()
    assert await read_frame(other_reader) is None
    other_writer.close()
    await asyncio.gather(writer.wait_closed(), other_writer.wait_closed())
    del reader


def test_the_blocking_end_reads_what_it_wrote_and_sees_the_end() -> None:
    left, right = socket.socketpair()
    with left, right:
        ours, theirs = BlockingFrames(left), BlockingFrames(right)
        sent = [{"n": n, "text": "x" * 50_000} for n in range(20)]

        def write_all() -> None:
            for frame in sent:
                ours.write(frame)
            left.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=write_all)
        thread.start()
        got = [theirs.read() for _ in sent]
        thread.join()
        assert got == sent
        assert theirs.read() is None


def test_a_reset_is_the_end_too() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    with listener, ours:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        theirs.close()
        assert BlockingFrames(ours).read() is None
