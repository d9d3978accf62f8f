"""What answers' cards say: the receipt in every case, within Discord's bounds whatever the answer."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from discord import ui

from bot.asking.types import ChoiceRule, Offer, Ratings, Remaining, TurnPhase, TurnRecord
from bot.backends.base import Declined, Finish
from bot.catalog import ModelCard, Openness, Task, Where
from cogs.asking.cards import panels
from cogs.asking.cards.answer import deleted_page, final_pages, running_pages
from cogs.asking.cards.comparison import choose_card, comparison_card
from cogs.asking.cards.words import dollars, receipt, rule_words, running_receipt, short_receipt

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
CARD = ModelCard(
    key="tiny",
    name="Tiny",
    maker="Makers",
    family="Tiny",
    openness=Openness.RESTRICTED,
    reasons={},
    tasks=frozenset(Task),
    backend="openai_api",
    model="tiny",
    licence="Tiny Licence",
    attribution="Built with Tiny",
)
TURN = TurnRecord(
    turn_id=7,
    guild_id=1,
    channel_id=2,
    conversation_id=3,
    member_id=4,
    phase=TurnPhase.DONE,
    task=Task.ANSWER,
    question="What is tea?",
    answer="Tea is a drink.",
    wanted="tiny",
    rule=ChoiceRule.ASKED,
    is_private=False,
    made_at=NOW,
    card=CARD,
    where=Where.ELSEWHERE,
    finish=Finish.STOP,
    prompt_tokens=1200,
    completion_tokens=34,
    cost=Decimal("0.00123"),
    first_seconds=0.4,
    seconds=2.34,
    model="tiny",
    sent="Your question went to Makers",
)
FULL: dict[str, Any] = {
    "declined": tuple(Declined(f"model-{number}", "too small for this " * 20) for number in range(5)),
    "note": "note " * 100,
    "dropped_turns": 3,
    "dropped_tokens": 4096,
    "finish": Finish.LENGTH,
    "score": 0.87,
    "persona": "A pirate",
    "passage_name": "notes.txt " * 30,
    "pictures": 2,
    "earlier_turns": 4,
    "is_private": True,
    "remaining": Remaining(0, 5_000_000, NOW, NOW),
    "question": "Why? " * 1000,
    "sent": "Your question went to Makers " * 20,
    "trouble": "It was cut off.",
}


def read(view: ui.LayoutView) -> str:
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


def size(view: ui.LayoutView) -> int:
    return sum(len(item.content) for item in view.walk_children() if isinstance(item, ui.TextDisplay))


def labels(view: ui.LayoutView) -> list[str | None]:
    return [item.label for item in view.walk_children() if isinstance(item, ui.Button)]


def test_the_receipt_says_class_place_what_left_and_cost() -> None:
    lines = receipt(TURN)
    assert lines[0] == "Restricted · ran at Makers · your question went to Makers · $0.00123"
    assert lines[1] == (
        "Written by an AI, which may be wrong · Tiny Licence · Built with Tiny · 34 tokens in 2.3 s · "
        "chosen for this question"
    )
    here = replace(TURN, where=Where.WORKER, sent="", cost=Decimal(0))
    assert receipt(here)[0] == "Restricted · ran on this machine · nothing left the server · no cost"
    assert short_receipt(here) == "Restricted · Built with Tiny · ran on this machine · 34 tokens in 2.3 s · no cost"
    assert "your question went to Makers" in short_receipt(TURN)
    assert "cost not known" in receipt(replace(TURN, cost=None))[0]


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (Decimal("12.346"), "$12.35"),
        (Decimal("0.0012"), "$0.0012"),
        (Decimal("0.0000001"), "less than $0.000001"),
    ],
)
def test_amounts_have_as_many_digits_as_tell_something(cost: Decimal, words: str) -> None:
    assert dollars(cost) == words


@pytest.mark.parametrize("rule", list(ChoiceRule))
@pytest.mark.parametrize("wanted", ["tiny", "any-open", "any-closed", "hybrid"])
def test_every_rule_has_its_words(rule: ChoiceRule, wanted: str) -> None:
    own = rule_words(replace(TURN, rule=rule, wanted=wanted, is_private=True))
    others = rule_words(replace(TURN, rule=rule, wanted=wanted))
    assert own
    assert "your" not in others
    assert ("(" in others) == (wanted != "tiny")


def test_who_declined_is_told_where_no_note_does() -> None:
    declined = (Declined("tiny-2", "is small, and this is about code"),)
    assert "tiny-2 is small, and this is about code" in receipt(replace(TURN, declined=declined))
    assert not any("tiny-2" in line for line in receipt(replace(TURN, declined=declined, note="Said.")))


def test_where_it_ran_is_who_runs_it() -> None:
    groq = replace(TURN, card=replace(CARD, provider="Groq", address="https://groq.example/v1"))
    assert "ran at Groq" in receipt(groq)[0]
    assert "runs at Groq" in running_receipt(groq)
    hybrid = replace(groq, model="hybrid", phase=TurnPhase.INTERRUPTED, sent="The question may have gone to Groq")
    assert receipt(hybrid)[0] == "Restricted · the question may have gone to Groq · $0.00123"
    assert "may go to Groq" in running_receipt(hybrid)
    gone = replace(TURN, card=None)
    assert "ran elsewhere" in receipt(gone)[0]
    assert "left the server" not in receipt(replace(gone, where=None, sent=""))[0]


def test_every_message_of_an_answer_says_that_an_ai_writes_it() -> None:
    for view in (*running_pages(TURN, "word " * 2000), *final_pages(replace(TURN, answer="word " * 2000))):
        assert "an ai" in read(view).casefold()


def test_what_is_left_is_told_to_whoever_asks_more() -> None:
    public = replace(TURN, remaining=Remaining(1200, None))
    assert not any("Left for you" in line for line in receipt(public))
    assert "Left for you: 1,200 tokens today" in read(panels.more_card(public, (), can_thread=True))


def test_again_asks_whoever_was_chosen() -> None:
    assert "Hybrid again" in labels(panels.retry_card(replace(TURN, wanted="hybrid"), ()))
    assert "Tiny again" in labels(panels.retry_card(TURN, ()))


def test_all_that_is_to_know_is_on_the_card() -> None:
    text = "\n".join(receipt(replace(TURN, **FULL)))
    for words in (
        "note note",
        "3 earlier turns of this conversation and 4,096 tokens of the text",
        "Cut off at the longest answer allowed",
        "certainty 87%",
        "Speaks as A pirate",
        "Left for you: 0 tokens, more",
        "$5.00",
        "Written by an AI",
    ):
        assert words in text
    filtered = receipt(replace(TURN, finish=Finish.FILTERED, card=None, where=None, sent=""))
    assert any("filter cut" in line for line in filtered)


@pytest.mark.parametrize("length", [0, 10, 2790, 2810, 3590, 3610, 7000, 15_900])
@pytest.mark.parametrize("phase", [TurnPhase.DONE, TurnPhase.STOPPED, TurnPhase.FAILED, TurnPhase.INTERRUPTED])
@pytest.mark.parametrize("full", [False, True])
def test_every_page_keeps_within_discords_bounds(length: int, phase: TurnPhase, full: bool) -> None:
    turn = replace(TURN, phase=phase, answer="word " * (length // 5), **(FULL if full else {}))
    for view in (*final_pages(turn, shared_by=5), *running_pages(turn, turn.answer, "Waiting " * 30, "Soon over")):
        assert size(view) <= 4000
        assert view.total_children_count <= 40
    assert size(final_pages(turn)[-1]) <= 4000
    ended_empty = not length and phase in (TurnPhase.FAILED, TurnPhase.INTERRUPTED)
    assert ("Written by an AI" in read(final_pages(turn)[-1])) is not ended_empty


def test_what_was_shared_is_worded_for_others() -> None:
    turn = replace(TURN, is_private=True, remaining=Remaining(10, None), completion_tokens=1)
    assert "1 token in 2.3 s · your choice" in read(final_pages(turn)[0])
    shared = read(final_pages(turn, shared_by=5)[0])
    assert "chosen for this question" in shared
    assert "Left for you" not in shared


def test_code_that_is_cut_stays_code_on_every_page() -> None:
    turn = replace(TURN, answer="Look:\n```py\n" + "print('tea')\n" * 600 + "```\nThat is it.")
    for view in final_pages(turn):
        assert read(view).count("```") % 2 == 0


def test_what_is_not_there_is_said() -> None:
    assert "nothing that could be shown" in read(final_pages(replace(TURN, answer=" \n"))[0])
    assert "Stopped before anything" in read(final_pages(replace(TURN, answer="", phase=TurnPhase.STOPPED))[0])
    failed = final_pages(replace(TURN, answer="", phase=TurnPhase.FAILED, trouble="Tiny is busy."))[0]
    assert read(failed).startswith("### Tiny gave no answer")
    assert "Tiny is busy." in read(failed)
    assert "deleted" in read(deleted_page(TURN, by_moderators=True))


def test_while_it_is_written_the_notice_is_shown() -> None:
    running = replace(TURN, phase=TurnPhase.RUNNING, where=Where.WORKER, sent="", answer="")
    (waiting,) = running_pages(running, "", "Loading Tiny (40 %)")
    assert "Loading Tiny (40 %)" in read(waiting)
    (thinking,) = running_pages(running, "")
    assert "Thinking…" in read(thinking)
    (writing,) = running_pages(running, "Tea")
    assert "Writing…" in read(writing)
    assert "runs on this machine · nothing leaves the server" in read(writing)


def test_panels_offer_what_may_be_done() -> None:
    public = replace(TURN, message_id=9)
    assert labels(panels.more_card(public, (), can_thread=True)) == [
        "Branch",
        "Thread",
        "What was sent where",
        "Report",
        "Delete",
    ]
    private = replace(TURN, is_private=True, earlier_turns=1, ratings=Ratings(1, 2))
    more = panels.more_card(private, (), can_thread=True)
    assert labels(more) == ["Branch", "Share", "Start afresh", "What was sent where", "Report", "Delete"]
    assert "👍 1 · 👎 2" in read(more)
    running = replace(TURN, phase=TurnPhase.RUNNING)
    assert "Stop" in labels(panels.more_card(running, (), can_thread=False))
    alone = panels.retry_card(TURN, [Offer("x", "X", "no key")])
    assert "No other model can be used here." in read(alone)


@pytest.mark.parametrize("where", [None, *Where])
def test_what_was_sent_where(where: Where | None) -> None:
    text = read(panels.sent_card(replace(TURN, where=where, **{**FULL, "sent": ""})))
    assert "It was told: the question" in text
    assert "Nothing left this machine." in text
    assert "Counted: 1,200 tokens read, 34 written, 2.3 s (first words after 0.4 s)." in text
    checked = read(panels.sent_card(replace(TURN, checked_by="api.example")))
    assert "api.example" in checked


def test_a_comparison_keeps_within_discords_bounds() -> None:
    phases = (TurnPhase.DONE, TurnPhase.FAILED, TurnPhase.RUNNING, TurnPhase.INTERRUPTED)
    long = "```py\n" + "x = 1\n" * 900 + "```"
    turns = [
        replace(TURN, turn_id=number, phase=phase, answer=long, question="Why? " * 200, trouble="Busy. " * 100)
        for number, phase in enumerate(phases, start=1)
    ]
    view = comparison_card(turns, {turn.turn_id: long for turn in turns}, {})
    assert size(view) <= 4000
    assert read(view).count("```") % 2 == 0
    gone = replace(TURN, phase=TurnPhase.DELETED, answer="")
    empty = replace(TURN, answer=" ")
    stopped = replace(TURN, phase=TurnPhase.STOPPED)
    words = read(comparison_card([gone, empty, stopped], {}, {}))
    assert "*Deleted.*" in words
    assert "*Nothing that could be shown.*" in words
    assert "*Stopped.*" in words
    few = choose_card("What?", "1", [Offer("x", "X"), Offer("y", "Y", "no key")], ["x"])
    assert "It takes two models" in read(few)
