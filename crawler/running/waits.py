"""How long to wait before a call is tried again: as long as the site says, else longer each time."""

import random

from crawler.sites.found import SiteFault

MAX_WAIT_S = 120.0
"""Longest wait a call is held for; a site that asks for more is asked again when the catalog says so."""


def wait_s(retry: int, delay_s: float) -> float:
    """Return the seconds before try number `retry` (from 1): doubled each time, half of it left to chance."""
    whole = min(MAX_WAIT_S, delay_s * 2.0 ** (retry - 1))
    return whole * random.uniform(0.5, 1.0)  # so that many workers do not come back together


def wait_after(fault: SiteFault, *, retry: int, delay_s: float) -> float:
    """Return the seconds before try number `retry` after `fault`; what the site asks for goes before ours."""
    return fault.retry_after_s if fault.retry_after_s is not None else wait_s(retry, delay_s)
