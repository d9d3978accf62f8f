"""/arena, and the moments when a battle is due."""

import asyncio
from contextlib import suppress

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.app import BATTLES_LEFT, App
from bot.arena.service import BATTLE_DUE
from bot.arena.types import Battle, BattleDraft, BattlePhase, BoardBy, Challenger, Pairing
from bot.errors import NotFoundError
from bot.guilds.checking import Blocked
from bot.guilds.types import Purpose
from cogs.arena.boards import ArenaBoardsCog
from cogs.arena.cards.battle import blocked_card
from cogs.arena.controls import BoardKey
from cogs.arena.people import actor_of, challenger_of
from cogs.arena.ring import Ring
from cogs.arena.voting import BattleVotesCog
from cogs.ui.checks import require_post_here
from cogs.ui.controls import Interaction
from cogs.ui.outlets import InteractionOutlet
from cogs.ui.reply import Reply
from cogs.ui.reports import concerns
from cogs.ui.watch import UNREACHABLE

LONGEST_PROMPT = 2000
_CLOSE_SECONDS = 3
_PAIRINGS = [
    app_commands.Choice(name="Whichever teaches most (usual)", value=Pairing.ANY.value),
    app_commands.Choice(name="Open against closed", value=Pairing.OPEN_CLOSED.value),
    app_commands.Choice(name="Open against open", value=Pairing.OPEN_OPEN.value),
    app_commands.Choice(name="Closed against closed", value=Pairing.CLOSED_CLOSED.value),
]
_BY = [
    app_commands.Choice(name="Models", value=BoardBy.MODEL.value),
    app_commands.Choice(name="Classes: open, restricted, closed", value=BoardBy.OPENNESS.value),
    app_commands.Choice(name="Tasks", value=BoardBy.TASK.value),
    app_commands.Choice(name="Languages", value=BoardBy.LANGUAGE.value),
]

log = structlog.stdlib.get_logger(__name__)


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
class ArenaCog(
    commands.GroupCog, group_name="arena", group_description="Compare models without knowing which they are"
):
    """The commands and the timer of the arena."""

    def __init__(self, client: discord.Client, app: App, ring: Ring, boards: ArenaBoardsCog) -> None:
        self._client = client
        self._app = app
        self._arena = app.arena
        self._ring = ring
        self._boards = boards
        self._left_over: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Take the timer's events, and hear of what is held back."""
        self._arena.on_blocked = self._note_blocked
        self._app.timers.listen(BATTLE_DUE, self.battle_due)

    async def cog_unload(self) -> None:
        """Let go of them, and of what is under way."""
        self._arena.on_blocked = None
        self._app.timers.mute(BATTLE_DUE)
        self._app.timers.mute(BATTLES_LEFT)
        if self._left_over:
            await asyncio.wait({self._left_over}, timeout=_CLOSE_SECONDS)
            self._left_over.cancel()
            with suppress(asyncio.CancelledError):
                await self._left_over
        await self._ring.close()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Once after a start, tell of the battles that were cut off when the bot was stopped."""
        if self._left_over is None:
            self._left_over = asyncio.create_task(self._ring.pick_up(), name="pick-up-battles")
            # from now on, what other processes leave when they end
            self._app.timers.listen(BATTLES_LEFT, self._battles_left)

    async def _battles_left(self, _key: int) -> None:
        await self._ring.pick_up()

    @app_commands.command(name="battle", description="Two models answer without a name; you say which answer is better")
    @app_commands.describe(
        prompt="What both models are to answer",
        pairing="Which classes of models are to meet",
        private="Whether you alone see it and vote; else all in this channel do",
    )
    @app_commands.choices(pairing=_PAIRINGS)
    async def battle(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, LONGEST_PROMPT],
        pairing: str = Pairing.ANY.value,
        private: bool | None = None,
    ) -> None:
        """Begin a battle."""
        challenger = challenger_of(interaction)
        if private is None:
            private = self._app.guilds.peek(challenger.guild_id).models.asks_private
        if not private:
            require_post_here(interaction)
        if refusal := self._arena.peek_refusal(challenger):
            raise refusal
        outlet = InteractionOutlet(interaction, private=private)
        known = {one.value: one for one in Pairing}
        draft = BattleDraft(prompt, known.get(pairing, Pairing.ANY), private)
        battle = await self._arena.begin(challenger, draft, interaction.token)
        await self._ring.begin(battle, actor_of(interaction), outlet)

    @app_commands.command(name="board", description="How the models stand here, with intervals")
    @app_commands.describe(by="What the board is to tell apart")
    @app_commands.choices(by=_BY)
    async def board(self, interaction: Interaction, by: str = BoardBy.MODEL.value) -> None:
        """Show the board."""
        known = {one.value: one for one in BoardBy}
        async with Reply(interaction) as reply:
            await self._boards.show(interaction, reply, BoardKey(known.get(by, BoardBy.MODEL)))

    async def battle_due(self, battle_id: int) -> None:
        """Close a battle whose time has come."""
        result = await self._arena.due(battle_id)
        if result is None:
            return
        if result.battle.phase is BattlePhase.VOID:
            await self._ring.show_void(result.battle)
            return
        # deleted while it was counted: then nobody waits for the result
        with concerns(result.battle.guild_id), suppress(NotFoundError):
            if not await self._ring.show_result(result) and not result.battle.is_private:
                await self._ring.miss(result.battle)

    async def _note_blocked(self, challenger: Challenger, blocked: Blocked, _battle: Battle | None) -> None:
        """Tell the moderators what was held back: by which rule, never the text itself."""
        channel_id = self._app.guilds.peek(challenger.guild_id).channel(Purpose.LOG)
        if channel_id is None:
            return
        channel = self._client.get_partial_messageable(channel_id, guild_id=challenger.guild_id)
        try:
            await channel.send(view=blocked_card(challenger, blocked), silent=True)
        except (discord.HTTPException, *UNREACHABLE) as error:
            log.warning("a log channel could not be told", guild=challenger.guild_id, error=str(error))


def arena_cogs(client: discord.Client, app: App) -> list[commands.Cog]:
    """Build the cogs of the arena, which share one ring."""
    ring, boards = Ring(client, app), ArenaBoardsCog(app)
    return [ArenaCog(client, app, ring, boards), BattleVotesCog(app, ring), boards]
