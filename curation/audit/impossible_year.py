"""Years in which no photo was taken: before photography, after today, or outside the years of the collection."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from curation.audit.finding import Finding, clear_year, told
from curation.audit.settings import AuditSettings
from dataset.sources.photos_jsonl import FIRST_PHOTO_YEAR
from db.audit_labels import LabelledPhoto


def check_impossible_year(photos: Sequence[LabelledPhoto], settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for each photo whose year cannot be; the fix takes the year away.

    Of an interval the whole must lie outside: a part that can be is no contradiction.
    """
    windows = settings.window_years()
    today = datetime.now(UTC).year + 1  # New Year comes earlier east of Greenwich
    for photo in photos:
        if photo.year_min is None or photo.year_max is None:
            continue
        first, last = windows.get(photo.site, (FIRST_PHOTO_YEAR, today))
        if photo.year_max < first or photo.year_min > last:
            stated = photo.year if photo.year is not None else f"{photo.year_min} to {photo.year_max}"
            yield Finding(
                key=f"photo:{photo.photo_id}",
                words=f"taken in {stated}, where {photo.site} can be of {first} to {last}",
                subject_id=photo.subject_id,
                photo_id=photo.photo_id,
                rows={"photos": told([photo], "year", "year_min", "year_max"), "first": first, "last": last},
                changes=[clear_year(photo, f"audit: no photo of {photo.site} is of that year")],
            )
