"""`rostrum models` as an operator uses it: what is there, what is missing, and, when asked to, who really answers."""

import json

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
    """No key of the machine that the tests run on changes what they see."""
    cli.environ = dict.fromkeys(("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY"), "")
    return cli


def row(out: str, key: str) -> str:
    return next(line for line in out.splitlines() if line.startswith(f"{key} "))


async def test_it_lists_every_model_with_what_is_missing_and_what_to_do(cli: Cli) -> None:
    status, out, err = await offline(cli).run("models")
    assert (status, err) == (0, "")
    assert out.startswith("KEY ")
    assert row(out, "gpt-6-luna").endswith("openai_api     not set up  set OPENAI_API_KEY")
    assert "accept the licence at https://www.llama.com/llama3_2/license/ and set HF_TOKEN" in row(out, "llama-3.2-1b")
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
