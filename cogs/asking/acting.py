"""The controls of an answer: Reply, Retry, thumbs, and everything under More."""

from dataclasses import replace
from typing import Any

import discord
from discord.ext import commands

from bot.app import App
from bot.asking.types import Question, TurnRecord
from bot.errors import ClosedError, InvalidInputError, NotAllowedError
from cogs.asking.answering import Answering
from cogs.asking.cards import panels
from cogs.asking.controls import (
    FEATURE,
    REASON,
    SAY,
    asker_of,
    guild_of,
    number_of,
    numbers_of,
    reason_form,
    say_form,
)
from cogs.asking.speech import OFFERED
from cogs.ui.checks import require_post_here
from cogs.ui.controls import Interaction, on_choose, on_press, on_submit
from cogs.ui.forms import open_form
from cogs.ui.outlets import InteractionOutlet
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted
from cogs.ui.text import clip

_THREAD_NAME = 80
_A_DAY = 1440


class ActingCog(commands.Cog):
    """What people do with an answer. Whether they may is for the service to say, at every press."""

    def __init__(self, client: discord.Client, app: App, answering: Answering) -> None:
        self._client = client
        self._asking = app.asking
        self._answering = answering

    @on_press(FEATURE, "reply")
    async def reply(self, interaction: Interaction, key: str) -> None:
        """Open the form for what comes next."""
        await open_form(interaction, say_form(number_of(key)))

    @on_press(FEATURE, "branch")
    async def branch(self, interaction: Interaction, key: str) -> None:
        """Open the form for going on by oneself."""
        await open_form(interaction, say_form(number_of(key), branches=True))

    @on_submit(FEATURE, "say")
    async def say(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Go on with a conversation."""
        await self._go_on(interaction, number_of(key), submitted, private=_on_private_card(interaction))

    @on_submit(FEATURE, "fork")
    async def fork(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Go on in a conversation of one's own."""
        turn = await self._seen(interaction, key)
        await self._go_on(interaction, turn.turn_id, submitted, private=turn.is_private, branches=True)

    @on_press(FEATURE, "retry")
    async def retry(self, interaction: Interaction, key: str) -> None:
        """Offer who answers the same question again."""
        async with Reply(interaction) as reply:
            turn = await self._seen(interaction, key)
            offers = self._asking.offers(guild_of(interaction), "", turn.task)
            # “again” is whoever was chosen: after Hybrid, the model that answered can be chosen by itself
            await reply.send(panels.retry_card(turn, [one for one in offers if one.value != turn.wanted]))

    @on_press(FEATURE, "again")
    async def again(self, interaction: Interaction, key: str) -> None:
        """Ask the same model again."""
        await self._again(interaction, key)

    @on_choose(FEATURE, "with")
    async def with_(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Ask another model the same."""
        if not values:
            raise InvalidInputError("model", "Choose a model.")
        await self._again(interaction, key, wanted=values[0])

    @on_choose(FEATURE, "language")
    async def language(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Translate the same text into another language."""
        language = next((value for value in values if value in OFFERED), None)
        if language is None:
            raise InvalidInputError("language", "Choose a language.")
        await self._again(interaction, key, language=language)

    @on_press(FEATURE, "good")
    async def good(self, interaction: Interaction, key: str) -> None:
        """Count a thumb up, and offer to say why."""
        async with Reply(interaction) as reply:
            ratings = await self._asking.rate(number_of(key), asker_of(interaction), is_good=True)
            await reply.send(panels.thumb_card(number_of(key), ratings, good=True))

    @on_press(FEATURE, "bad")
    async def bad(self, interaction: Interaction, key: str) -> None:
        """Count a thumb down, and offer to say why."""
        async with Reply(interaction) as reply:
            ratings = await self._asking.rate(number_of(key), asker_of(interaction), is_good=False)
            await reply.send(panels.thumb_card(number_of(key), ratings, good=False))

    @on_press(FEATURE, "why")
    async def why(self, interaction: Interaction, key: str) -> None:
        """Open the form for the reason."""
        turn_id, good = _thumb(key)
        await open_form(interaction, reason_form(turn_id, good=good))

    @on_submit(FEATURE, "because")
    async def because(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Note the reason of a thumb."""
        turn_id, good = _thumb(key)
        async with Reply(interaction, replaces=_on_private_card(interaction)) as reply:
            asker = asker_of(interaction)
            ratings = await self._asking.rate(turn_id, asker, is_good=good, reason=submitted.text(REASON))
            await reply.send(panels.reason_card(ratings))

    @on_press(FEATURE, "more")
    async def more(self, interaction: Interaction, key: str) -> None:
        """Show everything else."""
        async with Reply(interaction) as reply:
            turn = await self._seen(interaction, key)
            can_thread = isinstance(interaction.channel, discord.TextChannel)
            left = await self._asking.remaining(asker_of(interaction))
            await reply.send(panels.more_card(replace(turn, remaining=left), OFFERED, can_thread=can_thread))

    @on_press(FEATURE, "stop")
    async def stop(self, interaction: Interaction, key: str) -> None:
        """End answers that are being written."""
        async with Reply(interaction) as reply:
            for turn_id in numbers_of(key):
                await self._asking.stop(turn_id, asker_of(interaction))
            await reply.send(panels.stopped_card())

    @on_press(FEATURE, "clear")
    async def clear(self, interaction: Interaction, key: str) -> None:
        """Tell the model no more of what came before."""
        async with Reply(interaction) as reply:
            turn = await self._seen(interaction, key)
            await self._asking.clear_conversation(turn.conversation_id, asker_of(interaction))
            await reply.send(panels.cleared_card())

    @on_press(FEATURE, "sent")
    async def sent(self, interaction: Interaction, key: str) -> None:
        """Say what was sent where."""
        async with Reply(interaction) as reply:
            await reply.send(panels.sent_card(await self._seen(interaction, key)))

    @on_press(FEATURE, "share")
    async def share(self, interaction: Interaction, key: str) -> None:
        """Post a private answer, once."""
        require_post_here(interaction)
        async with Reply(interaction) as reply:
            asker = asker_of(interaction)
            turn = await self._asking.share(number_of(key), asker)
            try:
                message_id = await self._answering.post(turn, asker.channel_id, shared_by=asker.member_id)
            except BaseException:
                await self._asking.not_shared(turn.turn_id)
                raise
            await self._asking.shared(turn.turn_id, message_id)
            url = f"https://discord.com/channels/{asker.guild_id}/{asker.channel_id}/{message_id}"
            await reply.send(panels.shared_card(url))

    @on_press(FEATURE, "thread")
    async def thread(self, interaction: Interaction, key: str) -> None:
        """Begin a thread under an answer."""
        async with Reply(interaction) as reply:
            turn = await self._seen(interaction, key)
            thread = await self._begin_thread(interaction, turn)
            await self._asking.threaded(turn.turn_id, thread.id)
            await thread.send(view=panels.threaded_card(turn))
            await reply.send(panels.thread_card(thread.jump_url))

    @on_press(FEATURE, "delete")
    async def delete(self, interaction: Interaction, key: str) -> None:
        """Ask once more."""
        async with Reply(interaction, replaces=_on_private_card(interaction)) as reply:
            await reply.send(panels.deleting_card(await self._seen(interaction, key)))

    @on_press(FEATURE, "deleting")
    async def deleting(self, interaction: Interaction, key: str) -> None:
        """Erase an answer and take its messages down."""
        async with Reply(interaction, replaces=True) as reply:
            turn = await self._asking.delete(number_of(key), asker_of(interaction))
            await reply.send(panels.deleted_card(gone=await self._answering.take_down(turn)))

    async def _seen(self, interaction: Interaction, key: str) -> TurnRecord:
        """Return an answer that this person may see."""
        return await self._asking.seen(number_of(key), asker_of(interaction))

    async def _go_on(
        self, interaction: Interaction, turn_id: int, submitted: Submitted, *, private: bool, branches: bool = False
    ) -> None:
        asker, outlet = asker_of(interaction), InteractionOutlet(interaction, private=private)
        asked = Question(submitted.text(SAY), private=private, parent_id=turn_id, branches=branches)
        turn = await self._asking.begin(asker, asked, interaction.token)
        await self._answering.answer(turn, asker, outlet)

    async def _again(self, interaction: Interaction, key: str, **options: Any) -> None:
        """Ask the same once more, as openly as it was asked before."""
        before, asker = await self._seen(interaction, key), asker_of(interaction)
        outlet = InteractionOutlet(interaction, private=before.is_private)
        turn = await self._asking.retry(
            before.turn_id, asker, private=before.is_private, reply_token=interaction.token, **options
        )
        await self._answering.answer(turn, asker, outlet)

    async def _begin_thread(self, interaction: Interaction, turn: TurnRecord) -> discord.Thread:
        channel, allowed = interaction.channel, interaction.app_permissions
        if turn.message_id is None or not isinstance(channel, discord.TextChannel):
            raise ClosedError("A thread begins under a public answer in a text channel. Share this answer first.")
        if not (allowed.create_public_threads and allowed.send_messages_in_threads):
            raise NotAllowedError(
                "I may not begin threads here. Somebody who manages the server can give me Create Public Threads and "
                "Send Messages In Threads in the channel's settings."
            )
        name = clip(" ".join(turn.question.split()) or turn.passage_name or "Conversation", _THREAD_NAME)
        message = channel.get_partial_message(turn.message_id)
        return await message.create_thread(name=name, auto_archive_duration=_A_DAY)


def _thumb(key: str) -> tuple[int, bool]:
    turn_id, *more = numbers_of(key)
    return turn_id, more == [1]


def _on_private_card(interaction: Interaction) -> bool:
    """Say whether a control or form came from a message that this person alone sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral
