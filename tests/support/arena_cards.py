"""Battles, counts and boards as the service would return them, for tests of cards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.arena.ratings.types import Fragility, Lack, Pair, Rating, Ratings
from bot.arena.types import (
    Battle,
    BattleAnswer,
    BattlePhase,
    Board,
    BoardBy,
    Energy,
    ExposureShare,
    Line,
    Pairing,
    Result,
    Verdict,
)
from bot.catalog import ModelCard, Openness, Task, Where
from tests.support.asking import card as model_card

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NAMES = ("Openly", "Closedly", "Third")


def line(number: int, name: str = "", openness: Openness = Openness.OPEN) -> Line:
    name = name or NAMES[number]
    return Line(number + 1, name.lower(), "1", name, openness)


def answer(number: int, text: str = "", **parts: Any) -> BattleAnswer:
    openness = Openness.OPEN if number == 0 else Openness.CLOSED
    shown: ModelCard = model_card(name=NAMES[number], openness=openness, parameters=135_000_000)
    common = BattleAnswer(
        text or f"Answer number {number}.",
        line(number, openness=openness),
        shown,
        Where.WORKER if number == 0 else Where.ELSEWHERE,
        sent="" if number == 0 else "The prompt went to Example AI.",
        prompt_tokens=10,
        completion_tokens=20,
        cost=Decimal(0) if number == 0 else Decimal("0.0123"),
        seconds=1.25,
        energy=Energy(0.02, 0.11, "From the size of the model.") if number == 0 else None,
    )
    return replace(common, **parts)


def battle(*texts: str, **parts: Any) -> Battle:
    first, second = texts or ("", "")
    common = Battle(
        battle_id=7,
        guild_id=1,
        channel_id=2,
        message_id=3,
        member_id=11,
        prompt="Why is the sky blue?",
        is_private=False,
        pairing=Pairing.ANY,
        phase=BattlePhase.OPEN,
        task=Task.ANSWER,
        language="en",
        made_at=NOW,
        closes_at=NOW + timedelta(hours=1),
        answers=(answer(0, first), answer(1, second)),
        shown_at=NOW,
    )
    return replace(common, **parts)


def closed(*texts: str, **votes: int) -> Result:
    """A closed battle with so many votes for `a`, `b`, `tie`, `bad`."""
    shut = battle(*texts, phase=BattlePhase.CLOSED, closed_at=NOW)
    return Result(shut, {verdict: votes.get(verdict.value, 0) for verdict in Verdict}, {})


def rating(row: int, value: float = 1000, **parts: Any) -> Rating:
    common = Rating(row, value, value - 30, value + 30, row + 1, row + 2, 40, 12, 20, 5, 15, 2, (), 0)
    return replace(common, **parts)


def ratings(*rows: Rating, **parts: Any) -> Ratings:
    common = Ratings(
        ratings=rows or (rating(0, 1040), rating(1, 960, lacks=(Lack.VOTERS,))),
        pairs=(Pair(0, 1, 20, 15, 5, 4),),
        votes=40,
        voters=12,
        bad=4,
        connected=True,
        fragility=Fragility(0, 1, 3, 0.075),
        prior=1.0,
        seed=42,
        rounds=1000,
        method="95 %, by voter",
    )
    return replace(common, **parts)


def board(*parts: tuple[str, Ratings], **more: Any) -> Board:
    lines = (line(0), line(1, openness=Openness.CLOSED), line(2))
    common = Board(
        guild_id=1,
        by=BoardBy.MODEL,
        is_everything=False,
        parts=parts or (("", ratings()),),
        lines=lines,
        exposure=tuple(ExposureShare(one.name, one.openness, 10, 1 / 3) for one in lines),
        classes=(ExposureShare("open", Openness.OPEN, 20, 2 / 3), ExposureShare("closed", Openness.CLOSED, 10, 1 / 3)),
        battles=44,
        votes=44,
        voters=12,
        doubtful=0,
        excluded=0,
        seed=42,
    )
    return replace(common, **more)
