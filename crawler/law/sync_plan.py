"""Everything a sync needs, checked before Scrapy starts, so that wrong use is one sentence."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from agegap.environment import data_folder
from agegap.errors import MissingKey, NothingToDo, UnknownName, WrongUse
from crawler.crawl_settings import CrawlSettings, check_api_url, check_contact, is_loopback, load_crawl_settings
from crawler.law.presets import LicenceChoice
from crawler.law.sync_sites import SYNC_SITES, SyncSite, allowed_at
from db.checks import sites_to_check
from db.session import open_catalog

MOST_REMOVED = 0.5
"""Share of a batch that may go at once; more looks like a wrong address, and deleting cannot be undone."""


@dataclass(frozen=True)
class SitePlan:
    """One site to be asked, and how."""

    site: SyncSite
    api: str
    settings: CrawlSettings
    allowed: LicenceChoice


@dataclass(frozen=True)
class SyncPlan:
    """A sync of `sites`, one after another; `limit` photos at most, all of them when None."""

    sites: tuple[SitePlan, ...]
    catalog: Engine
    data: Path
    limit: int | None
    most_removed: float


def make_sync_plan(arguments: Mapping[str, str]) -> SyncPlan:
    """Return the plan of `[-a site=NAME] [-a api=URL] [-a limit=N] [-a most_removed=0.5] [-a setting=value]`.

    Raises WrongUse.
    """
    rest = dict(arguments)
    chosen, api = rest.pop("site", None), rest.pop("api", None)
    limit = _whole("limit", rest.pop("limit", ""))
    most_removed = _share(rest.pop("most_removed", ""))
    if chosen is not None and chosen not in SYNC_SITES:
        raise UnknownName("site", chosen, SYNC_SITES)
    if api is not None and chosen is None:
        raise WrongUse("api: of which site? give --site as well")
    catalog = open_catalog()
    with catalog.connect() as connection:
        names = sites_to_check(connection, list(SYNC_SITES) if chosen is None else [chosen])
    if not names:
        raise NothingToDo("sync", f"the catalog has no photos of {chosen or ' or '.join(SYNC_SITES)}", "crawl first")
    sites = tuple(_plan_site(SYNC_SITES[name](), api, rest) for name in names)
    return SyncPlan(sites, catalog, data_folder(), limit, most_removed)


def _plan_site(site: SyncSite, api: str | None, arguments: Mapping[str, str]) -> SitePlan:
    address = check_api_url(api or site.api_url, example=site.api_url)
    settings = load_crawl_settings(arguments, is_loopback=is_loopback(address))
    allowed = allowed_at(site.site, settings.licences)
    if site.key_variable is not None and not os.environ.get(site.key_variable, "").strip():
        raise MissingKey(site.key_variable, site.site.capitalize())
    check_contact(settings.contact, address)
    return SitePlan(site, address, settings, allowed)


def _whole(name: str, words: str) -> int | None:
    if not words:
        return None
    if not words.isdecimal() or int(words) < 1:
        raise WrongUse(f"{name}: '{words}' is not a number of photos, 1 or more")
    return int(words)


def _share(words: str) -> float:
    try:
        share = float(words) if words else MOST_REMOVED
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise WrongUse(f"most_removed: '{words}' is not a share from 0 to 1")
    return share
