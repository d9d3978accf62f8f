"""The container files agree with each other and with the settings (no engine runs here)."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from bot.catalog import load_catalog
from bot.config import PREFIX, Settings
from tests.conftest import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
NAMES = {PREFIX + name.upper() for name in Settings.model_fields}
KEYS = {card.key_setting for card in load_catalog().cards.values()} - {""} | {"MODERATION_API_KEY"}


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE_TEXT)


def filled_in(environment: dict[str, str]) -> dict[str, str]:
    """The variables as compose hands them over when .env holds the secrets."""
    own = {PREFIX + "SIGNING_KEY": "A" * 43 + "="}
    return {
        name: re.sub(r"\$\{(\w+)(?::-(\w*)|:\?[^}]*)\}", lambda m: m[2] or own.get(m[1], "s3cret"), value)
        for name, value in environment.items()
    }


def test_services_depend_on_services_that_say_when_they_are_healthy(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"bot", "postgres"}
    for service in services.values():
        for needed, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_healthy"
            assert services[needed]["healthcheck"]["test"], needed
    assert "HEALTHCHECK" in DOCKERFILE, "the bot's own health is the image's"


def test_volumes_are_declared_and_mounted_where_data_lies(compose: dict[str, Any]) -> None:
    mounts = {s: dict(v.split(":") for v in body["volumes"]) for s, body in compose["services"].items()}
    assert set().union(*mounts.values()) == set(compose["volumes"])
    (data,) = mounts["bot"].values()
    assert f"ROSTRUM_DATA_DIR={data}" in DOCKERFILE
    assert f"VOLUME {data}" in DOCKERFILE
    # from PostgreSQL 18 on the image wants the parent of its data folder
    assert compose["services"]["postgres"]["image"].startswith("postgres:18")
    assert list(mounts["postgres"].values()) == ["/var/lib/postgresql"]


def test_variables_are_settings(compose: dict[str, Any]) -> None:
    environment = compose["services"]["bot"]["environment"]
    assert {name for name in environment if not name.startswith(PREFIX)} == KEYS
    assert set(environment) - KEYS <= NAMES
    assert set(re.findall(rf"{PREFIX}\w+", DOCKERFILE)) <= NAMES
    written = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+)", COMPOSE_TEXT)) <= written


def test_the_settings_accept_what_compose_hands_over(compose: dict[str, Any]) -> None:
    services = compose["services"]
    settings = Settings.load(filled_in(services["bot"]["environment"]))
    database = filled_in(services["postgres"]["environment"])
    user, password, name = (database[f"POSTGRES_{part}"] for part in ("USER", "PASSWORD", "DB"))
    assert settings.database == f"postgresql+asyncpg://{user}:{password}@postgres/{name}"
    assert settings.token() == "s3cret"
    assert all(settings.key(name) == "s3cret" for name in KEYS)


def test_defaults_in_compose_are_those_of_the_settings_save_the_log_format() -> None:
    given = dict(re.findall(rf"\$\{{{PREFIX}(\w+):-(\w+)\}}", COMPOSE_TEXT))
    assert given.pop("LOG_FORMAT") == "json"
    assert given == {name: str(Settings.model_fields[name.lower()].default) for name in given}


def test_no_secret_has_a_default() -> None:
    for name in ("ROSTRUM_DISCORD_TOKEN", "POSTGRES_PASSWORD"):
        assert set(re.findall(rf"\$\{{{name}(.)", COMPOSE_TEXT)) == {":"}
        assert f"${{{name}:-" not in COMPOSE_TEXT


def test_the_image_runs_without_rights_and_from_pins() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert len(stages) == 2
    users = re.findall(r"^USER (\S+)", stages[-1], re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}
    assert all("--constraint constraints.txt" in line for line in DOCKERFILE.splitlines() if "pip install" in line)


def test_the_image_holds_every_package() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = config["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for package in packages:
        assert f"COPY {package} {package}" in DOCKERFILE
        assert f"!{package}" in ignored
