"""Bringing a catalog to the newest schema; `alembic upgrade head` at the root does the same by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect

from agegap.errors import CatalogUnreachable
from db.models import Base
from db.session import safe_url

SCRIPTS = Path(__file__).parent / "migrations"

_LOCK_KEY = 727_201  # any number, the same in each process: it names our advisory lock in Postgres


def upgrade(engine: Engine) -> None:
    """Migrate the catalog behind `engine` to head; writes and locks nothing when it is there already.

    Safe when several processes do it at once, and when one of them is killed half-way. Raises CatalogUnreachable
    when the database belongs to a newer agegap or holds another program's tables.
    """
    config = configuration()
    head = ScriptDirectory.from_config(config).get_current_head()
    try:
        with engine.connect() as connection:
            if _revision(connection) == head:
                return
        with migrating(engine) as connection:
            if _revision(connection) is None:
                _refuse_foreign_tables(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise CatalogUnreachable(
            safe_url(engine.url),
            "its schema is none this agegap knows, so a newer agegap or another program made it",
        ) from None


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that no other migration runs beside; commit it at the end.

    On SQLite foreign keys are off meanwhile: a batch migration drops and renames tables, and dropping a parent
    would delete its children. They are checked before the commit.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
                yield connection
            return
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()
        try:
            with connection.begin():
                # Python's sqlite3 opens no transaction for DDL by itself; a kill would leave half a schema.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration broke {len(broken)} references, first {broken[0]}")
        finally:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.commit()


def configuration() -> Config:
    """Return Alembic's configuration with our scripts, wherever the process was started."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_foreign_tables(connection: Connection) -> None:
    taken = sorted(set(inspect(connection).get_table_names()) & set(Base.metadata.tables))
    if taken:
        raise CatalogUnreachable(
            safe_url(connection.engine.url),
            f"the database already has a table '{taken[0]}' of another program",
        )
