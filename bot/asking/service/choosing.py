"""Who answers: by whose choice, and what there is to choose from."""

from dataclasses import dataclass, replace

from bot.asking import rules
from bot.asking.rules import Candidate
from bot.asking.service.desk import AskDesk
from bot.asking.types import ANY_CLOSED, ANY_OPEN, HYBRID, Asker, ChoiceRule, Choices, Offer, Persona, Question
from bot.backends.base import Backend, Egress
from bot.catalog import Openness, Task
from bot.errors import InvalidInputError, ModelError, NotFoundError, Trouble, UserError
from bot.guilds.types import GuildSettings

MOST_OFFERED = 25
_LONGEST_LABEL = 100
_LONGEST_TYPED = 60
_MOST_NAMED = 5
_NOBODY = (
    "No model can answer here at the moment: none that this server allows is set up. /models shows what each of them "
    "needs. Tell whoever runs the bot."
)
_UNUSABLE = frozenset({Trouble.NOT_CONFIGURED, Trouble.EGRESS})


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who is to answer; `note` tells of choices that could not be followed. `egress` is the server's, or narrower."""

    backend: Backend
    candidate: Candidate
    egress: Egress
    note: str = ""


class Choosing(AskDesk):
    """What has to do with the choice of a model, and with how it is to speak."""

    def offers(self, guild_id: int, typed: str, task: Task | None = None) -> tuple[Offer, ...]:
        """Return what completion shows, from memory alone: what can be used, then what cannot and why."""
        egress = self._guilds.peek(guild_id).models.egress
        words = typed.casefold().split()
        usable: list[Offer] = []
        others: list[Offer] = []
        found: set[Openness] = set()
        for backend in self._models.backends():
            card = backend.card
            if card.key in rules.SELECTORS or not card.tasks:
                continue
            why_not = self._why_not(backend, egress, task)
            if not why_not:
                found.add(card.openness)
            names = f"{card.key} {card.name} {card.maker} {card.family} {card.openness.value}".casefold()
            if all(word in names for word in words):
                label = rules.label_of(card, backend.where)
                offer = Offer(card.key, _clipped(f"{label} · {why_not}" if why_not else label), why_not)
                (others if why_not else usable).append(offer)
        ways = [offer for offer in _ways(found) if all(word in offer.label.casefold() for word in words)]
        # the ways to choose are there however many models are
        return (*usable[: MOST_OFFERED - len(ways)], *ways, *others)[:MOST_OFFERED]

    def meant(self, guild_id: int, typed: str, task: Task | None = None) -> str:
        """Return the key of the model, or the way to choose one, that somebody typed instead of picking it.

        Raises:
            InvalidInputError: none is called like that, or several are.
        """
        if typed in rules.SELECTORS or self._backend(typed) is not None:
            return typed
        name = " ".join(typed.split()).casefold()
        called = {label.casefold(): way for way, label in rules.SELECTORS.items()}
        called |= {way: way for way in rules.SELECTORS}
        for backend in self._models.backends():
            called |= {backend.card.key: backend.card.key, backend.card.name.casefold(): backend.card.key}
        if name in called:
            return called[name]
        fitting = () if rules.is_blank(typed) else self.offers(guild_id, typed, task)
        fitting = [offer for offer in fitting if offer.value not in rules.SELECTORS]
        found = [offer for offer in fitting if not offer.why_not] or fitting
        if len(found) == 1:
            return found[0].value
        shown = name if len(name) <= _LONGEST_TYPED else f"{name[:_LONGEST_TYPED]}…"
        if not found:
            says = f"There is no model “{shown}” here. Choose one of those that are offered while you type"
            raise InvalidInputError("model", f"{says}; /models lists them all.")
        names = ", ".join(self._named(offer.value) for offer in found[:_MOST_NAMED])
        more = " and others" if len(found) > _MOST_NAMED else ""
        raise InvalidInputError("model", f"“{shown}” may be {names}{more}. Choose one of those that are offered.")

    async def choose_for_channel(self, guild_id: int, channel_id: int, wanted: str | None) -> None:
        """Set who answers in a channel where a member has not chosen; None leaves it to the server.

        Raises:
            InvalidInputError: there is no such model.
        """
        self._check_wanted(wanted)
        await self._says.choose_for_channel(guild_id, channel_id, wanted, self._clock())
        self._book.put_channel(guild_id, channel_id, wanted)

    async def channel_choices(self, guild_id: int) -> dict[int, str]:
        """Return channel to who answers there, for the channels of a server that have a choice."""
        return await self._says.channel_choices(guild_id)

    async def unchoose(self, asker: Asker) -> None:
        """Forget what a member chose: the channel's or the server's choice holds again."""
        await self._says.drop_choice(asker.guild_id, asker.member_id)
        self._book.put_member(asker.guild_id, asker.member_id, None)

    async def choices(self, asker: Asker) -> Choices:
        """Return what was chosen for where somebody asks."""
        server = (await self._guilds.get(asker.guild_id)).models.model
        known = self._book.peek(asker.guild_id, asker.member_id, asker.home_id)
        if known is None:
            found = await self._says.choices(asker.guild_id, asker.member_id, asker.home_id)
            known = found.member, found.channel
            self._book.put_member(asker.guild_id, asker.member_id, found.member)
            self._book.put_channel(asker.guild_id, asker.home_id, found.channel)
        return Choices(known[0], known[1], server)

    async def personas(self, guild_id: int) -> tuple[Persona, ...]:
        """Return the personas of a server: its own, then those of its channels."""
        return await self._says.personas(guild_id)

    async def persona(self, guild_id: int, channel_id: int) -> Persona | None:
        """Return how models speak in a channel: as was set for it, else as for the server."""
        found = {persona.channel_id: persona for persona in await self.personas(guild_id)}
        return found.get(channel_id) or found.get(0)

    async def set_persona(self, guild_id: int, channel_id: int, name: str, text: str) -> Persona | None:
        """Set how models speak in a channel (0: in the server); an empty text takes it away.

        Raises:
            InvalidInputError: a part is too long, or there is a name without a text.
        """
        name, text = rules.check_persona(name, text)
        persona = Persona(guild_id, channel_id, name, text)
        await self._says.set_persona(persona, self._clock())
        return persona if text else None

    async def _choose(
        self, asker: Asker, question: Question, settings: GuildSettings, before: str | None = None
    ) -> Chosen:
        """Return who is to answer; `before` is who was chosen for what this goes on from.

        A choice from before that cannot be followed is passed over, with a note that says so; what was asked for now
        is not. What stayed on this machine by choice does not leave it because of that.

        Raises:
            ModelError: nobody can answer.
        """
        try:
            return await self._chosen(asker, question, settings.models.egress, before)
        except ModelError as error:
            if error.trouble not in _UNUSABLE:
                raise
            if self._models.usable(settings.models.egress, question.task, pictures=False):
                raise
            raise ModelError(error.trouble, _NOBODY, detail=error.detail) from error

    async def _chosen(self, asker: Asker, question: Question, egress: Egress, before: str | None) -> Chosen:
        if question.wanted:
            candidate = Candidate(question.wanted, ChoiceRule.ASKED)
            return Chosen(self._resolve(question.wanted, egress, question), candidate, egress)
        default = self._default(egress, question)
        first: UserError | None = None
        notes: list[str] = []
        choices = await self.choices(asker)
        if before is not None:
            choices = replace(choices, member=before)
        for candidate in rules.candidates(None, choices, default):
            try:
                backend = self._resolve(candidate.wanted, egress, question)
            except (ModelError, NotFoundError) as error:
                first = first or error
                notes.append(f"Passed over: {self._named(candidate.wanted)} ({rules.RULE_WORDS[candidate.rule]}).")
                chosen = self._backend(candidate.wanted)
                egress = rules.narrowed(egress, chosen.where if chosen else None)
            else:
                return Chosen(backend, candidate, egress, " ".join(notes))
        raise first or NotFoundError("There is no model to ask. Tell whoever runs the bot.")

    def _resolve(self, wanted: str, egress: Egress, question: Question) -> Backend:
        return self._models.resolve(wanted, egress, question.task, bool(question.pictures))

    def _default(self, egress: Egress, question: Question) -> str:
        """Return who answers where nobody chose: as the operator says, else open models first."""
        if self._settings.default_model:
            return self._settings.default_model
        usable = self._models.usable(egress, question.task, pictures=bool(question.pictures))
        found = {backend.card.openness for backend in usable}
        if Openness.OPEN in found:
            return HYBRID if Openness.CLOSED in found else ANY_OPEN
        if Openness.CLOSED in found:
            return ANY_CLOSED
        # only restricted ones, if any: none of the ways to choose leads there
        return usable[0].card.key if usable else ANY_OPEN

    def _why_not(self, backend: Backend, egress: Egress, task: Task | None) -> str:
        card = backend.card
        if refusal := egress.refuses(card, backend.where):
            return refusal
        if task is not None and task not in card.tasks:
            return rules.unfit_reason(card, Question("", task=task))
        health = backend.health()
        return "" if health.usable else health.text or health.state.value

    def _check_wanted(self, wanted: str | None) -> None:
        if wanted is not None and wanted not in rules.SELECTORS and self._backend(wanted) is None:
            raise InvalidInputError("model", f"There is no model “{wanted[:40]}”. /models lists those that there are.")

    def _named(self, wanted: str) -> str:
        backend = self._backend(wanted)
        return rules.SELECTORS.get(wanted) or (backend.card.name if backend else wanted)


def _ways(found: set[Openness]) -> tuple[Offer, ...]:
    """Return the ways to choose, given the classes of what can be used."""
    is_there = {
        ANY_OPEN: ("open model", "the bot picks", Openness.OPEN in found),
        ANY_CLOSED: ("closed model", "the bot picks", Openness.CLOSED in found),
        HYBRID: ("model", "open first, closed if that fails", bool(found)),
    }
    ways: list[Offer] = []
    for way, (kind, says, there) in is_there.items():
        why_not = "" if there else f"no {kind} can be used here just now"
        ways.append(Offer(way, _clipped(f"{rules.SELECTORS[way]} · {why_not or says}"), why_not))
    return tuple(ways)


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 1] + "…"
