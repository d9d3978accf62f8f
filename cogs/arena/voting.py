"""Votes, reasons, and what whoever asked and moderators do with a battle. The service checks rights at every press."""

from discord import ui
from discord.ext import commands

from bot.app import App
from bot.arena.types import BattlePhase, Voter, VoteReceipt
from bot.errors import ClosedError, InvalidInputError, NotFoundError
from cogs.arena.cards.battle import closed_card, deletion_card, erased_card, panel_card, receipt_card, stopped_card
from cogs.arena.cards.result import details_card, private_result_card
from cogs.arena.controls import FEATURE, number_of, reasons_of, vote_of
from cogs.arena.people import actor_of, guild_of, on_private_card, voter_of
from cogs.arena.ring import Ring
from cogs.ui.controls import Interaction, on_choose, on_press
from cogs.ui.reply import Reply


class BattleVotesCog(commands.Cog):
    """The controls on battles."""

    def __init__(self, app: App, ring: Ring) -> None:
        self._arena = app.arena
        self._ring = ring

    @on_press(FEATURE, "vote")
    async def vote(self, interaction: Interaction, key: str) -> None:
        """Count a vote. A private battle shows its names in the same message, a shared one hands out a receipt."""
        battle_id, verdict = vote_of(key)
        private = on_private_card(interaction)
        async with Reply(interaction, replaces=private) as reply:
            await self._ring.until_shown(battle_id)
            try:
                receipt = await self._arena.vote(battle_id, voter_of(interaction), verdict)
            except ClosedError:
                known = await self._missed(battle_id, voter_of(interaction)) if private else None
                if known is None:
                    raise
                await reply.send(known)
                return
            if receipt.result is not None:
                await reply.send(private_result_card(receipt, receipt.result))
                return
            self._ring.touch(battle_id)
            await reply.send(receipt_card(receipt))

    async def _missed(self, battle_id: int, voter: Voter) -> ui.LayoutView | None:
        """Return what a private battle shows to whoever has voted, and whose card still asks: the names got lost."""
        cast = await self._arena.my_vote(battle_id, voter)
        if cast is None:
            return None
        result = await self._arena.result(battle_id, voter.guild_id)
        if not result.battle.is_private or result.battle.member_id != voter.member_id:
            return None
        verdict, reasons, doubt = cast
        receipt = VoteReceipt(result.battle, verdict, False, doubt, result.turnout, result)
        return private_result_card(receipt, result, reasons)

    @on_choose(FEATURE, "why")
    async def why(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Note why somebody voted so."""
        reasons = reasons_of(values)
        if not reasons:
            raise InvalidInputError("reasons", "Choose at least one reason.")
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            battle_id, voter = number_of(key), voter_of(interaction)
            receipt = await self._arena.give_reasons(battle_id, voter, reasons)
            if receipt.battle.is_private:
                result = receipt.result or await self._arena.result(battle_id, voter.guild_id)
                await reply.send(private_result_card(receipt, result, reasons))
            else:
                await reply.send(receipt_card(receipt, reasons))

    @on_press(FEATURE, "stop")
    async def stop(self, interaction: Interaction, key: str) -> None:
        """End a battle whose answers are being made."""
        async with Reply(interaction) as reply:
            actor = actor_of(interaction)
            battle = await self._arena.manage(number_of(key), actor)
            if battle.phase is not BattlePhase.RUNNING:
                raise ClosedError("Both answers are there already.")
            self._ring.stop(battle.battle_id)
            await self._arena.delete(battle.battle_id, actor)
            await reply.send(stopped_card())

    @on_press(FEATURE, "manage")
    async def manage(self, interaction: Interaction, key: str) -> None:
        """Show what can be done to those who may."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            battle = await self._arena.manage(number_of(key), actor_of(interaction))
            await reply.send(panel_card(battle, await self._arena.turnout(battle.battle_id)))

    @on_press(FEATURE, "close")
    async def close(self, interaction: Interaction, key: str) -> None:
        """Close a shared battle and show its names."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            result = await self._arena.close(number_of(key), actor_of(interaction))
            await reply.send(closed_card(shown=await self._ring.show_result(result)))

    @on_press(FEATURE, "delete")
    async def delete(self, interaction: Interaction, key: str) -> None:
        """Ask once more."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            battle = await self._arena.manage(number_of(key), actor_of(interaction))
            await reply.send(deletion_card(battle, await self._arena.turnout(battle.battle_id)))

    @on_press(FEATURE, "erase")
    async def erase(self, interaction: Interaction, key: str) -> None:
        """Delete a battle, its votes and its card."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            battle = await self._arena.delete(number_of(key), actor_of(interaction))
            await reply.send(erased_card(battle, gone=await self._ring.take_down(battle)))

    @on_press(FEATURE, "details")
    async def details(self, interaction: Interaction, key: str) -> None:
        """Show all there is to know of the two models, once their names may be known."""
        async with Reply(interaction) as reply:
            result = await self._arena.result(number_of(key), guild_of(interaction))
            if result.battle.is_private and result.battle.member_id != interaction.user.id:
                raise NotFoundError("This battle is private or gone.")
            await reply.send(details_card(result))
