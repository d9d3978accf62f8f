"""Workers that die, freeze, babble or never get ready: who waits is served by the next one or told, never forgotten."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from bot.backends.base import State
from bot.backends.local import Patience
from bot.errors import Trouble
from tests.backends.local.lab import until

if TYPE_CHECKING:
    from tests.backends.local.lab import Lab

HASTY = {"ping_every": 0.05, "ping_idle": 0.1, "pong": 0.5, "stop": 5.0, "load_again": 0.0}


async def test_who_saw_a_part_is_told_and_who_saw_nothing_is_served_again(lab: Lab) -> None:
    model = lab.model()
    seen = lab.ask(model, "late-for-ever", max_tokens=100_000)
    await until(lambda: seen.text)
    unseen = lab.ask(model, "freeze-once")
    await until((lab.weights() / "done-once").exists)
    lab.kill()
    await seen.ended()
    assert seen.error is not None
    assert (seen.error.trouble, seen.error.model) == (Trouble.WORKER_DIED, "tiny")
    assert "SIGKILL" in seen.error.detail
    assert "Try again" in str(seen.error)
    assert (await unseen.ended()).text == "0 1 2 "
    assert "Tiny stopped and is being started again" in unseen.notices or unseen.notices[-1].startswith("Loading")
    assert len(lab.heard("load")) == 2


@pytest.mark.parametrize("death", ["die", "kill", "babble", "nonsense"])
async def test_a_request_that_kills_two_workers_is_given_up(lab: Lab, death: str) -> None:
    model = lab.model()
    answer = await lab.ask(model, death).ended()
    assert answer.error is not None
    assert answer.error.trouble is Trouble.WORKER_DIED
    expected = {"die": "exit status 3", "kill": "SIGKILL", "babble": "bytes", "nonsense": "no worker sends"}
    assert expected[death] in answer.error.detail
    assert len(lab.heard("load")) == 2
    assert (await lab.ask(model, "count").ended()).text == "0 1 2 "


async def test_a_worker_killed_while_it_loads_is_started_again(lab: Lab) -> None:
    model = lab.model(hold=True)
    answer = lab.ask(model, "count")
    await until(lambda: "Loading Tiny (50 %)" in answer.notices)
    lab.kill()
    lab.go()
    assert (await answer.ended()).text == "0 1 2 "
    assert len(lab.heard("load")) == 2


async def test_a_worker_killed_while_it_rests_is_started_by_the_next_question(lab: Lab) -> None:
    model = lab.model()
    await lab.ask(model, "count").ended()
    lab.kill()
    await until(lambda: not lab.pool.pids, "its death went unnoticed")
    assert (await lab.ask(model, "count").ended()).text == "0 1 2 "


async def test_a_frozen_worker_is_noticed_killed_and_followed(lab: Lab) -> None:
    lab.pool = lab.new_pool(patience=Patience(**HASTY))
    model = lab.model()
    answer = await lab.ask(model, "freeze-once").ended()
    assert answer.text == "0 1 2 "
    assert len({frame["pid"] for frame in lab.heard("load")}) == 2


async def test_a_resting_worker_that_freezes_is_noticed_too(lab: Lab) -> None:
    lab.pool = lab.new_pool(patience=Patience(**HASTY))
    await lab.ask(lab.model(), "count").ended()
    pid = lab.pid()
    lab.kill(sign=signal.SIGSTOP)
    await until(lambda: lab.pool.pids.get("tiny") != pid, "a frozen worker was left alone")


async def test_a_model_that_stands_still_is_ended_though_its_worker_answers(lab: Lab) -> None:
    model = lab.model()
    answer = await lab.ask(model, "stand-still").ended()
    assert answer.error is not None
    assert "stood still for 1000 s" in answer.error.detail


async def test_a_worker_that_stops_loading_is_ended(lab: Lab) -> None:
    lab.pool = lab.new_pool(patience=Patience(**HASTY, load_silence=0.3, deaths=2, cool_down=60))
    answer = await lab.ask(lab.model(silent=True), "count").ended()
    assert answer.error is not None
    assert "it stopped loading" in answer.error.detail


async def test_after_three_deaths_it_is_left_alone_for_a_while(lab: Lab) -> None:
    model = lab.model(dies=True)
    answer = await lab.ask(model, "count").ended()
    assert answer.error is not None
    assert (answer.error.trouble, answer.error.retry_after) == (Trouble.WORKER_DIED, 600)
    assert str(answer.error).endswith("Try again in 10 min, or choose another model.")
    # what it wrote may hold what a member wrote, so that only the error's name is passed on
    assert answer.error.detail == "exit status 1 (RuntimeError)"
    assert len(lab.heard("load")) == 3
    health = model.health()
    assert (health.state, health.usable) == (State.TROUBLED, False)
    assert health.text.startswith("exit status 1 (RuntimeError); tried again in")
    again = await lab.ask(model, "count").ended()
    assert again.error is not None
    assert again.error is not answer.error
    assert len(lab.heard("load")) == 3


async def test_after_its_rest_it_is_tried_again(lab: Lab) -> None:
    lab.pool = lab.new_pool(patience=Patience(deaths=1, cool_down=0.2, ping_every=0.05))
    model = lab.model(dies=True)
    assert (await lab.ask(model, "count").ended()).error is not None
    (lab.weights() / "load.json").write_text("{}")
    await until(lambda: model.health().state is State.ASLEEP)
    assert (await lab.ask(model, "count").ended()).text == "0 1 2 "


@pytest.mark.parametrize("trouble", [Trouble.NO_DISK, Trouble.NO_MEMORY, Trouble.WEIGHTS])
async def test_what_cannot_be_loaded_is_told_to_all_and_not_tried_in_vain(lab: Lab, trouble: Trouble) -> None:
    lab.pool = lab.new_pool(patience=Patience(load_again=600.0))
    model = lab.model(error=trouble.value)
    answers = [lab.ask(model, "count") for _ in range(3)]
    for answer in answers:
        await answer.ended()
        assert answer.error is not None
        assert (answer.error.trouble, answer.error.detail) == (trouble, "the reason")
        assert "Tiny" in str(answer.error)
    late = await lab.ask(model, "count").ended()
    assert late.error is not None
    assert late.error.trouble is trouble
    assert len(lab.heard("load")) == 1
    await until(lambda: not lab.pool.pids)
    state = State.MISSING if trouble is Trouble.WEIGHTS else State.TROUBLED
    assert model.health().state is state
    assert model.health().text.startswith("the reason")


async def test_a_worker_that_cannot_be_started_is_told(lab: Lab) -> None:
    lab.pool = lab.new_pool(command=(str(lab.folder / "nowhere"),))
    answer = await lab.ask(lab.model(), "count").ended()
    assert answer.error is not None
    assert answer.error.detail == "it cannot be started: FileNotFoundError"
    lab.pool = lab.new_pool(command=(sys.executable, "-c", "raise SystemExit(0)"))
    silent = await lab.ask(lab.model(), "count").ended()
    assert silent.error is not None
    assert silent.error.detail == "exit status 0"


async def test_many_deaths_under_load_lose_nobody(lab: Lab) -> None:
    lab.pool = lab.new_pool(patience=Patience(**HASTY, deaths=1000))
    model = lab.model()
    answers = []
    for number in range(3):
        answers += [lab.ask(model, "late-count 5") for _ in range(10)]
        await until(lambda needed=number: len(lab.heard("load")) > needed and lab.pool.pids)
        lab.kill()
    answers += [lab.ask(model, "late-count 5") for _ in range(10)]
    lab.go()
    for answer in answers:
        await answer.ended()
        assert answer.error is not None or answer.completion.text == "so far 0 1 2 3 4 "
        assert answer.error is None or answer.error.trouble is Trouble.WORKER_DIED
