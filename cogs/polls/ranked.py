"""Ranked ballots, made by taps: each press carries the order so far, so that a restart loses nothing."""

from dataclasses import dataclass

from discord.ext import commands

from bot.app import App
from bot.errors import NotFoundError
from bot.polls import rules
from bot.polls.types import Poll
from cogs.polls.board import Board
from cogs.polls.cards.ranking import added_notice, ranking_card
from cogs.polls.controls import FEATURE, rank_of, require_same
from cogs.polls.people import on_private_card, voter_of
from cogs.polls.ranking import Ranking, place_of
from cogs.polls.receipts import Receipts
from cogs.ui.controls import Interaction, on_choose, on_press
from cogs.ui.reply import Reply

_DIGITS = 2


@dataclass(frozen=True, slots=True)
class _At:
    """Where a voter is: the poll, the order, the option to move (-1: none), and what is to be said of new options."""

    poll: Poll
    order: Ranking
    moving: int
    notice: str


class RankedCog(commands.Cog):
    """The private card on which a voter puts options in order."""

    def __init__(self, app: App, board: Board) -> None:
        self._app = app
        self._polls = app.polls
        self._board = board
        self._receipts = Receipts()

    @on_choose(FEATURE, "rank")
    async def rank(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Add an option behind the others."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            await self._show(reply, interaction, at, at.order.added(_chosen(at.poll, values)))

    @on_choose(FEATURE, "rankpick")
    async def pick(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Pick an option to move."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            place = _chosen(at.poll, values)
            # must be ranked
            at.order.rank_of(place)
            await self._show(reply, interaction, at, at.order, at.order.without_last(), moving=place)

    @on_press(FEATURE, "rankup")
    async def up(self, interaction: Interaction, key: str) -> None:
        """Move the picked option up."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            await self._show(reply, interaction, at, at.order.raised(at.moving), moving=at.moving)

    @on_press(FEATURE, "rankdown")
    async def down(self, interaction: Interaction, key: str) -> None:
        """Move the picked option down."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            await self._show(reply, interaction, at, at.order.lowered(at.moving), moving=at.moving)

    @on_press(FEATURE, "rankout")
    async def out(self, interaction: Interaction, key: str) -> None:
        """Take the picked option out."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            await self._show(reply, interaction, at, at.order.without(at.moving))

    @on_press(FEATURE, "ranktie")
    async def tie(self, interaction: Interaction, key: str) -> None:
        """Have the last option share the place before it, or no longer."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            await self._show(reply, interaction, at, at.order.tied())

    @on_press(FEATURE, "rankclear")
    async def clear(self, interaction: Interaction, key: str) -> None:
        """Take all options out; Undo brings them back."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await self._show(reply, interaction, await self._at(interaction, key), Ranking())

    @on_press(FEATURE, "rankundo")
    async def undo(self, interaction: Interaction, key: str) -> None:
        """Show the order that the key carries: the one before the last change."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            await self._show(reply, interaction, at, at.order, at.order.without_last())

    @on_press(FEATURE, "rankcast")
    async def cast(self, interaction: Interaction, key: str) -> None:
        """Count the order, unless the voter has not seen all options."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            at = await self._at(interaction, key)
            if at.notice:
                await self._show(reply, interaction, at, at.order, at.order.without_last())
                return
            poll = at.poll
            ranks = at.order.packed(len(poll.options))
            receipt = await self._polls.vote(poll.poll_id, voter_of(interaction), ranks, seen=poll)
            self._board.touch(poll.poll_id)
            await reply.send(self._receipts.card(receipt))

    async def _show(
        self,
        reply: Reply,
        interaction: Interaction,
        at: _At,
        order: Ranking,
        before: Ranking | None = None,
        *,
        moving: int | None = None,
    ) -> None:
        """Show an order; Undo goes back to the one that the press came from, unless told otherwise."""
        known = self._polls.peek_ballot(at.poll.poll_id, interaction.user.id)
        standing = known.ranks if known else None
        before = at.order if before is None else before
        await reply.send(ranking_card(at.poll, order, before, standing=standing, moving=moving, notice=at.notice))

    async def _at(self, interaction: Interaction, key: str) -> _At:
        """Return what a press is about.

        Raises:
            UserError: this person may not vote now, or the key is none of a ranking in this poll.
        """
        wanted, voter = rank_of(key), voter_of(interaction)
        poll = self._polls.peek(wanted.poll_id, voter.guild_id)
        if poll is None:
            poll = (await self._polls.paper(wanted.poll_id, voter)).poll
        if refusal := rules.refuse_voter(poll, voter, self._app.clock()):
            raise refusal
        known = require_same(poll, wanted.tag)
        order = Ranking.read(wanted.order, known)
        moving = place_of(wanted.moving, known) if wanted.moving else -1
        return _At(poll, order, moving, added_notice(poll, known))


def _chosen(poll: Poll, values: tuple[str, ...]) -> int:
    """Return the option that was chosen in a menu.

    Raises:
        NotFoundError: there is none.
    """
    value = values[0] if values else ""
    if not value.isdecimal() or len(value) > _DIGITS or int(value) >= len(poll.options):
        raise NotFoundError("This poll has no such option.")
    return int(value)
