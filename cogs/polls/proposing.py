"""Proposing options, and deciding on what was proposed. The service checks the right at every press."""

from collections.abc import Awaitable, Callable

from discord.ext import commands

from bot.app import App
from bot.errors import ClosedError, InvalidInputError, NotFoundError
from bot.polls.proposals import FIELD, refuse_proposer
from bot.polls.types import Actor, Proposal
from cogs.polls.board import Board
from cogs.polls.cards.mistakes import mistake_card
from cogs.polls.cards.proposals import decision_of, page_of, proposal_form, proposals_card, proposed_card
from cogs.polls.controls import FEATURE, number_of
from cogs.polls.people import actor_of, on_private_card, voter_of
from cogs.ui.controls import Interaction, on_press, on_submit
from cogs.ui.forms import open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted


class ProposingCog(commands.Cog):
    """What members propose, and what becomes of it."""

    def __init__(self, app: App, board: Board) -> None:
        self._app = app
        self._polls = app.polls
        self._board = board

    @on_press(FEATURE, "propose")
    async def propose(self, interaction: Interaction, key: str) -> None:
        """Open the form; what memory does not know is checked when it comes back."""
        poll_id, voter = number_of(key), voter_of(interaction)
        poll = self._polls.peek(poll_id, voter.guild_id)
        if poll is not None and (refusal := refuse_proposer(poll, voter, self._app.clock())):
            raise refusal
        await open_form(interaction, proposal_form(poll_id, {}))

    @on_submit(FEATURE, "suggest")
    async def suggest(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Keep what was proposed for creator and moderators."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll_id, voter = number_of(key), voter_of(interaction)
            try:
                proposal = await self._polls.propose(poll_id, voter, submitted.text(FIELD))
            except InvalidInputError as error:
                await reply.send(mistake_card(error, submitted, "suggest", key))
                return
            self._board.touch(poll_id)
            await reply.send(proposed_card((await self._polls.get(poll_id, voter.guild_id)).poll, proposal))

    @on_press(FEATURE, "proposals")
    async def proposals(self, interaction: Interaction, key: str) -> None:
        """Show what waits."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll_id, page = page_of(key)
            await reply.send(proposals_card(await self._polls.proposals(poll_id, actor_of(interaction)), page))

    @on_press(FEATURE, "accept")
    async def accept(self, interaction: Interaction, key: str) -> None:
        """Make a proposal an option."""
        await self._decide(interaction, key, self._polls.accept)

    @on_press(FEATURE, "decline")
    async def decline(self, interaction: Interaction, key: str) -> None:
        """Refuse a proposal."""
        await self._decide(interaction, key, self._polls.decline)

    async def _decide(
        self, interaction: Interaction, key: str, decide: Callable[[int, int, Actor], Awaitable[Proposal]]
    ) -> None:
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll_id, proposal_id, page = decision_of(key)
            actor = actor_of(interaction)
            failed = False
            try:
                proposal = await decide(poll_id, proposal_id, actor)
            except (ClosedError, NotFoundError) as error:
                said, failed = str(error), True
            else:
                said = f"“{proposal.text}” is {proposal.state.value}."
                self._board.touch(poll_id)
            # whoever was slower sees what waits by now, and why their press did nothing
            await reply.send(proposals_card(await self._polls.proposals(poll_id, actor), page, said, failed=failed))
