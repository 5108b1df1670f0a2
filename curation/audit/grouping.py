"""A subject's photos by set: sets differ in the words of their labels and in the order of their pictures."""

from collections.abc import Iterator, Sequence

from db.audit_labels import LabelledPhoto


def by_site(photos: Sequence[LabelledPhoto]) -> Iterator[tuple[str, list[LabelledPhoto]]]:
    """Yield each site's photos of one subject, in their order; nothing where nobody knows whom they show."""
    groups: dict[str, list[LabelledPhoto]] = {}
    for photo in photos:
        if photo.subject_id is not None:
            groups.setdefault(photo.site, []).append(photo)
    yield from sorted(groups.items())
