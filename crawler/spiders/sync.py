"""`scrapy sync`: catalogued photos looked up at their site again, through the crawl's downloader and budget."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from agegap.errors import AgegapError
from crawler.law.sync import SiteSync, SyncTally
from crawler.law.sync_plan import SitePlan, SyncPlan, make_sync_plan
from crawler.plan import scrapy_settings
from crawler.running.catalog_thread import CatalogThread
from crawler.running.parts import Download, make_caller, make_paces

_NO_REQUESTS: tuple[Any, ...] = ()

_log = logging.getLogger("agegap.crawl")


class Sync(Spider):
    """Asks the sites what became of the photos we have; yields no request."""

    name = "sync"

    def __init__(self, plan: SyncPlan) -> None:
        super().__init__()
        self.plan = plan
        self.tally = SyncTally()
        self.failure: AgegapError | None = None
        self._catalog: CatalogThread | None = None

    plan_crawl = staticmethod(make_sync_plan)
    """Checks the spider's arguments; the command calls it before Scrapy starts."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, plan: SyncPlan | None = None, **kwargs: str) -> Self:
        """Make the spider and set Scrapy up for its plan; what was typed with `-s` goes before."""
        plan = plan or make_sync_plan(kwargs)
        for name, value in scrapy_settings(plan.sites[0].settings).items():
            crawler.settings.set(name, value, priority="spider")
        return super().from_crawler(crawler, plan)

    async def start(self) -> AsyncIterator[Any]:
        """Go through the sites, one after another."""
        assert self.crawler.engine is not None
        self._catalog = CatalogThread(self.plan.catalog)
        try:
            for site in self.plan.sites:
                await self._sync(site, self.crawler.engine.download_async)
        except* AgegapError as faults:
            self.failure = _first(faults)
        if self.failure is not None:
            raise CloseSpider("failed")
        for nothing in _NO_REQUESTS:  # makes this the asynchronous generator that Scrapy asks for
            yield nothing

    async def closed(self, reason: str) -> None:
        """Let the catalog go."""
        if self._catalog is not None:
            self._catalog.close()
        for name, value in self.tally.result().items():
            if isinstance(value, int):
                self.crawler.stats.set_value(f"agegap/sync/{name}", value)
        _log.info("%s", json.dumps({"spider": self.name, "reason": reason, **self.tally.result()}))

    async def _sync(self, site: SitePlan, download: Download) -> None:
        assert self._catalog is not None
        limit = None if self.plan.limit is None else self.plan.limit - self.tally.checked - self.tally.unanswered
        settings = site.settings
        caller = make_caller(site.site, settings, catalog=self._catalog, download=download, paces=make_paces(settings))
        run = SiteSync(
            site,
            caller=caller,
            catalog=self._catalog,
            data=self.plan.data,
            tally=self.tally,
            most_removed=self.plan.most_removed,
        )
        try:
            await run.run(limit)
        finally:
            self.tally.calls += caller.calls


def _first(faults: BaseExceptionGroup[AgegapError]) -> AgegapError:
    found = faults.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
