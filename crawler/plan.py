"""Everything a crawl of names needs, checked before Scrapy starts, so that wrong use is one sentence."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.environment import data_folder
from agegap.errors import MissingKey, WrongUse
from crawler.crawl_settings import CrawlSettings, check_api_url, check_contact, is_loopback, load_crawl_settings
from crawler.names import Name, read_names
from crawler.running.api_caller import API_SLOT
from crawler.sites.found import SearchSite
from db.session import open_catalog


@dataclass(frozen=True)
class CrawlPlan:
    """A crawl of `names` at `site` through `api` into `catalog` and the files below `data`.

    `asked_by` is the digest of the list of names: workers with the same list share its windows.
    """

    site: SearchSite
    names: tuple[Name, ...]
    asked_by: str
    api: str
    settings: CrawlSettings
    catalog: Engine
    data: Path

    @property
    def is_local(self) -> bool:
        """Whether the site is on this machine, where no politeness is due."""
        return is_loopback(self.api)


@dataclass(frozen=True)
class SiteChoice:
    """What a spider tells of its site before there are settings."""

    spider: str
    site: str
    api_url: str
    key_variable: str | None
    make_site: Callable[[CrawlSettings], SearchSite]


def make_plan(choice: SiteChoice, arguments: Mapping[str, str]) -> CrawlPlan:
    """Return the plan of `-a names=FILE [-a api=URL] [-a setting=value ...]`; raise WrongUse.

    The catalog is opened (and made or migrated) last, when nothing else is wrong.
    """
    rest = dict(arguments)
    names_file = rest.pop("names", None)
    if not names_file:
        raise WrongUse(f"which names? give a file: scrapy crawl {choice.spider} -a names=FILE")
    api = check_api_url(rest.pop("api", choice.api_url), example=choice.api_url)
    settings = load_crawl_settings(rest, is_loopback=is_loopback(api))
    site = choice.make_site(settings)
    names = tuple(read_names(Path(names_file)))
    if choice.key_variable is not None and not os.environ.get(choice.key_variable, "").strip():
        raise MissingKey(choice.key_variable, choice.site.capitalize())
    check_contact(settings.contact, api)
    return CrawlPlan(
        site=site,
        names=names,
        asked_by=digest_of_names(names),
        api=api,
        settings=settings,
        catalog=open_catalog(),
        data=data_folder(),
    )


def digest_of_names(names: Sequence[Name]) -> str:
    """Return the digest of a list of names: the same for the same names in the same order, whatever the file."""
    return hashlib.sha256("\n".join(name.name for name in names).encode()).hexdigest()


def scrapy_settings(settings: CrawlSettings) -> dict[str, Any]:
    """Return Scrapy's settings for API calls: their slot, limits, User-Agent."""
    return {
        "CONCURRENT_REQUESTS": settings.api_concurrency + 1,
        "DOWNLOAD_SLOTS": {API_SLOT: {"concurrency": settings.api_concurrency, "delay": 0, "jitter": 0}},
        "DOWNLOAD_TIMEOUT": settings.timeout_s,
        "DOWNLOAD_MAXSIZE": MAX_ANSWER_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "USER_AGENT": settings.user_agent,
    }


MAX_ANSWER_BYTES = 64 << 20
"""Largest answer of an API that is read: 500 photos with long texts are 2 to 5 MB."""
