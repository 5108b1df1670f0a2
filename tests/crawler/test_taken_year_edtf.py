"""Years, circa, decades and intervals in EDTF, by the examples of its specification (level 0 and 1)."""

import pytest

from crawler.taken_year import PhotoText, extract_taken_year, to_edtf


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("Toma, 1984", "1984"),
        ("c. 1984", "1984~"),
        ("Toma, 1984?", "1984?"),
        ("the 1980s", "198X"),
        ("1984-1986", "1984/1986"),
        ("early 1950s", "1950/1953"),
        ("undated", None),
    ],
)
def test_an_answer_reads_as_edtf(text: str, edtf: str | None) -> None:
    assert to_edtf(extract_taken_year(PhotoText(description=text))) == edtf
