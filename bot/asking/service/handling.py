"""What people do with answers: rate, report, delete, share, go on in a thread, clear."""

from bot.asking import rules
from bot.asking.service.desk import AskDesk
from bot.asking.types import Asker, Ratings, Report, TurnPhase, TurnRecord
from bot.errors import ClosedError, NotAllowedError, NotFoundError


class Handling(AskDesk):
    """What has to do with answers that are there."""

    async def rate(self, turn_id: int, asker: Asker, *, is_good: bool, reason: str = "") -> Ratings:
        """Give an answer a thumb, in place of one's thumb before.

        Raises:
            ClosedError: there is no answer to rate (yet).
            NotAllowedError: it is somebody else's private one.
            InvalidInputError: the reason is too long.
        """
        turn = await self.seen(turn_id, asker)
        if not turn.answer:
            raise ClosedError("There is no answer to rate yet.")
        return await self._says.rate(turn, asker.member_id, rules.check_reason(reason), self._clock(), is_good=is_good)

    async def report(self, turn_id: int, asker: Asker, reason: str) -> Report:
        """Report an answer to the moderators; a second time changes the reason, while nobody has handled it.

        Raises:
            NotAllowedError: it is somebody else's private one.
            InvalidInputError: the reason is too long.
        """
        turn = await self.seen(turn_id, asker)
        return self._told(await self._says.report(turn, asker.member_id, rules.check_reason(reason), self._clock()))

    async def handle_report(self, report_id: int, asker: Asker, *, upheld: bool) -> Report:
        """Close a report; upholding it deletes the answer.

        Raises:
            NotAllowedError: that is for moderators.
            ClosedError: it was handled before.
            NotFoundError: it is gone.
        """
        report = await self._says.get_report(report_id)
        if report is None or report.turn.guild_id != asker.guild_id:
            raise NotFoundError("This report is gone: what it was about is no longer kept.")
        if not asker.is_moderator:
            raise NotAllowedError("Only moderators can handle reports.")
        if upheld:
            self._stop_if_running(report.turn.turn_id)
        handled = await self._says.handle(report, asker.member_id, self._clock(), upheld=upheld)
        if handled is None:
            raise ClosedError("This report has been handled already.")
        return self._told(handled)

    async def delete(self, turn_id: int, asker: Asker) -> TurnRecord:
        """Delete question and answer; the turn that comes back says which messages showed them.

        Raises:
            NotAllowedError: it is somebody else's, who is no moderator.
            ClosedError: it is deleted already.
        """
        turn = await self.owned(turn_id, asker, moderators=True)
        self._stop_if_running(turn_id)
        wiped = await self._store.wipe(turn.turn_id, self._clock())
        if wiped is None:
            raise ClosedError(rules.GONE)
        return self._dressed(wiped)

    async def share(self, turn_id: int, asker: Asker) -> TurnRecord:
        """Take a private answer's one sharing, to post it; say `shared` after that, or `not_shared`.

        Raises:
            NotAllowedError: it is somebody else's.
            ClosedError: it is public, shared already, or not finished.
        """
        turn = await self.owned(turn_id, asker)
        if not turn.is_private:
            raise ClosedError("This answer is public already.")
        if self._is_running(turn) or not turn.answer:
            raise ClosedError("There is no whole answer to share yet.")
        if not await self._store.claim_share(turn_id):
            raise ClosedError("This answer has been shared already.")
        return turn

    async def shared(self, turn_id: int, message_id: int) -> None:
        """Note which message shows a shared answer."""
        await self._store.shared(turn_id, message_id)

    async def not_shared(self, turn_id: int) -> None:
        """Give a sharing back that could not be posted: it may be tried again."""
        await self._store.shared(turn_id, None)

    async def posted(self, turn_id: int, message_id: int) -> None:
        """Note which message shows a turn."""
        await self._store.posted(turn_id, message_id)

    async def threaded(self, turn_id: int, thread_id: int) -> None:
        """Note that a turn's conversation goes on in a thread."""
        await self._store.threaded(turn_id, thread_id)

    async def by_message(self, guild_id: int, message_id: int) -> TurnRecord | None:
        """Return the turn that a message shows, if it is one and is not deleted."""
        turn = await self._store.by_message(guild_id, message_id)
        return None if turn is None or turn.phase is TurnPhase.DELETED else self._dressed(turn)

    async def compared(self, turn: TurnRecord) -> tuple[TurnRecord, ...]:
        """Return the turns that stand side by side with this one, itself among them; deleted ones too."""
        together = [turn] if turn.compare_id is None else await self._store.compared(turn.guild_id, turn.compare_id)
        return tuple(self._dressed(each) for each in together)

    async def latest_in(self, guild_id: int, thread_id: int) -> TurnRecord | None:
        """Return the newest answer in a thread that everybody may see."""
        turn = await self._store.latest_in(guild_id, thread_id)
        return None if turn is None else self._dressed(turn)

    async def clear(self, asker: Asker) -> int:
        """Begin anew in this thread or channel: what one said is told no model any more; return in how many talks."""
        return await self._store.clear(asker)

    async def clear_conversation(self, conversation_id: int, asker: Asker) -> None:
        """Begin one of one's conversations anew.

        Raises:
            NotFoundError: one has no such conversation.
        """
        if not await self._store.clear_one(conversation_id, asker):
            raise NotFoundError("This is not a conversation of yours. Ask your own question with /ask.")

    def _stop_if_running(self, turn_id: int) -> None:
        if ready := self._under_way.get(turn_id):
            ready.stopped.set()

    def _told(self, report: Report) -> Report:
        return Report(
            report.report_id,
            self._dressed(report.turn),
            report.member_id,
            report.reason,
            report.outcome,
            report.handler_id,
        )
