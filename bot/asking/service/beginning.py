"""Questions on their way to a model: checked, moderated, paid for in advance, and stored before anything is sent."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.asking import prompts, rules
from bot.asking.prompts import Asked
from bot.asking.rules import Fitted
from bot.asking.service.choosing import Choosing, Chosen
from bot.asking.service.desk import MOST_BY_ONE, Ready
from bot.asking.types import (
    ANY_OPEN,
    HYBRID,
    Asker,
    ChoiceRule,
    Ended,
    NewTurn,
    Persona,
    Question,
    Told,
    TurnPhase,
    TurnRecord,
)
from bot.backends.allowances import Hold
from bot.backends.base import Backend
from bot.backends.measures import micros, price_of, tokens_in
from bot.catalog import Task, receiver_of
from bot.errors import ClosedError, ModelError, NotAllowedError, QuotaError, Trouble
from bot.guilds.types import GuildSettings

RUN_WITHIN = timedelta(minutes=15)
"""As long as Discord lets an answer be edited: what nobody began to run by then is given up."""
_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
_BLOCKED_IN = (
    "Your question, or the text that it is about, holds something that this server blocks. Put it differently."
)
_UNNAMED = "this server's persona"
_NOT_RUN = "This answer was never begun. Press Retry."


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a turn stands: its conversation, the turn that it goes on from, what was said before, and to whom."""

    conversation_id: int | None = None
    parent_id: int | None = None
    earlier: tuple[Told, ...] = ()
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A turn that is not stored yet, with what running it takes."""

    new: NewTurn
    chosen: Chosen
    fitted: Fitted
    hold: Hold


class Beginning(Choosing):
    """What happens before an answer is made."""

    async def begin(self, asker: Asker, question: Question, reply_token: str | None = None) -> TurnRecord:
        """Decide who answers, check what goes in, reserve what it may take and store the turn; `run` makes the answer.

        Raises:
            InvalidInputError: the question does not fit.
            NotAllowedError: it holds what this server blocks, or goes on from somebody else's private answer.
            ModelError: nobody can answer it.
            QuotaError: what may be used is used up.
        """
        question, settings = rules.check_question(question), await self._guilds.get(asker.guild_id)
        begun = await self._begun(asker, question, settings)
        question = _spoken(question, settings)
        chosen = await self._choose(asker, question, settings, begun.wanted)
        remembers = chosen.candidate.rule is ChoiceRule.ASKED
        (turn,) = await self._start(asker, [(question, chosen)], begun, settings, reply_token, remembers=remembers)
        return turn

    async def compare(
        self, asker: Asker, question: Question, keys: Sequence[str], reply_token: str | None = None
    ) -> tuple[TurnRecord, ...]:
        """Begin an answer by each of two to four models; `run` makes each of them.

        Raises:
            UserError: as `begin`; none is begun then.
        """
        question, settings = rules.check_question(question), await self._guilds.get(asker.guild_id)
        keys = rules.check_compared(keys)
        begun = await self._begun(asker, question, settings)
        question = _spoken(question, settings)
        each = [
            (replace(question, wanted=key), await self._choose(asker, replace(question, wanted=key), settings))
            for key in keys
        ]
        return await self._start(asker, each, begun, settings, reply_token)

    async def retry(
        self,
        turn_id: int,
        asker: Asker,
        wanted: str | None = None,
        private: bool | None = None,
        reply_token: str | None = None,
        language: str = "",
    ) -> TurnRecord:
        """Ask the same again, of the same model or of another; by somebody else in a conversation of their own.

        A translation may go into another `language`.

        Raises:
            UserError: as `begin`; also when the answer is private, deleted, or still being made.
        """
        turn = await self.seen(turn_id, asker)
        if self._is_running(turn):
            raise ClosedError("This answer is still being written. Wait for its end, or stop it first.")
        told = await self._store.whole(turn_id)
        if told is None or told.turn.phase is TurnPhase.DELETED:
            raise ClosedError(rules.GONE)
        is_own = turn.member_id == asker.member_id
        if not is_own and rules.without_secrets(told) != told:
            raise NotAllowedError("The text that this is about was not shared. Ask about your own with /ask.")
        question = Question(
            text=turn.question,
            wanted=wanted or turn.wanted,
            task=turn.task,
            language=language or turn.language,
            passage=told.passage,
            pictures=told.pictures,
            private=turn.is_private if private is None else private,
        )
        settings = await self._guilds.get(asker.guild_id)
        chosen = await self._choose(asker, question, settings)
        if wanted is None:
            chosen = replace(chosen, candidate=replace(chosen.candidate, rule=turn.rule))
        begun = Begun(turn.conversation_id if is_own else None, turn.parent_id)
        if turn.parent_id is not None:
            earlier, cleared_to = await self._store.before(turn.parent_id, rules.MOST_BEFORE)
            begun = replace(
                begun,
                earlier=rules.visible(
                    earlier, asker, cleared_to if is_own else None, is_public=not _is_private(question, settings)
                ),
            )
        (again,) = await self._start(asker, [(question, chosen)], begun, settings, reply_token)
        return again

    async def _begun(self, asker: Asker, question: Question, settings: GuildSettings) -> Begun:
        """Find what a question goes on from: the answer that it replies to, else what was last said in the thread.

        A reply goes to who was chosen for the answer before it. What was said in private is told in private only.
        """
        is_public, wanted = not _is_private(question, settings), None
        if question.parent_id is not None:
            parent = await self.seen(question.parent_id, asker)
            if parent.rule is ChoiceRule.ASKED and parent.member_id == asker.member_id:
                wanted = parent.wanted
        elif asker.thread_id is not None:
            parent = await self._store.latest_in(asker.guild_id, asker.thread_id, asker.member_id)
            if parent is None or (is_public and rules.is_secret(parent)):
                parent = await self._store.latest_in(asker.guild_id, asker.thread_id)
        else:
            parent = None
        if parent is None:
            return Begun()
        goes_on = parent.member_id == asker.member_id and not question.branches
        earlier, cleared_to = await self._store.before(parent.turn_id, rules.MOST_BEFORE)
        cleared_to = cleared_to if parent.member_id == asker.member_id else None
        told = rules.visible(earlier, asker, cleared_to, is_public=is_public)
        return Begun(parent.conversation_id if goes_on else None, parent.turn_id, told, wanted)

    async def _start(
        self,
        asker: Asker,
        each: Sequence[tuple[Question, Chosen]],
        begun: Begun,
        settings: GuildSettings,
        reply_token: str | None,
        *,
        remembers: bool = False,
    ) -> tuple[TurnRecord, ...]:
        """Moderate, reserve and store; all of them or none."""
        await self._tidy()
        self._refuse_many(asker, len(each))
        checked_by = await self._check_input(asker, each[0][0], settings)
        persona = await self.persona(asker.guild_id, asker.home_id)
        drafts: list[Drafted] = []
        try:
            for question, chosen in each:
                drafts.append(await self._draft(asker, question, chosen, begun, persona))
            new = [
                replace(
                    draft.new,
                    is_private=_is_private(question, settings),
                    reply_token=reply_token,
                    checked_by=checked_by,
                    persona=(persona.name or _UNNAMED) if persona else "",
                    remembers=remembers,
                )
                for draft, (question, _) in zip(drafts, each, strict=True)
            ]
            turns = await self._store.add(new, self._clock())
        except BaseException:
            for draft in drafts:
                await self._allowances.release(draft.hold)
            raise
        if remembers:
            self._book.put_member(asker.guild_id, asker.member_id, new[0].wanted)
        shown = [self._dressed(turn, draft.chosen.backend) for turn, draft in zip(turns, drafts, strict=True)]
        for turn, draft in zip(shown, drafts, strict=True):
            self._under_way[turn.turn_id] = self._ready(turn, asker, draft, persona, settings)
        return tuple(shown)

    async def _draft(
        self, asker: Asker, question: Question, chosen: Chosen, begun: Begun, persona: Persona | None
    ) -> Drafted:
        """Fit a question to its model and reserve what it may take; without money, Hybrid stays with what is free."""
        try:
            fitted, hold = await self._reserve(asker, question, chosen, begun, persona)
        except QuotaError:
            if chosen.candidate.wanted != HYBRID or not price_of(chosen.backend, 1, 1):
                raise
            backend = self._resolve(ANY_OPEN, chosen.egress, question)
            note = f"{chosen.note} No money is left for closed models, so only open ones were asked.".strip()
            chosen = replace(chosen, backend=backend, note=note)
            fitted, hold = await self._reserve(asker, question, chosen, begun, persona)
        new = NewTurn(
            asker=asker,
            question=question,
            wanted=chosen.candidate.wanted,
            rule=chosen.candidate.rule,
            model=chosen.backend.card.key,
            is_private=False,
            conversation_id=begun.conversation_id,
            parent_id=begun.parent_id,
            note=chosen.note,
            earlier_turns=len(fitted.earlier),
            earlier_texts=_texts_in(fitted.earlier, pictures=chosen.backend.capabilities.pictures),
            where=chosen.backend.where,
            receivers=tuple(filter(None, [receiver_of(chosen.backend.card)])),
            dropped_turns=fitted.dropped_turns,
            dropped_tokens=fitted.dropped_tokens,
        )
        return Drafted(new, chosen, fitted, hold)

    async def _reserve(
        self, asker: Asker, question: Question, chosen: Chosen, begun: Begun, persona: Persona | None
    ) -> tuple[Fitted, Hold]:
        backend = chosen.backend
        adds = tokens_in(persona.text) if persona else 0
        fitted = rules.fit(question, begun.earlier, backend.card, backend.where, adds=adds)
        whole, first = fitted.max_tokens, fitted.reserved - fitted.prompt_tokens
        if whole > first:
            # all of it if there is so much, so that a growing answer need not ask for more
            with suppress(QuotaError):
                return fitted, await self._hold(asker, backend, fitted.prompt_tokens, whole)
        return fitted, await self._hold(asker, backend, fitted.prompt_tokens, first)

    async def _hold(self, asker: Asker, backend: Backend, read: int, written: int) -> Hold:
        cost = micros(price_of(backend, read, written)) or 0
        return await self._allowances.reserve(asker.guild_id, asker.member_id, asker.role_ids, read + written, cost)

    def _ready(
        self, turn: TurnRecord, asker: Asker, draft: Drafted, persona: Persona | None, settings: GuildSettings
    ) -> Ready:
        backend, fitted = draft.chosen.backend, draft.fitted
        asked = Asked(fitted.question, fitted.earlier, persona, asker.adults_only)
        prompt = prompts.prompt_of(
            asked,
            backend.card,
            backend.where,
            secrets.token_hex(8),
            max_tokens=fitted.max_tokens,
            takes_pictures=backend.capabilities.pictures,
        )
        return Ready(
            turn=turn,
            asker=asker,
            backend=backend,
            prompt=prompt,
            egress=draft.chosen.egress,
            hold=draft.hold,
            words=self._checks.words_of(settings.models),
            least=self._checks.least(settings.models),
            prompt_tokens=fitted.prompt_tokens,
        )

    async def _check_input(self, asker: Asker, question: Question, settings: GuildSettings) -> str:
        """Refuse what the server blocks; return who was shown it for that, if anybody outside was.

        Raises:
            NotAllowedError: the server blocks it.
            ModelError: the endpoint that the server has it checked by cannot be asked.
        """
        texts = [question.text, *((question.passage.name, question.passage.text) if question.passage else ())]
        if found := await self._checks.find(texts, settings.models):
            await self._tell_blocked(asker, found, None)
            raise NotAllowedError(_BLOCKED_IN)
        return self._checks.receiver(settings.models)

    def _refuse_many(self, asker: Asker, more: int) -> None:
        theirs = sum(1 for ready in self._under_way.values() if ready.asker.member_id == asker.member_id)
        if theirs + more > MOST_BY_ONE:
            raise ModelError(
                Trouble.BUSY, f"{theirs} of your answers are still being made. Wait for one to end, or stop one."
            )

    async def _tidy(self) -> None:
        """Give up what was begun and that nobody came to run."""
        before = self._clock() - RUN_WITHIN
        for turn_id, ready in list(self._under_way.items()):
            if ready.is_running or ready.turn.made_at > before:
                continue
            self._under_way.pop(turn_id, None)
            await self._allowances.release(ready.hold)
            await self._store.end(ready.turn, TurnPhase.FAILED, Ended(None, "", _NOT_RUN, receivers=()), self._clock())


def _is_private(question: Question, settings: GuildSettings) -> bool:
    return settings.models.asks_private if question.private is None else question.private


def _texts_in(earlier: Sequence[Told], *, pictures: bool) -> int:
    """Count the texts and pictures that go along with earlier turns."""
    return sum((told.passage is not None) + (len(told.pictures) if pictures else 0) for told in earlier)


def _spoken(question: Question, settings: GuildSettings) -> Question:
    """Fill in the language to translate into: the server's, where none was named."""
    if question.task is not Task.TRANSLATE or question.language:
        return question
    return replace(question, language=_LANGUAGES.get(settings.language, "English"))
