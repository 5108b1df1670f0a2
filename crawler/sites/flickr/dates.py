"""What Flickr's taken date says: https://www.flickr.com/services/api/misc.dates.html

`datetakengranularity` 0 is a second, 4 a month, 6 a year, 8 "circa"; the page allows for the numbers between. A date
that is marked unknown is the upload's, in the owner's zone. Year 0000 and months 00 exist.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from crawler.sites.found import FoundPhoto
from crawler.taken_year.verdict import CIRCA_WIDTH

_WRITTEN = re.compile(r"\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2}):(\d{1,2}))?")

MONTH, YEAR, CIRCA = 4, 6, 8
"""From which granularity on only the month is known, only the year, not even that."""

_FARTHEST_ZONE = timedelta(hours=14, seconds=2)
_ZONE_STEP_S, _SLACK_S = 900, 2


@dataclass(frozen=True)
class TakenBounds:
    """The first and last day a photo can have been taken by what the site says."""

    first: date
    last: date


def taken_bounds(photo: FoundPhoto) -> TakenBounds | None:
    """Return the days a photo's taken date allows; None where it is absent, impossible, or the upload's."""
    match = _WRITTEN.match(photo.date_taken or "")
    if match is None or photo.date_taken_unknown or (photo.date_taken_unknown is None and _is_upload(photo)):
        return None
    year, month, day = (int(part) for part in match.groups()[:3])
    if not 1 <= year <= 9999:
        return None
    coarseness = photo.date_taken_granularity or 0
    if coarseness >= CIRCA:
        return TakenBounds(date(max(1, year - CIRCA_WIDTH), 1, 1), date(min(9999, year + CIRCA_WIDTH), 12, 31))
    if coarseness >= YEAR or month == 0:
        return TakenBounds(date(year, 1, 1), date(year, 12, 31))
    if month > 12:
        return None
    last_day = calendar.monthrange(year, month)[1]
    if coarseness >= MONTH or day == 0:
        return TakenBounds(date(year, month, 1), date(year, month, last_day))
    return TakenBounds(date(year, month, day), date(year, month, day)) if day <= last_day else None


def _is_upload(photo: FoundPhoto) -> bool:
    """Whether the date is the upload's in some zone: apart by whole quarters of an hour, 14 hours at most."""
    match = _WRITTEN.match(photo.date_taken or "")
    if match is None or match[4] is None or photo.uploaded is None:
        return False
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups())
        taken = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return False
    apart = abs(taken - photo.uploaded)
    rest = apart.total_seconds() % _ZONE_STEP_S
    return apart <= _FARTHEST_ZONE and min(rest, _ZONE_STEP_S - rest) <= _SLACK_S
