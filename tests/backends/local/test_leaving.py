"""Who stops waiting is forgotten at once, wherever the request is, and the pool closes whatever goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.backends.base import Chunk
from bot.errors import ModelError, Trouble
from tests.backends.local.lab import ANYTHING_GOES, prompt, until

if TYPE_CHECKING:
    from tests.backends.local.lab import Lab


async def test_a_worker_is_told_that_nobody_reads_any_more(lab: Lab) -> None:
    model = lab.model()
    events = model.complete(prompt("for-ever", max_tokens=100_000), ANYTHING_GOES)
    async for event in events:
        if isinstance(event, Chunk):
            break
    async with asyncio.timeout(5):
        await events.aclose()
    await until(lambda: lab.heard("cancel"), "the worker goes on for nobody")
    assert lab.heard("cancel")[0]["id"] == lab.heard("generate")[0]["id"]
    assert (await lab.ask(model, "count").ended()).text == "0 1 2 "


async def test_one_who_leaves_while_it_loads_is_never_sent(lab: Lab) -> None:
    model = lab.model(hold=True)
    leaving, staying = lab.ask(model, "for-ever"), lab.ask(model, "count")
    await until(lambda: leaving.events and staying.events)
    await leaving.leave()
    lab.go()
    assert (await staying.ended()).text == "0 1 2 "
    assert len(lab.heard("generate")) == 1


async def test_a_model_that_everybody_left_while_it_loaded_rests_after_a_while(lab: Lab) -> None:
    lab.pool = lab.new_pool(idle_seconds=0.2)
    model = lab.model(hold=True)
    leaving = lab.ask(model, "count")
    await until(lambda: "Loading Tiny (50 %)" in leaving.notices)
    await leaving.leave()
    lab.go()
    await until(lambda: not lab.pool.pids, "it waits for nobody")
    assert lab.heard("generate") == []


async def test_one_who_leaves_while_waiting_for_memory_starts_nothing(lab: Lab) -> None:
    lab.pool = lab.new_pool(memory_mb=1000)
    busy, other = lab.model("busy"), lab.model("other")
    first = lab.ask(busy, "for-ever", max_tokens=100_000)
    await until(lambda: first.text)
    waiting = lab.ask(other, "count")
    await until(lambda: any("waits until" in notice for notice in waiting.notices))
    await waiting.leave()
    await first.leave()
    assert (await lab.ask(busy, "count").ended()).text == "0 1 2 "
    assert lab.heard("load", "other") == []


@pytest.mark.parametrize("moment", ["starting", "loading", "answering", "frozen"])
async def test_closing_the_pool_ends_everything(lab: Lab, moment: str) -> None:
    model = lab.model(hold=moment == "loading")
    answer = lab.ask(model, {"answering": "for-ever", "frozen": "late-freeze"}.get(moment, "count"), max_tokens=100_000)
    match moment:
        case "starting":
            await until(lambda: answer.events or lab.pool.pids)
        case "loading":
            await until(lambda: "Loading Tiny (50 %)" in answer.notices)
        case _:
            await until(lambda: answer.text)
    lab.go()
    await lab.close()
    assert lab.leftovers() == []
    await answer.ended()
    assert answer.error is not None
    assert (answer.error.trouble, answer.error.detail) == (Trouble.WORKER_DIED, "the bot is stopping")
    assert "Try again in a minute" in str(answer.error)
    with pytest.raises(ModelError, match="being restarted"):
        await anext(model.complete(prompt("count"), ANYTHING_GOES))


async def test_closing_twice_or_unused_does_no_harm(lab: Lab) -> None:
    await lab.close()
    await lab.close()
