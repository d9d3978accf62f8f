"""/ask, the menus of messages, replies to the bot's messages, and what a restart cut off."""

import asyncio
from contextlib import suppress

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.app import ANSWERS_LEFT, App
from bot.asking.types import USUAL, Asker, Blocked, Question, TurnRecord
from bot.catalog import Task
from bot.errors import ClosedError, UserError
from bot.guilds.types import Purpose
from cogs.asking.acting import ActingCog
from cogs.asking.answering import Answering
from cogs.asking.cards.panels import blocked_card
from cogs.asking.comparing import ComparingCog
from cogs.asking.controls import FEATURE, SAY, about_form, asker_of, author_of, guild_of, number_of
from cogs.asking.reading import answer_in, read_attachments, read_message
from cogs.asking.reporting import ReportingCog
from cogs.asking.speech import language_of
from cogs.ui.controls import Interaction, on_submit
from cogs.ui.errors import describe, error_card
from cogs.ui.forms import Typed, open_form
from cogs.ui.outlets import ChannelOutlet, InteractionOutlet
from cogs.ui.submitted import Submitted
from cogs.ui.watch import UNREACHABLE

LONGEST_QUESTION = 6000
_MOST_OFFERED = 25
_TASKS = [
    app_commands.Choice(name="Answer a question", value=Task.ANSWER.value),
    app_commands.Choice(name="Summarise", value=Task.SUMMARISE.value),
    app_commands.Choice(name="Translate", value=Task.TRANSLATE.value),
    app_commands.Choice(name="Write or explain code", value=Task.CODE.value),
]
_KINDS = {task.value: task for task in Task}
_USUAL_LABEL = "The usual choice here · forget mine"

log = structlog.stdlib.get_logger(__name__)


class AskingCog(commands.Cog):
    """Asking a model."""

    def __init__(self, client: commands.AutoShardedBot, app: App, answering: Answering) -> None:
        self._client = client
        self._app = app
        self._asking = app.asking
        self._answering = answering
        self._about: Typed[discord.Message] = Typed()
        self._left_over: asyncio.Task[None] | None = None
        self._menus = [
            app_commands.ContextMenu(name="Ask about this", callback=self.ask_about),
            app_commands.ContextMenu(name="Summarise", callback=self.summarise),
            app_commands.ContextMenu(name="Translate", callback=self.translate),
        ]

    async def cog_load(self) -> None:
        """Offer the menus, which the library does not find by itself, and hear of what is held back."""
        self._asking.on_blocked = self._note_blocked
        for menu in self._menus:
            menu.guild_only = True
            menu.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
            self._client.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Take them back, and let go of what is under way."""
        self._asking.on_blocked = None
        self._app.timers.mute(ANSWERS_LEFT)
        for menu in self._menus:
            self._client.tree.remove_command(menu.name, type=menu.type)
        if self._left_over:
            self._left_over.cancel()
            with suppress(asyncio.CancelledError):
                await self._left_over
        await self._answering.close()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Once after a start, mark what was being written when the bot was stopped."""
        if self._left_over is None:
            self._left_over = asyncio.create_task(self._answering.tell_interrupted(), name="tell-interrupted")
            # from now on, what other processes leave when they end
            self._app.timers.listen(ANSWERS_LEFT, self._answers_left)

    async def _answers_left(self, _key: int) -> None:
        await self._answering.tell_interrupted()

    @app_commands.command(name="ask", description="Ask a model; you choose which, and see how open it is")
    @app_commands.describe(
        question="What you want to know",
        model="Who answers; kept as your choice until you choose another, or the usual one",
        task="What the model is to do; to translate, it goes into the language of your Discord",
        file="A text file or a picture that the question is about",
        private="Whether you alone see the answer; Share posts it later",
    )
    @app_commands.choices(task=_TASKS)
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def ask(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, LONGEST_QUESTION],
        model: str | None = None,
        task: str = Task.ANSWER.value,
        file: discord.Attachment | None = None,
        private: bool | None = None,
    ) -> None:
        """Answer a question; in a thread of an answer, go on with its conversation."""
        asker = asker_of(interaction)
        outlet = self._outlet(interaction, private)
        passage, pictures = await read_attachments([file] if file else [])
        wanted_task = _KINDS.get(task, Task.ANSWER)
        # completion is an offer: Discord sends whatever was typed
        if model == USUAL:
            await self._asking.unchoose(asker)
            model = None
        wanted = self._asking.meant(asker.guild_id, model, wanted_task) if model else None
        asked = Question(
            question,
            wanted=wanted,
            task=wanted_task,
            language=language_of(interaction.locale.value) if wanted_task is Task.TRANSLATE else "",
            passage=passage,
            pictures=pictures,
            private=outlet.is_private,
        )
        await self._answer(interaction, asker, asked, outlet)

    @ask.autocomplete("model")
    async def offer_models(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Offer the models that can be used here; those that cannot say why."""
        task = _KINDS.get(str(getattr(interaction.namespace, "task", "")))
        offers = self._asking.offers(guild_of(interaction), typed, task)
        offered = [app_commands.Choice(name=offer.label, value=offer.value) for offer in offers[: _MOST_OFFERED - 1]]
        if typed.casefold().strip() in _USUAL_LABEL.casefold():
            offered.append(app_commands.Choice(name=_USUAL_LABEL, value=USUAL))
        return offered

    async def ask_about(self, interaction: Interaction, message: discord.Message) -> None:
        """Ask what somebody wants to know about a message."""
        guild_of(interaction)
        self._about.keep(f"{interaction.user.id}-{message.id}", message)
        await open_form(interaction, about_form(str(message.id)))

    async def summarise(self, interaction: Interaction, message: discord.Message) -> None:
        """Sum a message up for whoever asked."""
        await self._about_message(interaction, message, Question("", task=Task.SUMMARISE, private=True))

    async def translate(self, interaction: Interaction, message: discord.Message) -> None:
        """Translate a message into the language of whoever asked."""
        language = language_of(interaction.locale.value)
        await self._about_message(
            interaction, message, Question("", task=Task.TRANSLATE, language=language, private=True)
        )

    @on_submit(FEATURE, "about")
    async def about(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Answer a question about a message."""
        number_of(key)
        message = self._about.get(f"{interaction.user.id}-{key}")
        if message is None:
            raise ClosedError(
                "I was restarted meanwhile and no longer know which message you mean. Use its menu again."
            )
        question = Question(submitted.text(SAY), private=self._is_private(interaction, None))
        await self._about_message(interaction, message, question)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Go on with a conversation where somebody replies to the bot; Discord shows it replies that mention it."""
        reference, own = message.reference, self._client.user
        if message.guild is None or message.author.bot or reference is None or own is None:
            return
        answered = reference.resolved
        if not isinstance(answered, discord.Message) or answered.author.id != own.id:
            return
        text = message.content.replace(own.mention, "").replace(f"<@!{own.id}>", "").strip()
        if not text and not message.attachments:
            return
        asker = author_of(message)
        before = answer_in(answered) or await self._answer_of(message.guild.id, answered.id)
        if before is None:
            return
        try:
            passage, pictures = await read_attachments(message.attachments)
            asked = Question(text, passage=passage, pictures=pictures, private=False, parent_id=before)
            turn = await self._asking.begin(asker, asked)
            where = message.to_reference(fail_if_not_exists=False)
            outlet = ChannelOutlet(self._client, asker.guild_id, message.channel.id, reply_to=where)
            await self._answering.answer(turn, asker, outlet)
        except (discord.HTTPException, *UNREACHABLE) as error:
            log.warning("a reply could not be answered", guild=asker.guild_id, error=str(error))
        except Exception as error:  # noqa: BLE001 - whoever replied must hear, whatever it is
            await self._tell(message, error)

    async def _note_blocked(self, asker: Asker, blocked: Blocked, _turn: TurnRecord | None) -> None:
        """Tell the moderators what was held back: by which rule, never the text itself, which may be private."""
        channel_id = self._app.guilds.peek(asker.guild_id).channel(Purpose.LOG)
        if channel_id is None:
            return
        channel = self._client.get_partial_messageable(channel_id, guild_id=asker.guild_id)
        try:
            await channel.send(view=blocked_card(asker, blocked), silent=True)
        except (discord.HTTPException, *UNREACHABLE) as error:
            log.warning("a log channel could not be told", guild=asker.guild_id, error=str(error))

    async def _tell(self, message: discord.Message, error: Exception) -> None:
        trouble = describe(error)
        if trouble.reference:
            guild_id = message.guild.id if message.guild else None
            log.error("a reply could not be answered", reference=trouble.reference, exc_info=error, guild=guild_id)
        try:
            await message.channel.send(
                view=error_card(error, trouble),
                reference=message.to_reference(fail_if_not_exists=False),
                mention_author=False,
            )
        except (discord.HTTPException, *UNREACHABLE) as failure:
            log.warning("an error could not be told", error=str(failure))

    async def _answer_of(self, guild_id: int, message_id: int) -> int | None:
        found = await self._asking.by_message(guild_id, message_id)
        return found.turn_id if found else None

    async def _about_message(self, interaction: Interaction, message: discord.Message, question: Question) -> None:
        asker = asker_of(interaction)
        outlet = self._outlet(interaction, question.private)
        passage, pictures = await read_message(message)
        if question.task is not Task.ANSWER and passage is None:
            raise UserError("There is no text in this message. Choose one with text, or use “Ask about this”.")
        asked = Question(
            question.text,
            task=question.task,
            language=question.language,
            passage=passage,
            pictures=pictures if question.task is Task.ANSWER else (),
            private=outlet.is_private,
        )
        await self._answer(interaction, asker, asked, outlet)

    async def _answer(
        self, interaction: Interaction, asker: Asker, question: Question, outlet: InteractionOutlet
    ) -> None:
        turn = await self._asking.begin(asker, question, interaction.token)
        await self._answering.answer(turn, asker, outlet)

    def _outlet(self, interaction: Interaction, private: bool | None) -> InteractionOutlet:
        return InteractionOutlet(interaction, private=self._is_private(interaction, private))

    def _is_private(self, interaction: Interaction, private: bool | None) -> bool:
        return self._app.guilds.peek(guild_of(interaction)).models.asks_private if private is None else private


def asking_cogs(client: commands.AutoShardedBot, app: App) -> list[commands.Cog]:
    """Build the cogs of asking, which share what they show."""
    answering = Answering(client, app)
    return [
        AskingCog(client, app, answering),
        ActingCog(client, app, answering),
        ReportingCog(client, app, answering),
        ComparingCog(app, answering),
    ]
