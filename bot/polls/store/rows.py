"""How a poll lies in its tables, for every store of polls."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Row, Select, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import (
    PollBallotRow,
    PollOptionRow,
    PollProposalRow,
    PollRoleRow,
    PollRow,
    PollWeightRow,
    ProposalState,
)
from bot.errors import NotFoundError
from bot.polls.rules import GONE
from bot.polls.types import Poll, PollReveal, PollRules

ItemT = TypeVar("ItemT")

AT_ONCE = 500
"""Rows or ids in one statement: both databases bound the number of parameters."""


def chunks(items: Iterable[ItemT], size: int = AT_ONCE) -> Iterator[list[ItemT]]:
    """Cut into lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


async def poll_of(connection: AsyncConnection, poll_id: int) -> Poll:
    """Read one poll; raise NotFoundError when there is none."""
    found = await polls_of(connection, [poll_id])
    if poll_id not in found:
        raise NotFoundError(GONE)
    return found[poll_id]


async def polls_of(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, Poll]:
    """Read polls by their ids."""
    found: dict[int, Poll] = {}
    for some in chunks(sorted(ids)):
        found |= await polls_where(connection, select(PollRow).where(PollRow.poll_id.in_(some)))
    return found


async def polls_where(connection: AsyncConnection, query: Select[PollRow]) -> dict[int, Poll]:
    """Read the polls of a query, by their ids."""
    rows = (await connection.execute(query.order_by(PollRow.poll_id))).all()
    options: dict[int, list[str]] = {}
    roles: dict[int, list[int]] = {}
    weights: dict[int, list[tuple[int, int]]] = {}
    imported: dict[int, list[int]] = {}
    waiting = await _waiting(connection, [row.poll_id for row in rows if row.takes_proposals])
    for some in chunks(row.poll_id for row in rows):
        texts = select(PollOptionRow.poll_id, PollOptionRow.text, PollOptionRow.imported).where(
            PollOptionRow.poll_id.in_(some)
        )
        for poll_id, text, votes in await connection.execute(
            texts.order_by(PollOptionRow.poll_id, PollOptionRow.position)
        ):
            options.setdefault(poll_id, []).append(text)
            if votes is not None:
                imported.setdefault(poll_id, []).append(votes)
        needed = select(PollRoleRow.poll_id, PollRoleRow.role_id).where(PollRoleRow.poll_id.in_(some))
        for poll_id, role_id in await connection.execute(needed.order_by(PollRoleRow.poll_id, PollRoleRow.role_id)):
            roles.setdefault(poll_id, []).append(role_id)
        heavier = select(PollWeightRow.poll_id, PollWeightRow.role_id, PollWeightRow.weight).where(
            PollWeightRow.poll_id.in_(some)
        )
        for poll_id, role_id, weight in await connection.execute(heavier.order_by(PollWeightRow.role_id)):
            weights.setdefault(poll_id, []).append((role_id, weight))
    found = {
        row.poll_id: _to_poll(
            row, options.get(row.poll_id, []), roles.get(row.poll_id, []), weights.get(row.poll_id, [])
        )
        for row in rows
    }
    # few polls have either
    for poll_id, votes in imported.items():
        found[poll_id] = replace(found[poll_id], imported=tuple(votes))
    for poll_id, amount in waiting.items():
        found[poll_id] = replace(found[poll_id], waiting=amount)
    return found


async def _waiting(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, int]:
    """Count the proposals that wait in each poll; polls without any are left out."""
    found: dict[int, int] = {}
    for some in chunks(ids):
        counted = await connection.execute(
            select(PollProposalRow.poll_id, func.count())
            .where(PollProposalRow.poll_id.in_(some), PollProposalRow.state == ProposalState.PENDING)
            .group_by(PollProposalRow.poll_id)
        )
        found |= {row[0]: row[1] for row in counted}
    return found


async def turnouts(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, int]:
    """Count the ballots of each poll; polls without any are left out."""
    found: dict[int, int] = {}
    for some in chunks(ids):
        counted = await connection.execute(
            select(PollBallotRow.poll_id, func.count())
            .where(PollBallotRow.poll_id.in_(some))
            .group_by(PollBallotRow.poll_id)
        )
        found |= {row[0]: row[1] for row in counted}
    return found


async def turnout(connection: AsyncConnection, poll_id: int) -> int:
    """Count the ballots of one poll."""
    counted = select(func.count()).select_from(PollBallotRow).where(PollBallotRow.poll_id == poll_id)
    return (await connection.execute(counted)).scalar_one()


async def write_options(connection: AsyncConnection, guild_id: int, poll_id: int, options: Sequence[str]) -> None:
    """Put these options in the place of those that are there."""
    await connection.execute(delete(PollOptionRow).where(PollOptionRow.poll_id == poll_id))
    await connection.execute(
        insert(PollOptionRow),
        [
            {"guild_id": guild_id, "poll_id": poll_id, "position": position, "text": text}
            for position, text in enumerate(options)
        ],
    )


async def write_roles(connection: AsyncConnection, guild_id: int, poll_id: int, roles: Sequence[int]) -> None:
    """Put these roles in the place of those that are there."""
    await connection.execute(delete(PollRoleRow).where(PollRoleRow.poll_id == poll_id))
    if roles:
        await connection.execute(
            insert(PollRoleRow), [{"guild_id": guild_id, "poll_id": poll_id, "role_id": role_id} for role_id in roles]
        )


async def write_weights(
    connection: AsyncConnection, guild_id: int, poll_id: int, weights: Sequence[tuple[int, int]]
) -> None:
    """Put these weights, as (role_id, weight), in the place of those that are there."""
    await connection.execute(delete(PollWeightRow).where(PollWeightRow.poll_id == poll_id))
    if weights:
        await connection.execute(
            insert(PollWeightRow),
            [
                {"guild_id": guild_id, "poll_id": poll_id, "role_id": role_id, "weight": weight}
                for role_id, weight in weights
            ],
        )


def columns_of(poll: Poll) -> dict[str, Any]:
    """Return the columns of a poll that its creator sets."""
    return {
        "question": poll.question,
        "closes_at": poll.closes_at,
        "kind": poll.kind,
        "is_public": poll.is_public,
        "reveal": poll.reveal,
        "fewest": poll.rules.fewest,
        "most": poll.rules.most,
        "days_in_server": poll.rules.days_in_server,
        "quorum": poll.rules.quorum,
        "remind_at": poll.remind_at,
        "method": poll.method,
        "tie_seed": poll.tie_seed or None,
        "takes_proposals": poll.takes_proposals,
    }


def _to_poll(row: Row[Any], options: list[str], roles: list[int], weights: list[tuple[int, int]]) -> Poll:
    return Poll(
        poll_id=row.poll_id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        creator_id=row.creator_id,
        question=row.question,
        options=tuple(options),
        phase=row.phase,
        created_at=row.created_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        kind=row.kind,
        # of one of its own Discord shows names and counts, whatever the draft said
        is_public=row.is_public or row.is_native,
        reveal=PollReveal.ALWAYS if row.is_native else row.reveal,
        rules=PollRules(row.fewest, row.most, tuple(roles), row.days_in_server, row.quorum, tuple(weights)),
        remind_at=row.remind_at,
        reminded_at=row.reminded_at,
        method=row.method,
        tie_seed=row.tie_seed or b"",
        takes_proposals=row.takes_proposals,
        is_native=row.is_native,
    )
