"""Taking greedily in rounds gives what the plain loop gives."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curation.pairing.caps import Cap, rank_in_group, take_greedily


@st.composite
def two_caps(draw: st.DrawFn) -> list[Cap]:
    count = draw(st.integers(0, 40))
    caps = []
    for owners in (2, 1):
        codes = draw(
            st.lists(
                st.lists(st.integers(0, 6), min_size=owners, max_size=owners, unique=True),
                min_size=count,
                max_size=count,
            )
        )
        caps.append(Cap(np.array(codes, np.int64).reshape(count, owners), draw(st.integers(1, 5))))
    return caps


@given(two_caps())
def test_rounds_take_what_a_loop_over_all_takes(caps: list[Cap]) -> None:
    had: list[Counter[int]] = [Counter() for _ in caps]
    expected = []
    for row in range(len(caps[0].codes)):
        owners = [cap.codes[row].tolist() for cap in caps]
        fits = all(count[code] < cap.most for cap, count, of in zip(caps, had, owners, strict=True) for code in of)
        expected.append(fits)
        if fits:
            for count, of in zip(had, owners, strict=True):
                count.update(of)
    assert take_greedily(caps).tolist() == expected


def test_a_rank_starts_anew_with_each_group() -> None:
    assert rank_in_group(np.array([3, 3, 3, 5, 9, 9])).tolist() == [0, 1, 2, 0, 0, 1]
    assert rank_in_group(np.zeros(0, np.int64)).tolist() == []
