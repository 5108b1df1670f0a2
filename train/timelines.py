"""What all pairs of a subject say together: its photos on one line of years, and where on that line birth must lie.

Two photos K years apart leave their common age open; ten photos of one life leave little of it open, because a net
that errs by seven years on one of them does not err by seven on all. With o_j the years of face j after the first
photo of its timeline, b the age in that photo and Q_j what the net says of face j,

    log p(b) = sum_j log((1 - e) Q_j(b + o_j) + e / C) + const,        t_j(k) = p(k - o_j)

p is the posterior of b under a flat prior (faces independent given b; a face is somebody else with probability e),
t_j the label that follows for each face. Against the rest of its life a face is somebody else's with probability
sum_b p(b) (e / C) / ((1 - e) Q_j(b + o_j) + e / C). Learning from t_j and computing p anew is
expectation-maximisation on the likelihood of the timelines (Dempster, Laird, Rubin 1977); for two photos it is that of
their pair. An error that the net makes in all these photos is in every Q_j; train/shared_error.py takes out what the
years show of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from train.crops import Rows
from train.data import FacePairs
from train.shared_error import ERRORS, NO_ERROR, corrected, fit_shared_error

Shares = NDArray[np.float32]
Floats = NDArray[np.float64]

_REACH = 4.0  # widths of the label's Gaussian that are kept


class Labels(NamedTuple):
    """The labels of faces, (N, C), rows sum to 1; and how likely each face is the person's of its timeline, (N,)."""

    shares: Shares
    own: Floats


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


def years_told(shares: Shares, timelines: Sequence[Timeline], places: Iterable[Rows]) -> float:
    """Return how many years more a net says for a year more of a life: 1 of a perfect net, 0 of one that knows nothing.

    The slope of the expected ages on the years, each life about its own means; `shares` and `places` are those of
    `label_all`. 0 where no life has two years.
    """
    said = shares @ np.arange(shares.shape[1])
    together = spread = 0.0
    for line, here in zip(timelines, places, strict=True):
        since = line.years - line.years.mean()
        together += float(since @ (said[here] - said[here].mean()))
        spread += float(since @ since)
    return together / spread if spread else 0.0


def label_all(
    shares: Shares,
    timelines: Sequence[Timeline],
    places: Iterable[Rows],
    *,
    doubt: float,
    sigma: float,
    shared_error: bool = False,
) -> Labels:
    """Return the label t_j of each face of `timelines`, blurred by a Gaussian of `sigma` years.

    `shares` (N, C) is what the net says of each face, `places` are its rows of each timeline, `doubt` is the e above.
    With `shared_error` the error that all timelines share is taken out first (train/shared_error.py). A timeline longer
    than the classes has no b: its faces keep what the net says, and are taken for the person's.
    """
    errors = ERRORS if shared_error else NO_ERROR
    found = Labels(shares.copy(), np.ones(len(shares)))
    classes = shares.shape[1]
    said = [
        (line.years, here, _log_faces(shares[here], line.years, errors, doubt))
        for line, here in zip(timelines, places, strict=True)
        if int(line.years.max()) < classes
    ]
    if not said:
        return found
    prior = np.zeros(1)
    if shared_error:
        prior = fit_shared_error(
            np.logaddexp.reduce(log_faces.sum(axis=1), axis=1) - np.log(log_faces.shape[2]) for _, _, log_faces in said
        ).log_prior
    for years, here, log_faces in said:
        log_p = log_faces.sum(axis=1) + prior[:, None]
        p = np.exp(log_p - log_p.max())
        found.shares[here] = _labels(p.sum(axis=0), years, classes, sigma)
        others = (p[:, None, :] * np.exp(-log_faces)).sum(axis=(0, 2)) / p.sum()
        found.own[here] = np.clip(1 - others * doubt / classes, 0, 1)
    return found


def _log_faces(shares: Shares, years: NDArray[np.int64], errors: Floats, doubt: float) -> Floats:
    """Return log p(face | b, d) of each error d, each face and each b that the classes bear, (D, N, B)."""
    classes = shares.shape[1]
    said = np.log((1 - doubt) * np.maximum(corrected(shares, errors), 0) + doubt / classes)
    births = np.arange(classes - int(years.max()))
    found: Floats = np.take_along_axis(said, years[None, :, None] + births[None, None, :], axis=2)
    return found


def _labels(p: Floats, years: NDArray[np.int64], classes: int, sigma: float) -> Shares:
    """Return the labels that p(b) times a constant (B,) gives the faces of a timeline, (N, C)."""
    p = p / p.sum()
    labels = np.zeros((len(years), classes))
    births = np.arange(len(p))
    np.put_along_axis(labels, years[:, None] + births[None, :], np.broadcast_to(p, (len(years), len(p))), axis=1)
    return _blurred(labels, sigma)


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
