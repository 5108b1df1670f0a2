"""Years of other calendars: Japanese eras, Minguo, the Thai Buddhist era, the Persian and the Islamic calendar.

A year that runs over two Gregorian ones is both, unless the month beside it decides (annotation guideline).
"""

import re
from dataclasses import dataclass

ERAS = {"明治": (1867, 45), "大正": (1911, 15), "昭和": (1925, 64), "平成": (1988, 31), "令和": (2018, 99),
        "民國": (1911, 120), "民国": (1911, 120)}  # fmt: skip
"""Year before the first of each era, and its number of years (those not yet over: generous)."""

_BUDDHIST_OFFSET = 543  # years the Thai calendar is ahead
_PERSIAN_OFFSET = 621  # a Persian year begins in March of the Gregorian year so much later
_ISLAMIC_YEAR, _ISLAMIC_START = 0.970224, 621.5774  # length in Gregorian years, and the moment it counts from

_ERA_BEFORE = re.compile(rf"(?:{'|'.join(ERAS)}) ?$")
_ERA_AFTER = re.compile(r"\d{1,3} ?年")
_THAI_BEFORE = re.compile(r"(?:พ\.? ?ศ\.?|พุทธศักราช) ?$")
_THAI_LETTER = re.compile("[\u0e01-\u0e2e]")
_SPRING_TO_AUTUMN = "فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر"
_DEEP_WINTER = "بهمن|اسفند"
_LUNAR = re.compile("قمری|هجري|هجرية|هـ|ه ?\\. ?ق|ه ق")
_SOLAR = re.compile(f"سال|شمسی|خورشیدی|ه ?\\. ?ش|ه ش|دی|دهه|{_SPRING_TO_AUTUMN}|{_DEEP_WINTER}")
_SOLAR_OF_ONE_YEAR = re.compile(f"(?<!\\w)(?:{_SPRING_TO_AUTUMN})(?!\\w)")
_SOLAR_OF_THE_NEXT = re.compile(f"(?<!\\w)(?:{_DEEP_WINTER})(?!\\w)")
_OLDEST, _YOUNGEST = 1218, 1450  # years of either calendar in which a photo can have been taken
_NEAR = 24  # letters around a number in which its calendar is named
_FIRST_THAI, _LAST_THAI = 2382, 2643  # 1839 to 2100


@dataclass(frozen=True)
class OtherYear:
    """A year of another calendar: its span in the text and the Gregorian years it is."""

    start: int
    end: int
    year_min: int
    year_max: int


def year_of_other_calendar(text: str, start: int, end: int) -> OtherYear | None:
    """Return what the digits at `start` to `end` of a folded text mean in another calendar, or None."""
    before, size = text[max(0, start - _NEAR) : start], end - start
    if size <= 3:
        era, counted = _ERA_BEFORE.search(before), _ERA_AFTER.match(text, start)
        if era is None or counted is None:
            return None
        first, longest = ERAS[era[0].strip()]
        count = int(text[start:end])
        year = first + count
        return OtherYear(start - len(era[0]), counted.end(), year, year) if 1 <= count <= longest else None
    if size != 4:
        return None
    number = int(text[start:end])
    if (thai := _THAI_BEFORE.search(before)) is not None:
        year = number - _BUDDHIST_OFFSET
        return OtherYear(start - len(thai[0]), end, year, year)
    if _FIRST_THAI <= number <= _LAST_THAI and _THAI_LETTER.search(before):
        return OtherYear(start, end, number - _BUDDHIST_OFFSET, number - _BUDDHIST_OFFSET)
    if _OLDEST <= number <= _YOUNGEST:
        return _persian_or_islamic(text, start, end, number)
    return None


def _persian_or_islamic(text: str, start: int, end: int, number: int) -> OtherYear | None:
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    around = f"{before} {after}"
    if _LUNAR.search(around):
        first = number * _ISLAMIC_YEAR + _ISLAMIC_START
        return OtherYear(start, end, int(first), int(first + _ISLAMIC_YEAR))
    if not _SOLAR.search(around):
        return None
    first = number + _PERSIAN_OFFSET
    if _SOLAR_OF_ONE_YEAR.search(before):
        return OtherYear(start, end, first, first)
    if _SOLAR_OF_THE_NEXT.search(before):
        return OtherYear(start, end, first + 1, first + 1)
    is_decade = number % 10 == 0 and before.rstrip().endswith("دهه")
    return OtherYear(start, end, first, first + (10 if is_decade else 1))
