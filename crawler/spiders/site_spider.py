"""What the spiders of all sites are: names searched, photos stored and fetched, with all state in the catalog.

Scrapy frames the crawl (settings, downloader, signals, stats). The work is done by coroutines that `start` waits for;
it yields no request, because an image through Scrapy costs 2 to 3.5 ms of CPU.
"""

import json
import logging
from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from sqlalchemy import Connection

from agegap.errors import AgegapError
from crawler.crawl_settings import CrawlSettings
from crawler.names import Name
from crawler.plan import CrawlPlan, SiteChoice, make_plan, scrapy_settings
from crawler.running.crawl import Crawl
from crawler.sites.found import SearchSite
from crawler.tally import Tally

_log = logging.getLogger("agegap.crawl")


class SiteSpider(Spider):
    """Base of the spiders that search names at one site; a subclass names the site and makes it from the settings."""

    site: ClassVar[str]
    """The site's name in the catalog."""

    api_url: ClassVar[str]
    key_variable: ClassVar[str | None] = None
    image_hosts: ClassVar[tuple[str, ...]] = ()
    """Where its images are, as far as that is known: they start at the rate an earlier crawl found."""

    def __init__(self, plan: CrawlPlan) -> None:
        super().__init__()
        self.plan = plan
        self.tally = Tally(plan.site.site, names_total=len(plan.names))
        self.failure: AgegapError | None = None
        self._crawl: Crawl | None = None

    @classmethod
    @abstractmethod
    def make_site(cls, settings: CrawlSettings) -> SearchSite:
        """Return the site as `settings` want it; raise SettingsError."""

    @classmethod
    def read_facts(cls, connection: Connection, names: Sequence[Name]) -> Mapping[str, Any]:
        """Return by name what the catalog knows of the subjects that the site's queries can use."""
        return {}

    @staticmethod
    def is_placeholder(url: str) -> bool:
        """Whether `url` is that of a picture the site shows in place of a removed photo."""
        return False

    @classmethod
    def plan_crawl(cls, arguments: Mapping[str, str]) -> CrawlPlan:
        """Check the spider's arguments; the crawl command calls it before Scrapy starts. Raises WrongUse."""
        return make_plan(SiteChoice(cls.name, cls.site, cls.api_url, cls.key_variable, cls.make_site), arguments)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, plan: CrawlPlan | None = None, **kwargs: str) -> Self:
        """Make the spider and set Scrapy up for its plan; what was typed with `-s` goes before."""
        plan = plan or cls.plan_crawl(kwargs)
        for name, value in scrapy_settings(plan.settings).items():
            crawler.settings.set(name, value, priority="spider")
        return super().from_crawler(crawler, plan)

    async def start(self) -> AsyncIterator[Any]:
        """Crawl until all is asked and fetched; yields nothing."""
        assert self.crawler.engine is not None
        self._crawl = Crawl(
            self.plan,
            tally=self.tally,
            download=self.crawler.engine.download_async,
            image_hosts=self.image_hosts,
            read_facts=self.read_facts,
            is_placeholder=self.is_placeholder,
            tell=self._tell_stats,
        )
        try:
            await self._crawl.run()
        except AgegapError as fault:
            self.failure = fault
            raise CloseSpider("failed") from None
        for nothing in list[object]():  # makes this the asynchronous generator that Scrapy asks for
            yield nothing

    async def closed(self, reason: str) -> None:
        """Give back what is leased, write what is still to be written, and let threads and catalog go."""
        if self._crawl is not None:
            try:
                await self._crawl.close()
            except AgegapError as fault:
                self.failure = self.failure or fault
        self._tell_stats()
        _log.info("%s", json.dumps({"spider": self.name, "reason": reason, **self.tally.result()}))

    def left_to_do(self) -> str:
        """Return what a crawl that ran to its end had to leave, as one sentence; "" for nothing."""
        left = [
            f"{count} windows {word}"
            for count, word in (
                (self.tally.after.windows.get("failed", 0), "failed"),
                (self.tally.after.windows.get("pending", 0), "wait because the site asked for it"),
            )
            if count
        ]
        return f"{' and '.join(left)}; run the same command again to try them" if left else ""

    def _tell_stats(self) -> None:
        for name, value in self.tally.stats().items():
            self.crawler.stats.set_value(name, value)
