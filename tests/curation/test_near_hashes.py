"""The banded search finds what comparing each with each finds, and nothing else."""

import numpy as np
import pytest

from curation.near_hashes import MAX_BITS, NearPairs, find_near_pairs, plan_blocks


def _brute(hashes: np.ndarray, max_bits: int) -> set[tuple[int, int, int]]:
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None, :])
    first, second = np.nonzero(np.triu(bits <= max_bits, 1))
    return {(int(a), int(b), int(bits[a, b])) for a, b in zip(first, second, strict=True)}


def _triples(pairs: NearPairs) -> list[tuple[int, int, int]]:
    return list(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.distance.tolist(), strict=True))


def _planted(count: int, seed: int) -> np.ndarray:
    """Random hashes; a third of them are others with 0 to 14 bits turned."""
    rng = np.random.default_rng(seed)
    hashes = rng.integers(0, 2**64, count, dtype=np.uint64)
    for row in range(count // 3):
        turned = rng.choice(64, rng.integers(0, 15), replace=False).astype(np.uint64)
        bits = np.bitwise_or.reduce(np.uint64(1) << turned, initial=0)
        hashes[count - 1 - row] = hashes[row] ^ bits
    return hashes


@pytest.mark.parametrize("max_bits", range(MAX_BITS + 1))
def test_all_pairs_within_the_bits_are_found(max_bits: int) -> None:
    hashes = _planted(600, seed=max_bits)
    found = _triples(find_near_pairs(hashes, max_bits=max_bits))
    assert set(found) == _brute(hashes, max_bits)
    assert len(set(found)) == len(found)
    assert found == sorted(found)


def test_hashes_that_share_most_bits_are_searched_as_well() -> None:
    """Aligned faces do: their hashes are anything but even."""
    rng = np.random.default_rng(1)
    hashes = rng.integers(0, 2**12, 2_000, dtype=np.uint64) << np.uint64(30)
    assert set(_triples(find_near_pairs(hashes, max_bits=2))) == _brute(hashes, 2)


def test_a_picture_that_is_there_often_is_paired_with_itself_and_its_like() -> None:
    hashes = np.array([7, 7, 7, 6, 2**40], np.uint64)
    assert set(_triples(find_near_pairs(hashes, max_bits=1))) == _brute(hashes, 1)


@pytest.mark.parametrize("count", [0, 1])
def test_without_two_hashes_there_is_no_pair(count: int) -> None:
    assert len(find_near_pairs(np.zeros(count, np.uint64), max_bits=3)) == 0


@pytest.mark.parametrize("max_bits", [-1, MAX_BITS + 1])
def test_bits_that_cannot_be_searched_are_refused(max_bits: int) -> None:
    with pytest.raises(ValueError, match="max_bits"):
        find_near_pairs(np.zeros(2, np.uint64), max_bits=max_bits)


def test_the_more_hashes_the_longer_the_keys() -> None:
    assert plan_blocks(1_000, 3) <= plan_blocks(1_000_000, 3) <= plan_blocks(100_000_000, 3)
    assert plan_blocks(1_000, 3) == 4
