"""The catalog for an event loop: one thread talks to the database, coroutines await it.

One thread because SQLite has one writer, and because a thread a call costs more than the call.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")


class CatalogThread:
    """Runs work on the catalog, each piece in a transaction of its own, in the order it was given."""

    def __init__(self, catalog: Engine) -> None:
        self._catalog = catalog
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="catalog")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns; a caller that is cancelled meanwhile leaves the work to be finished."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._in_transaction, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads, on a thread and connection of its own: a slow count holds nobody up."""
        return await asyncio.to_thread(self._reading, work)

    def close(self) -> None:
        """Let thread and connections go, after what the thread still has to do."""
        self._thread.shutdown(wait=True)
        self._catalog.dispose()

    def _in_transaction(self, work: Callable[[Connection], T]) -> T:
        with self._catalog.begin() as connection:
            return work(connection)

    def _reading(self, work: Callable[[Connection], T]) -> T:
        with self._catalog.connect() as connection:
            return work(connection)
