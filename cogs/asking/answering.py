"""Answers on their way to Discord: growing while they are written, ended, shared, taken down, found after a restart."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any, cast

import discord
import structlog
from discord import ui

from bot.answers.types import Answer
from bot.app import App
from bot.asking.types import Asker, Progress, TurnRecord
from bot.db.schema import TurnPhase
from bot.errors import UserError
from cogs.asking.cards.answer import deleted_page, final_pages, running_pages
from cogs.asking.cards.comparison import comparison_card
from cogs.asking.cards.words import asked, heading, receipt
from cogs.asking.reading import answer_in
from cogs.ui.controls import Host
from cogs.ui.errors import describe, error_card
from cogs.ui.live import Growing, Live, Render
from cogs.ui.model_text import defuse
from cogs.ui.outlets import TOKEN_SECONDS, AnswerOutlet, ChannelOutlet, KeptOutlet
from cogs.ui.reply import Reply
from cogs.ui.text import clip
from cogs.ui.watch import UNREACHABLE

PROMISE_AFTER = 13 * 60.0
"""Seconds after which a private answer says that its rest will be kept."""
_SOON_OVER = "Discord soon lets me edit this no more: the rest will be under your private answers, in /help."
_KEPT = 500
_LONGEST_KEPT = 3500
_MOST_PAGES = 20

log = structlog.stdlib.get_logger(__name__)


class _Run:
    """One answer under way: what has come of it, and whom to tell."""

    def __init__(self, turn: TurnRecord, asker: Asker) -> None:
        self.turn = turn
        self.asker = asker
        self.text = ""
        self.notice = ""
        self.error: BaseException | None = None
        self._drawn: tuple[Any, ...] = ()
        self._views: Sequence[ui.LayoutView] = ()

    def pages(self, draw: "Callable[[_Run, str], Sequence[ui.LayoutView]]", hint: str) -> Sequence[ui.LayoutView]:
        """Return its messages; drawn anew only when something has changed, for several of them are put one by one."""
        state = (self.turn, self.text, self.notice, self.error, hint)
        if len(state) != len(self._drawn) or any(now is not then for now, then in zip(state, self._drawn, strict=True)):
            self._drawn, self._views = state, draw(self, hint)
        return self._views


class Answering:
    """Everything that answers show; the cogs answer persons."""

    def __init__(self, client: discord.Client, app: App) -> None:
        self._client = client
        self._app = app
        self._asking = app.asking
        host = cast("Host", client)
        self._reporter = host.reporter
        self._live = Live(host.pace)
        self._tasks: set[asyncio.Task[None]] = set()
        # where lately shown answers are, so that private ones and later pages can still be changed
        self._outlets: OrderedDict[int, AnswerOutlet] = OrderedDict()

    async def close(self) -> None:
        """Let go of what is under way: a restart finds it interrupted."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._live.close()

    async def answer(self, turn: TurnRecord, asker: Asker, outlet: AnswerOutlet) -> None:
        """Show a first card at once, and the answer as it comes."""
        run = _Run(turn, asker)
        first = running_pages(turn, "")
        began = asyncio.get_running_loop().time()

        def render() -> Sequence[ui.LayoutView]:
            late = outlet.is_private and asyncio.get_running_loop().time() - began > PROMISE_AFTER
            return run.pages(self._pages, _SOON_OVER if late else "")

        await self._start([run], outlet, first, render)

    async def compare(self, turns: Sequence[TurnRecord], asker: Asker, outlet: AnswerOutlet) -> None:
        """Show the answers of several models below each other as they come."""
        runs = [_Run(turn, asker) for turn in turns]

        def render() -> Sequence[ui.LayoutView]:
            now = [_told(run) for run in runs]
            texts = {run.turn.turn_id: run.text for run in runs}
            return [comparison_card(now, texts, {run.turn.turn_id: run.notice for run in runs})]

        await self._start(runs, outlet, render(), render)

    async def post(self, turn: TurnRecord, channel_id: int, *, shared_by: int | None = None) -> int:
        """Post an answer that has ended, and return its first message's id."""
        outlet = ChannelOutlet(self._client, turn.guild_id, channel_id)
        for page, view in enumerate(final_pages(turn, shared_by=shared_by)):
            await outlet.put(page, view)
        return outlet.first_id or 0

    async def show_privately(self, interaction: discord.Interaction[Any], reply: Reply, turn: TurnRecord) -> None:
        """Show an answer that has ended to one person; its first page is what `reply` sends."""
        first, *others = final_pages(turn)
        await reply.send(first)
        for view in others:
            await interaction.followup.send(view=view, ephemeral=True)

    async def take_down(self, turn: TurnRecord, *, by_moderators: bool = False) -> bool:
        """Remove the messages of a deleted answer; says whether all are gone."""
        outlet = self._outlets.pop(turn.turn_id, None)
        gone = True
        if turn.compare_id is not None and not turn.is_private:
            # the others' answers are in the same message
            gone = await self._show_again(turn)
        elif turn.is_private:
            gone = outlet is not None and await self._blank(outlet, turn, by_moderators=by_moderators)
        elif turn.message_id is not None:
            gone = await self._remove(turn.channel_id, turn.message_id, turn.turn_id)
        if turn.shared_message_id is not None:
            gone = await self._remove(turn.channel_id, turn.shared_message_id, turn.turn_id) and gone
        return gone

    async def tell_interrupted(self) -> None:
        """Have the messages of what a restart cut off say so, and offer to try again."""
        told: set[int] = set()
        for turn in await self._asking.interrupted():
            if turn.compare_id is not None:
                # one message shows them all
                if turn.compare_id in told:
                    continue
                told.add(turn.compare_id)
            try:
                await self._tell_interrupted(turn)
            except (discord.HTTPException, *UNREACHABLE) as error:
                log.info("an interrupted answer could not be marked", turn=turn.turn_id, error=str(error))
            except Exception:
                log.exception("an interrupted answer could not be marked", turn=turn.turn_id)

    # within

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _start(
        self, runs: Sequence[_Run], outlet: AnswerOutlet, first: Sequence[ui.LayoutView], render: Render
    ) -> None:
        """Ask the models while the first card is on its way."""
        shown: asyncio.Future[Growing] = asyncio.get_running_loop().create_future()
        for run in runs:
            self._outlets[run.turn.turn_id] = outlet
        while len(self._outlets) > _KEPT:
            self._outlets.popitem(last=False)
        self._spawn(self._grow(runs, shown, render), "answer")
        try:
            await outlet.open(first[0])
        except BaseException:
            shown.cancel()
            raise
        shown.set_result(self._live.begin(outlet, first))
        if outlet.first_id:
            for run in runs:
                await self._asking.posted(run.turn.turn_id, outlet.first_id)

    async def _grow(self, runs: Sequence[_Run], shown: "asyncio.Future[Growing]", render: Render) -> None:
        """Follow what the models write until all are done, and see that the end is shown."""
        following = [asyncio.create_task(self._follow(run, shown, render), name="follow-answer") for run in runs]
        try:
            try:
                growing = await shown
            except asyncio.CancelledError:
                if shown.cancelled():
                    # there is no message for it: nobody waits
                    await self._stop(runs)
                raise
            growing.show(render)
            over = asyncio.create_task(_wait(growing.over), name="answer-gone")
            try:
                writing: list[asyncio.Task[None]] = following
                while writing and not growing.over.is_set():
                    await asyncio.wait([over, *writing], return_when=asyncio.FIRST_COMPLETED)
                    writing = [task for task in writing if not task.done()]
                if writing:
                    # nobody sees it any more: the models need not go on
                    await self._stop(runs)
                    await asyncio.wait(writing)
            finally:
                over.cancel()
            landed = await growing.finish(render)
            if not landed and growing.late:
                for run in runs:
                    await self._keep(run)
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)

    async def _follow(self, run: _Run, shown: "asyncio.Future[Growing]", render: Render) -> None:
        """Take in what one model writes."""
        steps: AsyncGenerator[Progress | TurnRecord] = self._asking.run(run.turn.turn_id)
        try:
            async with aclosing(steps):
                async for step in steps:
                    if isinstance(step, TurnRecord):
                        run.turn = step
                    else:
                        run.text, run.notice = step.text, step.notice
                    if shown.done() and not shown.cancelled():
                        shown.result().show(render)
        except Exception as error:  # noqa: BLE001 - whoever asked must hear, whatever it is
            run.error = error
            if not isinstance(error, UserError):
                await self._reporter.report(error, "an answer", run.turn.guild_id)

    async def _stop(self, runs: Sequence[_Run]) -> None:
        for run in runs:
            if run.turn.phase is TurnPhase.RUNNING:
                with suppress(UserError):
                    await self._asking.stop(run.turn.turn_id, run.asker)

    def _pages(self, run: _Run, hint: str) -> Sequence[ui.LayoutView]:
        if run.error is not None:
            return [error_card(run.error, describe(run.error))]
        if run.turn.phase is TurnPhase.DELETED:
            return [deleted_page(run.turn)]
        if run.turn.phase is TurnPhase.RUNNING:
            return running_pages(run.turn, run.text, run.notice, hint)
        return final_pages(run.turn)

    async def _keep(self, run: _Run) -> None:
        """Keep an answer for its owner that Discord no longer takes."""
        turn = run.turn
        text = defuse(turn.answer) or turn.trouble
        file_name = file = None
        if len(text) > _LONGEST_KEPT:
            file_name, file, text = "answer.md", turn.answer.encode(), clip(text, _LONGEST_KEPT - 500)
        small = "\n".join(f"-# {line}" for line in receipt(turn)[:3])
        body = f"### {heading(turn)}\n{asked(turn)}\n{text}\n{small}"
        title = clip(f"Answer: {' '.join(turn.question.split()) or turn.passage_name}", 80)
        await self._app.answers.keep(Answer(turn.guild_id, run.asker.member_id, title, body, file_name, file))

    async def _show_again(self, turn: TurnRecord) -> bool:
        """Have the card of a comparison say that one of its answers is deleted."""
        if turn.message_id is None:
            return False
        try:
            (view,) = await self._comparison(turn)
            await ChannelOutlet(self._client, turn.guild_id, turn.channel_id, there=[turn.message_id]).put(0, view)
        except discord.NotFound:
            return True
        except discord.HTTPException as error:
            log.warning("a comparison could not be changed", turn=turn.turn_id, error=error.text)
            return False
        return True

    async def _blank(self, outlet: AnswerOutlet, turn: TurnRecord, *, by_moderators: bool) -> bool:
        """Empty a private message, as long as Discord takes that."""
        try:
            await outlet.put(0, deleted_page(turn, by_moderators))
        except Exception as error:  # noqa: BLE001 - it goes anyway when it is dismissed
            log.info("a private answer could not be emptied", error=str(error))
            return False
        return True

    async def _remove(self, channel_id: int, message_id: int, turn_id: int) -> bool:
        channel = self._client.get_partial_messageable(channel_id)
        try:
            for message in await self._later_pages(channel, message_id, turn_id):
                await message.delete()
            await channel.get_partial_message(message_id).delete()
        except discord.NotFound:
            return True
        except discord.HTTPException as error:
            log.warning("an answer could not be removed", turn=turn_id, error=error.text)
            return False
        return True

    async def _later_pages(
        self, channel: discord.PartialMessageable, message_id: int, turn_id: int
    ) -> list[discord.Message]:
        """Find what an answer went on in: the bot's own messages up to the one that has its controls."""
        own = self._client.user.id if self._client.user else 0
        pages: list[discord.Message] = []
        try:
            first = await channel.fetch_message(message_id)
            if answer_in(first) == turn_id:
                return []
            async for message in channel.history(after=first, limit=_MOST_PAGES, oldest_first=True):
                if message.author.id != own:
                    continue
                pages.append(message)
                if answer_in(message) == turn_id:
                    return [page for page in pages if answer_in(page) in (None, turn_id)]
        except discord.Forbidden:
            log.info("later pages cannot be looked for", turn=turn_id)
        return []

    async def _comparison(self, turn: TurnRecord) -> Sequence[ui.LayoutView]:
        """Return the card of the comparison that an answer belongs to, as it is now."""
        together = await self._asking.compared(turn)
        return [comparison_card(together, {one.turn_id: one.answer for one in together}, {})]

    async def _tell_interrupted(self, turn: TurnRecord) -> None:
        outlet: AnswerOutlet
        if turn.message_id is not None and not turn.is_private:
            outlet = ChannelOutlet(self._client, turn.guild_id, turn.channel_id, there=[turn.message_id])
        elif turn.reply_token and (self._app.clock() - turn.made_at).total_seconds() < TOKEN_SECONDS:
            outlet = KeptOutlet(self._client, turn.guild_id, turn.reply_token)
        else:
            return
        pages = await self._comparison(turn) if turn.compare_id is not None else final_pages(turn)
        for page, view in enumerate(pages if not turn.is_private else pages[-1:]):
            await outlet.put(page, view)
        self._outlets[turn.turn_id] = outlet


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


def _told(run: _Run) -> TurnRecord:
    """Return the turn, failed where something went wrong on our side."""
    if run.error is None:
        return run.turn
    return replace(run.turn, phase=TurnPhase.FAILED, trouble=describe(run.error).text)
