"""`curate build-pairs` behind its flags: read the dated faces, choose pairs, keep them as they are asked for."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

import agegap
from agegap.environment import data_folder
from agegap.errors import DataFailed, NothingToDo, WrongUse
from curation.pairing.build import BuiltPairs, build_pairs
from curation.pairing.files import FOLDER, pairs_path, read_pairs, write_pairs
from curation.pairing.people import people_of, refuse_leaks, splits_of
from curation.pairing.settings import PairSettings
from dataset.leaks import find_leaks
from dataset.splits import Split
from db.dated_faces import FaceFloors, load_dated_faces, load_merges, load_sexes
from db.pair_writing import replace_pair_set
from db.pairs import PairRows, PairSetRow, StrangerRows, load_pairs, load_strangers
from db.statistics import k_range, missing_step

DEFAULT_NAME = "default"
_LONGEST_NAME = 64  # characters, of pair_set.name


@dataclass(frozen=True, eq=False)
class _Built:
    pairs: BuiltPairs
    split: NDArray[np.int8]  # of each subject
    leaking: int  # faces left out because their picture lies in another split too


def build_pair_set(
    engine: Engine, *, name: str = DEFAULT_NAME, settings: PairSettings, data: Path | None = None
) -> dict[str, Any]:
    """Build the pair set `name` and return its figures; the old set of that name goes in the same transaction.

    A Parquet file goes below `data`. Raises NothingToDo with the missing step when no pair comes out, DataFailed where
    a picture lies in two splits; an older set then stays.
    """
    if not 0 < len(name) <= _LONGEST_NAME:
        raise WrongUse(f"--name '{name[:_LONGEST_NAME]}': a pair set's name has 1 to {_LONGEST_NAME} characters")
    data = data or data_folder()
    with engine.connect() as connection:
        built = _build(connection, settings)
        if not len(built.pairs):
            raise NothingToDo("build-pairs", *missing_step(connection))
    result = _figures(built, name=name, settings=settings)
    path = None
    if settings.storage == "parquet":
        path = pairs_path(name, built.pairs.sha256)
        write_pairs(data / path, built.pairs, both_directions=settings.direction == "both")
        result["path"] = path
    with engine.begin() as connection:
        replace_pair_set(
            connection,
            built.pairs.rows if settings.storage == "rows" else None,
            strangers=built.pairs.stranger_rows if settings.storage == "rows" else None,
            name=name,
            recipe=asdict(settings),
            seed=settings.seed,
            code_version=agegap.__version__,
            sha256=built.pairs.sha256,
            storage=settings.storage,
            path=path,
            counts={key: result[key] for key in ("by_gap_years", "by_split", "left_out", "strangers")},
            pair_count=len(built.pairs),
        )
    _remove_older(data, pairs_path(name, built.pairs.sha256), is_kept=path is not None)
    del result["by_gap_years"]
    return result


def pairs_of_set(connection: Connection, pair_set: PairSetRow, *, data: Path) -> tuple[PairRows, StrangerRows]:
    """Return the pairs and strangers of a set, wherever it keeps them; a virtual one is built again.

    Raises BadInputFile where its file is gone, DataFailed where a virtual set no longer comes out as it was.
    """
    if pair_set.storage == "rows":
        return load_pairs(connection, pair_set.id), load_strangers(connection, pair_set.id)
    if pair_set.storage == "parquet":
        return read_pairs(data / (pair_set.path or ""))
    recipe = dict(pair_set.recipe)
    built = _build(connection, PairSettings(**(recipe | {"k": tuple(recipe["k"])}))).pairs
    if built.sha256 != pair_set.sha256:
        raise DataFailed(
            f"pair set '{pair_set.name}': its recipe now gives other pairs, since faces or years changed; "
            "run `curate build-pairs` again"
        )
    return built.rows, built.stranger_rows


def _build(connection: Connection, settings: PairSettings) -> _Built:
    floors = FaceFloors(
        confidence=settings.min_confidence,
        score=settings.min_score,
        eye_distance=settings.min_eye_distance,
        blur=settings.min_blur,
        max_yaw=settings.max_yaw,
    )
    faces = load_dated_faces(connection, floors, with_groups=settings.near_duplicate_bits >= 0)
    person = people_of(faces.subjects, load_merges(connection))
    split = splits_of(faces.subjects, person, shares=settings.split, seed=settings.split_seed)
    leaking = 0
    if settings.leaks != "allow":
        leaks = find_leaks(faces.picture, split[faces.subject])
        if settings.leaks == "refuse":
            refuse_leaks(
                connection,
                leaks,
                face_ids=faces.face_id,
                split=split[faces.subject],
                command="build-pairs",
                remedy=", or leave the copies out with `--leaks drop`",
            )
        leaking = int(leaks.loses.sum())
        if leaking:
            faces = faces.take(~leaks.loses)
    sexes = load_sexes(connection) if settings.negatives else {}
    return _Built(build_pairs(faces, settings, split=split, person=person, sexes=sexes), split, leaking)


def _figures(built: _Built, *, name: str, settings: PairSettings) -> dict[str, Any]:
    pairs, faces = built.pairs, built.pairs.faces
    by_gap = pairs.count_by_gap()
    by_range: Counter[str] = Counter()
    for gap, count in by_gap.items():
        by_range[k_range(gap)] += count
    of_split = np.bincount(built.split[faces.subject[pairs.chosen.younger]], minlength=len(Split))
    return {
        "name": name,
        "dated_faces": len(faces),
        "subjects": len(np.unique(faces.subject[pairs.chosen.younger])),
        "pairs": len(pairs),
        "pairs_by_k": dict(by_range),
        "by_gap_years": {str(gap): count for gap, count in by_gap.items()},
        "by_split": {split.label: int(of_split[split]) for split in Split},
        "left_out": {
            "of_one_photo": pairs.chosen.same_photo,
            "of_one_event": pairs.chosen.same_event,
            "near_duplicates": pairs.chosen.near_duplicates,
            "over_a_cap": pairs.chosen.candidates - len(pairs),
            "faces_in_two_splits": built.leaking,
        },
        "strangers": {"pairs": len(pairs.strangers), "nobody_fit": pairs.strangers.missing},
        "storage": settings.storage,
        "seed": settings.seed,
        "sha256": pairs.sha256,
    }


def _remove_older(data: Path, path: str, *, is_kept: bool) -> None:
    """Remove the files of this set that another list of pairs is in."""
    stem = Path(path).name.split(".")[0]
    for file in (data / FOLDER).glob(f"{stem}.*.parquet"):
        if not (is_kept and file.name == Path(path).name):
            file.unlink(missing_ok=True)
