"""Migrations: where the database is, and how to bring it to another version. Alembic is imported only when needed."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.db.schema import HEAD
from bot.db.session import Database
from bot.errors import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parents[2] / "migrations"


async def revision_of(database: Database) -> str | None:
    """Return the revision the database is at; None when it is empty."""
    try:
        async with database.read() as connection:
            return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    except DBAPIError:
        return None


def is_known(revision: str) -> bool:
    """Tell whether this version has the revision; one that it lacks is from a newer version."""
    return any(script.name.startswith(f"{revision}_") for script in SCRIPTS.glob("versions/*.py"))


def newer(revision: str) -> str:
    """Say what to do about a database that is ahead of this version."""
    return f"at revision {revision}, from a newer Rostrum than this one (which knows {HEAD}); update Rostrum"


async def bring_to_head(database: Database) -> bool:
    """Upgrade a database that is behind; return whether there was anything to do.

    Raises:
        DatabaseError: the database is from a newer Rostrum.
    """
    if await revision_of(database) == HEAD:
        return False
    await upgrade(database, "head")
    return True


async def upgrade(database: Database, revision: str) -> None:
    """Run the migrations up to `revision` ("head" for all)."""
    await _run(database, "upgrade", revision)


async def downgrade(database: Database, revision: str) -> None:
    """Undo migrations down to `revision` ("base" for all, "-1" for the last)."""
    await _run(database, "downgrade", revision)


async def _run(database: Database, direction: str, revision: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    def run(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        getattr(command, direction)(config, revision)

    try:
        async with database.write() as connection:
            await connection.run_sync(run)
    except CommandError as error:
        here = await revision_of(database)
        if here and not is_known(here):
            msg = f"the database is {newer(here)}"
        else:
            msg = f"the database is at revision {here or 'none'} and cannot be brought to {revision}: {error}"
        raise DatabaseError(msg) from error


def alembic_config() -> "Config":
    """Return alembic's configuration: only where the scripts are; the connection is handed in by attribute."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
