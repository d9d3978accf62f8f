"""What is kept in memory of polls, so that a control that opens a form need not ask the database. All of it bounded."""

from collections import OrderedDict
from collections.abc import Mapping

from bot.polls.types import Peeked, Poll

MOST_POLLS = 5_000
MOST_BALLOTS = 20_000
"""Over all polls whose ballots are known whole."""
MOST_SINGLE = 5_000
"""Ballots known one by one, in polls too large to be known whole."""


class PollBook:
    """Polls, and ballots by member: of a poll all or, where it is too large, those looked at last.

    Loading goes by `begin` before the database is read and `put_ballots` after it: what was cast or erased in between
    wins over what was read.
    """

    def __init__(
        self, most_polls: int = MOST_POLLS, most_ballots: int = MOST_BALLOTS, most_single: int = MOST_SINGLE
    ) -> None:
        self.most_polls = most_polls
        self.most_ballots = most_ballots
        self._most_single = most_single
        self._polls: OrderedDict[int, Poll] = OrderedDict()
        self._ballots: OrderedDict[int, dict[int, bytes]] = OrderedDict()
        self._held = 0
        self._single: OrderedDict[tuple[int, int], bytes | None] = OrderedDict()
        self._since: dict[int, dict[int, bytes | None]] = {}

    def poll(self, poll_id: int) -> Poll | None:
        """Return a poll if it is known."""
        poll = self._polls.get(poll_id)
        if poll is not None:
            self._polls.move_to_end(poll_id)
        return poll

    def put(self, poll: Poll) -> None:
        """Know a poll, or know it better."""
        self._polls[poll.poll_id] = poll
        self._polls.move_to_end(poll.poll_id)
        if len(self._polls) > self.most_polls:
            oldest, _ = self._polls.popitem(last=False)
            self.drop_ballots(oldest)

    def drop(self, poll_id: int) -> None:
        """Know nothing of a poll any more."""
        self._polls.pop(poll_id, None)
        self.drop_ballots(poll_id)

    def knows_ballots(self, poll_id: int) -> bool:
        """Tell whether who voted for what in a poll is known whole."""
        return poll_id in self._ballots

    def ballot(self, poll_id: int, member_id: int) -> bytes | None:
        """Return a member's ballot; None also when it is not known."""
        peeked = self.peek(poll_id, member_id)
        return peeked.ranks if peeked else None

    def peek(self, poll_id: int, member_id: int) -> Peeked | None:
        """Return what is known of a member's ballot; None when nothing is."""
        ballots = self._ballots.get(poll_id)
        if ballots is not None:
            self._ballots.move_to_end(poll_id)
            return Peeked(ballots.get(member_id))
        key = (poll_id, member_id)
        if key in self._single:
            self._single.move_to_end(key)
            return Peeked(self._single[key])
        return None

    def begin(self, poll_id: int) -> bool:
        """Note from now on what changes in the ballots of a poll; False when somebody is reading them already."""
        if poll_id in self._since:
            return False
        self._since[poll_id] = {}
        return True

    def put_ballots(self, poll_id: int, ballots: Mapping[int, bytes] | None) -> None:
        """Know the ballots of a poll whole, as they were read; None when they were too many or reading failed."""
        since = self._since.pop(poll_id, {})
        if ballots is None or poll_id not in self._polls:
            return
        whole = {member: ranks for member, ranks in {**ballots, **since}.items() if ranks is not None}
        self.drop_ballots(poll_id)
        self._ballots[poll_id] = whole
        self._held += len(whole)
        self._fit()

    def learn_ballot(self, poll_id: int, member_id: int, ranks: bytes | None) -> None:
        """Know one member's ballot as it was read, unless it is known: what was cast meanwhile is newer."""
        if poll_id not in self._ballots and (poll_id, member_id) not in self._single:
            self._put_single((poll_id, member_id), ranks)

    def put_ballot(self, poll_id: int, member_id: int, ranks: bytes) -> None:
        """Know one member's ballot, just cast."""
        ballots = self._ballots.get(poll_id)
        since = self._since.get(poll_id) if self._since else None
        if since is not None:
            since[member_id] = ranks
        if ballots is None:
            self._put_single((poll_id, member_id), ranks)
            return
        self._held += member_id not in ballots
        ballots[member_id] = ranks
        self._ballots.move_to_end(poll_id)
        if self._held > self.most_ballots:
            self._fit()

    def drop_ballots(self, poll_id: int) -> None:
        """Know no ballots of a poll any more."""
        self._held -= len(self._ballots.pop(poll_id, ()))
        for key in [key for key in self._single if key[0] == poll_id]:
            del self._single[key]

    def forget(self, member_id: int) -> None:
        """Erase a person's ballots, and the polls that they made or are mentioned in."""
        for ballots in self._ballots.values():
            self._held -= ballots.pop(member_id, None) is not None
        for key in [key for key in self._single if key[1] == member_id]:
            del self._single[key]
        for since in self._since.values():
            since[member_id] = None
        # read again when it is needed: only the database knows which drafts are gone, and which texts were blanked
        for poll_id in [key for key, poll in self._polls.items() if poll.waiting or _names(poll, str(member_id))]:
            self.drop(poll_id)

    def _put_single(self, key: tuple[int, int], ranks: bytes | None) -> None:
        self._single[key] = ranks
        self._single.move_to_end(key)
        if len(self._single) > self._most_single:
            self._single.popitem(last=False)

    def _fit(self) -> None:
        """Let go of the polls that were looked at longest ago, down to what may be held."""
        while self._held > self.most_ballots:
            _, ballots = self._ballots.popitem(last=False)
            self._held -= len(ballots)


def _names(poll: Poll, number: str) -> bool:
    """Tell whether a person made a poll or is mentioned in it."""
    return str(poll.creator_id) == number or any(number in text for text in (poll.question, *poll.options))
