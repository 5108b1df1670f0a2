"""What a dataset's manifest says of its content: counts, crop, pairs, licences.

It holds no times and no paths, so the same content gives the same bytes.
"""

from typing import Any

import agegap
from dataset.counts import count_licences, count_rows
from dataset.tables import CROP_SIZE, FaceTable, PairTable
from db.pairs import PairSetRow


def describe(faces: FaceTable, pairs: PairTable, *, pair_set: PairSetRow | None, template: str) -> dict[str, Any]:
    """Return the manifest less what the writer adds (format, version, files) and what was asked for."""
    return {
        "created_by": f"agegap {agegap.__version__}",
        "crop": {"size": CROP_SIZE, "template": template},
        "counts": count_rows(faces, pairs),
        "licences": count_licences(faces),
        "pairs": describe_pairs(pair_set),
    }


def describe_pairs(found: PairSetRow | None) -> dict[str, Any] | None:
    """Return what a manifest says of a pair set, None without one."""
    if found is None:
        return None
    return {"name": found.name, "recipe": dict(found.recipe), "seed": found.seed, "sha256": found.sha256}
