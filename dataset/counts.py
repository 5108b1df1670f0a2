"""The figures of a manifest, from the tables alone: an export and a purge count alike."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataset.splits import Split
from dataset.tables import NO_YEAR, FaceTable, PairTable

UNKNOWN_LICENCE = "unknown"


def count_rows(faces: FaceTable, pairs: PairTable) -> dict[str, Any]:
    """Return the manifest's `counts`: faces, subjects and pairs, whole and by split, site, age, year and gap."""
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


def count_licences(faces: FaceTable) -> dict[str, dict[str, int]] | None:
    """Return how many faces of each site stand under which licence; None for a dataset without licences."""
    if faces.licence is None:
        return None
    tally: dict[str, Counter[str]] = {}
    for site, licence in zip(faces.site, faces.licence, strict=True):
        tally.setdefault(site, Counter())[licence or UNKNOWN_LICENCE] += 1
    return {site: dict(sorted(tally[site].items())) for site in sorted(tally)}


def _by_number(values: NDArray[Any]) -> dict[str, int]:
    numbers, counts = np.unique(values, return_counts=True)
    return {str(int(number)): int(count) for number, count in zip(numbers, counts, strict=True)}


def _distinct(values: NDArray[Any]) -> int:
    return len(np.unique(values))
