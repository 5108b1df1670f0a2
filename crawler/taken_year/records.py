"""What goes in and what comes out: a photo's texts and metadata, and the year it was taken with its evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

VERSION = "3"
"""Of the rules; stored with each answer so that photos dated by older rules can be found and dated again."""

EARLIEST_YEAR = 1839  # the daguerreotype was made public; no photo of a person is older

Precision = Literal["day", "month", "year", "circa", "range"]

Role = Literal[
    "taken",  # words of taking, or a date the owner set
    "caption",  # a bare date beside the subject
    "event",  # the edition of an event: London 2012
    "anniversary",  # 50th anniversary of 1945; 90th birthday, born 1910: the arithmetic or its base
    "relative",  # yesterday, last year
    "digitised",
    "upload",
    "publication",
    "birth_death",
    "founding",  # built, founded, since
    "term",  # of office, of a career, of a collection
    "object",  # car, jersey, film, or a thing in the picture that bears a date
    "identifier",  # address, ISO, pixels, price, phone, counter
    "narrative",  # a year of the story a long text tells
    "bound",  # before 1950, after 1960
]


@dataclass(frozen=True)
class PhotoText:
    """Everything a site says about one photo that may tell when it was taken; each field may be missing.

    `tags` are separated by spaces. `date_taken` is the site's own field, `YYYY-MM-DD HH:MM:SS`, with Flickr's
    granularity (0 second, 4 month, 6 year, 8 circa); where `date_taken_unknown` is true it is the upload time.
    `uploaded` is only ever an upper bound and the day that "yesterday" is counted from. `date_text` is a date field
    in words or HTML (the Date of Commons, templates included), `device` the camera's or scanner's make and model,
    `source` the site or house, which may have its own width of "circa". `text` is a bare date text or caption of
    which nothing else is known: see docs/taken-year.md.
    """

    title: str | None = None
    description: str | None = None
    tags: str | None = None
    file_name: str | None = None
    page_text: str | None = None
    date_taken: str | None = None
    date_taken_granularity: int | None = None
    date_taken_unknown: bool | None = None
    uploaded: datetime | None = None
    exif_original: str | None = None
    exif_digitised: str | None = None
    language: str | None = None
    subject_name: str | None = None
    birth_year: int | None = None
    death_year: int | None = None
    date_text: str | None = None
    exif_modified: str | None = None
    device: str | None = None
    iptc_date: str | None = None
    xmp_date: str | None = None
    source: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class TakenYear:
    """The year a photo was taken: one year, or only an interval, or nothing with the reason.

    `year` is given only where one would bet 9 to 1 on it. `year_min` and `year_max` are given with every year and
    with every range, but for the open side of a bare text ("before 1945"); `confidence` (0 to 1) is that of `year`.
    `words` are the very words of `source`. `edtf` is the answer as EDTF. `score` is the raw log-odds that `year` is
    right, before calibration.
    """

    year: int | None
    year_min: int | None
    year_max: int | None
    precision: Precision | None
    confidence: float
    source: str | None
    rule: str | None
    words: str | None
    reason: str | None
    edtf: str | None = None
    score: float = 0.0


@dataclass(frozen=True)
class Candidate:
    """One date found in one field, what it is the date of, and why it was taken or left.

    `start` and `end` are offsets into the raw text of the field `source`.
    """

    source: str
    start: int
    end: int
    words: str
    year_min: int
    year_max: int
    precision: Precision
    role: Role
    rule: str
    confidence: float
    accepted: bool
    why: str | None = None
    is_questioned: bool = False
    """Whether the writer doubts it: 1955?, possibly 1955."""
