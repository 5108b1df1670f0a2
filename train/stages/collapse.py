"""The three ways in which pairs alone can ruin a net, and the alarm for each.

A net that says the uniform distribution of every face, or the same age of every face, satisfies some of the pair losses
(reference: equations 1.1). The third was met on drawn people (docs/experiments.md): labels of the young are narrow, so
entropy falls when everyone becomes young. All are seen long before the last step: the mean entropy goes to log C, the
ages said of all faces draw together, or they sink and draw together.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from agegap.errors import DataFailed
from train.losses.entropy import entropy
from train.losses.expectation import expected_age

FLAT_SHARE = 0.97  # of log C: 4.48 nats of 4.61, a distribution wider than any face deserves
FLAT_RISE = 0.25  # nats above the start: a net that began nearly uniform is no news
NARROW_SHARE = 0.25  # of the spread of ages at the start
NARROW_YEARS = 2.0  # standard deviation of the ages said of the faces of a batch
# Of the mean and of the spread at the start. FG-NET, whose children were said too old, rightly went to 0.5 and 0.7.
YOUNG_SHARE = 0.45


@dataclass(frozen=True)
class Spread:
    """How sure a net is of faces, and how far apart the ages are that it says."""

    # Mean entropy in nats.
    entropy: float
    mean_age: float
    # Standard deviation over the faces, years.
    age_spread: float
    classes: int


def spread_parts(logits: Tensor) -> dict[str, Tensor]:
    """Return what the log says of the faces of a batch of pairs: mean entropy, mean and spread of the ages said."""
    with torch.no_grad():
        ages = expected_age(logits)
        spread = ages.std(correction=0)
        return {"mean_entropy": entropy(logits).mean(), "mean_age": ages.mean(), "age_spread": spread}


def spread_of(logits: Tensor) -> Spread:
    """Return the spread of a net's answers (B, C)."""
    parts = spread_parts(logits)
    return Spread(float(parts["mean_entropy"]), float(parts["mean_age"]), float(parts["age_spread"]), logits.shape[1])


def check_collapse(now: Spread, start: Spread, *, step: int) -> None:
    """Raise DataFailed where the net has become flat or constant since `start`."""
    remedy = "raise replay_weight or w_entropy, or lower learning_rate"
    if now.entropy > FLAT_SHARE * math.log(start.classes) and now.entropy > start.entropy + FLAT_RISE:
        raise DataFailed(
            f"finetune: the net says nearly every age of every face at step {step} (mean entropy {now.entropy:.2f} of "
            f"{math.log(start.classes):.2f} nats, {start.entropy:.2f} at the start); {remedy}"
        )
    if now.age_spread < NARROW_YEARS and now.age_spread < NARROW_SHARE * start.age_spread:
        raise DataFailed(
            f"finetune: the net says nearly the same age of every face at step {step} (within {now.age_spread:.1f} "
            f"years of {now.mean_age:.0f}, {start.age_spread:.1f} at the start); {remedy}"
        )
    if now.mean_age < YOUNG_SHARE * start.mean_age and now.age_spread < YOUNG_SHARE * start.age_spread:
        raise DataFailed(
            f"finetune: the net makes every face young at step {step} (mean age {now.mean_age:.0f}, spread "
            f"{now.age_spread:.1f}; {start.mean_age:.0f} and {start.age_spread:.1f} at the start); raise replay_weight "
            "or expectation_weight, or lower w_entropy"
        )
