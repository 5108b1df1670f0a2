"""The path of a photo's texts to its year: gather candidates from every field, apply the limits, decide."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from crawler.taken_year import sums
from crawler.taken_year.bare import EARLIEST_OF_TEXTS, LONGEST_LABEL, best_of_caption, is_bare, read_bare
from crawler.taken_year.circa import convention_of
from crawler.taken_year.clean import CleanText, clean, fold
from crawler.taken_year.date_field import read_date_field
from crawler.taken_year.decide import Limits, apply_limits, decide
from crawler.taken_year.edtf import to_edtf
from crawler.taken_year.expression import LONGEST
from crawler.taken_year.metadata import (
    digitised_date,
    embedded_date,
    exif_date,
    is_scanner,
    modified_date,
    site_date,
)
from crawler.taken_year.names import scan_file_name, scan_tags
from crawler.taken_year.records import EARLIEST_YEAR, Candidate, PhotoText, TakenYear
from crawler.taken_year.scan import scan
from crawler.taken_year.score import calibrated
from crawler.taken_year.words import vocabulary

_SCAN_FILE = re.compile(r"(?:^|[^a-z])scan(?:ned)?(?:[^a-z]|$)")
_DEATHS = frozenset({"died_words", "long_span"})
_TEXTS = frozenset({"title", "description", "text"})
_OF_OTHER_THINGS = frozenset({"object", "identifier", "birth_death", "founding", "term", "publication"})
_WORDS_APART = frozenset({"tags", "file_name"})
_BARE_YEARS = frozenset({"tag_year", "year", "apostrophe_year"})
_HINT_LETTERS = 2000  # letters read for words such as "scan" and "old photo"
_OLD_PRINT_YEARS = 3  # an old print is scanned at most this long before it is uploaded


def extract_taken_year(photo: PhotoText, *, earliest: int | None = None) -> TakenYear:
    """Return the year `photo` was taken, an interval, or null with the reason. Never raises, never the upload date.

    Years before `earliest` (1839; a bare text has no such floor) are no photo's; years after the upload (after today
    where that is unknown) neither. Time is linear in the length of the texts.
    """
    return read_photo(photo, earliest=earliest)[0]


def explain(photo: PhotoText, *, earliest: int | None = None) -> list[Candidate]:
    """Return every date found in `photo`, what each is the date of, and why it was taken or left."""
    return read_photo(photo, earliest=earliest)[1]


def read_photo(photo: PhotoText, *, earliest: int | None = None) -> tuple[TakenYear, list[Candidate]]:
    """Return the answer for `photo` with every date found in it: `extract_taken_year` and `explain` in one."""
    latest = photo.uploaded.year if photo.uploaded is not None else datetime.now(UTC).year
    bare = is_bare(photo)
    first = earliest if earliest is not None else EARLIEST_OF_TEXTS if bare else EARLIEST_YEAR
    if bare and photo.text is not None and len(photo.text) <= LONGEST:
        whole = read_bare(photo.text, convention_of(photo.source, photo.text), earliest=first, latest=latest)
        if whole is not None:
            return _finished(whole[0]), [whole[1]]
    if bare and earliest is None and len(photo.text or "") > LONGEST_LABEL:
        first = EARLIEST_YEAR  # a sentence about a picture, not a label of something old
    found = _gather(photo, latest)
    limits = _limits(photo, found, first, latest)
    found = _without_name(found, photo.subject_name)
    found = _without_echoes(found) if photo.tags or photo.file_name else found
    found = apply_limits(_of_lives(found), limits)
    taken = decide(found, limits)
    return _finished(best_of_caption(taken, found, photo.text) if bare else taken), found


def _finished(taken: TakenYear) -> TakenYear:
    edtf, confidence = to_edtf(taken), calibrated(taken)
    if edtf == taken.edtf and confidence == taken.confidence:
        return taken
    return replace(taken, edtf=edtf, confidence=confidence)


def _limits(photo: PhotoText, found: list[Candidate], earliest: int, latest: int) -> Limits:
    deaths = [c.year_max for c in found if c.rule in _DEATHS and c.source in _TEXTS]
    machines = _has_machine_dates(photo)
    return Limits(
        earliest, latest, photo.birth_year, photo.death_year, max(deaths) if deaths else None,
        _scan_from(photo, found, latest),
        frozenset(c.year_min for c in found if c.source in ("exif", "date_taken")) if machines else frozenset(),
    )  # fmt: skip


def _of_lives(found: list[Candidate]) -> list[Candidate]:
    # "Ann Poole (born 1950) 1931": one of the two is wrong.
    born = sums.birth_years(found)
    if len(set(born)) != 1:
        return found
    return [
        replace(c, accepted=False, why="before the stated birth")
        if c.accepted and c.year_max < born[0] and c.source in _TEXTS
        else c
        for c in found
    ]


def _without_echoes(found: list[Candidate]) -> list[Candidate]:
    # "Grandad and his 1938 Austin" with the tag 1938: the tag repeats the title and is no second witness.
    other = {c.year_min for c in found if c.role in _OF_OTHER_THINGS and c.source in _TEXTS}
    if not other:
        return found
    other -= {c.year_min for c in found if c.accepted and c.source in _TEXTS}
    return [
        replace(c, role="object", rule="echo", accepted=False, why="object: the texts tell what this year is of")
        if c.accepted and c.source in _WORDS_APART and c.rule in _BARE_YEARS and c.year_min in other
        else c
        for c in found
    ]


def _without_name(found: list[Candidate], name: str | None) -> list[Candidate]:
    # Apollo 1969, The 1975: a year that is part of the name asked for dates nothing.
    if name is None or not any(letter.isdecimal() for letter in name):
        return found
    return [
        replace(c, role="identifier", rule="name", accepted=False, why="identifier: part of the subject's name")
        if c.source in (*_TEXTS, "tags") and c.words in name
        else c
        for c in found
    ]


def _gather(photo: PhotoText, latest: int) -> list[Candidate]:
    found: list[Candidate] = []
    texts: list[tuple[str, CleanText]] = []
    fields = (
        ("text", photo.text),
        ("title", photo.title),
        ("description", photo.description),
        ("page_text", photo.page_text),
    )
    for source, raw in fields:
        if raw:
            text = clean(raw)
            texts.append((source, text))
            found += sums.add_anniversaries(text, scan(text, source, latest=latest), latest=latest)
    if photo.date_text:
        found += read_date_field(photo.date_text, source=photo.source, latest=latest)
    found += _birthdays(photo, texts, found, latest)
    if photo.tags:
        found += scan_tags(photo.tags, latest=latest)
    if _has_machine_dates(photo):
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
    days = [sums.birthday(text, source, born=year, latest=latest) for source, text in texts[:2]]
    if not any(days) and not any(c.accepted for c in found):
        days = [sums.age(text, source, born=year, latest=latest) for source, text in texts[:2]]
    return [day for day in days if day is not None]


def _has_machine_dates(photo: PhotoText) -> bool:
    return bool(
        photo.date_taken
        or photo.exif_original
        or photo.exif_digitised
        or photo.exif_modified
        or photo.iptc_date
        or photo.xmp_date
    )


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
        modified_date(photo.exif_modified),
        embedded_date(photo.iptc_date, "iptc", uploaded=photo.uploaded),
        embedded_date(photo.xmp_date, "xmp", uploaded=photo.uploaded),
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
    if not (photo.date_taken or photo.exif_original or photo.iptc_date or photo.xmp_date or photo.date_text):
        return None
    # A scan's EXIF tells when it was scanned. A date set years before the scan or the upload is its owner's.
    if is_scanner(photo.device):
        return 0
    texts = [fold(text[:_HINT_LETTERS]) for text in (photo.title, photo.description, photo.tags, photo.text) if text]
    scanned = [c.year_min for c in found if c.rule == "scan_words"]
    if scanned:
        return min(scanned)
    name = fold((photo.file_name or "")[:_HINT_LETTERS])
    if _SCAN_FILE.search(name) or any(_hints("scan_hint").search(text) for text in texts):
        return 0
    return latest - _OLD_PRINT_YEARS if any(_hints("old_hint").search(text) for text in texts) else None
