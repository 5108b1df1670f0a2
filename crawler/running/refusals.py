"""The sentences with which a site ends a crawl."""

from typing import NoReturn

from agegap.errors import DataFailed, WrongUse
from crawler.sites.found import SearchSite, SiteFault


def raise_refusal(site: SearchSite, fault: SiteFault) -> NoReturn:
    """Raise WrongUse: the site takes neither this call nor any other of ours."""
    key = f"{site.key_variable} and " if site.key_variable else ""
    raise WrongUse(f"{site.site} refused the call: {fault}; check {key}the address of the API")


def site_is_down(api: str, fault: SiteFault) -> DataFailed:
    """Return the error of a site that does not answer."""
    return DataFailed(f"{api}: {fault}; check the address, and run the same command again to go on")
