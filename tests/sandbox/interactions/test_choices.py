"""Autocomplete, raw: what is asked, and what may be offered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.driver import Refused
from tests.support.raw_bot import MODAL, Clock, Raw, codes

if TYPE_CHECKING:
    from tests.support.stand_in import Answer


@pytest.mark.parametrize("kind", [4, 5, 6, 7, 9])
async def test_autocomplete_takes_choices_only(raw: Raw, kind: int) -> None:
    asked = asyncio.create_task(raw.ada.autocomplete("#general", "pick", "model", "q"))
    event = await raw.asked()
    assert codes(await raw.answer(event, kind, MODAL if kind == 9 else {"content": "x"})) == (400, 50035)
    assert (await raw.answer(event, 8, {"choices": []}, full=False)).status == 204
    assert await asked == []
    assert codes(await raw.follow(event, content="x")) == (404, 10015)


async def test_choices_up_to_25(raw: Raw) -> None:
    async def ask(option: str, data: Any) -> tuple[Answer, Any]:
        asked = asyncio.create_task(raw.ada.autocomplete("#general", "pick", option, "1"))
        event = await raw.asked()
        answer = await raw.answer(event, 8, data, full=False)
        if answer.status >= 400:
            await raw.answer(event, 8, {"choices": []}, full=False)
        return answer, await asked

    many = [{"name": f"n{n}", "value": f"v{n}"} for n in range(25)]
    answer, choices = await ask("model", {"choices": many})
    assert (answer.status, choices) == (204, many)
    wrong: list[tuple[str, Any, tuple[str, ...]]] = [
        ("model", {"choices": [*many, {"name": "x", "value": "x"}]}, ("choices",)),
        ("model", {"choices": [{"name": "x" * 101, "value": "x"}]}, ("choices", "0", "name")),
        ("model", {"choices": [{"name": "", "value": "x"}]}, ("choices", "0", "name")),
        ("model", {"choices": [{"name": "x", "value": "x" * 101}]}, ("choices", "0", "value")),
        ("model", {"choices": [{"name": "x"}]}, ("choices", "0", "value")),
        ("number", {"choices": [{"name": "x", "value": "x"}]}, ("choices", "0", "value")),
        ("number", {"choices": [{"name": "x", "value": 1.5}]}, ("choices", "0", "value")),
        ("number", {"choices": [{"name": "x", "value": 2**53 + 1}]}, ("choices", "0", "value")),
    ]
    for option, data, path in wrong:
        answer, _ = await ask(option, data)
        assert codes(answer) == (400, 50035), data
        node = answer.json["errors"]["data"]
        for step in path:
            node = node[step]
        assert node["_errors"]
    answer, choices = await ask("model", {"choices": [{"name": "x" * 100, "value": "x" * 100}]})
    assert answer.status == 204
    answer, choices = await ask("number", {"choices": [{"name": "most", "value": 2**53}]})
    assert choices[0]["value"] == 2**53


async def test_options_that_are_not_right_yet_are_left_out_of_an_autocomplete(raw: Raw) -> None:
    asked = asyncio.create_task(raw.ada.autocomplete("#general", "pick", "model", "q", number="not a number"))
    event = await raw.asked()
    assert event["data"]["options"] == [{"name": "model", "type": 3, "value": "q", "focused": True}]
    await raw.answer(event, 8, {"choices": []}, full=False)
    await asked
    asked = asyncio.create_task(raw.ada.autocomplete("#general", "pick", "number", "seven", model="x"))
    event = await raw.asked()
    assert {"name": "number", "type": 4, "value": "seven", "focused": True} in event["data"]["options"]
    assert {"name": "model", "type": 3, "value": "x"} in event["data"]["options"]
    await raw.answer(event, 8, {"choices": [{"name": "seven", "value": 7}]}, full=False)
    assert await asked == [{"name": "seven", "value": 7}]


@pytest.mark.usefixtures("three_seconds")
async def test_an_autocomplete_without_an_answer(raw: Raw, clock: Clock) -> None:
    asked = asyncio.create_task(raw.ada.autocomplete("#general", "pick", "model", "q"))
    event = await raw.asked()
    clock.ahead += timedelta(seconds=4)
    assert codes(await raw.answer(event, 8, {"choices": []})) == (404, 10062)
    with pytest.raises(Refused, match="Rostrum did not respond in time"):
        await asked
