"""Battles on their way to two models: checked, paired, paid for in advance, stored before anything is sent."""

import asyncio
from datetime import datetime, timedelta

from bot.arena import prompts, rules
from bot.arena.language import guess
from bot.arena.pairing import choose, identity_of
from bot.arena.service.desk import Ready, Side
from bot.arena.service.rating import Rating
from bot.arena.store import NewBattle
from bot.arena.types import Battle, BattleDraft, Challenger, Pairing
from bot.backends.base import Backend, Egress, Prompt
from bot.backends.measures import micros, price_of
from bot.catalog import Openness, Shape, Task
from bot.errors import ModelError, NotAllowedError, QuotaError, Trouble, UserError

RUN_WITHIN = timedelta(minutes=15)
"""As long as Discord lets an answer be edited: what nobody began to run by then is given up."""
MOST_KEPT = 10_000
"""Members whose pace is in memory."""
_BLOCKED_IN = "Your prompt holds something that this server blocks. Put it differently."
_NOT_RUN = "The answers were never begun; nothing was counted."
_TWO = 2
_NEEDS = {
    Pairing.OPEN_CLOSED: "an open and a closed model",
    Pairing.OPEN_OPEN: "two open models",
    Pairing.CLOSED_CLOSED: "two closed models",
    Pairing.ANY: "two models",
}
_SHAPES = frozenset({Shape.CAUSAL})


class Beginning(Rating):
    """What happens before answers are made."""

    def peek_refusal(self, challenger: Challenger) -> UserError | None:
        """Say from memory alone what would refuse a battle: the pace of whoever asks; None when nothing is known."""
        now = self._clock()
        last, today = self._remembered_pace((challenger.guild_id, challenger.member_id), now)
        return rules.refuse_pace(last, today, now)

    async def begin(self, challenger: Challenger, draft: BattleDraft, reply_token: str | None = None) -> Battle:
        """Decide who meets, check what goes in, reserve what it may take and store the battle; `run` has it answered.

        Raises:
            InvalidInputError: the prompt does not fit.
            NotAllowedError: it holds what this server blocks.
            ModelError: there are no two models that could meet.
            QuotaError: the member has begun too many, or what may be used is used up.
        """
        prompt, settings, now = (
            rules.check_prompt(draft.prompt),
            await self._guilds.get(challenger.guild_id),
            self._clock(),
        )
        who = challenger.guild_id, challenger.member_id
        await self._tidy()
        if who in self._beginning:
            raise QuotaError("A battle of yours is just beginning. Wait for its answers.")
        self._beginning.add(who)
        try:
            stored, known = await self._battles.pace(*who, now), self._remembered_pace(who, now)
            # battles that were deleted are remembered only here
            last, today = max(filter(None, (stored[0], known[0])), default=None), max(stored[1], known[1])
            self._remember_pace(who, last, today, now)
            if refusal := rules.refuse_pace(last, today, now):
                raise refusal
            if found := await self._checks.find([prompt], settings.models):
                await self._tell_blocked(challenger, found, None)
                raise NotAllowedError(_BLOCKED_IN)
            task, language = rules.task_of(prompt), await asyncio.to_thread(guess, prompt)
            backends = await self._pair(challenger.guild_id, settings.models.egress, task, draft.pairing)
            asked = prompts.prompt_of(prompt, adults_only=challenger.adults_only)
            sides = await self._reserve(challenger, backends, asked)
            try:
                is_private = settings.models.asks_private if draft.private is None else draft.private
                new = NewBattle(
                    challenger=challenger,
                    prompt=prompt,
                    is_private=is_private,
                    pairing=draft.pairing,
                    task=task,
                    language=language,
                    sides=(identity_of(backends[0].card), identity_of(backends[1].card)),
                    closes_at=now + (rules.PRIVATE_FOR if is_private else rules.SHARED_FOR),
                    reply_token=reply_token,
                )
                battle = self._dressed(await self._battles.add(new, now))
            except BaseException:
                await self._give_back(sides)
                raise
            self._remember_pace(who, now, today + 1, now)
            self._under_way[battle.battle_id] = Ready(
                battle, challenger, sides, asked, prompts.prompt_tokens(asked), settings
            )
            self._arm(battle)
            return battle
        finally:
            self._beginning.discard(who)

    async def _pair(self, guild_id: int, egress: Egress, task: Task, pairing: Pairing) -> tuple[Backend, Backend]:
        """Return who answers as A and who as B.

        What only a guess says that it is asked for keeps nobody from answering: where too few are made for that task,
        those that answer questions meet.
        """
        answering = [
            one for one in self._models.usable(egress, Task.ANSWER, pictures=False) if one.card.shape in _SHAPES
        ]
        exposure = await self._exposure(guild_id)
        for able in ([one for one in answering if task in one.capabilities.tasks], answering):
            by_identity = {identity_of(one.card): one for one in able}
            if chosen := choose(tuple(by_identity), pairing, exposure, self.dice):
                return by_identity[chosen[0]], by_identity[chosen[1]]
        raise ModelError(Trouble.UNFIT, _too_few(answering, pairing, egress))

    async def _reserve(
        self, challenger: Challenger, backends: tuple[Backend, Backend], asked: Prompt
    ) -> tuple[Side, Side]:
        """Reserve what both answers may take; all of it or nothing."""
        sides: list[Side] = []
        read, written = prompts.prompt_tokens(asked), asked.max_tokens
        try:
            for backend in backends:
                cost = micros(price_of(backend, read, written)) or 0
                hold = await self._allowances.reserve(
                    challenger.guild_id, challenger.member_id, challenger.role_ids, read + written, cost
                )
                sides.append(Side(backend, hold))
        except BaseException:
            await self._give_back(sides)
            raise
        return sides[0], sides[1]

    async def _give_back(self, sides: "tuple[Side, ...] | list[Side]") -> None:
        for side in sides:
            await self._allowances.release(side.hold)

    def _remembered_pace(self, who: tuple[int, int], now: datetime) -> tuple[datetime | None, int]:
        """Return when a member began their last battle, and how many today, as far as this process knows."""
        last, day, today = self._pace.get(who, (None, now, 0))
        return last, today if rules.day_of(day) == rules.day_of(now) else 0

    def _forgive_pace(self, challenger: Challenger) -> None:
        """Take a battle that came to nothing off what its member has had today."""
        who = challenger.guild_id, challenger.member_id
        if who in self._pace:
            last, day, today = self._pace[who]
            self._pace[who] = last, day, max(0, today - 1)

    def _remember_pace(self, who: tuple[int, int], last: datetime | None, today: int, now: datetime) -> None:
        self._pace[who] = last, now, today
        self._pace.move_to_end(who)
        if len(self._pace) > MOST_KEPT:
            self._pace.popitem(last=False)

    async def _tidy(self) -> None:
        """Give up what was begun and that nobody came to run."""
        before = self._clock() - RUN_WITHIN
        for battle_id, ready in list(self._under_way.items()):
            if ready.is_running or ready.battle.made_at > before:
                continue
            self._under_way.pop(battle_id, None)
            await self._give_back(ready.sides)
            await self._battles.void(battle_id, _NOT_RUN, self._clock())


def _too_few(answering: "list[Backend]", pairing: Pairing, egress: Egress) -> str:
    """Say what is missing for a battle, and what to do."""
    there = {openness: sum(1 for one in answering if one.card.openness is openness) for openness in Openness}
    counted = ", ".join(f"{number} {openness.value}" for openness, number in there.items() if number) or "none"
    says = f"A battle needs {_NEEDS[pairing]}, and what can answer here just now is: {counted}."
    if pairing is not Pairing.ANY and len(answering) >= _TWO:
        return f"{says} Choose another pairing, or leave it out."
    if egress.open_only or egress.stays_here:
        return f"{says} This server's settings keep others out; those who manage it can change them with /server setup."
    return f"{says} /models shows what each of them needs. Tell whoever runs the bot."
