"""The parts of a crawl that talk to the network, made from its settings: the caller of the API and the fetcher."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http import Response
from sqlalchemy import Connection

from crawler.crawl_settings import CrawlSettings
from crawler.plan import CrawlPlan
from crawler.politeness.pace import ANY_HOST, HostPaces
from crawler.running.api_caller import ApiCaller, CallSettings, ReadsStatus
from crawler.running.catalog_thread import CatalogThread
from db.budget import host_rate, save_host_rate

if TYPE_CHECKING:
    from crawler.fetching.fetcher import ImageFetcher

Download = Callable[[Request], Awaitable[Response]]


@dataclass
class Parts:
    """What a crawl asks and fetches with; `fetcher` is None until `make_fetcher` made it."""

    caller: ApiCaller
    paces: HostPaces
    fetcher: "ImageFetcher | None" = None

    async def close(self, catalog: CatalogThread) -> None:
        """Close the connections and keep the rates that were found, for the next crawl."""
        if self.fetcher is not None:
            await self.fetcher.close()
        rates = dict(self.paces.rates())
        if rates:
            await catalog.run(lambda connection: _save_rates(connection, rates))


async def make_parts(
    plan: CrawlPlan, *, catalog: CatalogThread, download: Download, image_hosts: Sequence[str]
) -> Parts:
    """Return the parts of a plan, without a fetcher; `image_hosts` start at the rate an earlier crawl found."""
    paces = make_paces(plan.settings)
    if not plan.is_local:
        for host, rate in (await catalog.run(lambda connection: _known_rates(connection, image_hosts))).items():
            paces.set_rate(host, rate)
    return Parts(make_caller(plan.site, plan.settings, catalog=catalog, download=download, paces=paces), paces)


def make_fetcher(plan: CrawlPlan, paces: HostPaces, *, is_placeholder: Callable[[str], bool]) -> "ImageFetcher":
    """Return the fetcher of a plan."""
    # A quarter of a second of imports (aiohttp, for robots.txt), for which the first call of the API need not wait.
    from crawler.fetching.fetcher import ImageFetcher
    from crawler.fetching.settings import FetchSettings
    from crawler.politeness.robots import Robots
    from crawler.politeness.robots_text import fetch_robots_text

    settings = plan.settings
    return ImageFetcher(
        FetchSettings(
            user_agent=settings.user_agent,
            timeout_s=settings.timeout_s,
            retries=settings.retries,
            retry_delay_s=settings.retry_delay_s,
            max_image_bytes=settings.max_image_megabytes << 20,
        ),
        data=plan.data,
        pace=paces,
        robots=Robots(partial(fetch_robots_text, user_agent=settings.user_agent), settings.user_agent),
        is_placeholder=is_placeholder,
    )


def make_caller(
    site: ReadsStatus, settings: CrawlSettings, *, catalog: CatalogThread, download: Download, paces: HostPaces
) -> ApiCaller:
    """Return a caller of a site's API, for any spider: `download` is `crawler.engine.download_async`."""
    return ApiCaller(
        site,
        CallSettings(
            calls_per_hour=settings.api_calls_per_hour,
            delay_s=settings.api_delay_s,
            retries=settings.retries,
            retry_delay_s=settings.retry_delay_s,
        ),
        download=download,
        catalog=catalog,
        pace=paces,
    )


def make_paces(settings: CrawlSettings) -> HostPaces:
    """Return the paces of all hosts: each starts as `settings` say and finds its own rate."""
    start, most = settings.start_images_per_s or math.inf, settings.max_images_per_s or math.inf
    return HostPaces({ANY_HOST: start}, most)


def _save_rates(connection: Connection, rates: Mapping[str, float]) -> None:
    for host, rate in rates.items():
        save_host_rate(connection, host, rate)


def _known_rates(connection: Connection, hosts: Sequence[str]) -> dict[str, float]:
    rates = {host: host_rate(connection, host) for host in hosts}
    return {host: rate for host, rate in rates.items() if rate is not None}
