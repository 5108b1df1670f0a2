"""Plots are as high as their values, and HTML is what `element` made or else text."""

import re

import pytest

from agegap.html import element, join
from curation.report.html import link
from curation.report.plots import bands, bars, by_number, by_range


def test_text_is_escaped_and_markup_is_not() -> None:
    assert (
        element("p", "a < b", element("b", '"'), None, class_="x & y")
        == '<p class="x &amp; y">a &lt; b<b>&quot;</b></p>'
    )
    assert join([element("br"), element("br")]) == "<br><br>"
    assert link("x", "HTTPS://a/?b&c").startswith('<a href="HTTPS://a/?b&amp;c"')
    assert link("x", "data:text/html,1") == link("x", None) == "x"


def heights(svg: str) -> list[float]:
    return [float(text) for text in re.findall(r'<rect [^>]*height="([\d.]+)"', svg)]


def test_bars_are_as_high_as_their_values() -> None:
    svg = bars("t", {"1": 2, "2": 0, "3": 8}, what="photos")
    assert heights(svg)[1] / heights(svg)[0] == pytest.approx(4, rel=0.01)
    assert "3: 8 photos" in svg
    assert "nothing yet" in bars("t", {}, what="photos")
    half, whole = heights(bars("t", {"a": 50, "b": 100}, what="%", top=100))
    assert whole == pytest.approx(2 * half, abs=0.02)


def test_logarithmic_bars_rise_by_the_same_step_for_each_ten_times() -> None:
    one, ten, thousand = heights(bars("t", {"a": 1, "b": 10, "c": 1000}, what="people", is_log=True))
    assert 0 < one < ten
    assert thousand - ten == pytest.approx(2 * (ten - one), abs=0.05)
    lines = [float(y) for y in re.findall(r'<line [^>]*y1="([\d.]+)"', bars("t", {"a": 7}, what="", is_log=True))]
    assert len(lines) == 2  # 1 and 10


def test_a_band_lies_around_its_line() -> None:
    svg = bands("t", {1: (0.2, 0.5, 0.8), 3: (0.0, 0.1, 0.4), 5: (0.1, 0.2, 0.3)})
    band = [tuple(map(float, point.split(","))) for point in re.findall(r"polygon points=\"([^\"]*)", svg)[0].split()]
    line = [tuple(map(float, point.split(","))) for point in re.findall(r"polyline points=\"([^\"]*)", svg)[0].split()]
    upper, lower = band[:3], band[:2:-1]
    for (x1, top), (x2, middle), (x3, bottom) in zip(upper, line, lower, strict=True):
        assert x1 == x2 == x3
        assert top < middle < bottom  # the y of a picture grows downwards
    assert line[1][0] - line[0][0] == pytest.approx(line[2][0] - line[1][0], abs=0.11)
    assert "nothing yet" in bands("t", {})
    assert "nan" not in bands("t", {4: (0.0, 0.0, 0.0)})


def test_counts_by_number_have_no_holes_and_ranges_no_empty_end() -> None:
    assert by_number({3: 2, 5: 1}) == {"3": 2, "4": 0, "5": 1}
    assert list(by_number({1066: 1, 2000: 1})) == ["1066", "2000"]
    assert by_range({1: 2, 4: 1, 6: 1}, (1, 2, 5, 10)) == {"1": 2, "2-4": 1, "5-9": 1}
    assert by_range({12: 3}, (1, 2, 5, 10)) == {"1": 0, "2-4": 0, "5-9": 0, "10+": 3}
