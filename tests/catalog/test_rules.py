"""What follows from a card: where it runs, who receives what is sent, what is missing; and finding cards."""

from dataclasses import replace

import pytest

from bot.catalog import (
    Catalog,
    LackKind,
    ModelCard,
    Openness,
    Training,
    Where,
    lacks,
    load_catalog,
    receiver_of,
    where_of,
)

CARDS = load_catalog().cards
PLAIN = CARDS["gpt-6-luna"]


def keyless(_name: str) -> str | None:
    return None


@pytest.mark.parametrize(
    ("address", "where"),
    [
        ("http://127.0.0.1:8000/v1", Where.MACHINE),
        ("http://127.9.9.9/v1", Where.MACHINE),
        ("http://[::1]:8000/v1", Where.MACHINE),
        ("http://localhost/v1", Where.MACHINE),
        ("http://localhost.example/v1", Where.ELSEWHERE),
        ("http://192.168.0.7/v1", Where.ELSEWHERE),
        ("https://api.openai.com/v1", Where.ELSEWHERE),
        ("", Where.ELSEWHERE),
    ],
)
def test_where_a_model_runs(address: str, where: Where) -> None:
    assert where_of(replace(PLAIN, address=address)) is where


def test_local_models_run_in_a_worker() -> None:
    assert where_of(CARDS["smollm2-135m"]) is Where.WORKER
    assert receiver_of(CARDS["smollm2-135m"]) == ""


def test_who_receives_what_is_sent() -> None:
    assert receiver_of(PLAIN) == "OpenAI"
    assert receiver_of(replace(PLAIN, provider="")) == "api.openai.com"
    assert receiver_of(replace(PLAIN, provider="", address="")) == "OpenAI"
    assert receiver_of(replace(PLAIN, address="http://localhost/v1")) == ""


def test_a_key_is_missing_until_it_is_set() -> None:
    (lack,) = lacks(PLAIN, keyless, ())
    assert (lack.kind, lack.name, lack.text) == (LackKind.KEY, "OPENAI_API_KEY", "set OPENAI_API_KEY")
    assert lacks(PLAIN, {"OPENAI_API_KEY": "k"}.get, ()) == ()
    assert lacks(CARDS["smollm2-135m"], keyless, ()) == ()


def test_gated_weights_want_a_licence_accepted() -> None:
    (lack,) = lacks(CARDS["llama-3.1-8b"], keyless, ())
    assert lack.kind is LackKind.GATE
    assert lack.text == (
        "weights are gated: accept the licence at "
        "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct and set HF_TOKEN"
    )


def test_conditions_have_to_be_attested() -> None:
    key, attestation = lacks(CARDS["gemini-3.8-flash"], keyless, ())
    assert key.name == "GEMINI_API_KEY"
    assert (attestation.kind, attestation.name) == (LackKind.ATTESTATION, "gemini")
    assert attestation.text == (
        "attest that the key is of the paid tier and nobody under 18 is likely to use the bot: "
        'add "gemini" to ROSTRUM_ATTESTED'
    )
    assert lacks(CARDS["gemini-3.8-flash"], {"GEMINI_API_KEY": "k"}.get, {"gemini"}) == ()


def test_who_trains_is_refused_until_attested_otherwise() -> None:
    trains = replace(PLAIN, training=Training.YES, attest="training:x", key_setting="", attestation="")
    (lack,) = lacks(trains, keyless, {"gemini"})
    assert lack.text == 'attest that OpenAI does not train on what is sent: add "training:x" to ROSTRUM_ATTESTED'
    assert "attest that Mine" in lacks(replace(trains, provider="", maker="Mine"), keyless, ())[0].text
    (other,) = lacks(replace(trains, training=Training.NO), keyless, ())
    assert other.text == 'attest that its conditions are met: add "training:x" to ROSTRUM_ATTESTED'


def found(typed: str, *cards: ModelCard) -> list[str]:
    return [card.key for card in Catalog(cards or CARDS.values()).find(typed)]


def test_finding_by_what_is_typed() -> None:
    assert found("") == list(CARDS)
    assert found("  ") == list(CARDS)
    assert found("SmolLM2 135M")[0] == "smollm2-135m"
    assert found("llama")[0] == "llama-3.2-1b"
    assert found("8b llama") == ["llama-3.1-8b"]
    assert found("claude son") == ["claude-sonnet-5.5"]
    assert set(found("anthropic")) == {"claude-haiku-5.5", "claude-sonnet-5.5", "claude-opus-5.5"}
    assert found("open bloom")[0] == "bloom-560m"
    assert found("no such model") == []


def test_the_best_comes_first() -> None:
    first = replace(PLAIN, key="gpt-mini-extra", name="Extra")
    exact = replace(PLAIN, key="gpt-mini", name="Mini")
    inside = replace(PLAIN, key="my-gpt-mini", name="Mine")
    about = replace(PLAIN, key="other", name="Other", model="gpt-mini", openness=Openness.OPEN)
    assert found("gpt-mini", about, inside, first, exact) == ["gpt-mini", "gpt-mini-extra", "my-gpt-mini", "other"]


def test_getting_by_key() -> None:
    catalog = load_catalog()
    card = catalog.get("gpt-6-luna")
    assert card
    assert card.name == "GPT-6 Luna"
    assert catalog.get("gpt") is None
