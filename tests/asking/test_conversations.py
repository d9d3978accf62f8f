"""What goes on from what: replies, branches, threads, clearing; and whose choice counts. On both databases."""

from dataclasses import replace

import pytest

from bot.asking.types import HYBRID, ChoiceRule, Passage, Question, TurnPhase, TurnRecord
from bot.catalog import Task
from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, ModelError, NotAllowedError, NotFoundError
from tests.support.asking import ADA, BEN, CHANNEL, CLOSED, FLAN, OPEN, Desk, Sick, asker, card, closed, ended, opened
from tests.support.polls import GUILD, SetClock

THREAD = 700


def told(desk: Desk, key: str = OPEN) -> list[str]:
    """What the model was told last, without the system prompt."""
    return [turn.text for turn in desk.backend(key).prompts[-1].turns]


async def test_a_reply_goes_on_with_what_was_said(desk: Desk) -> None:
    first = await desk.ask("My name is Ada.", wanted=OPEN)
    second = await desk.ask("What is my name?", parent_id=first.turn_id)
    assert (second.conversation_id, second.parent_id) == (first.conversation_id, first.turn_id)
    assert (second.earlier_turns, second.dropped_turns) == (1, 0)
    assert told(desk) == ["My name is Ada.", "Hello, there.", "What is my name?"]
    assert (await desk.ask("Something else")).conversation_id != first.conversation_id


async def test_a_retry_stands_beside_what_it_retries(desk: Desk) -> None:
    first = await desk.ask("One", wanted=OPEN)
    second = await desk.ask("Two", parent_id=first.turn_id)
    again = await ended(desk.asks, await desk.asks.retry(second.turn_id, asker(), CLOSED))
    assert (again.parent_id, again.conversation_id) == (first.turn_id, first.conversation_id)
    assert (again.rule, again.wanted, again.answer) == (ChoiceRule.ASKED, CLOSED, "Closed answer.")
    assert again.sent == "The question and one earlier turn went to api.example.org"
    assert told(desk, CLOSED) == ["One", "Hello, there.", "Two"]
    assert (await desk.asks.choices(asker())).member == OPEN, "a retry does not change what one chose"
    same = await desk.asks.retry(second.turn_id, asker())
    assert (same.rule, same.wanted) == (second.rule, second.wanted)
    with pytest.raises(ClosedError, match="still being written"):
        await desk.asks.retry(same.turn_id, asker())


async def test_somebody_else_goes_on_in_a_conversation_of_their_own(desk: Desk) -> None:
    first = await desk.ask("One", wanted=OPEN)
    theirs = await desk.ask("Two", asker(BEN), parent_id=first.turn_id, wanted=OPEN)
    assert theirs.conversation_id != first.conversation_id
    assert told(desk) == ["One", "Hello, there.", "Two"]
    mine = await desk.ask("Three", parent_id=first.turn_id)
    assert told(desk) == ["One", "Hello, there.", "Three"]
    assert mine.conversation_id == first.conversation_id
    branch = await desk.ask("Four", parent_id=mine.turn_id, branches=True)
    assert branch.conversation_id != mine.conversation_id
    assert told(desk) == ["One", "Hello, there.", "Three", "Hello, there.", "Four"]
    retried = await ended(desk.asks, await desk.asks.retry(mine.turn_id, asker(BEN)))
    assert retried.conversation_id not in {first.conversation_id, theirs.conversation_id}


async def test_what_was_said_in_private_is_told_to_nobody_else(desk: Desk) -> None:
    secret = await desk.ask("My secret", wanted=OPEN, private=True)
    public = await desk.ask("In public", parent_id=secret.turn_id, private=False)
    assert told(desk)[0] == "In public", "it would be answered where all can see"
    with pytest.raises(NotAllowedError):
        await desk.asks.begin(asker(BEN), Question("And?", parent_id=secret.turn_id))
    with pytest.raises(NotAllowedError):
        await desk.asks.retry(secret.turn_id, asker(BEN))
    await desk.ask("And?", asker(BEN), parent_id=public.turn_id, wanted=OPEN)
    assert told(desk) == ["In public", "Hello, there.", "And?"]
    with pytest.raises(NotFoundError):
        await desk.asks.begin(asker(guild=1), Question("And?", parent_id=public.turn_id))


async def test_in_a_thread_one_goes_on_with_what_one_said_there(desk: Desk) -> None:
    first = await desk.ask("One", wanted=OPEN)
    await desk.asks.threaded(first.turn_id, THREAD)
    there = asker(thread_id=THREAD)
    second = await desk.ask("Two", there)
    assert second.parent_id == first.turn_id
    newcomer = await desk.ask("Three", asker(BEN, thread_id=THREAD), wanted=OPEN)
    assert newcomer.parent_id == second.turn_id
    assert newcomer.conversation_id != second.conversation_id
    third = await desk.ask("Four", there)
    assert third.parent_id == second.turn_id, "each member has a conversation of their own"
    latest = await desk.asks.latest_in(GUILD, THREAD)
    assert latest is not None
    assert latest.turn_id == third.turn_id
    assert await desk.asks.latest_in(GUILD, 1) is None
    assert (await desk.ask("New", asker(thread_id=701))).parent_id is None


async def test_clearing_lets_a_conversation_begin_anew(desk: Desk) -> None:
    first = await desk.ask("One", wanted=OPEN)
    assert await desk.asks.clear(asker(BEN)) == 0
    assert await desk.asks.clear(asker()) == 1
    second = await desk.ask("Two", parent_id=first.turn_id)
    assert (told(desk), second.earlier_turns) == (["Two"], 0)
    third = await desk.ask("Three", parent_id=second.turn_id)
    assert told(desk) == ["Two", "Hello, there.", "Three"]
    with pytest.raises(NotFoundError):
        await desk.asks.clear_conversation(third.conversation_id, asker(BEN))
    await desk.asks.clear_conversation(third.conversation_id, asker())
    await desk.ask("Four", parent_id=third.turn_id)
    assert told(desk) == ["Four"]
    await desk.asks.threaded(third.turn_id, THREAD)
    there = replace(asker(thread_id=THREAD, parent_channel_id=CHANNEL), channel_id=THREAD)
    assert (await desk.ask("There", there)).parent_id is not None
    assert await desk.asks.clear(there) == 1
    assert await desk.asks.clear(asker()) == 0


async def test_a_channels_choice_and_persona_hold_in_its_threads(desk: Desk) -> None:
    await desk.asks.choose_for_channel(GUILD, CHANNEL, CLOSED)
    await desk.asks.set_persona(GUILD, CHANNEL, "Pirate", "You talk like a pirate.")
    there = replace(asker(thread_id=THREAD, parent_channel_id=CHANNEL), channel_id=THREAD)
    last = await desk.ask("Hi", there)
    assert (last.rule, last.wanted, last.persona) == (ChoiceRule.CHANNEL, CLOSED, "Pirate")
    assert last.channel_id == THREAD


async def test_what_does_not_fit_any_more_is_counted(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(context=1024, model="words 60")) as desk:
        parent, last = None, None
        for number in range(8):
            last = await desk.ask(f"{number} " + "words " * 30, parent_id=parent)
            parent = last.turn_id
        assert last is not None
        assert last.dropped_turns > 0
        assert last.earlier_turns + last.dropped_turns == 7
        prompt = desk.backend(OPEN).prompts[-1]
        assert prompt.turns[0].text.startswith(f"{last.dropped_turns} "), "the oldest go first"


async def test_a_deleted_turn_is_told_no_more(desk: Desk) -> None:
    first = await desk.ask("One", wanted=OPEN)
    second = await desk.ask("Two", parent_id=first.turn_id)
    await desk.asks.delete(first.turn_id, asker())
    await desk.ask("Three", parent_id=second.turn_id)
    assert told(desk) == ["Two", "Hello, there.", "Three"]


async def test_a_file_of_before_is_known_later(desk: Desk) -> None:
    first = await desk.ask("What is it?", wanted=OPEN, passage=Passage("The sky is green.", "sky.txt"))
    await desk.ask("Which colour?", parent_id=first.turn_id)
    assert "The sky is green." in told(desk)[0]
    assert "never an instruction" in desk.backend(OPEN).prompts[-1].system


async def rule_of(desk: Desk, **parts: object) -> tuple[ChoiceRule, str]:
    turn: TurnRecord = await desk.ask("Hi", **parts)  # pyright: ignore[reportArgumentType]
    return turn.rule, turn.wanted


async def test_whose_choice_counts(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        assert await rule_of(desk) == (ChoiceRule.DEFAULT, HYBRID)
        await desk.set_models(model="any-closed")
        assert await rule_of(desk) == (ChoiceRule.SERVER, "any-closed")
        await desk.asks.choose_for_channel(GUILD, CHANNEL, CLOSED)
        assert await rule_of(desk) == (ChoiceRule.CHANNEL, CLOSED)
        assert await rule_of(desk, wanted=OPEN) == (ChoiceRule.ASKED, OPEN)
        assert await rule_of(desk) == (ChoiceRule.MEMBER, OPEN)
        assert await rule_of(desk, who=asker(BEN)) == (ChoiceRule.CHANNEL, CLOSED)
    async with opened(database, clock) as desk:
        assert await rule_of(desk) == (ChoiceRule.MEMBER, OPEN), "after a restart too"
        await desk.asks.unchoose(asker())
        assert await rule_of(desk) == (ChoiceRule.CHANNEL, CLOSED)
        await desk.asks.choose_for_channel(GUILD, CHANNEL, None)
        await desk.set_models(model=None)
        assert await rule_of(desk) == (ChoiceRule.DEFAULT, HYBRID)
        with pytest.raises(InvalidInputError, match="no model"):
            await desk.asks.choose_for_channel(GUILD, CHANNEL, "nobody")
        with pytest.raises(NotFoundError):
            await desk.asks.begin(asker(), Question("Hi", wanted="nobody"))


async def test_a_choice_that_cannot_be_followed_is_passed_over_and_said(database: Database, clock: SetClock) -> None:
    one_task = card(FLAN, tasks=frozenset({Task.SUMMARISE}))
    async with opened(database, clock, one_task, closed()) as desk:
        await desk.ask("Sum this up", wanted=FLAN, task=Task.SUMMARISE)
        with pytest.raises(ModelError):
            # what stayed on this machine by choice does not leave it because the task is another one
            await desk.asks.begin(asker(), Question("Hi"))
        await desk.ask("Hi", wanted=CLOSED)
        await desk.set_models(open_only=True)
        turn = await desk.ask("Sum this up", task=Task.SUMMARISE)
        assert turn.card is not None
        assert (turn.card.key, turn.rule) == (FLAN, ChoiceRule.DEFAULT)
        assert turn.note == "Passed over: Big Closed (your choice from before)."


async def test_the_operators_default_and_what_is_there(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, environ={"ROSTRUM_DEFAULT_MODEL": CLOSED}) as desk:
        assert await rule_of(desk) == (ChoiceRule.DEFAULT, CLOSED)
    async with opened(database, clock, closed()) as desk:
        assert await rule_of(desk) == (ChoiceRule.DEFAULT, "any-closed")
    async with opened(database, clock, Sick(card())) as desk:
        with pytest.raises(ModelError):
            await desk.asks.begin(asker(), Question("Hi"))


async def test_a_model_that_is_gone_from_the_catalogue_leaves_its_answers_readable(
    database: Database, clock: SetClock
) -> None:
    async with opened(database, clock) as desk:
        turn = await desk.ask("Hi", wanted=CLOSED)
    async with opened(database, clock, card()) as desk:
        kept = await desk.asks.get(turn.turn_id, GUILD)
        assert (kept.answer, kept.card, kept.model) == ("Closed answer.", None, CLOSED)
        again = await desk.ask("Hi")
        assert "Passed over: big-closed" in again.note


async def test_personas_are_a_channels_or_the_servers(desk: Desk) -> None:
    assert await desk.asks.personas(GUILD) == ()
    await desk.asks.set_persona(GUILD, 0, " Professor  Owl ", "You are a wise owl.")
    await desk.asks.set_persona(GUILD, CHANNEL, "Pirate", "You talk like a pirate.")
    assert [(one.channel_id, one.name) for one in await desk.asks.personas(GUILD)] == [
        (0, "Professor Owl"),
        (CHANNEL, "Pirate"),
    ]
    turn = await desk.ask("Hi", wanted=OPEN)
    assert turn.persona == "Pirate"
    system = desk.backend(OPEN).prompts[-1].system
    assert "like a pirate" in system
    assert system.index("like a pirate") < system.index("never claim or pretend to be a person")
    assert await desk.asks.set_persona(GUILD, CHANNEL, "", "") is None
    assert (await desk.ask("Hi")).persona == "Professor Owl"
    with pytest.raises(InvalidInputError, match="how the persona speaks"):
        await desk.asks.set_persona(GUILD, CHANNEL, "Only a name", "")


async def test_turns_are_deleted_after_ninety_days(desk: Desk, clock: SetClock) -> None:
    old = await desk.ask("Old")
    clock.move(days=89)
    new = await desk.ask("New", parent_id=old.turn_id)
    await desk.asks.sweep()
    assert (await desk.asks.get(old.turn_id, GUILD)).phase is TurnPhase.DONE
    clock.move(days=2)
    await desk.asks.sweep()
    with pytest.raises(NotFoundError):
        await desk.asks.get(old.turn_id, GUILD)
    assert (await desk.asks.get(new.turn_id, GUILD)).answer
    clock.move(days=90)
    await desk.asks.sweep()
    export = await desk.asks.export_user(ADA)
    assert (export["conversations"], export["turns"]) == ([], [])
