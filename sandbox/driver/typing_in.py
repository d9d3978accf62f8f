"""What a person types or picks, turned into what the stage expects: options of commands, fields of modals."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sandbox.driver.errors import NotFound, listed
from sandbox.driver.seen import Control, walk
from sandbox.driver.transport import File

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.driver.places import Place, Places
    from sandbox.driver.transport import Json

SUBCOMMAND, GROUP = 1, 2
USER, CHANNEL, ROLE, MENTIONABLE, ATTACHMENT = 6, 7, 8, 9, 11
STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 3, 5, 6, 7, 8
FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP = 19, 21, 22


class Typist:
    """Turns names into ids and labels into values for one person in one place, and collects the files on the way."""

    def __init__(self, places: Places, place: Place) -> None:
        self._places = places
        self._place = place
        self.files: list[File] = []

    def command(self, command: Json, path: list[str], given: Mapping[str, object], focused: str | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the nested options of a command whose subcommands are `path`."""
        options: list[Json] = command.get("options") or []
        if options and options[0]["type"] in {SUBCOMMAND, GROUP}:
            wanted = path[0] if path else None
            branch = next((one for one in options if one["name"] == wanted), None)
            if branch is None:
                raise NotFound(f"/{command['name']} has no {wanted!r}; it has {listed(o['name'] for o in options)}")
            inner = self.command(branch, path[1:], given, focused)
            return [{"name": branch["name"], "type": branch["type"], "options": inner}]
        if path:
            raise NotFound(f"/{command['name']} has no subcommand {' '.join(path)!r}")
        known = {option["name"]: option for option in options}
        result: list[Json] = []
        for name, value in given.items():
            option = known.get(name) or known.get(name.replace("_", "-")) or known.get(name.rstrip("_"))
            if option is None:
                raise NotFound(f"/{command['name']} has no option {name!r}; it has {listed(known)}")
            one: Json = {"name": option["name"], "type": option["type"]}
            if focused in {name, option["name"]}:
                result.append(one | {"value": value, "focused": True})
            elif value is not None:
                result.append(one | {"value": self._option(option, value)})
        return result

    def values(self, control: Json, wanted: object) -> list[str]:
        """Return the values of a select, given as one or several values, labels, names or what the driver returned."""
        several = cast("list[object]", list(wanted)) if isinstance(wanted, list | tuple | set) else [wanted]  # pyright: ignore[reportUnknownArgumentType]
        return [self._pick(control, one) for one in several]

    def modal(self, modal: Json, given: Mapping[str, object]) -> Json:
        """Return the values of a modal by custom_id; fields may be named by custom_id or label."""
        fields = fields_of(modal)
        result: Json = {}
        for name, value in given.items():
            field = fields.get(name) or next((one for one in fields.values() if one["custom_id"] == name), None)
            if field is None:
                raise NotFound(f"the modal {modal['title']!r} has no field {name!r}; it has {listed(fields)}")
            result[field["custom_id"]] = self._field(field, value)
        return result

    def _option(self, option: Json, value: object) -> object:  # noqa: PLR0911 - one line a kind
        kind = option["type"]
        if kind == USER:
            return self._places.user(value)
        if kind == CHANNEL:
            return self._places.place(value).id
        if kind == ROLE:
            return self._places.role(value, self._place.guild_id)
        if kind == MENTIONABLE:
            return self._mentionable(value)
        if kind == ATTACHMENT:
            return self._file(value)
        choices: list[Json] = option.get("choices") or []
        for choice in choices:
            if value == choice["name"]:
                return choice["value"]
        return value

    def _field(self, field: Json, value: object) -> object:
        kind = field["type"]
        if kind == FILE_UPLOAD:
            several = cast("list[object]", value) if isinstance(value, list) else [value]
            return [self._file(one) for one in several]
        if kind in {STRING_SELECT, CHECKBOX_GROUP, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT}:
            return self.values(field, value)
        if kind == RADIO_GROUP and value is not None:
            return self._pick(field, value)
        return value

    def _pick(self, control: Json, wanted: object) -> str:
        kind = control["type"]
        if kind in {STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP}:
            return Control(control).value_of(str(wanted))
        if kind == USER_SELECT:
            return self._places.user(wanted)
        if kind == ROLE_SELECT:
            return self._places.role(wanted, self._place.guild_id)
        if kind == CHANNEL_SELECT:
            return self._places.place(wanted).id
        return self._mentionable(wanted)

    def _mentionable(self, wanted: object) -> str:
        try:
            return self._places.user(wanted)
        except NotFound as nobody:
            try:
                return self._places.role(wanted, self._place.guild_id)
            except NotFound as nothing:
                raise NotFound(f"{nobody}; {nothing}") from nothing

    def _file(self, value: object) -> int:
        if isinstance(value, Path):
            value = File(value.name, value.read_bytes())
        if not isinstance(value, File):
            raise NotFound(f"{value!r} is no file; give a File or a Path")
        self.files.append(value)
        return len(self.files) - 1


def fields_of(modal: Json) -> dict[str, Json]:
    """Return the fields of a modal by their labels (or custom_ids where a label is taken)."""
    fields: dict[str, Json] = {}
    labels = {id(one.get("component")): one["label"] for one in modal["components"] if one["type"] == 18}  # noqa: PLR2004
    for component in walk(modal["components"]):
        if "custom_id" in component:
            label = labels.get(id(component)) or component.get("label") or component["custom_id"]
            fields[component["custom_id"] if label in fields else label] = component
    return fields
