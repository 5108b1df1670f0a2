"""The factor on a trained net's intervals: from held-out labelled faces and, where there are enough, held-out pairs."""

import numpy as np
from torch import nn

from train.bins import BinsName
from train.data import FacePairs, LabelledFaces
from train.devices import Machine
from train.evaluation.calibration import interval_scale
from train.evaluation.pair_calibration import LEAST_PEOPLE, HeldOutPairs, between, transferred_scale
from train.stages.answers import year_shares


def measured_scale(
    net: nn.Module, faces: LabelledFaces, pairs: FacePairs | None, *, machine: Machine, bins: BinsName
) -> float:
    """Return the factor on half-widths by which 90 % of the ages lie inside; see train/evaluation/pair_calibration.py.

    Pairs of fewer than LEAST_PEOPLE people have no say: their quantile is that of one or two of them.
    """
    shares = year_shares(net, faces.crops, machine=machine, bins=bins)
    scale = interval_scale(shares, faces.ages)
    if pairs is None or len(np.unique(pairs.subject)) < LEAST_PEOPLE:
        return scale
    said = HeldOutPairs(
        shares=year_shares(net, pairs.crops, machine=machine, bins=bins),
        younger=pairs.younger,
        older=pairs.older,
        gap_years=pairs.gap_years.astype(np.float64),
        subject=pairs.subject,
    )
    return between(scale, transferred_scale(shares, faces.ages, said))
