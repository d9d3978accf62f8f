"""Estimates of electricity: what the published method says, in ranges, and nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arena.energy import estimate
from bot.catalog import ModelCard, Openness, Task, Where

CARD = ModelCard(
    key="sparse",
    name="Sparse 440B-A132B",
    maker="Somebody",
    family="sparse",
    openness=Openness.OPEN,
    reasons={},
    tasks=frozenset({Task.ANSWER}),
    backend="openai_api",
    model="sparse-440b-a132b",
    licence="MIT",
    parameters=440_000_000_000,
)
UNNAMED = replace(CARD, name="Large 3", model="large-2512")


def test_the_published_method_is_met() -> None:
    # EcoLogits 0.9 itself: 440 billion weights, 132 at work, 10,000 tokens, PUE 1.2: 38.33790589818617 Wh
    energy = estimate(CARD, Where.ELSEWHERE, 10_000, None)
    assert energy is not None
    assert energy.high == pytest.approx(38.33790589818617, rel=1e-9)
    assert energy.low == pytest.approx(38.33790589818617 * 1.09 / 1.2, rel=1e-9)
    assert "EcoLogits" in energy.method
    assert "10,000 tokens" in energy.method
    assert "440 billion weights, of which 132 billion" in energy.method


def test_a_model_that_may_be_sparse_has_a_wide_range() -> None:
    named, unnamed = (estimate(card, Where.ELSEWHERE, 300, None) for card in (CARD, UNNAMED))
    assert named is not None
    assert unnamed is not None
    assert unnamed.low < named.low < named.high < unnamed.high
    assert "15 to 440 billion" in unnamed.method


def test_the_name_at_the_backend_or_the_shown_name_says_what_works() -> None:
    shown = replace(CARD, model="sparse-latest")
    assert estimate(shown, Where.ELSEWHERE, 300, None) == estimate(CARD, Where.ELSEWHERE, 300, None)
    other = replace(CARD, name="X", model="alpha4b-large")
    assert estimate(other, Where.ELSEWHERE, 300, None) == estimate(UNNAMED, Where.ELSEWHERE, 300, None)
    mistaken = replace(CARD, name="X", model="x-a999b", parameters=8_000_000_000)
    plain = replace(mistaken, model="x-a8b")
    ends = [estimate(card, Where.ELSEWHERE, 300, None) for card in (mistaken, plain)]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0].high == ends[1].high, "never more than all of them"


def test_an_answer_that_was_quick_took_the_server_no_longer() -> None:
    slow, quick, odd = (estimate(CARD, Where.ELSEWHERE, 10_000, seconds) for seconds in (1e9, 10.0, 0.0))
    assert slow is not None
    assert quick is not None
    assert quick.high < slow.high
    assert odd == slow == estimate(CARD, Where.ELSEWHERE, 10_000, None)


@given(
    st.integers(1_000_000, 3_000_000_000_000),
    st.integers(1, 100_000),
    st.none() | st.floats(0, 1e6),
)
def test_more_weights_and_more_tokens_take_more(parameters: int, tokens: int, seconds: float | None) -> None:
    card = replace(UNNAMED, parameters=parameters)
    energy = estimate(card, Where.ELSEWHERE, tokens, seconds)
    longer = estimate(card, Where.ELSEWHERE, 2 * tokens, seconds)
    larger = estimate(replace(card, parameters=3 * parameters), Where.ELSEWHERE, tokens, seconds)
    assert energy is not None
    assert longer is not None
    assert larger is not None
    assert 0 < energy.low < energy.high < min(longer.high, larger.high)
    assert energy.low < min(longer.low, larger.low)


@pytest.mark.parametrize(
    ("where", "parameters", "tokens", "seconds"),
    [
        (Where.ELSEWHERE, None, 300, 4.0),
        (Where.ELSEWHERE, 8_000_000_000, None, 4.0),
        (Where.ELSEWHERE, 8_000_000_000, 0, 4.0),
        (Where.ELSEWHERE, 8_000_000_000, -3, 4.0),
        (Where.MACHINE, 8_000_000_000, 300, 4.0),
        (Where.WORKER, 135_000_000, 300, None),
        (Where.WORKER, 135_000_000, 300, 0.0),
        (Where.WORKER, 135_000_000, 300, -1.0),
        (Where.WORKER, 135_000_000, 300, float("nan")),
        (Where.WORKER, 135_000_000, 300, float("inf")),
    ],
)
def test_no_estimate_without_something_to_go_by(
    where: Where, parameters: int | None, tokens: int | None, seconds: float | None
) -> None:
    assert estimate(replace(UNNAMED, parameters=parameters), where, tokens, seconds) is None


def test_a_worker_takes_its_time_times_the_power_of_its_cores() -> None:
    energy = estimate(replace(UNNAMED, parameters=None), Where.WORKER, None, 36.0)
    assert energy is not None
    assert energy.low == pytest.approx(0.035)
    assert energy.high == pytest.approx(0.1625)
    assert energy.method.startswith("36.0 seconds on one processor core, at 3.5 to 16.25 watts each")
    four = estimate(UNNAMED, Where.WORKER, 300, 36.0, cores=4)
    assert four is not None
    assert four.high == pytest.approx(4 * energy.high)
    assert "4 processor cores" in four.method
