"""AgeNet's age from ten bins, as its authors' script says it, and what a second softmax does to it.

The report reads an age as sum c_b P_b with a centre a bin, and Adience's groups from its whole years. Its script
`inference_CNN.py` applies a softmax to what the net, which ends in one, already gave: the shares of a net that is
certain are then e : 1 : 1..., at most 0.23 for its bin, and no face can be said younger than 23 or older than 34.
Reference equations 1.4; docs/evaluation.md has the figures.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

CENTRES = (1.0, 4.5, 9.5, 15.0, 20.0, 24.5, 30.0, 39.0, 52.0, 75.0)
"""Years: the authors' centre of each bin of AgeNet."""

Ages = NDArray[np.float64]


def centre_ages(shares: ArrayLike, *, truncated: bool = False) -> Ages:
    """Return sum_b c_b P_b of distributions over AgeNet's bins (N, 10), in years (N,); `truncated` as int() does."""
    rows = _checked(shares)
    ages: Ages = rows @ np.array(CENTRES)
    return np.floor(ages) if truncated else ages


def double_softmax_ages(shares: ArrayLike, *, truncated: bool = False) -> Ages:
    """Return the ages (N,) that come out where softmax is applied once more to shares (N, 10) that sum to 1."""
    rows = np.exp(_checked(shares))
    return centre_ages(rows / rows.sum(axis=1, keepdims=True), truncated=truncated)


def _checked(shares: ArrayLike) -> NDArray[np.float64]:
    rows = np.asarray(shares, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != len(CENTRES):
        raise ValueError(f"shares must be (N, {len(CENTRES)}), not {rows.shape}")
    return rows
