"""Answers of a local model, over a real process: what is told meanwhile, what comes, how it ends."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from bot.backends.base import Chunk, Completion, Egress, Finish, Notice, Picture, Prompt, State, Turn
from bot.catalog import Openness, Shape, Task, Where
from bot.errors import ModelError, Trouble
from tests.backends.local.lab import ANYTHING_GOES, prompt, until

if TYPE_CHECKING:
    from tests.backends.local.lab import Lab


async def test_the_first_question_starts_a_worker_and_tells_how_far_it_is(lab: Lab) -> None:
    model = lab.model(steps=5, pause=0.05)
    assert model.health().state is State.ASLEEP
    assert lab.pool.pids == {}
    answer = await lab.ask(model, "count 4").ended()
    assert answer.text == "0 1 2 3 "
    assert "Starting Tiny" in answer.notices
    assert "Loading Tiny (40 %)" in answer.notices
    done = answer.completion
    assert (done.text, done.model, done.where, done.finish) == ("0 1 2 3 ", "tiny", Where.WORKER, Finish.STOP)
    assert (done.prompt_tokens, done.completion_tokens, done.dropped_tokens) == (2, 4, 3)
    assert (done.cost, done.score) == (Decimal(0), 0.25)
    assert done.first_token_seconds is not None
    assert 0 < done.first_token_seconds <= done.seconds
    health = model.health()
    assert (health.state, health.details["device"], health.details["memory"]) == (State.READY, "cpu", "100 MB")


async def test_the_next_question_finds_the_same_worker_and_is_told_nothing(lab: Lab) -> None:
    model = lab.model()
    await lab.ask(model, "count").ended()
    pid = lab.pid()
    answer = await lab.ask(model, "count").ended()
    assert answer.notices == []
    assert lab.pid() == pid


async def test_converting_is_told_as_such(lab: Lab) -> None:
    answer = await lab.ask(lab.model(what="converting", pause=0.05), "count").ended()
    assert "Preparing Tiny for its first use (50 %)" in answer.notices


async def test_many_at_once_each_get_their_own(lab: Lab) -> None:
    model = lab.model()
    answers = [lab.ask(model, f"count {number}") for number in range(1, 41)]
    for number, answer in enumerate(answers, 1):
        await answer.ended()
        assert answer.text == "".join(f"{place} " for place in range(number))
        assert answer.completion.completion_tokens == number
    assert len(lab.heard("load")) == 1


async def test_a_request_travels_with_all_that_was_asked(lab: Lab) -> None:
    model = lab.model()
    turns = (Turn("user", "a"), Turn("assistant", "b"), Turn("user", "count 1"))
    asked = Prompt(
        turns, "be brief", Task.TRANSLATE, "q", "p", "French", 7, temperature=0.5, top_p=0.9, stop=("x",), seed=3
    )
    assert [event async for event in model.complete(asked, ANYTHING_GOES)]
    frame = lab.heard("generate")[0]
    assert frame["turns"][1] == {"role": "assistant", "text": "b"}
    names = ("system", "task", "question", "passage", "language", "max_tokens", "temperature", "top_p", "stop", "seed")
    assert [frame[name] for name in names] == ["be brief", "translate", "q", "p", "French", 7, 0.5, 0.9, ["x"], 3]


async def test_a_flood_is_cut_where_the_answer_was_to_end(lab: Lab) -> None:
    model = lab.model()
    answer = await lab.ask(model, "flood", max_tokens=5).ended()
    assert answer.completion.finish is Finish.LENGTH
    assert answer.text == "x" * 80
    await until(lambda: lab.heard("cancel"), "the worker was not told to stop")
    assert (await lab.ask(model, "count").ended()).text == "0 1 2 "


async def test_a_worker_that_floods_on_is_ended(lab: Lab) -> None:
    model = lab.model()
    answer = await lab.ask(model, "flood-deaf", max_tokens=5).ended()
    assert answer.completion.finish is Finish.LENGTH
    await until(lambda: not lab.pool.pids, "it floods on")


async def test_who_reads_slowly_gets_it_in_large_pieces_and_holds_up_nobody(lab: Lab) -> None:
    model = lab.model()
    events = model.complete(prompt("count 400", max_tokens=400), ANYTHING_GOES)
    async for event in events:
        if isinstance(event, Chunk):
            break
    assert (await lab.ask(model, "count 400", max_tokens=400).ended()).completion.completion_tokens == 400
    rest = [event async for event in events]
    assert isinstance(rest[-1], Completion)
    assert rest[-1].text == "".join(f"{place} " for place in range(400))
    assert len([event for event in rest if isinstance(event, Chunk)]) <= 1


async def test_meanings_come_as_vectors_in_order(lab: Lab) -> None:
    model = lab.model(card={"shape": Shape.EMBEDDING})
    texts = ["x" * (number % 7) for number in range(150)]
    assert await model.embed(texts) == [[float(len(text)), 0.5] for text in texts]
    assert await model.embed([]) == []


async def test_an_error_of_one_request_reaches_who_asked_it_alone(lab: Lab) -> None:
    model = lab.model()
    good = lab.ask(model, "count 3")
    bad = await lab.ask(model, "fail too long").ended()
    assert bad.error is not None
    assert (bad.error.trouble, bad.error.detail, bad.error.model) == (Trouble.TOO_LONG, "the reason", "tiny")
    assert str(bad.error) == "This is too long for Tiny. Shorten it, or choose another model."
    assert (await good.ended()).text == "0 1 2 "
    odd = await lab.ask(model, "fail something new").ended()
    assert odd.error is not None
    assert odd.error.trouble is Trouble.MALFORMED
    gone = await lab.ask(model, "give-up").ended()
    assert gone.error is not None
    assert gone.error.trouble is Trouble.MALFORMED


@pytest.mark.parametrize(
    ("card", "asked", "egress", "trouble"),
    [
        ({"openness": Openness.RESTRICTED}, prompt("count"), Egress(open_only=True), Trouble.EGRESS),
        ({"shape": Shape.EMBEDDING}, prompt("count"), ANYTHING_GOES, Trouble.UNFIT),
        ({"shape": Shape.EXTRACTIVE}, prompt("count", passage=" "), ANYTHING_GOES, Trouble.UNFIT),
        ({"tasks": frozenset({Task.ANSWER})}, prompt("count", task=Task.CODE), ANYTHING_GOES, Trouble.UNFIT),
        ({}, Prompt((Turn("user", "count", (Picture("image/png", b""),)),)), ANYTHING_GOES, Trouble.UNFIT),
    ],
)
async def test_what_it_cannot_or_may_not_do_starts_no_worker(
    lab: Lab, card: dict[str, object], asked: Prompt, egress: Egress, trouble: Trouble
) -> None:
    model = lab.model(card=card)
    with pytest.raises(ModelError, match="Choose another model") as caught:
        await anext(model.complete(asked, egress))
    assert caught.value.trouble is trouble
    assert lab.pool.pids == {}


async def test_only_a_model_for_meaning_measures_it(lab: Lab) -> None:
    with pytest.raises(ModelError, match="does not measure"):
        await lab.model().embed(["a"])


async def test_what_stays_on_the_machine_may_be_asked_where_nothing_leaves(lab: Lab) -> None:
    model = lab.model()
    events = [event async for event in model.complete(prompt("count"), Egress(open_only=True, stays_here=True))]
    assert isinstance(events[-1], Completion)
    assert model.capabilities.seeds
    assert not model.capabilities.pictures
    assert model.where is Where.WORKER
    assert (await model.probe()).state is State.READY
    await model.close()


async def test_a_worker_that_nobody_asks_stops_and_comes_back(lab: Lab) -> None:
    lab.pool = lab.new_pool(idle_seconds=0.0)
    model = lab.model()
    await lab.ask(model, "count").ended()
    await until(lambda: not lab.pool.pids, "it went on resting in memory")
    assert lab.heard("stop")
    assert model.health().state is State.ASLEEP
    assert (await lab.ask(model, "count").ended()).text == "0 1 2 "
    assert len(lab.heard("load")) == 2


async def test_more_than_may_wait_are_told_at_once(lab: Lab) -> None:
    lab.pool = lab.new_pool(most_waiting=2)
    model = lab.model(hold=True)
    waiting = [lab.ask(model, "count") for _ in range(2)]
    await until(lambda: all(answer.events for answer in waiting))
    third = await lab.ask(model, "count").ended()
    assert third.error is not None
    assert third.error.trouble is Trouble.BUSY
    lab.go()
    for answer in waiting:
        assert (await answer.ended()).text == "0 1 2 "


async def test_who_comes_while_it_loads_is_told_at_once(lab: Lab) -> None:
    model = lab.model(hold=True)
    first = lab.ask(model, "count")
    await until(lambda: "Loading Tiny (50 %)" in first.notices)
    assert model.health().text == "loading (50 %)"
    events = model.complete(prompt("count"), ANYTHING_GOES)
    async with asyncio.timeout(30):
        assert await anext(events) == Notice("Loading Tiny (50 %)")
    lab.go()
    await events.aclose()
    assert (await first.ended()).text == "0 1 2 "
