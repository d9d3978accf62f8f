"""What `rostrum models` prints, without the command line."""

import json
from dataclasses import replace

from bot.backends.base import Backend, Health, State
from bot.backends.listing import Line, all_is_well, as_json, lines_of, probe_all, table, told
from bot.backends.scripted import ScriptedBackend
from bot.catalog import load_catalog

CARDS = load_catalog().cards
SMOL, LLAMA, LUNA = CARDS["smollm2-135m"], CARDS["llama-3.1-8b"], CARDS["gpt-6-luna"]
READY, MISSING = Health(State.READY), Health(State.MISSING, "set OPENAI_API_KEY")
GATED = Health(
    State.MISSING,
    "weights are gated: accept the licence at https://hub.example/meta-llama/llama-3.1 and set HF_TOKEN, then run it",
)
HEALTH = {SMOL.key: READY, LLAMA.key: GATED, LUNA.key: MISSING}


class Broken(ScriptedBackend):
    async def probe(self) -> Health:
        raise RuntimeError("a secret")


def test_a_table_says_what_is_missing_and_what_to_do() -> None:
    rows = table(lines_of([LUNA, LLAMA, SMOL], HEALTH)).splitlines()
    assert rows[0].split() == ["KEY", "NAME", "CLASS", "BACKEND", "STATE", "WHAT", "TO", "KNOW"]
    assert rows[1].split() == ["smollm2-135m", "SmolLM2", "135M", "open", "local", "ready"]
    assert rows[2].startswith("llama-3.1-8b  Llama 3.1 8B  restricted  local       not set up  weights are gated:")
    assert rows[3].endswith("closed      openai_api  not set up  set OPENAI_API_KEY")
    assert rows[4:] == ["", "3 models: 1 ready, 2 not set up."]


def test_on_a_terminal_the_last_column_is_broken_into_lines() -> None:
    lines = lines_of([LUNA, LLAMA, SMOL], HEALTH)
    wide = table(lines, 110).splitlines()
    assert max(map(len, wide)) <= 110
    start = wide[0].index("WHAT")
    assert wide[3].startswith(" " * start + "h"), "an address is not broken"
    assert " ".join("\n".join(wide).split()) == " ".join(table(lines).split())
    assert table(lines, 60) == table(lines), "too narrow for a column"


def test_details_are_told_and_cannot_move_the_cursor() -> None:
    health = Health(
        State.TROUBLED, "in trouble: no key", {"trouble": "401\x1b[2J\nno", "waiting": "", "answering": "2"}
    )
    text = table([Line(LUNA, health)])
    assert "in trouble  no key; trouble: 401 [2J no; answering: 2\n" in text
    assert text.endswith("1 model: 1 in trouble.")
    assert table([]).endswith("0 models.")


def test_what_the_state_says_is_not_said_twice() -> None:
    assert told(Health(State.ASLEEP, "asleep: starts with the first question")) == "starts with the first question"
    assert told(Health(State.READY, "ready")) == ""
    assert told(MISSING) == "set OPENAI_API_KEY"


def test_a_model_that_no_backend_knows_is_not_set_up() -> None:
    (line,) = lines_of([SMOL], {})
    assert line.health == Health(State.MISSING, "not known to the backends")


def test_when_all_is_well() -> None:
    troubled = Health(State.TROUBLED, "x")
    assert all_is_well(lines_of([SMOL, LUNA], HEALTH))
    assert all_is_well(lines_of([SMOL], {SMOL.key: Health(State.ASLEEP)}))
    assert not all_is_well(lines_of([LUNA], HEALTH)), "nobody can answer"
    assert not all_is_well(lines_of([CARDS["minilm-l6"]], {"minilm-l6": READY})), "it answers no questions"
    assert not all_is_well(lines_of([SMOL, LUNA], {**HEALTH, LUNA.key: troubled}))


def test_json_says_all_of_it() -> None:
    listed = json.loads(as_json(lines_of([SMOL, LUNA], HEALTH)))
    smol, luna = listed
    assert smol["key"] == "smollm2-135m"
    assert (smol["where"], smol["receiver"], smol["price"], smol["usable"]) == ("worker", "", None, True)
    assert (luna["state"], luna["text"], luna["receiver"]) == ("missing", "set OPENAI_API_KEY", "OpenAI")
    assert luna["price"]["read"] == "0.1"
    assert luna["price"]["looked_up"] == "2026-11-28"
    assert set(luna["reasons"]) == {"weights", "code", "data", "licence", "access"}


async def test_one_that_cannot_be_asked_does_not_hide_the_others() -> None:
    backends: list[Backend] = [ScriptedBackend(replace(SMOL, backend="scripted")), Broken(LUNA)]
    found = await probe_all(backends)
    assert found == {
        SMOL.key: READY,
        LUNA.key: Health(State.TROUBLED, "could not be asked (RuntimeError)"),
    }
    assert await probe_all([]) == {}
