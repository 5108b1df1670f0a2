"""One picture twice, with two ages or two years: two sets that hold the same photos, or a slip of the pen."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from curation.audit.finding import Change, Finding
from curation.audit.settings import AuditSettings
from db.audit_labels import PicturedFaces


def check_duplicate_labels(
    faces: PicturedFaces, groups: Sequence[Sequence[int]], settings: AuditSettings
) -> Iterator[Finding]:
    """Yield a finding for each picture of one person whose copies have labels that cannot all be right.

    Ages more than `age_tolerance` years apart, or years that have none in common. The fix takes away the ages that
    differ from what most copies say, all of them where no age has most; years are left to a person.
    """
    for group in groups:
        if len({int(faces.subject_id[row]) for row in group} - {0}) > 1:
            continue  # the names are in doubt before the labels are
        ages = {row: float(faces.age[row]) for row in group if not np.isnan(faces.age[row])}
        spread = max(ages.values(), default=0.0) - min(ages.values(), default=0.0)
        is_dated = [row for row in group if not np.isnan(faces.year_min[row])]
        first = max((float(faces.year_min[row]) for row in is_dated), default=0.0)
        last = min((float(faces.year_max[row]) for row in is_dated), default=0.0)
        ages_differ, years_differ = spread > settings.age_tolerance, first > last
        if not ages_differ and not years_differ:
            continue
        faults = [
            *([f"ages {min(ages.values()):g} to {max(ages.values()):g}"] if ages_differ else []),
            *([f"years {last:.0f} and {first:.0f}"] if years_differ else []),
        ]
        yield Finding(
            key=f"face:{faces.face_id[group[0]]}",
            words=f"one picture {len(group)} times with {' and '.join(faults)}",
            subject_id=next((int(faces.subject_id[row]) for row in group if faces.subject_id[row]), None),
            rows={"photos": [_row(faces, row) for row in group]},
            changes=_clear(faces, ages, settings.age_tolerance) if ages_differ else [],
        )


def _clear(faces: PicturedFaces, ages: dict[int, float], tolerance: float) -> list[Change]:
    (most, votes), *_ = Counter(ages.values()).most_common(1)
    keep = most if 2 * votes > len(ages) else None
    wrong = {int(faces.photo_id[row]): age for row, age in ages.items() if keep is None or abs(age - keep) > tolerance}
    return [Change("photo", photo, {"age_label": age}, {"age_label": None}) for photo, age in wrong.items()]


def _row(faces: PicturedFaces, row: int) -> dict[str, Any]:
    values = {"age": faces.age[row], "year_min": faces.year_min[row], "year_max": faces.year_max[row]}
    known = {name: float(value) for name, value in values.items() if not np.isnan(value)}
    return {"photo_id": int(faces.photo_id[row]), "face_id": int(faces.face_id[row]), **known}
