"""What a net says of crops while it is trained, in years whatever its classes are."""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from train.bins import BinsName, bins_named, nearest_bin_of, spread
from train.crops import Crops
from train.data import FacePairs, LabelledFaces
from train.devices import Machine
from train.evaluation.calibration import said_ages
from train.evaluation.metrics import cumulative_score, mae
from train.inference import distributions


def year_shares(
    net: nn.Module, crops: Crops, *, machine: Machine, bins: BinsName = "", flip: bool = True
) -> NDArray[np.float32]:
    """Return the distribution over years of each crop (N, C); the net is left in evaluation mode."""
    shares = distributions(net, crops, machine=machine, flip=flip)
    return spread(shares, bins_named(bins)) if bins else shares


def validation_measures(
    net: nn.Module, faces: LabelledFaces, *, machine: Machine, bins: BinsName = ""
) -> dict[str, float]:
    """Return MAE and CS(5) of a net on labelled faces, one view each; with `bins` the share of right groups too."""
    shares = distributions(net, faces.crops, machine=machine, flip=False)
    of_groups: dict[str, float] = {}
    if bins:
        groups = bins_named(bins)
        of_groups["val_accuracy"] = float((shares.argmax(axis=1) == nearest_bin_of(faces.ages, groups)).mean())
        shares = spread(shares, groups)
    said = said_ages(shares, scale=None)
    return {"val_mae": mae(faces.ages, said.age), "val_cs5": cumulative_score(said.age - faces.ages), **of_groups}


def gap_measures(net: nn.Module, pairs: FacePairs, *, machine: Machine) -> dict[str, float]:
    """Return by how many years a net misses K on held-out pairs, and the mean age it says there, one view each."""
    said = said_ages(distributions(net, pairs.crops, machine=machine, flip=False), scale=None).age
    missed = said[pairs.older] - said[pairs.younger] - pairs.gap_years
    return {"val_gap_mae": float(np.abs(missed).mean()), "val_mean_age": float(said.mean())}


def held_out_measures(
    net: nn.Module, faces: LabelledFaces | None, pairs: FacePairs | None, *, machine: Machine, bins: BinsName = ""
) -> dict[str, float]:
    """Return what a net gives on held-out labelled faces and on held-out pairs, where there are some."""
    measures = {} if faces is None else validation_measures(net, faces, machine=machine, bins=bins)
    if pairs is not None and len(pairs):
        measures |= gap_measures(net, pairs, machine=machine)
    return measures
