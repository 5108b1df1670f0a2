"""A worker's heart beat: others see that it lives, and it sees who died."""

import asyncio

from crawler.running.catalog_thread import CatalogThread
from db.workers import beat, reclaim_dead

BEAT_EVERY_S = 10.0
"""Well within the silence after which another machine takes a worker for dead."""

LOOK_EVERY_S = 2.0
"""Dead workers of this machine are found by their process, which costs one query: rows wait for nobody long."""


async def keep_beating(catalog: CatalogThread, worker_id: int) -> None:
    """Beat and take back what dead workers held, until cancelled."""
    looks = 0
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        looks += 1
        if looks * LOOK_EVERY_S >= BEAT_EVERY_S:
            looks = 0
            await catalog.run(lambda connection: beat(connection, worker_id))
        await catalog.run(reclaim_dead)
