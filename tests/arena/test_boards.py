"""Boards over a server full of votes: with and without what is in doubt, reproducible, and published as a file."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.arena import rules
from bot.arena.types import Board, BoardBy, Doubt, Pairing
from bot.arena.votefile import read_votes
from bot.catalog import Openness, Task
from bot.db.session import Database
from bot.db.voters import find_voters, unname_voters
from bot.errors import ClosedError, NotAllowedError, NotFoundError
from bot.signing import verify
from tests.support.arena import LINES, MODERATOR, Desk, actor, fill, opened, voter
from tests.support.polls import GUILD, SetClock


def told(board: Board) -> list[tuple[str, float]]:
    return [(board.lines[one.row].name, one.rating) for one in board.parts[0][1].ratings]


async def test_a_board_of_models(desk: Desk) -> None:
    await fill(desk.database, battles=90, voters=15)
    board = await desk.arena.board(GUILD, BoardBy.MODEL)
    order = [name for name, _ in told(board)]
    assert (order[0], order[-1]) == (LINES[0], LINES[-1])
    assert (board.battles, board.voters, board.doubtful, board.excluded) == (90, 15, 0, 0)
    assert board.seed == rules.seed_of(GUILD) == board.parts[0][1].seed
    assert sum(one.shown for one in board.exposure) == sum(one.shown for one in board.classes) == 180
    for one in board.parts[0][1].ratings:
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.rating < one.high
    assert await desk.arena.board(GUILD, BoardBy.MODEL) is board, "from memory"
    async with opened(desk.database, desk.clock) as again:
        assert await again.arena.board(GUILD, BoardBy.MODEL) == board, "the same after a restart"


async def test_boards_by_class_task_and_language(desk: Desk) -> None:
    await fill(desk.database, languages=("en", "de", ""), tasks=(Task.ANSWER, Task.CODE))
    by_class = await desk.arena.board(GUILD, BoardBy.OPENNESS)
    assert [one.openness for one in by_class.classes] == [Openness.OPEN, Openness.CLOSED]
    best = by_class.parts[0][1].ratings[0]
    assert by_class.classes[best.row].openness is Openness.OPEN
    by_task = await desk.arena.board(GUILD, BoardBy.TASK)
    assert {name for name, _ in by_task.parts} == {"answer", "code"}
    by_language = await desk.arena.board(GUILD, BoardBy.LANGUAGE)
    assert {name for name, _ in by_language.parts} == {"en", "de", "unknown"}


async def test_an_empty_server_and_another_server(desk: Desk) -> None:
    await fill(desk.database)
    for by in BoardBy:
        board = await desk.arena.board(GUILD + 1, by)
        assert (board.parts, board.votes, board.battles) == ((), 0, 0)
    assert (await desk.arena.history(GUILD + 1)).points == ()
    assert (await desk.arena.fair_play(GUILD + 1)).log == ()


async def test_a_board_changes_with_the_next_closed_battle(desk: Desk) -> None:
    await fill(desk.database)
    before = await desk.arena.board(GUILD, BoardBy.MODEL)
    battle = await desk.opened()
    await desk.vote(battle, 1)
    assert await desk.arena.board(GUILD, BoardBy.MODEL) is before, "an open battle counts nowhere"
    await desk.arena.close(battle.battle_id, actor())
    after = await desk.arena.board(GUILD, BoardBy.MODEL)
    assert (after.battles, after.votes) == (before.battles + 1, before.votes + 1)


async def test_votes_in_doubt_are_counted_where_everything_is(desk: Desk) -> None:
    battle = await desk.opened()
    await desk.vote(battle, 1)
    young = voter(2, made_at=desk.clock.now)
    assert (await desk.arena.vote(battle.battle_id, young, (await desk.vote(battle, 3)).verdict)).doubt
    await desk.arena.close(battle.battle_id, actor())
    fewer = await desk.arena.board(GUILD, BoardBy.MODEL)
    everything = await desk.arena.board(GUILD, BoardBy.MODEL, everything=True)
    assert (fewer.votes, fewer.doubtful, everything.votes) == (2, 1, 3)
    assert (await desk.arena.fair_play(GUILD)).doubts == {
        Doubt.RUSHED: 0,
        Doubt.CAPPED: 0,
        Doubt.NEW_ACCOUNT: 1,
    }


async def test_moderators_leave_voters_out_for_all_to_see(desk: Desk) -> None:
    await fill(desk.database)
    before = await desk.arena.board(GUILD, BoardBy.MODEL)
    number = 1_000_003
    with pytest.raises(NotAllowedError):
        await desk.arena.exclude(GUILD, number, actor())
    moderator = actor(MODERATOR, moderator=True)
    with pytest.raises(NotFoundError):
        await desk.arena.exclude(GUILD, 5, moderator)
    with pytest.raises(NotFoundError):
        await desk.arena.exclude(GUILD + 1, number, moderator)
    both = [desk.arena.exclude(GUILD, number, who) for who in (moderator, actor(MODERATOR + 1, moderator=True))]
    found = await asyncio.gather(*both, return_exceptions=True)
    assert [isinstance(one, ClosedError) for one in found].count(True) == 1, "two at the same instant are one"
    without = await desk.arena.board(GUILD, BoardBy.MODEL)
    assert (without.excluded, without.voters) == (1, before.voters - 1)
    assert (await desk.arena.board(GUILD, BoardBy.MODEL, everything=True)).votes == before.votes
    (entry,) = (await desk.arena.fair_play(GUILD)).log
    assert (entry.number, entry.votes, entry.lifted_at) == (number, before.votes - without.votes, None)
    with pytest.raises(NotAllowedError):
        await desk.arena.lift(entry.exclusion_id, actor())
    with pytest.raises(ClosedError):
        await desk.arena.lift(entry.exclusion_id, actor(MODERATOR, moderator=True, guild=GUILD + 1))
    desk.clock.move(seconds=1)
    await desk.arena.lift(entry.exclusion_id, moderator)
    with pytest.raises(ClosedError):
        await desk.arena.lift(entry.exclusion_id, moderator)
    assert (await desk.arena.board(GUILD, BoardBy.MODEL)).parts == before.parts
    (entry,) = (await desk.arena.fair_play(GUILD)).log
    assert entry.lifted_at == desk.clock.now


async def test_erased_voters_leave_the_board_as_it_was(desk: Desk) -> None:
    await fill(desk.database)
    before = await desk.arena.board(GUILD, BoardBy.MODEL)
    async with desk.database.write() as connection:
        for member in (1_000_000, 1_000_001, 1_000_002):
            voters = await find_voters(connection, member, lock=True)
            assert voters
            await desk.arena.forget_votes(connection, voters)
            await unname_voters(connection, voters)
    await desk.arena.forget(11)
    async with opened(desk.database, desk.clock) as again:
        after = await again.arena.board(GUILD, BoardBy.MODEL)
        assert after == before
        assert (await again.arena.export_user(1_000_000))["votes"] == []
        assert (await again.arena.export_user(11))["battles"] == []


async def test_a_history_goes_week_by_week_and_ends_with_the_board(desk: Desk) -> None:
    await fill(desk.database, battles=60)
    history = await desk.arena.history(GUILD)
    board = await desk.arena.board(GUILD, BoardBy.MODEL)
    assert [line.name for line in history.lines] == list(LINES)
    assert len(history.points) == 1
    assert dict(zip(LINES, history.points[-1].ratings, strict=True)) == pytest.approx(dict(told(board)))
    await fill(desk.database, battles=20, at=desk.clock.now.replace(month=10), first_battle=5_000)
    later = await desk.arena.history(GUILD)
    assert len(later.points) > 2
    assert later.points[0].ratings.count(None) == 4, "who had not met yet"


async def test_pairs_are_chosen_by_what_the_board_knows(desk: Desk) -> None:
    await fill(desk.database)
    await desk.arena.board(GUILD, BoardBy.MODEL)
    battles = [await desk.answered(pairing=Pairing.OPEN_CLOSED) for _ in range(4)]
    met = {frozenset(answer.line.key for answer in battle.answers) for battle in battles}
    assert len(met) == 4, "who has met least meets next"


async def test_a_class_that_was_never_shown_comes_first(desk: Desk) -> None:
    await fill(desk.database)
    for _ in range(3):
        battle = await desk.answered()
        assert Openness.RESTRICTED in {answer.line.openness for answer in battle.answers}


async def test_the_vote_file_is_signed_and_gives_the_board_again(
    database: Database, clock: SetClock, tmp_path: Path
) -> None:
    async with opened(database, clock, environ={"ROSTRUM_DATA_DIR": str(tmp_path)}) as desk:
        await fill(database)
        await desk.arena.exclude(GUILD, 1_000_003, actor(MODERATOR, moderator=True))
        board = await desk.arena.board(GUILD, BoardBy.MODEL)
        file = await desk.arena.vote_file(GUILD)
        document = json.loads(file.content)
        assert verify(document).verdict.value == "unknown", "right, by a key that nobody vouched for"
        votes = read_votes(document["content"])
        assert votes.table is not None
        assert (votes.battles, len(votes.table.left)) == (60, board.votes)
        assert "What is tea?" not in file.content.decode()
        from bot.arena.ratings.rate import rate  # noqa: PLC0415 - brings numpy

        again = await asyncio.to_thread(rate, votes.table, seed=votes.seed, prior=votes.prior, rounds=votes.rounds)
        assert again == board.parts[0][1]


async def test_the_vote_file_of_few_voters_has_totals_only(database: Database, clock: SetClock, tmp_path: Path) -> None:
    async with opened(database, clock, environ={"ROSTRUM_DATA_DIR": str(tmp_path)}) as desk:
        empty = await desk.arena.vote_file(GUILD)
        assert empty.votes == 0
        await fill(database, voters=4)
        file = await desk.arena.vote_file(GUILD)
        content = json.loads(file.content)["content"]
        assert content["only_totals"]
        assert "votes" not in content
        assert content["totals"]["voters"] <= 4
