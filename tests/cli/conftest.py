"""The bot's database address for the command line, and a stand-in for it to talk to."""

from pathlib import Path

import pytest

from sandbox.server import Server
from tests.cli.running import Cli
from tests.support.running import options, server, stage

__all__ = ["options", "server", "stage"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give this folder's tests longer than others: each starts several processes, one after the other."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


@pytest.fixture
def joined(cli: Cli, server: Server) -> Cli:
    """A command line whose settings point at the stand-in."""
    cli.environ = {"ROSTRUM_DISCORD_URL": server.url}
    return cli
