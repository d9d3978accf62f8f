"""What people do with answers: rate, report, delete, share. On both databases."""

import asyncio

import pytest

from bot.asking.types import Passage, Question, Ratings, TurnPhase
from bot.backends.base import Picture
from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from tests.support.asking import ADA, BEN, CLOSED, MODERATOR, OPEN, Desk, asker, card, ended, opened
from tests.support.polls import GUILD, SetClock

MESSAGE, SHARED = 9_001, 9_002


async def test_thumbs_are_one_a_member_and_can_change(desk: Desk) -> None:
    turn = await desk.ask()
    assert await desk.asks.rate(turn.turn_id, asker(), is_good=True) == Ratings(1, 0)
    assert await desk.asks.rate(turn.turn_id, asker(BEN), is_good=False, reason="Too short") == Ratings(1, 1)
    assert await desk.asks.rate(turn.turn_id, asker(), is_good=False) == Ratings(0, 2)
    assert (await desk.asks.get(turn.turn_id, GUILD)).ratings == Ratings(0, 2)
    with pytest.raises(InvalidInputError):
        await desk.asks.rate(turn.turn_id, asker(), is_good=True, reason="x" * 1_001)
    running = await desk.asks.begin(asker(), Question("Hi"))
    with pytest.raises(ClosedError, match="no answer to rate"):
        await desk.asks.rate(running.turn_id, asker(), is_good=True)


async def test_a_private_answer_is_its_askers_alone(desk: Desk) -> None:
    turn = await desk.ask(private=True)
    others = asker(BEN, is_moderator=True)
    for attempt in (
        desk.asks.seen(turn.turn_id, others),
        desk.asks.rate(turn.turn_id, others, is_good=True),
        desk.asks.report(turn.turn_id, others, "Why not?"),
        desk.asks.share(turn.turn_id, others),
    ):
        with pytest.raises(NotAllowedError):
            await attempt
    assert (await desk.asks.seen(turn.turn_id, asker())).turn_id == turn.turn_id
    for attempt in (desk.asks.get(turn.turn_id, 1), desk.asks.seen(turn.turn_id, asker(guild=1))):
        with pytest.raises(NotFoundError):
            await attempt


async def test_sharing_posts_once(desk: Desk) -> None:
    public = await desk.ask()
    with pytest.raises(ClosedError, match="public already"):
        await desk.asks.share(public.turn_id, asker())
    running = await desk.asks.begin(asker(), Question("Hi", private=True))
    with pytest.raises(ClosedError, match="no whole answer"):
        await desk.asks.share(running.turn_id, asker())
    turn = await desk.ask(private=True)
    found = await asyncio.gather(*(desk.asks.share(turn.turn_id, asker()) for _ in range(5)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["ClosedError"] * 4 + ["TurnRecord"]
    assert (await desk.asks.get(turn.turn_id, GUILD)).shared_message_id is None
    with pytest.raises(NotAllowedError):
        await desk.asks.seen(turn.turn_id, asker(BEN))
    await desk.asks.not_shared(turn.turn_id)
    await desk.asks.share(turn.turn_id, asker())
    await desk.asks.shared(turn.turn_id, SHARED)
    assert (await desk.asks.seen(turn.turn_id, asker(BEN))).shared_message_id == SHARED
    await desk.asks.not_shared(turn.turn_id)
    with pytest.raises(ClosedError, match="shared already"):
        await desk.asks.share(turn.turn_id, asker())
    found_again = await desk.asks.by_message(GUILD, SHARED)
    assert found_again is not None
    assert found_again.turn_id == turn.turn_id


async def test_a_sharing_that_a_crash_cut_off_may_be_tried_again(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        turn = await desk.ask(private=True)
        await desk.asks.share(turn.turn_id, asker())
    async with opened(database, clock) as desk:
        assert await desk.asks.share(turn.turn_id, asker())


async def test_an_answer_is_found_by_its_message(desk: Desk) -> None:
    turn = await desk.ask()
    await desk.asks.posted(turn.turn_id, MESSAGE)
    found = await desk.asks.by_message(GUILD, MESSAGE)
    assert found is not None
    assert (found.turn_id, found.message_id) == (turn.turn_id, MESSAGE)
    assert await desk.asks.by_message(1, MESSAGE) is None
    assert await desk.asks.by_message(GUILD, 1) is None
    await desk.asks.delete(turn.turn_id, asker())
    assert await desk.asks.by_message(GUILD, MESSAGE) is None


async def test_deleting_wipes_what_was_said(desk: Desk) -> None:
    picture = Picture("image/png", b"\x89PNG\r\n\x1a\nrest")
    passage = Passage("Secret text", "secret.txt")
    turn = await desk.ask("Secret?", wanted=CLOSED, passage=passage, pictures=(picture,))
    await desk.asks.posted(turn.turn_id, MESSAGE)
    with pytest.raises(NotAllowedError, match="or a moderator"):
        await desk.asks.delete(turn.turn_id, asker(BEN))
    gone = await desk.asks.delete(turn.turn_id, asker(MODERATOR, is_moderator=True))
    assert (gone.phase, gone.question, gone.answer, gone.passage_name, gone.pictures, gone.message_id) == (
        TurnPhase.DELETED, "", "", "", 0, MESSAGE,
    )  # fmt: skip
    exported = str(await desk.asks.export_user(ADA))
    assert "Secret" not in exported
    for attempt in (
        desk.asks.delete(turn.turn_id, asker()),
        desk.asks.retry(turn.turn_id, asker()),
        desk.asks.seen(turn.turn_id, asker()),
        desk.asks.begin(asker(), Question("And?", parent_id=turn.turn_id)),
    ):
        with pytest.raises(ClosedError, match="no longer kept"):
            await attempt


async def test_deleting_stops_what_is_being_made(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi"))
        running = desk.asks.run(turn.turn_id)
        await anext(running)
        await desk.asks.delete(turn.turn_id, asker())
        rest = [event async for event in running]
        assert len(rest) == 1
        assert (await desk.asks.get(turn.turn_id, GUILD)).answer == ""
        assert desk.backend(OPEN).running == 0


async def test_a_report_is_handled_once_by_moderators(desk: Desk) -> None:
    turn = await desk.ask()
    report = await desk.asks.report(turn.turn_id, asker(BEN), " Wrong ")
    assert (report.reason, report.outcome, report.member_id, report.turn.turn_id) == ("Wrong", None, BEN, turn.turn_id)
    again = await desk.asks.report(turn.turn_id, asker(BEN), "Very wrong")
    assert (again.report_id, again.reason) == (report.report_id, "Very wrong")
    with pytest.raises(NotAllowedError, match="Only moderators"):
        await desk.asks.handle_report(report.report_id, asker(BEN), upheld=True)
    boss = asker(MODERATOR, is_moderator=True)
    with pytest.raises(NotFoundError):
        await desk.asks.handle_report(report.report_id, asker(MODERATOR, is_moderator=True, guild=1), upheld=True)
    with pytest.raises(NotFoundError):
        await desk.asks.handle_report(10_000, boss, upheld=True)
    found = await asyncio.gather(
        *(desk.asks.handle_report(report.report_id, boss, upheld=False) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["ClosedError"] * 2 + ["Report"]
    assert (await desk.asks.get(turn.turn_id, GUILD)).answer
    closed = await desk.asks.report(turn.turn_id, asker(BEN), "Still wrong")
    assert (closed.outcome, closed.reason) == ("dismissed", "Very wrong")


async def test_an_upheld_report_deletes_the_answer_and_closes_all_of_its_reports(desk: Desk) -> None:
    turn = await desk.ask()
    first = await desk.asks.report(turn.turn_id, asker(BEN), "Wrong")
    second = await desk.asks.report(turn.turn_id, asker(14), "Rude")
    boss = asker(MODERATOR, is_moderator=True)
    handled = await desk.asks.handle_report(first.report_id, boss, upheld=True)
    assert (handled.outcome, handled.handler_id, handled.turn.phase) == ("upheld", MODERATOR, TurnPhase.DELETED)
    with pytest.raises(ClosedError, match="handled already"):
        await desk.asks.handle_report(second.report_id, boss, upheld=False)


async def test_side_by_side_stays_together(desk: Desk) -> None:
    turns = await desk.asks.compare(asker(), Question("Hi"), [OPEN, CLOSED])
    done = [await ended(desk.asks, turn) for turn in turns]
    await desk.asks.delete(done[0].turn_id, asker())
    together = await desk.asks.compared(await desk.asks.get(done[1].turn_id, GUILD))
    assert [(one.turn_id, one.phase) for one in together] == [
        (done[0].turn_id, TurnPhase.DELETED),
        (done[1].turn_id, TurnPhase.DONE),
    ]
    alone = await desk.ask()
    assert [one.turn_id for one in await desk.asks.compared(alone)] == [alone.turn_id]


async def test_a_person_is_erased_and_others_stay(desk: Desk) -> None:
    mine = await desk.ask("Ada asks", wanted=OPEN)
    theirs = await desk.ask("Ben asks", asker(BEN), wanted=OPEN, parent_id=mine.turn_id)
    await desk.asks.rate(theirs.turn_id, asker(), is_good=True, reason="Ada likes it")
    report = await desk.asks.report(theirs.turn_id, asker(), "Ada complains")
    await desk.asks.handle_report(report.report_id, asker(ADA, is_moderator=True), upheld=False)
    exported = await desk.asks.export_user(ADA)
    assert exported["turns"][0]["question"] == "Ada asks"
    assert exported["ratings"][0]["reason"] == "Ada likes it"
    assert exported["reports"][0]["reason"] == "Ada complains"
    assert exported["reports_handled"][0]["outcome"] == "dismissed"
    assert exported["choices"][0]["model"] == OPEN
    waiting = await desk.asks.begin(asker(), Question("Waiting"))
    await desk.asks.forget(ADA)
    assert await desk.asks.export_user(ADA) == {name: [] for name in exported}
    assert (await desk.asks.get(theirs.turn_id, GUILD)).ratings == Ratings()
    assert (await desk.asks.choices(asker())).member is None
    for turn_id in (mine.turn_id, waiting.turn_id):
        with pytest.raises(NotFoundError):
            await desk.asks.get(turn_id, GUILD)
    again = await ended(desk.asks, await desk.asks.retry(theirs.turn_id, asker(BEN)))
    assert again.answer, "a branch outlives what it came from"
