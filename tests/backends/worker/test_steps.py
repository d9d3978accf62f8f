"""Models served in turns: BLOOM, T5, BERT for spans and for meaning."""

import json
import math
from pathlib import Path

import pytest

from tests.backends.worker.child import Child
from tests.backends.worker.conftest import Start
from tests.backends.worker.tiny import WALK

HOT = 60.0


def walk(tokens: int) -> str:
    return (WALK * (tokens // len(WALK) + 1))[:tokens].lstrip()


@pytest.fixture
def bloom(shared: Start, tiny_models: Path) -> Child:
    return shared(tiny_models / "bloom", "causal")


@pytest.fixture
def t5(shared: Start, tiny_models: Path) -> Child:
    return shared(tiny_models / "t5", "seq2seq")


@pytest.fixture
def spans(shared: Start, tiny_models: Path) -> Child:
    return shared(tiny_models / "bert-qa", "extractive")


@pytest.fixture
def expected(tiny_models: Path) -> dict[str, str]:
    return json.loads((tiny_models / "expected.json").read_text())


def test_bloom_serves_several_and_mixes_nothing(bloom: Child) -> None:
    cold = [bloom.begin(temperature=0.0, max_tokens=40) for _ in range(3)]
    hot = [bloom.begin(temperature=HOT, seed=seed, max_tokens=40) for seed in (1, 2, 1)]
    assert [bloom.finish(number).text for number in cold] == [walk(40)] * 3
    first, second, again = (bloom.finish(number).text for number in hot)
    assert first == again != second


def test_bloom_takes_stops_long_prompts_and_cancelling(bloom: Child) -> None:
    assert bloom.ask(temperature=0.0, max_tokens=60, stop=["fg"]).text == "abcde"
    long = bloom.ask("why " * 20_000, temperature=0.0, max_tokens=30)
    assert long.text == walk(30)
    assert long.begun["dropped_tokens"] > 1000
    number = bloom.begin(temperature=0.0, max_tokens=400)
    assert bloom.next(number)["is"] == "begun"
    bloom.send(do="cancel", id=number)
    assert bloom.finish(number).done["finish"] == "cancelled"
    assert bloom.ping()["running"] == 0


def test_attention_sees_the_whole_prompt(shared: Start, tiny_models: Path, expected: dict[str, str]) -> None:
    child = shared(tiny_models / "bloom-random", "causal")
    text = child.ask("hello there", temperature=0.0, max_tokens=12).text
    # rounding may turn a later token in another direction; the first ones come from the prompt alone
    assert text[:2] == expected["bloom"].lstrip()[:2]


def test_t5_summarises_as_the_library_does(t5: Child, expected: dict[str, str]) -> None:
    reply = t5.ask(task="summarise", passage="The sky is blue and the grass is green", temperature=0.0, max_tokens=12)
    assert reply.text[:3] == expected["t5"].lstrip()[:3]
    assert len(reply.chunks) > 1


def test_t5_translates_a_long_text_in_parts(t5: Child) -> None:
    short = t5.ask(task="translate", language="French", passage="hello " * 5, max_tokens=20)
    assert short.begun["prompt_tokens"] <= 128
    long = t5.ask(task="translate", language="French", passage="hello there " * 150, max_tokens=20)
    assert long.begun["prompt_tokens"] > 256
    assert long.begun["dropped_tokens"] == 0
    assert long.done["completion_tokens"] <= 20


def test_t5_answers_from_a_text_and_without_one(t5: Child) -> None:
    with_text = t5.ask("why?", task="answer", question="why?", passage="because " * 500, max_tokens=8)
    assert with_text.begun["prompt_tokens"] <= 128
    assert with_text.begun["dropped_tokens"] > 0
    bare = t5.ask("why is the sky blue?", max_tokens=8)
    assert bare.done["is"] == "done"
    assert bare.begun["dropped_tokens"] == 0


def test_t5_seeds_and_cancelling(t5: Child) -> None:
    hot = [t5.ask("x", temperature=HOT, seed=seed, max_tokens=20).text for seed in (1, 2, 1)]
    assert hot[0] == hot[2] != hot[1]
    number = t5.begin("y", temperature=HOT, max_tokens=100_000)
    assert t5.next(number)["is"] == "begun"
    t5.send(do="cancel", id=number)
    assert t5.finish(number).done["is"] == "done"


def test_a_span_is_found_wherever_it_is(spans: Child) -> None:
    filler = "the grass is green and the words are many; " * 60
    for passage in ("The sky is blue today.", f"{filler} The sky is Blue. {filler}"):
        reply = spans.ask("what is it?", question="What is the sky?", passage=passage)
        assert reply.text.lower() == "blue"
        assert reply.text in passage
        assert reply.done["score"] > 0.5
        assert reply.done["finish"] == "stop"


def test_a_text_without_an_answer_gets_none(spans: Child) -> None:
    reply = spans.ask("what?", question="What is the sky?", passage="The grass is green. " * 40)
    assert (reply.text, reply.done["finish"]) == ("", "stop")
    assert 0 <= reply.done["score"] < 0.1


def test_a_question_without_a_text_gets_no_invention(spans: Child) -> None:
    for passage in ("", "   "):
        reply = spans.ask("What is the sky?", passage=passage)
        assert (reply.text, reply.done["score"]) == ("", 0.0)


def test_a_very_long_question_does_not_push_the_text_out(spans: Child) -> None:
    reply = spans.ask("q", question="why is that so " * 500, passage="It is blue.")
    assert reply.text == "blue"


def test_vectors_have_length_one_and_do_not_depend_on_company(shared: Start, tiny_models: Path) -> None:
    child = shared(tiny_models / "bert", "embedding")
    texts = ["blue sky", "a much longer text about open models " * 30, "", "blue sky"] * 6
    frame = child.embed(texts)
    assert frame["is"] == "vectors"
    assert len(frame["vectors"]) == len(texts)
    for vector in frame["vectors"]:
        assert math.isclose(math.hypot(*vector), 1.0, abs_tol=1e-4)
    alone = child.embed(["blue sky"])["vectors"][0]
    assert all(math.isclose(a, b, abs_tol=1e-4) for a, b in zip(alone, frame["vectors"][0], strict=True))
    number = child.begin("write")
    assert child.finish(number).done["kind"] == "unfit"
