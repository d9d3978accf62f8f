"""How lists are paged: `limit`, and the ids `before` and `after` which they are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.rest.call import Call


def window(call: Call, ids: list[int], default: int, most: int) -> list[int]:
    """Return a page of ids that are in ascending order; `before` alone takes the last ones before it."""
    limit = call.number("limit", default, 1, most)
    before, after = call.snowflake("before"), call.snowflake("after")
    found = [one for one in ids if (before is None or one < before) and (after is None or one > after)]
    return found[-limit:] if before is not None and after is None else found[:limit]
