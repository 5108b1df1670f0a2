"""`curate build-pairs` behind its flags: read the dated faces, choose pairs, put them in the catalog."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

import agegap
from agegap.errors import NothingToDo, WrongUse
from curation.pairs import PairSettings, build_pairs
from db.pairs import load_dated_faces, replace_pair_set
from db.statistics import k_range, missing_step

DEFAULT_NAME = "default"
_LONGEST_NAME = 64  # characters, of pair_set.name


def build_pair_set(engine: Engine, *, name: str = DEFAULT_NAME, settings: PairSettings) -> dict[str, Any]:
    """Build the pair set `name` and return its figures; the old set of that name goes in the same transaction.

    Raises NothingToDo with the missing step when no pair comes out; an older set then stays.
    """
    if not 0 < len(name) <= _LONGEST_NAME:
        raise WrongUse(f"--name '{name[:_LONGEST_NAME]}': a pair set's name has 1 to {_LONGEST_NAME} characters")
    with engine.connect() as connection:
        faces = load_dated_faces(connection, min_confidence=settings.min_confidence)
        built = build_pairs(faces, settings)
        if not len(built.rows):
            raise NothingToDo("build-pairs", *missing_step(connection))
    with engine.begin() as connection:
        replace_pair_set(
            connection,
            built.rows,
            name=name,
            recipe=asdict(settings),
            seed=settings.seed,
            code_version=agegap.__version__,
            sha256=built.sha256,
        )
    gaps = Counter(built.rows.gap_years.tolist())
    by_k: Counter[str] = Counter()
    for gap in sorted(gaps):
        by_k[k_range(gap)] += gaps[gap]
    return {
        "name": name,
        "dated_faces": len(faces),
        "subjects": len(set(built.rows.subject_id.tolist())),
        "pairs": len(built.rows),
        "pairs_by_k": dict(by_k),
        "left_out": {
            "of_one_photo": built.same_photo,
            "near_duplicates": built.near_duplicates,
            "over_a_cap": built.candidates - len(built.rows),
        },
        "seed": settings.seed,
        "sha256": built.sha256,
    }
