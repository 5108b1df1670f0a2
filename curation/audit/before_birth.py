"""Photos dated before their subject was born."""

from collections.abc import Iterator, Sequence

from curation.audit.finding import Finding, clear_year, told
from curation.audit.settings import AuditSettings
from db.audit_labels import LabelledPhoto


def check_before_birth(photos: Sequence[LabelledPhoto], _settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for each photo whose year ends before its subject's birth begins; the fix takes the year away."""
    for photo in photos:
        if photo.year_max is not None and photo.birth_min is not None and photo.year_max < photo.birth_min:
            yield Finding(
                key=f"photo:{photo.photo_id}",
                words=f"taken in {photo.year_max} or earlier, born in {photo.birth_min} or later",
                subject_id=photo.subject_id,
                photo_id=photo.photo_id,
                rows={"photos": told([photo], "year", "year_min", "year_max", "birth_min", "birth_max")},
                changes=[clear_year(photo, "audit: before the subject was born")],
            )
