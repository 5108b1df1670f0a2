"""Reads a text that is nothing but a date, as catalogues write them: "c. 1953-1965", "late 19th century", "?1815".

Only whole texts are read here: one unknown word and the answer is None, and the text is scanned like any caption.
"""

import re
from dataclasses import dataclass, replace

from crawler.taken_year.circa import Convention
from crawler.taken_year.clean import clean
from crawler.taken_year.date_forms import year_of_form
from crawler.taken_year.date_points import Item, Point
from crawler.taken_year.date_reader import LATER, Reader
from crawler.taken_year.edtf import with_month

LONGEST = 160
"""Letters of the longest text that may be one date."""

_NUMERIC = re.compile(
    r"(?<![\d./-])(?:\d{1,2}[./-]){2}(\d{4})(?![\d/-])|(?<![\d./-])(\d{4})([./-])\d{1,2}\3\d{1,2}(?![\d/-])"
    r"|^ *(\d{4})-(?:[0-2]\d\d|3[0-6]\d) *$"
    r"|(?<!\d)(\d{4}) ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?日)?|(?<![\d./-])(\d{4})-(?:0[1-9])(?![\d-])"
)
_MONTH_GROUP = 6  # the last of _NUMERIC: 2009-03
_ERA = re.compile(r"(?<=[\d\s])(?:b\.? ?c\.?(?: ?e\.?)?|a\. ?d\.?|c\. ?e\.?|ad|ce)(?![^\W\d_])")
_PERIOD = re.compile(
    r"^[^\d,]{0,60}(?:dynasty|dynasties|period|kingdom)(?: ?\([^)]*\))?, ?(?=.*\d)(?:[^,;]{0,60}dynasty, ?(?=.*\d))?"
)
"""Names of periods before the years themselves: New Kingdom, 18th Dynasty, c. 1570-1320 BCE."""

_MAKING = frozenset({"designed", "manufactured", "modeled", "modelled", "fabricated", "project", "drawn", "conceived"})
_MADE = frozenset({"manufactured", "fabricated"})


@dataclass(frozen=True)
class DateText:
    """What a date text says: its interval (None where it is open), EDTF, and how exactly it says it."""

    year_min: int | None
    year_max: int | None
    edtf: str
    is_approximate: bool
    is_exact_year: bool
    """Whether it names one year, with or without "circa"; `year_min` and `year_max` may be wider by the house rule."""
    year: int | None
    grain: str
    dates: int = 1
    """How many dates it names that need not be of one making: designed 1944, manufactured 1999."""


def read_expression(raw: str, convention: Convention, *, latest: int) -> DateText | None:
    """Return what `raw` says if it is nothing but a date, else None; widths of "circa" are those of `convention`."""
    if len(raw) > LONGEST:
        return None
    whole = text = _PERIOD.sub("", clean(raw).folded)
    grain = ["year"]
    if (form := year_of_form(text, latest=latest)) is not None:
        text, grain[0] = f"{form[0]:04d}", form[1]

    def year_only(match: re.Match[str]) -> str:
        grain[0] = "month" if match.lastindex == _MONTH_GROUP else "day"
        return f" {next(group for group in match.groups() if group and group.isdecimal())} "

    text = _NUMERIC.sub(year_only, text)
    text = _ERA.sub(lambda m: " bce " if m[0][0] == "b" else " ad ", text)
    reader = Reader(text, convention, latest=latest)
    if reader.drop_months():
        grain[0] = "month" if grain[0] == "year" else grain[0]
    items = reader.items()
    if not items:
        return None
    read = _combined(items, convention, grain[0])
    return read if read is None or not read.is_exact_year else replace(read, edtf=with_month(read.edtf, whole))


def _combined(items: list[Item], convention: Convention, grain: str) -> DateText | None:
    items = _cut_by_bound(items)
    lead = items[0]
    chosen = [lead]
    for item in items[1:]:
        if item.verbs & LATER and not (item.verbs & _MAKING):
            if convention.counts_printing and "printed" in item.verbs:
                chosen.append(item)
            continue
        if item.separator == ";" or (item.verbs - _MAKING and not lead.verbs & _MAKING):
            continue
        chosen.append(item)
    points = [point for item in chosen for point in item.points]
    first_point, last_point = points[0], max(points, key=lambda p: p.last)
    circa = any(p.circa for p in points)
    is_maybe = any(p.maybe for p in points)
    first, last = convention.widened(
        min(p.first for p in points),
        last_point.last,
        unit=first_point.unit if len(points) == 1 else "span",
        is_circa=circa and grain == "year",
        is_uncertain=is_maybe,
    )
    if len(points) == 1 and first_point.side in ("before", "after"):
        return _open(first_point)
    if len(points) == 1:
        edtf = f"{first_point.edtf}{first_point.sign}"
    else:
        # An end that is a span itself (1920s - early 1930s) gives the interval its outer side.
        sides = (first_point.edtf.split("/")[0], last_point.edtf.split("/")[-1])
        edtf = f"{sides[0]}{first_point.sign}/{sides[1]}{last_point.sign}"
        edtf = edtf if first_point.edtf != last_point.edtf else f"{first_point.edtf}{first_point.sign}"
    single = all(p.unit == "year" for p in points) and first_point.first == last_point.last
    is_printed_later = len(chosen) > 1 and len(lead.points) == 1 and any("printed" in item.verbs for item in chosen[1:])
    year = (
        min(max(first_point.first, first), last)
        if single or (is_printed_later and lead.points[0].unit == "year")
        else None
    )
    made = _year_of_making(chosen)
    if year is None and made is not None:
        year = made
    return DateText(
        first,
        last,
        edtf,
        circa or any(p.maybe for p in points),
        single,
        year,
        grain if single else "range",
        len(chosen),
    )


def _year_of_making(items: list[Item]) -> int | None:
    # Designed 1944, manufactured 1999: the thing at hand is of the year it was made in.
    if len(items) != 2 or any(len(item.points) != 1 or item.points[0].unit != "year" for item in items):
        return None
    made = items[1]
    return (
        made.points[0].first if made.verbs & _MADE and not items[0].verbs & _MADE and not made.points[0].side else None
    )


def _cut_by_bound(items: list[Item]) -> list[Item]:
    # 18th century, after 1713: the bound cuts the interval.
    if len(items) != 2 or any(len(item.points) != 1 or item.verbs for item in items):
        return items
    (whole,), (bound,) = items[0].points, items[1].points
    if bound.side not in ("before", "after") or bound.unit != "year" or not whole.first < bound.first < whole.last:
        return items
    first, last = (whole.first, bound.first) if bound.side == "before" else (bound.first, whole.last)
    return [replace(items[0], points=(replace(whole, first=first, last=last, edtf=f"{first:04d}/{last:04d}"),))]


def _open(point: Point) -> DateText:
    bound = point.last if point.unit == "year" else None
    text, is_before = f"{point.edtf}{point.sign}", point.side == "before"
    return DateText(
        year_min=None if is_before else bound,
        year_max=bound if is_before else None,
        edtf=f"../{text}" if is_before else f"{text}/..",
        is_approximate=point.circa,
        is_exact_year=False,
        year=None,
        grain="range",
    )
