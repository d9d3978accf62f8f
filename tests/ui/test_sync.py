"""Two lists of commands that mean the same are the same, however Discord words them."""

from typing import Any

import pytest

from cogs.sync import normal_set

OURS: list[dict[str, Any]] = [
    {
        "name": "poll",
        "type": 1,
        "description": "Polls",
        "nsfw": False,
        "contexts": [0],
        "integration_types": [0],
        "dm_permission": False,
        "default_member_permissions": None,
        "options": [{"type": 1, "name": "create", "description": "Write", "options": []}],
    },
    {
        "name": "help",
        "type": 1,
        "description": "Help",
        "default_member_permissions": 32,
        "options": [{"type": 3, "name": "t", "description": "x", "required": False}],
    },
]
THEIRS: list[dict[str, Any]] = [
    {
        "id": "1",
        "application_id": "2",
        "version": "3",
        "name": "help",
        "type": 1,
        "description": "Help",
        "description_localizations": None,
        "default_member_permissions": "32",
        "options": [{"type": 3, "name": "t", "description": "x"}],
    },
    {
        "id": "4",
        "application_id": "2",
        "version": "5",
        "name": "poll",
        "description": "Polls",
        "contexts": [0],
        "integration_types": [0],
        "options": [{"type": 1, "name": "create", "description": "Write"}],
    },
]


def test_the_same_in_other_words() -> None:
    assert normal_set(OURS) == normal_set(THEIRS)


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Other"},
        {"contexts": [0, 1]},
        {"nsfw": True},
        {"options": [*OURS[0]["options"], {"type": 1, "name": "x", "description": "x"}]},
        {"options": []},
        {"default_member_permissions": "0"},
        {"type": 2},
    ],
)
def test_every_difference_shows(change: dict[str, Any]) -> None:
    assert normal_set([OURS[0] | change, OURS[1]]) != normal_set(THEIRS)
