"""Ages nobody has: below 0, or above the oldest."""

from collections.abc import Iterator, Sequence

from curation.audit.finding import Finding, clear_age, told
from curation.audit.settings import AuditSettings
from db.audit_labels import LabelledPhoto


def check_impossible_age(photos: Sequence[LabelledPhoto], settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for each photo whose age label nobody can have; the fix takes the label away."""
    for photo in photos:
        if photo.age is not None and not 0 <= photo.age <= settings.max_age:
            yield Finding(
                key=f"photo:{photo.photo_id}",
                words=f"an age of {photo.age:g}",
                subject_id=photo.subject_id,
                photo_id=photo.photo_id,
                rows={"photos": told([photo], "age")},
                changes=[clear_age(photo)],
            )
