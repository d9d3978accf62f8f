"""Several models in a bounded memory: those that rest make room, those that work are waited for, in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import Trouble
from tests.backends.local.lab import until

if TYPE_CHECKING:
    from tests.backends.local.lab import Lab

# two workers of a tiny model are allowed 1,000 MB each (they are guessed at 600)
ROOM_FOR_TWO = 2900
ROOM_FOR_ONE = 1000


async def test_the_longest_unused_makes_room(lab: Lab) -> None:
    lab.pool = lab.new_pool(memory_mb=ROOM_FOR_TWO)
    models = {key: lab.model(key) for key in ("one", "two", "three")}
    for key in ("one", "two", "one", "three"):
        assert (await lab.ask(models[key], "count").ended()).text == "0 1 2 "
    assert set(lab.pool.pids) == {"one", "three"}
    assert lab.heard("stop", "two")
    granted = [lab.heard("load", key)[0]["memory_mb"] for key in ("one", "three")]
    assert sum(granted) <= ROOM_FOR_TWO


async def test_one_that_works_is_waited_for_and_others_are_told(lab: Lab) -> None:
    lab.pool = lab.new_pool(memory_mb=ROOM_FOR_ONE)
    one, two = lab.model("one"), lab.model("two")
    first = lab.ask(one, "late-count")
    await until(lambda: first.text)
    second = lab.ask(two, "count")
    await until(lambda: second.notices)
    await until(lambda: "Two waits until another model is done: there is not memory for both" in second.notices)
    assert lab.heard("load", "two") == []
    lab.go("one")
    assert (await first.ended()).text == "so far 0 1 2 "
    assert (await second.ended()).text == "0 1 2 "


async def test_two_models_that_everybody_asks_take_turns(lab: Lab) -> None:
    lab.pool = lab.new_pool(memory_mb=ROOM_FOR_ONE)
    models = lab.model("one"), lab.model("two")
    answers = [lab.ask(models[number % 2], "count") for number in range(12)]
    for number, answer in enumerate(answers):
        assert (await answer.ended()).text == "0 1 2 ", number
    # nobody was starved, and a model was not loaded anew for each question
    assert len(lab.heard("load", "one")) + len(lab.heard("load", "two")) <= 6


async def test_questions_that_come_later_wait_behind_the_model_that_waits(lab: Lab) -> None:
    lab.pool = lab.new_pool(memory_mb=ROOM_FOR_ONE)
    one, two = lab.model("one"), lab.model("two")
    first = lab.ask(one, "late-count")
    await until(lambda: first.text)
    second = lab.ask(two, "late-count")
    await until(lambda: second.notices)
    third = lab.ask(one, "count")
    lab.go("one")
    await until(lambda: second.text, "the later question went first")
    assert third.text == ""
    lab.go("two")
    assert (await third.ended()).text == "0 1 2 "


async def test_a_model_that_can_never_fit_is_told_at_once(lab: Lab) -> None:
    lab.pool = lab.new_pool(memory_mb=300)
    answer = await lab.ask(lab.model(), "count").ended()
    assert answer.error is not None
    assert answer.error.trouble is Trouble.NO_MEMORY
    assert answer.error.detail == "needs about 600 MB, local_memory_mb is 300"
    assert lab.heard("load") == []


async def test_a_worker_that_takes_more_than_it_was_given_is_ended(lab: Lab) -> None:
    model = lab.model(memory_later=50_000)
    answer = await lab.ask(model, "for-ever", max_tokens=100_000).ended()
    assert answer.error is not None
    assert answer.error.trouble is Trouble.NO_MEMORY
    assert answer.error.detail.startswith("it took 50000 MB of")
    await until(lambda: not lab.pool.pids)
