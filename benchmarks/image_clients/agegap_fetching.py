"""Our own fetching without search and Scrapy: photos leased from the catalog, fetched, checked, kept, settled.

The catalog of AGEGAP_CATALOG has the photo rows already (`fill_catalog`); argument 4 names the event loop.
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

SITE = "bench"
AT_ONCE = 16


async def fetch_all(data: Path) -> None:
    """Fetch every pending photo of the catalog."""
    from crawler.fetching.fetcher import ImageFetcher
    from crawler.fetching.settings import FetchSettings
    from crawler.politeness.pace import HostPaces
    from crawler.politeness.robots import Robots, RobotsText
    from crawler.running.catalog_thread import CatalogThread
    from crawler.running.fetch_loop import FetchLoop, FetchPlan
    from crawler.tally import Tally
    from db.session import open_catalog
    from db.workers import enter_crawl, leave_crawl

    async def no_robots(_url: str) -> RobotsText:
        return RobotsText(404)

    catalog = CatalogThread(open_catalog())
    worker_id = await catalog.run(enter_crawl)
    fetcher = ImageFetcher(
        FetchSettings(user_agent="agegap"),
        data=data,
        pace=HostPaces(),
        robots=Robots(no_robots, "agegap"),
        is_placeholder=lambda _url: False,
    )
    loop = FetchLoop(FetchPlan(SITE, worker_id, data, AT_ONCE), fetcher=fetcher, catalog=catalog, tally=Tally(SITE))
    loop.finish()
    await loop.run()
    await catalog.run(lambda connection: leave_crawl(connection, worker_id))
    await fetcher.close()
    catalog.close()


def fill_catalog(url: str, host: str, count: int) -> None:
    """Make the catalog at `url` with a pending photo row for every image."""
    from datetime import UTC, datetime

    from db.migrate import upgrade
    from db.models import Photo
    from db.session import connect
    from db.upserts import insert_new

    rows = [
        {
            "site": SITE,
            "site_id": str(number),
            "image_url": f"{host}/{number}.jpg",
            "path": f"photos/Drawn/{number}.jpg",
            "found_at": datetime.now(UTC),
        }
        for number in range(count)
    ]
    engine = connect(url)
    upgrade(engine)
    with engine.begin() as connection:
        insert_new(connection, Photo.__table__, rows)
    engine.dispose()


def _run(loop: str) -> Callable[[Any], Any]:
    if loop == "uvloop":
        import uvloop  # type: ignore[import-not-found,unused-ignore]  # to compare; the project does not need it

        runner: Callable[[Any], Any] = uvloop.run
        return runner
    return asyncio.run


if __name__ == "__main__":
    _run(sys.argv[4])(fetch_all(Path(sys.argv[3])))
