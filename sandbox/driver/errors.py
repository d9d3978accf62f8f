"""What the driver raises; every text says what was wanted and what was found instead.

StageError
├── Refused             the stage refused an act: status, code, body
├── InteractionFailed   a bot did not answer, or is offline
├── NotFound            no such person, channel, command, control...; what there is is listed
└── WaitedInVain        a wait ran out; also a TimeoutError
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_LISTED = 30


class StageError(Exception):
    """Anything that went wrong on the stage."""


class Refused(StageError):  # noqa: N818 - these names say what happened
    """The stage refused an act, as Discord refuses a client: `status`, Discord's `code` and the whole `body`."""

    def __init__(self, what: str, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.code: int = body.get("code", 0)
        self.body = body
        wrong = [f"{path or 'body'}: {text}" for path, text in _leaves(body.get("errors"))]
        reason = "; ".join([str(body.get("message", "refused")), *wrong])
        super().__init__(f"{what} was refused ({status}/{self.code}): {reason}")


class InteractionFailed(StageError):  # noqa: N818
    """An interaction ended without an answer."""


class NotFound(StageError):  # noqa: N818
    """Something named is not there, or is there more than once."""


class WaitedInVain(StageError, TimeoutError):  # noqa: N818
    """What was waited for did not come in time."""


def listed(names: Iterable[str]) -> str:
    """Return names for a message of an error, at most thirty."""
    found = list(names)
    shown = ", ".join(repr(name) for name in found[:_MOST_LISTED])
    more = f" and {len(found) - _MOST_LISTED} more" if len(found) > _MOST_LISTED else ""
    return (shown or "nothing") + more


def _leaves(errors: object, path: str = "") -> Iterable[tuple[str, str]]:
    if not isinstance(errors, dict):
        return
    for key, value in cast("dict[str, Any]", errors).items():
        if key == "_errors":
            yield path, " ".join(str(one.get("message")) for one in value)
        else:
            yield from _leaves(value, f"{path}.{key}" if path else key)
