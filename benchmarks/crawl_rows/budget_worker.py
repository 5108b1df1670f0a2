"""One of several processes that call a site with one key as fast as its budget lets them, until they are killed.

    python -m benchmarks.crawl_rows.budget_worker API CALLS WINDOW_S MARGIN_S DELAY_S

Catalog and key come from the environment. The call is the crawl's own: the same caller, budget, downloader and key.
Only the hour is shorter.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from scrapy import Spider
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

from crawler.crawl_settings import load_crawl_settings
from crawler.plan import scrapy_settings
from crawler.politeness.pace import HostPaces
from crawler.running.api_caller import ApiCaller, CallSettings
from crawler.running.catalog_thread import CatalogThread
from crawler.sites.flickr.site import FlickrSite
from crawler.sites.flickr.words import KEY_PARAMETER, KEY_VARIABLE
from crawler.sites.found import Ask
from db.session import open_catalog

AT_ONCE = 2
SETTINGS = load_crawl_settings({}, is_loopback=True)


class Caller(Spider):
    """Calls for ever."""

    name = "budget_worker"
    api: ClassVar[str]
    calls: ClassVar[CallSettings]

    async def start(self) -> AsyncIterator[Any]:
        """Call the site, some calls at once, without a rest."""
        assert self.crawler.engine is not None
        caller = ApiCaller(
            FlickrSite(SETTINGS),
            self.calls,
            download=self.crawler.engine.download_async,
            catalog=CatalogThread(open_catalog()),
            pace=HostPaces(),
        )
        ask = Ask(self.api, "POST", {"method": "flickr.test.echo", "format": "json"}, (KEY_VARIABLE, KEY_PARAMETER))

        async def call_on() -> None:
            while True:
                await caller.call(ask)

        await asyncio.gather(*(call_on() for _ in range(AT_ONCE)))
        yield  # never reached: makes this the asynchronous generator that Scrapy asks for


def main(api: str, calls: int, *, window_s: float, margin_s: float, delay_s: float) -> None:
    """Run the spider."""
    Caller.api = api
    Caller.calls = CallSettings(
        calls_per_hour=calls, delay_s=delay_s, retries=0, retry_delay_s=0.1, window_s=window_s, margin_s=margin_s
    )
    settings = get_project_settings()
    settings.update(scrapy_settings(SETTINGS))
    process = CrawlerProcess(settings)
    process.crawl(Caller)
    process.start()


if __name__ == "__main__":
    numbers = [float(word) for word in sys.argv[3:]]
    main(sys.argv[1], int(sys.argv[2]), window_s=numbers[0], margin_s=numbers[1], delay_s=numbers[2])
