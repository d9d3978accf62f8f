"""Reports of answers: to the moderators with two buttons, and what they decided back to whoever reported."""

import discord
import structlog
from discord.ext import commands

from bot.answers.types import Answer
from bot.app import App
from bot.asking.types import Report
from bot.guilds.types import Purpose
from cogs.asking.answering import Answering
from cogs.asking.cards.panels import outcome_text, report_card, reported_card
from cogs.asking.controls import FEATURE, REASON, asker_of, number_of, report_form
from cogs.ui.controls import Interaction, on_press, on_submit
from cogs.ui.forms import open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted
from cogs.ui.watch import UNREACHABLE

log = structlog.stdlib.get_logger(__name__)


class ReportingCog(commands.Cog):
    """Reports, and what comes of them."""

    def __init__(self, client: discord.Client, app: App, answering: Answering) -> None:
        self._client = client
        self._app = app
        self._asking = app.asking
        self._answering = answering

    @on_press(FEATURE, "report")
    async def report(self, interaction: Interaction, key: str) -> None:
        """Open the form."""
        await open_form(interaction, report_form(number_of(key)))

    @on_submit(FEATURE, "tell")
    async def tell(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Tell the moderators."""
        async with Reply(interaction) as reply:
            report = await self._asking.report(number_of(key), asker_of(interaction), submitted.text(REASON))
            await reply.send(reported_card(told=await self._show(report)))

    @on_press(FEATURE, "uphold")
    async def uphold(self, interaction: Interaction, key: str) -> None:
        """Delete the answer, as its report asked for."""
        await self._decide(interaction, number_of(key), upheld=True)

    @on_press(FEATURE, "dismiss")
    async def dismiss(self, interaction: Interaction, key: str) -> None:
        """Let the answer stay."""
        await self._decide(interaction, number_of(key), upheld=False)

    async def _decide(self, interaction: Interaction, report_id: int, *, upheld: bool) -> None:
        async with Reply(interaction, replaces=True) as reply:
            report = await self._asking.handle_report(report_id, asker_of(interaction), upheld=upheld)
            if report.member_id is not None:
                # nobody is written to unasked: the outcome waits where kept answers are
                answer = Answer(report.turn.guild_id, report.member_id, "Your report", outcome_text(report))
                await self._app.answers.keep(answer)
            await reply.send(report_card(report))
            if upheld:
                await self._answering.take_down(report.turn, by_moderators=True)

    async def _show(self, report: Report) -> bool:
        """Put a report before the moderators; says whether there is a place for that."""
        guild_id = report.turn.guild_id
        channel_id = self._app.guilds.peek(guild_id).channel(Purpose.LOG)
        if channel_id is None:
            return False
        channel = self._client.get_partial_messageable(channel_id, guild_id=guild_id)
        try:
            await channel.send(view=report_card(report), nonce=f"ask-report-{report.report_id}")
        except (discord.HTTPException, *UNREACHABLE) as error:
            log.warning("a report could not be shown", report=report.report_id, guild=guild_id, error=str(error))
            return False
        return True
