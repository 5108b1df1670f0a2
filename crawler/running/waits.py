"""How long to wait before a call is tried again: as long as the site says, else longer each time."""

from crawler.politeness.retry_after import backoff_s
from crawler.sites.found import SiteFault

MAX_WAIT_S = 120.0
"""Longest wait a call is held for; a site that asks for more is asked again when the catalog says so."""


def wait_after(fault: SiteFault, *, retry: int, delay_s: float) -> float:
    """Return the seconds before try number `retry` (from 1) after `fault`; what the site asks for goes before ours."""
    if fault.retry_after_s is not None:
        return fault.retry_after_s
    return backoff_s(retry, first_s=delay_s, longest_s=MAX_WAIT_S)
