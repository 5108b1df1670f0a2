"""`scrapy crawl wikidata_births [-a names=FILE]`: when subjects were born and died, from Wikidata; no key needed."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider

from agegap.errors import AgegapError
from agegap.progress import LINE_EVERY_S
from crawler.births.entities import WikidataStatuses
from crawler.births.plan import BirthsPlan, make_births_plan
from crawler.births.run import BirthLookups
from crawler.births.tally import BirthsTally
from crawler.plan import scrapy_settings
from crawler.running.api_caller import ApiCaller
from crawler.running.catalog_thread import CatalogThread
from crawler.running.parts import make_caller, make_paces

NO_REQUESTS: tuple[Any, ...] = ()

_log = logging.getLogger("agegap.crawl")


class WikidataBirths(Spider):
    """Looks subjects up at Wikidata (or a site that answers like it), one call at a time."""

    name = "wikidata_births"

    def __init__(self, plan: BirthsPlan) -> None:
        super().__init__()
        self.plan = plan
        self.tally = BirthsTally()
        self.failure: AgegapError | None = None
        self._catalog: CatalogThread | None = None
        self._caller: ApiCaller | None = None
        self._lookups: BirthLookups | None = None

    plan_crawl = staticmethod(make_births_plan)
    """Checks the spider's arguments; the crawl command calls it before Scrapy starts."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, plan: BirthsPlan | None = None, **kwargs: str) -> Self:
        """Make the spider and set Scrapy up for its plan; what was typed with `-s` goes before."""
        plan = plan or make_births_plan(kwargs)
        for name, value in scrapy_settings(plan.settings).items():
            crawler.settings.set(name, value, priority="spider")
        return super().from_crawler(crawler, plan)

    async def start(self) -> AsyncIterator[Any]:
        """Look every name up; yields nothing."""
        assert self.crawler.engine is not None
        settings = self.plan.settings
        self._catalog = CatalogThread(self.plan.catalog)
        self._caller = make_caller(
            WikidataStatuses(),
            settings,
            download=self.crawler.engine.download_async,
            catalog=self._catalog,
            paces=make_paces(settings),
        )
        self._lookups = BirthLookups(self.plan, caller=self._caller, catalog=self._catalog, tally=self.tally)
        progress = asyncio.create_task(self._show_progress())
        try:
            await self._lookups.run()
        except AgegapError as fault:
            self.failure = fault
            raise CloseSpider("failed") from None
        finally:
            progress.cancel()
        for request in NO_REQUESTS:  # makes this the asynchronous generator that Scrapy asks for
            yield request

    def left_to_do(self) -> str | None:
        """Return what a later run has to try again, as a sentence; None when all is done."""
        failed = self.tally.after.states.get("failed", 0)
        return f"{failed} names failed; run the same command again to try them" if failed else None

    async def closed(self, reason: str) -> None:
        """Count, and let the catalog go."""
        self._tally_calls()
        if self._catalog is not None and self._lookups is not None:
            try:
                await self._lookups.count()
            except AgegapError as fault:
                self.failure = self.failure or fault
            finally:
                self._catalog.close()
        self._tell_stats()
        sys.stderr.write(f"{self.tally.line()}\n")
        _log.info("%s", json.dumps({"spider": self.name, "reason": reason, **self.tally.result()}))

    async def _show_progress(self) -> None:
        while True:
            await asyncio.sleep(LINE_EVERY_S)
            self._tally_calls()
            self._tell_stats()
            sys.stderr.write(f"{self.tally.line()}\n")
            sys.stderr.flush()

    def _tally_calls(self) -> None:
        if self._caller is not None:
            self.tally.calls, self.tally.calls_retried = self._caller.calls, self._caller.retried

    def _tell_stats(self) -> None:
        stats: Mapping[str, float] = self.tally.stats()
        for name, value in stats.items():
            self.crawler.stats.set_value(name, value)
