"""What the stand-in answers when it refuses: Discord's status, code, message and nested field errors.

    ApiError                an answer with a JSON body {"code", "message", "errors"?}
    ├── FormError           400 / 50035, errors nested by field
    └── RateLimited         429 with retry_after
        └── SlowMode        429 / 20016

Codes are those of Discord's developer documentation, "JSON error codes".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: where it is, Discord's error name and a sentence."""

    path: tuple[str | int, ...]
    code: str
    message: str

    def under(self, *prefix: str | int) -> FieldError:
        """Return the same error as seen from an enclosing object."""
        return FieldError((*prefix, *self.path), self.code, self.message)


class ApiError(Exception):
    """A refusal as Discord words it; `status` is HTTP's, `code` is Discord's."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        return {"message": self.message, "code": self.code}


class FormError(ApiError):
    """50035 Invalid Form Body, with every wrong field nested under its path."""

    def __init__(self, fields: Iterable[FieldError]) -> None:
        super().__init__(400, 50035, "Invalid Form Body")
        self.fields = tuple(fields)

    def body(self) -> dict[str, Any]:
        """Return the body with `errors` nested as Discord nests them (`_errors` lists at the leaves)."""
        tree: dict[str, Any] = {}
        for field in self.fields:
            node = tree
            for step in field.path:
                node = node.setdefault(str(step), {})
            node.setdefault("_errors", []).append({"code": field.code, "message": field.message})
        return {**super().body(), "errors": tree}


class RateLimited(ApiError):  # noqa: N818 - what it says is what Discord calls it
    """429: wait `retry_after` seconds; `scope` is user, shared or global."""

    def __init__(self, retry_after: float, *, scope: str = "user") -> None:
        super().__init__(429, 0, "You are being rate limited.")
        self.retry_after = retry_after
        self.scope = scope

    def body(self) -> dict[str, Any]:
        """Return Discord's rate-limit body."""
        return {"message": self.message, "retry_after": round(self.retry_after, 3), "global": self.scope == "global"}


class SlowMode(RateLimited):
    """20016: a person writes again before the channel's slow mode lets them."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.code = 20016
        self.message = "This action cannot be performed due to slowmode rate limit."

    def body(self) -> dict[str, Any]:
        """Return the rate-limit body with Discord's code."""
        return {**super().body(), "code": self.code}


def form_error(*path: str | int, code: str, message: str) -> FormError:
    """Return a 50035 with a single wrong field."""
    return FormError([FieldError(path, code, message)])


def unauthorized() -> ApiError:
    """Return 401 as Discord answers a wrong or missing token."""
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    """Return the plain 404 of an object without a code of its own."""
    return ApiError(404, 0, "404: Not Found")


UNKNOWN = {
    "account": 10001,
    "application": 10002,
    "channel": 10003,
    "guild": 10004,
    "integration": 10005,
    "invite": 10006,
    "member": 10007,
    "message": 10008,
    "overwrite": 10009,
    "role": 10011,
    "token": 10012,
    "user": 10013,
    "emoji": 10014,
    "webhook": 10015,
    "ban": 10026,
    "interaction": 10062,
    "command": 10063,
    "command permissions": 10066,
    "event": 10070,
}
_NAMES = {"overwrite": "Overwrite", "command": "application command", "event": "Guild Scheduled Event"}


def unknown(kind: str) -> ApiError:
    """Return 404 "Unknown <kind>" with the code of that kind (a key of UNKNOWN)."""
    name = _NAMES.get(kind, kind.capitalize())
    if kind == "command permissions":
        name = "Application command permissions"
    return ApiError(404, UNKNOWN[kind], f"Unknown {name}")


def missing_permissions() -> ApiError:
    """Return 50013: the channel is visible but the act is not allowed."""
    return ApiError(403, 50013, "Missing Permissions")


def missing_access() -> ApiError:
    """Return 50001: the channel or server itself is out of sight."""
    return ApiError(403, 50001, "Missing Access")
