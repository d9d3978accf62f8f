"""A backend within limits: the line, time-outs, second tries, trouble and recovery."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.backends.base import Backend, Chunk, Completion, Egress, Event, Health, Notice, Prompt, State
from bot.backends.limits import Limited
from bot.catalog import Openness
from bot.errors import ModelError, Trouble
from tests.backends.contract import BackendContract, Subject, completion_of, failure_of, prompt_of, text_of
from tests.backends.limits.planned import LONG, Pauses, Planned, ask, card, limited, notices, subject_of
from tests.backends.servers import until
from tests.support.polls import SetClock

ANYWHERE = Egress()


class TestLimitedKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self, clock: SetClock) -> Subject:
        planned = Planned(card())
        closed = limited(Planned(card(openness=Openness.CLOSED)), clock)
        far = limited(Planned(card(address="http://models.example/v1")), clock)
        backend = limited(planned, clock, retries=0)
        forbidden = [(closed, Egress(open_only=True)), (far, Egress(stays_here=True))]
        return subject_of(backend, planned, forbidden=forbidden)


async def begin(backend: Backend) -> tuple[AsyncGenerator[Event], Event]:
    stream = backend.complete(prompt_of(), ANYWHERE)
    return stream, await anext(stream)


async def fails(backend: Backend, **rest: Any) -> ModelError:
    return (await failure_of(backend, prompt_of(**rest)))[1]


# the line


async def test_so_many_at_once_and_the_others_hear_where_they_stand(clock: SetClock) -> None:
    planned = Planned(card(model=f"say {LONG}|wait 60"))
    backend = limited(planned, clock, places=2)
    first, second = [(await begin(backend))[0] for _ in range(2)]
    (third, said), (fourth, behind) = await begin(backend), await begin(backend)
    assert said == Notice("Planned is busy; you are next.")
    assert behind == Notice("Planned is busy; 1 question is before yours.")
    assert backend.health().details == {"answering": "2", "waiting": "2"}
    assert planned.running == 2
    await second.aclose()
    assert isinstance(await anext(third), Chunk)
    assert await anext(fourth) == Notice("Planned is busy; you are next.")
    for stream in (first, third):
        await stream.aclose()
    assert isinstance(await anext(fourth), Chunk)
    await fourth.aclose()
    assert backend.health().details == {}


async def test_the_line_is_fair_and_nobody_overtakes(clock: SetClock) -> None:
    backend = limited(Planned(card(model="say Yes.|wait 0.001")), clock, places=3)
    order: list[int] = []

    async def one(number: int) -> None:
        async with aclosing(backend.complete(prompt_of(), ANYWHERE)) as events:
            async for event in events:
                if isinstance(event, Chunk):
                    order.append(number)  # noqa: PERF401  (in the order of all of them)

    await asyncio.gather(*(one(number) for number in range(30)))
    assert order == list(range(30))


async def test_who_gives_up_in_the_line_lets_the_others_move_on(clock: SetClock) -> None:
    backend = limited(Planned(card(model=f"say {LONG}|wait 60")), clock, places=1)
    first, _ = await begin(backend)
    second, _ = await begin(backend)
    third, said = await begin(backend)
    assert said == Notice("Planned is busy; 1 question is before yours.")
    await second.aclose()
    assert await anext(third) == Notice("Planned is busy; you are next.")
    waiting = asyncio.ensure_future(anext(third))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await third.aclose()
    await first.aclose()
    stream, event = await begin(backend)
    assert isinstance(event, Chunk)
    await stream.aclose()


async def test_a_line_has_an_end(clock: SetClock) -> None:
    backend = limited(Planned(card(model=f"say {LONG}|wait 60")), clock, places=1, longest_line=1)
    first, _ = await begin(backend)
    second, _ = await begin(backend)
    error = await fails(backend)
    assert (error.trouble, error.model) == (Trouble.BUSY, "planned")
    assert str(error).startswith("Too many questions wait for Planned already (1).")
    await second.aclose()
    await first.aclose()


async def test_nobody_waits_in_line_for_ever(clock: SetClock) -> None:
    backend = limited(Planned(card(model=f"say {LONG}|wait 60")), clock, places=1, line_seconds=0.05)
    first, _ = await begin(backend)
    error = await fails(backend)
    assert error.trouble is Trouble.BUSY
    assert "still busy" in str(error)
    await first.aclose()
    assert backend.health().usable


# time-outs


async def test_a_first_word_that_does_not_come_is_not_waited_for_for_ever(clock: SetClock) -> None:
    planned = Planned(card(model="wait 60"))
    error = await fails(limited(planned, clock, first_seconds=0.05, retries=0))
    assert error.trouble is Trouble.SILENT
    assert "no answer within" in str(error)
    assert planned.running == 0


async def test_news_of_loading_prolongs_the_wait_and_its_repetition_does_not(clock: SetClock) -> None:
    loading = "|".join(f"notice Loading ({part} %)|wait 0.4" for part in range(6))
    events = await ask(limited(Planned(card(model=f"{loading}|say Here.")), clock, first_seconds=2, retries=0))
    assert text_of(events) == "Here."
    assert len(notices(events)) == 6
    same = "|".join(["notice Loading|wait 0.02"] * 1000)
    error = await fails(limited(Planned(card(model=same)), clock, first_seconds=0.2, retries=0))
    assert error.trouble is Trouble.SILENT


async def test_silence_in_the_middle_ends_an_answer(clock: SetClock) -> None:
    planned = Planned(card(model="say One.|wait 60|say Two."))
    events, error = await failure_of(limited(planned, clock, silence_seconds=0.05), prompt_of())
    assert text_of(events) == "One."
    assert error.trouble is Trouble.SILENT
    assert "in the middle" in str(error)
    assert (planned.running, len(planned.prompts)) == (0, 1)


async def test_an_answer_that_takes_too_long_in_all_is_stopped(clock: SetClock) -> None:
    dripping = "|".join(["say drop|wait 0.02"] * 1000)
    events, error = await failure_of(
        limited(Planned(card(model=dripping)), clock, total_seconds=0.3), prompt_of(max_tokens=10**6)
    )
    assert 1 <= text_of(events).count("drop") < 1000
    assert error.trouble is Trouble.SILENT
    assert "took longer than" in str(error)


async def test_whoever_reads_slowly_is_not_taken_for_a_silent_model(clock: SetClock) -> None:
    planned = Planned(card(model="say One.|say Two."))
    seen: list[Event] = []
    async with aclosing(limited(planned, clock, silence_seconds=0.05).complete(prompt_of(), ANYWHERE)) as events:
        async for event in events:
            seen.append(event)
            await asyncio.sleep(0.15)
    assert text_of(seen) == "One.Two."


async def test_it_may_be_asked_from_one_task_and_closed_from_another(clock: SetClock) -> None:
    planned = Planned(card(model=f"say {LONG}|wait 60"))
    stream = limited(planned, clock).complete(prompt_of(), ANYWHERE)
    await asyncio.create_task(anext(stream))  # pyright: ignore[reportArgumentType]
    await asyncio.create_task(stream.aclose())
    assert planned.running == 0


async def test_cancelling_from_outside_is_no_time_out(clock: SetClock) -> None:
    planned = Planned(card(model="wait 60"))
    task = asyncio.create_task(ask(limited(planned, clock)))
    await until(lambda: planned.running)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert planned.running == 0


async def test_a_time_out_of_the_callers_passes_through(clock: SetClock) -> None:
    planned = Planned(card(model="wait 60"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await ask(limited(planned, clock))
    assert planned.running == 0


# second tries


PASSING = {Trouble.BUSY, Trouble.OVERLOADED, Trouble.UNREACHABLE, Trouble.SILENT, Trouble.WORKER_DIED}


@pytest.mark.parametrize("trouble", sorted(PASSING))
async def test_what_passes_is_tried_again(clock: SetClock, trouble: Trouble) -> None:
    planned, pauses = Planned(card(), *[f"notice Hm|fail {trouble.value}"] * 2), Pauses()
    events = await ask(limited(planned, clock, pauses))
    assert completion_of(events).text == "What is open?"
    assert len([text for text in notices(events) if "trying again" in text]) == 2
    assert len(planned.prompts) == 3
    assert 0.25 <= pauses.taken[0] <= 0.75
    assert 0.5 <= pauses.taken[1] <= 1.5


async def test_after_two_more_tries_it_is_told(clock: SetClock) -> None:
    planned = Planned(card(model="fail busy"))
    error = await fails(limited(planned, clock))
    assert (error.trouble, len(planned.prompts)) == (Trouble.BUSY, 3)


@pytest.mark.parametrize(
    "trouble", sorted(set(Trouble) - {"busy", "overloaded", "unreachable", "silent", "worker died"})
)
async def test_what_does_not_pass_is_told_at_once(clock: SetClock, trouble: Trouble) -> None:
    planned, pauses = Planned(card(model=f"fail {trouble.value}")), Pauses()
    error = await fails(limited(planned, clock, pauses))
    assert (error.trouble, len(planned.prompts), pauses.taken) == (trouble, 1, [])


async def test_what_was_shown_is_not_begun_again(clock: SetClock) -> None:
    planned = Planned(card(model="say One.|fail overloaded"))
    events, error = await failure_of(limited(planned, clock), prompt_of())
    assert (text_of(events), error.trouble, len(planned.prompts)) == ("One.", Trouble.OVERLOADED, 1)


class Asking(Planned):
    """Fails as busy, and asks for a pause."""

    def __init__(self, seconds: float, times: int) -> None:
        super().__init__(card())
        self.seconds, self.times = seconds, times

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        if self.times:
            self.times -= 1
            raise ModelError(Trouble.BUSY, "Busy. Wait.", retry_after=self.seconds)
        async with aclosing(super().complete(prompt, egress)) as events:
            async for event in events:
                yield event


async def test_the_pause_that_the_other_side_asks_for_is_kept_up_to_a_bound(clock: SetClock) -> None:
    pauses = Pauses()
    events = await ask(limited(Asking(4, 1), clock, pauses))
    assert completion_of(events).text
    assert 4 <= pauses.taken[0] <= 4.5
    assert notices(events) == ["Planned is busy; trying again in 4 s."]
    error = await fails(limited(Asking(60, 1), clock, pauses))
    assert (error.retry_after, len(pauses.taken)) == (60, 1)


async def test_no_pause_goes_beyond_the_time_in_all(clock: SetClock) -> None:
    pauses = Pauses()
    await fails(limited(Asking(4, 9), clock, pauses, total_seconds=3))
    assert pauses.taken == []


# trouble and recovery


async def test_trouble_is_told_at_once_and_tried_again_later(clock: SetClock) -> None:
    planned = Planned(card(), *["fail unreachable"] * 5)
    backend = limited(planned, clock, retries=0, cool_seconds=120)
    for _ in range(4):
        await fails(backend)
        assert backend.health() == Health(State.READY)
    assert backend.trial_at() is None
    await fails(backend)
    health = backend.health()
    assert (health.state, health.usable) == (State.TROUBLED, False)
    assert health.text == "in trouble since 12:00 UTC: it cannot be reached; it is tried again at 12:02 UTC"
    assert (backend.may_be_asked(), backend.trial_at()) == (False, clock.now + timedelta(seconds=120))
    error = await fails(backend)
    assert error.trouble is Trouble.UNREACHABLE
    assert str(error) == f"Planned is {health.text}. Meanwhile choose another model."
    assert len(planned.prompts) == 5
    clock.now += timedelta(seconds=120)
    assert backend.health().usable
    assert backend.may_be_asked()
    assert "the next question tries it again" in backend.health().text
    assert completion_of(await ask(backend)).text
    assert backend.health() == Health(State.READY)


async def test_one_question_tries_it_and_the_others_are_told(clock: SetClock) -> None:
    planned = Planned(card(), "fail key", f"say {LONG}|wait 60", "fail key", "wait 60")
    backend = limited(planned, clock, longest_cool=600)
    await fails(backend)
    clock.now += timedelta(seconds=600)
    trial = backend.complete(prompt_of(), ANYWHERE)
    begun = asyncio.ensure_future(anext(trial))
    await until(lambda: planned.running)
    # its first word says that all is well again
    assert isinstance(await begun, Chunk)
    assert backend.health().details == {"answering": "1"}
    await trial.aclose()
    await fails(backend)
    clock.now += timedelta(seconds=600)
    task = asyncio.create_task(ask(backend))
    await until(lambda: planned.running)
    assert "is being tried again now" in str(await fails(backend))
    assert backend.health().state is State.TROUBLED
    # a trial that is broken off leaves it to the next one
    task.cancel()
    await asyncio.wait([task])
    assert completion_of(await ask(backend)).text


async def test_who_stands_in_line_is_told_when_it_gets_into_trouble(clock: SetClock) -> None:
    planned = Planned(card(), "wait 0.05|fail key", "say never")
    backend = limited(planned, clock, places=1)
    errors = await asyncio.gather(*(fails(backend) for _ in range(3)))
    assert [error.trouble for error in errors] == [Trouble.KEY] * 3
    assert len(planned.prompts) == 1


async def test_second_tries_end_when_the_breaker_opens(clock: SetClock) -> None:
    planned = Planned(card(model="fail overloaded"))
    backend = limited(planned, clock, row=2)
    error = await fails(backend)
    assert (error.trouble, len(planned.prompts)) == (Trouble.OVERLOADED, 2)


async def test_a_probe_that_is_answered_lets_the_next_question_try(clock: SetClock) -> None:
    planned = Planned(card(), "fail credit")
    backend = limited(planned, clock)
    await fails(backend)
    planned.own_health = Health(State.TROUBLED, "still no credit")
    assert (await backend.probe()).state is State.TROUBLED
    assert not backend.may_be_asked()
    planned.own_health = None
    assert (await backend.probe()).usable
    assert completion_of(await ask(backend)).text


async def test_a_probe_that_is_not_answered_when_its_time_has_come_prolongs_the_wait(clock: SetClock) -> None:
    planned = Planned(card(), "fail unreachable")
    backend = limited(planned, clock, retries=0, row=1, cool_seconds=60)
    await fails(backend)
    planned.own_health = Health(State.TROUBLED, "not there")
    clock.now += timedelta(seconds=60)
    assert "12:03 UTC" in (await backend.probe()).text


class Stubborn(Planned):
    """Its probe fails, or hangs."""

    error: ModelError | None = None

    async def probe(self) -> Health:
        if self.error:
            raise self.error
        await asyncio.sleep(60)
        raise AssertionError("nobody waited for it")


async def test_a_probe_that_hangs_or_fails_is_trouble(clock: SetClock) -> None:
    planned = Stubborn(card())
    backend = limited(planned, clock, probe_seconds=0.05)
    assert await backend.probe() == Health(State.TROUBLED, "it did not answer within 0.05 s")
    planned.error = ModelError(Trouble.KEY, "No. Do something.")
    assert await backend.probe() == Health(State.TROUBLED, "its key is not accepted")


async def test_what_the_backend_says_of_itself_counts_too(clock: SetClock) -> None:
    planned = Planned(card(), "fail key")
    backend = limited(planned, clock, missing_seconds=0)
    planned.own_health = Health(State.TROUBLED, "Planned is tired.", {"detail": "very"})
    assert backend.health() == planned.own_health
    await fails(backend)
    clock.now += timedelta(seconds=600)
    # asked elsewhere it may be what it was before; somebody has to try
    assert backend.health().usable
    planned.own_health = Health(State.MISSING, "set TIRED_API_KEY")
    assert backend.health() == planned.own_health
    assert not backend.may_be_asked()


async def test_what_is_missing_is_not_looked_for_each_time(clock: SetClock) -> None:
    planned = Planned(card())
    backend = limited(planned, clock)
    planned.own_health = Health(State.MISSING, "weights are not here")
    assert not backend.may_be_asked()
    planned.own_health = None
    assert backend.health().state is State.MISSING
    rested = limited(planned, clock, missing_seconds=0)
    planned.own_health = Health(State.MISSING, "weights are not here")
    assert not rested.may_be_asked()
    planned.own_health = None
    assert rested.health().usable


async def test_a_worker_that_says_it_is_in_trouble_stays_so(clock: SetClock) -> None:
    planned = Planned(card(backend="local", address=""), "fail weights")
    backend = limited(planned, clock, row=1, cool_seconds=60)
    await fails(backend)
    planned.own_health = Health(State.TROUBLED, "died three times")
    clock.now += timedelta(seconds=60)
    assert backend.health().text == "died three times"


class Wild(Planned):
    """Ends without an end, or after it."""

    def __init__(self, *events: Event) -> None:
        super().__init__(card())
        self.events = events

    async def complete(self, _prompt: Prompt, _egress: Egress) -> AsyncGenerator[Event]:
        for event in self.events:
            yield event


async def test_an_answer_without_an_end_is_one_that_broke_off(clock: SetClock) -> None:
    events, error = await failure_of(limited(Wild(Chunk("One.")), clock), prompt_of())
    assert (text_of(events), error.trouble) == ("One.", Trouble.CUT_OFF)


async def test_nothing_comes_after_the_end(clock: SetClock) -> None:
    events = await ask(limited(Planned(card()), clock))
    end = events[-1]
    assert isinstance(end, Completion)
    again = await ask(limited(Wild(Chunk("One."), end, Chunk("Two.")), clock))
    assert again == [Chunk("One."), end]


async def test_it_closes_what_it_wraps(clock: SetClock) -> None:
    closed: list[bool] = []

    class Closing(Planned):
        async def close(self) -> None:
            closed.append(True)

    backend: Limited = limited(Closing(card()), clock)
    await backend.close()
    assert closed == [True]
    assert Limited(Planned(card()), clock).capabilities == Planned(card()).capabilities


async def test_what_the_operator_needs_to_know_is_in_the_details_and_in_the_log(clock: SetClock) -> None:
    class Refusing(Planned):
        async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
            if not self.prompts:
                self.prompts.append(prompt)
                raise ModelError(Trouble.KEY, "The key is wrong. Tell someone.", detail="HTTP 401 invalid_api_key")
            async for event in super().complete(prompt, egress):
                yield event

    backend = limited(Refusing(card()), clock)
    with capture_logs() as lines:
        await fails(backend)
        assert backend.health().details == {"trouble": "HTTP 401 invalid_api_key"}
        clock.now += timedelta(seconds=600)
        await ask(backend)
    assert [line["event"] for line in lines] == ["a model is in trouble", "a model is out of trouble"]
    assert (lines[0]["model"], lines[0]["detail"]) == ("planned", "HTTP 401 invalid_api_key")
