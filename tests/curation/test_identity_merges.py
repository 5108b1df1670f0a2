"""Subjects that lie close are found without comparing each with each."""

import numpy as np
import pytest

from curation.identity import merges
from curation.identity.merges import near_middles


def _middles(count: int, twins: int) -> tuple[np.ndarray, set[tuple[int, int]]]:
    rng = np.random.default_rng(3)
    middles = rng.normal(size=(count, 64))
    for twin in range(twins):
        middles[count - 1 - twin] = middles[twin] + rng.normal(size=64) * 0.25
    return middles, {(twin, count - 1 - twin) for twin in range(twins)}


@pytest.mark.parametrize("small", [5_000, 10])
def test_people_under_two_names_are_found_the_closest_first(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merges, "_SMALL", small)
    middles, twins = _middles(1_500, 40)
    found = near_middles(middles, near=0.8)
    assert {(pair.one, pair.other) for pair in found} == twins
    assert [pair.cosine for pair in found] == sorted((pair.cosine for pair in found), reverse=True)


def test_four_times_the_subjects_are_eight_times_the_pairs_looked_at_not_sixteen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(merges, "_SMALL", 10)
    unit = np.random.default_rng(0).normal(size=(16_000, 16)).astype(np.float32)
    few, many = (sum(len(cell) ** 2 for cell in merges._cells(unit[:count], 0)) for count in (4_000, 16_000))
    assert many < 11 * few


def test_nobody_is_his_own_twin() -> None:
    assert near_middles(np.eye(5)) == []
