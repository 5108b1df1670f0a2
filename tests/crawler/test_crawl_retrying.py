"""How long a request waits before it is tried again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from crawler.retrying import MAX_WAIT_S, retry_after_s, wait_s


@pytest.mark.parametrize("retry", range(1, 12))
def test_each_wait_is_about_twice_the_last_and_has_an_end(retry: int) -> None:
    whole = min(MAX_WAIT_S, 0.5 * 2 ** (retry - 1))
    assert all(whole / 2 <= wait_s(retry, 0.5) <= whole for _ in range(50))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(b"7", 7.0), (b" 0 ", 0.0), (b"100000", MAX_WAIT_S), (None, None), (b"soon", None), (b"-3", None), (b"", None)],
)
def test_retry_after_in_seconds_is_followed(header: bytes | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


@pytest.mark.parametrize(("minutes", "least", "most"), [(1, 55, 60), (-5, 0, 0), (60, MAX_WAIT_S, MAX_WAIT_S)])
def test_retry_after_as_a_date_is_followed(minutes: int, least: float, most: float) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
    seconds = retry_after_s(date.encode())
    assert seconds is not None
    assert least <= seconds <= most
