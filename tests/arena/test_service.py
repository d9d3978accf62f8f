"""A battle's life: begun, answered, shown, voted on, closed; on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.arena import rules
from bot.arena.types import BattleDraft, BattlePhase, Doubt, Pairing, Reason, Verdict
from bot.backends.base import Notice
from bot.catalog import Openness, Task, Where
from bot.errors import (
    ClosedError,
    InvalidInputError,
    ModelError,
    NotAllowedError,
    NotFoundError,
    NotYetError,
    QuotaError,
)
from tests.support.arena import (
    ADA,
    ANSWER,
    BEN,
    CHIKA,
    MODERATOR,
    Desk,
    actor,
    challenger,
    ended,
    opened,
    ran,
    voter,
)
from tests.support.asking import card
from tests.support.polls import GUILD


async def test_both_answers_come_at_once_and_no_word_tells_which_is_which(desk: Desk) -> None:
    battle = await desk.begin(reply_token="token")
    assert battle.phase is BattlePhase.RUNNING
    told, battle = await ran(desk.arena, battle)
    assert battle.phase is BattlePhase.OPEN
    assert told
    names = [answer.card.name for answer in battle.answers if answer.card]
    assert len(set(names)) == 2
    for event in told:
        assert isinstance(event, Notice)
        assert not any(name in event.text for name in names)
    assert all(answer.text.startswith(ANSWER) for answer in battle.answers)
    prompts = [desk.backend(answer.line.key).prompts[-1] for answer in battle.answers]
    assert prompts[0] == prompts[1], "both are told the same"
    assert battle.reply_token == "token"
    shown = await desk.arena.shown(battle.battle_id, 99)
    assert (shown.message_id, shown.shown_at, shown.reply_token) == (99, desk.clock.now, None)
    assert shown.closes_at == desk.clock.now + rules.SHARED_FOR
    assert desk.timers.due_at("battle_due", battle.battle_id) == shown.closes_at


async def test_names_in_answers_are_masked(desk: Desk) -> None:
    battle = await desk.answered(f"script:say Openly, Freely, Closedly, Shutly and Partly know: {ANSWER}")
    assert [answer.masked for answer in battle.answers] != [0, 0]
    for answer in battle.answers:
        assert not any(other.line.name in answer.text for other in battle.answers)
        assert ANSWER in answer.text


async def test_a_battle_of_answers_about_themselves_is_void(desk: Desk) -> None:
    battle = await desk.answered("script:say I am Openly, Freely, Closedly, Shutly or Partly.")
    assert battle.phase is BattlePhase.VOID
    assert "who wrote it" in battle.void_reason
    assert [answer.text for answer in battle.answers] == ["", ""]


async def test_long_answers_are_cut_at_a_word(desk: Desk) -> None:
    battle = await desk.answered("script:words 900")
    for answer in battle.answers:
        assert len(answer.text) <= rules.LONGEST_ANSWER
        assert answer.text.endswith("…")
        assert answer.text[:-1].split()[-1].startswith("word")


async def test_a_shared_battle_is_voted_on_by_many_and_closes_for_all(desk: Desk) -> None:
    battle = await desk.opened()
    receipts = [await desk.vote(battle, member, Verdict.A) for member in (ADA, BEN)]
    assert [receipt.turnout for receipt in receipts] == [1, 2]
    assert all(receipt.result is None and not receipt.changed for receipt in receipts)
    assert [receipt.doubt for receipt in receipts] == [None, None]
    again = await desk.vote(battle, BEN, Verdict.BAD)
    assert (again.changed, again.turnout) == (True, 2)
    reasons = await desk.arena.give_reasons(battle.battle_id, voter(BEN), [Reason.WRONG, Reason.CLEAR])
    assert reasons.verdict is Verdict.BAD
    assert await desk.arena.my_vote(battle.battle_id, voter(BEN)) == (
        Verdict.BAD,
        (Reason.CLEAR, Reason.WRONG),
        None,
    )
    assert await desk.arena.my_vote(battle.battle_id, voter(CHIKA)) is None
    with pytest.raises(NotYetError):
        await desk.arena.result(battle.battle_id, GUILD)
    result = await desk.arena.close(battle.battle_id, actor(MODERATOR, moderator=True))
    assert result.votes == {Verdict.A: 1, Verdict.B: 0, Verdict.TIE: 0, Verdict.BAD: 1}
    assert result.reasons == {Reason.CLEAR: 1, Reason.WRONG: 1}
    assert (result.turnout, result.doubtful) == (2, 0)
    assert result.battle.is_revealed
    assert await desk.arena.due(battle.battle_id) == result, "shown after a restart too"
    await desk.arena.done(battle.battle_id)
    assert await desk.arena.due(battle.battle_id) is None
    with pytest.raises(ClosedError):
        await desk.vote(battle, CHIKA)
    with pytest.raises(ClosedError):
        await desk.arena.give_reasons(battle.battle_id, voter(BEN), [])
    with pytest.raises(ClosedError):
        await desk.arena.close(battle.battle_id, actor())


async def test_another_verdict_takes_its_reasons_along(desk: Desk) -> None:
    battle = await desk.opened()
    await desk.vote(battle, ADA, Verdict.A)
    await desk.arena.give_reasons(battle.battle_id, voter(), [Reason.USEFUL])
    await desk.vote(battle, ADA, Verdict.A)
    assert await desk.arena.my_vote(battle.battle_id, voter()) == (Verdict.A, (Reason.USEFUL,), None)
    await desk.vote(battle, ADA, Verdict.B)
    assert await desk.arena.my_vote(battle.battle_id, voter()) == (Verdict.B, (), None)
    with pytest.raises(InvalidInputError):
        await desk.arena.give_reasons(battle.battle_id, voter(), list(Reason))
    with pytest.raises(NotFoundError):
        await desk.arena.give_reasons(battle.battle_id, voter(BEN), [])


async def test_a_private_vote_is_final_and_reveals_the_names(desk: Desk) -> None:
    battle = await desk.opened(private=True)
    assert battle.closes_at - desk.clock.now > timedelta(hours=23)
    with pytest.raises(NotAllowedError):
        await desk.vote(battle, BEN)
    with pytest.raises(NotAllowedError):
        await desk.arena.close(battle.battle_id, actor())
    receipt = await desk.vote(battle, ADA, Verdict.TIE)
    assert receipt.result is not None
    assert receipt.result.votes[Verdict.TIE] == 1
    assert receipt.battle.phase is BattlePhase.CLOSED
    with pytest.raises(ClosedError, match="final"):
        await desk.vote(battle, ADA, Verdict.A)
    reasons = await desk.arena.give_reasons(battle.battle_id, voter(), [Reason.CREATIVE])
    assert reasons.result is not None
    assert reasons.result.reasons == {Reason.CREATIVE: 1}
    with pytest.raises(NotAllowedError):
        await desk.arena.manage(battle.battle_id, actor(MODERATOR, moderator=True))


async def test_the_server_decides_whether_battles_are_private_where_nobody_says(desk: Desk) -> None:
    await desk.set_models(asks_private=True)
    assert (await desk.begin(private=None)).is_private
    await desk.set_models(asks_private=False)
    assert not (await desk.begin(private=None)).is_private


async def test_two_vote_at_the_same_instant(desk: Desk) -> None:
    battle = await desk.opened()
    members = [ADA, BEN, CHIKA, *range(100, 120)]
    receipts = await asyncio.gather(*(desk.vote(battle, member) for member in members))
    assert all(1 <= receipt.turnout <= len(members) for receipt in receipts)
    assert await desk.arena.turnout(battle.battle_id) == len(members)
    assert (await desk.arena.live(battle.battle_id))[1] == len(members)
    result = await desk.arena.close(battle.battle_id, actor())
    assert result.turnout == len(members)


async def test_pressing_twice_at_the_same_instant_is_one_vote(desk: Desk) -> None:
    shared, private = await desk.opened(), await desk.opened(private=True)
    both = await asyncio.gather(*(desk.vote(shared, ADA, verdict) for verdict in (Verdict.A, Verdict.B)))
    assert [receipt.turnout for receipt in both] == [1, 1]
    found = await asyncio.gather(
        *(desk.vote(private, ADA, verdict) for verdict in (Verdict.A, Verdict.B)), return_exceptions=True
    )
    assert sorted(isinstance(one, ClosedError) for one in found) == [False, True]
    result = await desk.arena.result(private.battle_id, GUILD)
    assert result.turnout == 1


async def test_doubts_are_told_at_once_and_kept(desk: Desk) -> None:
    battle = await desk.answered()
    battle = await desk.arena.shown(battle.battle_id, 5)
    desk.clock.move(seconds=1)
    rushed = await desk.vote(battle, ADA)
    assert rushed.doubt is Doubt.RUSHED
    assert await desk.arena.my_vote(battle.battle_id, voter()) == (rushed.verdict, (), Doubt.RUSHED)
    desk.clock.move(seconds=5)
    assert (await desk.vote(battle, ADA)).doubt is None, "what counts is the last vote"
    new = voter(BEN, made_at=desk.clock.now - timedelta(days=2))
    assert (await desk.arena.vote(battle.battle_id, new, Verdict.B)).doubt is Doubt.NEW_ACCOUNT
    result = await desk.arena.close(battle.battle_id, actor())
    assert (result.turnout, result.doubtful) == (2, 1)


async def test_votes_over_the_cap_of_a_day_are_in_doubt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "VOTES_A_DAY", 2)
    battles = [await desk.opened() for _ in range(3)]
    doubts = [(await desk.vote(battle, BEN)).doubt for battle in battles]
    assert doubts == [None, None, Doubt.CAPPED]
    assert (await desk.vote(battles[0], BEN, Verdict.B)).doubt is Doubt.CAPPED, "others were cast today"
    desk.clock.move(days=1)
    later = await desk.opened()
    assert (await desk.vote(later, BEN)).doubt is None


async def test_votes_before_and_after_their_time_are_refused(desk: Desk) -> None:
    battle = await desk.begin()
    with pytest.raises(NotYetError):
        await desk.vote(battle)
    battle = await ended(desk.arena, battle)
    with pytest.raises(NotYetError):
        await desk.vote(battle)
    with pytest.raises(NotYetError):
        await desk.arena.close(battle.battle_id, actor())
    battle = await desk.arena.shown(battle.battle_id, 5, desk.clock.now + timedelta(minutes=10))
    assert await desk.arena.due(battle.battle_id) is None
    desk.clock.move(minutes=10)
    with pytest.raises(ClosedError):
        await desk.vote(battle)
    with pytest.raises(NotFoundError):
        await desk.arena.vote(battle.battle_id + 1, voter(), Verdict.A)
    with pytest.raises(ClosedError):
        await desk.arena.vote(battle.battle_id, voter(guild=GUILD + 1), Verdict.A)
    result = await desk.arena.due(battle.battle_id)
    assert result is not None
    assert result.battle.phase is BattlePhase.CLOSED
    assert result.turnout == 0


async def test_a_private_battle_that_nobody_votes_in_comes_to_nothing(desk: Desk) -> None:
    battle = await desk.opened(private=True)
    desk.clock.move(hours=24)
    result = await desk.arena.due(battle.battle_id)
    assert result is not None
    assert (result.battle.phase, result.battle.void_reason) == (BattlePhase.VOID, rules.UNVOTED)
    with pytest.raises(ClosedError, match="void"):
        await desk.vote(battle)
    with pytest.raises(ClosedError, match="void"):
        await desk.arena.shown(battle.battle_id, 6)


async def test_pairings_choose_the_classes(desk: Desk) -> None:
    for pairing, classes in (
        (Pairing.OPEN_CLOSED, {Openness.OPEN, Openness.CLOSED}),
        (Pairing.OPEN_OPEN, {Openness.OPEN}),
        (Pairing.CLOSED_CLOSED, {Openness.CLOSED}),
    ):
        battle = await desk.begin(pairing=pairing)
        assert {answer.line.openness for answer in battle.answers} == classes


async def test_what_the_server_keeps_out_does_not_meet(desk: Desk) -> None:
    await desk.set_models(open_only=True)
    for _ in range(4):
        battle = await desk.answered()
        assert {answer.line.openness for answer in battle.answers} == {Openness.OPEN}
        assert {answer.where for answer in battle.answers} == {Where.MACHINE}
        assert [answer.sent for answer in battle.answers] == ["", ""]
    with pytest.raises(ModelError, match="Choose another pairing"):
        await desk.begin(pairing=Pairing.OPEN_CLOSED)
    assert await desk.left() > 0


async def test_too_few_models_are_told_with_what_to_do(desk: Desk) -> None:
    async with opened(desk.database, desk.clock, card("openly")) as alone:
        with pytest.raises(ModelError, match=r"needs two models.*1 open.*Tell whoever runs the bot"):
            await alone.begin()
        await alone.set_models(stays_here=True)
        with pytest.raises(ModelError, match="those who manage it can change them with /server setup"):
            await alone.begin()
        await alone.set_models(stays_here=False)


async def test_what_leaves_the_server_is_told(desk: Desk) -> None:
    battle = await desk.answered(pairing=Pairing.OPEN_CLOSED)
    sent = {answer.line.openness: answer.sent for answer in battle.answers}
    assert sent[Openness.OPEN] == ""
    assert sent[Openness.CLOSED] == "The prompt went to api.example.org"
    cost = {answer.line.openness: answer.cost or 0 for answer in battle.answers}
    assert cost[Openness.CLOSED] > cost[Openness.OPEN] == 0


async def test_models_made_for_the_task_meet_first(desk: Desk) -> None:
    plain = [card(key, tasks=frozenset({Task.ANSWER})) for key in ("plain-a", "plain-b")]
    coders = [card(key) for key in ("coder-a", "coder-b")]
    async with opened(desk.database, desk.clock, *plain, *coders) as few:
        battle = await few.begin("Write a Python function that reads a file.")
        assert battle.task is Task.CODE
        assert {answer.line.key for answer in battle.answers} == {"coder-a", "coder-b"}
    async with opened(desk.database, desk.clock, *plain) as none:
        battle = await none.begin("Write a Python function that reads a file.")
        assert battle.task is Task.CODE
        assert {answer.line.key for answer in battle.answers} == {"plain-a", "plain-b"}


async def test_the_pace_of_a_member_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "BATTLES_A_DAY", 2)
    assert desk.arena.peek_refusal(challenger()) is None
    await desk.begin()
    with pytest.raises(QuotaError, match="20 seconds"):
        await desk.arena.begin(challenger(), BattleDraft("Again?"))
    assert desk.arena.peek_refusal(challenger()) is not None
    assert desk.arena.peek_refusal(challenger(BEN)) is None
    await desk.begin()
    with pytest.raises(QuotaError, match="2 battles today"):
        await desk.begin()
    assert isinstance(desk.arena.peek_refusal(challenger()), QuotaError)
    desk.clock.move(days=1)
    assert desk.arena.peek_refusal(challenger()) is None
    await desk.begin()


async def test_deleting_battles_does_not_make_room_for_more_and_failing_ones_do(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "BATTLES_A_DAY", 2)
    for _ in range(2):
        assert (await desk.answered("script:fail busy")).phase is BattlePhase.VOID
    await desk.arena.delete((await desk.begin()).battle_id, actor())
    with pytest.raises(QuotaError, match="seconds"):
        await desk.arena.begin(challenger(), BattleDraft("Again?"))
    assert (await desk.answered("script:fail busy")).phase is BattlePhase.VOID
    await desk.begin()
    desk.clock.move(seconds=30)
    assert isinstance(desk.arena.peek_refusal(challenger()), QuotaError)
    with pytest.raises(QuotaError, match="2 battles today"):
        await desk.begin()


async def test_one_battle_is_begun_at_a_time(desk: Desk) -> None:
    draft = BattleDraft("What is tea?")
    found = await asyncio.gather(*(desk.arena.begin(challenger(), draft) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, QuotaError) for one in found) == 2


@pytest.mark.parametrize("prompt", ["", " \n ", "\u200b", "x" * 2_001])
async def test_prompts_that_do_not_fit_are_refused(desk: Desk, prompt: str) -> None:
    with pytest.raises(InvalidInputError):
        await desk.begin(prompt)


async def test_words_that_the_server_blocks_are_held_back(desk: Desk) -> None:
    await desk.set_models(blocked_words=("quince",))
    with pytest.raises(NotAllowedError):
        await desk.begin("Is a quince a fruit?")
    battle = await desk.answered("script:say A qu|say ince, that is.")
    assert battle.phase is BattlePhase.VOID
    assert "blocks" in battle.void_reason


async def test_battles_of_another_server_are_not_there(desk: Desk) -> None:
    battle = await desk.opened()
    with pytest.raises(NotFoundError):
        await desk.arena.get(battle.battle_id, GUILD + 1)
    with pytest.raises(NotFoundError):
        await desk.arena.manage(battle.battle_id, actor(guild=GUILD + 1, moderator=True))
    with pytest.raises(NotAllowedError):
        await desk.arena.close(battle.battle_id, actor(BEN))
    assert await desk.arena.guild_of(battle.battle_id) == GUILD
    assert await desk.arena.guild_of(battle.battle_id + 1) is None


async def test_deleting_takes_an_open_battle_away_and_blanks_a_closed_one(desk: Desk) -> None:
    battle, closed = await desk.opened(), await desk.opened()
    await desk.vote(closed, BEN)
    await desk.arena.close(closed.battle_id, actor())
    for each in (battle, closed):
        deleted = await desk.arena.delete(each.battle_id, actor())
        assert deleted.message_id == each.message_id
    with pytest.raises(NotFoundError):
        await desk.arena.get(battle.battle_id, GUILD)
    result = await desk.arena.result(closed.battle_id, GUILD)
    assert (result.battle.prompt, result.battle.answers[0].text, result.turnout) == ("", "", 1)


async def test_a_card_is_shown_as_long_as_the_model_is_the_same(desk: Desk) -> None:
    battle = await desk.opened(pairing=Pairing.OPEN_OPEN)
    assert all(answer.card for answer in battle.answers)
    renamed = [replace(one.card, name=f"{one.card.name} 2") for one in desk.shelf.all]
    async with opened(desk.database, desk.clock, *renamed) as later:
        again = await later.arena.get(battle.battle_id, GUILD)
        assert [answer.card for answer in again.answers] == [None, None]
        assert [answer.line.name for answer in again.answers] == [answer.line.name for answer in battle.answers]
