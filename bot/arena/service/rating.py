"""Boards: what is counted, what is left out, and how it went over time. The mathematics run in a thread."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog

from bot.arena import rules, tables
from bot.arena.pairing import Exposure, line_identity
from bot.arena.service.desk import ArenaDesk
from bot.arena.tables import LeftOut, Votes
from bot.arena.types import (
    Actor,
    Board,
    BoardBy,
    Doubt,
    Exclusion,
    Fairness,
    FairPlay,
    History,
    HistoryPoint,
    VoteFile,
)
from bot.arena.votefile import vote_content
from bot.errors import ClosedError, NotFoundError
from bot.signing import Signer

ROUNDS = 1000
"""Resamples for the intervals of a board."""
_SURE = 20.0
_BY_HAND = "A moderator left them out."
_BY_TEST = "A moderator left them out: their votes differ from the others' (evidence {evidence:.0f} to 1)."

MadeT = TypeVar("MadeT")

log = structlog.stdlib.get_logger(__name__)


class Rating(ArenaDesk):
    """Boards, their history, and what is left out of them."""

    async def board(self, guild_id: int, by: BoardBy, *, everything: bool = False) -> Board:
        """Return a board of a server: with `everything`, votes in doubt and excluded voters are counted too."""
        make = partial(_board, guild_id, by, everything=everything)
        return await self._make_once((guild_id, by, everything), guild_id, make)

    async def history(self, guild_id: int) -> History:
        """Return how the board of models went, week by week."""
        return await self._make_once((guild_id, "history"), guild_id, partial(_history, guild_id))

    async def fair_play(self, guild_id: int) -> FairPlay:
        """Return what is left out of a server's boards and why, and who else votes unlike the others."""
        return await self._make_once((guild_id, "fair play"), guild_id, _fair_play)

    async def exclude(self, guild_id: int, voter: int, actor: Actor) -> None:
        """Leave a voter out of the boards; `voter` is the number that stands for them. It is logged for all to see.

        Raises:
            NotAllowedError: the actor is no moderator.
            NotFoundError: there is no such voter.
            ClosedError: they are left out already.
        """
        self._refuse_moderating(guild_id, actor)
        votes = await self._boards.votes(guild_id)
        found = tables.voters_numbered(votes, voter)
        if len(found) != 1:
            raise NotFoundError("There is no such voter here. Open Fair play again and choose from the list.")
        fair = await self.fair_play(guild_id)
        evidence = next((one.evidence for one in fair.suspects if one.voter == voter), 0.0)
        one = LeftOut(
            exclusion_id=0,
            voter_id=found[0],
            evidence=_BY_TEST.format(evidence=evidence) if evidence >= _SURE else _BY_HAND,
            votes=sum(1 for vote in votes.votes if vote.voter_id == found[0]),
            made_at=self._clock(),
            moderator_id=actor.member_id,
        )
        if not await self._boards.exclude(guild_id, one):
            raise ClosedError("This voter is left out already.")
        log.info("a voter is left out of a board", guild=guild_id, number=voter, votes=one.votes)

    async def lift(self, exclusion_id: int, actor: Actor) -> None:
        """Count a voter again.

        Raises:
            NotAllowedError: the actor is no moderator.
            ClosedError: they are counted already.
        """
        self._refuse_moderating(actor.guild_id, actor)
        if not await self._boards.lift(actor.guild_id, exclusion_id, actor.member_id, self._clock()):
            raise ClosedError("This exclusion was lifted already, or is none of this server's.")
        log.info("a voter counts again on a board", guild=actor.guild_id, exclusion=exclusion_id)

    async def vote_file(self, guild_id: int) -> VoteFile:
        """Return the votes of a server without names, signed; totals only while fewer than five people voted."""
        board = await self.board(guild_id, BoardBy.MODEL)
        votes = await self._boards.votes(guild_id)
        if len(votes.lines) != len(board.lines) or board.battles != len(votes.battles):
            # another battle closed in between
            board = await self.board(guild_id, BoardBy.MODEL)
        made_at = self._clock()

        def make() -> bytes:
            content = vote_content(board, votes.battles, votes.votes, votes.exclusions, made_at, random.SystemRandom())
            return Signer.load(self._settings).sign(content)

        return VoteFile(await asyncio.to_thread(make), len(votes.votes))

    async def _exposure(self, guild_id: int) -> Exposure:
        """Return how often classes and pairs were shown lately, with the ratings as far as they are known."""
        exposure = await self._boards.exposure(guild_id)
        board = self._made.latest((guild_id, BoardBy.MODEL, False))
        if not isinstance(board, Board) or not board.parts:
            return exposure
        rated = {line_identity(board.lines[one.row]): one.rating for one in board.parts[0][1].ratings if one.votes}
        return replace(exposure, ratings=rated)

    async def _make_once(self, key: tuple[object, ...], guild_id: int, make: Callable[[Votes], MadeT]) -> MadeT:
        """Return what is made from a server's votes, from memory as long as they are the same."""
        async with self._made.line:
            stamp = await self._boards.stamp(guild_id)
            found = self._made.find(key, stamp)
            if found is None:
                votes = await self._boards.votes(guild_id)
                found = await asyncio.to_thread(make, votes)
                self._made.put(key, stamp, found)
            return found  # pyright: ignore[reportReturnType] - what was made under a key is of its kind

    def _refuse_moderating(self, guild_id: int, actor: Actor) -> None:
        if actor.guild_id != guild_id:
            raise NotFoundError(rules.GONE)
        if refusal := rules.refuse_moderating(actor):
            raise refusal


def _board(guild_id: int, by: BoardBy, votes: Votes, *, everything: bool) -> Board:
    """Count a board; in a thread."""
    from bot.arena.ratings.rate import rate  # noqa: PLC0415 - brings numpy, which a bot that counts nothing spares

    seed = rules.seed_of(guild_id)
    cast = tables.counted(votes, everything=everything)
    parts = tuple(
        (name, rate(table, seed=seed, rounds=ROUNDS)) for name, table in tables.parts_of(votes, cast, by).items()
    )
    return Board(
        guild_id=guild_id,
        by=by,
        is_everything=everything,
        parts=parts,
        lines=votes.lines,
        exposure=tables.exposure_of(votes),
        classes=tables.classes_of(votes),
        battles=len(votes.battles),
        votes=len(cast),
        voters=len({vote.voter_id for vote in cast}),
        doubtful=sum(1 for vote in votes.votes if vote.doubt is not None),
        excluded=len(votes.excluded),
        seed=seed,
    )


def _history(guild_id: int, votes: Votes) -> History:
    """Count the board of models as it was week by week; in a thread."""
    from bot.arena.ratings.rate import rate  # noqa: PLC0415 - as above

    seed, cast = rules.seed_of(guild_id), tables.counted(votes, everything=False)
    points: list[HistoryPoint] = []
    for moment in tables.weeks(votes):
        parts = tables.parts_of(votes, tables.until(votes, cast, moment), BoardBy.MODEL)
        ratings = rate(parts[""], seed=seed, rounds=0).ratings
        found = {one.row: one.rating for one in ratings if one.votes}
        points.append(HistoryPoint(moment, tuple(found.get(row) for row in range(len(votes.lines)))))
    return History(votes.lines, tuple(points))


def _fair_play(votes: Votes) -> FairPlay:
    """Look for voters unlike the others, and tell what is left out; in a thread."""
    doubts = Counter(vote.doubt for vote in votes.votes if vote.doubt is not None)
    log_of = [
        Exclusion(
            exclusion_id=one.exclusion_id,
            number=tables.number_of(one.voter_id),
            evidence=one.evidence,
            votes=one.votes,
            made_at=one.made_at,
            lifted_at=one.lifted_at,
        )
        for one in reversed(votes.exclusions)
    ]
    return FairPlay({doubt: doubts[doubt] for doubt in Doubt}, tuple(log_of), _suspects(votes))


def _suspects(votes: Votes) -> tuple[Fairness, ...]:
    """Return those whose votes differ from the others', under the numbers that stand for them.

    Who is left out already is not looked at, nor are votes in doubt: neither counts.
    """
    from bot.arena.ratings.suspects import suspects  # noqa: PLC0415 - as above

    table = tables.parts_of(votes, tables.counted(votes, everything=False), BoardBy.MODEL).get("")
    if table is None:
        return ()
    return tuple(replace(one, voter=tables.number_of(one.voter)) for one in suspects(table))
