"""How long a call waits before it is tried again."""

import pytest

from crawler.running.waits import MAX_WAIT_S, wait_after
from crawler.sites.found import SiteFault


@pytest.mark.parametrize("retry", range(1, 12))
def test_each_wait_is_about_twice_the_last_and_has_an_end(retry: int) -> None:
    whole = min(MAX_WAIT_S, 0.5 * 2 ** (retry - 1))
    busy = SiteFault("transient", "busy")
    assert all(whole / 2 <= wait_after(busy, retry=retry, delay_s=0.5) <= whole for _ in range(50))


def test_what_the_site_asks_for_goes_before_our_own_wait() -> None:
    asked = SiteFault("transient", "busy", retry_after_s=7.0)
    assert wait_after(asked, retry=1, delay_s=0.5) == 7.0
    assert wait_after(SiteFault("transient", "busy", retry_after_s=0.0), retry=3, delay_s=0.5) == 0.0
    assert 0.25 <= wait_after(SiteFault("transient", "busy"), retry=1, delay_s=0.5) <= 0.5
