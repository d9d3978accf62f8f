"""How what was said becomes the tokens that a causal model goes on from, cut to what fits.

With a chat template the model's own form is kept: whole turns go first, oldest first; when the last turn alone is too
long its beginning goes. The system text stays, unless it takes more than half of the room.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.backends.worker.messages import Turn
from bot.backends.worker.text import defused

PLAIN_STOPS = ("\nUser:", "\nAssistant:")
"""Where an answer ends when a model without a template goes on to play the other's part."""

_ROUNDS = 8
_NOTHING = (Turn("user", ""),)


class Tokenizer(Protocol):
    """What is needed of a tokenizer."""

    chat_template: Any
    all_special_tokens: Sequence[str]

    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
        """Return the tokens of `text`."""
        ...

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of tokens."""
        ...

    def apply_chat_template(
        self, conversation: list[dict[str, str]], *, add_generation_prompt: bool, tokenize: bool
    ) -> Any:  # noqa: ANN401
        """Return a conversation in the model's own form."""
        ...


@dataclass(frozen=True, slots=True)
class Cut:
    """The tokens to go on from, and how many of the whole prompt did not fit."""

    tokens: list[int]
    dropped: int


class Prompter:
    """Makes prompts for one model."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.has_template = bool(tokenizer.chat_template)
        self._specials = sorted({*tokenizer.all_special_tokens}, key=len, reverse=True)

    @property
    def stops(self) -> tuple[str, ...]:
        """Stop texts that the form of the prompt asks for."""
        return () if self.has_template else PLAIN_STOPS

    def prompt(self, system: str, turns: Sequence[Turn], room: int) -> Cut:
        """Return the prompt in at most `room` tokens."""
        system = defused(system, self._specials)
        turns = [replace(turn, text=defused(turn.text, self._specials)) for turn in turns or _NOTHING]
        whole = self._tokens(system, turns)
        if len(whole) <= room:
            return Cut(whole, 0)
        system_tokens = self._bare(system)
        if len(system_tokens) > room // 2:
            system = self._tokenizer.decode(system_tokens[: room // 2])
        sizes = [len(self._bare(turn.text)) for turn in turns]
        kept = turns
        while len(kept) > 1 and (sum(sizes[-len(kept) :]) > room or len(self._tokens(system, kept)) > room):
            kept = kept[1:]
            while len(kept) > 1 and kept[0].role != "user":
                kept = kept[1:]
        tokens = self._tokens(system, kept) if sum(sizes[-len(kept) :]) <= room else whole
        if len(tokens) > room:
            tokens = self._shortened(system, kept[-1:], room)
        return Cut(tokens, max(1, len(whole) - len(tokens)))

    def _shortened(self, system: str, turns: Sequence[Turn], room: int) -> list[int]:
        """Return the last turn with as much of its end as fits."""
        last = turns[-1]
        text = self._bare(last.text)
        keep = max(0, room - len(self._tokens(system, [replace(last, text="")])))
        tokens: list[int] = []
        for _ in range(_ROUNDS):
            shorter = replace(last, text=self._tokenizer.decode(text[len(text) - keep :]).lstrip("\ufffd"))
            tokens = self._tokens(system, [shorter])
            over = len(tokens) - room
            if over <= 0:
                return tokens
            keep = max(0, keep - over)
        return tokens[-room:]

    def _bare(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False)

    def _tokens(self, system: str, turns: Sequence[Turn]) -> list[int]:
        if not self.has_template:
            return self._tokenizer.encode(plain(system, turns))
        said = [{"role": turn.role, "content": turn.text} for turn in turns]
        first = [{"role": "system", "content": system}] if system else []
        try:
            text = self._rendered([*first, *said])
        except Exception:  # noqa: BLE001 - templates raise what they like; many know no system role
            text = self._rendered(_without_system(system, said))
        return self._tokenizer.encode(text, add_special_tokens=False)

    def _rendered(self, conversation: list[dict[str, str]]) -> str:
        return str(self._tokenizer.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False))


def plain(system: str, turns: Sequence[Turn]) -> str:
    """Return a conversation as a text that a model without a chat template can go on with."""
    parts = [system] if system else []
    names = {"user": "User", "assistant": "Assistant"}
    parts += [f"{names.get(turn.role, 'User')}: {turn.text}" for turn in turns]
    return "\n".join([*parts, "Assistant:"])


def _without_system(system: str, said: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put the system text before the first thing said, for templates that know no such role."""
    if not system or not said:
        return said
    first = {**said[0], "content": f"{system}\n\n{said[0]['content']}"}
    return [first, *said[1:]]
