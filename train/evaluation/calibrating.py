"""`train calibrate`, as a function: the factor on a finished net's intervals, measured anew."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from train.checkpoint import find_checkpoint, load_checkpoint, save_checkpoint
from train.data import check_held_out_pairs, check_recipe, held_out_pairs, labelled_faces, open_datasets
from train.evaluation.calibration import interval_scale
from train.evaluation.pair_calibration import HeldOutPairs, between, transferred_scale
from train.model import open_model


def calibrate(run: Path, labelled: Sequence[Path], *, pairs: Path | None = None, split: str = "val") -> dict[str, Any]:
    """Measure the intervals of a run on `labelled` folders, moved to the photos of `pairs` where given.

    Rewrites `interval_scale` of the checkpoint alone, whole or not at all. Raises NothingToDo where there is no face,
    or where the held-out pairs are of too few people.
    """
    path = find_checkpoint(run)
    checkpoint = load_checkpoint(path)
    model = open_model(path)
    folders = open_datasets([*labelled, *([pairs] if pairs else [])])
    for dataset in folders:
        check_recipe(dataset, model.crop)
    faces = labelled_faces(folders[: len(labelled)], split, input_size=model.input_size)
    shares = model.distributions(faces.crops)
    scale = interval_scale(shares, faces.ages)
    result: dict[str, Any] = {"faces": len(faces), "scale_before": checkpoint.interval_scale, "scale_labelled": scale}
    if pairs:
        check_held_out_pairs(folders[-1])
        held_out = held_out_pairs(folders[-1], input_size=model.input_size)
        said = HeldOutPairs(
            shares=model.distributions(held_out.crops),
            younger=held_out.younger,
            older=held_out.older,
            gap_years=held_out.gap_years.astype(np.float64),
            subject=held_out.subject,
        )
        moved = transferred_scale(shares, faces.ages, said)
        people = len(np.unique(held_out.subject))
        result |= {"pairs": len(held_out), "people": people, "scale_of_pairs": moved}
        scale = between(scale, moved)
    save_checkpoint(path, dataclasses.replace(checkpoint, interval_scale=scale))
    return {**result, "scale": scale}
