"""What decides about battles, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arena import prompts, rules
from bot.arena.types import Battle, BattleAnswer, BattlePhase, Doubt, Line, Pairing, Reason
from bot.catalog import Openness, Task
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotYetError, QuotaError
from tests.support.arena import ADA, BEN, actor, voter
from tests.support.polls import GUILD, START

LINE = Line(1, "openly", "1", "Openly", Openness.OPEN)
ANSWER = BattleAnswer("Tea", LINE, None, None)
BATTLE = Battle(
    1,
    GUILD,
    7,
    9,
    ADA,
    "What is tea?",
    False,
    Pairing.ANY,
    BattlePhase.OPEN,
    Task.ANSWER,
    "en",
    START,
    START + timedelta(hours=1),
    (ANSWER, ANSWER),
    shown_at=START,
)


@pytest.mark.parametrize(
    ("prompt", "task"),
    [
        ("What is tea?", Task.ANSWER),
        ("Why does this fail?\n```py\nprint(1)\n```", Task.CODE),
        ("Write a SQL query that counts users.", Task.CODE),
        ("Schreibe eine Funktion in Python, die zählt.", Task.CODE),
        ("Écris une fonction en Rust.", Task.CODE),
        ("Translate this into German: Tea is a drink.", Task.TRANSLATE),
        ("Übersetze ins Englische: Tee ist ein Getränk.", Task.TRANSLATE),
        ("Traduis en anglais : le thé.", Task.TRANSLATE),
        ("Traduce al inglés: el té.", Task.TRANSLATE),
        ("Please summarise: Tea is a drink.", Task.SUMMARISE),
        ("Fasse diesen Text zusammen: Tee ist ein Getränk.", Task.SUMMARISE),
        ("Résume ce texte : le thé.", Task.SUMMARISE),
        ("Resume este texto: el té.", Task.SUMMARISE),
        (f"Who wrote this? {'Tea is a drink. ' * 20} They translate books. {'Tea is a drink. ' * 20}", Task.ANSWER),
        ("What is a function of the liver?", Task.ANSWER),
    ],
)
def test_what_a_prompt_asks_for_is_guessed_by_its_words(prompt: str, task: Task) -> None:
    assert rules.task_of(prompt) is task


@pytest.mark.parametrize("prompt", ["", " \n\t", "\u200b\u00ad", "x" * 2_001])
def test_a_prompt_that_says_nothing_or_too_much_is_refused(prompt: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        rules.check_prompt(prompt)
    assert refused.value.field == "prompt"


def test_a_prompt_is_taken_without_blanks_around_it() -> None:
    assert rules.check_prompt("  What is tea?\n") == "What is tea?"
    assert rules.check_prompt("x" * 2_000) == "x" * 2_000


@given(st.text(max_size=4_000), st.integers(20, 1_500))
def test_a_cut_text_is_short_and_a_beginning(text: str, longest: int) -> None:
    short = rules.cut(text, longest)
    assert len(short) <= longest
    if len(text.strip()) <= longest:
        assert short == text.strip()
    else:
        assert text.strip().startswith(short.removesuffix("…").removesuffix("\n```").rstrip())


def test_a_text_is_cut_at_a_word_unless_it_has_none() -> None:
    assert rules.cut("tea is a drink for all", 18) == "tea is a drink…"
    assert rules.cut("tea is a drink for all", 15) == "tea is a drink…"
    assert rules.cut("x" * 50, 20) == "x" * 19 + "…"
    assert rules.cut("a " + "x" * 50, 20) == "a " + "x" * 17 + "…"


def test_an_open_fence_is_closed() -> None:
    short = rules.cut("```py\n" + "print(1)\n" * 40 + "```", 100)
    assert short.endswith("\n```")
    assert len(short) <= 100


def test_the_pace_is_told_with_when_to_go_on() -> None:
    assert rules.refuse_pace(None, 0, START) is None
    assert rules.refuse_pace(START - rules.COOL_DOWN, 29, START) is None
    assert rules.refuse_pace(START + timedelta(hours=1), 1, START) is None, "a clock was set back"
    waits = rules.refuse_pace(START - timedelta(seconds=5), 1, START)
    assert isinstance(waits, QuotaError)
    assert "15 seconds" in str(waits)
    most = rules.refuse_pace(None, 30, START)
    assert isinstance(most, QuotaError)
    assert f"<t:{int((START.replace(hour=0) + timedelta(days=1)).timestamp())}:R>" in str(most)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"guild_id": GUILD + 1}, ClosedError),
        ({"is_private": True, "member_id": BEN}, NotAllowedError),
        ({"phase": BattlePhase.RUNNING}, NotYetError),
        ({"shown_at": None}, NotYetError),
        ({"phase": BattlePhase.VOID, "void_reason": "Nobody voted."}, ClosedError),
        ({"phase": BattlePhase.CLOSED}, ClosedError),
        ({"phase": BattlePhase.DONE, "is_private": True}, ClosedError),
        ({"closes_at": START}, ClosedError),
        ({"closes_at": START, "is_private": True}, ClosedError),
    ],
)
def test_who_may_not_vote_is_told_why(changed: dict[str, object], error: type[Exception]) -> None:
    refusal = rules.refuse_voter(replace(BATTLE, **changed), voter(), START)  # pyright: ignore[reportArgumentType]
    assert isinstance(refusal, error)
    assert str(refusal).endswith((".", "final"))


def test_whoever_may_vote_is_not_refused() -> None:
    assert rules.refuse_voter(BATTLE, voter(BEN), START) is None
    assert rules.refuse_voter(replace(BATTLE, is_private=True), voter(ADA), START) is None


def test_who_may_manage() -> None:
    assert rules.refuse_manager(BATTLE, actor(ADA)) is None
    assert rules.refuse_manager(BATTLE, actor(BEN, moderator=True)) is None
    assert isinstance(rules.refuse_manager(BATTLE, actor(BEN)), NotAllowedError)
    assert isinstance(rules.refuse_manager(BATTLE, actor(ADA, guild=1)), ClosedError)
    private = replace(BATTLE, is_private=True)
    assert isinstance(rules.refuse_manager(private, actor(BEN, moderator=True)), NotAllowedError)
    assert rules.refuse_moderating(actor(BEN, moderator=True)) is None
    assert isinstance(rules.refuse_moderating(actor(BEN)), NotAllowedError)


@pytest.mark.parametrize(("letters", "seconds"), [(0, 3), (299, 3), (1_000, 10), (3_000, 20), (30_000, 20)])
def test_how_long_answers_have_to_be_there(letters: int, seconds: float) -> None:
    assert rules.least_dwell(["x" * (letters // 2), "x" * (letters - letters // 2)]) == timedelta(seconds=seconds)


def test_which_votes_are_in_doubt() -> None:
    minute, texts = timedelta(minutes=1), ["x" * 500, "x" * 500]
    assert rules.doubt_of(voter(), minute, texts, 0, START) is None
    assert rules.doubt_of(voter(), minute, texts, rules.VOTES_A_DAY - 1, START) is None
    assert rules.doubt_of(voter(), minute, texts, rules.VOTES_A_DAY, START) is Doubt.CAPPED
    assert rules.doubt_of(voter(), timedelta(seconds=9.9), texts, 0, START) is Doubt.RUSHED
    new = voter(made_at=START - timedelta(days=6, hours=23))
    assert rules.doubt_of(new, timedelta(0), texts, 99, START) is Doubt.NEW_ACCOUNT


def test_reasons_come_in_their_order_each_once() -> None:
    assert rules.check_reasons([Reason.WRONG, Reason.CLEAR, Reason.WRONG]) == (Reason.CLEAR, Reason.WRONG)
    with pytest.raises(InvalidInputError):
        rules.check_reasons(list(Reason)[:4])


def test_when_a_battle_closes() -> None:
    now = START + timedelta(minutes=1)
    assert rules.closing_at(START, None, now, is_private=False) == now + rules.SHARED_FOR
    assert rules.closing_at(START, None, now, is_private=True) == now + rules.PRIVATE_FOR
    assert rules.closing_at(START, now + timedelta(hours=3), now, is_private=False) == now + timedelta(hours=3)
    assert rules.closing_at(START, START, now, is_private=False) == now + rules.COOL_DOWN
    assert rules.closing_at(START, START + timedelta(days=99), now, is_private=False) == START + rules.LONGEST_OPEN


def test_days_are_those_of_utc_and_seeds_stay() -> None:
    assert rules.day_of(START) == datetime(2026, 11, 24, tzinfo=UTC)
    assert rules.seed_of(GUILD) == rules.seed_of(GUILD) != rules.seed_of(GUILD + 1)
    assert 0 <= rules.seed_of(1) < 2**32


def test_both_are_told_not_to_say_who_they_are() -> None:
    prompt = prompts.prompt_of("What is tea?")
    assert prompt.turns[-1].text == prompt.question == "What is tea?"
    assert "Do not say who you are" in prompt.system
    assert "13 years" in prompt.system
    assert "13 years" not in prompts.prompt_of("What is tea?", adults_only=True).system
    assert prompts.prompt_tokens(prompt) > 100
