"""Everything a crawl of names needs, checked before Scrapy starts, so that wrong use is one sentence."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.environment import data_folder
from agegap.errors import MissingKey, WrongUse
from crawler.crawl_settings import CrawlSettings, check_api_url, is_loopback, load_crawl_settings
from crawler.names import Name, read_names
from crawler.retrying import RETRY_DELAY_SETTING
from crawler.sites import flickr
from db.session import open_catalog

API_SLOT = "api"
IMAGE_SLOT = "images"
"""Names of the download slots, whatever the hosts: each has a concurrency and a delay of its own."""


@dataclass(frozen=True)
class CrawlPlan:
    """A crawl of `names` at `api` into `catalog` and the files below `data`."""

    names: tuple[Name, ...]
    api: str
    settings: CrawlSettings
    catalog: Engine
    data: Path

    @property
    def is_local(self) -> bool:
        """Whether the site is on this machine, where no politeness is due."""
        return is_loopback(self.api)


def make_plan(arguments: Mapping[str, str]) -> CrawlPlan:
    """Return the plan of `-a names=FILE [-a api=URL] [-a setting=value ...]`; raise WrongUse.

    The catalog is opened (and made or migrated) last, when nothing else is wrong.
    """
    rest = dict(arguments)
    names_file = rest.pop("names", None)
    if not names_file:
        raise WrongUse("which names? give a file: scrapy crawl flickr_names -a names=FILE")
    api = check_api_url(rest.pop("api", flickr.API_URL))
    settings = load_crawl_settings(rest, is_loopback=is_loopback(api))
    names = tuple(read_names(Path(names_file)))
    if not os.environ.get(flickr.KEY_VARIABLE, "").strip():
        raise MissingKey(flickr.KEY_VARIABLE, "Flickr")
    return CrawlPlan(names=names, api=api, settings=settings, catalog=open_catalog(), data=data_folder())


def scrapy_settings(plan: CrawlPlan) -> dict[str, Any]:
    """Return Scrapy's settings for a plan: slots with their pace, limits, retries, User-Agent."""
    settings = plan.settings
    return {
        "CONCURRENT_REQUESTS": settings.image_concurrency + 2,
        "CONCURRENT_REQUESTS_PER_DOMAIN": settings.image_concurrency,
        "DOWNLOAD_SLOTS": {
            API_SLOT: {"concurrency": 1, "delay": settings.api_delay_s, "jitter": 0},
            IMAGE_SLOT: {
                "concurrency": settings.image_concurrency,
                "delay": settings.image_delay_s,
                "jitter": 0.5,
            },
        },
        "DOWNLOAD_TIMEOUT": settings.timeout_s,
        "DOWNLOAD_MAXSIZE": settings.max_image_megabytes << 20,
        "DOWNLOAD_WARNSIZE": 0,
        "RETRY_TIMES": settings.retries,
        RETRY_DELAY_SETTING: settings.retry_delay_s,
        "USER_AGENT": settings.user_agent,
    }
