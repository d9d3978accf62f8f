"""What a worker gets of the bot's: no secret, no file, no more life than the bot has; and what it leaves: nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from bot.backends.local.child import clean_environment, fetching_environment
from tests.backends.local.lab import until
from tests.conftest import ROOT

if TYPE_CHECKING:
    from tests.backends.local.lab import Lab

SECRETS = ("OPENAI_API_KEY", "HF_TOKEN", "ROSTRUM_DISCORD_TOKEN", "ROSTRUM_DATABASE_URL", "AWS_SECRET_ACCESS_KEY")
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc here")


def proc(lab: Lab, name: str) -> Path:
    return Path(f"/proc/{lab.pid()}") / name


@needs_proc
async def test_no_secret_is_in_its_environment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, f"secret-{name}")
    await lab.ask(lab.model(), "count").ended()
    environ = proc(lab, "environ").read_bytes()
    assert b"secret-" not in environ
    assert not any(name.encode() in environ for name in SECRETS)
    names = {line.partition(b"=")[0].decode() for line in environ.split(b"\0") if line}
    assert names <= {*clean_environment(Path("/x"), 1), "LC_CTYPE"}
    assert b"HF_HUB_OFFLINE=1" in environ
    assert b"secret-" not in proc(lab, "cmdline").read_bytes()


def test_only_who_fetches_gets_the_hubs_token_and_the_network() -> None:
    outside = {"PATH": "/bin", "HF_TOKEN": "old", "OPENAI_API_KEY": "key", "https_proxy": "http://127.0.0.1:9"}
    fetching = fetching_environment(Path("/x"), "new", outside)
    assert (fetching["HF_TOKEN"], fetching["https_proxy"], fetching["HOME"]) == ("new", "http://127.0.0.1:9", "/x")
    assert not {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "OPENAI_API_KEY"} & set(fetching)
    assert "HF_TOKEN" not in fetching_environment(Path("/x"), None, outside)
    working = clean_environment(Path("/x"), 3, outside)
    assert not {"HF_TOKEN", "OPENAI_API_KEY", "https_proxy"} & set(working)
    assert (working["PATH"], working["OMP_NUM_THREADS"]) == ("/bin", "3")


@needs_proc
async def test_nothing_that_the_bot_has_open_is_open_there(lab: Lab, tmp_path: Path) -> None:
    with (tmp_path / "open.db").open("w") as file, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        os.set_inheritable(file.fileno(), True)
        listening.set_inheritable(True)
        await lab.ask(lab.model(), "count").ended()
        open_there = {int(entry.name): str(entry.readlink()) for entry in proc(lab, "fd").iterdir()}
    assert {open_there.pop(0), open_there.pop(1)} == {"/dev/null"}
    assert open_there.pop(2).startswith("pipe:")
    assert [target.partition(":")[0] for target in open_there.values()] == ["socket"]


@needs_proc
async def test_a_worker_leaves_no_file_no_folder_and_no_process_behind(lab: Lab) -> None:
    def open_here() -> list[str]:
        entries = list(Path("/proc/self/fd").iterdir())
        return [str(entry) for entry in entries if entry.is_symlink()]

    model = lab.model()
    await lab.ask(model, "count").ended()
    await lab.close()
    before = len(open_here())
    for deed in ("count", "kill", "count"):
        lab.pool = lab.new_pool()
        model = lab.model()
        asked = lab.ask(model, deed)
        await until(lambda: lab.pool.pids)
        scratch = proc(lab, "cwd").readlink()
        await asked.ended()
        await lab.close()
        assert lab.leftovers() == []
        assert not scratch.exists()
    await until(lambda: len(open_here()) <= before, "files stay open")


BOT = """
import asyncio, sys
from pathlib import Path
from tests.backends.local.lab import Lab, until

async def main():
    lab = Lab(Path(sys.argv[1]))
    answer = lab.ask(lab.model(), "for-ever", max_tokens=10**6)
    await until(lambda: answer.text)
    heavy = {"torch", "transformers", "numpy", "huggingface_hub"} & set(sys.modules)
    assert not heavy, heavy
    print("pid", lab.pid(), flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_it_ends_with_the_bot_however_that_ends(tmp_path: Path, sign: int) -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOT, str(tmp_path), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert bot.stdout
    try:
        line = b""
        while not line.startswith(b"pid "):
            line = await bot.stdout.readline()
            assert line, "the bot ended too early"
        child = psutil.Process(int(line.split()[1]))
    finally:
        bot.send_signal(sign)
        await bot.wait()
    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "it outlived the bot")


async def test_ctrl_c_at_the_bot_leaves_its_end_to_the_bot(lab: Lab) -> None:
    model = lab.model()
    await lab.ask(model, "count").ended()
    assert os.getpgid(lab.pid()) != os.getpgid(0)


async def test_what_a_worker_is_told_to_load(lab: Lab) -> None:
    lab.pool = lab.new_pool(threads=2, device="cpu")
    await lab.ask(lab.model(card={"context": 77}), "count").ended()
    frame = lab.heard("load")[0]
    assert frame["weights"] == {"kind": "directory", "name": str(lab.weights())}
    assert [frame[name] for name in ("shape", "threads", "device", "context")] == ["causal", 2, "cpu", 77]
    assert frame["cache"] == str(lab.folder / "models")
    assert json.dumps(frame).count("secret") == 0
