"""How long a site asks to be left alone, and how long to wait where it does not say."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 300.0
"""What a host that keeps refusing without a word is left alone for, at most."""


def retry_after_s(value: str | None, *, now: datetime | None = None) -> float | None:
    """Return the seconds a `Retry-After` header asks for, None where there is none or it cannot be read.

    RFC 9110 10.2.3: whole seconds, or a date. Not capped: a caller that does not wait so long gives its work back.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])  # longer numbers are no number of seconds that anybody means
    try:
        when = parsedate_to_datetime(text)
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
        return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, OverflowError):
        return None


def backoff_s(
    times: int,
    *,
    first_s: float = FIRST_BACKOFF_S,
    longest_s: float = LONGEST_BACKOFF_S,
    chance: Callable[[], float] = random.random,
) -> float:
    """Return the seconds to wait after refusal number `times` (from 1) in a row: doubled each time, half by chance.

    The chance keeps apart what was refused together (AWS builders' library, "Timeouts, retries and backoff").
    """
    whole = min(longest_s, first_s * 2.0 ** min(times - 1, 30))
    return whole * (0.5 + 0.5 * chance())
