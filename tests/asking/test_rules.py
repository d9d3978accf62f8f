"""The rules of asking: whose choice counts, what fits, who may see what, what is said to have been sent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.asking import rules
from bot.asking.types import ChoiceRule, Choices, Passage, Question, Told, TurnPhase, TurnRecord
from bot.backends.base import Egress, Picture
from bot.catalog import Task, Where
from bot.errors import ClosedError, InvalidInputError, NotAllowedError
from tests.support.asking import ADA, BEN, asker, card, closed
from tests.support.polls import GUILD

PICTURE = Picture("image/png", b"png")


def turn(number: int = 1, **parts: object) -> TurnRecord:
    made = TurnRecord(
        turn_id=number,
        guild_id=GUILD,
        channel_id=7,
        conversation_id=1,
        member_id=ADA,
        phase=TurnPhase.DONE,
        task=Task.ANSWER,
        question="Why?",
        answer="Because.",
        wanted="any-open",
        rule=ChoiceRule.DEFAULT,
        is_private=False,
        made_at=datetime(2026, 11, 28, tzinfo=UTC),
    )
    return replace(made, **parts)  # pyright: ignore[reportArgumentType]


def test_who_counts_comes_first() -> None:
    everything = Choices("mine", "channels", "servers")
    assert [(one.wanted, one.rule) for one in rules.candidates(None, everything, "default")] == [
        ("mine", ChoiceRule.MEMBER),
        ("channels", ChoiceRule.CHANNEL),
        ("servers", ChoiceRule.SERVER),
        ("default", ChoiceRule.DEFAULT),
    ]
    assert rules.candidates("asked", everything, "default") == (rules.Candidate("asked", ChoiceRule.ASKED),)
    assert rules.candidates(None, Choices(), "default") == (rules.Candidate("default", ChoiceRule.DEFAULT),)
    assert set(rules.RULE_WORDS) == set(ChoiceRule)


def test_what_nobody_can_see_is_blank() -> None:
    for text in ("", " \n\t", "\u200b\u2060\ufeff", "\u3164\u2800 \u200d\u00ad", "\U000e0041\ufe0f\x00"):
        assert rules.is_blank(text)
        with pytest.raises(InvalidInputError, match="Write what you want to know"):
            rules.check_question(Question(text))
        with pytest.raises(InvalidInputError, match="no text in it"):
            rules.check_question(Question("Why?", passage=Passage(text, "a file")))
        assert rules.check_question(Question(text, passage=Passage("x", "a file"))).text == ""
    for text in ("x", "\u200b.", "é", "🏴\U000e0067\U000e0062\U000e007f", "ㅤ가"):
        assert not rules.is_blank(text)
        assert rules.check_question(Question(text)).text == text


def test_what_stayed_here_by_choice_does_not_leave() -> None:
    assert rules.narrowed(Egress(open_only=True), Where.WORKER) == Egress(open_only=True, stays_here=True)
    assert rules.narrowed(Egress(), Where.MACHINE) == Egress(stays_here=True)
    assert rules.narrowed(Egress(), Where.ELSEWHERE) == Egress()
    assert rules.narrowed(Egress(), None) == Egress()


@pytest.mark.parametrize(
    ("question", "field"),
    [
        (Question("  "), "question"),
        (Question("x" * 6_001), "question"),
        (Question("x", passage=Passage(" \n", "a.txt")), "file"),
        (Question("x", pictures=(PICTURE,) * 5), "file"),
        (Question("x", language="y" * 65), "language"),
    ],
)
def test_questions_that_do_not_fit_are_refused(question: Question, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        rules.check_question(question)
    assert caught.value.field == field


def test_questions_are_put_in_order() -> None:
    checked = rules.check_question(Question(" Hi ", language=" old  French ", passage=Passage("y" * 200_001, "a.txt")))
    assert (checked.text, checked.language) == ("Hi", "old French")
    assert checked.passage is not None
    assert len(checked.passage.text) <= rules.LONGEST_PASSAGE
    assert rules.check_question(Question("", passage=Passage("text", "a.txt"))).text == ""
    assert rules.check_question(Question("", pictures=(PICTURE,))).pictures


def test_reasons_personas_and_comparisons_are_checked() -> None:
    assert rules.check_reason(" why ") == "why"
    with pytest.raises(InvalidInputError):
        rules.check_reason("x" * 1_001)
    assert rules.check_persona(" A  b ", " text ") == ("A b", "text")
    assert rules.check_persona("", "") == ("", "")
    for name, text in (("x" * 81, "text"), ("name", "x" * 2_001), ("name", " ")):
        with pytest.raises(InvalidInputError):
            rules.check_persona(name, text)
    assert rules.check_compared(["a", "b", "a"]) == ("a", "b")
    for keys in (["a"], ["a", "a"], list("abcde")):
        with pytest.raises(InvalidInputError):
            rules.check_compared(keys)


def test_tokens_are_estimated_on_the_high_side() -> None:
    assert rules.tokens_in("") == 0
    assert rules.tokens_in("four words in here") >= 4
    assert rules.tokens_in("坏话坏话") == 4
    assert rules.tokens_in("ä" * 10 + "abc") == 11


TELLINGS = st.lists(st.tuples(st.text(max_size=400), st.text(min_size=1, max_size=400)), max_size=12)


@given(
    TELLINGS,
    st.text(min_size=1, max_size=2_000),
    st.one_of(st.none(), st.text(min_size=1, max_size=5_000)),
    st.sampled_from([None, 512, 2_048, 8_192, 131_072]),
    st.sampled_from(list(Where)),
    st.sampled_from(list(Task)),
)
def test_what_is_told_fits_the_window_and_is_the_newest(
    said: list[tuple[str, str]], text: str, passage: str | None, context: int | None, where: Where, task: Task
) -> None:
    earlier = [Told(turn(number, question=one, answer=f"a{two}")) for number, (one, two) in enumerate(said, 1)]
    question = Question(text, task=task, passage=None if passage is None else Passage(passage, "a.txt"))
    fitted = rules.fit(question, earlier, card(context=context), where)
    assert len(fitted.earlier) + fitted.dropped_turns == len(earlier)
    assert list(fitted.earlier) == earlier[len(earlier) - len(fitted.earlier) :]
    assert fitted.max_tokens >= 64
    assert fitted.prompt_tokens <= fitted.reserved <= fitted.prompt_tokens + 256
    window = context or 16_384
    if fitted.earlier:
        assert fitted.prompt_tokens + fitted.max_tokens <= window + 260
    if fitted.dropped_tokens:
        assert fitted.question.passage is not None
        assert fitted.question.passage.text.endswith("left out.]")


def test_a_long_file_is_cut_to_the_window() -> None:
    dense = Passage("词" * 3_000 + "w " * 30_000, "a.txt")
    fitted = rules.fit(Question("?", passage=dense), (), card(context=2_048), Where.WORKER)
    assert fitted.question.passage is not None
    assert rules.tokens_in(fitted.question.passage.text) < 2_048
    assert fitted.dropped_tokens > 10_000
    whole = rules.fit(Question("?", passage=Passage("short", "a.txt")), (), card(), Where.MACHINE)
    assert whole.dropped_tokens == 0


def test_a_file_of_before_stands_aside() -> None:
    before = Told(turn(), passage=Passage("word " * 20_000, "a.txt"))
    fitted = rules.fit(Question("And?"), [before], card(), Where.MACHINE)
    (told,) = fitted.earlier
    assert told.passage is not None
    assert "left out" in told.passage.text
    with_picture = Told(turn(), pictures=(PICTURE,) * 4)
    assert rules.fit(Question("And?"), [with_picture], card(context=4_096), Where.MACHINE).dropped_turns == 1


def test_a_translation_may_be_as_long_as_its_text_needs() -> None:
    short = rules.fit(Question("Hallo", task=Task.TRANSLATE), (), closed(context=None), Where.ELSEWHERE)
    long = rules.fit(
        Question("", task=Task.TRANSLATE, passage=Passage("x " * 5_000, "a")), (), closed(), Where.ELSEWHERE
    )
    assert short.max_tokens < 100
    assert long.max_tokens == 2_048


def test_only_what_was_answered_is_told_on() -> None:
    for phase in TurnPhase:
        is_told = rules.is_told(turn(phase=phase))
        assert is_told is (phase not in {TurnPhase.RUNNING, TurnPhase.DELETED})
    assert not rules.is_told(turn(answer=" "))
    unanswered = Told(turn(answer=""))
    assert rules.fit(Question("?"), [unanswered], card(), Where.MACHINE).dropped_turns == 0


def test_earlier_turns_count_unless_cleared_or_secret() -> None:
    told = [Told(turn(1)), Told(turn(2, is_private=True)), Told(turn(3))]
    assert [one.turn.turn_id for one in rules.visible(told, asker(), None)] == [1, 2, 3]
    assert [one.turn.turn_id for one in rules.visible(told, asker(), 1)] == [2, 3]
    assert [one.turn.turn_id for one in rules.visible(told, asker(BEN), None)] == [1, 3]


def test_who_may_see_and_do() -> None:
    private = turn(is_private=True)
    assert rules.refuse_seeing(private, asker()) is None
    assert isinstance(rules.refuse_seeing(private, asker(BEN, is_moderator=True)), NotAllowedError)
    assert rules.refuse_seeing(replace(private, shared_message_id=5), asker(BEN)) is None
    for gone in (turn(phase=TurnPhase.DELETED), turn(guild_id=1)):
        assert isinstance(rules.refuse_seeing(gone, asker()), ClosedError)
        assert isinstance(rules.refuse_owning(gone, asker(), moderators=True), ClosedError)
    assert rules.refuse_owning(turn(), asker(), moderators=False) is None
    assert rules.refuse_owning(turn(), asker(BEN, is_moderator=True), moderators=True) is None
    for moderators in (False, True):
        refusal = rules.refuse_owning(turn(), asker(BEN), moderators=moderators)
        assert isinstance(refusal, NotAllowedError)
        assert ("moderator" in str(refusal)) is moderators
    assert isinstance(rules.refuse_owning(turn(), asker(BEN, is_moderator=True), moderators=False), NotAllowedError)


def test_what_was_sent_is_said_in_words() -> None:
    here = turn(card=card(), where=Where.MACHINE)
    assert rules.sent_words(here) == ""
    assert rules.sent_words(turn()) == ""
    far = turn(card=closed(), where=Where.ELSEWHERE)
    assert rules.sent_words(far) == "The question went to api.example.org"
    full = replace(far, passage_name="a.txt", pictures=2, earlier_turns=3)
    assert rules.sent_words(full) == (
        "The question, the text “a.txt”, 2 pictures and 3 earlier turns went to api.example.org"
    )
    assert rules.sent_words(replace(far, question="", pictures=1, earlier_turns=1)) == (
        "A picture and one earlier turn went to api.example.org"
    )
    assert rules.sent_words(replace(far, question="")) == "The question went to api.example.org"
    checked = replace(here, checked_by="mod.example")
    assert rules.sent_words(checked) == "The question and the answer went to mod.example for moderation"
    assert rules.sent_words(replace(far, checked_by="mod.example", passage_name="a.txt")) == (
        "The question and the text “a.txt” went to api.example.org; "
        "the question, the text and the answer went to mod.example for moderation"
    )


def test_why_a_model_does_not_suit() -> None:
    one_task = card(tasks=frozenset({Task.SUMMARISE}))
    assert rules.unfit_reason(one_task, Question("x", task=Task.CODE)) == "Small Open is not made to write code"
    assert rules.unfit_reason(card(), Question("x", pictures=(PICTURE,))) == "Small Open cannot look at pictures"
    assert rules.unfit_reason(closed(), Question("x", pictures=(PICTURE,))) == ""
    assert set(rules.TASK_WORDS) == set(Task)
    assert rules.label_of(closed(), Where.ELSEWHERE) == "Big Closed · closed · elsewhere"
