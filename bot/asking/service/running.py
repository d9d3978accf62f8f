"""Answers as they are made: read from a model, moderated, paid for, shown so far, ended whatever happens."""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal

import structlog

from bot.asking import rules
from bot.asking.service.desk import AskDesk, Ready
from bot.asking.types import HYBRID, Asker, Blocked, Ended, Progress, TurnPhase, TurnRecord
from bot.backends.base import Backend, Chunk, Completion, Finish, Notice
from bot.backends.measures import micros, price_of, weight
from bot.catalog import receiver_of
from bot.errors import ClosedError, ModelError, NotFoundError, Trouble, UserError
from bot.guilds.moderation import Gate, worst
from bot.refs import reference_of

SAVED_EVERY = 10.0
"""Seconds after which what has come of an answer is stored, in case the bot does not live to its end."""
FIRST_CHECKED, THEN_CHECKED = 200, 800
"""Characters after which an endpoint looks at an answer; nothing is shown before it has."""
_OVERLAP = 200
_CLOSE_SECONDS = 10.0
_WAITING = "Many answers are being made just now. Yours is in line."
_HELD_BACK = (
    "This answer was held back: it holds something that this server blocks. Put the question differently, "
    "or choose another model."
)
_EMPTY = "{name} answered with nothing. Press Retry, or choose another model."
# these are found out before anything is sent
_KEPT_HERE = frozenset({Trouble.EGRESS, Trouble.NOT_CONFIGURED, Trouble.UNFIT})
_CUT_SHORT = "I was interrupted before this answer was whole. Press Retry to ask again."

log = structlog.stdlib.get_logger(__name__)


class Box:
    """What a model has said and nobody has taken yet."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._changed = asyncio.Event()
        self.notice = ""
        self.asked: list[str] = []
        """The models that were given the question, where one stands for several."""
        self.is_begun = False
        self.completion: Completion | None = None
        self.error: Exception | None = None
        self.is_over = False

    def put(self, event: Chunk | Notice | Completion) -> None:
        """Take what comes from a model."""
        if isinstance(event, Chunk):
            self._pieces.append(event.text)
        elif isinstance(event, Notice):
            self.notice = event.text
            if event.asks:
                self.asked.append(event.asks)
        else:
            self.completion = event
        self._changed.set()

    def end(self, error: Exception | None = None) -> None:
        """Nothing more comes."""
        self.error = error
        self.is_over = True
        self._changed.set()

    async def take(self) -> str:
        """Wait for something new, and return the text among it."""
        await self._changed.wait()
        self._changed.clear()
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


@dataclass(slots=True)
class Making:
    """An answer that is being made, as far as it has come."""

    ready: Ready
    gate: Gate
    box: Box = field(default_factory=Box)
    began: float = 0.0
    text: str = ""
    """All that the model said."""
    clear: str = ""
    """What of it may be shown."""
    checked: int = 0
    first_at: float | None = None
    saved_at: float = 0.0
    trouble: str = ""
    blocked: Blocked | None = None
    tokens: float = 0.0
    is_cut: bool = False
    """Whether it was cut off for its length."""
    is_whole: bool = False
    """Whether all that the model said was taken."""
    phase: TurnPhase = TurnPhase.STOPPED


class Running(AskDesk):
    """What happens while an answer is made."""

    async def run(self, turn_id: int) -> AsyncGenerator[Progress | TurnRecord]:
        """Make the answer of a turn that was begun: yield how far it has come, and in the end the turn.

        What goes wrong with a model or an allowance stands in the turn's `trouble`. Closing the generator stops it.

        Raises:
            NotFoundError: there is no such turn (any more).
        """
        ready = self._under_way.get(turn_id)
        if ready is None or ready.is_running:
            yield await self._elsewhere(turn_id, is_here=ready is not None)
            return
        ready.is_running = True
        making = Making(ready, Gate(ready.words))
        making.began = making.saved_at = asyncio.get_running_loop().time()
        pump = asyncio.create_task(self._pump(ready, making.box), name=f"answer-{turn_id}")
        try:
            async for progress in self._watched(making, pump):
                yield progress
        except asyncio.CancelledError:
            # the process is about to end: the next one finds it running, and tells
            making.phase = TurnPhase.RUNNING
            raise
        finally:
            pump.cancel()
            # shielded: whoever waited may be gone, and the answer is to be paid for all the same
            ending = asyncio.create_task(self._ended(making, pump), name=f"answer-end-{turn_id}")
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)
            turn = await asyncio.shield(ending)
        if turn is None and self._is_closing:
            text = _visible(making.clear)
            turn = replace(ready.turn, phase=TurnPhase.INTERRUPTED, answer=text, trouble=_CUT_SHORT)
        yield turn or replace(ready.turn, phase=TurnPhase.DELETED, question="", answer="", passage_name="")

    async def stop(self, turn_id: int, asker: Asker) -> TurnRecord:
        """Stop an answer that is being made; `run` then ends with what has come of it.

        Raises:
            NotAllowedError: it is somebody else's, who is no moderator.
            ClosedError: it has ended.
        """
        turn = await self.owned(turn_id, asker, moderators=True)
        ready = self._under_way.get(turn_id)
        if ready is None:
            raise ClosedError("This answer has ended already.")
        ready.stopped.set()
        return turn

    async def interrupted(self) -> list[TurnRecord]:
        """Return what a dead process left running, once, each with the token that its message is edited with."""
        left = await self._store.interrupt(self._under_way.keys(), self._clock())
        return [
            replace(self._dressed(turn), phase=TurnPhase.INTERRUPTED, trouble=_CUT_SHORT, ended_at=self._clock())
            for turn in left
        ]

    async def _elsewhere(self, turn_id: int, *, is_here: bool) -> TurnRecord:
        """Return a turn that is not run by this call: it has ended, or belongs to a process that is no more."""
        turn = await self._store.get(turn_id)
        if turn is None:
            raise NotFoundError(rules.GONE)
        if self._is_running(turn) and not is_here:
            ended = Ended(None, turn.answer, _CUT_SHORT)
            turn = await self._store.end(turn, TurnPhase.INTERRUPTED, ended, self._clock()) or turn
        return self._dressed(turn)

    async def _pump(self, ready: Ready, box: Box) -> None:
        """Read a model into the box, as soon as there is a place."""
        try:
            if self._slots.locked():
                box.put(Notice(_WAITING))
            async with self._slots, aclosing(ready.backend.complete(ready.prompt, ready.egress)) as events:
                box.is_begun = True
                async for event in events:
                    box.put(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whoever waits
            box.end(error)
        else:
            box.end()

    async def _watched(self, making: Making, pump: "asyncio.Task[None]") -> AsyncGenerator[Progress]:
        """Yield what may be shown as it comes, until the model ends or something ends it."""
        ready, box, loop = making.ready, making.box, asyncio.get_running_loop()
        stopping = asyncio.create_task(_when_stopped(ready, pump, box))
        shown, told = "", ""
        try:
            while True:
                piece = await box.take()
                over = box.is_over
                if over and box.completion and not making.text:
                    piece = piece or box.completion.text
                if piece and making.first_at is None:
                    making.first_at = loop.time()
                await self._grow(making, piece, over=over)
                if making.trouble or making.is_cut or over or ready.stopped.is_set():
                    making.is_whole = over
                    break
                text = _visible(making.clear)
                notice = "" if text else box.notice
                if len(text) != len(shown) or notice != told:
                    shown, told = text, notice
                    yield Progress(ready.turn.turn_id, text, notice)
                if making.text and loop.time() - making.saved_at >= SAVED_EVERY:
                    making.saved_at = loop.time()
                    await self._store.write(ready.turn.turn_id, making.clear)
        finally:
            stopping.cancel()

    async def _grow(self, making: Making, piece: str, *, over: bool) -> None:
        """Take a piece more: within bounds, moderated, and paid for."""
        room = rules.LONGEST_ANSWER - len(making.text)
        if len(piece) > room:
            piece, making.is_cut = piece[:room], True
        over = over or making.is_cut
        making.text += piece
        making.tokens += weight(piece)
        clear = making.gate.feed(piece)
        if over:
            clear = making.gate.end()
        try:
            if making.gate.found:
                making.blocked = Blocked("answer", f"blocked word: {making.gate.found}")
            else:
                await self._check_output(making, clear, over=over)
            if not over and piece:
                await self._allowances.charge(making.ready.hold, self._used(making))
        except UserError as error:
            making.trouble = str(error)
        if making.blocked:
            making.trouble = _HELD_BACK

    async def _check_output(self, making: Making, clear: str, *, over: bool) -> None:
        """Let through what an endpoint has looked at, where one is to look."""
        ready, endpoint = making.ready, self._checks.endpoint
        if ready.least is None or endpoint is None:
            making.clear = clear
            return
        step = THEN_CHECKED if making.checked else FIRST_CHECKED
        if len(clear) - making.checked < (1 if over else step):
            return
        part = clear[max(0, making.checked - _OVERLAP) :]
        scores = await endpoint.scores(part, ready.egress)
        if found := worst(scores, ready.least):
            making.blocked = Blocked("answer", found[0], found[1], scores)
            return
        making.checked, making.clear = len(clear), clear

    async def _ended(self, making: Making, pump: "asyncio.Task[None]") -> TurnRecord | None:
        """Settle and store how it ended, and return the turn; None when it is gone, or is left to the next process."""
        ready, turn_id = making.ready, making.ready.turn.turn_id
        # the other end stops before the next question may begin
        await asyncio.wait([pump], timeout=_CLOSE_SECONDS)
        try:
            phase, ended = self._outcome(making)
            ended = self._traced(making, ended)
            await self._pay(making, ended)
            if ready.is_dropped:
                return None
            if phase is TurnPhase.RUNNING:
                await self._store.write(turn_id, ended.text)
                return None
            turn = await self._store.end(ready.turn, phase, ended, self._clock())
            if ended.blocked:
                await self._tell_blocked(ready.asker, ended.blocked, turn)
            if turn is None:
                return None
            # others need not see what is left for the asker; behind More, the asker does
            left = await self.remaining(ready.asker) if turn.is_private else None
            return replace(self._dressed(turn), remaining=left)
        finally:
            self._under_way.pop(turn_id, None)
            ready.ended.set()

    def _outcome(self, making: Making) -> tuple[TurnPhase, Ended]:
        """Decide what an answer came to."""
        ready, box = making.ready, making.box
        stopped = ready.stopped.is_set()
        if making.is_whole and box.completion and not (making.trouble or making.is_cut or stopped):
            return _whole(making, box.completion)
        partial = self._partial(making)
        if making.trouble:
            return TurnPhase.FAILED, replace(partial, trouble=making.trouble)
        if making.is_cut:
            return TurnPhase.DONE, replace(partial, finish=Finish.LENGTH)
        if stopped:
            # when the bot ends, the next process tells of it
            return TurnPhase.RUNNING if self._is_closing else TurnPhase.STOPPED, partial
        if not making.is_whole:
            return making.phase, partial
        return TurnPhase.FAILED, replace(partial, trouble=_words_for(ready, box.error))

    async def _pay(self, making: Making, ended: Ended) -> None:
        """Count what was used; nothing where a model said nothing at all."""
        hold = making.ready.hold
        if not making.text and making.box.completion is None:
            await self._allowances.release(hold)
            return
        read = making.ready.prompt_tokens if ended.prompt_tokens is None else ended.prompt_tokens
        written = ended.completion_tokens
        written = math.ceil(making.tokens) if written is None else written
        cost = self._estimate(making, written) if ended.cost is None else ended.cost
        await self._allowances.settle(hold, read + written, micros(cost) or 0)

    def _partial(self, making: Making) -> Ended:
        """Return what has come of an answer that a model did not finish; its tokens are estimated."""
        ready, begun, written = making.ready, bool(making.text), math.ceil(making.tokens)
        return Ended(
            None,
            "" if making.blocked else _visible(making.clear),
            blocked=making.blocked,
            prompt_tokens=ready.prompt_tokens if begun else None,
            completion_tokens=written if begun else None,
            cost=self._estimate(making, written) if begun else None,
            first_seconds=None if making.first_at is None else making.first_at - making.began,
            seconds=asyncio.get_running_loop().time() - making.began,
            finish=Finish.FILTERED if making.blocked else None,
        )

    def _estimate(self, making: Making, written: int) -> Decimal | None:
        """Return what an answer without a completion has cost, as far as that can be told."""
        asked = self._asked(making)
        spoke = asked[-1] if asked else making.ready.backend
        return price_of(spoke, making.ready.prompt_tokens, written)

    def _asked(self, making: Making) -> list[Backend]:
        """Return who was given the question, the last one last."""
        ready, box = making.ready, making.box
        if ready.turn.model == HYBRID:
            return [found for key in box.asked if (found := self._backend(key))]
        kept = isinstance(box.error, ModelError) and box.error.trouble in _KEPT_HERE and not making.text
        return [ready.backend] if box.is_begun and not kept else []

    def _traced(self, making: Making, ended: Ended) -> Ended:
        """Add who spoke, where, and who outside was given the question."""
        asked, done = self._asked(making), ended.completion
        receivers = tuple(dict.fromkeys(filter(None, (receiver_of(backend.card) for backend in asked))))
        if done is not None:
            return replace(ended, model=done.model, where=done.where, receivers=receivers)
        if not asked:
            return replace(ended, receivers=receivers)
        return replace(ended, model=asked[-1].card.key, where=asked[-1].where, receivers=receivers)

    def _used(self, making: Making) -> int:
        return making.ready.prompt_tokens + math.ceil(making.tokens)


async def _when_stopped(ready: Ready, pump: "asyncio.Task[None]", box: Box) -> None:
    await ready.stopped.wait()
    pump.cancel()
    box.end()


def _whole(making: Making, done: Completion) -> tuple[TurnPhase, Ended]:
    """Return how an answer ended that a model finished."""
    ended = Ended(
        done,
        _visible(making.clear),
        prompt_tokens=done.prompt_tokens,
        completion_tokens=done.completion_tokens,
        cost=done.cost,
        first_seconds=done.first_token_seconds,
        seconds=done.seconds,
        finish=done.finish,
    )
    if ended.text:
        return TurnPhase.DONE, ended
    return TurnPhase.FAILED, replace(ended, trouble=_EMPTY.format(name=making.ready.backend.card.name), finish=None)


def _visible(text: str) -> str:
    """Return a text unless there is nothing to see in it."""
    return "" if rules.is_blank(text) else text


def _words_for(ready: Ready, error: Exception | None) -> str:
    """Return what to tell the member of an error, and log what is not theirs."""
    if error is None:
        # it ended without a completion, which no backend may
        error = RuntimeError("an answer without an end")
    if isinstance(error, ModelError):
        log.info("a model gave no whole answer", model=ready.turn.model, trouble=error.trouble, detail=error.detail)
        return str(error)
    if isinstance(error, UserError):
        return str(error)
    log.error("an answer failed", model=ready.turn.model, reference=reference_of(error), exc_info=error)
    return f"Something went wrong on my side. Press Retry; if it stays so, tell the moderators “{reference_of(error)}”."
