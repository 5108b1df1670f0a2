"""Dates of Commons pages: what machines are told, what is plain, and what is left to a reader."""

import json
from pathlib import Path

import pytest

from crawler.sites.commons.date_text import WrittenDate, read_date_text

HIDDEN = '<div style="display: none;">date QS:P571,{}</div>'


@pytest.mark.parametrize(
    ("text", "date", "granularity"),
    [
        ("2012-09-25 16:23:02", "2012-09-25 16:23:02", 0),
        ("2012-09-25 16:23", "2012-09-25 16:23:00", 0),
        ("2008:06:29 08:11:23", "2008-06-29 08:11:23", 0),
        ("2009-03-17", "2009-03-17 00:00:00", 0),
        ("2012-09-25T16:23:02Z", "2012-09-25 16:23:02", 0),
        ("2009-03", "2009-03-01 00:00:00", 4),
        ("1925", "1925-01-01 00:00:00", 6),
        ("1925-00-00", "1925-01-01 00:00:00", 6),
        ('<time class="dtstart" datetime="2007-06-29">29 June 2007</time>', "2007-06-29 00:00:00", 0),
        ('<time class="dtstart" datetime="2012">2012</time>', "2012-01-01 00:00:00", 6),
        ('Taken on&nbsp;<time class="dtstart" datetime="2010-05-01">1 May 2010</time>', "2010-05-01 00:00:00", 0),
        ('<time datetime="2007-06-29">29 June 2007</time>, 12:30', "2007-06-29 00:00:00", 0),
        ("1891" + HIDDEN.format("+1891-00-00T00:00:00Z/9"), "1891-01-01 00:00:00", 6),
        ("May 1968" + HIDDEN.format("+1968-05-00T00:00:00Z/10"), "1968-05-01 00:00:00", 4),
        ("circa 1617 " + HIDDEN.format("+1617-00-00T00:00:00Z/9,P1480,Q5727902"), "1617-01-01 00:00:00", 8),
        ('1891<div style="display: none;">date QS:P,+1891-00-00T00:00:00Z/9</div>', "1891-01-01 00:00:00", 6),
        ('circa <time datetime="1990">1990</time>', "1990-01-01 00:00:00", 8),
    ],
)  # fmt: skip
def test_a_date_for_machines_or_a_plain_one_is_read(text: str, date: str, granularity: int) -> None:
    assert read_date_text(text) == WrittenDate(date, granularity)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "unknown",
        "Unknown date",
        "29 June 2007",  # a reader's
        "2012-09-25 (original upload date)",
        "Uploaded on 2012-09-25",
        "2012-09-25 (published)",
        "Scanned 2012-09-25",
        "before 1950" + HIDDEN.format("+1950-00-00T00:00:00Z/7,P1326,+1950-00-00T00:00:00Z/9"),
        "1880s-1890s" + HIDDEN.format("+1850-00-00T00:00:00Z/7,P1319,+1880-00-00T00:00:00Z/9"),
        "1920s" + HIDDEN.format("+1920-00-00T00:00:00Z/8"),
        '<time datetime="2007">2007</time> to <time datetime="2009">2009</time>',
        "2012-13-45",
        "20120925",
        "1980/1985",
    ],
)
def test_what_is_no_single_date_is_left_to_a_reader(text: str | None) -> None:
    assert read_date_text(text) is None


@pytest.mark.real_data
def test_recorded_dates_keep_their_year(shared_data: Path) -> None:
    folder = shared_data / "recorded" / "openverse" / "wikimedia"
    texts = set()
    for name in ("wmc_pretty1", "wmc_pretty4", "wmc_pretty_nocontinue"):
        for page in json.loads((folder / f"{name}.json").read_text())["query"]["pages"].values():
            texts.add(page["imageinfo"][0]["extmetadata"].get("DateTimeOriginal", {}).get("value", ""))
    read = {text: date for text in texts if (date := read_date_text(text)) is not None}
    assert len(read) > len(texts) / 2
    assert all(date.date_taken[:4] in text for text, date in read.items())
