"""What all pairs of a subject say together: its photos on one line of years, and where on that line birth must lie.

Two photos K years apart leave their common age open; ten photos of one life leave little of it open, because a net
that errs by seven years on one of them does not err by seven on all. With o_j the years of face j after the first
photo of its timeline, b the age in that photo and Q_j what the net says of face j,

    log p(b) = sum_j log((1 - e) Q_j(b + o_j) + e / C) + const,        t_j(k) = p(k - o_j)

p is the posterior of b under a flat prior (faces independent given b; a face is somebody else with probability e),
t_j the label that follows for each face. Learning from t_j and computing p anew is expectation-maximisation on the
likelihood of the timelines (Dempster, Laird, Rubin 1977); for two photos it is that of their pair.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from train.crops import Rows
from train.data import FacePairs

Shares = NDArray[np.float32]

_REACH = 4.0  # widths of the label's Gaussian that are kept


@dataclass(frozen=True, eq=False)
class Timeline:
    """Faces of one subject that pairs connect: row numbers and the years of each after the first; (N,) each."""

    rows: Rows
    years: NDArray[np.int64]


def timelines_of(pairs: FacePairs) -> list[Timeline]:
    """Return the timelines that `pairs` span, each face in exactly one, in the order of their first face.

    Where two ways through the pairs disagree on the years between two faces, the one with fewer pairs counts.
    """
    neighbours: dict[int, list[tuple[int, int]]] = {}
    for younger, older, gap in zip(pairs.younger.tolist(), pairs.older.tolist(), pairs.gap_years.tolist(), strict=True):
        neighbours.setdefault(younger, []).append((older, gap))
        neighbours.setdefault(older, []).append((younger, -gap))
    years: dict[int, int] = {}
    found = []
    for first in sorted(neighbours):
        if first in years:
            continue
        years[first] = 0
        line = [first]
        for face in line:  # grows while it is walked: breadth first
            for other, gap in neighbours[face]:
                if other not in years:
                    years[other] = years[face] + gap
                    line.append(other)
        rows = np.array(sorted(line), dtype=np.int64)
        since = np.array([years[row] for row in rows.tolist()], dtype=np.int64)
        found.append(Timeline(rows, since - since.min()))
    return found


def timeline_labels(shares: Shares, years: NDArray[np.int64], *, doubt: float, sigma: float) -> Shares:
    """Return the label t_j of each face of a timeline, blurred by a Gaussian of `sigma` years: (N, C), rows sum to 1.

    `shares` (N, C) is what the net says of each face, `years` (N,) as in `Timeline`, `doubt` the e above. A timeline
    longer than the classes has no b: its faces keep what the net says.
    """
    classes, span = shares.shape[1], int(years.max())
    if span >= classes:
        return shares
    ages = np.arange(classes - span)
    said = np.log((1 - doubt) * np.maximum(shares, 0).astype(np.float64) + doubt / classes)
    log_p = np.take_along_axis(said, years[:, None] + ages[None, :], axis=1).sum(axis=0)
    p = np.exp(log_p - log_p.max())
    p /= p.sum()
    labels = np.zeros(shares.shape)
    np.put_along_axis(labels, years[:, None] + ages[None, :], np.broadcast_to(p, (len(years), len(p))), axis=1)
    return _blurred(labels, sigma)


def label_all(
    shares: Shares, timelines: Sequence[Timeline], places: Iterable[Rows], *, doubt: float, sigma: float
) -> Shares:
    """Return the labels of all faces of `timelines`; `places` are the rows of `shares` (N, C) of each timeline."""
    labels = np.empty_like(shares)
    for timeline, here in zip(timelines, places, strict=True):
        labels[here] = timeline_labels(shares[here], timeline.years, doubt=doubt, sigma=sigma)
    return labels


def _blurred(labels: NDArray[np.float64], sigma: float) -> Shares:
    """Return the rows convolved with a Gaussian; what would fall beyond the ends is left out, and the rest scaled."""
    blurred: Shares = (labels @ _kernel(labels.shape[1], sigma).T).astype(np.float32)
    return blurred


@lru_cache(maxsize=4)
def _kernel(classes: int, sigma: float) -> NDArray[np.float64]:
    """Return the share of age j's mass (column) that goes to age k (row)."""
    distance = np.arange(classes)[:, None] - np.arange(classes)[None, :]
    kernel: NDArray[np.float64] = np.exp(-0.5 * (distance / sigma) ** 2) * (
        np.abs(distance) <= max(1.0, _REACH * sigma)
    )
    kernel /= kernel.sum(axis=0)  # each age keeps its mass at the ends of the classes too
    return kernel
