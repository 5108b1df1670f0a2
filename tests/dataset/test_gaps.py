"""The years between two photos are a distribution where their years are."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.gaps import Years, gap_bounds, gap_confidence, gap_distribution


def years(year: int, first: int, last: int, confidence: float) -> Years:
    return Years(np.array([year]), np.array([first]), np.array([last]), np.array([confidence]))


@st.composite
def one_photo(draw: st.DrawFn) -> Years:
    year = draw(st.integers(1950, 1960))
    return years(year, year - draw(st.integers(0, 4)), year + draw(st.integers(0, 4)), draw(st.integers(0, 10)) / 10)


def by_hand(photo: Years) -> dict[int, float]:
    middle, low, high, sure = int(photo.year[0]), int(photo.first[0]), int(photo.last[0]), float(photo.confidence[0])
    others = [one for one in range(low, high + 1) if one != middle]
    return {middle: sure} | {one: (1 - sure) / len(others) for one in others}


@given(one_photo(), one_photo())
def test_the_distribution_is_the_sum_over_both_years(younger: Years, older: Years) -> None:
    expected: Counter[int] = Counter()
    for a, p in by_hand(younger).items():
        for b, q in by_hand(older).items():
            expected[b - a] += p * q  # type: ignore[assignment]
    gaps, shares = gap_distribution(younger, older)
    assert (int(gaps[0]), int(gaps[-1])) == (min(expected), max(expected))
    assert shares.tolist() == pytest.approx([expected[int(gap)] for gap in gaps])
    gap = int(older.year[0] - younger.year[0])
    assert gap_confidence(younger, older)[0] == pytest.approx(expected[gap])


def test_sure_years_leave_the_product_of_their_confidences() -> None:
    one, other = years(1960, 1960, 1960, 0.9), years(1980, 1980, 1980, 0.5)
    assert gap_confidence(one, other).tolist() == [pytest.approx(0.45)]
    assert [bound.tolist() for bound in gap_bounds(one, other)] == [[20], [20]]


def test_two_photos_of_one_decade_do_not_even_have_an_order() -> None:
    one, other = years(1963, 1960, 1969, 0.3), years(1966, 1960, 1969, 0.3)
    assert [bound.tolist() for bound in gap_bounds(one, other)] == [[-9], [9]]
    # Right both times, or off by the same -3...-1 or 1...3 years, each year 0.7 / 9.
    assert gap_confidence(one, other)[0] == pytest.approx(0.09 + 6 * (0.7 / 9) ** 2)
