"""What an erased person asked is in nobody's branch any more; what others said stays. On both databases."""

from sqlalchemy import select

from bot.db.schema import TurnReportRow, TurnRow
from tests.support.asking import ADA, BEN, OPEN, Desk, asker, ended
from tests.support.polls import GUILD


async def test_an_erased_persons_words_are_in_nobodys_branch(desk: Desk) -> None:
    first = await desk.ask("Ada's secret", wanted=OPEN)
    branch = await desk.ask("And then?", asker(BEN), wanted=OPEN, parent_id=first.turn_id)
    await desk.asks.report(first.turn_id, asker(BEN), "Ben's reason")
    await desk.asks.report(branch.turn_id, asker(), "Ada's reason")
    await desk.asks.forget(ADA)
    async with desk.database.read() as connection:
        asked = (await connection.execute(select(TurnRow.question))).scalars().all()
        reasons = (await connection.execute(select(TurnReportRow.member_id, TurnReportRow.reason))).all()
    assert asked == ["And then?"]
    assert [tuple(row) for row in reasons] == [(None, "")], "what was reported stays, who did so does not"
    again = await ended(desk.asks, await desk.asks.retry(branch.turn_id, asker(BEN)))
    assert again.answer == "Hello, there."
    told = desk.backend(OPEN).prompts[-1]
    assert "Ada's secret" not in str(told)
    assert (await desk.asks.get(branch.turn_id, GUILD)).answer == "Hello, there."
