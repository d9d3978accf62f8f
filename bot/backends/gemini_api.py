"""Google's Gemini: `streamGenerateContent` as server-sent events. The key goes into a header, never into an address."""

from typing import Any
from urllib.parse import quote

from bot.backends.base import Finish, Prompt, Turn
from bot.backends.reading import Reader
from bot.backends.remote import RemoteBackend, Request
from bot.backends.wire import alternating, base64_of, count, field, first, listed, total

_FINISHES = {
    "MAX_TOKENS": Finish.LENGTH,
    "SAFETY": Finish.FILTERED,
    "RECITATION": Finish.FILTERED,
    "LANGUAGE": Finish.FILTERED,
    "BLOCKLIST": Finish.FILTERED,
    "PROHIBITED_CONTENT": Finish.FILTERED,
    "SPII": Finish.FILTERED,
    "IMAGE_SAFETY": Finish.FILTERED,
}
_MOST_STOPS = 5
_EARLIER = ("gemini-1", "gemini-2")
_SEEDS = 0x7FFF_FFFF


class GeminiBackend(RemoteBackend):
    """A model behind Gemini's API."""

    version = "/v1beta"
    seeds = True

    def _headers_with(self, key: str | None) -> dict[str, str]:
        return {"x-goog-api-key": key} if key else {}

    @property
    def _model(self) -> str:
        return quote(self._card.model.removeprefix("models/"), safe="")

    def _probe_path(self) -> str:
        return f"/models/{self._model}"

    def _reader(self) -> Reader:
        return GeminiReader()

    def _request(self, prompt: Prompt, unwanted: frozenset[str]) -> Request:
        options: dict[str, Any] = {
            "maxOutputTokens": prompt.max_tokens,
            "temperature": prompt.temperature if self._card.sampling else None,
            "topP": prompt.top_p if self._card.sampling else None,
            "stopSequences": list(prompt.stop[:_MOST_STOPS]) or None,
            "thinkingConfig": _thinking(self._card.model, self._card.effort),
            "seed": None if prompt.seed is None else prompt.seed & _SEEDS,
        }
        roles = {"user": "user", "assistant": "model"}
        body: dict[str, Any] = {
            "contents": [{"role": roles[turn.role], "parts": _parts(turn)} for turn in alternating(prompt.turns)],
            "generationConfig": {
                name: value for name, value in options.items() if value is not None and name not in unwanted
            },
        }
        if prompt.system:
            body["systemInstruction"] = {"parts": [{"text": prompt.system}]}
        return Request(f"/models/{self._model}:streamGenerateContent?alt=sse", body)


def _thinking(model: str, effort: str) -> dict[str, Any] | None:
    """Say how hard to think: little, unless the card says, else a short answer is used up before its first word."""
    if effort:
        return {"thinkingLevel": effort}
    name = model.removeprefix("models/")
    if name.startswith("gemini-2.5"):
        return {"thinkingBudget": 128 if "pro" in name else 0}
    return {"thinkingLevel": "low"} if name.startswith("gemini-") and not name.startswith(_EARLIER) else None


def _parts(turn: Turn) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"inlineData": {"mimeType": picture.media_type, "data": base64_of(picture)}} for picture in turn.pictures
    ]
    return [*parts, {"text": turn.text}] if turn.text else parts


class GeminiReader(Reader):
    """Understands the events of `streamGenerateContent`: each is a response with the next parts; there is no last."""

    def take(self, data: bytes) -> None:
        """Take an event in."""
        if not data.strip():
            return
        body = self._decode(data)
        if body.get("error"):
            self._fail(body)
            return
        if field(body.get("promptFeedback"), "blockReason"):
            self.finish = Finish.FILTERED
        candidate = first(body.get("candidates"))
        for part in listed(field(field(candidate, "content"), "parts")):
            text = field(part, "text")
            if not field(part, "thought"):
                self._say(text)
        if reason := field(candidate, "finishReason"):
            self.finish = _FINISHES.get(str(reason), Finish.STOP)
        if usage := body.get("usageMetadata"):
            self.prompt_tokens = count(field(usage, "promptTokenCount"))
            # what it thought is paid for as what it wrote
            self.completion_tokens = total(
                count(field(usage, "candidatesTokenCount")), count(field(usage, "thoughtsTokenCount"))
            )
