"""What the other side says when it does not answer, and what a member is told then: decided here, pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

from bot.catalog import ModelCard, receiver_of
from bot.errors import ModelError, Trouble

ELSE = "Tell whoever runs the bot; meanwhile choose another model."

TEXTS: Mapping[Trouble, str] = {
    Trouble.NOT_CONFIGURED: f"{{name}} is not set up. {ELSE}",
    Trouble.KEY: f"{{Who}} says that the key for {{name}} is wrong. {ELSE}",
    Trouble.CREDIT: f"The account at {{who}} that pays for {{name}} is used up. {ELSE}",
    Trouble.FORBIDDEN: f"{{Who}} does not let this bot use {{name}}. {ELSE}",
    Trouble.NO_SUCH_MODEL: f"{{Who}} knows no model by the name that {{name}} has here. {ELSE}",
    Trouble.TOO_LONG: "That is too long for {name}. Ask with less text, or choose a model that takes more.",
    Trouble.REFUSED: "{name} did not take this question. Put it differently, or choose another model.",
    Trouble.FILTERED: "The filter of {who} stopped this. Put it differently, or choose another model.",
    Trouble.EMPTY: "{name} answered with nothing. Ask again, or choose another model.",
    Trouble.BUSY: "{name} has too much to do just now. Try again {soon}, or choose another model.",
    Trouble.OVERLOADED: "{Who} has trouble of its own just now. Try again {soon}, or choose another model.",
    Trouble.UNREACHABLE: "{name} cannot be reached just now. Try again {soon}, or choose another model.",
    Trouble.SILENT: "{name} did not go on answering. Ask again, or choose another model.",
    Trouble.CUT_OFF: "The answer of {name} broke off in the middle. Ask again, or choose another model.",
    Trouble.MALFORMED: "What {name} sent is not an answer. Ask again, or choose another model; "
    "if it stays so, tell whoever runs the bot.",
    Trouble.UNFIT: "{name} cannot do this. Choose another model.",
}

_BY_STATUS: Mapping[int, Trouble] = {
    401: Trouble.KEY,
    402: Trouble.CREDIT,
    403: Trouble.FORBIDDEN,
    404: Trouble.NO_SUCH_MODEL,
    405: Trouble.NOT_CONFIGURED,
    408: Trouble.SILENT,
    409: Trouble.BUSY,
    413: Trouble.TOO_LONG,
    425: Trouble.BUSY,
    429: Trouble.BUSY,
    498: Trouble.BUSY,
}
_CLIENT, _SERVER = 400, 500
_BY_RANGE = (
    (_SERVER, Trouble.OVERLOADED),
    (_CLIENT, Trouble.REFUSED),
    (300, Trouble.NOT_CONFIGURED),
    (0, Trouble.MALFORMED),
)

# what errors call themselves; these say more than the status does
_SPECIFIC: Mapping[str, Trouble] = {
    "insufficient_quota": Trouble.CREDIT,
    "insufficient_balance": Trouble.CREDIT,
    "billing_error": Trouble.CREDIT,
    "billing_hard_limit_reached": Trouble.CREDIT,
    "billing_not_active": Trouble.CREDIT,
    "invalid_api_key": Trouble.KEY,
    "api_key_invalid": Trouble.KEY,
    "authentication_error": Trouble.KEY,
    "unauthenticated": Trouble.KEY,
    "context_length_exceeded": Trouble.TOO_LONG,
    "exceed_context_size_error": Trouble.TOO_LONG,
    "request_too_large": Trouble.TOO_LONG,
    "string_above_max_length": Trouble.TOO_LONG,
    "content_filter": Trouble.FILTERED,
    "content_policy_violation": Trouble.FILTERED,
    "model_not_found": Trouble.NO_SUCH_MODEL,
    "invalid_model": Trouble.NO_SUCH_MODEL,
    "model_terms_required": Trouble.FORBIDDEN,
    "unsupported_country_region_territory": Trouble.FORBIDDEN,
    "overloaded_error": Trouble.OVERLOADED,
    "rate_limit_error": Trouble.BUSY,
    "rate_limit_exceeded": Trouble.BUSY,
    "resource_exhausted": Trouble.BUSY,
}

_PAYMENT_REQUIRED = 402
_NO_CREDIT = re.compile(
    r"credit balance is too low|insufficient (balance|credits|funds)|credits? (is|are|have been) (depleted|exhausted)",
    re.IGNORECASE,
)

# some errors of one kind differ only in what they say
_SAYING: tuple[tuple[re.Pattern[str], Trouble], ...] = (
    (
        re.compile(
            r"context (length|size|window)|maximum context|(prompt|input|request) is too (long|large)"
            r"|too many (input )?tokens|maximum number of tokens",
            re.IGNORECASE,
        ),
        Trouble.TOO_LONG,
    ),
    (_NO_CREDIT, Trouble.CREDIT),
    (
        re.compile(r"(incorrect|invalid|expired) api key|api key (not valid|not found|expired)", re.IGNORECASE),
        Trouble.KEY,
    ),
    (re.compile(r"location is not supported", re.IGNORECASE), Trouble.FORBIDDEN),
    (re.compile(r"model\b.{0,200}\b(not found|does not exist)", re.IGNORECASE), Trouble.NO_SUCH_MODEL),
)

# what is left when there is no status: an error inside of a stream
_GENERAL: Mapping[str, Trouble] = {
    "permission_error": Trouble.FORBIDDEN,
    "permission_denied": Trouble.FORBIDDEN,
    "not_found_error": Trouble.NO_SUCH_MODEL,
    "not_found": Trouble.NO_SUCH_MODEL,
    "invalid_request_error": Trouble.REFUSED,
    "invalid_argument": Trouble.REFUSED,
    "badrequesterror": Trouble.REFUSED,
}

_OPTIONS = (
    "max_completion_tokens",
    "max_tokens",
    "output_config",
    "random_seed",
    "reasoning_effort",
    "seed",
    "stop",
    "stream_options",
    "temperature",
    "thinkingConfig",
    "top_p",
)
_OPTION = re.compile(r"\b(" + "|".join(_OPTIONS) + r")\b")
_UNWANTED = re.compile(
    r"unsupported|not supported|not support|unrecognized|unknown (name|field|parameter)|not permitted|extra_forbidden"
    r"|deprecated|cannot both|not allowed|thinking (budget|level)",
    re.IGNORECASE,
)
_THINKING = re.compile(r"thinking[_ ]?(config|budget|level|is not supported)", re.IGNORECASE)
_EFFORT = re.compile(r"\beffort parameter\b", re.IGNORECASE)
_NO_SYSTEM = re.compile(r"system role (is )?not supported|does not support system", re.IGNORECASE)
SYSTEM = "system"
_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,60}")
_DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")
_LONGEST_MESSAGE = 4000
_UNFIT_INPUT = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error body says: its names for itself, its message (never shown nor logged), and how long to wait."""

    names: tuple[str, ...] = ()
    message: str = ""
    status: int | None = None
    retry_after: float | None = None
    places: tuple[str, ...] = ()
    """The fields of the request that it is about."""

    @property
    def detail(self) -> str:
        """What may be told to operators: names only, since messages quote keys and prompts."""
        return " ".join(dict.fromkeys(name for name in self.names if _NAME.fullmatch(name)))[:200]

    def unwanted(self) -> str | None:
        """Name the option of the request that the other side does not take; None when it is about something else."""
        text = f"{self.message} {' '.join(self.names)}"
        if _NO_SYSTEM.search(text):
            return SYSTEM
        if not _UNWANTED.search(text):
            return None
        found = next((place for place in self.places if place in _OPTIONS), None)
        if found is None and _THINKING.search(self.message):
            found = "thinkingConfig"
        if found is None and (match := _OPTION.search(self.message)):
            found = match[1]
        if found is None and _EFFORT.search(self.message):
            found = "output_config"
        return found


def read_fault(body: bytes) -> Fault:
    """Read the body of an error, whoever's form it has; an empty fault when it is none that is known."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Fault()
    return fault_of(value)


def fault_of(value: object) -> Fault:
    """Read an error from decoded JSON."""
    if isinstance(value, list) and value:
        value = cast("list[object]", value)[0]
    if not isinstance(value, dict):
        return Fault(message=value[:_LONGEST_MESSAGE]) if isinstance(value, str) else Fault()
    outer = cast("dict[str, Any]", value)
    inner = outer.get("error", outer)
    if isinstance(inner, str):
        return Fault(message=inner[:_LONGEST_MESSAGE])
    if not isinstance(inner, dict):
        return Fault()
    error = cast("dict[str, Any]", inner)
    names = [text for key in ("type", "code", "status", "object") if isinstance(text := error.get(key), str)]
    message = error.get("message", error.get("detail", ""))
    code = error.get("code")
    if isinstance(code, str) and code.isdecimal():
        code = int(code[:3])
    details = list(_dicts(error.get("details")))
    names += [text for detail in details if isinstance(text := detail.get("reason"), str)]
    waits = [_seconds(detail.get("retryDelay")) for detail in details]
    return Fault(
        names=tuple(names),
        message=_plain(message)[:_LONGEST_MESSAGE],
        status=code if isinstance(code, int) and _CLIENT <= code < _SERVER + 100 else None,
        retry_after=next((wait for wait in waits if wait is not None), None),
        places=tuple(_places(error, message)),
    )


def trouble_of(status: int | None, fault: Fault) -> Trouble:
    """Say what is wrong; `status` is None for an error inside of a stream that had begun well."""
    for name in fault.names:
        if found := _SPECIFIC.get(name.lower()):
            # an account that is used up is called exhausted like one that asked too often
            is_broke = status == _PAYMENT_REQUIRED or _NO_CREDIT.search(fault.message)
            return Trouble.CREDIT if found is Trouble.BUSY and is_broke else found
    status = status or fault.status
    if status is None or status in _UNFIT_INPUT or status in _BY_STATUS:
        for saying, found in _SAYING:
            if saying.search(fault.message):
                return found
    if status is None:
        return next((found for name in fault.names if (found := _GENERAL.get(name.lower()))), Trouble.OVERLOADED)
    return _BY_STATUS.get(status) or next(found for least, found in _BY_RANGE if status >= least)


def error_of(
    card: ModelCard, trouble: Trouble, *, text: str = "", detail: str = "", retry_after: float | None = None
) -> ModelError:
    """Return what to raise, with words for the member; `text` replaces the usual ones."""
    who = receiver_of(card) or f"the program that runs {card.name}"
    # an address stays as it is written
    begins = who if "." in who.split(" ")[0] else who[:1].upper() + who[1:]
    words = text or TEXTS[trouble].format(name=card.name, who=who, Who=begins, soon=_soon(retry_after))
    return ModelError(trouble, words, retry_after=retry_after, detail=detail, model=card.key)


def _soon(seconds: float | None) -> str:
    if seconds is None:
        return "in a minute"
    if seconds < 90:  # noqa: PLR2004 - from here on minutes say it better
        return f"in {max(1, round(seconds))} seconds" if seconds >= 1.5 else "in a second"  # noqa: PLR2004
    minutes = round(seconds / 60)
    return f"in {minutes} minutes" if minutes < 90 else f"in {round(minutes / 60)} hours"  # noqa: PLR2004


def _plain(message: object) -> str:
    return message if isinstance(message, str) else str(message)[:_LONGEST_MESSAGE]


def _dicts(value: object) -> Iterable[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def _seconds(value: object) -> float | None:
    match = _DELAY.fullmatch(value) if isinstance(value, str) else None
    return float(match[1]) if match else None


def _places(error: dict[str, Any], message: object) -> list[str]:
    """Return the fields that an error names: in `param`, or in the lists of servers that validate like pydantic."""
    places = [error["param"]] if isinstance(error.get("param"), str) else []
    nested = cast("dict[str, Any]", message).get("detail") if isinstance(message, dict) else message
    for item in [*_dicts(nested), *_dicts(error.get("detail"))]:
        where = item.get("loc")
        if isinstance(where, list):
            places += [part for part in cast("list[object]", where) if isinstance(part, str)]
    return places
