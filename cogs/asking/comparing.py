"""/compare: the same question to up to four models, their answers below each other."""

from collections.abc import Sequence

from discord import app_commands
from discord.ext import commands

from bot.app import App
from bot.asking.types import ANY_CLOSED, ANY_OPEN, HYBRID, Offer, Question
from bot.catalog import Openness
from bot.errors import ClosedError, InvalidInputError
from cogs.asking.answering import Answering
from cogs.asking.cards.comparison import FEWEST_COMPARED, MOST_COMPARED, choose_card
from cogs.asking.controls import FEATURE, asker_of, guild_of, number_of
from cogs.ui.controls import Interaction, on_choose, on_press
from cogs.ui.forms import Typed
from cogs.ui.outlets import InteractionOutlet
from cogs.ui.reply import Reply

LONGEST_QUESTION = 6000
_SELECTORS = (ANY_OPEN, ANY_CLOSED, HYBRID)


class _Asked:
    """A comparison that is being put together."""

    def __init__(self, member_id: int, question: str, chosen: tuple[str, ...]) -> None:
        self.member_id = member_id
        self.question = question
        self.chosen = chosen


class ComparingCog(commands.Cog):
    """Comparing models."""

    def __init__(self, app: App, answering: Answering) -> None:
        self._app = app
        self._asking = app.asking
        self._answering = answering
        self._asked: Typed[_Asked] = Typed()

    @app_commands.command(name="compare", description="Ask up to four models the same, and see their answers together")
    @app_commands.describe(question="What you want to know")
    @app_commands.guild_only()
    @app_commands.allowed_installs(guilds=True, users=False)
    async def compare(self, interaction: Interaction, question: app_commands.Range[str, 1, LONGEST_QUESTION]) -> None:
        """Offer the models to choose from, an open and a closed one chosen already."""
        async with Reply(interaction) as reply:
            offers = self._offers(interaction)
            asked = _Asked(interaction.user.id, question, _prefilled(offers))
            key = str(interaction.id)
            self._asked.keep(key, asked)
            await reply.send(choose_card(question, key, offers, asked.chosen))

    @on_choose(FEATURE, "models")
    async def models(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Note which models are to answer."""
        async with Reply(interaction, replaces=True) as reply:
            asked = self._known(interaction, key)
            offers = self._offers(interaction)
            usable = {offer.value for offer in offers if not offer.why_not}
            asked.chosen = tuple(value for value in values if value in usable)[:MOST_COMPARED]
            await reply.send(choose_card(asked.question, key, offers, asked.chosen))

    @on_press(FEATURE, "go")
    async def go(self, interaction: Interaction, key: str) -> None:
        """Ask them all."""
        asked, asker = self._known(interaction, key), asker_of(interaction)
        if len(asked.chosen) < FEWEST_COMPARED:
            raise InvalidInputError("models", "Choose at least two models to compare.")
        self._asked.drop(key)
        private = self._app.guilds.peek(asker.guild_id).models.asks_private
        outlet = InteractionOutlet(interaction, private=private)
        try:
            question = Question(asked.question, private=private)
            turns = await self._asking.compare(asker, question, asked.chosen, interaction.token)
        except BaseException:
            # it may be tried again with other models
            self._asked.keep(key, asked)
            raise
        await self._answering.compare(turns, asker, outlet)

    @on_press(FEATURE, "open")
    async def open(self, interaction: Interaction, key: str) -> None:
        """Show one of the answers in full to whoever pressed."""
        async with Reply(interaction) as reply:
            turn = await self._asking.seen(number_of(key), asker_of(interaction))
            await self._answering.show_privately(interaction, reply, turn)

    def _offers(self, interaction: Interaction) -> list[Offer]:
        """Return the models by name: what chooses one is no model to compare."""
        offers = self._asking.offers(guild_of(interaction), "", None)
        return [offer for offer in offers if offer.value not in _SELECTORS]

    def _known(self, interaction: Interaction, key: str) -> _Asked:
        asked = self._asked.get(key)
        if asked is None or asked.member_id != interaction.user.id:
            raise ClosedError("This comparison has begun already, or I was restarted meanwhile. Use `/compare` again.")
        return asked


def _prefilled(offers: Sequence[Offer]) -> tuple[str, ...]:
    """Return an open and a closed model; where there are none of a class, the first others."""
    usable = [offer for offer in offers if not offer.why_not]
    kinds = [(offer.value, f" · {Openness.OPEN.value} · " in offer.label) for offer in usable]
    first = next((value for value, is_open in kinds if is_open), None)
    second = next((value for value, is_open in kinds if not is_open), None)
    found = [value for value in (first, second) if value] + [value for value, _ in kinds]
    return tuple(dict.fromkeys(found))[:FEWEST_COMPARED]
