"""Managing a poll that was posted: what its creator and moderators do. The service checks the right at every press."""

from io import BytesIO

import discord
from discord.ext import commands

from bot.app import App
from bot.errors import InvalidInputError
from bot.guilds.types import GuildSettings
from bot.polls.types import Poll, PollDraft, PollPhase
from cogs.polls import forms
from cogs.polls.board import Board
from cogs.polls.cards.manage import changed_card, deleted_card, deletion_card, export_card, panel_card
from cogs.polls.cards.mistakes import mistake_card
from cogs.polls.cards.open import preview_card
from cogs.polls.cards.result import closed_card
from cogs.polls.controls import FEATURE, number_of
from cogs.polls.people import actor_of, guild_of, on_private_card
from cogs.ui.controls import Interaction, on_press, on_submit
from cogs.ui.forms import open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted


class ManagingCog(commands.Cog):
    """The panel behind a card's Manage button."""

    def __init__(self, app: App, board: Board) -> None:
        self._app = app
        self._polls = app.polls
        self._board = board

    @on_press(FEATURE, "manage")
    async def manage(self, interaction: Interaction, key: str) -> None:
        """Show what can be done to those who may."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await reply.send(panel_card(await self._polls.manage(number_of(key), actor_of(interaction))))

    @on_press(FEATURE, "change")
    async def change(self, interaction: Interaction, key: str) -> None:
        """Open the form with what the open poll says."""
        number, _, voted = key.partition("-")
        poll_id, settings = number_of(number), self._settings(interaction)
        poll = self._polls.peek(poll_id, guild_of(interaction))
        if poll is None or poll.phase is not PollPhase.OPEN:
            # after this memory knows the poll, and the panel says what can be done
            async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
                await self._polls.load(poll_id, actor_of(interaction))
                await reply.send(panel_card(await self._polls.manage(poll_id, actor_of(interaction))))
            return
        filled = forms.filled_from(poll, settings)
        await open_form(interaction, forms.amend_form(poll_id, voted == "voted", filled, settings))

    @on_submit(FEATURE, "amend")
    async def amend(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Change an open poll."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll_id, actor = number_of(key), actor_of(interaction)
            try:
                before = await self._polls.load(poll_id, actor)
                edit = forms.read_edit(submitted, before, self._app.clock(), self._settings(interaction))
                count = await self._polls.edit(poll_id, actor, edit)
            except InvalidInputError as error:
                await reply.send(mistake_card(error, submitted, "amend", key))
                return
            shown = await self._board.show_open(poll_id)
            await reply.send(changed_card(count.poll, "changed.", shown))

    @on_press(FEATURE, "close")
    async def close(self, interaction: Interaction, key: str) -> None:
        """Close the poll and show its result."""
        async with Reply(interaction, replaces=True) as reply:
            result = await self._polls.close_now(number_of(key), actor_of(interaction))
            await reply.send(closed_card(result, await self._board.show_result(result)))

    @on_press(FEATURE, "reopen")
    async def reopen(self, interaction: Interaction, key: str) -> None:
        """Ask until when."""
        await open_form(interaction, forms.reopen_form(number_of(key), {}, self._settings(interaction)))

    @on_submit(FEATURE, "extend")
    async def extend(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Open a closed poll again."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            try:
                closes_at = forms.read_time(submitted, self._app.clock(), self._settings(interaction))
                count = await self._polls.reopen(number_of(key), actor_of(interaction), closes_at)
            except InvalidInputError as error:
                await reply.send(mistake_card(error, submitted, "extend", key))
                return
            shown = await self._board.show_open(count.poll.poll_id)
            await reply.send(changed_card(count.poll, "open again.", shown))

    @on_press(FEATURE, "clone")
    async def clone(self, interaction: Interaction, key: str) -> None:
        """Make a draft like this poll, that runs as long from now on, and show its preview."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            actor = actor_of(interaction)
            count = await self._polls.manage(number_of(key), actor)
            await reply.send(preview_card(await self._polls.draft(self._copy(count.poll, actor.member_id))))

    @on_press(FEATURE, "remind")
    async def remind(self, interaction: Interaction, key: str) -> None:
        """Remind people now."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            reminder = await self._polls.remind_now(number_of(key), actor_of(interaction))
            sent = await self._board.remind(reminder)
            await (self._polls.reminded if sent else self._polls.not_reminded)(reminder.poll.poll_id)
            failed = "nobody was reminded: its channel is gone, or I may not post there."
            text = "people were reminded." if sent else failed
            await reply.send(changed_card(reminder.poll, text))

    @on_press(FEATURE, "delete")
    async def delete(self, interaction: Interaction, key: str) -> None:
        """Ask once more."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await reply.send(deletion_card(await self._polls.manage(number_of(key), actor_of(interaction))))

    @on_press(FEATURE, "erase")
    async def erase(self, interaction: Interaction, key: str) -> None:
        """Delete the poll, its votes and its card."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll = await self._polls.delete(number_of(key), actor_of(interaction))
            await reply.send(deleted_card(poll, await self._board.take_down(poll)))

    @on_press(FEATURE, "export")
    async def export(self, interaction: Interaction, key: str) -> None:
        """Hand the poll over as files."""
        async with Reply(interaction, keep="Poll export") as reply:
            export = await self._polls.export(number_of(key), actor_of(interaction))
            bodies = {"csv": export.csv, "json": export.json, "abif": export.abif}
            files = {f"poll-{export.poll.poll_id}.{kind}": body for kind, body in bodies.items() if body}
            card = export_card(export, tuple(files))
            await reply.send(card, [discord.File(BytesIO(body), name) for name, body in files.items()])

    def _settings(self, interaction: Interaction) -> GuildSettings:
        return self._app.guilds.peek(guild_of(interaction))

    def _copy(self, poll: Poll, creator_id: int) -> PollDraft:
        return PollDraft(
            guild_id=poll.guild_id,
            channel_id=poll.channel_id,
            creator_id=creator_id,
            question=poll.question,
            options=poll.options,
            closes_at=self._app.clock() + (poll.closes_at - poll.created_at),
            kind=poll.kind,
            is_public=poll.is_public,
            reveal=poll.reveal,
            reminds=poll.remind_at is not None,
            rules=poll.rules,
            method=poll.method,
            takes_proposals=poll.takes_proposals,
        )
