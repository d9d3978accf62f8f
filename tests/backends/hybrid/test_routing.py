"""Who comes first, what is too much for whom, and what is told when there is nobody."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bot.backends import routing
from bot.backends.base import Capabilities, Completion, Finish, Health, Picture, Prompt, State, Turn
from bot.backends.routing import Standing
from bot.catalog import ModelCard, Openness, Price, Shape, Task, Where
from bot.errors import Trouble
from tests.backends.limits.planned import card

READY, ASLEEP = Health(State.READY), Health(State.ASLEEP, "asleep: starts with the first question")
ALL = Capabilities(frozenset(Task), pictures=True)


def standing(key: str, health: Health = READY, **rest: Any) -> Standing:
    parts = {name: rest.pop(name) for name in ("is_default", "fits") if name in rest}
    return Standing(card(key, **rest), Where.MACHINE, health, **parts)


def order(*standings: Standing, task: Task = Task.ANSWER) -> list[str]:
    return [one.card.key for one in sorted(standings, key=lambda one: routing.rank(one, task))]


def price(read: str, written: str) -> Price:
    return Price(Decimal(read), Decimal(written), "test", date(2026, 11, 28))


def small(parameters: int | None = 135_000_000, **rest: Any) -> ModelCard:
    return card("small", parameters=parameters, **rest)


def prompt(text: str = "What is open?", turns: int = 1, **rest: Any) -> Prompt:
    return Prompt((Turn("user", text),) * turns, question=text, **rest)


def test_the_operators_default_comes_first_then_who_is_well() -> None:
    troubled = Health(State.TROUBLED, "in trouble")
    assert order(
        standing("huge-but-ill", troubled, parameters=9),
        standing("large", parameters=8),
        standing("default", troubled, parameters=1, is_default=True),
        standing("recovering", Health(State.READY, "was in trouble"), parameters=9),
        standing("asleep", ASLEEP, parameters=7),
        standing("too-large", parameters=99, fits=False),
        standing("unknown"),
    ) == ["default", "large", "asleep", "unknown", "too-large", "recovering", "huge-but-ill"]


def test_of_closed_ones_the_cheapest_comes_first() -> None:
    closed = {"openness": Openness.CLOSED}
    assert order(
        standing("unknown", parameters=5, **closed),
        standing("dear", price=price("1", "20"), **closed),
        standing("cheap", price=price("3", "4"), **closed),
    ) == ["cheap", "dear", "unknown"]


def test_those_made_for_one_task_come_first_only_there() -> None:
    ones = (
        standing("bert", shape=Shape.EXTRACTIVE, parameters=3),
        standing("t5", shape=Shape.SEQ2SEQ, parameters=2),
        standing("smol", parameters=1),
    )
    assert order(*ones) == ["smol", "t5", "bert"]
    assert order(*ones, task=Task.TRANSLATE) == ["t5", "smol", "bert"]


@pytest.mark.parametrize(
    ("takes", "task", "pictures", "why"),
    [
        (Capabilities(frozenset()), Task.ANSWER, False, "measures what texts mean and does not answer"),
        (Capabilities(frozenset({Task.ANSWER})), Task.TRANSLATE, False, "does not translate"),
        (Capabilities(frozenset({Task.ANSWER})), Task.CODE, False, "does not write code"),
        (Capabilities(frozenset({Task.ANSWER})), Task.ANSWER, True, "cannot look at pictures"),
        (ALL, Task.ANSWER, True, None),
    ],
)
def test_what_a_model_cannot_do(takes: Capabilities, task: Task, pictures: bool, why: str | None) -> None:
    assert routing.unfit(takes, task, pictures=pictures) == why


CODES = (
    "#include <stdio.h>",
    "Traceback (most recent call last):",
    "import os\nos.remove",
    "from pathlib import Path",
    "class Dog(Animal):",
    "const a = 1",
    "public static void main(String[] args) {",
    "SELECT name FROM people",
    "java.lang.NullPointerException",
    "fn main() {}",
)
PROSE = (
    "From my point of view: is it open?",
    "import duties: who pays them?",
    "let me ask: what is open?",
    "class struggle (what is it?)",
    "class war: why?",
    "Public opinion (in general)",
    "select one from these",
    "What is an error?",
)


@pytest.mark.parametrize(("texts", "is_code"), [(CODES, True), (PROSE, False)])
def test_code_is_told_from_prose(texts: tuple[str, ...], is_code: bool) -> None:
    for text in texts:
        why = routing.too_much(small(), ALL, prompt(f"Why?\n{text}"))
        assert (why == "is small, and this is about code") is is_code, text


CODE = "def add(a, b):\n    return a + b\nWhy does it fail?"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (prompt(), None),
        (prompt("What does the class struggle import?"), None),
        (prompt(task=Task.CODE), "is small, and this is about code"),
        (prompt(CODE), "is small, and this is about code"),
        (prompt("```\nx\n```"), "is small, and this is about code"),
        (prompt("Please write a small Python script that sorts names"), "is small, and this is about code"),
        (prompt("I get a TypeError"), "is small, and this is about code"),
        (prompt(task=Task.TRANSLATE), "is small, and this is a translation"),
        (prompt(passage="word " * 1500), "is small, and this is about a long text"),
        (prompt("word " * 400), "is small, and this is a long question"),
        (prompt(turns=9), "is small, and this is a long conversation"),
        (Prompt((Turn("user", "Look", (Picture("image/png", b""),)),)), "cannot look at pictures"),
    ],
)
def test_what_is_too_much_for_a_small_model(asked: Prompt, why: str | None) -> None:
    assert routing.too_much(small(), Capabilities(frozenset(Task)), asked) == why


def test_larger_ones_and_those_of_unknown_size_may_try() -> None:
    assert routing.too_much(small(400_000_000), ALL, prompt(task=Task.TRANSLATE)) is None
    assert routing.too_much(small(400_000_000), ALL, prompt(CODE)) is not None
    for parameters in (None, routing.MODEST):
        assert routing.too_much(small(parameters), ALL, prompt(CODE)) is None
    assert routing.too_much(small(shape=Shape.SEQ2SEQ), ALL, prompt(task=Task.TRANSLATE)) is None


def test_what_does_not_fit_into_the_context_is_too_much() -> None:
    why = "reads 100 tokens, and this is longer"
    assert routing.too_much(small(context=100), ALL, prompt("word " * 100)) == why
    assert routing.too_much(small(context=100), ALL, prompt("word", system="word " * 100)) == why
    assert routing.too_much(small(context=100), ALL, prompt("word " * 40, max_tokens=20)) is None
    # an answer that is allowed to be long may be cut, unless hardly anything of it would fit
    assert routing.too_much(small(context=100), ALL, prompt("word " * 50, max_tokens=4000)) is None
    assert routing.too_much(small(context=100), ALL, prompt("word " * 65, max_tokens=4000)) == why


def test_who_only_finds_needs_something_to_find_it_in() -> None:
    bert = small(shape=Shape.EXTRACTIVE)
    assert routing.too_much(bert, ALL, prompt()) == "only finds answers in a given text, and there is none"
    assert routing.too_much(bert, ALL, prompt(passage="Text")) is None


def test_tokens_are_estimated_by_script() -> None:
    assert [routing.estimate(text) for text in ("", "abcd", "abcde", "日本語", "日本語abcd")] == [0, 1, 2, 2, 3]


def completion(text: str, score: float | None = None) -> Completion:
    return Completion(text, "small", Where.WORKER, Finish.STOP, 1, 1, 0.1, 0.2, Decimal(0), score=score)


def test_a_span_that_nobody_is_sure_of_is_no_answer() -> None:
    bert = small(shape=Shape.EXTRACTIVE)
    assert routing.declines(bert, completion("in Paris", 0.05)) == "did not find the answer in the text"
    assert routing.declines(bert, completion("in Paris", 0.5)) is None
    assert routing.declines(bert, completion("in Paris")) is None
    assert routing.declines(small(), completion("I don't know.", 0.01)) == "said that it does not know"


def test_failures_have_words() -> None:
    assert routing.failed(Trouble.UNREACHABLE) == "could not be reached"
    assert routing.failed(Trouble.WEIGHTS) == "failed"


def test_what_runs_here_must_fit_into_its_memory() -> None:
    assert routing.fits_memory(small(2_000_000_000), Where.WORKER, 4096)
    assert not routing.fits_memory(small(3_000_000_000), Where.WORKER, 4096)
    assert routing.fits_memory(small(3_000_000_000), Where.MACHINE, 4096)
    assert routing.fits_memory(small(None), Where.WORKER, 1)


def test_when_there_is_nobody_the_nearest_reason_is_told() -> None:
    ill = standing("ada", Health(State.TROUBLED, "in trouble since 12:00 UTC."))
    error = routing.nobody([ill], ["forbidden"], ["Ben cannot"], "open")
    assert (error.trouble, "Ada: in trouble since 12:00 UTC. Try again" in str(error)) == (Trouble.OVERLOADED, True)
    assert "it does not answer" in str(routing.nobody([standing("ada", Health(State.TROUBLED))], [], [], "open"))
    assert "Ben cannot" in str(routing.nobody([], ["forbidden"], ["Ben cannot"], "open"))
    error = routing.nobody([], ["forbidden"], [], "closed")
    assert (error.trouble, "No closed model may be asked here: forbidden." in str(error)) == (Trouble.EGRESS, True)
    assert routing.nobody([], [], [], "closed").trouble is Trouble.NOT_CONFIGURED
