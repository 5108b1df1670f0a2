"""The path of a photo's texts to its year: gather candidates from every field, apply the limits, decide."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from crawler.taken_year import sums
from crawler.taken_year.clean import CleanText, clean, fold
from crawler.taken_year.decide import Limits, apply_limits, decide
from crawler.taken_year.metadata import digitised_date, exif_date, site_date
from crawler.taken_year.names import scan_file_name, scan_tags
from crawler.taken_year.records import EARLIEST_YEAR, Candidate, PhotoText, TakenYear
from crawler.taken_year.scan import scan
from crawler.taken_year.words import vocabulary

_SCAN_FILE = re.compile(r"(?:^|[^a-z])scan(?:ned)?(?:[^a-z]|$)")
_HINT_LETTERS = 2000  # letters read for words such as "scan" and "old photo"
_OLD_PRINT_YEARS = 3  # an old print is scanned at most this long before it is uploaded


def extract_taken_year(photo: PhotoText, *, earliest: int = EARLIEST_YEAR) -> TakenYear:
    """Return the year `photo` was taken, an interval, or null with the reason. Never raises, never the upload date.

    Years before `earliest` are no photo's; years after the upload (after today where that is unknown) neither.
    Time is linear in the length of the texts.
    """
    limits, found = _weighed(photo, earliest)
    return decide(found, limits)


def explain(photo: PhotoText, *, earliest: int = EARLIEST_YEAR) -> list[Candidate]:
    """Return every date found in `photo`, what each is the date of, and why it was taken or left."""
    return _weighed(photo, earliest)[1]


def _weighed(photo: PhotoText, earliest: int) -> tuple[Limits, list[Candidate]]:
    latest = photo.uploaded.year if photo.uploaded is not None else datetime.now(UTC).year
    found = _gather(photo, latest)
    limits = Limits(earliest, latest, photo.birth_year, _scan_from(photo, found, latest))
    return limits, apply_limits(found, limits)


def _gather(photo: PhotoText, latest: int) -> list[Candidate]:
    found: list[Candidate] = []
    texts: list[tuple[str, CleanText]] = []
    for source, raw in (("title", photo.title), ("description", photo.description), ("page_text", photo.page_text)):
        if raw:
            text = clean(raw)
            texts.append((source, text))
            found += sums.add_anniversaries(text, scan(text, source, latest=latest), latest=latest)
    found += _birthdays(photo, texts, found, latest)
    if photo.tags:
        found += scan_tags(photo.tags, latest=latest)
    found += _of_machines(photo)
    if photo.file_name:
        found += scan_file_name(photo.file_name, photo.title or "", latest=latest)
    if photo.uploaded is not None:
        found += [c for source, text in texts[:2] if (c := sums.relative(text, source, photo.uploaded)) is not None]
    return found


def _birthdays(
    photo: PhotoText, texts: list[tuple[str, CleanText]], found: list[Candidate], latest: int
) -> list[Candidate]:
    born = sums.birth_years(found)
    year = photo.birth_year if photo.birth_year is not None else (born[0] if len(set(born)) == 1 else None)
    if year is None:
        return []
    days = (sums.birthday(text, source, born=year, latest=latest) for source, text in texts[:2])
    return [day for day in days if day is not None]


def _of_machines(photo: PhotoText) -> list[Candidate]:
    dates = (
        site_date(
            photo.date_taken,
            granularity=photo.date_taken_granularity,
            is_unknown=photo.date_taken_unknown,
            uploaded=photo.uploaded,
        ),
        exif_date(photo.exif_original, uploaded=photo.uploaded),
        digitised_date(photo.exif_digitised),
    )
    found = [date for date in dates if date is not None]
    # The site copies EXIF: where EXIF was a clock never set, so is the copy.
    faulty = {c.year_min for c in found if c.rule == "camera_clock"}
    return [
        replace(c, role="digitised", rule="camera_clock", accepted=False, why="digitised: copy of a clock never set")
        if c.accepted and c.rule == "site_date" and c.year_min in faulty
        else c
        for c in found
    ]


@lru_cache(maxsize=2)
def _hints(kind: str) -> re.Pattern[str]:
    words = [word for word, kinds in vocabulary().kinds.items() if kind in kinds]
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(w) for w in sorted(words, key=len, reverse=True))})(?!\w)")


def _scan_from(photo: PhotoText, found: list[Candidate], latest: int) -> int | None:
    # A scan's EXIF tells when it was scanned. A date set years before the scan or the upload is its owner's.
    if not (photo.date_taken or photo.exif_original):
        return None
    texts = [fold(text[:_HINT_LETTERS]) for text in (photo.title, photo.description, photo.tags) if text]
    scanned = [c.year_min for c in found if c.rule == "scan_words"]
    if scanned:
        return min(scanned)
    name = fold((photo.file_name or "")[:_HINT_LETTERS])
    if _SCAN_FILE.search(name) or any(_hints("scan_hint").search(text) for text in texts):
        return 0
    return latest - _OLD_PRINT_YEARS if any(_hints("old_hint").search(text) for text in texts) else None
