"""Photos dated after their subject died: mostly dates of a scan or an upload."""

from collections.abc import Iterator, Sequence

from curation.audit.finding import Finding, clear_year, told
from curation.audit.settings import AuditSettings
from db.audit_labels import LabelledPhoto


def check_after_death(photos: Sequence[LabelledPhoto], _settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for each photo whose year begins after its subject's death; the fix takes the year away."""
    for photo in photos:
        if photo.year_min is not None and photo.death_max is not None and photo.year_min > photo.death_max:
            yield Finding(
                key=f"photo:{photo.photo_id}",
                words=f"taken in {photo.year_min} or later, died in {photo.death_max} or earlier",
                subject_id=photo.subject_id,
                photo_id=photo.photo_id,
                rows={"photos": told([photo], "year", "year_min", "year_max", "death_min", "death_max")},
                changes=[clear_year(photo, "audit: after the subject died")],
            )
