"""What does not change in a person and does in the labels: sex, race, birth."""

from collections import Counter
from collections.abc import Iterator, Sequence

from curation.audit.finding import Change, Finding, set_age, told
from curation.audit.grouping import by_site
from curation.audit.settings import AuditSettings
from dataset.sources.dates import age_on
from db.audit_labels import LabelledPhoto


def check_sex_flip(photos: Sequence[LabelledPhoto], _settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for a subject whose photos in one set have two sexes; the fix is what most of them say."""
    return _flips(photos, "sex")


def check_race_flip(photos: Sequence[LabelledPhoto], _settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for a subject whose photos in one set have two races; the fix is what most of them say."""
    return _flips(photos, "race")


def check_birth_flip(photos: Sequence[LabelledPhoto], _settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for a subject whose photos in one set have two dates of birth; the fix is what most say.

    Where the day of the photo is known too, the fix mends the age that was computed from the other birth.
    """
    return _flips(photos, "birth_date")


def _flips(photos: Sequence[LabelledPhoto], name: str) -> Iterator[Finding]:
    for site, group in by_site(photos):
        stated = [photo for photo in group if getattr(photo, name) is not None]
        counts = Counter(str(getattr(photo, name)) for photo in stated)
        if len(counts) < 2:
            continue
        (most, votes), *_ = counts.most_common(1)
        is_majority = 2 * votes > len(stated)
        wrong = [photo for photo in stated if str(getattr(photo, name)) != most] if is_majority else []
        shown = ", ".join(f"{count} times {value}" for value, count in counts.most_common())
        yield Finding(
            key=f"subject:{stated[0].subject_id}:{site}",
            words=f"{name.removesuffix('_date')}: {shown}",
            subject_id=stated[0].subject_id,
            rows={"site": site, "counts": dict(counts), "photos": told(stated, name)},
            changes=[change for photo in wrong for change in _mend(photo, name, most)],
        )


def _mend(photo: LabelledPhoto, name: str, value: str) -> Iterator[Change]:
    yield Change("photo", photo.photo_id, {f"raw.{name}": getattr(photo, name)}, {f"raw.{name}": value})
    age = age_on(value, photo.taken_date) if name == "birth_date" else None
    if photo.age is not None and age is not None and age != photo.age:
        yield set_age(photo, float(age) if age >= 0 else None)
