"""Opening the catalog: one engine, set up right for its database, migrated to the newest schema."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from agegap.environment import catalog_url
from agegap.errors import CatalogUnreachable

# WAL lets readers go on while one writer writes; NORMAL loses no committed row when a process is killed
# (only a power cut can lose the last ones). Cache in KiB. https://sqlite.org/pragma.html
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)
_BACKENDS = ("sqlite", "postgresql")
_CONNECT_TIMEOUT_S = 5


def open_catalog(url: str | None = None) -> Engine:
    """Return an engine on the catalog at `url` (default: `catalog_url()`), its schema migrated to head.

    Raises CatalogUnreachable when the URL does not parse or the database does not answer.
    """
    engine = connect(url)
    from db.migrate import upgrade  # Alembic, 0.1 s that a refused URL need not pay

    upgrade(engine)
    return engine


def connect(url: str | None = None) -> Engine:
    """Return an engine on the catalog at `url` whose first connection has been tried; no migration."""
    parsed = parse_catalog_url(url or catalog_url())
    arguments: dict[str, Any] = {}
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            _make_folder(parsed)
    else:
        arguments["connect_args"] = {"connect_timeout": _CONNECT_TIMEOUT_S}
    engine = create_engine(parsed, **arguments)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    try:
        with engine.connect():
            pass
    except OperationalError as fault:
        raise CatalogUnreachable(_safe(parsed), _first_line(fault)) from None
    return engine


def parse_catalog_url(url: str) -> URL:
    """Return the SQLAlchemy URL of `url`, psycopg 3 chosen for Postgres; raise CatalogUnreachable."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgres":  # the spelling of libpq and of hosting services
            parsed = parsed.set(drivername="postgresql")
        if parsed.get_backend_name() not in _BACKENDS:
            raise CatalogUnreachable(
                _safe(parsed),
                f"'{parsed.get_backend_name()}' is not a database agegap knows (sqlite, postgresql)",
            )
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        parsed.get_dialect()
    except ArgumentError:
        # The text may hold a password, so it is not repeated.
        raise CatalogUnreachable("URL", "is not a database URL") from None
    except (NoSuchModuleError, ModuleNotFoundError):
        raise CatalogUnreachable(_safe(parsed), "its driver is not installed") from None
    return parsed


def _make_folder(url: URL) -> None:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise CatalogUnreachable(_safe(url), f"the folder {folder} cannot be made ({fault.strerror})") from None


def _set_pragmas(connection: Any, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _safe(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _first_line(fault: OperationalError) -> str:
    return str(fault.orig).strip().splitlines()[0] if str(fault.orig).strip() else "no answer"
