"""Pairs drawn without a list are those the list would have, each as often as it should."""

from collections import Counter
from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from agegap.errors import NothingToDo
from dataset.drawn_pairs import Balance, PairDraw

SUBJECT = np.array([4, 4, 0, 0, 0, -1, 2, 4, 7, 7])
YEAR = np.array([1990, 1980, 1970, 1975, -1, 1980, 1960, 1981, 1950, 1950])


def all_pairs(k_min: int, k_max: int) -> set[tuple[int, int, int]]:
    found = set()
    for a, b in combinations(range(len(SUBJECT)), 2):
        younger, older = sorted((a, b), key=lambda row: (YEAR[row], row))
        gap = int(YEAR[older] - YEAR[younger])
        if SUBJECT[a] == SUBJECT[b] >= 0 and min(YEAR[a], YEAR[b]) >= 0 and k_min <= gap <= k_max:
            found.add((younger, older, gap))
    return found


@pytest.mark.parametrize("k", [(1, 60), (0, 60), (2, 9), (5, 5)])
@pytest.mark.parametrize("balance", get_args(Balance))
def test_every_pair_of_the_list_is_drawn_and_no_other(k: tuple[int, int], balance: Balance) -> None:
    draw = PairDraw(SUBJECT, YEAR, k_min=k[0], k_max=k[1], seed=3, balance=balance)
    expected = all_pairs(*k)
    assert len(draw) == len(expected)
    drawn = zip(*(column.tolist() for column in draw.rows(0, 2_000)), strict=True)
    assert set(drawn) == expected


def test_balance_is_over_pairs_or_over_subjects() -> None:
    for balance, share in (("pairs", 3 / 4), ("subjects", 1 / 2)):
        draw = PairDraw(SUBJECT, YEAR, k_min=1, k_max=60, seed=1, balance=balance)  # type: ignore[arg-type]
        younger, _, _ = draw.rows(0, 20_000)
        # Subject 4 has three pairs, subject 0 one; 20,000 draws err by less than 0.02.
        assert Counter(SUBJECT[younger].tolist())[4] / 20_000 == pytest.approx(share, abs=0.02)


def test_a_step_is_drawn_alike_each_time_and_unlike_the_next() -> None:
    draw = PairDraw(SUBJECT, YEAR, k_min=1, k_max=60, seed=1)
    one, again, next_step = draw.rows(5, 50), draw.rows(5, 50), draw.rows(6, 50)
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert not all((a == b).all() for a, b in zip(one, next_step, strict=True))


def test_no_pair_at_all_is_told() -> None:
    draw = PairDraw(SUBJECT, YEAR, k_min=40, k_max=60, seed=1)
    assert len(draw) == 0
    with pytest.raises(NothingToDo, match="range of K"):
        draw.rows(0, 1)
