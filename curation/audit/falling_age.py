"""Subjects who get younger from one picture to a later one."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from curation.audit.finding import Finding, clear_age, told
from curation.audit.grouping import by_site
from curation.audit.settings import AuditSettings
from db.audit_labels import LabelledPhoto


def check_falling_age(photos: Sequence[LabelledPhoto], _settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for a subject whose age falls with the number of the picture, in a set that numbers them.

    The fix takes away as few labels as make the others rise.
    """
    for site, group in by_site(photos):
        numbered = [photo for photo in group if photo.picture is not None and photo.age is not None]
        ordered = sorted(numbered, key=lambda photo: (photo.picture, photo.age, photo.photo_id))
        ages = [photo.age for photo in ordered if photo.age is not None]
        falls = sum(later < earlier for earlier, later in pairwise(ages))
        if falls:
            rising = set(_rising(ages))
            wrong = [photo for place, photo in enumerate(ordered) if place not in rising]
            yield Finding(
                key=f"subject:{ordered[0].subject_id}:{site}",
                words=f"ages {', '.join(f'{age:g}' for age in ages)} in the order of the pictures",
                subject_id=ordered[0].subject_id,
                rows={"site": site, "falls": falls, "photos": told(ordered, "picture", "age", "year")},
                changes=[clear_age(photo) for photo in wrong],
            )


def _rising(ages: Sequence[float]) -> list[int]:
    """Return the places of a longest part of `ages` that never falls (patience sorting, with a way back)."""
    tails: list[float] = []
    ends: list[int] = []
    before: list[int | None] = []
    for place, age in enumerate(ages):
        length = bisect_right(tails, age)
        before.append(ends[length - 1] if length else None)
        tails[length : length + 1] = [age]
        ends[length : length + 1] = [place]
    chain, at = [], ends[-1] if ends else None
    while at is not None:
        chain.append(at)
        at = before[at]
    return chain[::-1]
