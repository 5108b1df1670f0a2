"""Dates as Commons pages render them: what machines are told, what is plain, and what is no date of taking."""

import json
from pathlib import Path

import pytest

from crawler.taken_year import PhotoText, explain, extract_taken_year
from crawler.taken_year.records import TakenYear

HIDDEN = '<div style="display: none;">date QS:P571,{}</div>'


def _read(text: str) -> TakenYear:
    return extract_taken_year(PhotoText(title="Odd Lie", date_text=text))


@pytest.mark.parametrize(
    ("text", "year", "is_about"),
    [
        ("2012-09-25 16:23:02", 2012, False),
        ("2012-09-25 16:23", 2012, False),
        ("2008:06:29 08:11:23", 2008, False),
        ("2009-03-17", 2009, False),
        ("2012-09-25T16:23:02Z", 2012, False),
        ("2009-03", 2009, False),
        ("1925", 1925, False),
        ("1925-00-00", 1925, False),
        ("29 June 2007", 2007, False),
        ("12. März 1934", 1934, False),
        ("12 May 1934, at dawn in the harbour", 1934, False),
        ('<time class="dtstart" datetime="2007-06-29">29 June 2007</time>', 2007, False),
        ('<time class="dtstart" datetime="2012">2012</time>', 2012, False),
        ('Taken on&nbsp;<time class="dtstart" datetime="2010-05-01">1 May 2010</time>', 2010, False),
        ('<time datetime="2007-06-29">29 June 2007</time>, 12:30', 2007, False),
        ("1891" + HIDDEN.format("+1891-00-00T00:00:00Z/9"), 1891, False),
        ("May 1968" + HIDDEN.format("+1968-05-00T00:00:00Z/10"), 1968, False),
        ("circa 1917 " + HIDDEN.format("+1917-00-00T00:00:00Z/9,P1480,Q5727902"), 1917, True),
        ('circa <time datetime="1990">1990</time>', 1990, True),
    ],
)  # fmt: skip
def test_a_date_for_machines_or_a_plain_one_is_read(text: str, year: int, *, is_about: bool) -> None:
    taken = _read(text)
    assert (taken.year, taken.precision == "circa", taken.source) == (year, is_about, "date_text")


@pytest.mark.parametrize(
    "text",
    [
        "", "unknown", "Unknown date",
        "2012-09-25 (original upload date)",
        "Uploaded on 2012-09-25",
        "2012-09-25 (published)",
        "Published 1925",
        "Scanned 2012-09-25",
        "2011-03-04 (scanned)",
        "before 1950" + HIDDEN.format("+1950-00-00T00:00:00Z/7,P1326,+1950-00-00T00:00:00Z/9"),
        "1880s-1890s" + HIDDEN.format("+1850-00-00T00:00:00Z/7,P1319,+1880-00-00T00:00:00Z/9"),
        "1920s" + HIDDEN.format("+1920-00-00T00:00:00Z/8"),
        '<time datetime="2007">2007</time> to <time datetime="2009">2009</time>',
        "1980/1985",
    ],
)  # fmt: skip
def test_what_is_no_single_date_of_taking_gives_no_year(text: str) -> None:
    assert _read(text).year is None


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("2012-09-25 (published)", "publication"),
        ("2011-03-04 (scanned)", "digitised"),
        ("Uploaded 2012-09-25", "upload"),
    ],
)  # fmt: skip
def test_a_field_that_says_what_else_it_dates_keeps_that_role(text: str, role: str) -> None:
    assert [c.role for c in explain(PhotoText(date_text=text))] == [role]


@pytest.mark.real_data
def test_recorded_dates_keep_their_year(shared_data: Path) -> None:
    folder = shared_data / "recorded" / "openverse" / "wikimedia"
    texts = set()
    for name in ("wmc_pretty1", "wmc_pretty4", "wmc_pretty_nocontinue"):
        for page in json.loads((folder / f"{name}.json").read_text())["query"]["pages"].values():
            texts.add(page["imageinfo"][0]["extmetadata"].get("DateTimeOriginal", {}).get("value", ""))
    years = {text: year for text in texts if (year := _read(text).year) is not None}
    assert len(years) > len(texts) / 2
    assert all(str(year) in text for text, year in years.items())
