"""Settings: read once, from the environment and rostrum.toml, then passed down.

The environment wins over the file. A wrong or unknown setting raises `SettingsError`, whose text names it.
"""

import base64
import ipaddress
import re
import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.errors import SettingsError

PREFIX = "ROSTRUM_"
DEFAULT_FILE = Path("rostrum.toml")
_KEY_BYTES = 32
# makers' keys go by their makers' own names, so that whoever has them set need not set them again
_KEY = re.compile(r"(?!ROSTRUM_)[A-Z][A-Z0-9_]*_API_KEY|HF_TOKEN")

# SQLAlchemy's name for each kind of database address that people write
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}

# where pydantic's own words are for programmers
_PLAINER = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "decimal_parsing": "must be an amount, such as 10 or 2.50",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "path_type": "must be a path, in quotes",
    "string_type": "must be text, in quotes",
}


class Settings(BaseModel):
    """Everything an operator can set; each field is ROSTRUM_<NAME> in the environment or <name> in rostrum.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    discord_token: SecretStr | None = Field(
        default=None, description="The bot's token on Discord. Never read while ROSTRUM_DISCORD_URL is set."
    )
    discord_url: str | None = Field(
        default=None,
        description="Address of a stand-in Discord, such as http://127.0.0.1:8420, to join instead of the real one.",
    )
    discord_url_allow_remote: bool = Field(
        default=False, description="Allow a stand-in Discord that is not on this machine (true or false)."
    )
    stand_in_token: SecretStr = Field(
        default=SecretStr("stand-in-token"), description="The token shown to the stand-in Discord."
    )
    data_dir: Path = Field(default=Path("data"), description="Folder of what the bot keeps; made when missing.")
    database_url: str = Field(
        default="",
        repr=False,
        description="Where data is stored: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. "
        "Default: rostrum.db in the data folder.",
    )
    time_zone: str = Field(
        default="UTC", description="Zone in which typed times such as 'Fri 18:00' are read, such as Europe/Berlin."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log lines to write: debug, info, warning or error."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="console for people, json (one object a line) for machines."
    )
    models_file: Path | None = Field(
        default=None, description="TOML file with models of your own, beside those that are shipped."
    )
    default_model: str = Field(
        default="",
        description="Who answers where nobody chose: a model's key in `rostrum models`, any-open, any-closed, hybrid.",
    )
    attested: str = Field(
        default="",
        description="Names of conditions that you attest to meet, with commas between; `rostrum models` says which.",
    )
    models_dir: Path | None = Field(
        default=None, description="Folder of converted weights. Default: models in the data folder."
    )
    local_memory_mb: int = Field(
        default=4096, ge=512, description="Memory, in MB, that models on this machine may take together."
    )
    local_threads: int = Field(
        default=1, ge=1, le=256, description="Processor threads of each model on this machine; more can be slower."
    )
    local_idle_seconds: int = Field(
        default=600, ge=1, description="Seconds after which an unused model on this machine is stopped."
    )
    local_device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where models on this machine run: auto takes a GPU if there is one; cpu, cuda."
    )
    member_tokens_a_day: int = Field(
        default=50_000,
        ge=0,
        description="Tokens that a member may use a day where a server sets nothing; 0 is no bound.",
    )
    server_dollars_a_month: Decimal = Field(
        default=Decimal(10),
        ge=0,
        decimal_places=2,
        description="US dollars that a server may spend a month, whatever it sets itself; 0 is no bound.",
    )
    moderation_url: str = Field(
        default="",
        description="Address of a moderation endpoint of OpenAI's form, such as "
        "https://api.openai.com/v1/moderations (its key: OPENAI_API_KEY; any other's: MODERATION_API_KEY).",
    )
    moderation_model: str = Field(
        default="omni-moderation-latest", description="The model that the moderation endpoint is to use."
    )
    signing_key: SecretStr | None = Field(
        default=None,
        description="The key that signs results: 32 random bytes in base64. Default: signing.key in the data folder, "
        "made at the first start.",
    )
    _keys: Mapping[str, SecretStr] = PrivateAttr(default_factory=dict[str, SecretStr])

    @classmethod
    def load(cls, environ: Mapping[str, str], file: Path | None = None) -> Self:
        """Read the settings from `environ` over `file` (default: rostrum.toml here, when there is one)."""
        names = {PREFIX + field.upper(): field for field in cls.model_fields}
        written = _read_file(file, set(cls.model_fields))
        _refuse_unknown(environ, names)
        stand_in = environ.get(PREFIX + "DISCORD_URL") or written.get("discord_url")
        # an empty variable is one that was left blank in a compose file or .env: as if it were not there
        given = {
            field: environ[name]
            for name, field in names.items()
            if name in environ and not (stand_in and field == "discord_token") and environ[name] != ""
        }
        if stand_in:
            written.pop("discord_token", None)
        try:
            values: dict[str, Any] = {**written, **given}
            settings = cls(**values)
        except ValidationError as error:
            raise SettingsError(_first_line(error, given, file or DEFAULT_FILE)) from None
        settings._keys = {
            name: SecretStr(environ[name].strip()) for name in environ if _KEY.fullmatch(name) and environ[name].strip()
        }
        return settings

    @field_validator("discord_token", "stand_in_token")
    @classmethod
    def _is_token(cls, value: SecretStr | None) -> SecretStr | None:
        # what a header cannot carry would fail late and with a traceback
        text = value.get_secret_value().strip() if value else ""
        if not text.isascii() or not text.isprintable() or " " in text:
            msg = "holds characters that no token has; copy it again"
            raise ValueError(msg)
        return SecretStr(text) if value else None

    @field_validator("signing_key")
    @classmethod
    def _is_key(cls, value: SecretStr | None) -> SecretStr | None:
        text = value.get_secret_value().strip() if value else ""
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if text and len(key) != _KEY_BYTES:
            msg = "must be 32 random bytes in base64, such as `openssl rand -base64 32` prints"
            raise ValueError(msg)
        return SecretStr(text) if text else None

    @field_validator("discord_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = _split(value)
        more_than_an_address = parts and (parts.path.rstrip("/") or parts.query or parts.fragment or parts.username)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or more_than_an_address:
            msg = "must be an address like http://127.0.0.1:8420"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("moderation_url")
    @classmethod
    def _is_endpoint(cls, value: str) -> str:
        parts = _split(value)
        if value and (parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username):
            msg = "must be an address like https://api.openai.com/v1/moderations"
            raise ValueError(msg)
        return value

    @field_validator("database_url")
    @classmethod
    def _is_database(cls, value: str) -> str:
        scheme, separator, rest = value.partition("://")
        in_a_file = scheme.startswith("sqlite")
        # SQLite's own query strings could switch durability off
        unfit = rest in {"", "/"} or (in_a_file and (not rest.startswith("/") or ":memory:" in rest or "?" in rest))
        if value and (not separator or scheme not in _DRIVERS or unfit or _split(value) is None):
            msg = "must start with sqlite:/// and a path, or be postgresql://user:password@host/name"
            raise ValueError(msg)
        return f"{_DRIVERS[scheme]}://{rest}" if value else value

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            msg = f"{value!r} is not a time zone; write one like Europe/Berlin or UTC"
            raise ValueError(msg) from None
        return value

    @model_validator(mode="after")
    def _stays_on_this_machine(self) -> Self:
        if self.discord_url and not self.discord_url_allow_remote and not _is_loopback(self.discord_url):
            msg = (
                f"{PREFIX}DISCORD_URL: {self.discord_url} is not on this machine; "
                f"set {PREFIX}DISCORD_URL_ALLOW_REMOTE=true if that is meant"
            )
            raise ValueError(msg)
        return self

    @property
    def database(self) -> str:
        """The address of the database, with the default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'rostrum.db'}"

    @property
    def database_setting(self) -> str:
        """The name of the setting that `database` comes from."""
        return PREFIX + ("DATABASE_URL" if self.database_url else "DATA_DIR")

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which typed times are read."""
        return ZoneInfo(self.time_zone)

    @property
    def models_folder(self) -> Path:
        """Where converted weights are kept, with the default filled in."""
        return self.models_dir or self.data_dir / "models"

    @property
    def attestations(self) -> frozenset[str]:
        """The names of the conditions that the operator attests to meet."""
        return frozenset(name for part in self.attested.split(",") if (name := part.strip().lower()))

    def key(self, name: str) -> str | None:
        """Return the key of a maker's service, such as that in OPENAI_API_KEY; None when it is not set."""
        secret = self._keys.get(name)
        return secret.get_secret_value() if secret else None

    def token(self) -> str:
        """Return the token to log in with; the stand-in's own where a stand-in is set.

        Raises:
            SettingsError: no token was given.
        """
        if self.discord_url:
            return self.stand_in_token.get_secret_value()
        if self.discord_token is None or not self.discord_token.get_secret_value():
            msg = (
                f"{PREFIX}DISCORD_TOKEN: not set; put the bot's token there, "
                "or run `rostrum sandbox` to try the bot without an account"
            )
            raise SettingsError(msg)
        return self.discord_token.get_secret_value()

    def says(self, field: str) -> bool:
        """Tell whether the operator set `field`, rather than leaving it as it is by default."""
        return field in self.model_fields_set

    @property
    def token_setting(self) -> str:
        """The name of the setting that `token` comes from."""
        return PREFIX + ("STAND_IN_TOKEN" if self.discord_url else "DISCORD_TOKEN")


def _split(url: str) -> SplitResult | None:
    """Take an address apart; None when it cannot be one, such as for its port."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read_file(file: Path | None, fields: set[str]) -> dict[str, Any]:
    path = file or DEFAULT_FILE
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if file is None:
            return {}
        msg = f"{file}: there is no such settings file"
        raise SettingsError(msg) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path}: cannot be read as TOML: {error}"
        raise SettingsError(msg) from None
    for key in values:
        if key not in fields:
            msg = f"{path}: no setting is named {key!r}{_perhaps(key, fields)}"
            raise SettingsError(msg)
    return values


def _refuse_unknown(environ: Mapping[str, str], names: Mapping[str, str]) -> None:
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in names:
            near = _perhaps(name.removeprefix(PREFIX), {known.removeprefix(PREFIX) for known in names}, PREFIX)
            msg = f"{name}: no such setting{near}"
            raise SettingsError(msg)


def _perhaps(word: str, known: set[str], prefix: str = "") -> str:
    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {prefix}{near[0]}?" if near else ""


def _first_line(error: ValidationError, from_environment: Collection[str], file: Path) -> str:
    """Turn pydantic's report into one line that names the setting as it was written, without repeating its value."""
    detail = error.errors(include_url=False, include_input=False)[0]
    text = _PLAINER.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return text
    field = str(detail["loc"][0])
    name = PREFIX + field.upper() if field in from_environment else f"{field} ({file})"
    return f"{name}: {text[:1].lower()}{text[1:]}"
