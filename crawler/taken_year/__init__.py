"""Text to year: when was this photo taken? Pure functions over a photo's texts and metadata, no Scrapy, no SQL.

    >>> extract_taken_year(PhotoText(title="Toma Revik, 3 May 1968")).year
    1968

Every answer keeps its evidence; "unknown" is None, never the upload date.
"""

from crawler.taken_year.edtf import to_edtf
from crawler.taken_year.extract import explain, extract_taken_year, read_photo
from crawler.taken_year.records import EARLIEST_YEAR, VERSION, Candidate, PhotoText, TakenYear

__all__ = [
    "EARLIEST_YEAR",
    "VERSION",
    "Candidate",
    "PhotoText",
    "TakenYear",
    "explain",
    "extract_taken_year",
    "read_photo",
    "to_edtf",
]
