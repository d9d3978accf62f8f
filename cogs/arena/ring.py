"""Battles in their messages: made, shown together, kept up to date, closed; and what a restart cut off."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from typing import Any, cast
from weakref import WeakValueDictionary

import discord
import structlog
from discord import ui

from bot.app import App
from bot.arena.types import Actor, Battle, BattlePhase, Result
from bot.db.away import is_away
from bot.errors import UserError
from cogs.arena.cards.battle import deleted_card, open_card, running_card, void_card
from cogs.arena.cards.result import result_card
from cogs.arena.controls import manage_id, stop_id, vote_id
from cogs.ui.controls import Host
from cogs.ui.errors import ARCHIVED, describe, error_card
from cogs.ui.live import Growing, Live, OutOfTimeError
from cogs.ui.outlets import TOKEN_SECONDS, AnswerOutlet, ChannelOutlet, InteractionOutlet, KeptOutlet
from cogs.ui.reports import concerns
from cogs.ui.stream import Refresher
from cogs.ui.watch import UNREACHABLE

LONGEST_PRIVATE = 13 * 60.0
"""Seconds that a private battle's answers may take: soon after, Discord takes no edit of its message any more."""
_LATE = "The models took longer than Discord lets a private message wait. Start a shared battle, which may take longer."
_STOPPED = "It was stopped before both answers were there."
_NOTED_WITHIN = _ENDED_WITHIN = 10.0
_CLOSE_SECONDS = 3
_PAUSE = 2.0
_SEARCHED = 50
"""Messages of a channel in which a card is looked for that was posted, but not noted."""

log = structlog.stdlib.get_logger(__name__)


class _Fight:
    """A battle whose answers are being made."""

    def __init__(self, battle: Battle, asker: Actor, outlet: AnswerOutlet) -> None:
        self.battle = battle
        self.asker = asker
        self.outlet = outlet
        self.notice = ""
        self.error: Exception | None = None
        self.ending = ""
        """Why it was ended before both answers were there."""
        self.over = asyncio.Event()

    def view(self) -> ui.LayoutView:
        """Return its card as it is now."""
        if self.ending:
            return void_card(self.battle, self.ending)
        if self.error is not None:
            return error_card(self.error, describe(self.error))
        if self.battle.phase is BattlePhase.RUNNING:
            return running_card(self.battle, self.notice)
        return open_card(self.battle) if self.battle.phase is BattlePhase.OPEN else void_card(self.battle)


class Ring:
    """Everything that battles show to all; the cogs answer persons."""

    def __init__(self, client: discord.Client, app: App) -> None:
        self._client = client
        self._app = app
        self._arena = app.arena
        host = cast("Host", client)
        self._live = Live(host.pace)
        self._refresher = Refresher(self._refresh, pace=host.pace, failed=self._lags)
        self._reporter = host.reporter
        self._fights: dict[int, _Fight] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()
        # a card is changed by one after the other
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def close(self) -> None:
        """Let go of what is under way, which the next start finds interrupted; leave no card behind the count."""
        self._closing.set()
        if self._tasks:
            # what is being noted just now is noted, so that the next start has less to tell
            _, late = await asyncio.wait(list(self._tasks), timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._live.close()
        await self._refresher.close()

    async def begin(self, battle: Battle, asker: Actor, outlet: InteractionOutlet) -> None:
        """Say that two models answer, and show both answers once they are there."""
        fight = _Fight(battle, asker, outlet)
        first = fight.view()
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._fights[battle.battle_id] = fight
        # there before the first card is, so that whoever closes knows of it
        task = asyncio.create_task(self._run(fight, first, opened), name=f"battle-{battle.battle_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await outlet.open(first)
        except BaseException:
            opened.cancel()
            raise
        opened.set_result(None)

    def stop(self, battle_id: int) -> None:
        """Have the card of a battle say that it was stopped, once the service has ended it."""
        fight = self._fights.get(battle_id)
        if fight is not None:
            fight.ending = _STOPPED

    async def until_shown(self, battle_id: int) -> None:
        """Wait a moment for what is being shown just now: a quick eye presses before it is noted as seen."""
        fight = self._fights.get(battle_id)
        if fight is not None and fight.battle.phase is BattlePhase.OPEN:
            with suppress(TimeoutError):
                async with asyncio.timeout(_NOTED_WITHIN):
                    await fight.over.wait()

    def touch(self, battle_id: int) -> None:
        """Have the card of a shared battle show soon how many have voted."""
        self._refresher.touch(battle_id)

    async def show_result(self, result: Result) -> bool:
        """Turn the card into the result; says whether it is seen."""
        battle = result.battle
        async with self._turn(battle.battle_id):
            await self._refresher.settle(battle.battle_id)
            seen = not battle.is_private and await self._show(battle, result_card(result))
            await self._arena.done(battle.battle_id)
        return seen

    async def show_void(self, battle: Battle) -> None:
        """Have the card of a battle say that it came to nothing, where that can be said."""
        async with self._turn(battle.battle_id):
            await self._refresher.settle(battle.battle_id)
            if not battle.is_private:
                await self._show(battle, void_card(battle))

    async def miss(self, battle: Battle) -> None:
        """Tell the server's log channel that a result has nowhere to go; nobody pressed for it."""
        text = (
            f"The result of a battle in <#{battle.channel_id}> could not be shown: its card or its channel is gone, "
            "archived or locked, or I may not write there. Its votes count all the same: `/arena board`."
        )
        await self._reporter.note(text, "a battle's result", battle.guild_id)

    async def take_down(self, battle: Battle) -> bool:
        """Remove the card of a deleted battle; says whether it is gone."""
        if battle.message_id is None or battle.is_private:
            return not battle.is_private
        try:
            async with self._turn(battle.battle_id):
                await self._refresher.settle(battle.battle_id)
                await self._message(battle).delete()
        except discord.NotFound:
            return True
        except discord.HTTPException as error:
            log.warning("a battle's card could not be removed", battle=battle.battle_id, error=error.text)
            with suppress(discord.HTTPException):
                await self._message(battle).edit(view=deleted_card())
            return False
        return True

    async def pick_up(self) -> None:
        """Say of battles that a dead process was making that they are void, and show those that it had made."""
        void, unshown = await self._arena.interrupted(), await self._arena.unshown()
        for battle in void:
            await self._guarded(battle, self._tell_void)
        for battle in unshown:
            if battle.battle_id not in self._fights:
                await self._guarded(battle, self._show_late)

    # within

    async def _run(self, fight: _Fight, first: ui.LayoutView, opened: "asyncio.Future[None]") -> None:
        """See a battle through, whatever happens."""
        battle = fight.battle
        try:
            with concerns(battle.guild_id):
                await asyncio.wait({opened})
                if opened.cancelled():
                    # it has no message, so nobody can vote
                    await self._drop(fight)
                    return
                await self._fight(fight, first)
        except Exception as error:  # noqa: BLE001 - nobody above hears of it
            await self._reporter.report(error, "a battle", battle.guild_id)
        finally:
            self._fights.pop(battle.battle_id, None)
            fight.over.set()

    async def _fight(self, fight: _Fight, first: ui.LayoutView) -> None:
        """Follow a battle until both answers are there, and see that they are shown."""
        if fight.outlet.first_id:
            try:
                await self._arena.posted(fight.battle.battle_id, fight.outlet.first_id)
            except Exception as error:
                # it is noted again with the answers; a restart before that looks for the message
                if not is_away(error):
                    raise
        if self._closing.is_set():
            return
        growing = self._live.begin(fight.outlet, [first])
        await self._made(fight, growing)
        if self._closing.is_set() and fight.battle.phase is BattlePhase.RUNNING:
            return
        landed = await growing.finish(lambda: [fight.view()])
        if fight.battle.phase is not BattlePhase.OPEN or fight.ending:
            return
        if landed:
            await self._shown(fight.battle, fight.outlet)
        else:
            # nobody can see it, so nobody can vote
            await self._drop(fight)

    async def _made(self, fight: _Fight, growing: Growing) -> None:
        """Wait for both answers, as long as somebody can see them."""
        following = asyncio.create_task(self._follow(fight, growing), name="follow-battle")
        over = asyncio.create_task(_wait(growing.over), name="battle-gone")
        closing = asyncio.create_task(_wait(self._closing), name="battle-closing")
        most = LONGEST_PRIVATE if fight.battle.is_private else None
        try:
            ends = {following, over, closing}
            await asyncio.wait(ends, timeout=most, return_when=asyncio.FIRST_COMPLETED)
            if not following.done() and not self._closing.is_set():
                fight.ending = fight.ending or _LATE
                await self._drop(fight)
                await asyncio.wait({following}, timeout=_ENDED_WITHIN)
        finally:
            for task in (following, over, closing):
                task.cancel()
            await asyncio.gather(following, over, closing, return_exceptions=True)

    async def _follow(self, fight: _Fight, growing: Growing) -> None:
        try:
            async with aclosing(self._arena.run(fight.battle.battle_id)) as steps:
                async for step in steps:
                    if isinstance(step, Battle):
                        fight.battle = step
                    else:
                        fight.notice = step.text
                        growing.show(lambda: [fight.view()])
        except Exception as error:  # noqa: BLE001 - whoever asked must hear, whatever it is
            fight.error = error
            if not isinstance(error, UserError):
                await self._reporter.report(error, "a battle", fight.battle.guild_id)

    async def _drop(self, fight: _Fight) -> None:
        """Have nothing stay of a battle that nobody sees."""
        with suppress(UserError):
            await self._arena.delete(fight.battle.battle_id, fight.asker)

    async def _shown(self, battle: Battle, outlet: AnswerOutlet) -> None:
        """Note that both answers can be read, however long the database is away, and have the card say until when."""
        while True:
            try:
                shown = await self._arena.shown(battle.battle_id, outlet.first_id)
                break
            except Exception as error:
                if not is_away(error) or self._closing.is_set():
                    raise
                log.warning("a battle that is shown could not be noted yet", battle=battle.battle_id)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _PAUSE)
        if not shown.is_private and shown.closes_at != battle.closes_at:
            self.touch(shown.battle_id)

    async def _guarded(self, battle: Battle, work: Callable[[Battle], Awaitable[None]]) -> None:
        try:
            await work(battle)
        except (discord.HTTPException, OutOfTimeError, *UNREACHABLE) as error:
            log.info("a battle that was cut off could not be shown", battle=battle.battle_id, error=str(error))
        except Exception:
            log.exception("a battle that was cut off could not be shown", battle=battle.battle_id)

    async def _tell_void(self, battle: Battle) -> None:
        outlet = await self._outlet_of(battle)
        if outlet is not None:
            await outlet.put(0, void_card(battle))

    async def _show_late(self, battle: Battle) -> None:
        """Show what was made, but not shown: in its message, or in a new one where that cannot be found."""
        outlet = await self._outlet_of(battle)
        if outlet is None and not battle.is_private:
            outlet = ChannelOutlet(self._client, battle.guild_id, battle.channel_id)
        if outlet is None or not await self._is_put(outlet, open_card(battle)):
            await self._arena.give_up(battle.battle_id)
            return
        await self._shown(battle, outlet)

    async def _is_put(self, outlet: AnswerOutlet, view: ui.LayoutView) -> bool:
        try:
            await outlet.put(0, view)
        except (discord.NotFound, discord.Forbidden, OutOfTimeError) as error:
            log.info("a battle has nowhere to go", error=str(error))
            return False
        return True

    async def _outlet_of(self, battle: Battle) -> AnswerOutlet | None:
        """Return the way to a battle's message, whoever sent it."""
        message_id = None if battle.is_private else battle.message_id
        age = (self._app.clock() - battle.made_at).total_seconds()
        if message_id is None and battle.reply_token and age < TOKEN_SECONDS:
            return KeptOutlet(self._client, battle.guild_id, battle.reply_token)
        if message_id is None and not battle.is_private:
            message_id = await self._find(battle)
        if message_id is None:
            return None
        return ChannelOutlet(self._client, battle.guild_id, battle.channel_id, there=[message_id])

    async def _find(self, battle: Battle) -> int | None:
        """Return the id of a card of ours that shows this battle, among the last messages of its channel."""
        wanted = {stop_id(battle.battle_id), vote_id(battle.battle_id), manage_id(battle.battle_id)}
        channel = self._client.get_partial_messageable(battle.channel_id, guild_id=battle.guild_id)
        try:
            async for message in channel.history(limit=_SEARCHED):
                if message.author == self._client.user and wanted & set(_ids(message.components)):
                    return message.id
        except (discord.NotFound, discord.Forbidden):
            return None
        return None

    async def _show(self, battle: Battle, view: ui.LayoutView) -> bool:
        """Show something on a battle's card; says whether there is a card that could be changed."""
        if battle.message_id is None:
            return False
        try:
            try:
                await self._message(battle).edit(view=view)
            except discord.HTTPException as error:
                if error.code != ARCHIVED or not await self._wake(battle):
                    raise
                await self._message(battle).edit(view=view)
        except discord.HTTPException as error:
            if not isinstance(error, (discord.NotFound, discord.Forbidden)) and error.code != ARCHIVED:
                raise
            log.warning("a battle has nowhere to go", battle=battle.battle_id, guild=battle.guild_id, error=error.text)
            return False
        return True

    async def _wake(self, battle: Battle) -> bool:
        """Take the card's thread out of the archive, where nothing can be changed; not when it is locked."""
        thread = await self._client.fetch_channel(battle.channel_id)
        if not isinstance(thread, discord.Thread) or thread.locked:
            return False
        await thread.edit(archived=False)
        return True

    async def _refresh(self, battle_id: int) -> None:
        battle, turnout = await self._arena.live(battle_id)
        # closed meanwhile, whoever did that shows the result
        if battle.phase is BattlePhase.OPEN and battle.message_id is not None:
            with concerns(battle.guild_id):
                await self._message(battle).edit(view=open_card(battle, turnout))

    async def _lags(self, _battle_id: int, error: Exception) -> None:
        await self._reporter.tell(error, "a battle's card")

    def _turn(self, battle_id: int) -> asyncio.Lock:
        return self._turns.setdefault(battle_id, asyncio.Lock())

    def _message(self, battle: Battle) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(battle.channel_id, guild_id=battle.guild_id)
        return channel.get_partial_message(battle.message_id or 0)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _ids(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.Button) and component.custom_id:
            yield component.custom_id
        children: Sequence[Any] = getattr(component, "children", ())
        yield from _ids(children)
