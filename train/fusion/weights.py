"""How much each member counts: weights of 0 or more that sum to 1, learned on faces none of them learned from.

Squared error of the expected age. As the weights sum to 1, the error of the mixture is the mixture of the errors, so
    w = argmin  w' C w,   C = E' E / N,   E (N, M) the errors of the members,
on the simplex. Without correlations this is the inverse variance, w_m ~ 1 / C_mm (Bates & Granger, The Combination of
Forecasts, 1969). Found by projected gradient steps with momentum (Beck & Teboulle, FISTA, 2009).

Likelihood of the age. The weights of a mixture by expectation-maximisation (Dempster, Laird & Rubin, 1977),
    w_m <- mean_i w_m P_m(y_i) / sum_j w_j P_j(y_i):
it never falls, and stays on the simplex.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MOST_STEPS = 20_000  # of M x M products: a second at worst
_SETTLED = 1e-13  # change of a weight in a step
_LEAST_SHARE = 1e-6  # what a member keeps for ages it rules out: one face must not rule the member out


def error_weights(said: Floats, ages: Floats) -> Floats:
    """Return the weights (M,) with the least mean squared error of `said` (M, N) on `ages` (N,)."""
    errors = said - ages
    cost = errors @ errors.T / errors.shape[1]
    bend = float(np.linalg.eigvalsh(cost)[-1])
    members = len(said)
    weights = np.full(members, 1.0 / members)
    if bend <= 0:  # nobody errs
        return weights
    ahead, pace = weights, 1.0
    for _ in range(_MOST_STEPS):
        after = on_simplex(ahead - cost @ ahead / bend)
        if float((ahead - after) @ (after - weights)) > 0:  # the momentum climbs: begin it anew
            pace = 1.0
        faster = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = after + (pace - 1) / faster * (after - weights)
        moved, weights, pace = float(np.abs(after - weights).max()), after, faster
        if moved < _SETTLED:
            break
    return weights


def likelihood_weights(shares: NDArray[np.float32], ages: Floats) -> Floats:
    """Return the weights (M,) under which the mixture of `shares` (M, N, C) makes `ages` (N,) likeliest."""
    oldest = shares.shape[2] - 1
    place = np.clip(np.rint(ages), 0, oldest).astype(np.int64)
    seen = shares[:, np.arange(len(ages)), place].astype(np.float64) + _LEAST_SHARE
    weights = np.full(len(shares), 1.0 / len(shares))
    for _ in range(_MOST_STEPS):
        parts = weights[:, None] * seen
        after = (parts / parts.sum(axis=0)).mean(axis=1)
        moved, weights = float(np.abs(after - weights).max()), after
        if moved < _SETTLED:
            break
    return weights


def on_simplex(point: Floats) -> Floats:
    """Return the nearest point (M,) whose parts are 0 or more and sum to 1 (Duchi et al., ICML 2008, figure 1)."""
    sinking = np.sort(point)[::-1]
    above = np.cumsum(sinking) - 1.0
    count = int(np.flatnonzero(sinking > above / np.arange(1, len(point) + 1))[-1]) + 1
    inside: Floats = np.maximum(point - above[count - 1] / count, 0.0)
    return inside
