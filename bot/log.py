"""Log lines: for people or as JSON, without secrets and without what members wrote.

A connection that fails is one line, since its traceback says nothing that the line does not. Libraries never speak
below INFO, whatever the level: at DEBUG discord.py writes whole requests and events, and with them what members wrote.
"""

import logging
import re
import sys
from typing import TYPE_CHECKING, cast

import structlog

from bot.config import Settings

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

# errors of these libraries are about the connection or what the other end answered
NETWORK = ("aiohttp.", "discord.")

OURS = ("bot", "cogs", "sandbox")

# 'so', "so" or “so”, to the last of them: what is quoted may hold quotes itself
_QUOTED = re.compile(r"(?<!\w)'.*'|\".*\"|“.*”", re.DOTALL)
_DEEPEST = 10

# whoever has such an address may answer in the bot's name while the interaction lives
_TOKEN_IN_PATH = re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/?\s]+")


def set_up(settings: Settings) -> None:
    """Send every log line, ours and the libraries', to stderr in the chosen format."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _shorten_network_errors,
        _hide_quotes,
        _hide_tokens,
    ]
    last: list[Processor]
    if settings.log_format == "json":
        # without the values of variables: what members wrote is among them
        as_dict = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        last = [structlog.processors.ExceptionRenderer(as_dict), structlog.processors.JSONRenderer()]
    else:
        last = [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    # what libraries tell at INFO is detail: for machines, and for people who asked for it
    wants_detail = settings.log_format == "json" or level < logging.INFO
    root.setLevel(max(level, logging.INFO if wants_detail else logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    # these tell every call or step
    for name in ("aiohttp.access", "alembic", "apscheduler", "sqlalchemy"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _error_of(event: "EventDict") -> object:
    error: object = event.get("exc_info")
    if isinstance(error, tuple):
        return cast("tuple[object, object, object]", error)[1]
    return sys.exc_info()[1] if error is True else error


def _shorten_network_errors(_logger: object, _name: str, event: "EventDict") -> "EventDict":
    error = _error_of(event)
    if isinstance(error, (OSError, TimeoutError)) or type(error).__module__.startswith(NETWORK):
        event.pop("exc_info")
        event["error"] = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return event


def _hide_quotes(_logger: object, _name: str, event: "EventDict") -> "EventDict":
    """Leave out what errors quote: int("secret") says which text is no number."""
    error = _error_of(event)
    if isinstance(error, BaseException):
        event["exc_info"] = _without_quotes(error)
    return event


def _without_quotes(error: BaseException, depth: int = 0) -> BaseException:
    """Return an error that looks like `error` in a traceback, but quotes nothing."""
    kind = type(error)
    text = _QUOTED.sub("…", str(error))
    twin: BaseException = type(kind.__name__, (Exception,), {"__module__": kind.__module__})(text)
    twin.__traceback__ = error.__traceback__
    if depth < _DEEPEST:
        twin.__cause__ = error.__cause__ and _without_quotes(error.__cause__, depth + 1)
        twin.__context__ = error.__context__ and _without_quotes(error.__context__, depth + 1)
    twin.__suppress_context__ = error.__suppress_context__
    return twin


def _hide_tokens(_logger: object, _name: str, event: "EventDict") -> "EventDict":
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _TOKEN_IN_PATH.sub(r"\1…", value)
    return event
