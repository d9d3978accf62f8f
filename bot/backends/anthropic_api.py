"""Anthropic's Messages, streamed."""

from typing import Any

from bot.backends.base import Finish, Prompt, Turn
from bot.backends.reading import Reader
from bot.backends.remote import RemoteBackend, Request
from bot.backends.wire import alternating, base64_of, count, field, total
from bot.errors import Trouble

VERSION = "2023-06-01"
"""Of the protocol: the `anthropic-version` header."""
_FINISHES = {
    "max_tokens": Finish.LENGTH,
    "model_context_window_exceeded": Finish.LENGTH,
    "refusal": Finish.FILTERED,
}
_READ = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class AnthropicBackend(RemoteBackend):
    """A model behind Messages."""

    def _headers_with(self, key: str | None) -> dict[str, str]:
        headers = {"anthropic-version": VERSION}
        return headers | {"x-api-key": key} if key else headers

    def _probe_path(self) -> str:
        return f"/models/{self._card.model}"

    def _reader(self) -> Reader:
        return AnthropicReader()

    def _request(self, prompt: Prompt, unwanted: frozenset[str]) -> Request:
        temperature, top_p = (prompt.temperature, prompt.top_p) if self._card.sampling else (None, None)
        options: dict[str, Any] = {
            "system": prompt.system or None,
            # how hard to think; what it thinks counts to the length of the answer
            "output_config": {"effort": self._card.effort} if self._card.effort else None,
            # other makers' scale goes to 2
            "temperature": None if temperature is None else min(temperature, 1.0),
            # newer models take one of the two
            "top_p": top_p if temperature is None else None,
            "stop_sequences": [stop for stop in prompt.stop if stop.strip()] or None,
        }
        body: dict[str, Any] = {
            "model": self._card.model,
            "max_tokens": prompt.max_tokens,
            "messages": [{"role": turn.role, "content": _content(turn)} for turn in alternating(prompt.turns)],
            "stream": True,
        }
        body |= {name: value for name, value in options.items() if value is not None and name not in unwanted}
        return Request("/messages", body)


def _content(turn: Turn) -> str | list[dict[str, Any]]:
    if not turn.pictures:
        return turn.text
    parts: list[dict[str, Any]] = [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": picture.media_type, "data": base64_of(picture)},
        }
        for picture in turn.pictures
    ]
    return [*parts, {"type": "text", "text": turn.text}] if turn.text else parts


class AnthropicReader(Reader):
    """Understands the events of Messages; kinds that are not known are passed over, as the protocol asks."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped_by = Trouble.REFUSED

    def take(self, data: bytes) -> None:
        """Take an event in."""
        if not data.strip():
            return
        body = self._decode(data)
        kind = body.get("type")
        if kind == "content_block_delta":
            self._say(field(body.get("delta"), "text"))
        elif kind == "content_block_start":
            self._say(field(body.get("content_block"), "text"))
        elif kind == "message_start":
            self._count(field(body.get("message"), "usage"))
        elif kind == "message_delta":
            self._count(body.get("usage"))
            self._end(field(body.get("delta"), "stop_reason"))
        elif kind == "message_stop":
            self.is_over = True
        elif kind == "error" or "error" in body:
            self._fail(body)

    def _end(self, reason: object) -> None:
        if isinstance(reason, str):
            self.finish = _FINISHES.get(reason, Finish.STOP)

    def _count(self, usage: object) -> None:
        read = total(*(count(field(usage, name)) for name in _READ))
        written = count(field(usage, "output_tokens"))
        self.prompt_tokens = self.prompt_tokens if read is None else read
        self.completion_tokens = self.completion_tokens if written is None else written
