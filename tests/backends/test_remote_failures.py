"""Every way in which the other side can fail, over each protocol, against a server that does it."""

import asyncio
import logging
import socket
import ssl

import httpx
import pytest

from bot.backends import reading
from bot.backends.base import Egress, Finish, Picture, Prompt, State, Turn
from bot.backends.http import new_client
from bot.errors import Trouble
from tests.backends.contract import completion_of, events_of, failure_of, prompt_of, text_of
from tests.backends.rigs import KEY, Rig, rig
from tests.backends.servers import ModelServer, Raw, Refuse, Say, until

__all__ = ["rig"]

PAGE = b"<html><body><h1>Bad Gateway</h1>my-private-question</body></html>"


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (400, Trouble.REFUSED),
        (403, Trouble.FORBIDDEN),
        (404, Trouble.NO_SUCH_MODEL),
        (413, Trouble.TOO_LONG),
        (429, Trouble.BUSY),
        (500, Trouble.OVERLOADED),
        (503, Trouble.OVERLOADED),
        (529, Trouble.OVERLOADED),
    ],
)
async def test_statuses(rig: Rig, status: int, trouble: Trouble) -> None:
    rig.server.will(Refuse(status), Refuse(status, PAGE, content_type="text/html"))
    for _ in range(2):
        events, error = await failure_of(rig.backend(), prompt_of())
        assert (events, error.trouble) == ([], trouble)
        assert error.detail.startswith(f"HTTP {status}")


async def test_a_key_that_is_wrong(rig: Rig) -> None:
    backend = rig.backend("sk-wrong")
    _, error = await failure_of(backend, prompt_of())
    assert error.trouble is Trouble.KEY
    assert backend.health().state is State.TROUBLED
    assert (await backend.probe()).state is State.TROUBLED
    assert "sk-wrong" not in str(error) + error.detail + repr(backend) + repr(backend.health())


async def test_a_key_that_is_missing_or_unfit_is_never_sent(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    for key in (None, "", "sk-ключ", "sk two", "sk\nx"):
        backend = rig.backend(key)
        _, error = await failure_of(backend, prompt_of())
        assert error.trouble is Trouble.NOT_CONFIGURED
        assert "TEST_API_KEY" in error.detail
        assert backend.health().state is (await backend.probe()).state is State.MISSING
        assert not key or key not in error.detail + caplog.text
    assert not rig.server.requests


async def test_an_address_that_is_none(rig: Rig) -> None:
    for address in ("", "models.example", "ftp://models.example"):
        backend = rig.backend(address=address)
        _, error = await failure_of(backend, prompt_of())
        assert error.trouble is Trouble.NOT_CONFIGURED
        assert backend.health().state is State.MISSING


@pytest.mark.parametrize("written", ["3", "Sat, 28 Nov 2099 11:00:00 GMT"])
async def test_how_long_to_wait_is_passed_on(rig: Rig, written: str) -> None:
    rig.server.will(Refuse(429, headers={"retry-after": written}))
    _, error = await failure_of(rig.backend(), prompt_of())
    assert error.retry_after == (3 if written == "3" else 86_400)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(rig: Rig, status: int) -> None:
    async with ModelServer.openai() as elsewhere:
        headers = {"location": f"{elsewhere.address}/chat/completions"}
        rig.server.will(Refuse(status, b"", headers=headers, content_type="text/plain"))
        _, error = await failure_of(rig.backend(), prompt_of())
        assert error.trouble is Trouble.NOT_CONFIGURED
        assert "points to another" in str(error)
        assert not elsewhere.requests


async def test_nobody_listens(rig: Rig) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        backend = rig.backend(address=f"http://127.0.0.1:{taken.getsockname()[1]}/v1")
        _, error = await failure_of(backend, prompt_of())
        assert error.trouble is Trouble.UNREACHABLE
        assert not (await backend.probe()).usable


async def test_it_is_no_server_of_models(rig: Rig) -> None:
    greetings = iter((b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, b""))

    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(next(greetings))
        await writer.drain()
        writer.close()

    for _ in range(3):
        async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            _, error = await failure_of(rig.backend(address=f"http://127.0.0.1:{port}/v1"), prompt_of())
            assert error.trouble in {Trouble.MALFORMED, Trouble.UNREACHABLE}


async def test_a_stream_cut_in_the_middle(rig: Rig) -> None:
    rig.server.will(Say("One, ", "two", ending="cut"), Say("One, ", "two", finish=None, tokens=None, ending="bare"))
    for _ in range(2):
        events, error = await failure_of(rig.backend(), prompt_of())
        assert text_of(events) == "One, two"
        assert error.trouble is Trouble.CUT_OFF


async def test_a_stream_cut_before_its_first_word_can_be_tried_again(rig: Rig) -> None:
    rig.server.will(Say(ending="cut"), Say(finish=None, tokens=None, ending="bare"), Raw((), ending="clean"))
    for _ in range(3):
        events, error = await failure_of(rig.backend(), prompt_of())
        assert (events, error.trouble) == ([], Trouble.UNREACHABLE)


async def test_an_answer_that_is_whole_is_not_spoilt_by_what_follows(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "AFTER_END_SECONDS", 0.1)
    speak = rig.server.protocol
    whole = speak.begin(None) + speak.piece("All of it") + speak.reason("stop", None)
    rig.server.will(Raw((whole,), ending="stall"), Raw((whole,), ending="cut"), Raw((whole,)))
    for _ in range(3):
        completion = completion_of(await events_of(rig.backend(), prompt_of()))
        assert (completion.text, completion.finish, completion.cost) == ("All of it", Finish.STOP, 0)
        assert completion.completion_tokens is None
    await until(lambda: rig.server.running == 0)


async def test_a_stream_that_stalls(rig: Rig, certificates: ssl.SSLContext) -> None:
    rig.server.will(Say("One, ", ending="stall"), Say(ending="stall"))
    async with new_client(silence=0.1, tls=certificates) as impatient:
        backend = rig.backend(client=impatient)
        for shown in ("One, ", ""):
            events, error = await failure_of(backend, prompt_of())
            assert (text_of(events), error.trouble) == (shown, Trouble.SILENT)
        await until(lambda: rig.server.running == 0)


async def test_more_at_once_than_the_pool_has_wait_and_then_are_told(rig: Rig, certificates: ssl.SSLContext) -> None:
    transport = httpx.AsyncHTTPTransport(verify=certificates, limits=httpx.Limits(max_connections=1))
    async with httpx.AsyncClient(transport=transport, timeout=httpx.Timeout(30, pool=0.05)) as narrow:
        rig.server.will(Say("Long", ending="stall"))
        first = rig.backend(client=narrow).complete(prompt_of(), Egress())
        await anext(first)
        _, error = await failure_of(rig.backend(client=narrow), prompt_of())
        assert error.trouble is Trouble.BUSY
        await first.aclose()


@pytest.mark.parametrize("event", [b"data: {not json\n\n", b"data: [1, 2]\n\n", b'data: "words"\n\n', b"data: 7\n\n"])
async def test_events_that_are_malformed(rig: Rig, event: bytes) -> None:
    speak = rig.server.protocol
    rig.server.will(Raw((event,)), Raw((speak.begin(1) + speak.piece("One"), event)))
    for shown in ("", "One"):
        events, error = await failure_of(rig.backend(), prompt_of())
        assert (text_of(events), error.trouble) == (shown, Trouble.MALFORMED)


async def test_objects_of_no_sense_are_passed_over(rig: Rig) -> None:
    speak = rig.server.protocol
    odd = [
        b'data: {"choices": null, "candidates": 7, "type": 9}\n\n',
        b'data: {"choices": [null], "candidates": [null], "type": "content_block_delta", "delta": null}\n\n',
        b'data: {"choices": [{"delta": 7}], "candidates": [{"content": {"parts": [7, {"text": 7}]}}]}\n\n',
        b'data: {"choices": {}, "usage": "many", "usageMetadata": [], "type": "message_start", "message": 7}\n\n',
        b": a comment\n\nevent: unheard\ndata: {}\n\n\n\n",
    ]
    rig.server.will(Raw((speak.begin(1), *odd, speak.piece("Fine"), speak.reason("stop", (3, 4)), speak.last())))
    completion = completion_of(await events_of(rig.backend(), prompt_of()))
    assert (completion.text, completion.completion_tokens) == ("Fine", 4)


async def test_bytes_that_are_no_text_become_marks(rig: Rig) -> None:
    speak = rig.server.protocol
    broken = speak.piece("caf#").replace(b"#", b"\xe9")
    rig.server.will(Raw((speak.begin(1), broken, speak.reason("stop", None), speak.last())))
    assert completion_of(await events_of(rig.backend(), prompt_of())).text == "caf\ufffd"


async def test_characters_in_two_escapes_or_two_writes_are_joined(rig: Rig) -> None:
    speak = rig.server.protocol
    halves = [speak.piece("#").replace(b"#", half) for half in (rb"a\ud83d", rb"\ude00b")]
    whole = speak.piece("é👩‍👩‍👧")
    writes = [*halves, *(whole[at : at + 3] for at in range(0, len(whole), 3))]
    rig.server.will(Raw((speak.begin(1), *writes, speak.reason("stop", None), speak.last())))
    assert completion_of(await events_of(rig.backend(), prompt_of())).text == "a😀bé👩‍👩‍👧"


@pytest.mark.parametrize(
    "raw", [b"data: " + b"x" * 65536, b": alive\n\n" * 8000, b"event: x\r\ndata: {}\r\n\r\n" * 3000]
)
async def test_floods_of_nothing_end(rig: Rig, raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.backends.sse.EventReader.__init__.__defaults__", (1 << 19, 1 << 20))
    rig.server.will(Raw((raw,), ending="forever"))
    _, error = await failure_of(rig.backend(), prompt_of())
    assert error.trouble is Trouble.MALFORMED
    await until(lambda: rig.server.running == 0)


async def test_a_flood_of_words_is_cut_and_left(rig: Rig) -> None:
    speak = rig.server.protocol
    rig.server.will(Raw((speak.begin(1), speak.piece("flood " * 30)), ending="forever"))
    completion = completion_of(await events_of(rig.backend(), prompt_of(max_tokens=20)))
    assert (len(completion.text), completion.finish) == (320, Finish.LENGTH)
    await until(lambda: rig.server.running == 0)


async def test_one_who_reads_slowly_holds_the_flood_up(rig: Rig) -> None:
    speak = rig.server.protocol
    rig.server.will(Raw((speak.begin(1), speak.piece("flood " * 3000)), ending="forever"))
    stream = rig.backend().complete(prompt_of(max_tokens=1_000_000), Egress())
    sizes = []
    for _ in range(5):
        event = await anext(stream)
        sizes.append(len(getattr(event, "text", "")))
        await asyncio.sleep(0.02)
    assert max(sizes) < 200_000
    await stream.aclose()
    await until(lambda: rig.server.running == 0)


async def test_compressed_or_other_bodies_are_not_read(rig: Rig) -> None:
    rig.server.will(
        Raw((b"\x1f\x8b",), headers={"content-encoding": "gzip"}, ending="forever"),
        Raw((PAGE,), content_type="text/html", ending="forever"),
        Raw((PAGE,), content_type="application/octet-stream"),
    )
    for _ in range(3):
        _, error = await failure_of(rig.backend(), prompt_of())
        assert error.trouble is Trouble.MALFORMED
    assert rig.server.requests[0].headers["accept-encoding"] == "identity"


async def test_errors_inside_of_a_stream(rig: Rig) -> None:
    rig.server.will(Say(ending="overloaded_error"), Say("One", ending="overloaded_error"))
    for shown, trouble in (("", Trouble.OVERLOADED), ("One", Trouble.CUT_OFF)):
        events, error = await failure_of(rig.backend(), prompt_of())
        assert (text_of(events), error.trouble) == (shown, trouble)
        assert error.detail.startswith("error in the stream")


async def test_filters_of_the_maker(rig: Rig) -> None:
    rig.server.will(Say("It is", finish="filtered"), Say(finish="filtered"))
    assert completion_of(await events_of(rig.backend(), prompt_of())).finish is Finish.FILTERED
    events, error = await failure_of(rig.backend(), prompt_of())
    assert (events, error.trouble in {Trouble.FILTERED, Trouble.REFUSED}) == ([], True)


async def test_an_answer_that_used_up_its_length_before_its_first_word(rig: Rig) -> None:
    rig.server.will(Say("It is", finish="length"), Say(finish="length"))
    assert completion_of(await events_of(rig.backend(), prompt_of())).finish is Finish.LENGTH
    _, error = await failure_of(rig.backend(), prompt_of())
    assert error.trouble is Trouble.EMPTY
    assert "used up its length" in str(error)


async def test_pictures_that_cannot_be_sent_are_not(rig: Rig) -> None:
    def prompt(*pictures: Picture) -> Prompt:
        return Prompt((Turn("user", "What is it?", pictures),))

    for prompted, backend, words in (
        (prompt(Picture("image/png", b"x")), rig.backend(), "cannot look at pictures"),
        (prompt(Picture("image/tiff", b"x")), rig.backend(images=True), "PNG, JPEG"),
        (prompt(Picture("image/png", bytes(21 << 20))), rig.backend(images=True), "too large"),
    ):
        _, error = await failure_of(backend, prompted)
        assert error.trouble is Trouble.UNFIT
        assert words in str(error)
    assert not rig.server.requests


async def test_options_that_are_not_taken_are_left_out_from_then_on(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    error = {"type": "invalid_request_error", "code": "unsupported_value", "param": "temperature"}
    backend = rig.backend()
    message = "Unsupported value: 'temperature' does not support 0.5 with this model."
    rig.server.will(Refuse(400, {"error": {**error, "message": message}}))
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            completion_of(await events_of(backend, prompt_of(temperature=0.5)))
    with_it = [b"temperature" in repr(seen.body).encode() for seen in rig.server.requests]
    assert with_it == [True, False, False]
    rig.server.will(Refuse(400, {"error": {**error, "message": message}}))
    _, failure = await failure_of(backend, prompt_of(temperature=0.5))
    assert failure.trouble is Trouble.REFUSED


async def test_connections_are_used_again(rig: Rig) -> None:
    for _ in range(4):
        completion_of(await events_of(rig.backend(), prompt_of()))
    assert len(rig.server.connections) == 1


async def test_health_recovers_with_the_other_side(rig: Rig) -> None:
    backend = rig.backend()
    rig.server.will(Refuse(503))
    await failure_of(backend, prompt_of())
    assert backend.health().state is State.TROUBLED
    assert (await backend.probe()).state is State.READY
    rig.server.will(Refuse(503), Refuse(429))
    assert (await backend.probe()).state is State.TROUBLED
    assert (await backend.probe()).state is State.READY
    assert [seen.method for seen in rig.server.requests] == ["POST", "GET", "GET", "GET"]
    await backend.close()
    assert KEY not in repr(rig.server.requests[-1].url)
