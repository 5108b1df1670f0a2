"""Groups stand around a picture that is kept; what is near only by a chain is no duplicate."""

import numpy as np

from curation.duplicate_groups import group_around_best, rank_by_quality, same_bytes
from curation.near_hashes import NearPairs


def _pairs(*triples: tuple[int, int, int]) -> NearPairs:
    table = np.array(triples, np.int64).reshape(-1, 3)
    return NearPairs(table[:, 0], table[:, 1], table[:, 2])


def _groups(pairs: NearPairs, rank: list[int]) -> dict[int, set[int]]:
    found = group_around_best(pairs, np.array(rank))
    table: dict[int, set[int]] = {}
    for member, kept in zip(found.member.tolist(), found.kept.tolist(), strict=True):
        table.setdefault(kept, set()).add(member)
    return table


def test_a_chain_is_not_one_group() -> None:
    chain = _pairs((0, 1, 3), (1, 2, 3), (2, 3, 3), (3, 4, 3))
    assert _groups(chain, [0, 1, 2, 3, 4]) == {0: {0, 1}, 2: {2, 3}}


def test_the_best_of_a_group_is_kept() -> None:
    star = _pairs((0, 1, 2), (0, 2, 2), (1, 2, 2))
    assert _groups(star, [2, 1, 0]) == {2: {0, 1, 2}}


def test_a_face_between_two_kept_ones_joins_the_nearer() -> None:
    between = _pairs((0, 2, 5), (1, 2, 1))
    assert _groups(between, [0, 1, 2]) == {1: {1, 2}}


def test_each_member_is_paired_with_the_kept_one() -> None:
    rng = np.random.default_rng(0)
    code = np.unique(rng.integers(0, 200 * 200, 900))
    first, second = code // 200, code % 200
    forward = first < second
    pairs = NearPairs(first[forward], second[forward], rng.integers(0, 6, int(forward.sum())))
    known = {(a, b): d for a, b, d in zip(pairs.first, pairs.second, pairs.distance, strict=True)}
    found = group_around_best(pairs, rng.permutation(200))
    for member, kept, distance in zip(found.member, found.kept, found.distance, strict=True):
        if member != kept:
            assert known[min(member, kept), max(member, kept)] == distance
    kept_ones = set(found.kept.tolist())
    assert not any(a in kept_ones and b in kept_ones for a, b in known)
    assert len(found.member) == len(set(found.member.tolist()))


def test_without_pairs_there_are_no_groups() -> None:
    assert len(group_around_best(_pairs(), np.arange(3))) == 0


def test_faces_of_one_key_stand_under_the_best_through_others_too() -> None:
    crops = np.array([5, 5, 9, 0, 0], np.uint64)
    files = np.array([1, 2, 2, 0, 3], np.uint64)
    assert same_bytes((crops, files), np.array([3, 1, 0, 2, 4])).tolist() == [2, 2, 2, 3, 4]


def test_quality_is_ranked_by_the_first_column_that_differs() -> None:
    assert rank_by_quality([np.array([1, 0, 0]), np.array([0, 5, 4])]).tolist() == [2, 1, 0]
