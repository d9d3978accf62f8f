"""What may stand in a models file: the fields of a model and of a service, and what each must be like."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from bot.catalog.types import Openness, Shape, Task, Training

_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([KMBT])")
_KEY_SETTING = re.compile(r"(?!ROSTRUM_)[A-Z][A-Z0-9_]*_API_KEY|HF_TOKEN")
_ATTESTATION = re.compile(r"[a-z0-9][a-z0-9:._-]{0,59}")

BackendName = Literal["local", "openai_api", "anthropic_api", "gemini_api", "scripted"]
Fact = Literal["weights", "code", "data", "licence", "access", "context", "parameters", "training"]


def _size(value: object) -> object:
    """Read a number of weights as people write it, such as 8B."""
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value)
    if not match:
        raise ValueError('must be a whole number, or one such as "135M" or "8B"')
    return int(Decimal(match[1]) * _UNITS[match[2]])


def _line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be one line of text that is not blank")
    return value.strip()


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        parts = None
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.username is not None
        or not value.isascii()
        or not value.isprintable()
        or " " in value
    ):
        raise ValueError("must be an address such as http://127.0.0.1:8000/v1")
    return value


def _base(value: str) -> str:
    if "?" in value or "#" in value:
        raise ValueError("must be an address without ? and #, such as http://127.0.0.1:8000/v1")
    return value.rstrip("/")


def _key_setting(value: str) -> str:
    if not _KEY_SETTING.fullmatch(value):
        raise ValueError("must name a variable of the environment such as GROQ_API_KEY")
    return value


def _attestation(value: str) -> str:
    if not _ATTESTATION.fullmatch(value):
        raise ValueError("must be a name in small letters such as training:groq")
    return value


Name = Annotated[StrictStr, Field(max_length=60), AfterValidator(_line)]
Line = Annotated[StrictStr, Field(max_length=300), AfterValidator(_line)]
Url = Annotated[StrictStr, Field(max_length=500), AfterValidator(_address)]
Address = Annotated[Url, AfterValidator(_base)]
KeySetting = Annotated[StrictStr, AfterValidator(_key_setting)]
Attestation = Annotated[StrictStr, AfterValidator(_attestation)]
Size = Annotated[StrictInt, Field(gt=0), BeforeValidator(_size)]


class PriceForm(BaseModel):
    """US dollars for a million tokens; without where and when it was looked up it is no price."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    read: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
    written: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
    source: Line
    looked_up: date


class ReasonsForm(BaseModel):
    """Why a model is in its class."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: Line | None = None
    code: Line | None = None
    data: Line | None = None
    licence: Line | None = None
    access: Line | None = None


class _Served(BaseModel):
    """What a service and a model that is reached by itself have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    key_setting: KeySetting | None = None
    training: Training | None = None
    training_note: Line | None = None
    conditions: Annotated[tuple[Line, ...], Field(max_length=6)] | None = None
    attest: Attestation | None = None
    attestation: Line | None = None
    sources: Annotated[tuple[Url, ...], Field(max_length=10)] | None = None
    not_looked_up: tuple[Fact, ...] | None = None

    def given(self) -> dict[str, Any]:
        """Return what stands in the file."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class ServiceForm(_Served):
    """A [services.NAME] table: whoever serves several models at one address; must have these three, once merged."""

    name: Name | None = None
    backend: BackendName | None = None
    address: Address | None = None


class ModelForm(_Served):
    """A [models.KEY] table; all of it may come from elsewhere, by `like` and `service`."""

    like: StrictStr | None = None
    service: StrictStr | None = None
    backend: BackendName | None = None
    address: Address | None = None
    name: Name | None = None
    model: Line | None = None
    maker: Name | None = None
    family: Name | None = None
    openness: Openness | None = None
    reasons: ReasonsForm | None = None
    tasks: tuple[Task, ...] | None = None
    licence: Name | None = None
    licence_url: Url | None = None
    attribution: Line | None = None
    context: Size | None = None
    parameters: Size | None = None
    price: PriceForm | None = None
    shape: Shape | None = None
    package: Name | None = None
    images: StrictBool | None = None
    gated: StrictBool | None = None
    sampling: StrictBool | None = None
    effort: Name | None = None
    looked_up: date | None = None
