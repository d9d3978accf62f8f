"""Both answers of a battle as they are made: at once, moderated, masked, paid for, and void when one is missing."""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal

import structlog

from bot.arena import rules
from bot.arena.identity import Identity
from bot.arena.service.beginning import Beginning
from bot.arena.service.desk import Ready, Side
from bot.arena.types import Battle, BattleAnswer, BattlePhase
from bot.backends.base import Chunk, Completion, Finish, Notice
from bot.backends.measures import micros, price_of, weight
from bot.backends.receipts import sent_words
from bot.catalog import receiver_of
from bot.errors import ModelError, NotFoundError, Trouble, UserError
from bot.refs import reference_of

MOST_READ = 2_500
"""Characters after which a model is not listened to any longer: what is shown is shorter."""
_CLOSE_SECONDS = 10.0
_WRITING = "Two models are answering…"
_WAITING = "Many battles are on just now. Yours is in line."
_WAKING = "A model has to be started first."
_ONE_THERE = "One answer is there. The other one is still being written."
_AGAIN = "Nothing was counted. Begin another battle with /arena battle."
_ONE_FAILED = f"One of the two models gave no answer. {_AGAIN}"
_BOTH_FAILED = f"Neither of the two models gave an answer. {_AGAIN}"
_FILTERED = f"The maker of one of the two models cut its answer off. {_AGAIN}"
_HELD_BACK = f"One of the answers held something that this server blocks. {_AGAIN}"
_NAMED = f"One of the answers said little but who wrote it. {_AGAIN}"
_STOPPED = f"It was stopped before both answers were there. {_AGAIN}"
_OURS = "Something went wrong on my side, and nothing was counted. Tell the moderators “{reference}” if it stays so."
# these are found out before anything is sent
_KEPT_HERE = frozenset({Trouble.EGRESS, Trouble.NOT_CONFIGURED, Trouble.UNFIT})

log = structlog.stdlib.get_logger(__name__)


@dataclass(slots=True)
class Making:
    """One of the two answers, as far as it has come."""

    side: Side
    pieces: list[str] = field(default_factory=list[str])
    letters: int = 0
    tokens: float = 0.0
    began: float = 0.0
    ended: float = 0.0
    is_begun: bool = False
    is_waking: bool = False
    is_over: bool = False
    is_cut: bool = False
    completion: Completion | None = None
    error: Exception | None = None

    @property
    def text(self) -> str:
        """All that the model said."""
        if not self.pieces and self.completion is not None:
            return self.completion.text
        return "".join(self.pieces)

    @property
    def is_whole(self) -> bool:
        """Whether there is an answer."""
        return self.error is None and (self.is_cut or self.completion is not None) and bool(self.text.strip())


@dataclass(slots=True)
class Both:
    """A battle that is being answered."""

    ready: Ready
    makings: tuple[Making, Making]
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    is_waiting: bool = False
    is_left: bool = False
    """Whether the process ends: the next one finds it running, and tells."""

    def notice(self) -> str:
        """Say how it is; nothing of it tells which model is which."""
        if self.is_waiting:
            return _WAITING
        if any(making.is_over for making in self.makings):
            return _ONE_THERE
        waking = any(making.is_waking and not making.pieces for making in self.makings)
        return _WAKING if waking else _WRITING


class Running(Beginning):
    """What happens while answers are made."""

    async def run(self, battle_id: int) -> AsyncGenerator[Notice | Battle]:
        """Have both models answer: yield what there is to tell, and in the end the battle, open or void.

        Closing the generator stops both.

        Raises:
            NotFoundError: there is no such battle (any more).
        """
        ready = self._under_way.get(battle_id)
        if ready is None or ready.is_running:
            yield await self._elsewhere(battle_id, is_here=ready is not None)
            return
        ready.is_running = True
        first, second = ready.sides
        both = Both(ready, (Making(first), Making(second)))
        work = asyncio.create_task(self._make(both), name=f"battle-{battle_id}")
        work.add_done_callback(lambda _: both.changed.set())
        stopping = asyncio.create_task(_when_stopped(ready, work))
        told = ""
        try:
            while not work.done():
                notice = both.notice()
                if notice != told:
                    told = notice
                    yield Notice(notice)
                await both.changed.wait()
                both.changed.clear()
        except asyncio.CancelledError:
            both.is_left = True
            raise
        finally:
            stopping.cancel()
            work.cancel()
            # shielded: whoever waited may be gone, and the answers are to be paid for all the same
            ending = asyncio.create_task(self._ended(both, work), name=f"battle-end-{battle_id}")
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
            battle = await asyncio.shield(ending)
        if battle is None:
            reason = rules.RESTARTED if self._is_closing else rules.GONE
            battle = replace(ready.battle, phase=BattlePhase.VOID, void_reason=reason)
        yield battle

    async def interrupted(self) -> list[Battle]:
        """Return what dead processes left running, once, void now; each with the token that edits its message."""
        return [self._dressed(battle) for battle in await self._battles.interrupt(rules.RESTARTED, self._clock())]

    async def unshown(self) -> list[Battle]:
        """Return what dead processes had answered and did not come to show, once; show it, or `give_up`."""
        return [self._dressed(battle) for battle in await self._battles.take_unshown(self._under_way.keys())]

    async def give_up(self, battle_id: int) -> Battle | None:
        """Make a battle void whose answers cannot be shown; None when people see them already, or it is over."""
        battle = await self._battles.void(battle_id, rules.UNSHOWN, self._clock(), unshown=True)
        return battle and self._dressed(battle)

    async def _elsewhere(self, battle_id: int, *, is_here: bool) -> Battle:
        """Return a battle that is not run by this call: it has ended, or belongs to a process that is no more."""
        battle = await self._battles.get(battle_id)
        if battle is None:
            raise NotFoundError(rules.GONE)
        if battle.phase is BattlePhase.RUNNING and not is_here:
            battle = await self._battles.void(battle_id, rules.RESTARTED, self._clock()) or battle
        return self._dressed(battle)

    async def _make(self, both: Both) -> None:
        """Have both answer at the same time; when one fails, the other need not go on."""
        if self._slots.locked():
            both.is_waiting = True
            both.changed.set()
        async with self._slots:
            both.is_waiting = False
            both.changed.set()
            pumps = [asyncio.create_task(self._pump(both, making)) for making in both.makings]
            try:
                waiting = set(pumps)
                while waiting and not any(making.error for making in both.makings):
                    _, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.wait(pumps, timeout=_CLOSE_SECONDS)

    async def _pump(self, both: Both, making: Making) -> None:
        """Read one model to its end."""
        ready, loop = both.ready, asyncio.get_running_loop()
        making.began = loop.time()
        try:
            backend, egress = making.side.backend, ready.settings.models.egress
            async with aclosing(backend.complete(ready.prompt, egress)) as events:
                making.is_begun = True
                async for event in events:
                    if isinstance(event, Completion):
                        making.completion = event
                    elif isinstance(event, Notice):
                        making.is_waking = True
                        both.changed.set()
                    elif await self._take(both, making, event):
                        break
            if making.completion is None and not making.is_cut:
                # which no backend may
                making.error = RuntimeError("an answer without an end")
            elif not making.text.strip():
                making.error = ModelError(Trouble.EMPTY, "It answered with nothing.", model=backend.card.key)
        except Exception as error:  # noqa: BLE001 - whatever it is, it makes the battle void
            making.error = error
        finally:
            making.ended = loop.time()
            making.is_over = True
            both.changed.set()

    async def _take(self, both: Both, making: Making, event: Chunk) -> bool:
        """Take a piece of an answer; tell whether that is enough."""
        if not making.pieces:
            both.changed.set()
        making.pieces.append(event.text)
        making.letters += len(event.text)
        making.tokens += weight(event.text)
        making.is_cut = making.letters > MOST_READ
        await self._allowances.charge(making.side.hold, both.ready.prompt_tokens + math.ceil(making.tokens))
        return making.is_cut

    async def _ended(self, both: Both, work: "asyncio.Task[None]") -> Battle | None:
        """Pay for both, decide what came of it and store it; None when it is gone, or is left to the next process."""
        ready = both.ready
        battle_id = ready.battle.battle_id
        # the other ends stop before the next question may begin
        await asyncio.wait([work], timeout=_CLOSE_SECONDS)
        try:
            for making in both.makings:
                await self._pay(both, making)
            if ready.is_dropped or both.is_left or (self._is_closing and ready.stopped.is_set()):
                return None
            texts, masked, reason = await self._judged(both)
            if reason:
                blank = [self._answer(both, making, "", 0) for making in both.makings]
                battle = await self._battles.void(battle_id, reason, self._clock(), blank)
                self._forgive_pace(ready.challenger)
            else:
                answers = [
                    self._answer(both, making, text, places)
                    for making, text, places in zip(both.makings, texts, masked, strict=True)
                ]
                battle = await self._battles.answered(battle_id, answers)
            return battle and self._dressed(battle)
        finally:
            self._under_way.pop(battle_id, None)
            ready.ended.set()

    async def _judged(self, both: Both) -> tuple[list[str], list[int], str]:
        """Return both texts as they may be shown, how often names were masked, and why the battle is void, if it is."""
        if reason := _void_reason(both):
            return [], [], reason
        ready = both.ready
        names = Identity(*(making.side.backend.card for making in both.makings))
        found = [names.mask(making.text) for making in both.makings]
        try:
            for making in both.makings:
                if blocked := await self._checks.find([making.text], ready.settings.models, "answer"):
                    await self._tell_blocked(ready.challenger, blocked, ready.battle)
                    return [], [], _HELD_BACK
        except ModelError as error:
            return [], [], f"{error} {_AGAIN}"
        if any(each.is_all_about_itself for each in found):
            return [], [], _NAMED
        return [rules.cut(each.text) for each in found], [each.places for each in found], ""

    async def _pay(self, both: Both, making: Making) -> None:
        """Count what one answer took; nothing where a model said nothing at all."""
        hold = making.side.hold
        done = making.completion
        if done is None and not making.pieces:
            await self._allowances.release(hold)
            return
        read, written, cost = self._used(both, making)
        await self._allowances.settle(hold, read + written, micros(cost) or 0)

    def _used(self, both: Both, making: Making) -> tuple[int, int, Decimal | None]:
        """Return tokens read and written and what they cost, estimated where the model does not say."""
        done, estimated = making.completion, both.ready.prompt_tokens
        read = estimated if done is None or done.prompt_tokens is None else done.prompt_tokens
        written = math.ceil(making.tokens)
        if done is not None and done.completion_tokens is not None:
            written = done.completion_tokens
        cost = price_of(making.side.backend, read, written) if done is None or done.cost is None else done.cost
        return read, written, cost

    def _answer(self, both: Both, making: Making, text: str, masked: int) -> BattleAnswer:
        """Return an answer as it is stored."""
        battle, backend = both.ready.battle, making.side.backend
        side = both.makings.index(making)
        done, has_begun = making.completion, bool(making.pieces) or making.completion is not None
        read, written, cost = self._used(both, making) if has_begun else (None, None, None)
        seconds = done.seconds if done is not None else making.ended - making.began
        return replace(
            battle.answers[side],
            text=text,
            where=backend.where,
            masked=masked,
            sent=self._sent(both, making),
            prompt_tokens=read,
            completion_tokens=written,
            cost=cost,
            seconds=seconds if has_begun else None,
        )

    def _sent(self, both: Both, making: Making) -> str:
        """Say which text left the server for this answer, and to whom."""
        kept = isinstance(making.error, ModelError) and making.error.trouble in _KEPT_HERE and not making.pieces
        receiver = receiver_of(making.side.backend.card) if making.is_begun and not kept else ""
        return sent_words(
            ["the prompt"],
            [receiver] if receiver else [],
            is_known=bool(making.pieces) or making.completion is not None,
            checked="the prompt and the answers",
            checked_by=self._checks.receiver(both.ready.settings.models),
        )


async def _when_stopped(ready: Ready, work: "asyncio.Task[None]") -> None:
    await ready.stopped.wait()
    work.cancel()


def _void_reason(both: Both) -> str:
    """Say why there are no two answers; empty when there are. No model is named: a shared battle is read by all."""
    failed = [making for making in both.makings if making.error is not None]
    for making in failed:
        _log(making)
    others = [making.error for making in failed if not isinstance(making.error, ModelError)]
    for error in others:
        # an allowance that is used up is told as it is
        return f"{error} Nothing was counted." if isinstance(error, UserError) else _ours(error)
    if failed:
        return _BOTH_FAILED if len(failed) == len(both.makings) else _ONE_FAILED
    if not all(making.is_whole for making in both.makings):
        return _STOPPED
    if any(making.completion and making.completion.finish is Finish.FILTERED for making in both.makings):
        return _FILTERED
    return ""


def _ours(error: Exception | None) -> str:
    return _OURS.format(reference=reference_of(error)) if error else ""


def _log(making: Making) -> None:
    error, model = making.error, making.side.backend.card.key
    if isinstance(error, ModelError):
        log.info("a model gave no whole answer", model=model, trouble=error.trouble, detail=error.detail)
    elif error is not None and not isinstance(error, UserError):
        log.error("an answer failed", model=model, reference=reference_of(error), exc_info=error)
