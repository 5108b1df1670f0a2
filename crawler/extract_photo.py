"""One stored photo: everything of it that may tell the year goes in, the rows for the catalog come out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.exif import ExifDates, read_exif_dates
from crawler.taken_year import VERSION, Candidate, PhotoText, TakenYear, read_photo, to_edtf
from db.photo_texts import StoredPhoto

AGREES = "it agrees; other evidence is stronger"
OUTRANKED = "stronger evidence says another year"
DISPUTED = "another date of the same rank differs"

# Machine tags (https://www.flickr.com/groups/api/discuss/72157594497877875) in which people and archives write when
# the photo was taken; the numbers of all others are ids: upcoming:event=1984.
_DATED_TAG = re.compile(
    r"(?:^|\s)(?:dc|dcterms|date|taken|photo|iptc|xmp):(?:date|created|taken|on|year|datetaken|datecreated)="
    r"\"?(\d[^\s\"]{3,30})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """A photo's year with all the dates that were found; `chosen` are the places of those the answer stands on."""

    photo: PhotoText
    taken: TakenYear
    found: tuple[Candidate, ...]
    chosen: frozenset[int]


def photo_text(photo: StoredPhoto, exif: ExifDates) -> PhotoText:
    """Return what the extractor reads of a stored photo. The file's own date goes before what the site says of it."""
    return PhotoText(
        title=photo.title,
        description=photo.description,
        tags=photo.tags,
        file_name=photo.file_name,
        date_taken=photo.date_taken,
        date_taken_granularity=photo.date_taken_granularity,
        date_taken_unknown=photo.date_taken_unknown,
        uploaded=photo.uploaded,
        exif_original=exif.original or photo.exif_taken,
        exif_digitised=exif.digitised,
        exif_modified=exif.modified,
        device=exif.device,
        iptc_date=exif.iptc_date,
        xmp_date=exif.xmp_date,
        date_text=photo.date_text or _date_of_machine_tags(photo.machine_tags),
        subject_name=photo.subject_name,
        birth_year=photo.birth_year,
        death_year=photo.death_year,
        source=photo.site,
    )


def read_stored(photo: StoredPhoto, data: Path) -> Reading:
    """Return the reading of a stored photo; `data` is the folder its path starts from."""
    return read_text(photo_text(photo, _exif_dates(photo, data)))


def read_text(photo: PhotoText) -> Reading:
    """Return the year of a photo with its evidence."""
    taken, found = read_photo(photo)
    return Reading(photo, taken, tuple(found), frozenset(_chosen(taken, found)))


def why_left(reading: Reading, place: int) -> str | None:
    """Return why a date that was found is not the one the answer stands on; None for the one that is."""
    candidate, taken = reading.found[place], reading.taken
    if place in reading.chosen:
        return DISPUTED if taken.rule == "conflict" else None
    if candidate.why is not None:
        return candidate.why
    if taken.year_min is None or taken.year_max is None:
        return OUTRANKED
    return AGREES if candidate.year_min <= taken.year_max and taken.year_min <= candidate.year_max else OUTRANKED


def year_row(photo_id: int, taken: TakenYear) -> dict[str, Any]:
    """Return the row of `taken_year`."""
    return {
        "photo_id": photo_id,
        "year": taken.year,
        "year_min": taken.year_min,
        "year_max": taken.year_max,
        "precision": taken.precision,
        "confidence": taken.confidence,
        "source": taken.source,
        "rule": taken.rule,
        "words": taken.words,
        "reason": taken.reason,
        "version": VERSION,
        "edtf": taken.edtf or to_edtf(taken),
    }


def evidence_rows(photo_id: int, reading: Reading) -> list[dict[str, Any]]:
    """Return the rows of `date_evidence`, rejected dates too."""
    return [
        {
            "photo_id": photo_id,
            "place": place,
            "source": candidate.source,
            "span_start": candidate.start,
            "span_end": candidate.end,
            "words": candidate.words,
            "role": candidate.role,
            "rule": candidate.rule,
            "year_min": candidate.year_min,
            "year_max": candidate.year_max,
            "precision": candidate.precision,
            "confidence": candidate.confidence,
            "is_chosen": place in reading.chosen,
            "why": why_left(reading, place),
            "version": VERSION,
        }
        for place, candidate in enumerate(reading.found)
    ]


def _chosen(taken: TakenYear, found: Sequence[Candidate]) -> list[int]:
    """Return the places of the dates an answer stands on: one, or all that are in conflict."""
    if taken.rule is None:
        return []
    if taken.rule == "conflict":
        words = set((taken.words or "").split(" | "))
        return [place for place, one in enumerate(found) if one.accepted and one.words.strip() in words]
    for place, one in enumerate(found):
        if one.accepted and (one.source, f"{one.role}:{one.rule}", one.words) == (
            taken.source, taken.rule, taken.words
        ):  # fmt: skip
            return [place]
    return []


def _date_of_machine_tags(tags: str | None) -> str | None:
    found = {match[1] for match in _DATED_TAG.finditer(tags or "")}
    return found.pop() if len(found) == 1 else None


def _exif_dates(photo: StoredPhoto, data: Path) -> ExifDates:
    if photo.state != "done" or photo.path is None:
        return ExifDates()
    return read_exif_dates(data / photo.path)  # an absolute path stays as it is
