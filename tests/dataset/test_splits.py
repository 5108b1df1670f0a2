"""Splits are by person, stable, and share nobody."""

import hashlib
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agegap.errors import WrongUse
from dataset.splits import Shares, Split, parse_shares, split_of

SHARES = Shares()


def test_a_split_is_the_one_the_documented_hash_gives() -> None:
    for name in ("Aaron_Eckhart", "fgnet/001", "Žofie"):
        bucket = int(hashlib.sha256(f"split-7|{name}".encode()).hexdigest()[:16], 16) % 10_000
        expected = Split.TRAIN if bucket < 8_000 else Split.VAL if bucket < 9_000 else Split.TEST
        assert split_of(name, seed=7, shares=SHARES) is expected


@given(st.lists(st.text(min_size=1), unique=True), st.lists(st.text(min_size=1), unique=True), st.integers(0, 99))
def test_people_who_come_later_move_nobody(before: list[str], later: list[str], seed: int) -> None:
    first = {name: split_of(name, seed=seed, shares=SHARES) for name in before}
    second = {name: split_of(name, seed=seed, shares=SHARES) for name in [*later, *before]}
    assert all(second[name] is split for name, split in first.items())


def test_shares_are_kept_over_many_people() -> None:
    counts = Counter(split_of(f"person {number}", seed=0, shares=SHARES) for number in range(20_000))
    # Five standard deviations of a binomial of 20,000 at 0.1 are 212.
    assert abs(counts[Split.VAL] - 2_000) < 212
    assert abs(counts[Split.TEST] - 2_000) < 212


def test_another_seed_is_another_split() -> None:
    names = [f"person {number}" for number in range(1_000)]
    one, other = ([split_of(name, seed=seed, shares=SHARES) for name in names] for seed in (1, 2))
    # Independent draws agree with 0.8^2 + 2 * 0.1^2 = 66 %.
    assert 0.58 < sum(a is b for a, b in zip(one, other, strict=True)) / 1_000 < 0.74


def test_a_larger_test_share_takes_nobody_into_training() -> None:
    names = [f"person {number}" for number in range(2_000)]
    small = {name for name in names if split_of(name, seed=0, shares=SHARES) is Split.TEST}
    large = {name for name in names if split_of(name, seed=0, shares=Shares(60, 20, 20)) is Split.TEST}
    assert small < large


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("train=80,val=10,test=10", Shares(80, 10, 10)),
        (" train = 90 , test = 10 ", Shares(90, 0, 10)),
        ("train=79.5,val=0.5,test=20", Shares(79.5, 0.5, 20)),
        ("all=test", Shares(0, 0, 100)),
        ("all=train", Shares(100, 0, 0)),
    ],
)
def test_shares_are_read(text: str, shares: Shares) -> None:
    assert parse_shares(text) == shares


@pytest.mark.parametrize(
    "text", ["", "train", "train=eighty", "train=80", "train=80,train=20", "dev=100", "train=120,val=-20", "all=dev"]
)
def test_shares_that_make_no_sense_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(WrongUse, match="train=80,val=10,test=10"):
        parse_shares(text)


def test_all_of_one_split_takes_everybody() -> None:
    shares = parse_shares("all=test")
    assert {split_of(f"person {number}", seed=0, shares=shares) for number in range(500)} == {Split.TEST}
