"""Open first, the closed one when it must be: who answers, what is shown meanwhile, what it cost."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from bot.backends.base import Chunk, Completion, Declined, Egress, Event, Health, Notice, Picture, Prompt, State, Turn
from bot.backends.hybrid import HybridBackend
from bot.catalog import Openness, Price, Shape, Task, Where, receiver_of, where_of
from bot.errors import ModelError, Trouble
from tests.backends.contract import BackendContract, Subject, completion_of, failure_of, prompt_of, text_of
from tests.backends.limits.planned import LONG, Planned, ask, card, limited, notices, subject_of
from tests.support.polls import SetClock

FAR = {"address": "http://models.example/v1", "openness": Openness.CLOSED}
PRICE = Price(Decimal(1_000_000), Decimal(2_000_000), "test", date(2026, 11, 28))


def legs(*plans: str, **rest: Any) -> tuple[Planned, Planned]:
    return Planned(card("small", **rest), *plans), Planned(card("large", openness=Openness.CLOSED, model="say Me."))


def asked(events: Sequence[object]) -> list[str]:
    return [event.asks for event in events if isinstance(event, Notice) and event.asks]


class TestOpenFirstKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self) -> Subject:
        small, large = Planned(card("small")), Planned(card("large", openness=Openness.CLOSED))
        return subject_of(HybridBackend(small, large), small, large)


class TestOneLegAloneKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self) -> Subject:
        small = Planned(card("small"))
        return subject_of(HybridBackend(small, None), small)


class TestTheClosedLegKeepsTheContract(BackendContract):
    """Whatever is asked is about code, so the other one is not even tried."""

    @pytest.fixture
    async def subject(self) -> Subject:
        small = Planned(card("small", tasks=frozenset({Task.TRANSLATE})))
        large = Planned(card("large", openness=Openness.CLOSED))
        return subject_of(HybridBackend(small, large), large)


class TestHybridOfLimitedKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self, clock: SetClock) -> Subject:
        small, large = Planned(card("small")), Planned(card("large", openness=Openness.CLOSED))
        both = HybridBackend(limited(small, clock, retries=0), limited(large, clock, retries=0))
        return subject_of(both, small, large)


async def test_the_open_one_answers_when_it_can() -> None:
    small, large = legs(f"say {LONG}|say More.")
    events = await ask(HybridBackend(small, large))
    completion = completion_of(events)
    assert (completion.model, completion.declined) == ("small", ())
    assert completion.note == "Small was asked first, and answered."
    assert completion.text == text_of(events)
    assert large.prompts == []


@pytest.mark.parametrize("script", ["say I don't\\s|say know.", "say I'm sorry,\\s|say but I can't help|say \\syou."])
async def test_the_closed_one_answers_when_the_open_one_declines(script: str) -> None:
    small, large = legs(script)
    events = await ask(HybridBackend(small, large))
    completion = completion_of(events)
    assert text_of(events) == completion.text == "Me."
    reason = "said that it does not know" if "know" in script else "declined"
    assert (completion.model, completion.declined) == ("large", (Declined("small", reason),))
    assert completion.note == f"Small {reason}, so Large answered."
    assert notices(events) == ["Asking Small.", f"Small {reason}; asking Large."]
    assert asked(events) == ["small", "large"]
    assert small.running == 0


async def test_who_declines_at_length_is_interrupted() -> None:
    small, large = legs("say I cannot help you with that, as it is dangerous.|wait 60|say And so on.")
    completion = completion_of(await ask(HybridBackend(small, large)))
    assert completion.model == "large"
    assert small.running == 0


async def test_what_is_plainly_an_answer_is_not_held_back() -> None:
    small, large = legs("say Paris\\s|wait 60|say is it.")
    async with aclosing(HybridBackend(small, large).complete(prompt_of(), Egress())) as events:
        assert await anext(events) == Notice("Asking Small.", "small")
        assert await anext(events) == Chunk("Paris ")


async def test_what_may_be_a_refusal_is_held_back_and_comes_as_one() -> None:
    small, large = legs("say I\\s|say think\\s|say that it is Paris.\\s|say Or Rome.")
    events = await ask(HybridBackend(small, large))
    assert [event.text for event in events if isinstance(event, Chunk)] == ["I think that it is Paris. ", "Or Rome."]
    assert completion_of(events).model == "small"


async def test_a_short_answer_comes_when_it_has_ended() -> None:
    small, large = legs("say I do.")
    events = await ask(HybridBackend(small, large))
    assert events[1] == Chunk("I do.")
    assert completion_of(events).model == "small"


async def test_what_is_too_much_for_the_open_one_goes_to_the_other_at_once() -> None:
    small, large = legs(parameters=135_000_000)
    events = await ask(HybridBackend(small, large), task=Task.CODE)
    completion = completion_of(events)
    assert (small.prompts, asked(events)) == ([], ["large"])
    assert completion.declined == (Declined("small", "is small, and this is about code"),)
    assert completion.note == "Small is small, and this is about code, so Large answered."
    assert (completion.prompt_tokens, completion.completion_tokens) == (3, 1)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble.UNREACHABLE, "could not be reached"),
        (Trouble.WORKER_DIED, "stopped working"),
        (Trouble.EMPTY, "said nothing"),
        (Trouble.MALFORMED, "failed"),
    ],
)
async def test_the_closed_one_answers_when_the_open_one_fails(trouble: Trouble, reason: str) -> None:
    small, large = legs(f"notice Loading|say I think|fail {trouble.value}")
    events = await ask(HybridBackend(small, large))
    assert notices(events)[1:] == ["Loading", f"Small {reason}; asking Large."]
    assert text_of(events) == "Me."
    assert completion_of(events).declined == (Declined("small", reason),)


async def test_what_has_begun_is_not_begun_again_by_the_other() -> None:
    small, large = legs(f"say {LONG}|fail cut off")
    events, error = await failure_of(HybridBackend(small, large), prompt_of())
    assert (text_of(events).startswith("It has begun"), error.trouble) == (True, Trouble.CUT_OFF)
    assert large.prompts == []


async def test_when_both_fail_both_are_told() -> None:
    small, large = legs("fail unreachable")
    large.plans = ["fail credit"]
    events, error = await failure_of(HybridBackend(small, large), prompt_of())
    assert (text_of(events), error.trouble) == ("", Trouble.CREDIT)
    assert str(error).startswith("Small could not be reached. The account")
    large.plans, small.plans = [f"say {LONG}|fail cut off"], ["fail busy"]
    events, error = await failure_of(HybridBackend(small, large), prompt_of())
    assert (text_of(events) != "", error.trouble) == (True, Trouble.CUT_OFF)
    assert not str(error).startswith("Small")


async def test_a_small_one_answers_after_all_when_the_other_one_fails() -> None:
    small, large = legs("say Here is |say some code.", parameters=135_000_000)
    large.plans = ["fail unreachable"]
    events = await ask(HybridBackend(small, large), task=Task.CODE)
    completion = completion_of(events)
    assert text_of(events) == completion.text
    assert notices(events)[-1] == "Large could not be reached; asking Small."
    assert asked(events) == ["large", "small"]
    assert (completion.model, completion.declined) == ("small", (Declined("large", "could not be reached"),))
    assert completion.note == (
        "Small is small, and this is about code, but Large could not be reached, so Small answered."
    )
    assert completion.first_token_seconds is not None
    # one that cannot do it at all is not asked, nor is one again that has failed already
    small, large = legs(tasks=frozenset({Task.TRANSLATE}))
    large.plans = ["fail unreachable"]
    assert (await failure_of(HybridBackend(small, large), prompt_of()))[1].trouble is Trouble.UNREACHABLE
    assert small.prompts == []
    # when it fails as well, its own trouble is told
    small, large = legs("fail no memory", parameters=135_000_000)
    large.plans = ["fail unreachable"]
    _, error = await failure_of(HybridBackend(small, large), prompt_of(task=Task.CODE))
    assert error.trouble is Trouble.NO_MEMORY


@pytest.mark.parametrize("egress", [Egress(open_only=True), Egress(stays_here=True)])
async def test_the_closed_one_stays_out_where_the_server_says_so(egress: Egress) -> None:
    small, large = Planned(card("small"), "say I don't know."), Planned(card("far", **FAR))
    events = [event async for event in HybridBackend(small, large).complete(prompt_of(), egress)]
    completion = completion_of(events)
    assert (completion.text, completion.model, large.prompts) == ("I don't know.", "small", [])
    assert completion.note == "Small was asked alone: no other model can be asked here."
    # nor is it asked when the open one fails
    small.plans = ["fail busy"]
    with pytest.raises(ModelError) as failed:
        [event async for event in HybridBackend(small, large).complete(prompt_of(), egress)]
    assert (failed.value.trouble, large.prompts) == (Trouble.BUSY, [])


@pytest.mark.parametrize("egress", [Egress(open_only=True), Egress(stays_here=True)])
async def test_where_no_leg_may_be_asked_nothing_is_sent(egress: Egress) -> None:
    far = Planned(card("far", **FAR))
    events, error = await failure_of(HybridBackend(None, far), prompt_of(), egress)
    assert (events, error.trouble, far.prompts) == ([], Trouble.EGRESS, [])
    assert "Far" in str(error)


async def test_without_an_open_one_the_closed_one_answers_and_says_so() -> None:
    _, large = legs()
    completion = completion_of(await ask(HybridBackend(None, large)))
    assert completion.note == "No open model that can do this is ready here, so Large answered."
    large = Planned(replace(large.card, images=True))
    seeing = Prompt((Turn("user", "Look", (Picture("image/png", b"x"),)),))
    events = [event async for event in HybridBackend(None, large).complete(seeing, Egress())]
    assert completion_of(events).note == "No open model that can look at pictures is ready here, so Large answered."
    with pytest.raises(ValueError, match="needs a model"):
        HybridBackend(None, None)


async def test_an_uncertain_span_is_no_answer_and_is_never_shown() -> None:
    class Finding(Planned):
        score = 0.05

        async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
            async for event in super().complete(prompt, egress):
                yield replace(event, score=self.score) if isinstance(event, Completion) else event

    bert = Finding(card("bert", shape=Shape.EXTRACTIVE, model="say in the old town of Lyon, where he lived."))
    large = legs()[1]
    events = await ask(HybridBackend(bert, large), passage="A text.")
    assert text_of(events) == "Me."
    assert completion_of(events).note == "Bert did not find the answer in the text, so Large answered."
    bert.score = 0.9
    events = await ask(HybridBackend(bert, large), passage="A text.")
    assert text_of(events) == "in the old town of Lyon, where he lived."


def ticking() -> Callable[[], float]:
    ticks = count()
    return lambda: float(next(ticks))


async def test_both_are_paid_for() -> None:
    small = Planned(card("small", price=PRICE, **{**FAR, "openness": Openness.OPEN}), "say I don't know.")
    large = Planned(card("large", price=PRICE, model="say Me.", **FAR))
    # three words asked, one piece said, twice
    completion = completion_of(await ask(HybridBackend(small, large, ticking())))
    assert (completion.prompt_tokens, completion.completion_tokens) == (6, 2)
    assert completion.cost == Decimal(2 * (3 * 1 + 1 * 2))
    assert (completion.first_token_seconds, completion.seconds) == (1, 2)


async def test_what_an_interrupted_one_took_is_estimated() -> None:
    refusal = "say I cannot help you with any of that.|wait 60"
    small = Planned(card("small", price=PRICE, **{**FAR, "openness": Openness.OPEN}), refusal)
    large = Planned(card("large", price=PRICE, model="say Me.", **FAR))
    completion = completion_of(await ask(HybridBackend(small, large)))
    read, written = 4, 9
    assert (completion.prompt_tokens, completion.completion_tokens) == (3 + read, 1 + written)
    assert completion.cost == Decimal(3 + 2 + read + 2 * written)
    # on this machine it costs nothing
    small = Planned(card("small"), refusal)
    completion = completion_of(await ask(HybridBackend(small, large)))
    assert (completion.prompt_tokens, completion.cost) == (3 + read, 5)
    # a cost that is not known stays so
    small = Planned(card("small", **{**FAR, "openness": Openness.OPEN}), refusal)
    assert completion_of(await ask(HybridBackend(small, large))).cost is None
    # one that failed is not paid for
    small.plans = ["fail busy"]
    assert completion_of(await ask(HybridBackend(small, large))).cost == 5


async def test_tokens_that_are_not_counted_stay_unknown() -> None:
    class Silent(Planned):
        async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
            async for event in super().complete(prompt, egress):
                yield replace(event, prompt_tokens=None) if isinstance(event, Completion) else event

    small, large = legs("say I don't know.")
    completion = completion_of(await ask(HybridBackend(Silent(small.card, *small.plans), large)))
    assert (completion.prompt_tokens, completion.completion_tokens) == (None, 2)


def test_the_card_tells_the_most_that_may_happen() -> None:
    small = Planned(card("small", context=2048, tasks=frozenset({Task.ANSWER})))
    large = Planned(card("large", context=100_000, price=PRICE, images=True, provider="Makers", **FAR))
    both = HybridBackend(small, large)
    assert (both.card.key, both.card.name) == ("hybrid", "Hybrid (Small, then Large)")
    assert (both.card.openness, both.where) == (Openness.CLOSED, Where.ELSEWHERE)
    assert (both.card.context, both.card.price, both.card.images) == (100_000, PRICE, True)
    assert (where_of(both.card), receiver_of(both.card)) == (Where.ELSEWHERE, "Makers")
    assert both.capabilities.tasks == frozenset(Task)
    assert both.capabilities.pictures
    alone = HybridBackend(small, None)
    assert (alone.card.openness, alone.where, receiver_of(alone.card)) == (Openness.OPEN, Where.MACHINE, "")
    assert Egress(open_only=True, stays_here=True).refuses(alone.card, alone.where) is None
    assert HybridBackend(Planned(card("small")), large).card.context is None
    far = Planned(card("far", provider="Others", address="http://others.example/v1"))
    assert receiver_of(HybridBackend(far, large).card) == "Others or Makers"


async def test_it_is_well_as_long_as_one_of_them_is() -> None:
    small, large = legs()
    both = HybridBackend(small, large)
    assert both.health() == Health(State.READY, "Small, then Large")
    small.own_health = Health(State.TROUBLED, "tired")
    assert await both.probe() == Health(State.READY, "Large only")
    assert (small.probes, large.probes) == (1, 1)
    large.own_health = Health(State.MISSING, "set LARGE_API_KEY")
    assert both.health() == small.own_health
    await both.close()


async def test_news_of_the_one_that_is_asked_first_is_passed_on() -> None:
    small, large = legs("notice Loading|say Here it is.|notice Still there|say More.")
    events = await ask(HybridBackend(small, large))
    assert [type(event) for event in events] == [Notice, Notice, Chunk, Notice, Chunk, Completion]
