"""What a server has its texts checked by: its blocked words, and the provider's moderation where it may be asked."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.guilds.moderation import Words, worst
from bot.guilds.types import ModelSettings

if TYPE_CHECKING:
    # most bots have none, and need not load what speaks to it
    from bot.backends.moderation import Moderation

MOST_LISTS = 1_000
"""Servers whose blocked words are kept ready."""
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Blocked:
    """What moderation found in a question or an answer: by which rule, and its score where a provider gave one."""

    where: str
    rule: str
    score: float | None = None
    scores: Mapping[str, float] | None = None


class Checks:
    """The checks of all servers, with the endpoint that the operator has set, if any."""

    def __init__(self, endpoint: "Moderation | None" = None) -> None:
        self.endpoint = endpoint
        self._words: OrderedDict[tuple[str, ...], Words] = OrderedDict()

    def words_of(self, models: ModelSettings) -> Words:
        """Return a server's blocked words, ready to be looked for."""
        blocked = models.blocked_words
        words = self._words.get(blocked)
        if words is None:
            words = self._words[blocked] = Words(blocked)
            if len(self._words) > MOST_LISTS:
                self._words.popitem(last=False)
        else:
            self._words.move_to_end(blocked)
        return words

    def least(self, models: ModelSettings) -> float | None:
        """Return the score from which on a server's texts are held back; None when no endpoint may be asked."""
        least = models.moderation
        if least is None or self.endpoint is None or not self.endpoint.allowed(models.egress):
            return None
        return least / _PERCENT

    def receiver(self, models: ModelSettings) -> str:
        """Return who outside is shown a server's texts to check them; empty when nobody is."""
        return self.endpoint.receiver if self.endpoint is not None and self.least(models) is not None else ""

    async def find(self, texts: Sequence[str], models: ModelSettings, where: str = "question") -> Blocked | None:
        """Return what a server blocks in these texts.

        Raises:
            ModelError: the endpoint that the server has them checked by cannot be asked.
        """
        words = self.words_of(models)
        if found := next((word for text in texts if (word := words.find(text))), None):
            return Blocked(where, f"blocked word: {found}")
        least = self.least(models)
        if least is None or self.endpoint is None:
            return None
        scores = await self.endpoint.scores("\n\n".join(text for text in texts if text), models.egress)
        harm = worst(scores, least)
        return None if harm is None else Blocked(where, harm[0], harm[1], scores)
