"""The checks of an audit, by name; one line each."""

from collections.abc import Callable, Iterator, Sequence

from agegap.errors import UnknownName
from curation.audit.after_death import check_after_death
from curation.audit.age_and_dates import check_age_and_dates
from curation.audit.before_birth import check_before_birth
from curation.audit.collection_span import check_collection_span
from curation.audit.duplicate_labels import check_duplicate_labels
from curation.audit.falling_age import check_falling_age
from curation.audit.finding import Finding
from curation.audit.flips import check_birth_flip, check_race_flip, check_sex_flip
from curation.audit.impossible_age import check_impossible_age
from curation.audit.impossible_year import check_impossible_year
from curation.audit.settings import AuditSettings
from curation.audit.shared_image import check_shared_image
from db.audit_labels import LabelledPhoto, PicturedFaces

LABEL_CHECKS: dict[str, Callable[[Sequence[LabelledPhoto], AuditSettings], Iterator[Finding]]] = {
    "impossible_age": check_impossible_age,
    "impossible_year": check_impossible_year,
    "before_birth": check_before_birth,
    "after_death": check_after_death,
    "age_and_dates": check_age_and_dates,
    "collection_span": check_collection_span,
    "falling_age": check_falling_age,
    "birth_flip": check_birth_flip,
    "sex_flip": check_sex_flip,
    "race_flip": check_race_flip,
}
"""They see the photos of one subject, or one photo that nobody names."""

IMAGE_CHECKS: dict[str, Callable[[PicturedFaces, Sequence[Sequence[int]], AuditSettings], Iterator[Finding]]] = {
    "shared_image": check_shared_image,
    "duplicate_labels": check_duplicate_labels,
}
"""They see the faces that show one picture."""

MODEL_REJECTS = "model_rejects"
"""Findings that no check makes: `curate apply-rejects` brings them."""

NAMES = (*LABEL_CHECKS, *IMAGE_CHECKS)


def find_checks(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the checks to run, all where none is named; raise UnknownName with the nearest one."""
    for name in names:
        if name not in NAMES:
            raise UnknownName("check", name, NAMES)
    return tuple(name for name in NAMES if not names or name in names)
