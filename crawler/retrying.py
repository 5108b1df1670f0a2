"""Waiting before a request is tried again: as long as the site says, else longer each time.

Scrapy's own retry asks again at once and does not read Retry-After (scrapy#3849).
"""

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.http import Response
from scrapy.settings import BaseSettings
from scrapy.utils.asyncio import sleep

RETRY_DELAY_SETTING = "AGEGAP_RETRY_DELAY_S"
MAX_WAIT_S = 120.0
"""Longest wait between two tries; a site that asks for more is left to the next run."""


class WaitingRetryMiddleware(RetryMiddleware):
    """Scrapy's retry middleware (which failures, how often), with a wait before each new try."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.delay_s = settings.getfloat(RETRY_DELAY_SETTING, 1.0)

    async def process_response(  # type: ignore[override]  # Scrapy awaits either form
        self, request: Request, response: Response
    ) -> Request | Response:
        """Retry answers of the retry codes, after Retry-After where the site sends it."""
        result = super().process_response(request, response)
        if isinstance(result, Request):
            asked_s = retry_after_s(response.headers.get(b"Retry-After"))
            await sleep(asked_s if asked_s is not None else wait_s(result.meta["retry_times"], self.delay_s))
        return result

    async def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception
    ) -> Request | Response | None:
        """Retry failed connections and cut-off bodies, after a wait."""
        result = super().process_exception(request, exception)
        if isinstance(result, Request):
            await sleep(wait_s(result.meta["retry_times"], self.delay_s))
        return result


def wait_s(retry: int, delay_s: float) -> float:
    """Return the seconds before try number `retry` (from 1): doubled each time, half of it left to chance."""
    whole = min(MAX_WAIT_S, delay_s * 2.0 ** (retry - 1))
    return whole * random.uniform(0.5, 1.0)  # so that many requests do not come back together


def retry_after_s(value: bytes | None) -> float | None:
    """Return the seconds a Retry-After header asks for (RFC 9110 10.2.3: seconds or a date), None where unreadable."""
    if value is None:
        return None
    text = value.decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(MAX_WAIT_S, float(text))
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return min(MAX_WAIT_S, max(0.0, (when - datetime.now(UTC)).total_seconds()))
