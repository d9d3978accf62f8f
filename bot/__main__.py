"""The command line, where bot, cogs and sandbox are joined: rostrum run, sandbox, check, recount ..."""

import argparse
import asyncio
import gc
import os
import shutil
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Coroutine, Generator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from sqlite3 import Error as SQLError
from typing import Any

from bot import log
from bot.config import Settings
from bot.errors import SettingsError, StartError
from bot.pulse import is_alive

WRONG = 1
CANNOT_START = 2
_STATUSES = "exit status: signature wrong 10, of another key 20, not there 30; count wrong +3, not repeatable +4"
_SEARCH_AFTER = 10_000
"""Objects that are new since the last search for garbage."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 (not right), 2 (cannot start), or as `bot/recount.py` has it."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads would wait for each other, the loop for them
    try:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            return runner.run(_chosen(options))
    except StartError as error:
        print(f"rostrum: {error}", file=sys.stderr)
        return CANNOT_START
    except KeyboardInterrupt:
        return 130


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop where there is one: an interaction takes about a sixth less processor time with it."""
    try:
        import uvloop  # noqa: PLC0415
    except ModuleNotFoundError:  # Windows
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rostrum",
        description="A Discord bot for communities that argue about open and closed language models.",
        epilog="Settings come from the environment (ROSTRUM_...) and rostrum.toml; see rostrum.example.toml.",
    )
    parser.add_argument("--settings", type=Path, metavar="FILE", help="read this file instead of rostrum.toml")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot until it is stopped")

    sandbox = commands.add_parser(
        "sandbox",
        help="try the bot without an account: a stand-in Discord with a page to open",
        description="Start a stand-in Discord on this machine and the bot in it, and open the page on which you are "
        "everybody. Without --state all is forgotten at the end.",
    )
    sandbox.add_argument("--server-only", action="store_true", help="without the bot; run it by ROSTRUM_DISCORD_URL")
    sandbox.add_argument("--state", type=Path, metavar="FILE", help="keep everything in this file (polls beside it)")
    sandbox.add_argument("--spec", type=Path, metavar="FILE", help="check requests against Discord's API description")
    sandbox.add_argument("--port", type=_port, default=8420, help="port to listen on (default 8420; 0 takes any)")
    sandbox.add_argument("--no-open", action="store_true", help="print the page's address, but do not open it")
    sandbox.add_argument(
        "--bot-token", type=_token, metavar="TOKEN", help="the token the bot must show (default stand-in-token)"
    )

    migrate = commands.add_parser("migrate", help="bring the database to this version's tables")
    direction = migrate.add_mutually_exclusive_group()
    direction.add_argument("--to", metavar="REV", help="up to this revision (default: the newest)")
    direction.add_argument("--down", metavar="REV", help="undo down to this revision; -1 undoes one, base all")

    check = commands.add_parser("check", help="say whether everything is right, and what to do where it is not")
    check.add_argument("--alive", action="store_true", help="only whether the bot of this data folder is connected")

    models = commands.add_parser("models", help="list the models: how each is, what is missing and what to do")
    models.add_argument("name", nargs="?", default="", metavar="MODEL", help="only those that fit this")
    models.add_argument("--probe", action="store_true", help="ask every model that is set up whether it would answer")
    models.add_argument(
        "--fetch", action="store_true", help="fetch the weights of the model with this key from the hub"
    )
    models.add_argument("--json", action="store_true", help="everything about them, for machines")

    invite = commands.add_parser("invite", help="print the address that adds the bot to a server")
    invite.add_argument("--application", type=_id, metavar="ID", help="the application's id, instead of asking Discord")

    polls = commands.add_parser("recount", help="count a poll again from its file (JSON or ABIF)", epilog=_STATUSES)
    polls.add_argument("--method", metavar="METHOD", help="count by this as well, such as schulze or borda")
    boards = commands.add_parser("ratings", help="make an arena's board again from its vote file", epilog=_STATUSES)
    for reader in (polls, boards):
        reader.add_argument("file", type=Path, metavar="FILE")
        reader.add_argument("--key", metavar="PUBLIC", help="the public key, as the bot shows it in /help")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:  # noqa: PLR2004
        msg = f"{text!r} is not a port (0 to 65535)"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or not text or " " in text:
        raise argparse.ArgumentTypeError("a token has no spaces and is not empty")
    return text


def _id(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 63:
        msg = f"{text!r} is not an id; it is the number on the application's General Information page"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _chosen(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    commands = {
        "run": _run,
        "sandbox": _sandbox,
        "migrate": _migrate,
        "check": _check,
        "models": _models,
        "invite": _invite,
        "recount": _recount,
        "ratings": _recount,
    }
    return commands[options.command](options)


def _settings(options: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> Settings:
    settings = Settings.load(environ, options.settings)
    level = settings.log_level
    if options.command not in {"run", "sandbox"}:
        level = "error"  # whoever asks a question wants its answer alone
    elif options.command == "sandbox" and settings.log_format == "console" and not settings.says("log_level"):
        level = "warning"  # the page shows what happens
    log.set_up(settings.model_copy(update={"log_level": level}))
    return settings


async def _run(options: argparse.Namespace) -> int:
    await _serve(_settings(options), _stop_signals())
    return 0


async def _serve(settings: Settings, stop: asyncio.Event) -> None:
    settings.token()
    # imported here, so that --help and a wrong setting answer at once; what is imported stays, and looking through it
    # for garbage again and again takes a seventh of the start
    gc.disable()
    from bot.app import App  # noqa: PLC0415
    from cogs.client import serve  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    # an interaction makes some 150 objects that garbage is looked for among, so by the default of 700 every fifth one
    # starts a search: a fifth of the processor time of a vote
    gc.set_threshold(_SEARCH_AFTER)
    app = await App.open(settings)
    try:
        await serve(app, stop)
    finally:
        await app.close()


def _stop_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def set_stop(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    for name in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(name, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(name, set_stop)
    return stop


async def _sandbox(options: argparse.Namespace) -> int:
    stop = _stop_signals()
    server = _stand_in(options)
    with tempfile.TemporaryDirectory(prefix="rostrum-") as folder:
        try:
            await server.start()
        except OSError as error:
            msg = f"--port {options.port}: cannot listen there: {error.strerror}"
            raise StartError(msg) from error
        try:
            await _on_stage(options, server, Path(folder), stop)
        finally:
            await server.close()
    return 0


def _stand_in(options: argparse.Namespace) -> Any:  # noqa: ANN401 - sandbox.server.Server, imported late
    given = {"bot_token": options.bot_token} if options.bot_token else {}
    try:
        from sandbox.server import Options, Server  # noqa: PLC0415
        from sandbox.spec import Description  # noqa: PLC0415

        if options.spec:
            with _named("--spec", options.spec):
                given["spec"] = Description(options.spec)
        with _named("--state", options.state):
            return Server(Options(port=options.port, state=options.state, **given))
    except ModuleNotFoundError as error:
        msg = f"the stand-in needs the package {error.name}; install it first"
        raise StartError(msg) from error


@contextmanager
def _named(option: str, file: Path) -> Generator[None]:
    """Say of what goes wrong inside which option and file it comes from."""
    try:
        yield
    except (OSError, ValueError, SQLError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        msg = f"{option} {file}: cannot be used: {reason}"
        raise StartError(msg) from error


async def _on_stage(options: argparse.Namespace, server: Any, folder: Path, stop: asyncio.Event) -> None:  # noqa: ANN401
    """Say where the page is, and run the bot beside the stand-in unless told not to."""
    settings = None if options.server_only else _settings(options, _stage_environment(options, server, folder))
    print(f"Open this page:  {server.page_url}", flush=True)
    print("Ctrl+C ends it." if options.state else "Ctrl+C ends it, and all is forgotten then.", flush=True)
    if settings is None:
        token = f" ROSTRUM_STAND_IN_TOKEN={options.bot_token}" if options.bot_token else ""
        print(f"Now start the bot:  ROSTRUM_DISCORD_URL={server.url}{token} rostrum run", flush=True)
    if not options.no_open and sys.stdout.isatty():
        await asyncio.to_thread(webbrowser.open, server.page_url)
    if settings is None:
        await stop.wait()
    else:
        await _serve_on_stage(settings, folder, stop)


async def _serve_on_stage(settings: Settings, folder: Path, stop: asyncio.Event) -> None:
    """Run the bot with a second model beside it, where what that needs is installed."""
    from bot.stage import SecondModel, can_serve  # noqa: PLC0415

    if not settings.says("models_dir"):
        # converting the small model's weights takes a while: what one stage has made the next one finds
        settings = settings.model_copy(update={"models_dir": _lasting_folder() or folder / "models"})
    if not can_serve():
        await _serve(settings, stop)
        return
    second = SecondModel(folder, settings.models_folder, settings.models_file)
    try:
        settings = settings.model_copy(update={"models_file": second.models_file()})
    except OSError as error:
        msg = f"ROSTRUM_MODELS_FILE: {settings.models_file} cannot be read: {error.strerror}"
        raise StartError(msg) from error
    async with second:
        await _serve(settings, stop)


def _lasting_folder() -> Path | None:
    """Return the folder of weights that `rostrum run` would use here; None where nothing can be written.

    Nothing is made yet: only weights are kept, and only once there are some.
    """
    folder = Settings().models_folder.absolute()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return folder if there.is_dir() and os.access(there, os.W_OK) else None


def _stage_environment(options: argparse.Namespace, server: Any, folder: Path) -> dict[str, str]:  # noqa: ANN401
    """Return the environment for a bot in the stand-in: polls of the stage never mix with real ones."""
    database = (
        options.state.absolute().with_name(options.state.name + ".bot.db") if options.state else folder / "bot.db"
    )
    return {
        **{name: value for name, value in os.environ.items() if name != "ROSTRUM_DISCORD_TOKEN"},
        "ROSTRUM_DISCORD_URL": server.url,
        "ROSTRUM_STAND_IN_TOKEN": server.options.bot_token,
        "ROSTRUM_DATA_DIR": str(folder),
        "ROSTRUM_DATABASE_URL": f"sqlite:///{database}",
    }


async def _migrate(options: argparse.Namespace) -> int:
    from bot.db import migrate  # noqa: PLC0415
    from bot.db.session import Database  # noqa: PLC0415

    settings = _settings(options)
    database = await Database.open(settings.database, setting=settings.database_setting)
    try:
        before = await migrate.revision_of(database)
        if options.down:
            await migrate.downgrade(database, options.down)
        else:
            await migrate.upgrade(database, options.to or "head")
        after = await migrate.revision_of(database)
    finally:
        await database.close()
    print(f"The database is at {after or 'no revision'}" + (f" (was {before or 'empty'})." if after != before else "."))
    return 0


async def _check(options: argparse.Namespace) -> int:
    if options.alive:
        alive = is_alive(_settings(options).data_dir)
        return WRONG if _report("alive", None if alive else "the bot is not connected; its log says why") else 0
    from bot.app import look_at_database  # noqa: PLC0415
    from bot.signing import look_at_key  # noqa: PLC0415
    from cogs.readiness import look  # noqa: PLC0415

    try:
        settings = _settings(options)
    except SettingsError as error:
        _report("settings", str(error))
        return WRONG
    _report("settings")
    wrong = await _check_models(settings)
    for subject, trouble in [*await look_at_database(settings), look_at_key(settings)]:
        wrong += _report(subject, trouble)
    try:
        found = await look(settings)
    except SettingsError as error:
        return WRONG if _report("token", str(error)) else 0
    for finding in found:
        if finding.holds and finding.advice:
            print(f"{'note':8}{finding.subject}: {finding.text}; {finding.advice}")
            continue
        trouble = None if finding.holds else f"{finding.text}; {finding.advice}"
        wrong += _report(finding.subject, trouble, finding.text)
    return WRONG if wrong else 0


async def _check_models(settings: Settings) -> int:
    from bot.backends.command import look  # noqa: PLC0415

    try:
        lines = await look(settings)
    except SettingsError as error:
        return _report("models", str(error))
    usable = sum(line.answers for line in lines)
    if usable:
        _report("models", text=f"{usable} of {len(lines)} can answer")
    else:
        print(f"{'note':8}models: none of {len(lines)} can answer; `rostrum models` says what to do")
    return 0


def _report(subject: str, trouble: str | None = None, text: str = "") -> bool:
    """Print one line of a check; return whether something is wrong."""
    state, text = ("not ok", trouble) if trouble else ("ok", text)
    print(f"{state:8}{subject}{text and ': '}{text}")
    return trouble is not None


async def _models(options: argparse.Namespace) -> int:
    from bot.backends.command import fetch_weights, look  # noqa: PLC0415
    from bot.backends.listing import all_is_well, as_json, table  # noqa: PLC0415

    settings = _settings(options)
    if options.fetch:
        async with aclosing(fetch_weights(settings, options.name)) as told:
            async for text in told:
                print(text, flush=True)
        return 0
    lines = await look(settings, options.name, probe=options.probe)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(as_json(lines) if options.json else table(lines, width))
    return WRONG if options.probe and not all_is_well(lines) else 0


async def _invite(options: argparse.Namespace) -> int:
    from cogs.readiness import application_id  # noqa: PLC0415
    from cogs.ui.checks import invite_url  # noqa: PLC0415

    print(invite_url(options.application or await application_id(_settings(options))))
    return 0


async def _recount(options: argparse.Namespace) -> int:
    from bot.recount import ratings, recount  # noqa: PLC0415

    is_poll = options.command == "recount"
    report = recount(options.file, options.key, options.method) if is_poll else ratings(options.file, options.key)
    print("\n".join(report.lines))
    return report.status


if __name__ == "__main__":
    sys.exit(main())
