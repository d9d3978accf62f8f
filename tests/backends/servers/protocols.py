"""The three protocols from the server's side."""

import json
from abc import abstractmethod
from typing import Any, ClassVar

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    503: "overloaded_error",
    529: "overloaded_error",
}


def data(value: Any, event: str = "") -> bytes:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return (f"event: {event}\n" if event else "").encode() + b"data: " + text.encode() + b"\n\n"


class Protocol:
    """How one protocol puts things."""

    base: ClassVar[str]
    key_header: ClassVar[str]
    key_prefix: ClassVar[str] = ""
    finishes: ClassVar[dict[str, str]]

    def key_of(self, headers: Any) -> str:
        return headers.get(self.key_header, "").removeprefix(self.key_prefix)

    @abstractmethod
    def model_of(self, path: str, body: dict[str, Any]) -> str: ...

    @abstractmethod
    def question_of(self, body: dict[str, Any]) -> str: ...

    @abstractmethod
    def lacks(self, request: Any, body: dict[str, Any]) -> str:
        """Say what the real one would miss in a request; empty when nothing."""

    @abstractmethod
    def begin(self, read: int | None) -> bytes: ...

    @abstractmethod
    def piece(self, text: str) -> bytes: ...

    @abstractmethod
    def reason(self, finish: str | None, tokens: tuple[int, int] | None) -> bytes: ...

    @abstractmethod
    def last(self) -> bytes: ...

    @abstractmethod
    def error(self, kind: str) -> bytes: ...

    @abstractmethod
    def refusal(self, status: int) -> Any: ...

    @abstractmethod
    def listing(self, model: str) -> Any: ...


class OpenAI(Protocol):
    base = "/v1"
    key_header = "authorization"
    key_prefix = "Bearer "
    finishes: ClassVar = {"stop": "stop", "length": "length", "filtered": "content_filter", "refused": "content_filter"}

    def model_of(self, _path: str, body: dict[str, Any]) -> str:
        return body.get("model", "")

    def question_of(self, body: dict[str, Any]) -> str:
        content = body["messages"][-1]["content"]
        return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)

    def lacks(self, request: Any, body: dict[str, Any]) -> str:
        return "" if body.get("messages") and request.path.endswith("/chat/completions") else "messages"

    def _chunk(self, **rest: Any) -> bytes:
        return data({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", **rest})

    def begin(self, _read: int | None) -> bytes:
        return self._chunk(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])

    def piece(self, text: str) -> bytes:
        return self._chunk(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None}])

    def reason(self, finish: str | None, tokens: tuple[int, int] | None) -> bytes:
        found = b""
        if finish:
            found = self._chunk(choices=[{"index": 0, "delta": {}, "finish_reason": self.finishes[finish]}])
        if tokens:
            usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
            found += self._chunk(choices=[], usage=usage)
        return found

    def last(self) -> bytes:
        return data("[DONE]")

    def error(self, kind: str) -> bytes:
        return data({"error": {"message": "It broke.", "type": kind, "param": None, "code": kind}})

    def refusal(self, status: int) -> Any:
        code = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}.get(status)
        error = {"message": f"Status {status}.", "type": KINDS.get(status, "server_error"), "param": None, "code": code}
        return {"error": error}

    def listing(self, model: str) -> Any:
        return {"object": "list", "data": [{"id": model, "object": "model", "owned_by": "us"}]}


class Anthropic(Protocol):
    base = "/v1"
    key_header = "x-api-key"
    finishes: ClassVar = {"stop": "end_turn", "length": "max_tokens", "filtered": "refusal", "refused": "refusal"}

    def model_of(self, _path: str, body: dict[str, Any]) -> str:
        return body.get("model", "")

    def question_of(self, body: dict[str, Any]) -> str:
        content = body["messages"][-1]["content"]
        return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)

    def lacks(self, request: Any, body: dict[str, Any]) -> str:
        roles = [message["role"] for message in body.get("messages", [])]
        if not request.headers.get("anthropic-version"):
            return "anthropic-version: header is required"
        if not isinstance(body.get("max_tokens"), int):
            return "max_tokens: Field required"
        return "" if roles and roles[0] == "user" and request.path.endswith("/messages") else "messages"

    def begin(self, read: int | None) -> bytes:
        usage = {"usage": {"input_tokens": read, "output_tokens": 1}} if read is not None else {}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "stop_reason": None, **usage}
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return (
            data({"type": "message_start", "message": message}, "message_start")
            + data(block, "content_block_start")
            + data({"type": "ping"}, "ping")
        )

    def piece(self, text: str) -> bytes:
        delta = {"type": "text_delta", "text": text}
        return data({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")

    def reason(self, finish: str | None, tokens: tuple[int, int] | None) -> bytes:
        found = data({"type": "content_block_stop", "index": 0}, "content_block_stop")
        if finish or tokens:
            delta = {"stop_reason": self.finishes[finish] if finish else None, "stop_sequence": None}
            usage = {"usage": {"output_tokens": tokens[1]}} if tokens else {}
            found += data({"type": "message_delta", "delta": delta, **usage}, "message_delta")
        return found

    def last(self) -> bytes:
        return data({"type": "message_stop"}, "message_stop")

    def error(self, kind: str) -> bytes:
        return data({"type": "error", "error": {"type": kind, "message": "It broke."}}, "error")

    def refusal(self, status: int) -> Any:
        error = {"type": KINDS.get(status, "api_error"), "message": f"Status {status}."}
        return {"type": "error", "error": error, "request_id": "req_1"}

    def listing(self, model: str) -> Any:
        return {"type": "model", "id": model, "display_name": "M", "created_at": "2026-01-01T00:00:00Z"}


class Gemini(Protocol):
    base = "/v1beta"
    key_header = "x-goog-api-key"
    finishes: ClassVar = {"stop": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY", "refused": "RECITATION"}

    def model_of(self, path: str, _body: dict[str, Any]) -> str:
        return path.rsplit("/", 1)[-1].partition(":")[0]

    def question_of(self, body: dict[str, Any]) -> str:
        return " ".join(part.get("text", "") for part in body["contents"][-1]["parts"])

    def lacks(self, request: Any, body: dict[str, Any]) -> str:
        if "key" in request.query:
            return "a key in an address is in every log"
        if request.query.get("alt") != "sse":
            return "alt=sse"
        roles = [content["role"] for content in body.get("contents", [])]
        return "" if roles and set(roles) <= {"user", "model"} else "contents"

    def begin(self, _read: int | None) -> bytes:
        return b""

    def _chunk(self, candidate: dict[str, Any], **rest: Any) -> bytes:
        return data({"candidates": [{"index": 0, **candidate}], "modelVersion": "m", "responseId": "r", **rest})

    def piece(self, text: str) -> bytes:
        return self._chunk({"content": {"parts": [{"text": text}], "role": "model"}})

    def reason(self, finish: str | None, tokens: tuple[int, int] | None) -> bytes:
        usage = {}
        if tokens:
            counts = {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1] - 1, "thoughtsTokenCount": 1}
            usage = {"usageMetadata": counts}
        if not finish:
            return data(usage) if usage else b""
        content = {"content": {"parts": [{"text": ""}], "role": "model"}}
        return self._chunk({**content, "finishReason": self.finishes[finish]}, **usage)

    def last(self) -> bytes:
        return b""

    def error(self, kind: str) -> bytes:
        status = {"overloaded_error": "UNAVAILABLE", "rate_limit_error": "RESOURCE_EXHAUSTED"}.get(kind, kind)
        return data({"error": {"code": 503, "message": "It broke.", "status": status}})

    def refusal(self, status: int) -> Any:
        # a key that is wrong is a bad request here
        words = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
        error: dict[str, Any] = {
            "code": status,
            "message": f"Status {status}.",
            "status": words.get(status, "INTERNAL"),
        }
        if status == 401:
            error = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}
            error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
        return {"error": error}

    def listing(self, model: str) -> Any:
        return {"name": f"models/{model}", "displayName": "M"}
