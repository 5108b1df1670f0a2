"""Years of other calendars, against the conversion tables of those calendars."""

import pytest

from crawler.taken_year import PhotoText, extract_taken_year


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("昭和50年 妹", (1975, 1975)),
        ("平成元年 入学式", (1989, 1989)),
        ("民國60年 外婆", (1971, 1971)),
        ("พ.ศ. 2518 คุณยาย", (1975, 1975)),
        ("تهران، خرداد ۱۳۶۰", (1981, 1981)),
        ("اسفند ۱۳۶۰ علی", (1982, 1982)),
        ("عروسی عمه، سال ۱۳۵۳", (1974, 1975)),
        ("صورة جدي ١٤٠٠ هـ", (1979, 1980)),
    ],
)
def test_a_year_of_another_calendar_is_the_gregorian_years_it_covers(text: str, years: tuple[int, int]) -> None:
    taken = extract_taken_year(PhotoText(title=text))
    assert (taken.year_min, taken.year_max) == years
    assert taken.year == (years[0] if years[0] == years[1] else None)
