"""What goes wrong in the arena ends as it should: void and said, paid for, and nothing counted twice or lost."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from sqlalchemy import func, select

from bot.arena import rules
from bot.arena.service import RUN_WITHIN
from bot.arena.types import Battle, BattlePhase, BoardBy, Pairing, Verdict
from bot.backends.allowances import AllowanceKind
from bot.backends.base import Egress, Event, Notice, Prompt
from bot.db.schema import BattleRow, BattleVoteRow, UsageHoldRow
from bot.db.session import Database
from bot.errors import ClosedError, ModelError, NotAllowedError, NotFoundError, QuotaError
from tests.support.arena import ADA, ANSWER, BEN, CHIKA, Desk, actor, challenger, ended, opened, ran, voter
from tests.support.asking import Broken, card, closed
from tests.support.moderating import judging, moderation
from tests.support.polls import GUILD, SetClock


class Noisy(Broken):
    """A model that says on its way what it is, as one that has to be loaded does."""

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        yield Notice(f"Loading {self.card.name} (40 %)")
        async for event in super(Broken, self).complete(prompt, egress):
            yield event


async def holds(database: Database) -> int:
    """How many reservations there are."""
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(UsageHoldRow))).scalar_one()


async def phase_of(desk: Desk, battle: Battle) -> BattlePhase:
    return (await desk.arena.get(battle.battle_id, GUILD)).phase


@pytest.mark.parametrize("script", ["fail busy", "say Tea|fail cut off", "say  "])
async def test_one_of_two_models_fails(database: Database, clock: SetClock, script: str) -> None:
    async with opened(database, clock, card("openly", model=script), closed("closedly")) as desk:
        battle = await desk.answered()
        assert battle.phase is BattlePhase.VOID
        assert battle.void_reason.startswith("One of the two models gave no answer.")
        assert not any(answer.line.name in battle.void_reason for answer in battle.answers)
        assert await holds(database) == 0
        with pytest.raises(ClosedError, match="void"):
            await desk.vote(battle)
        with pytest.raises(ClosedError, match="void"):
            await desk.arena.shown(battle.battle_id, 1)
        assert (await desk.arena.board(GUILD, BoardBy.MODEL)).battles == 0
        await desk.begin()
        assert (await desk.arena.result(battle.battle_id, GUILD)).turnout == 0


async def test_when_one_fails_the_other_need_not_go_on(database: Database, clock: SetClock) -> None:
    slow = card("slowly", model="say Tea|wait 600|say is a drink")
    async with opened(database, clock, card("openly", model="wait 0.05|fail busy"), slow) as desk:
        battle = await desk.answered()
        assert battle.phase is BattlePhase.VOID
        assert desk.backend("slowly").running == 0
        taken = {answer.line.key: answer.completion_tokens for answer in battle.answers}
        assert taken["openly"] is None
        assert await holds(database) == 0


async def test_both_models_fail(database: Database, clock: SetClock) -> None:
    failing = [card(key, model="wait 0.01|fail overloaded") for key in ("openly", "freely")]
    async with opened(database, clock, *failing) as desk:
        left = await desk.left()
        battle = await desk.answered()
        assert battle.phase is BattlePhase.VOID
        assert "gave" in battle.void_reason
        assert await desk.left() == left, "nothing was used"
        assert await holds(database) == 0


async def test_a_mistake_of_ours_is_told_with_a_reference(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, Broken(card("broken")), card("openly", model="wait 600|say Tea")) as desk:
        battle = await desk.answered()
        assert battle.phase is BattlePhase.VOID
        assert "on my side" in battle.void_reason
        assert await holds(database) == 0


async def test_what_a_model_says_on_its_way_does_not_tell_who_it_is(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, Noisy(card("noisy")), card("openly", model=f"wait 0.05|say {ANSWER}")) as desk:
        told, battle = await ran(desk.arena, await desk.begin())
        assert battle.phase is BattlePhase.OPEN
        assert told
        assert not any("Noisy" in each.text or "Openly" in each.text for each in told)


async def test_closing_the_generator_stops_both(database: Database, clock: SetClock) -> None:
    slow = [card(key, model="say Tea|wait 600|say is a drink") for key in ("openly", "freely")]
    async with opened(database, clock, *slow) as desk:
        battle = await desk.begin()
        async with aclosing(desk.arena.run(battle.battle_id)) as steps:
            await anext(steps)
            while not all(desk.backend(key).running for key in ("openly", "freely")):
                await asyncio.sleep(0.01)
        assert [desk.backend(key).running for key in ("openly", "freely")] == [0, 0]
        assert await phase_of(desk, battle) is BattlePhase.VOID
        assert await holds(database) == 0


async def test_a_battle_is_run_once(desk: Desk) -> None:
    battle = await ended(desk.arena, await desk.begin())
    again = await ended(desk.arena, battle)
    assert again.phase is BattlePhase.OPEN
    assert [answer.text for answer in again.answers] == [answer.text for answer in battle.answers]
    with pytest.raises(NotFoundError):
        async for _ in desk.arena.run(battle.battle_id + 1):
            pass


async def test_an_allowance_that_is_used_up_refuses_and_holds_nothing(desk: Desk) -> None:
    await desk.allowances.set(GUILD, AllowanceKind.MEMBER, 0, 100, None)
    with pytest.raises(QuotaError):
        await desk.begin()
    assert await holds(desk.database) == 0
    # enough for one answer, but not for both
    await desk.allowances.set(GUILD, AllowanceKind.MEMBER, 0, 1_500, None)
    with pytest.raises(QuotaError):
        await desk.begin()
    assert await holds(desk.database) == 0
    assert await desk.left() == 1_500
    await desk.allowances.set(GUILD, AllowanceKind.MEMBER, 0, 100_000, None)
    battle = await desk.answered()
    used = sum((answer.prompt_tokens or 0) + (answer.completion_tokens or 0) for answer in battle.answers)
    assert await desk.left() == 100_000 - used


async def test_what_nobody_came_to_run_is_given_up(desk: Desk) -> None:
    battle = await desk.begin()
    assert await holds(desk.database) == 2
    desk.clock.move(seconds=RUN_WITHIN.total_seconds() + 1)
    await desk.arena.sweep()
    assert await holds(desk.database) == 0
    found = await desk.arena.get(battle.battle_id, GUILD)
    assert (found.phase, "never begun" in found.void_reason) == (BattlePhase.VOID, True)


async def test_a_battle_that_is_deleted_while_it_is_answered_is_gone(database: Database, clock: SetClock) -> None:
    slow = [card(key, model="wait 600|say Tea") for key in ("openly", "freely")]
    async with opened(database, clock, *slow) as desk:
        battle = await desk.begin()
        running = asyncio.create_task(ran(desk.arena, battle))
        while not desk.backend("openly").running:
            await asyncio.sleep(0.01)
        await desk.arena.delete(battle.battle_id, actor())
        _, last = await running
        assert (last.phase, last.void_reason) == (BattlePhase.VOID, rules.GONE)
        with pytest.raises(NotFoundError):
            await desk.arena.get(battle.battle_id, GUILD)
        assert await holds(database) == 0
        waiting = await desk.begin()
        await desk.arena.delete(waiting.battle_id, actor())
        assert await holds(database) == 0


async def test_the_endpoint_that_moderates(database: Database, clock: SetClock) -> None:
    async with judging() as judge, moderation(judge) as endpoint:
        async with opened(database, clock, moderation=endpoint) as desk:
            await desk.set_models(moderation=50)
            held: list[str] = []

            async def on_blocked(_who: object, blocked: object, _battle: object) -> None:
                held.append(str(getattr(blocked, "where", "")))

            desk.arena.on_blocked = on_blocked
            with pytest.raises(NotAllowedError):
                await desk.begin("How do I punch?")
            battle = await desk.answered("script:say Tea and a pun|say ch.")
            assert (battle.phase, "blocks" in battle.void_reason) == (BattlePhase.VOID, True)
            assert held == ["question", "answer"]
            assert (await desk.answered()).phase is BattlePhase.OPEN
        async with opened(database, clock, moderation=endpoint) as desk:
            await judge_is_away(desk, endpoint)


async def judge_is_away(desk: Desk, endpoint: object) -> None:
    """Where the endpoint cannot be asked, no battle is begun."""
    assert endpoint
    await endpoint.close()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    with pytest.raises((ModelError, RuntimeError)):
        await desk.begin()
    assert await holds(desk.database) == 0


async def test_a_model_is_retired_in_the_middle(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        battle = await desk.opened(pairing=Pairing.OPEN_CLOSED)
        await desk.vote(battle, BEN)
        gone = battle.answers[0].line.key
    left = [each.card for each in desk.shelf.all if each.card.key != gone]
    async with opened(database, clock, *left) as desk:
        await desk.vote(battle, CHIKA, Verdict.B)
        result = await desk.arena.close(battle.battle_id, actor())
        assert result.battle.answers[0].card is None
        assert result.battle.answers[0].line.name
        board = await desk.arena.board(GUILD, BoardBy.MODEL)
        assert {line.key for line in board.lines} == {answer.line.key for answer in battle.answers}
        assert board.votes == 2
        for _ in range(6):
            other = await desk.answered()
            assert gone not in {answer.line.key for answer in other.answers}


async def test_an_erased_asker_leaves_no_word_and_every_vote(desk: Desk) -> None:
    kept, going_on, private, void = [
        await desk.opened("Ada's question"),
        await desk.opened("Ada's question"),
        await desk.opened("Ada's question", private=True),
        await desk.answered("script:fail busy"),
    ]
    running = await desk.begin("Ada waits")
    for battle in (kept, going_on):
        await desk.vote(battle, BEN)
        await desk.vote(battle, CHIKA)
    await desk.arena.close(kept.battle_id, actor())
    await desk.arena.forget(ADA)
    for gone in (private, void, running):
        with pytest.raises(NotFoundError):
            await desk.arena.get(gone.battle_id, GUILD)
    assert await holds(desk.database) == 0
    for battle in (kept, going_on):
        left = await desk.arena.get(battle.battle_id, GUILD)
        assert (left.member_id, left.prompt, left.answers[0].text) == (None, "", "")
    await desk.arena.vote(going_on.battle_id, voter(14), Verdict.TIE)
    with pytest.raises(NotAllowedError):
        await desk.arena.close(going_on.battle_id, actor(BEN))
    assert (await desk.arena.close(going_on.battle_id, actor(BEN, moderator=True))).turnout == 3
    assert desk.arena.peek_refusal(challenger()) is None


async def test_texts_and_void_battles_are_kept_for_a_while_votes_for_good(desk: Desk) -> None:
    old, void = await desk.opened(), await desk.answered("script:fail busy")
    await desk.vote(old, BEN)
    await desk.arena.close(old.battle_id, actor())
    desk.clock.move(days=rules.KEPT_FOR.days - 1)
    await desk.arena.sweep()
    assert (await desk.arena.get(old.battle_id, GUILD)).prompt
    desk.clock.move(days=2)
    new = await desk.opened()
    await desk.arena.sweep()
    left = await desk.arena.result(old.battle_id, GUILD)
    assert (left.battle.prompt, left.turnout) == ("", 1)
    with pytest.raises(NotFoundError):
        await desk.arena.get(void.battle_id, GUILD)
    assert (await desk.arena.get(new.battle_id, GUILD)).prompt


async def test_a_void_battle_has_no_votes(desk: Desk) -> None:
    battle = await desk.answered()
    assert await desk.arena.give_up(battle.battle_id) is not None
    assert await desk.arena.give_up(battle.battle_id) is None
    shown = await desk.opened()
    assert await desk.arena.give_up(shown.battle_id) is None, "people see it"
    async with desk.database.read() as connection:
        votes = await connection.execute(select(func.count()).select_from(BattleVoteRow))
        void = await connection.execute(
            select(func.count()).select_from(BattleRow).where(BattleRow.phase == BattlePhase.VOID)
        )
    assert (votes.scalar_one(), void.scalar_one()) == (0, 1)
