"""What a request may carry, and what is too large, unreadable or of the wrong kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.rest.body import LARGEST_BODY, LARGEST_FILE
from sandbox.rest.call import Call, Reply, Route

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Http


async def echo(call: Call) -> Any:
    files = [[file.key, file.filename, file.content_type, len(file.content)] for file in call.files]
    return {"body": call.body, "files": files, "reason": call.reason, "query": dict(call.query)}


async def echo_object(call: Call) -> Any:
    return call.json


async def made(call: Call) -> Any:
    return Reply(201, call.json) if call.body else None


@pytest.fixture(autouse=True)
def routes(server: Server) -> None:
    server.router.serve(
        [
            Route("POST", "/echo", echo),
            Route("GET", "/echo", echo),
            Route("POST", "/object", echo_object),
            Route("POST", "/made", made),
        ]
    )


async def test_json(http: Http) -> None:
    answer = await http.post("/echo", json={"a": [1, None, "\N{SNOWMAN}"]})
    assert answer.json["body"] == {"a": [1, None, "\N{SNOWMAN}"]}
    assert answer.headers["Content-Type"] == "application/json"


async def test_statuses_of_results(http: Http) -> None:
    assert (await http.post("/made", json={"a": 1})).status == 201
    answer = await http.post("/made")
    assert (answer.status, answer.raw) == (204, b"")
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("data", [b"{", b"nonsense", b'{"a": NaN}', b"\xff", b'{"a": "\\ud800"}', b"{'a': 1}"])
async def test_unreadable_json_is_50109(http: Http, data: bytes) -> None:
    answer = await http.post("/echo", data=data, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.json["code"]) == (400, 50109)


async def test_no_body_is_none(http: Http) -> None:
    assert (await http.post("/echo")).json["body"] is None
    answer = await http.post("/echo", data=b"", headers={"Content-Type": "application/json"})
    assert answer.json["body"] is None


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"])
async def test_other_kinds_are_refused(http: Http, kind: str) -> None:
    answer = await http.post("/echo", data=b"a=1", headers={"Content-Type": kind})
    assert (answer.status, answer.json["code"]) == (400, 50035)
    assert answer.json["errors"]["_errors"][0]["code"] == "CONTENT_TYPE_INVALID"


async def test_json_with_a_charset_is_read(http: Http) -> None:
    answer = await http.post("/echo", data=b"[1]", headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.json["body"] == [1]


@pytest.mark.parametrize("body", [[], "text", 5, True])
async def test_an_object_is_expected(http: Http, body: Any) -> None:
    answer = await http.post("/object", json=body)
    assert (answer.status, answer.json["code"]) == (400, 50035)
    assert answer.json["errors"]["_errors"][0]["code"] == "DICT_TYPE_CONVERT"


async def test_multipart(http: Http) -> None:
    files = {"files[0]": ("a.txt", b"abc"), "files[1]": ("ü.png", b"\x89PNG")}
    answer = await http.post("/echo", json={"content": "hi"}, files=files)
    assert answer.json["body"] == {"content": "hi"}
    assert answer.json["files"] == [
        ["files[0]", "a.txt", "application/octet-stream", 3],
        ["files[1]", "ü.png", "application/octet-stream", 4],
    ]


async def test_multipart_fields_without_payload_json(http: Http) -> None:
    form = aiohttp.FormData({"content": "hi"}, default_to_multipart=True)
    assert (await http.post("/echo", data=form)).json["body"] == {"content": "hi"}


async def test_multipart_with_unreadable_json(http: Http) -> None:
    form = aiohttp.FormData({"payload_json": "{"}, default_to_multipart=True)
    answer = await http.post("/echo", data=form)
    assert (answer.status, answer.json["code"]) == (400, 50109)


async def test_broken_multipart(http: Http) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await http.post("/echo", data=b"no boundary here", headers={"Content-Type": kind})
        assert (answer.status, answer.json["code"]) == (400, 50035)


@pytest.mark.parametrize(("size", "status"), [(LARGEST_FILE, 200), (LARGEST_FILE + 1, 413)])
async def test_largest_file(http: Http, size: int, status: int) -> None:
    answer = await http.post("/echo", json={}, files={"files[0]": ("big.bin", b"\0" * size)})
    assert answer.status == status
    if status == 413:
        assert answer.json == {"message": "Request entity too large", "code": 40005}


async def test_largest_request(http: Http) -> None:
    third = LARGEST_BODY // 3
    fits = {f"files[{n}]": (f"{n}.bin", b"\0" * (third - 1_000)) for n in range(3)}
    assert (await http.post("/echo", files=fits)).status == 200
    over = {f"files[{n}]": (f"{n}.bin", b"\0" * (third + 1_000)) for n in range(3)}
    answer = await http.post("/echo", files=over)
    assert (answer.status, answer.json["code"]) == (413, 40005)


async def test_a_body_of_unknown_length_is_bounded_too(http: Http) -> None:
    async def endless() -> Any:
        for _ in range(LARGEST_BODY // (1 << 20) + 3):
            yield b" " * (1 << 20)

    headers = {"Content-Type": "application/json", "Authorization": f"Bot {http.token}"}
    try:
        async with http.session.post(f"{http.base}/api/v10/echo", data=endless(), headers=headers) as response:
            assert response.status == 413
            assert (await response.json())["code"] == 40005
    except aiohttp.ClientConnectionError:
        pass  # the server hung up on the rest of it


@pytest.mark.parametrize(("length", "status"), [(512, 200), (513, 400)])
async def test_reason_is_decoded_and_bounded(http: Http, length: int, status: int) -> None:
    answer = await http.post("/echo", reason="%C3%BC" * length)
    assert answer.status == status
    if status == 200:
        assert answer.json["reason"] == "ü" * length


async def test_a_get_has_no_body_and_a_query(http: Http) -> None:
    answer = await http.get("/echo", params={"limit": "5", "q": "ü &"}, json={"a": 1})
    assert answer.json["body"] is None
    assert answer.json["query"] == {"limit": "5", "q": "ü &"}
