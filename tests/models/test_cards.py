"""The models' cards: every message fits into Discord's limits, whatever an operator or the other side wrote."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from discord import ui

from bot.backends.base import Egress, Health, State
from bot.backends.listing import Line, lines_of
from bot.catalog import ModelCard, Openness, Price, Training, Where, load_catalog, where_of
from bot.errors import NotFoundError
from cogs.models.cards import MOST_ON_A_PAGE, in_order, list_card, model_card, page_with, pages_of
from cogs.models.controls import key_of, page_of

CARDS = load_catalog().cards
FREE = Egress()
READY = Health(State.READY)
ASLEEP = Health(State.ASLEEP, "asleep: starts with the first question")
MISSING = Health(State.MISSING, "set OPENAI_API_KEY")
TROUBLED = Health(
    State.TROUBLED, "in trouble: since 12:00; tried again at 12:10", {"detail": "401 from the other side"}
)
SMOL, LUNA, LLAMA = CARDS["smollm2-135m"], CARDS["gpt-6-luna"], CARDS["llama-3.1-8b"]


def texts(item: Any) -> Iterator[str]:
    if isinstance(item, dict):
        if item.get("type") == 10:
            yield item["content"]
        for value in item.values():
            yield from texts(value)
    elif isinstance(item, list):
        for value in item:
            yield from texts(value)


def parts_of(components: list[dict[str, Any]]) -> int:
    return sum(1 + parts_of(one.get("components", [])) for one in components)


def shown(view: ui.LayoutView) -> str:
    payload = view.to_components()
    assert parts_of(payload) <= 40
    text = "\n".join(texts(payload))
    assert len(text) <= 4000
    return text


def everyone(health: Health = MISSING) -> list[Line]:
    return lines_of(CARDS.values(), dict.fromkeys(CARDS, health))


def test_the_list_is_by_class_and_who_can_answer_comes_first() -> None:
    mine = replace(SMOL, key="mine", is_added=True)
    health = {SMOL.key: READY, "mine": READY, LUNA.key: READY}
    ordered = in_order(lines_of([LLAMA, CARDS["smollm2-360m"], LUNA, SMOL, mine], health))
    assert [line.card.key for line in ordered] == ["mine", SMOL.key, "smollm2-360m", LLAMA.key, LUNA.key]


@pytest.mark.parametrize("health", [READY, ASLEEP, MISSING, TROUBLED, Health(State.MISSING, "`x` *y* " * 100)])
@pytest.mark.parametrize("egress", [FREE, Egress(open_only=True), Egress(open_only=True, stays_here=True)])
def test_every_page_fits_and_every_model_is_on_one(health: Health, egress: Egress) -> None:
    lines = everyone(health)
    pages = pages_of(lines, egress)
    assert [line.card.key for page in pages for line in page.lines] == [line.card.key for line in in_order(lines)]
    assert all(0 < len(page.lines) <= MOST_ON_A_PAGE for page in pages)
    for page in pages:
        text = shown(list_card(page, lines, egress))
        assert f"Page {page.number + 1} of {len(pages)}." in text
    for line in lines:
        assert line in pages[page_with(line.card.key, pages)].lines


def test_what_answers_no_questions_is_not_counted_and_comes_last() -> None:
    lines = lines_of([CARDS["minilm-l6"], SMOL], {SMOL.key: ASLEEP, "minilm-l6": ASLEEP})
    assert [line.card.key for line in in_order(lines)] == [SMOL.key, "minilm-l6"]
    assert "1 of 2 models can answer" in shown(list_card(pages_of(lines, FREE)[0], lines, FREE))


def test_no_models_are_one_empty_page() -> None:
    (page,) = pages_of([], FREE)
    assert "0 of 0 models can answer" in shown(list_card(page, [], FREE))
    assert page_with("anything", [page]) == 0


def test_a_list_says_states_in_words() -> None:
    lines = lines_of([SMOL, LLAMA, LUNA, CARDS["codestral"]], {
        SMOL.key: ASLEEP, LLAMA.key: READY, LUNA.key: MISSING, "codestral": TROUBLED,
    })  # fmt: skip
    text = shown(list_card(pages_of(lines, FREE)[0], lines, FREE))
    assert "2 of 4 models can answer in this server now." in text
    assert "💤 SmolLM2 135M · on this machine · asleep: starts with the first question" in text
    assert "✅ Llama 3.1 8B · on this machine · ready" in text
    assert "⚪ GPT-6 Luna · at OpenAI · not set up: set OPENAI\\_API\\_KEY" in text
    assert "⚠️ Codestral · at Mistral AI · in trouble: since 12:00" in text
    assert "401" not in text, "details are for the operator"
    for heading in ("**Open**: weights that anybody", "**Restricted**: weights under", "**Closed**: no weights"):
        assert heading in text


def test_a_servers_rule_is_shown_where_it_refuses() -> None:
    egress = Egress(open_only=True, stays_here=True)
    lines = lines_of([SMOL, LUNA], {SMOL.key: READY, LUNA.key: READY})
    text = shown(list_card(pages_of(lines, egress)[0], lines, egress))
    assert "1 of 2 models can answer in this server now." in text
    assert "This server's rule: open models only and nothing leaves the bot's machine." in text
    assert "⛔ GPT-6 Luna · at OpenAI · not in this server" in text
    assert "⛔ Not in this server: this server allows open models only" in shown(model_card(Line(LUNA, READY), egress))
    assert "⛔" not in shown(model_card(Line(SMOL, READY), egress))


@pytest.mark.parametrize("card", CARDS.values(), ids=list(CARDS))
def test_every_shipped_card_fits_whole(card: ModelCard) -> None:
    text = shown(model_card(Line(card, MISSING), FREE))
    assert "…" not in text, "nothing of a shipped card is cut off"
    for name in ("Weights", "Code", "Data", "Licence", "Access"):
        assert f"- {name}: " in text
    assert card.licence_url in text
    assert card.attribution in text
    assert "From stored copies of its maker's pages, looked up on 28 November 2026: <https" in text
    for fact in ("weights", "code", "data", "licence", "access"):
        told = text.partition("not looked up: ")[2]
        assert (fact in told) is (fact in card.not_looked_up)
    if card.price:
        assert f"{card.price.source}, looked up on 28 November 2026." in text
    elif where_of(card) is Where.ELSEWHERE:
        assert "its price is not known here, so no cost is shown" in text


def test_a_card_says_what_on_it_was_not_looked_up() -> None:
    partly = replace(SMOL, not_looked_up=("code", "context", "parameters", "training"))
    text = shown(model_card(Line(partly, ASLEEP), FREE))
    assert (
        "From general knowledge, not looked up: code, how much it reads at once, its size "
        "and whether what is sent trains models" in text
    )
    text = shown(model_card(Line(replace(SMOL, looked_up=None), ASLEEP), FREE))
    assert "This card is from general knowledge: nothing on it was looked up. Only you see this." in text
    assert "2026" not in text


def test_a_local_models_card() -> None:
    text = shown(model_card(Line(SMOL, ASLEEP), FREE))
    assert "### SmolLM2 135M" in text
    assert "**Open**: weights that anybody may run. By Hugging Face, of the SmolLM2 family." in text
    assert "💤 **Asleep**: starts with the first question" in text
    assert "licence: [Apache-2.0](<https://www.apache.org/licenses/LICENSE-2.0>)" in text
    assert "- Where: on the machine that the bot runs on; what you ask stays on it." in text
    assert "- Cost: none." in text
    assert "- Size: 135M parameters, 8,192 tokens at once" in text
    assert "- For: answer, summarise, translate, code" in text
    assert "**Conditions**" not in text
    assert "Whoever runs the bot" not in text


def test_a_closed_models_card() -> None:
    text = shown(model_card(Line(LUNA, MISSING), FREE))
    assert "⚪ **Not set up**: set OPENAI\\_API\\_KEY\nWhoever runs the bot can switch it on." in text
    assert "- Where: at OpenAI; what you ask is sent there." in text
    assert "- Training: OpenAI does not train on what is sent" in text
    assert "$0.10 for a million tokens read, $0.50 written. From https://developers.openai.com" in text
    assert "28 November 2026" in text
    assert "pictures" in text
    assert "parameters" not in text


def test_llamas_card_shows_what_its_licence_demands() -> None:
    text = shown(model_card(Line(LLAMA, MISSING), FREE))
    assert "- Built with Llama" in text
    assert "- Meta's Acceptable Use Policy forbids a list of uses." in text


def test_what_a_card_does_not_know_it_says() -> None:
    unknown = replace(
        LUNA, price=None, training=Training.UNKNOWN, training_note="", licence="not stated", licence_url="",
        reasons={"access": "Not stated by whoever runs this bot."}, is_added=True, context=None, tasks=frozenset(),
        images=False, looked_up=None,
    )  # fmt: skip
    text = shown(model_card(Line(unknown, READY), FREE))
    assert "its price is not known here, so no cost is shown" in text
    assert "Whether what is sent trains models is not known." in text
    assert "licence: not stated\n- Access: Not stated" in text
    assert "as whoever runs the bot wrote it" in text
    assert "Size:" not in text
    assert "For:" not in text
    trains = shown(model_card(Line(replace(unknown, training=Training.YES, is_added=False), READY), FREE))
    assert "may train models, unless its maker was told otherwise" in trains
    assert "from general knowledge: nothing on it was looked up" in trains
    assert "What is sent trains no model." in shown(
        model_card(Line(replace(unknown, training=Training.NO), READY), FREE)
    )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (999, "999 parameters"),
        (22_700_000, "22.7M"),
        (8 * 10**9, "8B"),
        (1_050 * 10**9, "1.05T"),
        (1_235_814_400, "1.24B"),
    ],
)
def test_sizes_as_people_write_them(parameters: int, said: str) -> None:
    assert said in shown(model_card(Line(replace(SMOL, parameters=parameters), READY), FREE))


def test_small_prices_keep_their_digits() -> None:
    price = Price(Decimal("0.0375"), Decimal("0.150"), "a contract", date(2026, 1, 2))
    text = shown(model_card(Line(replace(LUNA, price=price), READY), FREE))
    assert "$0.0375 for a million tokens read, $0.15 written. From a contract, looked up on 2 January 2026." in text


def test_whatever_an_operator_writes_fits_and_formats_nothing() -> None:
    wild = "**@everyone** [x](https://x.example) `" + "long " * 60
    card = replace(
        LUNA, name="*" * 60, maker="_" * 60, family="~" * 60, licence="[" * 60, attribution=wild, training_note=wild,
        reasons=dict.fromkeys(LUNA.reasons, wild), conditions=(wild,) * 12, is_added=True, provider="|" * 60,
        sources=("https://example.org/" + "x" * 400,) * 10, licence_url="https://example.org/" + "y" * 400,
    )  # fmt: skip
    for added in (True, False):
        text = shown(model_card(Line(replace(card, is_added=added), Health(State.TROUBLED, wild * 9)), FREE))
        assert "@everyone" not in text
        assert "[x](https" not in text
    lines = [Line(replace(card, key=f"k{number}"), Health(State.MISSING, wild)) for number in range(30)]
    for page in pages_of(lines, FREE):
        shown(list_card(page, lines, FREE))


@pytest.mark.parametrize("key", [*CARDS, "a_b.c-d"])
def test_keys_of_models_travel_in_controls(key: str) -> None:
    line = Line(replace(SMOL, key=key, openness=Openness.OPEN), READY)
    (button,) = [
        item for row in model_card(line, FREE).to_components()[0]["components"] if row["type"] == 1
        for item in row["components"] if item["label"] == "Check again"
    ]  # fmt: skip
    assert key_of(button["custom_id"].rpartition(":")[2]) == key


def test_pages_that_controls_name() -> None:
    assert page_of("12") == 12
    for wrong in ("", "-1", "1000", "x", "٣"):
        with pytest.raises(NotFoundError, match="Use /models again"):
            page_of(wrong)
