"""Voting: presses on the card, private ballots with their pages, receipts, reminders asked for, and who sees what."""

from discord.ext import commands

from bot.app import App
from bot.errors import InvalidInputError
from bot.polls import rules
from bot.polls.types import Poll, PollKind
from cogs.polls import ballots
from cogs.polls.board import Board, chart_of
from cogs.polls.cards.ballot import again_card, ballot_card, bell_card, page_card
from cogs.polls.cards.ranking import ballot_to_rank
from cogs.polls.cards.result import private_result_card, voters_card
from cogs.polls.controls import FEATURE, BallotKey, ballot_of, number_of, require_same, tag_of, vote_of
from cogs.polls.people import guild_of, on_private_card, voter_of
from cogs.polls.receipts import Receipts
from cogs.ui.controls import Interaction, on_press, on_submit
from cogs.ui.forms import open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted


class VotingCog(commands.Cog):
    """What voters do. A ballot opens from memory; where memory does not know, a private card offers it once more."""

    def __init__(self, app: App, board: Board) -> None:
        self._app = app
        self._polls = app.polls
        self._board = board
        self._receipts = Receipts()

    @on_press(FEATURE, "vote")
    async def vote(self, interaction: Interaction, key: str) -> None:
        """Count a press and say so to the voter alone."""
        poll_id, tag, position = vote_of(key)
        async with Reply(interaction) as reply:
            voter = voter_of(interaction)
            poll = await self._poll(poll_id, voter.guild_id)
            require_same(poll, tag)
            receipt = await self._polls.vote(poll_id, voter, ballots.ranks_of(poll, position), seen=poll)
            self._board.touch(poll_id)
            await reply.send(self._receipts.card(receipt))

    @on_press(FEATURE, "ballot")
    async def ballot(self, interaction: Interaction, key: str) -> None:
        """Open the private ballot, or its next page, with what stands marked."""
        wanted, voter = ballot_of(key), voter_of(interaction)
        poll = self._polls.peek(wanted.poll_id, voter.guild_id)
        known = self._polls.peek_ballot(wanted.poll_id, voter.member_id)
        if poll is None or known is None or poll.kind is PollKind.RANKED:
            async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
                paper = await self._polls.paper(wanted.poll_id, voter)
                if paper.poll.kind is PollKind.RANKED:
                    await reply.send(ballot_to_rank(paper))
                else:
                    await reply.send(ballot_card(paper.poll, wanted, paper.ranks is not None))
            return
        if refusal := rules.refuse_voter(poll, voter, self._app.clock()):
            raise refusal
        if wanted.carried:
            require_same(poll, wanted.tag)
            ballots.require_fitting(poll, wanted.carried)
        await open_form(interaction, ballots.ballot_form(poll, known.ranks, wanted.carried))

    @on_submit(FEATURE, "cast")
    async def cast(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Count a ballot, or keep a page of it and ask for the next."""
        sent = ballot_of(key)
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            voter = voter_of(interaction)
            poll = await self._poll(sent.poll_id, voter.guild_id)
            require_same(poll, sent.tag)
            try:
                if not ballots.is_paged(poll):
                    ranks = ballots.chosen_ranks(poll, submitted)
                else:
                    ballots.require_fitting(poll, sent.carried)
                    marks = ballots.read_page(poll, submitted, sent.carried)
                    if len(marks) < len(poll.options):
                        if refusal := rules.refuse_voter(poll, voter, self._app.clock()):
                            raise refusal
                        after = BallotKey(poll.poll_id, tag_of(poll), marks)
                        await reply.send(page_card(poll, after, ballots.pages_of(poll), ballots.A_PAGE))
                        return
                    ranks = ballots.packed(marks)
                receipt = await self._polls.vote(poll.poll_id, voter, ranks, seen=poll)
            except InvalidInputError as error:
                await reply.send(again_card(poll, str(error)))
                return
            self._board.touch(poll.poll_id)
            await reply.send(self._receipts.card(receipt))

    @on_press(FEATURE, "bell")
    async def bell(self, interaction: Interaction, key: str) -> None:
        """Note that this person wants to be mentioned in the reminder."""
        await self._ring(interaction, number_of(key), on=True)

    @on_press(FEATURE, "silence")
    async def silence(self, interaction: Interaction, key: str) -> None:
        """Take that back."""
        await self._ring(interaction, number_of(key), on=False)

    @on_press(FEATURE, "results")
    async def results(self, interaction: Interaction, key: str) -> None:
        """Show the count to one person, as far as they may see it."""
        async with Reply(interaction) as reply:
            result = await self._polls.results(number_of(key), voter_of(interaction))
            await reply.send(private_result_card(result), [await chart_of(result)])

    @on_press(FEATURE, "voters")
    async def voters(self, interaction: Interaction, key: str) -> None:
        """Show who voted for what in a public poll."""
        async with Reply(interaction) as reply:
            await reply.send(voters_card(await self._polls.voters(number_of(key), voter_of(interaction))))

    async def _ring(self, interaction: Interaction, poll_id: int, *, on: bool) -> None:
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await self._polls.bell(poll_id, voter_of(interaction), on=on)
            await reply.send(bell_card(await self._poll(poll_id, guild_of(interaction)), on))

    async def _poll(self, poll_id: int, guild_id: int) -> Poll:
        """Return a posted poll, from memory where it is there."""
        return self._polls.peek(poll_id, guild_id) or (await self._polls.get(poll_id, guild_id)).poll
