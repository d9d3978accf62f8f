"""Whatever JSON a bot sends, it is taken or refused in Discord's words, never a crash."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import ApiError, FormError
from sandbox.validate.message import V2, check_create
from sandbox.validate.modal import check_modal
from sandbox.world import World

Json = dict[str, Any]

scalars = st.none() | st.booleans() | st.integers(-5, 1 << 70) | st.floats() | st.text(max_size=5)
names = st.sampled_from(
    (
        "type",
        "id",
        "components",
        "component",
        "accessory",
        "items",
        "media",
        "url",
        "options",
        "label",
        "value",
        "custom_id",
        "style",
        "content",
        "min_values",
        "max_values",
        "default_values",
        "channel_types",
        "emoji",
        "name",
        "file",
        "text",
        "fields",
        "footer",
    )
)
kinds = st.sampled_from([*range(1, 24), "2", 2.0, None, [], {}])
rubbish = st.recursive(
    scalars | kinds,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=6),
    max_leaves=25,
)
components = st.recursive(
    st.fixed_dictionaries({"type": kinds}, optional={"custom_id": rubbish, "style": rubbish, "label": rubbish}),
    lambda inner: st.fixed_dictionaries(
        {"type": kinds},
        optional={
            "components": st.lists(inner, max_size=4) | rubbish,
            "accessory": inner,
            "component": inner,
            "options": rubbish,
            "items": rubbish,
            "id": rubbish,
        },
    ),
    max_leaves=15,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "content": rubbish,
        "flags": st.sampled_from([0, V2, "32768", None, []]),
        "components": st.lists(components | rubbish, max_size=6) | rubbish,
        "embeds": st.lists(rubbish, max_size=4) | rubbish,
        "allowed_mentions": st.dictionaries(st.sampled_from(["parse", "users", "roles"]), rubbish) | rubbish,
        "poll": st.dictionaries(st.sampled_from(["question", "answers", "duration"]), rubbish) | rubbish,
        "attachments": rubbish,
        "message_reference": rubbish,
        "nonce": rubbish,
        "sticker_ids": rubbish,
    },
)


@settings(max_examples=300, deadline=None)
@given(bodies)
def test_message_bodies(body: Json) -> None:
    with contextlib.suppress(ApiError):
        draft = check_create(World(), body)
        assert isinstance(draft.text, str)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries({}, optional={"custom_id": rubbish, "title": rubbish, "components": st.lists(components)}))
def test_modals(body: Json) -> None:
    with contextlib.suppress(ApiError):
        assert check_modal(body)["components"]


def test_components_nested_without_end() -> None:
    nested: Json = {"type": 10, "content": "x"}
    for _ in range(5_000):
        nested = {"type": 17, "components": [nested]}
    for flags in (0, V2):
        with contextlib.suppress(FormError):
            check_create(World(), {"components": [nested], "flags": flags})
            raise AssertionError("refused it must be")
