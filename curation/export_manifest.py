"""What a dataset's manifest says of its content: counts, crop, pairs, licences.

It holds no times and no paths, so the same content gives the same bytes.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import agegap
from dataset.splits import Split
from dataset.tables import CROP_SIZE, NO_YEAR, FaceTable, PairTable
from db.exports import KeptFace
from db.pairs import PairSetRow


def describe(
    faces: FaceTable, pairs: PairTable, kept: list[KeptFace], *, pair_set: PairSetRow | None, template: str
) -> dict[str, Any]:
    """Return the manifest less what the writer adds (format, version, files) and what was asked for."""
    return {
        "created_by": f"agegap {agegap.__version__}",
        "crop": {"size": CROP_SIZE, "template": template},
        "counts": _counts(faces, pairs),
        "licences": _by_site_and_licence(kept),
        "pairs": None
        if pair_set is None
        else {
            "name": pair_set.name,
            "recipe": dict(pair_set.recipe),
            "seed": pair_set.seed,
            "sha256": pair_set.sha256,
        },
    }


def _counts(faces: FaceTable, pairs: PairTable) -> dict[str, Any]:
    split_of_pair = faces.split[pairs.younger]
    by_split = {
        split.label: {
            "faces": int((faces.split == split).sum()),
            "subjects": _distinct(faces.subject[(faces.split == split) & (faces.subject >= 0)]),
            "pairs": int((split_of_pair == split).sum()),
        }
        for split in Split
    }
    return {
        "faces": len(faces),
        "subjects": _distinct(faces.subject[faces.subject >= 0]),
        "faces_with_age": int((~np.isnan(faces.age)).sum()),
        "faces_with_year": int((faces.year != NO_YEAR).sum()),
        "pairs": len(pairs),
        "by_split": by_split,
        "by_site": dict(sorted(Counter(faces.site).items())),
        "by_age_decade": _by_number(faces.age[~np.isnan(faces.age)] // 10 * 10),
        "by_year_decade": _by_number(faces.year[faces.year != NO_YEAR] // 10 * 10),
        "by_gap_years": _by_number(pairs.gap_years),
    }


def _by_site_and_licence(kept: list[KeptFace]) -> dict[str, dict[str, int]]:
    tally: dict[str, Counter[str]] = {}
    for face in kept:
        tally.setdefault(face.site, Counter())[face.licence or "unknown"] += 1
    return {site: dict(sorted(tally[site].items())) for site in sorted(tally)}


def _by_number(values: NDArray[Any]) -> dict[str, int]:
    numbers, counts = np.unique(values, return_counts=True)
    return {str(int(number)): int(count) for number, count in zip(numbers, counts, strict=True)}


def _distinct(values: NDArray[Any]) -> int:
    return len(np.unique(values))
