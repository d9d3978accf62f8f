"""Ballots on their way into the database: the only code that writes them.

Whether a poll is still open is decided in the transaction that stores the ballot. A person may be erased at any moment,
by another process too, so voters are looked up, and held, in every transaction anew.
"""

import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias, TypeVar

import orjson

from bot.db.columns import sqlite_times
from bot.db.rows import RowStatement
from bot.db.session import Database
from bot.db.trouble import AwayError
from bot.db.writer import GroupWriter, Patience, group_writer
from bot.errors import ClosedError, NotFoundError, UserError
from bot.polls.types import Ballot, Counted, PollPhase

_ROUNDS = 3
_OPEN = PollPhase.OPEN.value
_NO_POLL = (None, "")
_NEW, _CHANGED = Counted(changed=False), Counted(changed=True)

_MOST_REMEMBERED = 10_000

MomentT = TypeVar("MomentT", str, datetime)
_Polls: TypeAlias = dict[tuple[int, int], tuple[str, str]]
"""(poll_id, guild_id): (phase, closes_at)"""
_Ballots: TypeAlias = dict[tuple[int, int, int], tuple[int | None, str | None]]
"""(poll_id, guild_id, member_id): (voter_id, cast_at of the ballot that is stored)"""


def ballot_writer(database: Database, patience: Patience | None = None) -> GroupWriter[Ballot, Counted]:
    """Return the writer of all ballots of this process.

    Its `submit` raises ClosedError or NotFoundError for a ballot that is not taken; `GroupWriter.submit` has the rest.
    """
    return group_writer(database, BallotStatements(), patience)


class _Seen(NamedTuple):
    """What stands in the tables around one ballot: its poll, and the ballot that is there already."""

    place: int
    phase: str | None
    closes_at: datetime
    stored_at: datetime | None
    stored: bytes | None


class BallotStatements:
    """How ballots are written, in the words of each driver."""

    def __init__(self) -> None:
        self._look = RowStatement(_LOOK_ON_SQLITE.replace("{ranks}", "NULL"), 4)
        self._look_closely = RowStatement(_LOOK_ON_SQLITE.replace("{ranks}", "hex(poll_ballots.ranks)"), 4)
        self._add_voters = RowStatement(_ADD_VOTERS_ON_SQLITE, 3)
        self._upsert = RowStatement(_UPSERT_ON_SQLITE, 6)
        self._connection: sqlite3.Connection | None = None
        self._version = 0
        self._polls: _Polls = {}
        self._seen: _Ballots = {}

    def key(self, ballot: Ballot, /) -> tuple[int, int]:
        """Return whose ballot in which poll this is."""
        return ballot.poll_id, ballot.member_id

    def write_sqlite(self, connection: sqlite3.Connection, items: Sequence[Ballot]) -> list[Counted | Exception]:
        """Write ballots in the transaction that the connection is in."""
        answers: list[Counted | Exception] = []
        rows: list[tuple[int, int | None, int, bytes, str, int]] = []
        missing: list[tuple[int, tuple[int, int]]] = []
        polls, seen = self._remembered(connection, items)
        times = sqlite_times([ballot.cast_at for ballot in items])
        for ballot, cast_at in zip(items, times, strict=True):
            poll_id, guild_id, member_id, ranks, _, weight = ballot
            phase, closes_at = polls.get((poll_id, guild_id), _NO_POLL)
            if phase != _OPEN or cast_at >= closes_at:
                answers.append(_refusal(phase))
                continue
            voter_id, stored_at = seen[poll_id, guild_id, member_id]
            answers.append(_NEW if stored_at is None else _CHANGED)
            if voter_id is None:
                missing.append((len(rows), (guild_id, member_id)))
            elif stored_at is not None and stored_at > cast_at:
                continue
            else:
                seen[poll_id, guild_id, member_id] = voter_id, cast_at
            rows.append((poll_id, voter_id, guild_id, ranks, cast_at, weight))
        if missing:
            fresh = self._make_voters(connection, {member for _, member in missing})
            for place, member in missing:
                poll_id, _, guild_id, ranks, cast_at, weight = rows[place]
                rows[place] = (poll_id, fresh[member], guild_id, ranks, cast_at, weight)
            # what is known of these voters in other polls is no longer so
            self._seen.clear()
        for text, values in self._upsert.portions(rows):
            connection.execute(text, values)
        return answers

    def _remembered(self, connection: sqlite3.Connection, items: Sequence[Ballot]) -> "tuple[_Polls, _Ballots]":
        """Return the polls, and the voter and stored time of each ballot's place; read only where that is needed.

        What was read, or written here, holds until another connection commits. A connection whose transaction failed
        is not used again (`DirectSqlite`), so what it had written is forgotten with it.
        """
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version or connection is not self._connection or len(self._seen) > _MOST_REMEMBERED:
            self._version, self._connection = version, connection
            self._polls.clear()
            self._seen.clear()
        unknown = [ballot for ballot in items if ballot[:3] not in self._seen]
        if unknown:
            self._polls.update(_polls_on_sqlite(connection, unknown))
            for place, voter_id, stored_at, _ in self._seen_on_sqlite(connection, self._look, unknown):
                self._seen[unknown[place][:3]] = voter_id, stored_at
        return self._polls, self._seen

    def recall_sqlite(self, connection: sqlite3.Connection, items: Sequence[Ballot]) -> list[Counted | None]:
        """Say of each ballot whether it, or a later one of its voter, is stored."""
        seen = self._seen_on_sqlite(connection, self._look_closely, items)
        times = sqlite_times([ballot.cast_at for ballot in items])
        return [
            _recalled(stored_at, cast_at, same=stored == ballot.ranks.hex().upper())
            for ballot, cast_at, (_, _, stored_at, stored) in zip(items, times, seen, strict=True)
        ]

    @staticmethod
    def _seen_on_sqlite(
        connection: sqlite3.Connection, look: RowStatement, items: Sequence[Ballot]
    ) -> list[tuple[int, int | None, str | None, str | None]]:
        """Return (place, voter_id, cast_at and ranks in hex of the stored ballot) for each item."""
        rows = [(place, ballot.poll_id, ballot.guild_id, ballot.member_id) for place, ballot in enumerate(items)]
        seen: list[tuple[int, int | None, str | None, str | None]] = []
        for text, values in look.portions(rows):
            # one JSON array instead of many rows: each row would be a step (see direct_sqlite)
            seen += orjson.loads(connection.execute(text, values).fetchone()[0])
        seen.sort(key=itemgetter(0))
        return seen

    def _make_voters(self, connection: sqlite3.Connection, members: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
        fresh = dict(zip(members, _random_ids(len(members)), strict=True))
        rows = [(guild_id, voter_id, member_id) for (guild_id, member_id), voter_id in fresh.items()]
        for text, values in self._add_voters.portions(rows):
            connection.execute(text, values)
        return fresh

    async def write_postgres(self, connection: Any, items: Sequence[Ballot]) -> list[Counted | Exception]:  # noqa: ANN401
        """Write ballots, each round in one statement; look into those that did not come back."""
        answers: dict[int, Counted | Exception] = {}
        left = list(range(len(items)))
        for _ in range(_ROUNDS):
            sent = [items[place] for place in left]
            stored = await connection.fetch(_WRITE_ON_POSTGRES, *_columns(sent), _random_ids(len(sent)))
            for place, changed in stored:
                answers[left[place]] = _CHANGED if changed else _NEW
            left = [place for place in left if place not in answers]
            if not left:
                break
            for place, seen in zip(left, await _seen_on_postgres(connection, [items[p] for p in left]), strict=True):
                ballot = items[place]
                if known := _recalled(seen.stored_at, ballot.cast_at, same=seen.stored == ballot.ranks):
                    answers[place] = known
                elif seen.phase != _OPEN or ballot.cast_at >= seen.closes_at:
                    answers[place] = _refusal(seen.phase)
            # the rest were disturbed by another process: a voter erased or made at this moment, a poll opened again
            left = [place for place in left if place not in answers]
            if not left:
                break
        else:
            msg = "other processes disturbed every round"
            raise AwayError(msg, in_doubt=True)
        return [answers[place] for place in range(len(items))]

    async def recall_postgres(self, connection: Any, items: Sequence[Ballot]) -> list[Counted | None]:  # noqa: ANN401
        """Say of each ballot whether it, or a later one of its voter, is stored."""
        return [
            _recalled(seen.stored_at, ballot.cast_at, same=seen.stored == ballot.ranks)
            for ballot, seen in zip(items, await _seen_on_postgres(connection, items), strict=True)
        ]


def _refusal(phase: str | None) -> UserError:
    if phase is None or phase == PollPhase.DRAFT:
        return NotFoundError("This poll no longer exists.")
    return ClosedError("This poll is closed and takes no more votes. A vote you cast before that counts.")


def _recalled(stored_at: MomentT | None, cast_at: MomentT, *, same: bool) -> Counted | None:
    """Return an answer when the stored ballot is this one or was cast later; whether it replaced one is lost."""
    if stored_at is None or stored_at < cast_at or (stored_at == cast_at and not same):
        return None
    return _NEW


def _polls_on_sqlite(connection: sqlite3.Connection, items: Sequence[Ballot]) -> dict[tuple[int, int], tuple[str, str]]:
    """Return (phase, closes_at) of the polls by poll and server."""
    asked = orjson.dumps(list({ballot.poll_id for ballot in items})).decode()
    found = orjson.loads(connection.execute(_POLLS_ON_SQLITE, (asked,)).fetchone()[0])
    return {(poll_id, guild_id): (phase, closes_at) for poll_id, guild_id, phase, closes_at in found}


def _random_ids(amount: int) -> list[int]:
    """Return ids that say nothing about their order or owner, each of 63 bits."""
    drawn = secrets.token_bytes(8 * amount)
    return [int.from_bytes(drawn[start : start + 8]) >> 1 for start in range(0, 8 * amount, 8)]


async def _seen_on_postgres(connection: Any, items: Sequence[Ballot]) -> list[_Seen]:  # noqa: ANN401
    poll_ids, guild_ids, member_ids, *_ = _columns(items)
    rows = await connection.fetch(_LOOK_ON_POSTGRES, poll_ids, guild_ids, member_ids)
    return sorted(_Seen(*row) for row in rows)


def _columns(
    items: Sequence[Ballot],
) -> tuple[list[int], list[int], list[int], list[bytes], list[datetime], list[int]]:
    if any(ballot.cast_at.tzinfo is None for ballot in items):
        # the driver would take it for this machine's local time
        msg = "a datetime to store needs a zone"
        raise ValueError(msg)
    return (
        [ballot.poll_id for ballot in items],
        [ballot.guild_id for ballot in items],
        [ballot.member_id for ballot in items],
        [ballot.ranks for ballot in items],
        [ballot.cast_at for ballot in items],
        [ballot.weight for ballot in items],
    )


_POLLS_ON_SQLITE = """
SELECT json_group_array(json_array(poll_id, guild_id, phase, closes_at)) FROM polls
WHERE poll_id IN (SELECT value FROM json_each(?))
"""

_LOOK_ON_SQLITE = """
WITH sent(place, poll_id, guild_id, member_id) AS ({rows})
SELECT json_group_array(json_array(sent.place, voters.voter_id, poll_ballots.cast_at, {ranks}))
FROM sent
LEFT JOIN voters ON voters.guild_id = sent.guild_id AND voters.member_id = sent.member_id
LEFT JOIN poll_ballots ON poll_ballots.poll_id = sent.poll_id AND poll_ballots.voter_id = voters.voter_id
WHERE sent.place IS NOT NULL
"""

_ADD_VOTERS_ON_SQLITE = """
INSERT INTO voters (guild_id, voter_id, member_id)
SELECT * FROM ({rows}) WHERE column1 IS NOT NULL
"""

_UPSERT_ON_SQLITE = """
INSERT INTO poll_ballots (poll_id, voter_id, guild_id, ranks, cast_at, weight)
SELECT * FROM ({rows}) WHERE column1 IS NOT NULL
ON CONFLICT (poll_id, voter_id) DO UPDATE
SET ranks = excluded.ranks, cast_at = excluded.cast_at, weight = excluded.weight
"""

# Locks are taken in the order voters, polls, ballots, as by whoever erases a person: `live` needs all of `known` first.
# A poll that is closed meanwhile, or a voter that is erased, is seen as it is once its lock is there. LIMIT keeps the
# planner at one look into an index for each row, whatever it believes about the sizes of the tables.
_WRITE_ON_POSTGRES = """
WITH sent AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::timestamptz[], $6::smallint[],
        $7::bigint[]) WITH ORDINALITY AS sent (poll_id, guild_id, member_id, ranks, cast_at, weight, fresh_id, place)
), known AS MATERIALIZED (
    SELECT sent.*, voter.voter_id FROM sent LEFT JOIN LATERAL (
        SELECT voters.voter_id FROM voters
        WHERE voters.guild_id = sent.guild_id AND voters.member_id = sent.member_id
        LIMIT 1 FOR KEY SHARE
    ) AS voter ON true
), live AS MATERIALIZED (
    SELECT asked.poll_id, asked.guild_id, poll.closes_at
    FROM (SELECT DISTINCT poll_id, guild_id FROM known) AS asked CROSS JOIN LATERAL (
        SELECT polls.guild_id, polls.phase, polls.closes_at FROM polls
        WHERE polls.poll_id = asked.poll_id
        LIMIT 1 FOR SHARE
    ) AS poll
    WHERE poll.phase = 'open' AND poll.guild_id = asked.guild_id
), taken AS MATERIALIZED (
    SELECT known.* FROM known JOIN live USING (guild_id, poll_id) WHERE known.cast_at < live.closes_at
), made AS (
    INSERT INTO voters (guild_id, voter_id, member_id)
    SELECT DISTINCT ON (guild_id, member_id) guild_id, fresh_id, member_id FROM taken
    WHERE voter_id IS NULL
    ORDER BY guild_id, member_id
    ON CONFLICT DO NOTHING
    RETURNING guild_id, voter_id, member_id
), ready AS MATERIALIZED (
    SELECT taken.place, taken.poll_id, coalesce(taken.voter_id, made.voter_id) AS voter_id, taken.guild_id,
        taken.ranks, taken.cast_at, taken.weight
    FROM taken LEFT JOIN made USING (guild_id, member_id)
), stored AS (
    INSERT INTO poll_ballots (poll_id, voter_id, guild_id, ranks, cast_at, weight)
    SELECT poll_id, voter_id, guild_id, ranks, cast_at, weight FROM ready
    WHERE voter_id IS NOT NULL
    ORDER BY poll_id, voter_id
    ON CONFLICT (poll_id, voter_id) DO UPDATE
        SET ranks = excluded.ranks, cast_at = excluded.cast_at, weight = excluded.weight
    WHERE poll_ballots.cast_at <= excluded.cast_at
    RETURNING poll_id, voter_id, xmax <> 0 AS changed
)
SELECT ready.place::integer - 1, stored.changed FROM stored JOIN ready USING (poll_id, voter_id)
"""

_LOOK_ON_POSTGRES = """
SELECT sent.place, polls.phase, polls.closes_at, poll_ballots.cast_at, poll_ballots.ranks
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS sent (poll_id, guild_id, member_id, place)
LEFT JOIN polls ON polls.poll_id = sent.poll_id AND polls.guild_id = sent.guild_id
LEFT JOIN voters ON voters.guild_id = sent.guild_id AND voters.member_id = sent.member_id
LEFT JOIN poll_ballots ON poll_ballots.poll_id = sent.poll_id AND poll_ballots.voter_id = voters.voter_id
"""
