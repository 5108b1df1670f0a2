"""The methods of `train fuse`, and what each is worth on faces it was not fitted to."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from agegap.errors import UnknownName
from train.fusion.layer import RIDGES, Layer, fit_layer
from train.fusion.mixing import mean_ages, mean_of_ages, mixture
from train.fusion.weights import error_weights, likelihood_weights

Method = Literal["average", "ages", "learned", "likelihood", "features"]

METHODS: tuple[Method, ...] = get_args(Method)

FOLDS = 5
"""Parts of the people a method is measured on in turn, fitted to the others."""

Shares = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Answers:
    """What M members say of N faces, with what is known of them."""

    shares: Shares
    """(M, N, C), in years."""
    features: NDArray[np.float32] | None
    """Of all members side by side, (N, D); None where the method needs none."""
    ages: NDArray[np.float32]
    people: NDArray[np.int64]
    """Whose face it is, (N,)."""
    stds: NDArray[np.float32] | None = None

    def at(self, rows: Rows) -> "Answers":
        """Return some of the faces."""
        return Answers(
            self.shares[:, rows],
            None if self.features is None else self.features[rows],
            self.ages[rows],
            self.people[rows],
            None if self.stds is None else self.stds[rows],
        )


@dataclass(frozen=True, eq=False)
class Combiner:
    """A fitted method."""

    method: Method
    weights: NDArray[np.float64]
    """How much each member counts, (M,); sums to 1."""
    layer: Layer | None = None
    ridge: float | None = None

    def combine(self, shares: Shares, features: NDArray[np.float32] | None = None) -> Shares:
        """Return the distributions (N, C) of the members' `shares` (M, N, C), and `features` (N, D) where needed."""
        if self.method == "ages":
            return mean_of_ages(shares, self.weights)
        mixed = mixture(shares, self.weights)
        if self.layer is None or features is None:
            return mixed
        return self.layer.corrected(mixed, features)


def method_named(name: str) -> Method:
    """Return the method; raise UnknownName."""
    for method in METHODS:
        if method == name:
            return method
    raise UnknownName("fusion method", name, METHODS)


def fit(method: Method, answers: Answers, *, ridge: float | None = None) -> Combiner:
    """Return the method fitted to `answers`; `ridge` is the strength for "features"."""
    members = len(answers.shares)
    even = np.full(members, 1.0 / members)
    if method == "learned":
        return Combiner(method, error_weights(mean_ages(answers.shares), answers.ages.astype(np.float64)))
    if method == "likelihood":
        return Combiner(method, likelihood_weights(answers.shares, answers.ages.astype(np.float64)))
    if method == "features" and answers.features is not None:
        strength = np.inf if ridge is None else ridge
        average = mixture(answers.shares, even)
        layer = fit_layer(average, answers.features, answers.ages, ridge=strength, stds=answers.stds)
        return Combiner(method, even, layer, strength)
    return Combiner(method, even)


def fit_measured(method: Method, answers: Answers) -> tuple[Combiner, Shares]:
    """Return the method fitted to all answers, and what it says of each face when fitted to other people alone.

    The strength of "features" is the one with the least error on people held out. With a single person there are no
    others: what is said of the faces themselves is returned.
    """
    if method in ("average", "ages"):
        plain = fit(method, answers)
        return plain, plain.combine(answers.shares)
    folds = people_folds(answers.people)
    if len(folds) < 2:
        only = fit(method, answers)
        return only, only.combine(answers.shares, answers.features)
    if method != "features":
        return fit(method, answers), _held_out(method, answers, folds, ridge=None)
    tried = {ridge: _held_out(method, answers, folds, ridge=ridge) for ridge in (np.inf, *RIDGES[::-1])}
    # Of equals the first, which changes the average least.
    best = min(tried, key=lambda ridge: _mae(tried[ridge], answers.ages))
    return replace(fit(method, answers, ridge=best), ridge=best), tried[best]


def people_folds(people: NDArray[np.int64]) -> list[Rows]:
    """Return the rows of each fold: a person's faces are in one of them, by the order of their first appearance."""
    first, place = np.unique(people, return_index=True)
    number = np.empty(len(first), dtype=np.int64)
    number[np.argsort(place)] = np.arange(len(first))
    fold = number[np.searchsorted(first, people)] % FOLDS
    return [np.flatnonzero(fold == one).astype(np.int64) for one in range(min(FOLDS, len(first)))]


def _held_out(method: Method, answers: Answers, folds: list[Rows], *, ridge: float | None) -> Shares:
    said = np.empty(answers.shares.shape[1:], dtype=np.float32)
    everybody = np.arange(len(answers.ages), dtype=np.int64)
    for rows in folds:
        fitted = fit(method, answers.at(np.setdiff1d(everybody, rows)), ridge=ridge)
        held = answers.at(rows)
        said[rows] = fitted.combine(held.shares, held.features)
    return said


def _mae(shares: Shares, ages: NDArray[np.float32]) -> float:
    return float(np.abs(mean_ages(shares) - ages).mean())
