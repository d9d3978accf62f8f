"""Who a member is as a voter, in any feature that counts ballots."""

import secrets
from collections.abc import Collection

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import VoterRow
from bot.db.upsert import inserting

Member = tuple[int, int]
"""(guild_id, member_id)"""


async def voter_ids(connection: AsyncConnection, members: Collection[Member]) -> dict[Member, int]:
    """Return the voter of each member, making those that are missing; they stay as they are until the commit."""
    # sorted, so that two processes that make the same voters wait for each other instead of deadlocking
    await connection.execute(
        inserting(connection, VoterRow).on_conflict_do_nothing(),
        [
            {"guild_id": guild_id, "voter_id": secrets.randbits(63), "member_id": member_id}
            for guild_id, member_id in sorted(members)
        ],
    )
    found = await connection.execute(
        select(VoterRow.guild_id, VoterRow.member_id, VoterRow.voter_id)
        .where(tuple_(VoterRow.guild_id, VoterRow.member_id).in_(sorted(members)))
        .with_for_update(read=True)
    )
    return {(row.guild_id, row.member_id): row.voter_id for row in found}


async def find_voters(connection: AsyncConnection, member_id: int, *, lock: bool = False) -> list[tuple[int, int]]:
    """Return (guild_id, voter_id) wherever this member has voted; `lock` keeps new ballots of theirs waiting."""
    query = select(VoterRow.guild_id, VoterRow.voter_id).where(VoterRow.member_id == member_id)
    found = await connection.execute(query.with_for_update() if lock else query)
    return [(row.guild_id, row.voter_id) for row in found]


async def unname_voters(connection: AsyncConnection, voters: Collection[tuple[int, int]]) -> None:
    """Cut every link between these (guild_id, voter_id) and a member; the ballots stay, so counts can be repeated.

    Of voters that `find_voters` locked, in the transaction that deletes their ballots in what is still open: one that
    was made meanwhile has a new ballot, and a ballot without a person would count beside that person's next one.
    """
    for guild_id, voter_id in voters:
        await connection.execute(
            update(VoterRow).where(VoterRow.guild_id == guild_id, VoterRow.voter_id == voter_id).values(member_id=None)
        )
