"""What a site is asked before anything else: its list of licences, where it has one."""

import logging
from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable

from agegap.errors import WrongUse
from crawler.plan import CrawlPlan
from crawler.running.api_caller import ApiCaller
from crawler.running.catalog_thread import CatalogThread
from crawler.running.refusals import raise_refusal, site_is_down
from crawler.sites.flickr.licence_list import ListedLicence
from crawler.sites.found import Ask, SiteFault
from db.licences import SiteLicence, save_licences

_log = logging.getLogger("agegap.crawl")


@runtime_checkable
class ListsLicences(Protocol):
    """A site that can be asked for the licences it knows today."""

    def opening_ask(self, api: str) -> Ask:
        """Return the call for the list."""

    def read_opening(self, body: bytes, headers: Mapping[str, str]) -> tuple[ListedLicence, ...] | SiteFault:
        """Return the licences of the answer."""

    @property
    def licences(self) -> frozenset[str]:
        """The ids that may be stored."""
        ...

    def trust(self, listed: Iterable[ListedLicence]) -> frozenset[str]:
        """Store only what is listed from now on; return the wanted ids that are given up."""


async def ask_opening(plan: CrawlPlan, caller: ApiCaller, catalog: CatalogThread) -> None:
    """Ask the site for its licences, store them, and trust no other; a site without such a list is not asked.

    Raises WrongUse when the site refuses the call, DataFailed when it does not answer.
    """
    site = plan.site
    if not isinstance(site, ListsLicences):
        return
    listed = await caller.call_and_read(site.opening_ask(plan.api), site.read_opening)
    if isinstance(listed, SiteFault):
        if listed.kind == "fatal":
            raise_refusal(plan.site, listed)
        raise site_is_down(plan.api, listed)
    rows = [SiteLicence(licence.licence_id, licence.name, licence.url) for licence in listed]
    await catalog.run(lambda connection: save_licences(connection, plan.site.site, rows))
    lost = site.trust(listed)
    if not site.licences:
        raise WrongUse(f"{site.site} lists none of the licences this crawl may store; check {plan.api} and `licences`")
    if lost:
        _log.warning(
            "%s does not list the licences %s as we know them: their photos are refused",
            site.site,
            ", ".join(sorted(lost)),
        )
