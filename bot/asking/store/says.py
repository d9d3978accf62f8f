"""What people say of answers and for channels: thumbs, reports, choices, personas."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.asking.store import rows
from bot.asking.store.turns import wipe
from bot.asking.types import Choices, Persona, Ratings, Report, TurnRecord
from bot.db.schema import (
    ChannelChoiceRow,
    MemberChoiceRow,
    PersonaRow,
    TurnRatingRow,
    TurnReportRow,
    TurnRow,
)
from bot.db.session import Database
from bot.db.upsert import inserting

UPHELD, DISMISSED = "upheld", "dismissed"


class SayStore:
    """Thumbs, reports, choices and personas."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(self, turn: TurnRecord, member_id: int, reason: str, now: datetime, *, is_good: bool) -> Ratings:
        """Store a member's thumb, in place of the one before; return how all stand."""
        said = {"is_good": is_good, "reason": reason or None, "rated_at": now}
        async with self._database.write() as connection:
            await connection.execute(
                inserting(connection, TurnRatingRow)
                .values(guild_id=turn.guild_id, turn_id=turn.turn_id, member_id=member_id, **said)
                .on_conflict_do_update(index_elements=["turn_id", "member_id"], set_=said)
            )
            return (await rows.ratings_of(connection, [turn.turn_id]))[turn.turn_id]

    async def report(self, turn: TurnRecord, member_id: int, reason: str, now: datetime) -> Report:
        """Store a report; a second one by the same member changes only its reason, while nobody has handled it."""
        async with self._database.write() as connection:
            await connection.execute(
                inserting(connection, TurnReportRow)
                .values(guild_id=turn.guild_id, turn_id=turn.turn_id, member_id=member_id, reason=reason, made_at=now)
                .on_conflict_do_update(
                    index_elements=["turn_id", "member_id"],
                    set_={"reason": reason},
                    where=TurnReportRow.outcome.is_(None),
                )
            )
            found = await connection.execute(
                select(TurnReportRow.report_id).where(
                    TurnReportRow.turn_id == turn.turn_id, TurnReportRow.member_id == member_id
                )
            )
            report = await _report(connection, found.scalar_one())
        if report is None:
            msg = "a report that was stored is not there"
            raise LookupError(msg)
        return report

    async def get_report(self, report_id: int) -> Report | None:
        """Return a report, if there is one."""
        async with self._database.read() as connection:
            return await _report(connection, report_id)

    async def handle(self, report: Report, handler_id: int, now: datetime, *, upheld: bool) -> Report | None:
        """Close a report; upholding it deletes the answer and closes all reports of it. None when it was closed."""
        outcome = UPHELD if upheld else DISMISSED
        which = TurnReportRow.turn_id == report.turn.turn_id if upheld else TurnReportRow.report_id == report.report_id
        async with self._database.write() as connection:
            closed = await connection.execute(
                update(TurnReportRow)
                .where(which, TurnReportRow.outcome.is_(None))
                .values(outcome=outcome, handler_id=handler_id, handled_at=now)
                .returning(TurnReportRow.report_id)
            )
            if report.report_id not in closed.scalars().all():
                return None
            if upheld:
                await wipe(connection, report.turn.turn_id, now)
            return await _report(connection, report.report_id)

    async def choices(self, guild_id: int, member_id: int, channel_id: int) -> Choices:
        """Return what was chosen for a member and a channel; what is for the server lies with the server's settings."""
        async with self._database.read() as connection:
            mine = await connection.execute(
                select(MemberChoiceRow.model).where(
                    MemberChoiceRow.guild_id == guild_id, MemberChoiceRow.member_id == member_id
                )
            )
            channels = await connection.execute(
                select(ChannelChoiceRow.model).where(
                    ChannelChoiceRow.guild_id == guild_id, ChannelChoiceRow.channel_id == channel_id
                )
            )
            return Choices(mine.scalar_one_or_none(), channels.scalar_one_or_none())

    async def choose_for_channel(self, guild_id: int, channel_id: int, wanted: str | None, now: datetime) -> None:
        """Set who answers in a channel; None leaves it to the server."""
        here = (ChannelChoiceRow.guild_id == guild_id, ChannelChoiceRow.channel_id == channel_id)
        async with self._database.write() as connection:
            if wanted is None:
                await connection.execute(delete(ChannelChoiceRow).where(*here))
                return
            await connection.execute(
                inserting(connection, ChannelChoiceRow)
                .values(guild_id=guild_id, channel_id=channel_id, model=wanted, chosen_at=now)
                .on_conflict_do_update(
                    index_elements=["guild_id", "channel_id"], set_={"model": wanted, "chosen_at": now}
                )
            )

    async def channel_choices(self, guild_id: int) -> dict[int, str]:
        """Return channel to who answers there, for the channels of a server that have a choice."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(ChannelChoiceRow.channel_id, ChannelChoiceRow.model)
                .where(ChannelChoiceRow.guild_id == guild_id)
                .order_by(ChannelChoiceRow.channel_id)
            )
            return {row.channel_id: row.model for row in found}

    async def drop_choice(self, guild_id: int, member_id: int) -> None:
        """Forget what a member chose."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(MemberChoiceRow).where(
                    MemberChoiceRow.guild_id == guild_id, MemberChoiceRow.member_id == member_id
                )
            )

    async def personas(self, guild_id: int) -> tuple[Persona, ...]:
        """Return the personas of a server, its own first, then those of its channels."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(PersonaRow).where(PersonaRow.guild_id == guild_id).order_by(PersonaRow.channel_id)
            )
            return tuple(Persona(row.guild_id, row.channel_id, row.name, row.text) for row in found)

    async def set_persona(self, persona: Persona, now: datetime) -> None:
        """Set how models speak in a channel or server; a persona without text is taken away."""
        here = (PersonaRow.guild_id == persona.guild_id, PersonaRow.channel_id == persona.channel_id)
        said = {"name": persona.name, "text": persona.text, "changed_at": now}
        async with self._database.write() as connection:
            if not persona.text:
                await connection.execute(delete(PersonaRow).where(*here))
                return
            await connection.execute(
                inserting(connection, PersonaRow)
                .values(guild_id=persona.guild_id, channel_id=persona.channel_id, **said)
                .on_conflict_do_update(index_elements=["guild_id", "channel_id"], set_=said)
            )


async def _report(connection: AsyncConnection, report_id: int) -> Report | None:
    found = (await connection.execute(select(TurnReportRow).where(TurnReportRow.report_id == report_id))).one_or_none()
    if found is None:
        return None
    (turn,) = await rows.records_where(connection, TurnRow.turn_id == found.turn_id)
    return Report(found.report_id, turn, found.member_id, found.reason, found.outcome, found.handler_id)
