"""Subjects whose ages lie further apart than the years in which the collection was made.

MORPH's album 2 is of 2003 to 2007: nobody ages six years in it, and 243 of its people do (reference/importers.md).
"""

from collections.abc import Iterator, Sequence

from curation.audit.finding import Finding, clear_age, told
from curation.audit.grouping import by_site
from curation.audit.settings import AuditSettings
from db.audit_labels import LabelledPhoto


def check_collection_span(photos: Sequence[LabelledPhoto], settings: AuditSettings) -> Iterator[Finding]:
    """Yield a finding for a subject whose ages in one collection span more years than the collection.

    From the first day of 2003 to the last of 2007 a person has one birthday a year, so ages differ by at most 5. The
    fix takes the labels away that do not fit to most of the others; there is none where two groups are as large.
    """
    windows = settings.window_years()
    for site, group in by_site(photos):
        aged = sorted((photo for photo in group if photo.age is not None), key=_age)
        if site not in windows or not aged:
            continue
        first, last = windows[site]
        widest = last - first + 1
        span = _age(aged[-1]) - _age(aged[0])
        if span > widest:
            yield Finding(
                key=f"subject:{aged[0].subject_id}:{site}",
                words=f"ages {_age(aged[0]):g} to {_age(aged[-1]):g} in photos of {first} to {last}",
                subject_id=aged[0].subject_id,
                rows={"site": site, "span": span, "widest": widest, "photos": told(aged, "age", "year")},
                changes=[clear_age(photo) for photo in _misfits(aged, widest)],
            )


def _misfits(aged: Sequence[LabelledPhoto], widest: int) -> list[LabelledPhoto]:
    """Return the photos outside the largest group whose ages fit the window; none where it is not the only one."""
    ages = [_age(photo) for photo in aged]
    groups: dict[int, list[tuple[int, int]]] = {}
    end = 0
    for start, age in enumerate(ages):
        reached = end
        while end < len(ages) and ages[end] - age <= widest:
            end += 1
        if end > reached:  # else the group lies within the one before
            groups.setdefault(end - start, []).append((start, end))
    (start, end), *rivals = groups[max(groups)]
    return [] if rivals else [*aged[:start], *aged[end:]]


def _age(photo: LabelledPhoto) -> float:
    assert photo.age is not None
    return photo.age
