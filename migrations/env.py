"""How alembic reaches the database: by the connection that `bot.db.migrate` hands in, inside its transaction."""

from alembic import context
from sqlalchemy import text

from bot.db.schema import Base

# the same for every process, so that only one of those that start together migrates
LOCK_KEY = 0x726F_7374

connection = context.config.attributes.get("connection")
if connection is None:
    msg = "run migrations with `rostrum migrate`"
    raise SystemExit(msg)

if connection.dialect.name == "postgresql":
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    # SQLite too undoes a failed migration, since our connections begin their transactions themselves
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
