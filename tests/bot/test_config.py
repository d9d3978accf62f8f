"""Settings: where they come from, what is refused and in which words, and what is never read."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import Settings
from bot.errors import SettingsError

TOKEN = "real-secret-token"


class Watched(Mapping[str, str]):
    """An environment that notes which values were looked at."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        self.read: list[str] = []

    def __getitem__(self, name: str) -> str:
        value = self._values[name]
        self.read.append(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults() -> None:
    settings = Settings.load({})
    assert settings.database == "sqlite+aiosqlite:///data/rostrum.db"
    assert settings.zone.key == "UTC"
    assert (settings.log_level, settings.log_format, settings.discord_url) == ("info", "console", None)


def test_the_environment_wins_over_the_file(empty_folder: Path) -> None:
    (empty_folder / "rostrum.toml").write_text('time_zone = "Europe/Berlin"\nlog_level = "debug"\n')
    settings = Settings.load({"ROSTRUM_TIME_ZONE": "Asia/Tokyo", "ROSTRUM_LOG_FORMAT": ""})
    assert (settings.time_zone, settings.log_level, settings.log_format) == ("Asia/Tokyo", "debug", "console")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings.load({}).time_zone = "Europe/Berlin"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("sqlite:///polls.db", "sqlite+aiosqlite:///polls.db"),
        ("sqlite+aiosqlite:////var/polls.db", "sqlite+aiosqlite:////var/polls.db"),
        ("postgres://a:b@host/name", "postgresql+asyncpg://a:b@host/name"),
        ("postgresql://a:b@host/name", "postgresql+asyncpg://a:b@host/name"),
        ("postgresql+asyncpg://host/name", "postgresql+asyncpg://host/name"),
    ],
)
def test_database_addresses_as_people_write_them(written: str, address: str) -> None:
    assert Settings.load({"ROSTRUM_DATABASE_URL": written}).database == address


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8420", "http://localhost:1/", "http://[::1]:8420", "https://127.8.8.8"]
)
def test_stand_ins_on_this_machine(url: str) -> None:
    assert Settings.load({"ROSTRUM_DISCORD_URL": url}).discord_url == url.rstrip("/")


def test_a_stand_in_elsewhere_only_when_told() -> None:
    there = {"ROSTRUM_DISCORD_URL": "http://127.0.0.1.example.org:80"}
    with pytest.raises(SettingsError, match=r"^ROSTRUM_DISCORD_URL: .* set ROSTRUM_DISCORD_URL_ALLOW_REMOTE=true"):
        Settings.load(there)
    assert Settings.load(there | {"ROSTRUM_DISCORD_URL_ALLOW_REMOTE": "true"}).discord_url


def test_with_a_stand_in_the_real_token_is_never_read(empty_folder: Path) -> None:
    environ = Watched({"ROSTRUM_DISCORD_TOKEN": TOKEN, "ROSTRUM_DISCORD_URL": "http://127.0.0.1:1"})
    (empty_folder / "rostrum.toml").write_text("discord_token = 17\n")
    settings = Settings.load(environ)
    assert "ROSTRUM_DISCORD_TOKEN" not in environ.read
    assert settings.discord_token is None
    assert (settings.token(), settings.token_setting) == ("stand-in-token", "ROSTRUM_STAND_IN_TOKEN")


def test_without_a_stand_in_the_token_is_the_real_one() -> None:
    settings = Settings.load({"ROSTRUM_DISCORD_TOKEN": f" {TOKEN}\n"})
    assert (settings.token(), settings.token_setting) == (TOKEN, "ROSTRUM_DISCORD_TOKEN")


def test_no_secret_shows() -> None:
    settings = Settings.load(
        {"ROSTRUM_DISCORD_TOKEN": TOKEN, "ROSTRUM_DATABASE_URL": "postgresql://bot:hush@host/name"}
    )
    assert TOKEN not in repr(settings)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("token", [{}, {"ROSTRUM_DISCORD_TOKEN": "  "}])
def test_a_missing_token_is_told_when_it_is_needed(token: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^ROSTRUM_DISCORD_TOKEN: not set"):
        Settings.load(token).token()


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"ROSTRUM_LOG_LEVEL": "loud"}, "ROSTRUM_LOG_LEVEL: input should be 'debug'"),
        ({"ROSTRUM_TIME_ZONE": "Moon/Sea"}, "ROSTRUM_TIME_ZONE: 'Moon/Sea' is not a time zone"),
        ({"ROSTRUM_TIME_ZONE": "../etc/passwd"}, "ROSTRUM_TIME_ZONE: "),
        ({"ROSTRUM_DATABASE_URL": "mysql://x"}, "ROSTRUM_DATABASE_URL: must start with sqlite:///"),
        ({"ROSTRUM_DATABASE_URL": "sqlite://"}, "ROSTRUM_DATABASE_URL: must"),
        ({"ROSTRUM_DATABASE_URL": "sqlite:///:memory:"}, "ROSTRUM_DATABASE_URL: must"),
        ({"ROSTRUM_DISCORD_URL": "localhost:8420"}, "ROSTRUM_DISCORD_URL: must be an address"),
        ({"ROSTRUM_DISCORD_URL": "http://127.0.0.1/api"}, "ROSTRUM_DISCORD_URL: must be an address"),
        ({"ROSTRUM_DISCORD_URL": "http://127.0.0.1:99999"}, "ROSTRUM_DISCORD_URL: must be an address"),
        ({"ROSTRUM_DISCORD_URL": "http://[::1"}, "ROSTRUM_DISCORD_URL: must be an address"),
        ({"ROSTRUM_DISCORD_URL": "http://me:pw@127.0.0.1"}, "ROSTRUM_DISCORD_URL: must be an address"),
        ({"ROSTRUM_DISCORD_URL": "http://127.0.0.1#x"}, "ROSTRUM_DISCORD_URL: must be an address"),
        ({"ROSTRUM_DISCORD_URL_ALLOW_REMOTE": "perhaps"}, "ROSTRUM_DISCORD_URL_ALLOW_REMOTE: must be true or false"),
        ({"ROSTRUM_DATABASE_URL": "postgresql://a@host:port/name"}, "ROSTRUM_DATABASE_URL: must"),
        ({"ROSTRUM_DATABASE_URL": "sqlite:///polls.db?mode=ro"}, "ROSTRUM_DATABASE_URL: must"),
        ({"ROSTRUM_DATABASE_URL": "sqlite://polls.db"}, "ROSTRUM_DATABASE_URL: must"),
        ({"ROSTRUM_DISCORD_TOKEN": "two words"}, "ROSTRUM_DISCORD_TOKEN: holds characters that no token has"),
        ({"ROSTRUM_DISCORD_TOKEN": "tök\nen"}, "ROSTRUM_DISCORD_TOKEN: holds characters that no token has"),
        ({"ROSTRUM_LOGLEVEL": "info"}, "ROSTRUM_LOGLEVEL: no such setting; did you mean ROSTRUM_LOG_LEVEL?"),
        ({"ROSTRUM_NONSENSE": "1"}, "ROSTRUM_NONSENSE: no such setting"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(environ: dict[str, str], line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ)
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("log_levl = 'info'", "rostrum.toml: no setting is named 'log_levl'; did you mean log_level?"),
        ("log_level = 7", "log_level (rostrum.toml): input should be 'debug'"),
        ("time_zone = 7", "time_zone (rostrum.toml): must be text, in quotes"),
        ("data_dir = []", "data_dir (rostrum.toml): must be a path, in quotes"),
        ("discord_url = 5", "discord_url (rostrum.toml): must be text, in quotes"),
        ("discord_url_allow_remote = 'perhaps'", "discord_url_allow_remote (rostrum.toml): must be true or false"),
        ("[polls]", "rostrum.toml: no setting is named 'polls'"),
        ("log_level =", "rostrum.toml: cannot be read as TOML"),
        ("\xff", "rostrum.toml: cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_one_line_that_says_where(empty_folder: Path, text: str, line: str) -> None:
    (empty_folder / "rostrum.toml").write_text(text, "latin-1")
    with pytest.raises(SettingsError) as caught:
        Settings.load({})
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_a_named_file_must_be_there_and_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    with pytest.raises(SettingsError, match="there is no such settings file"):
        Settings.load({}, other)
    other.write_text("time_zone = 7\n")
    with pytest.raises(SettingsError, match=r"^time_zone \(.*other\.toml\): must be text"):
        Settings.load({}, other)


def test_a_wrong_value_is_not_repeated_where_it_may_be_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({"ROSTRUM_DATABASE_URL": "mysql://bot:hush@host/name"})
    assert "hush" not in str(caught.value)
    with pytest.raises(SettingsError) as caught:
        Settings.load({"ROSTRUM_DISCORD_TOKEN": "hush hush"})
    assert "hush" not in str(caught.value)


def test_an_address_left_empty_in_the_file_is_none(tmp_path: Path) -> None:
    file = tmp_path / "rostrum.toml"
    file.write_text('discord_url = ""\n')
    assert Settings.load({}, file).discord_url is None


def test_a_setting_is_told_from_a_default_and_the_database_from_its_folder() -> None:
    default, set_so = (
        Settings.load({}),
        Settings.load({"ROSTRUM_LOG_LEVEL": "info", "ROSTRUM_DATABASE_URL": "sqlite:///x"}),
    )
    assert not default.says("log_level")
    assert set_so.says("log_level")
    assert default.database_setting == "ROSTRUM_DATA_DIR"
    assert set_so.database_setting == "ROSTRUM_DATABASE_URL"
