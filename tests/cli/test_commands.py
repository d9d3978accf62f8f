"""The command line as an operator uses it: in a process of its own, with its exit status and every line it prints."""

import asyncio
import re
import signal

import aiohttp
import pytest

from sandbox.driver import Stage
from sandbox.model import Overwrite
from sandbox.server import Server
from tests.cli.running import ROOT, Cli, opened

HEAD = max(path.name[:4] for path in (ROOT / "migrations/versions").glob("*.py"))


async def test_help_names_every_command(cli: Cli) -> None:
    status, out, _ = await cli.run("--help")
    assert status == 0
    for command in ("run", "sandbox", "migrate", "check", "models", "invite", "recount", "ratings"):
        assert re.search(rf"^    {command}\s", out, re.MULTILINE)


@pytest.mark.parametrize("command", ["run", "migrate", "invite"])
async def test_a_wrong_setting_is_one_line(cli: Cli, command: str) -> None:
    cli.environ = {"ROSTRUM_TIME_ZONE": "Moon/Sea"}
    status, out, err = await cli.run(command)
    assert (status, out) == (2, "")
    assert err == "rostrum: ROSTRUM_TIME_ZONE: 'Moon/Sea' is not a time zone; write one like Europe/Berlin or UTC\n"


async def test_no_token_is_one_line(cli: Cli) -> None:
    status, _, err = await cli.run("run")
    assert status == 2
    assert err.startswith("rostrum: ROSTRUM_DISCORD_TOKEN: not set")
    assert err.count("\n") == 1
    assert not (cli.folder / "data").exists()


async def test_a_token_that_is_refused_is_one_line(joined: Cli) -> None:
    joined.environ["ROSTRUM_STAND_IN_TOKEN"] = "wrong"
    joined.environ["ROSTRUM_LOG_LEVEL"] = "error"
    status, _, err = await joined.run("run")
    assert status == 2
    assert err.startswith("rostrum: ROSTRUM_STAND_IN_TOKEN: ")
    assert err.count("\n") == 1


async def test_sigterm_ends_it_and_a_second_bot_is_refused_until_then(joined: Cli, stage: Stage) -> None:
    first = await joined.begin("run")
    await stage.wait_online("Rostrum", timeout=60)
    status, _, err = await joined.run("run")
    assert status == 2
    assert f"data/rostrum.db is in use by another Rostrum process (process {first.pid})" in err
    assert "Traceback" not in err
    first.send_signal(signal.SIGTERM)
    async with asyncio.timeout(60):
        _, err_first = await first.communicate()
    assert first.returncode == 0
    assert b"Traceback" not in err_first
    await stage.wait_online("Rostrum", online=False)
    status, out, _ = await joined.run("migrate")
    assert (status, out) == (0, f"The database is at {HEAD}.\n")


async def test_migrate_up_and_down(cli: Cli) -> None:
    assert await cli.run("migrate") == (0, f"The database is at {HEAD} (was empty).\n", "")
    assert (await cli.run("migrate", "--down", "base"))[1] == f"The database is at no revision (was {HEAD}).\n"
    assert (await cli.run("migrate", "--to", "0001"))[1] == "The database is at 0001 (was empty).\n"
    status, _, err = await cli.run("migrate", "--to", "nonsense")
    assert status == 2
    assert err.count("\n") == 1


async def test_check_when_all_is_right(joined: Cli) -> None:
    await joined.run("migrate")
    status, out, err = await joined.run("check")
    assert (status, err) == (0, "")
    lines = [re.split(r"\s+", line, maxsplit=1) for line in out.splitlines()]
    assert {state for state, _ in lines} == {"ok"}
    subjects = [text.split(":")[0] for _, text in lines]
    assert subjects[:7] == ["settings", "models", "database", "migrations", "signing key", "token", "intents"]
    assert "server The Open Question" in subjects


async def test_check_says_what_is_missing_and_what_to_do(joined: Cli, server: Server) -> None:
    app = next(iter(server.world.applications.values()))
    for role in server.world.roles.values():
        role.permissions &= ~(1 << 3 | 1 << 15)
    status, out, _ = await joined.run("check")
    assert status == 1
    assert "not ok  database: data/rostrum.db is not there yet; `rostrum migrate`" in out
    assert re.search(r"not ok  server The Open Question: lacks Attach Files; grant", out)
    assert not (joined.folder / "data").exists(), "looking changes nothing"
    assert app.token not in out


async def test_check_notes_channels_where_the_bot_cannot_post(joined: Cli, server: Server) -> None:
    await joined.run("migrate")
    bot_id = next(iter(server.world.applications.values())).user_id
    denied = {"polls": 1 << 11, "mod-room": 1 << 10}
    for channel in server.world.channels.values():
        if channel.name in denied:
            channel.overwrites.append(Overwrite(id=bot_id, type=1, deny=denied[channel.name]))
    status, out, _ = await joined.run("check")
    notes = [line for line in out.splitlines() if not line.startswith("ok")]
    assert status == 0, "it may be meant"
    assert len(notes) == 1
    assert notes[0].startswith(
        "note    server The Open Question, #polls: lacks Send Messages, Attach Files; grant them in the channel's"
    )


async def test_check_when_the_bot_is_in_no_server(joined: Cli, server: Server) -> None:
    await joined.run("migrate")
    app = next(iter(server.world.applications.values()))
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {app.token}"}) as session:
        for guild in list(server.world.guilds_of(app.user_id)):
            async with session.delete(f"{server.url}/api/v10/users/@me/guilds/{guild.id}") as answer:
                assert answer.status == 204
    status, out, _ = await joined.run("check")
    assert status == 1
    assert f"not ok  servers: the bot is in none; open https://discord.com/oauth2/authorize?client_id={app.id}" in out


async def test_check_with_a_wrong_token_and_a_wrong_setting(joined: Cli) -> None:
    joined.environ["ROSTRUM_STAND_IN_TOKEN"] = "wrong"
    status, out, _ = await joined.run("check")
    assert status == 1
    assert "not ok  token: ROSTRUM_STAND_IN_TOKEN is refused" in out
    joined.environ["ROSTRUM_TIMEZONE"] = "UTC"
    status, out, _ = await joined.run("check")
    assert (status, out) == (
        1,
        "not ok  settings: ROSTRUM_TIMEZONE: no such setting; did you mean ROSTRUM_TIME_ZONE?\n",
    )


async def test_check_while_the_bot_runs_on_sqlite(joined: Cli, stage: Stage) -> None:
    running = await joined.begin("run")
    await stage.wait_online("Rostrum", timeout=60)
    status, out, _ = await joined.run("check")
    running.terminate()
    await running.communicate()
    assert status == 0, out


async def test_check_when_discord_is_not_there(cli: Cli) -> None:
    cli.environ = {"ROSTRUM_DISCORD_URL": "http://127.0.0.1:9"}
    status, out, err = await cli.run("check")
    assert (status, err) == (1, "")
    assert "not ok  token: http://127.0.0.1:9 cannot be reached" in out


async def test_invite_asks_for_what_is_needed_and_no_more(joined: Cli, server: Server) -> None:
    app = next(iter(server.world.applications.values()))
    status, out, _ = await joined.run("invite")
    assert status == 0
    needed = (1 << 10) | (1 << 11) | (1 << 15) | (1 << 38)
    assert out == (
        f"https://discord.com/oauth2/authorize?client_id={app.id}"
        f"&scope=bot+applications.commands&permissions={needed}\n"
    )
    joined.environ = {}
    assert (await joined.run("invite", "--application", "42"))[1].startswith(
        "https://discord.com/oauth2/authorize?client_id=42&"
    )
    status, _, err = await joined.run("invite")
    assert status == 2
    assert err.startswith("rostrum: ROSTRUM_DISCORD_TOKEN: not set")


async def test_sandbox_starts_stand_in_and_bot_and_ends_on_ctrl_c(cli: Cli) -> None:
    cli.environ = {"ROSTRUM_DISCORD_TOKEN": "must not matter", "ROSTRUM_DATABASE_URL": "postgresql://not/used"}
    process = await cli.begin("sandbox", "--port", "0", "--no-open")
    async with asyncio.timeout(60):
        async with await Stage.connect(*await opened(process)) as stage:
            await stage.wait_online("Rostrum")
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert process.returncode == 0
    assert out.decode() == "Ctrl+C ends it, and all is forgotten then.\n"
    assert err == b"", "the demo's console is calm"
    assert list(cli.folder.iterdir()) == [], "without --state nothing is left"


async def test_sandbox_tells_more_when_asked(cli: Cli) -> None:
    cli.environ = {"ROSTRUM_LOG_LEVEL": "debug"}
    process = await cli.begin("sandbox", "--port", "0", "--no-open")
    async with asyncio.timeout(60):
        async with await Stage.connect(*await opened(process)) as stage:
            await stage.wait_online("Rostrum")
        process.terminate()
        _, err = await process.communicate()
    assert b"has connected to Gateway" in err


async def test_sandbox_keeps_its_state_and_polls_beside_it(cli: Cli) -> None:
    for _ in range(2):
        process = await cli.begin("sandbox", "--port", "0", "--no-open", "--state", "stage.db")
        async with asyncio.timeout(60):
            async with await Stage.connect(*await opened(process)) as stage:
                await stage.wait_online("Rostrum")
            process.terminate()
            await process.communicate()
        assert process.returncode == 0
    assert {"stage.db", "stage.db.bot.db"} <= {file.name for file in cli.folder.iterdir()}


async def test_server_only_says_how_to_join(cli: Cli) -> None:
    process = await cli.begin("sandbox", "--server-only", "--port", "0", "--no-open", "--bot-token", "other")
    assert process.stdout
    async with asyncio.timeout(60):
        lines = [(await process.stdout.readline()).decode() for _ in range(3)]
        assert lines[2].startswith("Now start the bot:  ROSTRUM_DISCORD_URL=http://127.0.0.1:")
        assert "ROSTRUM_STAND_IN_TOKEN=other" in lines[2]
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--state", "/proc/nowhere/stage.db"], "--state /proc/nowhere/stage.db: cannot be used: No such file"),
        (["--state", "note.json"], "--state note.json: cannot be used: file is not a database"),
        (["--spec", "none.json"], "--spec none.json: cannot be used: No such file"),
        (["--spec", "broken.json"], "--spec broken.json: cannot be used: "),
        (["--spec", "note.json"], "--spec note.json: cannot be used: is not an OpenAPI description"),
    ],
)
async def test_a_wrong_file_for_the_sandbox_is_one_line(cli: Cli, arguments: list[str], line: str) -> None:
    (cli.folder / "broken.json").write_text("{")
    (cli.folder / "note.json").write_text('{"note": "%s"}' % ("x" * 200))
    status, out, err = await cli.run("sandbox", "--port", "0", "--no-open", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(f"rostrum: {line}")
    assert err.count("\n") == 1


async def test_a_wrong_setting_of_the_bot_in_the_sandbox_is_one_line(cli: Cli) -> None:
    cli.environ = {"ROSTRUM_TIME_ZONE": "Moon/Sea"}
    status, out, err = await cli.run("sandbox", "--port", "0", "--no-open")
    assert (status, out) == (2, "")
    assert err.startswith("rostrum: ROSTRUM_TIME_ZONE: ")


@pytest.mark.parametrize(
    "arguments", [["sandbox", "--bot-token", ""], ["sandbox", "--port", "70000"], ["invite", "--application", "-5"]]
)
async def test_a_wrong_option_is_named(cli: Cli, arguments: list[str]) -> None:
    status, out, err = await cli.run(*arguments)
    assert (status, out) == (2, "")
    assert f"error: argument {arguments[1]}: " in err


async def test_a_taken_port_is_one_line(cli: Cli, server: Server) -> None:
    status, out, err = await cli.run("sandbox", "--port", str(server.port), "--no-open")
    assert (status, out) == (2, "")
    assert err.startswith(f"rostrum: --port {server.port}: cannot listen there")
    assert err.count("\n") == 1
