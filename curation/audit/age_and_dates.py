"""Age labels that do not go with the photo's year and the subject's birth, or with the other photos' years."""

from collections.abc import Iterator, Sequence
from statistics import median_low

from curation.audit.finding import Finding, clear_age, told
from curation.audit.settings import AuditSettings
from dataset.sources.dates import year_of
from db.audit_labels import LabelledPhoto

_LEAST = 3
"""Dated photos with ages that it takes to say when somebody was born; two that disagree accuse each other."""


def check_age_and_dates(photos: Sequence[LabelledPhoto], _settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for each photo whose age is not year less birth, a year more or less.

    The birth is that of the photo's own label, else the subject's; the fix takes the age label away. Where nobody tells
    the birth, it is taken from what most of the subject's photos say (year less age): which of the two labels is wrong
    is then for a person to see.
    """
    births = _births_by_most(photos)
    for photo in photos:
        if photo.age is None or photo.year_min is None or photo.year_max is None:
            continue
        own = year_of(photo.birth_date) if _is_year(photo.birth_date) else None
        low, high = (own, own) if own is not None else (photo.birth_min, photo.birth_max)
        is_told = low is not None and high is not None
        if low is None or high is None:
            if photo.subject_id is None or photo.subject_id not in births:
                continue
            low = high = births[photo.subject_id]
        if photo.year_min - high - 1 <= photo.age < photo.year_max - low + 2:
            continue
        years = f"{photo.year_min}" if photo.year_min == photo.year_max else f"{photo.year_min} to {photo.year_max}"
        born = f"born in {low}" if low == high else f"born in {low} to {high}"
        yield Finding(
            key=f"photo:{photo.photo_id}",
            words=f"an age of {photo.age:g} in {years}, {born}" + ("" if is_told else " by the other photos"),
            subject_id=photo.subject_id,
            photo_id=photo.photo_id,
            rows={"photos": told([photo], "age", "year", "year_min", "year_max"), "birth_min": low, "birth_max": high},
            changes=[clear_age(photo)] if is_told else [],
        )


def _births_by_most(photos: Sequence[LabelledPhoto]) -> dict[int, int]:
    """Return the year of birth that more than half of a subject's photos agree in, a year more or less."""
    stated: dict[int, list[int]] = {}
    for photo in photos:
        if photo.subject_id is not None and photo.age is not None and photo.year is not None:
            stated.setdefault(photo.subject_id, []).append(photo.year - int(photo.age))
    births = {subject: median_low(years) for subject, years in stated.items() if len(years) >= _LEAST}
    return {
        subject: birth
        for subject, birth in births.items()
        if 2 * sum(abs(year - birth) <= 1 for year in stated[subject]) > len(stated[subject])
    }


def _is_year(text: str | None) -> bool:
    return text is not None and text[:4].isdecimal() and len(text) >= 4
