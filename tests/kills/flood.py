"""A bot without Discord that is flooded with votes, for tests that kill it; run as a process.

It imports once. Each line on its input, "URL LASTING FIRST SEED", makes a fork that opens the database and floods two
polls until it is killed: the one that lasts, and one of its own that ends during the flood. A vote carries its voter's
own count of votes, from FIRST on, as scores; so what is stored says which vote it is. On its output, a line each:
`child PID`, `ready POLL` (the one that ends), `sent POLL MEMBER NUMBER` before and `counted POLL MEMBER NUMBER` after a
vote, `result POLL` and `shown POLL` around the showing of a result, `failed ERROR`, and `gone` once the fork has died.
"""

import asyncio
import os
import random
import sys
from datetime import timedelta

import uvloop
from sqlalchemy import update

from bot.clock import utc_now
from bot.db.schema import PollRow
from bot.db.session import Database
from bot.errors import ClosedError
from bot.polls.service import POLL_DUE, PollService
from bot.polls.types import Actor, Poll, PollDraft, PollKind, Voter
from bot.timers import Timers

GUILD = 1 << 60
VOTERS = 12
OPTIONS = 10
EARLIEST, LATEST = 0.03, 0.25
"""Seconds until the poll of a flood ends."""


def ranks_of(number: int) -> bytes:
    """Write a number as scores from 0 to 5, one an option."""
    return bytes(number // 6**place % 6 for place in range(OPTIONS))


def number_of(ranks: bytes) -> int:
    """Read the number that `ranks_of` wrote."""
    return sum(score * 6**place for place, score in enumerate(ranks))


async def opened(polls: PollService) -> Poll:
    """Open a poll that takes numbers."""
    names = tuple(f"Option {number}" for number in range(OPTIONS))
    draft = PollDraft(GUILD, 1, 1, "How good?", names, utc_now() + timedelta(days=1), kind=PollKind.SCORE)
    poll = await polls.draft(draft)
    return (await polls.open(poll.poll_id, Actor(GUILD, 1, is_moderator=False))).poll


def say(*words: object) -> None:
    """Write a line so that a kill right after it does not lose it."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def ending_poll(database: Database, seconds: float) -> int:
    """Open a poll that ends soon: sooner than people may ask for."""
    polls = PollService(database, Timers(utc_now), utc_now)
    poll_id = (await opened(polls)).poll_id
    async with database.write() as connection:
        ends_at = utc_now() + timedelta(seconds=seconds)
        await connection.execute(update(PollRow).where(PollRow.poll_id == poll_id).values(closes_at=ends_at))
    await polls.stop()
    return poll_id


async def flood(url: str, lasting: int, first: int, dice: random.Random) -> None:
    """Vote until killed, and show the results that are due."""
    database = await Database.open(url)
    ending = await ending_poll(database, dice.uniform(EARLIEST, LATEST))
    timers = Timers(utc_now)
    polls = PollService(database, timers, utc_now)

    async def due(poll_id: int) -> None:
        if await polls.due(poll_id):
            say("result", poll_id)
            # as long as it takes to edit a card
            await asyncio.sleep(0.005)
            await polls.shown(poll_id)
            say("shown", poll_id)

    async def vote(member: int) -> None:
        open_ones = [lasting, ending]
        number = first
        while True:
            number += 1
            poll_id = dice.choice(open_ones)
            say("sent", poll_id, member, number)
            try:
                await polls.vote(poll_id, Voter(GUILD, member), ranks_of(number))
            except ClosedError:
                open_ones.remove(poll_id)
            else:
                say("counted", poll_id, member, number)

    timers.listen(POLL_DUE, due)
    await polls.start()
    say("ready", ending)
    timers.start()
    await asyncio.gather(*map(vote, range(1, VOTERS + 1)))


def run(order: str) -> None:
    """Flood as the order says; does not return by itself."""
    url, lasting, first, seed = order.split()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(flood(url, int(lasting), int(first), random.Random(int(seed))))
    except BaseException as error:  # noqa: BLE001 - the test must hear of it
        say("failed", repr(error))


def main() -> None:
    """Make a fork for each order, and say when it has died."""
    for order in sys.stdin:
        child = os.fork()
        if child == 0:
            run(order)
            os._exit(1)
        say("child", child)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
