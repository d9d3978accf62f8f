"""Bodies checked against Discord's own API description (an OpenAPI 3.1 file; `--spec FILE`).

Changes to the description before use, all of them measured to be false alarms or unreadable errors otherwise:
ids may be integers, addresses need not be percent-encoded, a nullable member is chosen by being null and
the member of a union by its `type`.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, cast

import orjson

from sandbox.errors import FieldError
from sandbox.schemas import readable, references
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema_rs import Draft202012Validator, ValidationError

    from sandbox.model import Json
    from sandbox.rest.call import Route, Upload

logger = logging.getLogger(__name__)
_ID = {"anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}, {"type": "integer", "minimum": 0}]}
# forwards (1) are documented and sent by clients, but missing in the description; tests/sandbox/messages need them
_REFERENCE = {"type": "integer", "enum": [0, 1]}
_MOST_ERRORS = 20
_MOST_KEPT = 1_000
_CODES = {
    "required": "BASE_TYPE_REQUIRED",
    "maxLength": "BASE_TYPE_MAX_LENGTH",
    "minLength": "BASE_TYPE_MIN_LENGTH",
    "maxItems": "BASE_TYPE_MAX_LENGTH",
    "minItems": "BASE_TYPE_MIN_LENGTH",
    "maximum": "NUMBER_TYPE_MAX",
    "minimum": "NUMBER_TYPE_MIN",
    "enum": "BASE_TYPE_CHOICES",
    "const": "BASE_TYPE_CHOICES",
    "pattern": "STRING_TYPE_REGEX",
    "format": "STRING_TYPE_FORMAT",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A call that the stand-in itself accepted although the description refuses it, or an answer that does not fit."""

    route: str
    errors: tuple[FieldError, ...]

    def __str__(self) -> str:
        """Return it in one line."""
        told = "; ".join(f"{'.'.join(map(str, error.path)) or 'body'}: {error.message}" for error in self.errors)
        return f"{self.route}: {told}"


@dataclass(frozen=True, slots=True)
class Checks:
    """What can be checked of a call: its JSON body, whether there must be one, and its query."""

    body: Draft202012Validator | None
    required: bool
    query: dict[str, Draft202012Validator]


_NOTHING = Checks(None, required=False, query={})


class Description:
    """The file, read once; the validators of a route are made when the route is first called.

    Validators take megabytes, so processes with several servers (tests) share one description between them.
    """

    def __init__(self, path: Path) -> None:
        read: object = orjson.loads(path.read_bytes())
        description = cast("Json", read if isinstance(read, dict) else {})
        if not {"components", "paths"} <= description.keys():
            raise ValueError("is not an OpenAPI description")
        self._schemas: Json = description["components"]["schemas"]
        self._schemas["SnowflakeType"] = _ID
        self._schemas["MessageReferenceType"] = _REFERENCE
        own = self._schemas.get("ApplicationFormPartial", {}).get("properties", {})
        if "description" in own:
            # an object of translations in the description, a string in Discord's documentation and in clients
            own["description"] = {"anyOf": [own["description"], {"type": "string", "maxLength": 400}]}
        # a bot may change its picture alone, though the description asks for its name each time
        self._schemas.get("BotAccountPatchRequest", {}).pop("required", None)
        self._readable: Json = {}
        self._operations: dict[tuple[str, str], Json] = {
            (method.upper(), _shape(template)): operation
            for template, operations in description["paths"].items()
            for method, operation in operations.items()
            if isinstance(operation, dict)
        }
        self._patterns = [
            (method, re.compile("[^/]+".join(map(re.escape, shape.split("{}"))))) for method, shape in self._operations
        ]
        self._checks: dict[tuple[str, str], Checks] = {}
        self._replies: dict[tuple[str, str, int], Draft202012Validator | None] = {}

    def knows(self, method: str, path: str) -> bool:
        """Tell whether Discord has this method on this path."""
        return any(known == method and pattern.fullmatch(path) for known, pattern in self._patterns)

    def operations(self) -> list[tuple[str, str]]:
        """Return what Discord has: methods and paths with {} for each parameter."""
        return list(self._operations)

    def describes(self, route: Route) -> bool:
        """Tell whether the description has this route."""
        return (route.method, _shape(route.path)) in self._operations

    def checks(self, route: Route) -> Checks:
        """Return what can be checked of a route; nothing of one that is not described."""
        key = (route.method, route.path)
        if key not in self._checks:
            operation = self._operations.get((route.method, _shape(route.path)))
            self._checks[key] = _NOTHING if operation is None else self._compile(operation)
        return self._checks[key]

    def reply(self, route: Route, status: int) -> Draft202012Validator | None:
        """Return what checks an answer's body (None: there is none), or raise KeyError for a status not described."""
        key = (route.method, route.path, status)
        if key not in self._replies:
            operation = self._operations[route.method, _shape(route.path)]
            content: Json = operation["responses"][str(status)].get("content", {})
            schema: Json | None = content.get("application/json", {}).get("schema")
            self._replies[key] = None if schema is None else self._validator(schema)
        return self._replies[key]

    def _compile(self, operation: Json) -> Checks:
        request: Json = operation.get("requestBody", {})
        schema: Json | None = request.get("content", {}).get("application/json", {}).get("schema")
        parameters: list[Json] = operation.get("parameters", [])
        return Checks(
            body=None if schema is None else self._validator(schema),
            required=bool(request.get("required", False)),
            query={each["name"]: self._validator(each["schema"]) for each in parameters if each.get("in") == "query"},
        )

    def _validator(self, schema: Json) -> Draft202012Validator:
        import jsonschema_rs  # noqa: PLC0415 - an extra; only --spec needs it

        top = readable(schema, self._schemas)
        whole = {**top, "components": {"schemas": self._needed(top)}}
        formats = {"uri": _is_address, "nonce": _is_text, "snowflake": _is_text}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True, formats=formats)

    def _needed(self, top: Json) -> Json:
        """Return the parts that a schema refers to, directly or not."""
        found: Json = {}
        waiting = references(top)
        while waiting:
            name = waiting.pop()
            if name not in found:
                if name not in self._readable:
                    self._readable[name] = readable(self._schemas[name], self._schemas)
                found[name] = self._readable[name]
                waiting |= references(found[name])
        return found


class Spec:
    """The checks of one server, and what they found; with `check_replies` (for tests) its answers are checked too."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.check_replies = False
        self.violations: list[Violation] = []
        self.checks = 0
        self.seconds = 0.0

    def check(
        self, route: Route, body: object, files: Sequence[Upload] = (), query: Mapping[str, str] | None = None
    ) -> list[FieldError]:
        """Return what the description finds wrong with a call; nothing for what it does not describe."""
        checks = self.description.checks(route)
        started = time.perf_counter()
        wrong = _query_errors(checks, query) if query else []
        if checks.body is not None:
            if body is None:
                # an absent body is an empty one: clients ban and unban without any
                if checks.required and not files and not checks.body.is_valid({}):
                    wrong.append(FieldError((), "BASE_TYPE_REQUIRED", "This route needs a body"))
            elif not checks.body.is_valid(body):
                wrong += [_field_error(error) for error in islice(checks.body.iter_errors(body), _MOST_ERRORS)]
        self.checks += 1
        self.seconds += time.perf_counter() - started
        return wrong

    def check_reply(self, route: Route, status: int, body: object) -> None:
        """Report an answer of the stand-in's own that Discord would not give."""
        if not self.description.describes(route):
            return
        try:
            validator = self.description.reply(route, status)
        except KeyError:
            self.report(route, [FieldError(("answer",), "STATUS", f"Discord does not answer {status} here")])
            return
        if validator is None:
            errors = [] if body is None else [FieldError(("answer",), "BODY", "Discord sends no body here")]
        else:
            errors = [
                _field_error(error).under("answer") for error in islice(validator.iter_errors(body), _MOST_ERRORS)
            ]
        if errors:
            self.report(route, errors)

    def report(self, route: Route, wrong: Sequence[FieldError]) -> None:
        """Collect and log what our own checks let pass."""
        violation = Violation(f"{route.method} {route.path}", tuple(wrong))
        if len(self.violations) < _MOST_KEPT:
            self.violations.append(violation)
        logger.error("Discord's API description refuses what the stand-in accepted: %s", violation)


def _query_errors(checks: Checks, query: Mapping[str, str]) -> list[FieldError]:
    wrong: list[FieldError] = []
    for name, text in query.items():
        validator = checks.query.get(name)
        if validator is not None and not any(validator.is_valid(reading) for reading in _readings(text)):
            wrong.append(FieldError((name,), "BASE_TYPE_INVALID", f"{text[:100]!r} is not what Discord expects here"))
    return wrong


def _readings(text: str) -> Iterator[object]:
    """Yield what a text of a query may stand for."""
    yield text
    number = whole(text.removeprefix("-"))
    if number is not None:
        yield -number if text.startswith("-") else number
    if text.lower() in {"true", "false", "1", "0"}:
        yield text.lower() in {"true", "1"}
    yield [text]
    yield text.split(",")


def _shape(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", template)


def _is_address(value: str) -> bool:
    return ":" in value


def _is_text(value: str) -> bool:
    del value
    return True


def _field_error(error: ValidationError) -> FieldError:
    name, path, message = error.kind.name, tuple(error.instance_path), error.message
    if name == "required":
        path, message = (*path, error.kind.as_dict()["property"]), "This field is required"
    return FieldError(path, _CODES.get(name, "BASE_TYPE_INVALID"), message[:300])
