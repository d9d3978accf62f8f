"""Schemas of an API description made fit for checking: what is chosen is chosen first, so that errors can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sandbox.model import Json

# sets of permission bits are integers in the description and strings in Discord's documentation and clients
_BITS = frozenset({"allow", "deny", "permissions", "default_member_permissions"})
_DIGITS = {"type": "string", "pattern": "^[0-9]+$"}


def readable(schema: Json, schemas: Json) -> Json:
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
    return readable(cast("Json", part), schemas) if isinstance(part, dict) else part


def _union(members: list[Json], schemas: Json) -> Json:
    others = [member for member in members if member.get("type") != "null"]
    inner = _chosen(others, schemas)
    if len(others) == len(members):
        return inner
    return {"if": {"type": "null"}, "else": inner}


def _chosen(members: list[Json], schemas: Json) -> Json:
    if len(members) == 1:
        return readable(members[0], schemas)
    if all("const" in member for member in members):
        return {"enum": [member["const"] for member in members]}
    kinds = [_kinds(member, schemas) for member in members]
    if any(kind is None for kind in kinds):
        return {"anyOf": [readable(member, schemas) for member in members]}
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
    found = [readable(member, schemas) for member in members]
    return found[0] if len(found) == 1 else {"anyOf": found}


def _kinds(member: Json, schemas: Json) -> list[int] | None:
    while "$ref" in member:
        member = schemas[member["$ref"].rsplit("/", 1)[1]]
    kind = member.get("properties", {}).get("type", {})
    return kind.get("enum") if "type" in member.get("required", ()) else None


def references(part: object) -> set[str]:
    """Return the names of the parts that a schema refers to directly."""
    match part:
        case dict():
            node = cast("Json", part)
            own = {str(node["$ref"]).rsplit("/", 1)[1]} if "$ref" in node else set[str]()
            return own.union(*map(references, node.values()))
        case list():
            return set[str]().union(*map(references, cast("list[object]", part)))
        case _:
            return set()
