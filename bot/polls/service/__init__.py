"""What can be done with polls: draft, open, vote, manage, remind, close. Knows neither messages nor Discord."""

from typing import Any

from bot.polls.exporting import described
from bot.polls.service.desk import POLL_DUE, POLL_REMINDER_DUE
from bot.polls.service.drafting import Drafting
from bot.polls.service.managing import SHOWN_WITHIN, Managing
from bot.polls.service.native import Handing
from bot.polls.service.proposing import Proposing
from bot.polls.service.reminding import MOST_BELLS, Reminding
from bot.polls.service.voting import PAGE_SIZE
from bot.polls.store.people import ForgetVotes
from bot.polls.types import Actor, Poll

__all__ = ["MOST_BELLS", "PAGE_SIZE", "POLL_DUE", "POLL_REMINDER_DUE", "SHOWN_WITHIN", "Actor", "PollService"]


class PollService(Drafting, Managing, Reminding, Proposing, Handing):
    """The polls of all servers."""

    async def start(self) -> None:
        """Sweep stale drafts, arm a timer for all that is pending, and fill the memory, the newest polls first."""
        await self.sweep()
        newest, ends = await self._store.pending(self._book.most_polls)
        for poll_id, closes_at in ends:
            self._timers.arm(POLL_DUE, poll_id, closes_at)
        for poll_id, remind_at in await self._store.reminders():
            self._timers.arm(POLL_REMINDER_DUE, poll_id, remind_at)
        await self._know_natives()
        for poll in reversed(newest):
            self._book.put(poll)
        await self._read_ballots([poll.poll_id for poll in newest], self._book.most_ballots)

    async def sweep(self) -> None:
        """Delete drafts that can no longer be posted, because their closing time has passed."""
        await self._store.delete_drafts(self._clock())

    async def stop(self) -> None:
        """Finish the votes that are under way; take no more."""
        await self._writer.close()

    async def forget(self, member_id: int, also: ForgetVotes | None = None) -> None:
        """Erase a person from polls; the counts of closed ones stay as they were.

        `also` deletes their votes in what is open in other features, in the same transaction.
        """
        await self._people.forget(member_id, also)
        self._book.forget(member_id)

    async def export_user(self, member_id: int) -> dict[str, Any]:
        """Return what is known of a person, ready for JSON."""
        created, votes, bells = await self._people.of_member(member_id)
        return {
            "created": [
                {
                    **_named(poll),
                    "options": list(poll.options),
                    "created_at": poll.created_at.isoformat(),
                }
                for poll in created
            ],
            "votes": [
                {
                    **_named(poll),
                    **described(poll, ranks),
                    "cast_at": cast_at.isoformat(),
                    **({"weight": weight} if weight > 1 else {}),
                }
                for poll, ranks, cast_at, weight in votes
            ],
            "reminders": [_named(poll) for poll in bells],
            "proposals": [
                {**_named(poll), "option": one.text, "state": one.state.value, "made_at": one.made_at.isoformat()}
                for one, poll in await self._proposals.of_member(member_id)
            ],
        }


def _named(poll: Poll) -> dict[str, str]:
    return {"guild_id": str(poll.guild_id), "question": poll.question}
