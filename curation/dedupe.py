"""`curate dedupe`: the same picture twice, in one subject's folder, under two names, or in two sets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Interval
from numpy.typing import NDArray
from sqlalchemy import Engine

from agegap.progress import track
from curation.duplicate_groups import Groups, group_around_best, rank_by_quality, same_bytes
from curation.face_undo import Judges, judge_kept_again
from curation.near_hashes import MAX_BITS, NearPairs, find_near_pairs
from curation.same_pixels import CropReader, are_same_picture
from db.duplicates import (
    HashedFaces,
    count_across_subjects,
    crop_paths,
    drop_duplicates,
    groups_across_subjects,
    keep_again,
    load_hashed_faces,
    replace_duplicates,
)

SHOWN = 20
"""Groups across subjects that the result names; the catalog has them all."""


@dataclass(frozen=True)
class DedupeSettings:
    """[curate.dedupe] of agegap.toml."""

    # Bits of the perceptual hash within which two crops are looked at.
    max_bits: Annotated[int, Interval(ge=0, le=MAX_BITS)] = 6
    # Within so many bits they are one picture without a look at the pixels.
    sure_bits: Annotated[int, Ge(0)] = 0
    # Correlation of the grey pixels, of two crops 32 pixels wide, from which they are one picture.
    min_correlation: Annotated[float, Interval(gt=0, le=1)] = 0.98


def dedupe(
    engine: Engine, *, data: Path, settings: DedupeSettings, apply: bool = False, judges: Judges | None = None
) -> dict[str, Any]:
    """Find groups of faces that show one picture, write them to `duplicate_face`, return the tally.

    With `apply` all but the best of each subject in a group are dropped (reason `duplicate`), and those that are in no
    group any more are kept again, as far as the recipe of their photo lets them (`judges`). The same faces give the
    same groups, in whatever order they came.
    """
    with engine.connect() as connection:
        faces = load_hashed_faces(connection)
    rank = _quality(faces)
    stands_for = same_bytes((faces.crop_key, _place_in_file(faces)), rank)
    pictures = np.unique(stands_for)  # of faces of the same bytes only the best is compared
    near = find_near_pairs(faces.hashes[pictures], max_bits=settings.max_bits)
    near = NearPairs(pictures[near.first], pictures[near.second], near.distance)
    near = _take(near, faces.photo_id[near.first] != faces.photo_id[near.second])
    doubtful = near.distance > settings.sure_bits
    is_same = ~doubtful
    is_same[doubtful] = _confirm(engine, data, faces, _take(near, doubtful), settings.min_correlation)
    rows = _rows(faces, group_around_best(_take(near, is_same), rank), stands_for)
    dropped, kept = 0, list[int]()
    with engine.begin() as connection:
        replace_duplicates(connection, rows)
        if apply:
            kept = keep_again(connection, only_cleared=True)
            judge_kept_again(connection, kept, judges or {})
            dropped = drop_duplicates(connection)
        across = count_across_subjects(connection)
        named = groups_across_subjects(connection, limit=SHOWN)
    count = len({int(row["group_id"]) for row in rows})
    return {
        "faces": len(faces),
        "groups": count,
        "duplicates": len(rows) - count,
        "exact": sum(1 for row in rows if row["kind"] == "exact" and row["face_id"] != row["group_id"]),
        "near": sum(1 for row in rows if row["kind"] == "near"),
        "looked_alike_but_differ": int((~is_same).sum()),
        "groups_across_subjects": across,
        "across": {str(face_id): subjects for face_id, subjects in named},
        "dropped": dropped,
        "kept_again": len(kept),
    }


def undo(engine: Engine, *, judges: Judges | None = None) -> dict[str, Any]:
    """Keep again every face that `dedupe --apply` dropped, as far as the recipe of its photo lets it (`judges`)."""
    with engine.begin() as connection:
        photos = keep_again(connection)
        judge_kept_again(connection, photos, judges or {})
    return {"kept_again": len(photos)}


def _place_in_file(faces: HashedFaces) -> NDArray[np.uint64]:
    """Return a key of each face's photo file and place in it: one file under two photos has the same faces."""
    return np.where(faces.photo_key != 0, faces.photo_key * np.uint64(31) + faces.place.astype(np.uint64), 0)


def _confirm(engine: Engine, data: Path, faces: HashedFaces, pairs: NearPairs, least: float) -> NDArray[np.bool_]:
    """Return which pairs are one picture by their pixels; a crop that cannot be read confirms nothing."""
    if not len(pairs):
        return np.zeros(0, np.bool_)
    ids = np.unique(np.concatenate([faces.face_id[pairs.first], faces.face_id[pairs.second]])).tolist()
    with engine.connect() as connection:
        reader = CropReader(data, crop_paths(connection, ids))
    asked = zip(faces.face_id[pairs.first].tolist(), faces.face_id[pairs.second].tolist(), strict=True)
    looked = track(asked, label="compare", total=len(pairs), unit="pair")
    return np.array([are_same_picture(reader.read(a), reader.read(b), least=least) for a, b in looked], np.bool_)


def _quality(faces: HashedFaces) -> NDArray[np.int64]:
    """Return the place of each face, the best first: of a subject, dated, large, sharp; then by its pixels."""
    columns: list[Any] = [
        faces.subject_id == 0,
        ~faces.is_dated,
        -np.round(faces.eye_distance),
        -np.round(faces.blur),
        faces.order_key,
        faces.crop_key,
        faces.face_id,  # two files of the very same pixels: either is as good
    ]
    return rank_by_quality(columns)


def _rows(faces: HashedFaces, groups: Groups, stands_for: NDArray[np.int64]) -> list[dict[str, Any]]:
    kept_of = stands_for.copy()
    kept_of[groups.member] = groups.kept
    kept = kept_of[stands_for]
    is_in_group = np.bincount(kept, minlength=len(kept))[kept] > 1
    member = np.flatnonzero(is_in_group)
    kept = kept[member]
    distance = np.bitwise_count(faces.hashes[member] ^ faces.hashes[kept]).astype(np.int64)
    columns = (faces.face_id[member], faces.face_id[kept], stands_for[member] == kept, distance)
    return [
        {"face_id": face_id, "group_id": group_id, "kind": "exact" if same else "near", "distance": bits}
        for face_id, group_id, same, bits in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _take(pairs: NearPairs, wanted: NDArray[np.bool_]) -> NearPairs:
    return NearPairs(pairs.first[wanted], pairs.second[wanted], pairs.distance[wanted])
