"""A picture in two splits is found, and the side that comes first loses it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataset.leaks import find_leaks


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=30))
def test_leaks_are_those_a_loop_over_all_pairs_finds(faces: list[tuple[int, int]]) -> None:
    picture = np.array([face[0] for face in faces], np.uint64)
    split = np.array([face[1] for face in faces], np.int8)
    found = find_leaks(picture, split)
    leaks = [any(p == q and p and s != t for q, t in faces) for p, s in faces]
    loses = [any(p == q and p and s < t for q, t in faces) for p, s in faces]
    assert (found.leaks.tolist(), found.loses.tolist(), len(found)) == (leaks, loses, sum(leaks))
    assert (found.example is None) == (not any(leaks))
    if found.example is not None:
        one, other = found.example
        assert picture[one] == picture[other]
        assert split[one] < split[other]
        kept = ~found.loses
        assert len(find_leaks(picture[kept], split[kept])) == 0
