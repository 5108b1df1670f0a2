"""Whatever a site sends: an answer or null, never an exception, never a year that cannot be."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.taken_year import EARLIEST_YEAR, PhotoText, explain, extract_taken_year, to_edtf
from crawler.taken_year.clean import LONGEST_TEXT, clean
from crawler.taken_year.jsonl import answer_of, photo_of_record
from crawler.taken_year.marks import MOST_MARKS

_PIECES = st.sampled_from(
    ["19", "68", "1968", "2031", "'67", "c.", "(", ")", "-", "/", ".", "?", " ", "\n", "born", "taken", "scanned", "s",
     "the", "May", "年", "昭和", "元", "年代", "&#39;", "<b>", "©", "²", "٣", "o", "l9", "anniversary of", "50th",
     "turns", "lata", "er", "between", "and", '"', "#", "x", "WA0001", "\ud800", "İ", "ß"]
)  # fmt: skip
_TEXT = st.one_of(st.none(), st.text(), st.lists(_PIECES, max_size=25).map("".join))
_YEARS = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))
_PHOTOS = st.builds(
    PhotoText,
    title=_TEXT,
    description=_TEXT,
    tags=_TEXT,
    file_name=_TEXT,
    page_text=_TEXT,
    date_taken=st.one_of(_TEXT, _YEARS.map(str)),
    date_taken_granularity=st.one_of(st.none(), st.integers()),
    date_taken_unknown=st.one_of(st.none(), st.booleans()),
    uploaded=st.one_of(st.none(), _YEARS, st.datetimes(timezones=st.just(UTC))),
    exif_original=st.one_of(_TEXT, _YEARS.map(str)),
    exif_digitised=_TEXT,
    birth_year=st.one_of(st.none(), st.integers(-10, 3000)),
    death_year=st.one_of(st.none(), st.integers(-10, 3000)),
    date_text=_TEXT,
    exif_modified=_TEXT,
    device=_TEXT,
    iptc_date=st.one_of(_TEXT, _YEARS.map(str), st.sampled_from(["19530402", "1953", "19531399"])),
    xmp_date=_TEXT,
    source=_TEXT,
)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["1968", "2012-05-05"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)
_FIELDS = st.sampled_from(
    ["id", "text", "title", "description", "tags", "filename", "page_text", "exif_datetime_original", "api_date_taken",
     "api_granularity", "api_taken_unknown", "upload_date", "date_text", "birth_year", "death_year", "source",
     "iptc_date"]
)  # fmt: skip
_DATE_PIECES = st.sampled_from(
    ["c. ", "?", "1953", "-", "65", "late ", "19th ", "century", " BCE", "1960s", ", printed ", "before ", "(", ")",
     "or ", "{{circa|", "}}", "{{other date|", "|", "XIX ", "siglo ", "<time datetime=\"1971\">", "12/3/", "May ",
     "[190-]", "0", "--"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(photo=_PHOTOS)
def test_any_record_gets_a_possible_year_or_null(photo: PhotoText) -> None:
    taken = extract_taken_year(photo)
    latest = photo.uploaded.year if photo.uploaded is not None else datetime.now(UTC).year
    assert 0.0 <= taken.confidence < 1.0
    assert (taken.year is None) == (taken.confidence == 0.0)
    if taken.year is not None:
        assert EARLIEST_YEAR <= taken.year <= latest
        assert taken.year_min is not None
        assert taken.year_max is not None
        assert taken.year_min <= taken.year <= taken.year_max <= latest
    if taken.year_min is not None and taken.year_max is not None:
        assert EARLIEST_YEAR <= taken.year_min <= taken.year_max <= latest
    assert (to_edtf(taken) is None) == (taken.year_min is None)


@settings(max_examples=200, deadline=None)
@given(photo=_PHOTOS)
def test_an_answer_is_the_same_each_time(photo: PhotoText) -> None:
    assert extract_taken_year(photo) == extract_taken_year(photo)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(), st.lists(_PIECES, max_size=25).map("".join)))
def test_cleaning_keeps_every_letter_at_its_place(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.plain) == len(cleaned.folded) == len(text)


@pytest.mark.parametrize("text", ["1" * 1_000_000, "1984 " * 200_000, "<a" * 400_000, '"' * 900_000, "&#" * 400_000])
def test_a_megabyte_of_anything_is_read_to_a_bound(text: str) -> None:
    found = explain(PhotoText(title=text, description=text, tags=text, file_name=text, page_text=text))
    assert len(found) <= 4 * MOST_MARKS + 200
    assert all(candidate.end <= LONGEST_TEXT for candidate in found if candidate.source != "tags")


@settings(max_examples=400, deadline=None)
@given(text=st.one_of(st.text(), st.lists(_DATE_PIECES, max_size=12).map("".join)))
@example(text='4000<TIME:DATETIME="0054">')  # found here: two dates that disagree were taken for one
def test_any_date_text_gets_an_interval_in_order_or_null(text: str) -> None:
    for taken in (extract_taken_year(PhotoText(text=text)), extract_taken_year(PhotoText(date_text=text))):
        if taken.year_min is not None and taken.year_max is not None:
            assert taken.year_min <= taken.year_max
            assert taken.year is None or taken.year_min <= taken.year <= taken.year_max
        assert (taken.year is None) == (taken.reason is not None)


@settings(max_examples=300, deadline=None)
@given(record=st.dictionaries(_FIELDS, _VALUES))
def test_any_json_record_gets_an_answer(record: dict[str, object]) -> None:
    answer = answer_of(extract_taken_year(photo_of_record(record)))
    assert set(answer) == {"taken_year", "year_min", "year_max", "edtf", "confidence", "reason"}
