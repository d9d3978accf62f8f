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

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jsonschema_rs import Draft202012Validator, ValidationError

    from sandbox.model import Json
    from sandbox.rest.call import Route, Upload

logger = logging.getLogger(__name__)
_ID = {"anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}, {"type": "integer", "minimum": 0}]}
# forwards (1) are documented and sent by clients, but missing in the description; tests/sandbox/messages need them
_REFERENCE = {"type": "integer", "enum": [0, 1]}
# sets of permission bits are integers in the description and strings in Discord's documentation and clients
_BITS = frozenset({"allow", "deny", "permissions", "default_member_permissions"})
_DIGITS = {"type": "string", "pattern": "^[0-9]+$"}
_MOST_ERRORS = 20
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
    """A body that the stand-in itself accepted although the description refuses it."""

    route: str
    errors: tuple[FieldError, ...]

    def __str__(self) -> str:
        """Return it in one line."""
        told = "; ".join(f"{'.'.join(map(str, error.path)) or 'body'}: {error.message}" for error in self.errors)
        return f"{self.route}: {told}"


class Description:
    """The file, read once; the validator of a route is made when the route is first called.

    Validators take megabytes, so processes with several servers (tests) share one description between them.
    """

    def __init__(self, path: Path) -> None:
        description: Json = orjson.loads(path.read_bytes())
        self._schemas: Json = description["components"]["schemas"]
        self._schemas["SnowflakeType"] = _ID
        self._schemas["MessageReferenceType"] = _REFERENCE
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
        self._validators: dict[tuple[str, str], tuple[Draft202012Validator, bool] | None] = {}

    def knows(self, method: str, path: str) -> bool:
        """Tell whether Discord has this method on this path."""
        return any(known == method and pattern.fullmatch(path) for known, pattern in self._patterns)

    def operations(self) -> list[tuple[str, str]]:
        """Return what Discord has: methods and paths with {} for each parameter."""
        return list(self._operations)

    def describes(self, route: Route) -> bool:
        """Tell whether the description has this route."""
        return (route.method, _shape(route.path)) in self._operations

    def validator(self, route: Route) -> tuple[Draft202012Validator, bool] | None:
        """Return what checks a route's JSON body and whether there must be one; None for a route without a body."""
        key = (route.method, route.path)
        if key not in self._validators:
            self._validators[key] = self._compile(route)
        return self._validators[key]

    def _compile(self, route: Route) -> tuple[Draft202012Validator, bool] | None:
        import jsonschema_rs  # noqa: PLC0415 - an extra; only --spec needs it

        operation = self._operations.get((route.method, _shape(route.path)), {})
        request: Json = operation.get("requestBody", {})
        schema: Json | None = request.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        top = _readable(schema, self._schemas)
        whole = {**top, "components": {"schemas": self._needed(top)}}
        validator = jsonschema_rs.Draft202012Validator(
            whole, validate_formats=True, formats={"uri": _is_address, "nonce": _is_text, "snowflake": _is_text}
        )
        return validator, bool(request.get("required", False))

    def _needed(self, top: Json) -> Json:
        """Return the parts that a schema refers to, directly or not."""
        found: Json = {}
        waiting = _references(top)
        while waiting:
            name = waiting.pop()
            if name not in found:
                if name not in self._readable:
                    self._readable[name] = _readable(self._schemas[name], self._schemas)
                found[name] = self._readable[name]
                waiting |= _references(found[name])
        return found


class Spec:
    """The checks of one server, and what they found."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.violations: list[Violation] = []
        self.checks = 0
        self.seconds = 0.0

    def check(self, route: Route, body: object, files: Sequence[Upload]) -> list[FieldError]:
        """Return what the description finds wrong with a body; nothing for a route or body it does not describe."""
        found = self.description.validator(route)
        if found is None:
            return []
        started = time.perf_counter()
        validator, required = found
        wrong: list[FieldError] = []
        if body is None:
            # an absent body is an empty one: clients ban and unban without any
            if required and not files and not validator.is_valid({}):
                wrong = [FieldError((), "BASE_TYPE_REQUIRED", "This route needs a body")]
        elif not validator.is_valid(body):
            wrong = [_field_error(error) for error in islice(validator.iter_errors(body), _MOST_ERRORS)]
        self.checks += 1
        self.seconds += time.perf_counter() - started
        return wrong

    def report(self, route: Route, wrong: Sequence[FieldError]) -> None:
        """Collect and log what our own checks let pass."""
        violation = Violation(f"{route.method} {route.path}", tuple(wrong))
        self.violations.append(violation)
        logger.error("Discord's API description refuses what the stand-in accepted: %s", violation)


def _shape(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", template)


def _references(part: object) -> set[str]:
    match part:
        case dict():
            node = cast("Json", part)
            own = {str(node["$ref"]).rsplit("/", 1)[1]} if "$ref" in node else set[str]()
            return own.union(*map(_references, node.values()))
        case list():
            return set[str]().union(*map(_references, cast("list[object]", part)))
        case _:
            return set()


def _is_address(value: str) -> bool:
    return ":" in value


def _is_text(value: str) -> bool:
    del value
    return True


def _readable(schema: Json, schemas: Json) -> Json:
    """Return a schema in which members of unions are chosen before they are checked."""
    rest: Json = {key: _inside(value, schemas) for key, value in schema.items() if key not in {"oneOf", "anyOf"}}
    for keyword in ("oneOf", "anyOf"):
        members: list[Json] | None = schema.get(keyword)
        if members is not None:
            rest.setdefault("allOf", []).append(_union(members, schemas))
    properties: Json = rest.get("properties", {})
    for name in _BITS & properties.keys():
        if "integer" in properties[name].get("type", ()):
            properties[name] = {"anyOf": [properties[name], _DIGITS]}
    return rest


def _inside(part: object, schemas: Json) -> object:
    if isinstance(part, list):
        return [_inside(each, schemas) for each in cast("list[object]", part)]
    return _readable(cast("Json", part), schemas) if isinstance(part, dict) else part


def _union(members: list[Json], schemas: Json) -> Json:
    others = [member for member in members if member.get("type") != "null"]
    inner = _chosen(others, schemas)
    if len(others) == len(members):
        return inner
    return {"if": {"type": "null"}, "else": inner}


def _chosen(members: list[Json], schemas: Json) -> Json:
    if len(members) == 1:
        return _readable(members[0], schemas)
    if all("const" in member for member in members):
        return {"enum": [member["const"] for member in members]}
    kinds = [_kinds(member, schemas) for member in members]
    if any(kind is None for kind in kinds):
        return {"anyOf": [_readable(member, schemas) for member in members]}
    by_kind: dict[int, list[Json]] = {}
    for member, kind in zip(members, kinds, strict=True):
        for number in kind or ():
            by_kind.setdefault(number, []).append(member)
    choices: list[Json] = [
        {"if": {"properties": {"type": {"const": number}}, "required": ["type"]}, "then": _any(found, schemas)}
        for number, found in by_kind.items()
    ]
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": sorted(by_kind)}},
        "allOf": choices,
    }


def _any(members: list[Json], schemas: Json) -> Json:
    readable = [_readable(member, schemas) for member in members]
    return readable[0] if len(readable) == 1 else {"anyOf": readable}


def _kinds(member: Json, schemas: Json) -> list[int] | None:
    while "$ref" in member:
        member = schemas[member["$ref"].rsplit("/", 1)[1]]
    kind = member.get("properties", {}).get("type", {})
    return kind.get("enum") if "type" in member.get("required", ()) else None


def _field_error(error: ValidationError) -> FieldError:
    name, path, message = error.kind.name, tuple(error.instance_path), error.message
    if name == "required":
        path, message = (*path, error.kind.as_dict()["property"]), "This field is required"
    return FieldError(path, _CODES.get(name, "BASE_TYPE_INVALID"), message[:300])
