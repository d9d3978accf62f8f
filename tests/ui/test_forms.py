"""Forms: what Discord would refuse is seen when they are built; what comes back is hostile until it is checked."""

from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.forms import (
    Channels,
    Checks,
    Choice,
    Choices,
    Filled,
    Note,
    Question,
    Radio,
    Roles,
    Text,
    Tick,
    Typed,
    form,
)
from cogs.ui.submitted import Submitted
from sandbox.validate.modal import check_modal

TWO = (Choice("a", "First"), Choice("b", "Second", "The other"))
EVERY: tuple[Question, ...] = (
    Text("name", "Name", "Of the bell", 5, "Great"),
    Radio("tone", "Tone", "How it sounds", TWO),
    Checks("hours", "Hours", "When it rings", TWO),
    Choices("metal", "Metal", "What it is made of", TWO, placeholder="Metal"),
    Roles("ringers", "Ringers", "Who may ring", most=3),
)
MORE: tuple[Question | Note, ...] = (
    Note("**Read** this."),
    Channels("places", "Places", "Where", (discord.ChannelType.text,), most=2),
    Tick("loud", "Loud", "Wakes everybody"),
    Text("story", "Story", "", 4000, long=True, required=False),
    Radio("maybe", "Maybe", "x", TWO, required=False),
)


def shown(questions: Any, filled: Filled) -> list[dict[str, Any]]:
    """What the person's client gets, as the stand-in checks it."""
    components = check_modal(form("Bell", "bells:v1:cast:", questions, filled).to_dict())["components"]
    return [part.get("component") or part for part in components]


def test_every_question_opens_filled_in() -> None:
    name, tone, hours, metal, ringers = shown(
        EVERY, {"name": "Great bell", "tone": "b", "hours": ("a", "b"), "metal": ["b"], "ringers": ("7", "8")}
    )
    assert (name["value"], name["max_length"]) == ("Great", 5)
    assert [option["default"] for option in tone["options"]] == [False, True]
    assert [option["default"] for option in hours["options"]] == [True, True]
    assert (hours["required"], hours["min_values"], hours["max_values"]) == (False, 0, 2)
    assert [option["default"] for option in metal["options"]] == [False, True]
    assert metal["options"][1]["description"] == "The other"
    assert ringers["default_values"] == [{"id": "7", "type": "role"}, {"id": "8", "type": "role"}]


def test_the_others_too() -> None:
    note, places, loud, story, maybe = shown(MORE, {"places": ("5",), "loud": ("true",)})
    assert note["content"] == "**Read** this."
    assert places["default_values"] == [{"id": "5", "type": "channel"}]
    assert places["channel_types"] == [0]
    assert loud["default"] is True
    assert (story["style"], story["required"], "value" in story) == (2, False, False)
    assert maybe["required"] is False


def test_nothing_filled_in_is_fine_as_well() -> None:
    assert len(shown(EVERY, {})) == len(shown(MORE, {})) == 5


def test_what_does_not_fit_is_left_out() -> None:
    filled = {
        "name": ("x",),
        "tone": ("a", "b"),
        "hours": ("zzz",),
        "metal": "zzz",
        "ringers": ("x", "1", "2", "3", "4"),
    }
    name, tone, hours, metal, ringers = shown(EVERY, filled)
    assert "value" not in name
    assert [option["default"] for option in tone["options"]] == [True, False]
    assert not any(option["default"] for option in hours["options"] + metal["options"])
    assert [one["id"] for one in ringers["default_values"]] == ["1", "2", "3"]
    (two,) = shown([Roles("ringers", "Ringers", "x", fewest=2, most=3)], {"ringers": ("1",)})
    assert "default_values" not in two


def test_long_words_are_cut_as_discord_would_refuse_them() -> None:
    long = [Choice(str(number), "l" * 300, "h" * 300) for number in range(25)]
    modal = form("t" * 99, "bells:v1:cast:", [Choices("metal", "l" * 99, "h" * 999, long, placeholder="p" * 999)], {})
    assert check_modal(modal.to_dict())["title"] == "t" * 44 + "…"


@pytest.mark.parametrize(
    "questions",
    [
        (),
        (*EVERY, Note("x")),
        (Radio("tone", "Tone", "x", TWO[:1]),),
        (Radio("tone", "Tone", "x", [Choice(str(n), "x") for n in range(11)]),),
        (Checks("hours", "Hours", "x", ()),),
        (Checks("hours", "Hours", "x", [Choice(str(n), "x") for n in range(11)]),),
        (Choices("metal", "Metal", "x", [Choice(str(n), "x") for n in range(26)]),),
        (Choices("metal", "Metal", "x", (TWO[0], TWO[0])),),
    ],
)
def test_what_discord_would_refuse_is_not_built(questions: tuple[Question, ...]) -> None:
    with pytest.raises(ValueError, match=r"parts|choices"):
        form("Bell", "bells:v1:cast:", questions, {})


def label(**field: Any) -> dict[str, Any]:
    return {"type": 18, "component": field}


def test_answers_are_read_by_name() -> None:
    back = Submitted.read(
        {
            "components": [
                label(type=4, custom_id="name", value="Big"),
                label(type=21, custom_id="tone", value="b"),
                label(type=22, custom_id="hours", values=["a", "b", "a"]),
                label(type=23, custom_id="loud", value=True),
                label(type=6, custom_id="ringers", values=["7", "8"]),
                {"type": 1, "components": [{"type": 4, "custom_id": "old", "value": "row"}]},
                {"type": 10, "id": 3},
            ]
        }
    )
    assert (back.text("name"), back.text("old"), back.text("tone"), back.text("nothing")) == ("Big", "row", "", "")
    assert back.chosen("tone") == ("b",)
    assert back.chosen("hours") == ("a", "b")
    assert back.chosen("hours", among={"b"}) == ("b",)
    assert back.chosen("nothing") == back.ids("nothing") == ()
    assert back.ids("ringers") == (7, 8)
    assert back.ticked("loud")
    assert not back.ticked("tone")
    assert back.filled["hours"] == ("a", "b")


@pytest.mark.parametrize(
    "field",
    [
        {"type": 4, "custom_id": "x", "value": 7},
        {"type": 4, "custom_id": "x", "value": ["x"]},
        {"type": 3, "custom_id": "x", "values": "abc"},
        {"type": 3, "custom_id": "x", "values": [1, None, {}, "", "y" * 101]},
        {"type": 6, "custom_id": "x", "values": ["seven", "-1", "\u0661", "9" * 20]},
        {"type": 21, "custom_id": "x", "value": None},
        {"type": 21, "custom_id": "x", "values": ["a"]},
        {"type": 23, "custom_id": "x", "value": "true"},
        {"type": 99, "custom_id": "x", "value": "x"},
        {"type": 4, "custom_id": ["x"], "value": "x"},
        {"type": [4], "custom_id": "x", "value": "x"},
    ],
)
def test_rubbish_is_no_answer(field: dict[str, Any]) -> None:
    back = Submitted.read({"components": [label(**field)]})
    assert (back.text("x"), back.chosen("x"), back.ticked("x")) == ("", (), False)


def test_floods_are_cut() -> None:
    many = [str(number) for number in range(1000)]
    fields = [label(type=3, custom_id="x", values=many), label(type=4, custom_id="y", value="y" * 99_999)]
    back = Submitted.read({"components": fields})
    assert (len(back.chosen("x")), len(back.text("y"))) == (25, 4000)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([3, 4, 6, 21, 22, 23]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["components", "component", "type", "custom_id", "value", "values"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(json)
def test_nothing_that_anybody_sends_breaks_the_reading(sent: Any) -> None:
    back = Submitted.read({"components": sent})
    assert all(isinstance(text, str) for text in back.texts.values())
    assert all(isinstance(one, str) for values in back.choices.values() for one in values)


def test_what_was_typed_is_kept_for_a_while() -> None:
    typed: Typed[dict[str, str]] = Typed()
    for number in range(600):
        typed.keep(str(number), {"n": str(number)})
    assert typed.get("0") is None
    assert typed.get("599") == {"n": "599"}
    typed.drop("599")
    typed.drop("599")
    assert typed.get("599") is None
