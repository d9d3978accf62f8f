"""Reads models files: the shipped one, then the operator's own over it; every mistake names file, table and field."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from bot.catalog.catalogue import REASONS, RESERVED, Catalog
from bot.catalog.forms import Fact, ModelForm, ReasonsForm, ServiceForm
from bot.catalog.rules import LOCAL, is_loopback
from bot.catalog.types import ModelCard, Openness, Price, Shape, Task, Training
from bot.errors import SettingsError

SHIPPED = Path(__file__).parents[1] / "data" / "models.toml"
_STAYS = "It runs on the bot's machine: nothing is sent to anybody."
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_TABLES = {"models", "services"}

# how a model is reached and on which terms: this does not come along with `like`
_SERVING = frozenset(
    {"service", "backend", "address", "key_setting", "model", "package", "gated", "provider", "price", "effort"}
    | {"training", "training_note", "attest", "attestation"}
)
# whoever serves a closed model serves its maker's, on its maker's terms
_TERMS = ("training", "training_note", "attest", "attestation", "conditions")
# what a service says is true of its models beside what they say themselves
_OF_BOTH = ("conditions", "sources", "not_looked_up")
_REACHED_ANEW = {"address", "service", "package", "backend"}
_TASKS = {
    Shape.CAUSAL: frozenset(Task),
    Shape.SEQ2SEQ: frozenset({Task.ANSWER, Task.SUMMARISE, Task.TRANSLATE}),
    Shape.EXTRACTIVE: frozenset({Task.ANSWER}),
    Shape.EMBEDDING: frozenset[Task](),
}

FormT = TypeVar("FormT", bound=BaseModel)


def load_catalog(extra: Path | None = None, shipped: Path = SHIPPED) -> Catalog:
    """Read the shipped models, and those in the operator's file `extra` over them.

    Raises:
        SettingsError: a file does not fit; names file, table and field.
    """
    book = _Book()
    book.read(shipped, is_added=False)
    if extra is not None:
        book.read(extra, is_added=True)
    return Catalog(book.make())


@dataclass(frozen=True, slots=True)
class _Entry:
    """A model's table: where it stands, for errors, and what it says."""

    at: str
    key: str
    given: dict[str, Any]
    is_added: bool


class _Book:
    """Reads files, the later over the earlier, and makes cards of all that was read."""

    def __init__(self) -> None:
        self.cards: dict[str, ModelCard] = {}
        self._entries: list[_Entry] = []
        self._services: dict[str, dict[str, Any]] = {}
        # what stands in a model's own table and in those that it is like, without its service
        self._written: dict[str, dict[str, Any]] = {}

    def read(self, file: Path, *, is_added: bool) -> None:
        tables = _tables(file)
        for name, table in tables["services"].items():
            at = f"{file}: [services.{name}]"
            _refuse_key(at, name)
            # one that is there already is changed, such as to go through another address
            before, given = self._services.get(name, {}), _checked(at, ServiceForm, table).given()
            _refuse_strangers(at, before, given)
            service = before | given
            for field in ("name", "backend", "address"):
                if field not in service:
                    raise SettingsError(f"{at} {field}: is missing")
            self._services[name] = service
        for key, table in tables["models"].items():
            at = f"{file}: [models.{key}]"
            _refuse_key(at, key)
            self._entries.append(_Entry(at, key, _checked(at, ModelForm, table).given(), is_added))

    def make(self) -> Iterable[ModelCard]:
        for entry in self._entries:
            self.cards[entry.key] = self._card(entry.at, entry.key, entry.given, is_added=entry.is_added)
        return self.cards.values()

    def _card(self, at: str, key: str, given: dict[str, Any], *, is_added: bool) -> ModelCard:
        values = {**self._base(at, key, given), **given}
        values.pop("like", None)
        self._written[key] = values
        service = values.get("service")
        if service is not None:
            if service not in self._services:
                msg = f"{at} service: none is named {service!r}{_perhaps(service, self._services)}"
                raise SettingsError(msg)
            served = dict(self._services[service])
            served["provider"] = served.pop("name")
            both = {name: (*served.get(name, ()), *values.get(name, ())) for name in _OF_BOTH}
            values = {**served, **values, **both}
        return _finished(at, key, values, given, is_added=is_added)

    def _base(self, at: str, key: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a model takes over from the one it is like, or from the shipped one that it replaces."""
        like = given.get("like")
        if like is None and key not in self.cards:
            return {}
        if like is not None and like not in self.cards:
            msg = f"{at} like: no model before it is named {like!r}{_perhaps(like, self.cards)}"
            raise SettingsError(msg)
        base = like or key
        written, card = self._written[base], self.cards[base]
        if like is None and not _REACHED_ANEW & given.keys():
            return dict(written)
        kept = {name: value for name, value in written.items() if name not in _SERVING}
        if "sources" in given:
            # they were not read on the other one's day
            kept.pop("looked_up", None)
        if card.openness is Openness.CLOSED:
            terms = {name: getattr(card, name) for name in _TERMS}
            kept |= {name: value for name, value in terms.items() if value}
        return kept


def _refuse_strangers(at: str, before: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Have a service that moves to another host say who is there, and which key that host is shown.

    Else a maker's key would go to others than its maker, and receipts would name who is not there.
    """
    if not before or _host(given.get("address", before["address"])) == _host(before["address"]):
        return
    for field, why in (("name", "who is at the new address"), ("key_setting", "which key goes to the new address")):
        if field in before and field not in given:
            raise SettingsError(f"{at} {field}: say {why}; for none, write a service of your own under another name")


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _finished(at: str, key: str, values: dict[str, Any], given: Mapping[str, Any], *, is_added: bool) -> ModelCard:
    """Fill in the defaults, look at what must fit together, and make the card."""
    values.setdefault("model", values.get("package"))
    shape = values.get("shape", Shape.CAUSAL)
    backend = values.get("backend") or _backend(values)
    _refuse_misfits(at, backend, values, given)
    address = values.get("address", "")
    openness: Openness = values.get("openness", Openness.CLOSED)
    here = backend == LOCAL or bool(address and is_loopback(address))
    # closed as another is, and not by its own table: what answers at the address is no more than a way there
    is_passed_on = here and values.get("openness") is Openness.CLOSED and not (is_added and "openness" in given)
    here = here and not is_passed_on
    training = values.get("training", Training.NO if here else Training.UNKNOWN)
    price = values.get("price")
    attest = values.get("attest", "")
    if training is Training.YES and not attest:
        attest = f"training:{values.get('service', key)}"
    plain = {"licence_url", "attribution", "context", "parameters", "conditions", "attestation", "package", "images"}
    plain |= {"sampling", "effort"}
    return ModelCard(
        key=key,
        name=values["name"],
        maker=values.get("maker", "not stated"),
        family=values.get("family", values["name"]),
        openness=openness,
        reasons=MappingProxyType(_reasons(values, openness)),
        tasks=frozenset(values.get("tasks", _TASKS[shape])),
        backend=backend,
        model=values["model"],
        licence=values.get("licence", "not stated"),
        price=Price(price.read, price.written, price.source, price.looked_up) if price else None,
        training=training,
        training_note=values.get("training_note", _STAYS if here else ""),
        attest=attest,
        key_setting=values.get("key_setting", ""),
        address=address,
        # behind an address it is spoken to as all are; what it is good for stays
        shape=shape if backend == LOCAL else Shape.CAUSAL,
        sources=values.get("sources", ()),
        looked_up=values.get("looked_up"),
        not_looked_up=tuple(fact for fact in get_args(Fact) if fact in values.get("not_looked_up", ())),
        provider=values.get("provider", ""),
        gated=values.get("gated", False),
        is_added=is_added,
        is_passed_on=is_passed_on,
        **{name: values[name] for name in plain if name in values},
    )


def _backend(values: Mapping[str, Any]) -> str:
    if values.get("address"):
        return "openai_api"
    return LOCAL if values.get("package") or _is_folder(values) else "openai_api"


def _is_folder(values: Mapping[str, Any]) -> bool:
    return str(values.get("model") or "").startswith(("/", "./", "../", "~"))


def _refuse_misfits(at: str, backend: str, values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    lacking = {
        "name": "is missing; it is what people see, such as My Llama",
        "model": "is missing; it is the model's name at its address, its name on the hub, or the folder of its weights",
    }
    for name, text in lacking.items():
        if not values.get(name):
            raise SettingsError(f"{at} {name}: {text}")
    if backend == LOCAL:
        if values.get("address"):
            raise SettingsError(f"{at} address: a model of the backend local has none")
        return
    if backend != "scripted" and not values.get("address"):
        msg = f"{at} address: is missing; write one such as http://127.0.0.1:8000/v1, or name a service"
        raise SettingsError(msg)
    for name in ("package", "gated", "shape"):
        if given.get(name):
            raise SettingsError(f"{at} {name}: only models of the backend local have one")


def _reasons(values: Mapping[str, Any], openness: Openness) -> dict[str, str]:
    form: ReasonsForm | None = values.get("reasons")
    if form is not None:
        return {name: text for name in REASONS if (text := getattr(form, name))}
    if "openness" in values:
        return {"access": f"Whoever runs this bot states that it is {openness}."}
    return {"access": "Not stated by whoever runs this bot."}


def _tables(file: Path) -> dict[str, dict[str, Any]]:
    try:
        values = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    except FileNotFoundError:
        raise SettingsError(f"{file}: there is no such models file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: cannot be read as TOML: {error}") from None
    for name in values:
        if name not in _TABLES:
            msg = f"{file}: no table is named {name!r}{_perhaps(name, _TABLES)}; models are [models.KEY] tables"
            raise SettingsError(msg)
    found: dict[str, dict[str, Any]] = {}
    for name in _TABLES:
        group: Any = values.get(name, {})
        if not isinstance(group, dict):
            raise SettingsError(f"{file}: {name}: must be tables such as [{name}.my-llama]")
        for key, table in cast("dict[str, Any]", group).items():
            if not isinstance(table, dict):
                raise SettingsError(f"{file}: {name}.{key}: must be a table, [{name}.{key}], with fields under it")
        found[name] = cast("dict[str, Any]", group)
    return found


def _refuse_key(at: str, key: str) -> None:
    if not _KEY.fullmatch(key):
        raise SettingsError(f"{at}: a key has 1 to 40 small letters, digits, dots, dashes or underscores")
    if key in RESERVED:
        raise SettingsError(f"{at}: {key} is what members say to leave the choice to the bot; take another key")


def _checked(at: str, form: type[FormT], table: Mapping[str, Any]) -> FormT:
    for name in table:
        if name not in form.model_fields:
            raise SettingsError(f"{at}: no field is named {name!r}{_perhaps(name, form.model_fields)}")
    try:
        return form(**table)
    except ValidationError as error:
        raise SettingsError(f"{at} {_told(error)}") from None


def _told(error: ValidationError) -> str:
    """Turn pydantic's report into one line that names the field."""
    detail = error.errors(include_url=False)[0]
    context: dict[str, Any] = detail.get("ctx", {})
    plainer = {
        "missing": "is missing",
        "extra_forbidden": "there is no such field",
        "string_type": "must be text, in quotes",
        "int_type": "must be a whole number",
        "bool_type": "must be true or false",
        "tuple_type": "must be a list, in square brackets",
        "decimal_type": "must be a number",
        "decimal_parsing": "must be a number",
        "finite_number": "must be a number",
        "model_type": "must be a table",
        "greater_than": f"must be above {context.get('gt')}",
        "greater_than_equal": f"must be {context.get('ge')} or above",
        "string_too_long": f"must have at most {context.get('max_length')} characters",
        "too_long": f"must have at most {context.get('max_length')} entries",
        "enum": f"must be {context.get('expected')}",
        "literal_error": f"must be {context.get('expected')}",
    }
    text = plainer.get(detail["type"])
    if text is None and detail["type"].startswith("date"):
        text = "must be a date such as 2026-11-28"
    field = ".".join(str(part) for part in detail["loc"])
    return f"{field}: {text or detail['msg'].removeprefix('Value error, ')}"


def _perhaps(word: str, known: Collection[str]) -> str:
    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
