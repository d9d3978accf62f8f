"""`rostrum models` as an operator uses it: what is there, what is missing, and, when asked to, who really answers."""

import json
import re

from tests.backends.servers import ModelServer
from tests.cli.running import Cli

FILE = """
[models.good]
name = "Good"
address = "{good}"
model = "test-model"
key_setting = "GOOD_API_KEY"
[models.wrong-key]
like = "good"
name = "Wrong key"
address = "{good}"
model = "test-model"
key_setting = "WRONG_API_KEY"
[models.away]
like = "good"
name = "Away"
address = "http://127.0.0.1:9/v1"
model = "test-model"
"""


def offline(cli: Cli) -> Cli:
    """No key and no weights of the machine that the tests run on change what they see."""
    cli.environ = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY"), "")
    cli.environ["HF_HUB_CACHE"] = "hub"
    return cli


def row(out: str, key: str) -> str:
    return next(line for line in out.splitlines() if line.startswith(f"{key} "))


async def test_it_lists_every_model_with_what_is_missing_and_what_to_do(cli: Cli) -> None:
    status, out, err = await offline(cli).run("models")
    assert (status, err) == (0, "")
    assert out.startswith("KEY ")
    assert row(out, "gpt-6-luna").endswith("openai_api     not set up  set OPENAI_API_KEY")
    assert "accept the licence at https://huggingface.co/meta-llama/Llama-3.2-1B-Instruct and set HF_TOKEN" in row(
        out, "llama-3.2-1b"
    )
    assert 'add "gemini" to ROSTRUM_ATTESTED' in row(out, "gemini-3.8-flash")
    assert 'add "training:mistral" to ROSTRUM_ATTESTED' in row(out, "mistral-large-3")
    assert not (cli.folder / "data").exists(), "looking changes nothing"


async def test_a_key_and_an_attestation_switch_a_model_on(cli: Cli) -> None:
    offline(cli).environ |= {"GEMINI_API_KEY": "k3y-secret", "ROSTRUM_ATTESTED": "Gemini, training:mistral"}
    status, out, err = await cli.run("models", "gemini")
    assert (status, err) == (0, "")
    assert row(out, "gemini-3.8-flash").split()[-1] == "ready"
    assert "k3y-secret" not in out
    _, out, _ = await cli.run("models", "codestral")
    assert row(out, "codestral").endswith("not set up  set MISTRAL_API_KEY")


async def test_probing_really_asks(cli: Cli) -> None:
    async with ModelServer.openai(key="sk-right") as server:
        (cli.folder / "models.toml").write_text(FILE.format(good=server.address), "utf-8")
        offline(cli).environ |= {
            "ROSTRUM_MODELS_FILE": "models.toml", "GOOD_API_KEY": "sk-right", "WRONG_API_KEY": "sk-wrong",
        }  # fmt: skip
        status, out, _ = await cli.run("models", "test-model")
        assert status == 0
        assert [row(out, key).split()[-1] for key in ("good", "wrong-key", "away")] == ["ready"] * 3, "nobody was asked"
        assert server.requests == []
        status, out, err = await cli.run("models", "--probe", "closed")
        assert (status, err) == (1, ""), "one that is set up does not answer"
        assert server.requests
        assert row(out, "good").split()[-1] == "ready"
        assert "in trouble" in row(out, "wrong-key")
        assert "key" in row(out, "wrong-key").partition("in trouble")[2]
        assert "in trouble" in row(out, "away")
        assert "sk-" not in out
        status, out, _ = await cli.run("models", "--probe", "--json", "good")
        assert status == 0
        (good,) = (one for one in json.loads(out) if one["key"] == "good")
        assert (good["state"], good["usable"], good["is_added"], good["where"]) == ("ready", True, True, "machine")


async def test_the_check_says_how_many_can_answer(joined: Cli) -> None:
    offline(joined).environ |= {"OPENAI_API_KEY": "sk-1", "ROSTRUM_DISCORD_URL": "http://127.0.0.1:9"}
    _, out, _ = await joined.run("check")
    assert re.search(r"^ok      models: \d+ of \d+ can answer$", out, re.MULTILINE)
    (joined.folder / "mine.toml").write_text("[models.x]\nname = 'X'\n", "utf-8")
    joined.environ["ROSTRUM_MODELS_FILE"] = "mine.toml"
    status, out, _ = await joined.run("check")
    assert status == 1
    assert "not ok  models: mine.toml: [models.x] model: is missing" in out
    status, _, err = await joined.run("run")
    assert status == 2
    assert err.startswith("rostrum: mine.toml: [models.x] model: is missing")
    assert err.count("\n") == 1


async def test_the_check_says_when_nobody_can_answer(joined: Cli) -> None:
    away = 'address = "https://models.example/v1"\nmodel = "x"\nkey_setting = "NO_API_KEY"\n'
    text = f"[models.smollm2-135m]\n{away}[models.minilm-l6]\n{away}"
    (joined.folder / "mine.toml").write_text(text, "utf-8")
    offline(joined).environ |= {"ROSTRUM_MODELS_FILE": "mine.toml", "ROSTRUM_DISCORD_URL": "http://127.0.0.1:9"}
    _, out, _ = await joined.run("check")
    assert re.search(r"^note    models: none of \d+ can answer; `rostrum models` says what to do$", out, re.MULTILINE)
    assert (await joined.run("models", "--probe"))[0] == 1, "nobody can answer"


async def test_what_cannot_be_fetched_says_why(cli: Cli) -> None:
    offline(cli).environ |= {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": ""}
    assert (await cli.run("models", "--fetch", "llama-3.1-8b"))[::2] == (
        2,
        "rostrum: Llama 3.1 8B: weights are gated: accept the licence at "
        "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct and set HF_TOKEN\n",
    )
    for key in ("gpt-6-luna", "no-such"):
        status, _, err = await cli.run("models", "--fetch", key)
        assert (status, err) == (
            2, f"rostrum: --fetch: no model on this machine has the key {key!r}; `rostrum models` lists them\n",
        )  # fmt: skip
    status, _, err = await cli.run("models", "--fetch", "smollm2-360m")
    assert status == 2
    assert err.startswith("rostrum: SmolLM2 360M: ")
    assert "Traceback" not in err
    assert err.count("\n") == 1


async def test_mistakes_are_one_line(cli: Cli) -> None:
    status, out, err = await offline(cli).run("models", "no such model")
    assert (status, out) == (2, "")
    assert err == "rostrum: no model fits 'no such model'; `rostrum models` lists all\n"
    (cli.folder / "mine.toml").write_text("[models.x]\nnam = 'X'\n", "utf-8")
    cli.environ["ROSTRUM_MODELS_FILE"] = "mine.toml"
    status, out, err = await cli.run("models")
    assert (status, out) == (2, "")
    assert err == "rostrum: mine.toml: [models.x]: no field is named 'nam'; did you mean name?\n"
    cli.environ |= {"ROSTRUM_MODELS_FILE": "", "ROSTRUM_DEFAULT_MODEL": "gpt-99"}
    status, _, err = await cli.run("models")
    assert status == 2
    assert err.count("\n") == 1
    assert "ROSTRUM_DEFAULT_MODEL" in err


SERVICES = """
[services.openai]
name = "OpenAI"
address = "{openai}"
key_setting = "OPENAI_API_KEY"
[services.mistral]
name = "Mistral AI"
address = "{mistral}"
key_setting = "MISTRAL_API_KEY"
[services.anthropic]
name = "Anthropic"
address = "{anthropic}"
key_setting = "ANTHROPIC_API_KEY"
[services.gemini]
name = "Google"
address = "{gemini}"
key_setting = "GEMINI_API_KEY"
[models."llama-3.2-1b"]
model = "{folder}"
[models.t5-small]
model = "{folder}"
[models.mine]
name = "Mine"
address = "{openai}"
model = "gpt-6-luna"
key_setting = "MY_API_KEY"
"""
KEYS = {"OPENAI_API_KEY": "sk-1", "MISTRAL_API_KEY": "sk-2", "ANTHROPIC_API_KEY": "sk-3", "GEMINI_API_KEY": "sk-4"}


async def test_each_way_of_the_readme_switches_a_model_on(cli: Cli) -> None:
    """Keys against servers that speak the real protocols and refuse other keys; weights by a folder; an address."""
    folder = cli.folder / "weights"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        (folder / name).write_bytes(b"{}")
    async with (
        ModelServer.openai(key="sk-1", model="gpt-6-luna") as openai,
        ModelServer.openai(key="sk-2", model="mistral-small-2603") as mistral,
        ModelServer.anthropic(key="sk-3", model="claude-haiku-5-5") as anthropic,
        ModelServer.gemini(key="sk-4", model="gemini-3.8-flash") as gemini,
    ):
        servers = {"openai": openai, "mistral": mistral, "anthropic": anthropic, "gemini": gemini}
        addresses = {name: server.address for name, server in servers.items()}
        (cli.folder / "models.toml").write_text(SERVICES.format(**addresses, folder=folder), "utf-8")
        cli.environ = KEYS | {
            "HF_HUB_CACHE": "hub",
            "MY_API_KEY": "sk-1",
            "ROSTRUM_MODELS_FILE": "models.toml",
            "ROSTRUM_ATTESTED": "gemini, training:mistral",
        }
        _, out, err = await cli.run("models", "--probe", "--json")
    assert err == ""
    found = {one["key"]: one for one in json.loads(out)}
    states = {key: one["state"] for key, one in found.items()}
    for key in ("gpt-6-luna", "mistral-small-4", "claude-haiku-5.5", "gemini-3.8-flash", "mine"):
        assert states[key] == "ready", (key, found[key]["text"])
    for key in ("smollm2-135m", "minilm-l6", "llama-3.2-1b", "t5-small"):
        assert states[key] == "asleep", (key, found[key]["text"])
    for key in ("llama-3.1-8b", "bloom-560m", "bert-large-squad", "qwen3-4b", "gpt-oss-20b", "mistral-7b"):
        assert states[key] == "missing", key
        assert f"--fetch {key}" in found[key]["text"]
    for server in servers.values():
        assert server.requests, "it was really asked"
