"""The table of routes: a tree of path segments in which a literal goes before a parameter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.limits import bucket_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.rest.call import Route

_MAJOR = {"channels": 1, "guilds": 1, "webhooks": 2, "interactions": 2}


@dataclass(frozen=True, slots=True)
class Entry:
    """A route with what is known of it beforehand."""

    route: Route
    names: tuple[str, ...]
    bucket: str
    majors: int

    def major(self, values: Sequence[str]) -> str:
        """Return the major parameter (channel, guild, or webhook with token) of a call."""
        return "/".join(values[: self.majors])


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict[str, "_Node"])
    parameter: _Node | None = None
    methods: dict[str, Entry] = field(default_factory=dict[str, Entry])


class Table:
    """Finds the route of a path."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        names: list[str] = []
        steps = route.path.strip("/").split("/")
        for step in steps:
            if step.startswith("{"):
                names.append(step[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(step, _Node())
        if route.method in node.methods:
            message = f"two routes for {route.method} {route.path}"
            raise ValueError(message)
        majors = min(_MAJOR.get(steps[0], 0), len(names))
        node.methods[route.method] = Entry(route, tuple(names), bucket_of(route), majors)

    def find(self, method: str, steps: Sequence[str]) -> tuple[Entry, list[str]] | None:
        """Return the route of a method and path (its raw segments) with the parameters' raw values."""
        found = _walk(self._root, method, steps, 0)
        return None if found is None else (found[0], found[1][::-1])

    def methods(self, steps: Sequence[str]) -> set[str]:
        """Return the methods that a path is served with."""
        nodes = [self._root]
        for step in steps:
            nodes = [
                following
                for node in nodes
                for following in (node.literals.get(step), node.parameter)
                if following is not None
            ]
        return {method for node in nodes for method in node.methods}


def _walk(node: _Node, method: str, steps: Sequence[str], at: int) -> tuple[Entry, list[str]] | None:
    if at == len(steps):
        entry = node.methods.get(method)
        return None if entry is None else (entry, [])
    step = steps[at]
    literal = node.literals.get(step)
    if literal is not None:
        found = _walk(literal, method, steps, at + 1)
        if found is not None:
            return found
    if node.parameter is not None and step:
        found = _walk(node.parameter, method, steps, at + 1)
        if found is not None:
            found[1].append(step)
            return found
    return None
