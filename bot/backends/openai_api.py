"""Chat Completions: OpenAI and everything else that speaks it.

Dialects differ. What differs by address is known here; the rest is learnt from the error that names the option. Seen:
reasoning under `reasoning_content` or `reasoning`, content as a list of blocks (Mistral), counts under `x_groq`, counts
missing, the last `[DONE]` missing, comments as signs of life, errors as events after a good status, whole answers
although a stream was asked for.
"""

from typing import Any
from urllib.parse import urlsplit

from bot.backends.answer import Thoughts
from bot.backends.base import Finish, Prompt, Turn
from bot.backends.reading import Reader
from bot.backends.remote import RemoteBackend, Request
from bot.backends.troubles import SYSTEM
from bot.backends.wire import alternating, count, data_url, field, first, listed

_FINISHES = {
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "model_length": Finish.LENGTH,
    "content_filter": Finish.FILTERED,
    "safety": Finish.FILTERED,
}
_BROKEN = frozenset({"error", "abort", "cancelled"})
_OPENAI = "api.openai.com"
_MISTRAL = "api.mistral.ai"
_MOST_STOPS = 4
_NO_REASONING = ("gpt-3", "gpt-4")


class OpenAIBackend(RemoteBackend):
    """A model behind Chat Completions."""

    seeds = True

    def _headers_with(self, key: str | None) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def _probe_path(self) -> str:
        return "/models"

    def _lists(self, body: object) -> bool:
        # programs on one's own machine load what is asked for, whether they list it or not
        names = {str(field(item, "id")).removesuffix(":latest") for item in listed(field(body, "data"))}
        return urlsplit(self._base).hostname not in {_OPENAI, _MISTRAL} or self._card.model in names

    def _reader(self) -> Reader:
        return OpenAIReader()

    def _request(self, prompt: Prompt, unwanted: frozenset[str]) -> Request:
        host, model = urlsplit(self._base).hostname, self._card.model
        turns = alternating(prompt.turns)
        messages: list[dict[str, Any]] = []
        if prompt.system and SYSTEM in unwanted:
            turns[0] = Turn("user", f"{prompt.system}\n\n{turns[0].text}", turns[0].pictures)
        elif prompt.system:
            messages.append({"role": "system", "content": prompt.system})
        messages += [{"role": turn.role, "content": _content(turn)} for turn in turns]
        # OpenAI's newer models take only the newer name, most other servers only the older
        names = ("max_completion_tokens", "max_tokens") if host == _OPENAI else ("max_tokens", "max_completion_tokens")
        length = names[names[0] in unwanted]
        options: dict[str, Any] = {
            length: prompt.max_tokens,
            "stream_options": {"include_usage": True},
            "temperature": prompt.temperature if self._card.sampling else None,
            "top_p": prompt.top_p if self._card.sampling else None,
            "reasoning_effort": self._effort(host),
            "stop": list(prompt.stop[:_MOST_STOPS]) or None,
            "random_seed" if host == _MISTRAL else "seed": prompt.seed,
        }
        body: dict[str, Any] = {"model": model, "messages": messages, "stream": True}
        body |= {name: value for name, value in options.items() if value is not None and name not in unwanted}
        return Request("/chat/completions", body)

    def _effort(self, host: str | None) -> str | None:
        """Say how hard to think: little, unless the card says, else a short answer is used up before its first word."""
        if self._card.effort:
            return self._card.effort
        return "low" if host == _OPENAI and not self._card.model.startswith(_NO_REASONING) else None


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if not turn.pictures:
        return turn.text
    parts: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
    return [*parts, *({"type": "image_url", "image_url": {"url": data_url(picture)}} for picture in turn.pictures)]


class OpenAIReader(Reader):
    """Understands the chunks of Chat Completions."""

    def __init__(self) -> None:
        super().__init__()
        self._thoughts = Thoughts()

    def take(self, data: bytes) -> None:
        """Take an event in."""
        if data[:1] != b"{":
            self._take_last(data)
            return
        body = self._decode(data)
        try:
            choice = body["choices"][0]
            text = choice["delta"]["content"]
            is_plain = not (choice["finish_reason"] or body.get("usage"))
        except (KeyError, IndexError, TypeError):
            is_plain, text = False, None
        if is_plain and type(text) is str:  # one more word: what nearly all events are
            self._say(text)
        else:
            self._take_other(body)

    def _take_last(self, data: bytes) -> None:
        if data.startswith(b"[DONE]"):
            self.is_over = True
        elif data.strip():
            msg = "neither an object nor the end"
            raise ValueError(msg)

    def _take_other(self, body: dict[str, Any]) -> None:
        if body.get("error") or body.get("object") == "error":
            self._fail(body)
            return
        if (choice := first(body.get("choices"))) is not None:
            self._take_choice(choice)
        if usage := body.get("usage") or field(body.get("x_groq"), "usage"):
            self.prompt_tokens = count(field(usage, "prompt_tokens"))
            self.completion_tokens = count(field(usage, "completion_tokens"))

    def _take_choice(self, choice: object) -> None:
        delta = field(choice, "delta") or field(choice, "message")
        text = field(delta, "content") or field(delta, "refusal")
        self._say(text)
        for part in listed(text):  # blocks, those of reasoning among them
            if field(part, "type") == "text":
                self._say(field(part, "text"))
        if reason := field(choice, "finish_reason"):
            if reason in _BROKEN:
                self._fail({"error": {"type": "server_error"}})
            self.finish = _FINISHES.get(str(reason), Finish.STOP)
