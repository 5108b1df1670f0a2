"""Age groups: which group an age is in, and what groups say about years."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agegap.errors import UnknownName
from train.bins import BINS, AgeBins, bin_of, bins_named, gathered, nearest_bin_of, spread


def _by_hand(age: float, bins: AgeBins) -> int:
    for place, (first, last) in enumerate(zip(bins.first, bins.last, strict=True)):
        if first <= int(age) <= last or (place == len(bins) - 1 and age >= first):
            return place
    return -1


@pytest.mark.parametrize("name", sorted(BINS))
def test_an_age_is_in_the_group_that_names_its_completed_year(name: str) -> None:
    bins = bins_named(name)
    ages = np.arange(0, 115, 0.25)
    assert bin_of(ages, bins).tolist() == [_by_hand(age, bins) for age in ages]


def test_agenet_has_no_gaps_and_adience_has_the_published_ones() -> None:
    years = np.arange(101)
    assert (bin_of(years, BINS["agenet"]) >= 0).all()
    gaps = years[bin_of(years, BINS["adience"]) < 0].tolist()
    assert gaps == [3, 7, 13, 14, 21, 22, 23, 24, 33, 34, 35, 36, 37, 44, 45, 46, 47, 54, 55, 56, 57, 58, 59]


def test_in_a_gap_the_nearer_group_counts_and_the_younger_of_two_as_near() -> None:
    adience = BINS["adience"]
    # 3.0 to 4.0 is the gap after 0-2: its middle belongs to the younger.
    assert nearest_bin_of([3.1, 3.5, 3.6, 13.4, 14.6, 59.9, 59.0 - 5.5, 101.0], adience).tolist() == [
        0, 0, 1, 2, 3, 7, 6, 7,
    ]  # fmt: skip


@given(st.floats(0, 110))
def test_outside_the_gaps_the_nearest_group_is_the_group(age: float) -> None:
    for bins in BINS.values():
        inside = bin_of([age], bins)[0]
        assert inside in (-1, nearest_bin_of([age], bins)[0])


@pytest.mark.parametrize("name", sorted(BINS))
def test_a_group_begins_on_the_birthday_of_its_first_year(name: str) -> None:
    bins = bins_named(name)
    assert nearest_bin_of(bins.first, bins).tolist() == list(range(len(bins)))


def test_spreading_keeps_each_groups_mass_and_gathering_gives_it_back() -> None:
    rng = np.random.default_rng(0)
    for bins in BINS.values():
        shares = rng.dirichlet(np.ones(len(bins)), 20).astype(np.float32)
        years = spread(shares, bins)
        assert years.shape == (20, 101)
        assert np.allclose(years.sum(axis=1), 1, atol=1e-6)
        assert np.allclose(gathered(years, bins), shares, atol=1e-6)


def test_a_net_sure_of_one_group_expects_the_middle_of_its_years() -> None:
    years = spread(np.eye(10, dtype=np.float32), BINS["agenet"]) @ np.arange(101)
    assert np.allclose(years, [1, 4.5, 9.5, 15, 20, 24.5, 30, 39, 52, 80])


def test_a_distribution_wholly_in_the_gaps_leaves_all_groups_as_likely() -> None:
    shares = np.zeros((1, 101), np.float32)
    shares[0, 35] = 1
    assert np.allclose(gathered(shares, BINS["adience"]), 1 / 8)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="adience"):
        bins_named("adiense")


def test_the_last_group_is_written_as_open() -> None:
    assert BINS["adience"].labels == ("0-2", "4-6", "8-12", "15-20", "25-32", "38-43", "48-53", "60+")
