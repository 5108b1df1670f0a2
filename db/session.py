"""Opening the catalog: one engine, set up right for its database, migrated to the newest schema."""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from agegap.environment import catalog_url
from agegap.errors import CatalogFailed, CatalogUnreachable
from db.head import is_newest

# Milliseconds a writer waits for another before it gives up: longer than any batch of ours takes.
_BUSY_TIMEOUT_MS = 30_000

# NORMAL loses no committed row when a process is killed (only a power cut can lose the last ones).
# Cache in KiB. https://sqlite.org/pragma.html
_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)
_CONNECT_TIMEOUT_S = 5

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",  # the spelling of libpq and of hosting services
}
"""What may stand before `://`, and what SQLAlchemy is told."""


def open_catalog(url: str | None = None) -> Engine:
    """Return an engine on the catalog at `url` (default: `catalog_url()`), its schema migrated to head.

    Several processes may open a fresh catalog at once. An in-memory catalog (`sqlite://`) lives in one thread.
    Raises CatalogUnreachable when the URL does not parse, the database does not answer or cannot be written,
    or holds something else.
    """
    engine = connect(url)
    try:
        if not is_newest(engine):
            from db.migrate import upgrade  # Alembic, 0.3 s that most openings need not pay

            upgrade(engine)
    except DBAPIError as fault:
        engine.dispose()
        raise CatalogUnreachable(safe_url(engine.url), in_words(fault)) from None
    except BaseException:
        engine.dispose()
        raise
    event.listen(engine, "handle_error", _say_failure)
    return engine


def connect(url: str | None = None) -> Engine:
    """Return an engine on the catalog at `url` whose first connection has been tried; no migration."""
    parsed = parse_catalog_url(url or catalog_url())
    is_sqlite = parsed.get_backend_name() == "sqlite"
    if is_sqlite:
        _prepare_file(parsed)
    try:
        engine = create_engine(parsed, connect_args={} if is_sqlite else {"connect_timeout": _CONNECT_TIMEOUT_S})
        if is_sqlite:
            # Transactions stay as Python's sqlite3 makes them: opened by the first write, so that two writers
            # queue up for the lock; one opened by a read would be refused at its first write.
            event.listen(engine, "connect", _set_pragmas)
        with engine.connect():
            pass
    except DBAPIError as fault:
        raise CatalogUnreachable(safe_url(parsed), in_words(fault)) from None
    except (ArgumentError, TypeError, ValueError):  # `?timeout=soon`, a host in an SQLite URL
        raise CatalogUnreachable(safe_url(parsed), "is not a database URL that can be used") from None
    return engine


def parse_catalog_url(url: str) -> URL:
    """Return the SQLAlchemy URL of `url`, psycopg 3 chosen for Postgres; raise CatalogUnreachable."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is not a number
        # The text may hold a password, so it is not repeated.
        raise CatalogUnreachable("URL", "it is not a database URL") from None
    if parsed.drivername not in _DRIVERS:
        raise CatalogUnreachable(
            safe_url(parsed), f"agegap works with sqlite and postgresql, not '{parsed.drivername}'"
        )
    parsed = parsed.set(drivername=_DRIVERS[parsed.drivername])
    try:
        parsed.get_dialect().import_dbapi()
    except ImportError:
        raise CatalogUnreachable(
            safe_url(parsed), "the Postgres driver is not installed (pip install 'agegap[postgres]')"
        ) from None
    return parsed


def safe_url(url: URL) -> str:
    """Return `url` as a user types it, without its password."""
    drivername = url.get_backend_name()
    query = {key: "***" if "password" in key.lower() else value for key, value in url.query.items()}
    return url.set(drivername=drivername, query=query).render_as_string(hide_password=True)


def in_words(fault: DBAPIError) -> str:
    """Return the database's own first line about `fault`, without SQL and parameters."""
    lines = str(fault.orig).strip().splitlines()
    return lines[0].rstrip(".") if lines else "no answer"


def _prepare_file(url: URL) -> None:
    """Make the folder of an SQLite file, so that the first crawl needs no `mkdir data`."""
    database = url.database
    if not database or database == ":memory:" or database.startswith("file:"):
        return
    path = Path(database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_folder = path.is_dir()
    except OSError as fault:
        raise CatalogUnreachable(safe_url(url), f"the folder {path.parent} cannot be made ({fault.strerror})") from None
    except ValueError:  # a NUL character
        raise CatalogUnreachable(safe_url(url), "is not a file name") from None
    if is_folder:
        raise CatalogUnreachable(safe_url(url), "is a folder, not a database file")


def _set_pragmas(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)
    _switch_to_wal(connection)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Set WAL mode, in which readers go on while one writer writes; it stays with the file.

    Two processes that switch a fresh file at once are told "locked" without the wait of busy_timeout (seen in 3
    of 240 openings by six processes), so the wait is here.
    """
    deadline = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _say_failure(context: ExceptionContext) -> None:
    """Turn what stops a running command (a full disk, a lost server) into one sentence; let other errors pass."""
    fault = context.sqlalchemy_exception
    if isinstance(fault, DBAPIError) and (context.is_disconnect or _stops_sqlite(fault.orig)):
        url = safe_url(context.engine.url) if context.engine is not None else "in use"
        raise CatalogFailed(url, in_words(fault))


def _stops_sqlite(fault: BaseException | None) -> bool:
    # Primary result codes: https://sqlite.org/rescode.html
    name = getattr(fault, "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CORRUPT"))
