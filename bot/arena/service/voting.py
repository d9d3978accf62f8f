"""Battles that people see: shown, voted on, closed, void, deleted."""

from collections.abc import Collection
from datetime import datetime

from bot.arena import rules
from bot.arena.service.desk import BATTLE_DUE
from bot.arena.service.running import Running
from bot.arena.store.votes import Cast
from bot.arena.types import Actor, Battle, BattlePhase, Doubt, Reason, Result, Verdict, Voter, VoteReceipt
from bot.errors import ClosedError, NotAllowedError, NotFoundError, NotYetError


class Voting(Running):
    """What happens once both answers are there."""

    async def posted(self, battle_id: int, message_id: int) -> None:
        """Remember which message the answers will be shown in, while they are still being made."""
        await self._battles.set_message(battle_id, message_id)

    async def shown(self, battle_id: int, message_id: int | None, closes_at: datetime | None = None) -> Battle:
        """Note that both answers can be read from now on: votes count from here, and the timer is set.

        Raises:
            NotFoundError: the battle is gone.
            ClosedError: it is void.
        """
        battle, now = await self._read(battle_id), self._clock()
        if battle.phase is BattlePhase.OPEN and battle.shown_at is None:
            ends = rules.closing_at(battle.made_at, closes_at, now, is_private=battle.is_private)
            await self._battles.shown(battle_id, message_id, ends, now)
            battle = await self._read(battle_id)
        if battle.phase is BattlePhase.VOID:
            raise ClosedError(f"This battle is void. {battle.void_reason}".strip())
        self._arm(battle)
        return self._dressed(battle)

    async def vote(self, battle_id: int, voter: Voter, verdict: Verdict) -> VoteReceipt:
        """Cast a vote, or change it while that is possible; it is durable when this returns.

        In a private battle it is final, and the receipt has the result.

        Raises:
            NotFoundError: there is no such battle.
            NotAllowedError: it is somebody else's private one.
            NotYetError: the answers are not shown yet.
            ClosedError: it takes no more votes.
        """
        cast = await self._votes.cast(battle_id, voter, verdict, self._clock())
        return await self._receipt(cast, verdict)

    async def give_reasons(self, battle_id: int, voter: Voter, reasons: Collection[Reason]) -> VoteReceipt:
        """Say why one voted so, in place of what one said before.

        Raises:
            InvalidInputError: there are too many reasons.
            NotFoundError: there is no such battle, or no vote of theirs.
            ClosedError: it has closed.
        """
        chosen = rules.check_reasons(tuple(reasons))
        cast, verdict = await self._votes.give_reasons(battle_id, voter, chosen)
        return await self._receipt(cast, verdict)

    async def my_vote(self, battle_id: int, voter: Voter) -> tuple[Verdict, tuple[Reason, ...], Doubt | None] | None:
        """Return how somebody voted, why, and what holds the vote back; None when they did not vote."""
        return await self._votes.mine(battle_id, voter)

    async def live(self, battle_id: int) -> tuple[Battle, int]:
        """Return a battle as it is now, for its card, and how many have voted.

        Raises:
            NotFoundError: it is gone.
        """
        return self._dressed(await self._read(battle_id)), await self._votes.turnout(battle_id)

    async def turnout(self, battle_id: int) -> int:
        """Count the votes in a battle; how they are spread is told when it closes."""
        return await self._votes.turnout(battle_id)

    async def result(self, battle_id: int, guild_id: int) -> Result:
        """Return a battle that is over with its count.

        Raises:
            NotFoundError: there is none (any more).
            NotYetError: it still takes votes, so that neither names nor votes are told.
        """
        result = await self._result(battle_id)
        if result.battle.guild_id != guild_id:
            raise NotFoundError(rules.GONE)
        if result.battle.phase in {BattlePhase.RUNNING, BattlePhase.OPEN}:
            raise NotYetError("Names and votes are told when this battle closes.")
        return result

    async def close(self, battle_id: int, actor: Actor) -> Result:
        """Close a shared battle before its time.

        Raises:
            NotAllowedError: the actor may not, or it is a private one.
            NotYetError: the answers are not shown yet.
            ClosedError: it is over.
        """
        battle = await self.manage(battle_id, actor)
        if battle.is_private:
            raise NotAllowedError("A private battle ends with your vote. Vote, or delete it.")
        if battle.phase is BattlePhase.RUNNING or (battle.phase is BattlePhase.OPEN and battle.shown_at is None):
            raise NotYetError("The answers are still being made. Close it when both are there.")
        if not await self._battles.close(battle_id, self._clock()):
            raise ClosedError("This battle is over already.")
        result = await self._result(battle_id)
        self._arm(result.battle)
        return result

    async def due(self, battle_id: int) -> Result | None:
        """Do what a battle's time has come for; None when there is nothing to show.

        Closed now or before, its result is to be shown, which `done` notes; void, people are to be told why.
        """
        battle, now = await self._battles.get(battle_id), self._clock()
        if battle is None or battle.phase in {BattlePhase.DONE, BattlePhase.VOID}:
            return None
        if battle.phase is BattlePhase.CLOSED:
            return await self._result(battle_id)
        if now < battle.closes_at:
            # it was moved
            self._arm(battle)
            return None
        if battle.phase is BattlePhase.RUNNING:
            ready = self._under_way.get(battle_id)
            if ready is not None and ready.is_running:
                ready.stopped.set()
                return None
            await self._drop(battle_id)
            voided = await self._battles.void(battle_id, rules.RESTARTED, now) is not None
        elif battle.shown_at is None:
            voided = await self._battles.void(battle_id, rules.UNSHOWN, now, unshown=True) is not None
        elif battle.is_private:
            voided = await self._battles.expire(battle_id, rules.UNVOTED, now)
        else:
            voided = False
            await self._battles.close(battle_id, now, due_by=now)
        result = await self._result(battle_id)
        if voided or result.battle.phase is BattlePhase.CLOSED:
            return result
        return None

    async def done(self, battle_id: int) -> None:
        """Note that the result of a closed battle is shown."""
        await self._battles.done(battle_id)
        self._timers.cancel(BATTLE_DUE, battle_id)

    async def delete(self, battle_id: int, actor: Actor) -> Battle:
        """Delete what a battle says; one that was closed still counts, without its text. Returns it as it was.

        Raises:
            NotAllowedError: it is somebody else's, who is no moderator.
            NotFoundError: it is gone already.
        """
        battle = await self.manage(battle_id, actor)
        await self._drop(battle_id)
        if not await self._battles.delete(battle_id):
            await self._battles.blank(battle_id)
        self._timers.cancel(BATTLE_DUE, battle_id)
        return battle

    async def _drop(self, battle_id: int) -> None:
        """Stop what is under way for a battle, and give back what it holds."""
        ready = self._under_way.pop(battle_id, None)
        if ready is None:
            return
        ready.is_dropped = True
        ready.stopped.set()
        if not ready.is_running:
            await self._give_back(ready.sides)

    async def _read(self, battle_id: int) -> Battle:
        battle = await self._battles.get(battle_id)
        if battle is None:
            raise NotFoundError(rules.GONE)
        return battle

    async def _result(self, battle_id: int) -> Result:
        result = await self._votes.result(battle_id)
        if result is None:
            raise NotFoundError(rules.GONE)
        return Result(self._dressed(result.battle), result.votes, result.reasons, result.doubtful)

    async def _receipt(self, cast: Cast, verdict: Verdict) -> VoteReceipt:
        battle = self._dressed(cast.battle)
        result = await self._result(battle.battle_id) if battle.is_revealed else None
        if result is not None and battle.phase is BattlePhase.CLOSED:
            # the next process shows it, should this one not come to it
            self._arm(battle)
        return VoteReceipt(battle, verdict, cast.changed, cast.doubt, cast.turnout, result)
