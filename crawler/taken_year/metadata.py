"""Dates a machine wrote: the site's date_taken with its granularity, and EXIF, each with its known lies."""

import re
from datetime import UTC, datetime, timedelta

from crawler.taken_year.records import Candidate, Precision, Role
from crawler.taken_year.verdict import CIRCA_WIDTH

_DATE = re.compile(r"\s*(\d{4})[-:/.](\d{1,2})[-:/.](\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?")

_COMPACT = re.compile(r"\s*(\d{4})(\d\d)(\d\d)(?!\d)")
_SCANNER = re.compile(
    r"scan|perfection|epson (?:gt|v\d)|coolscan|opticfilm|canoscan|plustek|dimage s|hasselblad flextight|imacon|noritsu"
    r"|fuji(?:film)? sp-?\d|pakon|vuescan|silverfast",
    re.IGNORECASE,
)

FACTORY_DATES = frozenset({"2002-12-08 12:00:00", "1904-01-01 00:00:00", "1970-01-01 00:00:00", "1980-01-01 00:00:00"})
"""Dates that firmware writes when its clock was never set (openbenches#233, aves#756)."""

_NEW_YEAR_MINUTES = 5  # a clock that starts at 1 January 00:00 and a photo taken soon after switching on
_FIRST_DIGITAL = 1990  # cameras before that wrote no EXIF
_CLOCK_SLACK = timedelta(hours=26)  # zones of the camera and of the site
_ZONE_STEP_S, _COPY_SLACK_S = 900, 2

_LONGEST_WORDS = 40  # letters kept of a field that should hold one date

_OWNER_SET: dict[int, tuple[Precision, float]] = {4: ("month", 0.96), 6: ("year", 0.96), 8: ("circa", 0.94)}
"""Flickr's granularities that only a person sets, and how sure each is."""


def read_date(text: str | None) -> datetime | None:
    """Return the date that stands at the front of `text`, without zone; None for zeros and nonsense."""
    match = _DATE.match(text) if text else None
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, max(month, 1), max(day, 1), hour, minute, min(second, 59))
    except ValueError:
        return None


def site_date(
    text: str | None, *, granularity: int | None, is_unknown: bool | None, uploaded: datetime | None
) -> Candidate | None:
    """Return the site's date_taken as a candidate, rejected where it is the upload time or a factory default."""
    date = read_date(text)
    if text is None or date is None:
        return None
    if is_unknown:
        return _candidate("date_taken", text, date, "upload", "unknown_flag", 0.0, "the site marks it unknown")
    if granularity in _OWNER_SET:
        precision, confidence = _OWNER_SET[granularity]
        return _candidate("date_taken", text, date, "taken", "owner_set", confidence, precision=precision)
    if is_unknown is None and uploaded is not None and _is_upload_copy(date, uploaded):
        return _candidate("date_taken", text, date, "upload", "upload_copy", 0.0, "it is the time of upload")
    fault = _fault(date, uploaded)
    if fault is not None:
        return _candidate("date_taken", text, date, "digitised", "camera_clock", 0.0, fault)
    if date.year < _FIRST_DIGITAL:
        # No camera wrote this: a person did.
        return _candidate("date_taken", text, date, "taken", "owner_set_old", 0.93)
    return _candidate("date_taken", text, date, "caption", "site_date", 0.95)


def exif_date(text: str | None, *, uploaded: datetime | None) -> Candidate | None:
    """Return EXIF DateTimeOriginal as a candidate, rejected where it is a factory default or after the upload."""
    date = read_date(text)
    if text is None or date is None:
        return None
    fault = _fault(date, uploaded)
    if fault is not None:
        return _candidate("exif", text, date, "digitised", "camera_clock", 0.0, fault)
    return _candidate("exif", text, date, "caption", "exif_original", 0.96)


def digitised_date(text: str | None) -> Candidate | None:
    """Return EXIF DateTimeDigitized as evidence; it is never the taken date by itself."""
    date = read_date(text)
    if text is None or date is None:
        return None
    return _candidate("exif", text, date, "digitised", "exif_digitised", 0.0, "digitised: never by itself")


def embedded_date(text: str | None, source: str, *, uploaded: datetime | None) -> Candidate | None:
    """Return the creation date of IPTC or XMP as a candidate of source `iptc` or `xmp`: a person or a camera set it."""
    compact = _COMPACT.match(text) if text else None
    date = (
        read_date("-".join(compact.groups())) if compact else read_date(text) or read_date(f"{(text or '')[:4]}-01-01")
    )
    if text is None or date is None:
        return None
    fault = _fault(date, uploaded) if compact is None and len(text) > 10 else _future(date, uploaded)
    if fault is not None:
        return _candidate(source, text, date, "digitised", "camera_clock", 0.0, fault)
    return _candidate(source, text, date, "taken", f"{source}_created", 0.96)


def modified_date(text: str | None) -> Candidate | None:
    """Return EXIF DateTime as evidence: the last change of the file, never its exposure."""
    date = read_date(text)
    if text is None or date is None:
        return None
    return _candidate("exif", text, date, "digitised", "exif_modified", 0.0, "digitised: the last change of the file")


def is_scanner(device: str | None) -> bool:
    """Tell whether a make and model is a scanner's or its software's."""
    return bool(device and _SCANNER.search(device[:200]))


def _future(date: datetime, uploaded: datetime | None) -> str | None:
    after = uploaded is not None and date - _naive(uploaded) > _CLOCK_SLACK
    return "digitised: after the upload" if after else None


def _fault(date: datetime, uploaded: datetime | None) -> str | None:
    if f"{date:%Y-%m-%d %H:%M:%S}" in FACTORY_DATES:
        return "digitised: a clock that was never set"
    is_new_year = (date.month, date.day, date.hour) == (1, 1, 0) and date.minute < _NEW_YEAR_MINUTES
    if is_new_year and date.year >= _FIRST_DIGITAL - 20:
        return "digitised: a camera's first of January"
    if uploaded is not None and date - _naive(uploaded) > _CLOCK_SLACK:
        return "digitised: after the upload"
    return None


def _is_upload_copy(date: datetime, uploaded: datetime) -> bool:
    apart = abs(date - _naive(uploaded))
    rest = apart.total_seconds() % _ZONE_STEP_S
    return apart <= _CLOCK_SLACK and min(rest, _ZONE_STEP_S - rest) <= _COPY_SLACK_S


def _naive(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except OverflowError:  # the first or last day of the calendar
        return moment.replace(tzinfo=None)


def _candidate(
    source: str, text: str, date: datetime, role: Role, rule: str, confidence: float, why: str | None = None,
    *, precision: Precision = "day",
) -> Candidate:  # fmt: skip
    width = CIRCA_WIDTH if precision == "circa" else 0
    return Candidate(
        source, 0, min(len(text), _LONGEST_WORDS), text[:_LONGEST_WORDS], date.year - width, date.year + width,
        precision, role, rule, confidence,
        accepted=why is None, why=why,
    )  # fmt: skip
