"""What `--explain` prints: the texts with the dates marked, each date with its verdict, and the decision."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert

from agegap.errors import NothingToDo
from crawler.extract import extract_years
from crawler.extract_explain import explain_photo
from crawler.extract_photo import read_text
from crawler.extract_spans import cut, marked_fields, shortened
from crawler.taken_year import PhotoText, read_photo
from db.models import Photo, TakenYear

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PAGE = "https://photos.example/people/1"
TITLE = "Marta (born 1931), 3 May 1968, 1984 Main St"


def _fill(catalog: Engine, **changes: Any) -> None:
    with catalog.begin() as connection:
        row = {"id": 5, "site": "flickr", "site_id": "77", "found_at": NOW, "page_url": PAGE, "title": TITLE}
        connection.execute(insert(Photo), {**row, **changes})


@pytest.mark.parametrize("words", ["5", "flickr:77", PAGE, f"{PAGE}/"])
def test_a_photo_is_named_by_its_number_its_id_or_its_page(sqlite_catalog: Engine, tmp_path: Path, words: str) -> None:
    _fill(sqlite_catalog)
    assert explain_photo(sqlite_catalog, tmp_path, words).photo.id == 5


@pytest.mark.parametrize("words", ["6", "9" * 40, "flickr:78", "album:77", f"{PAGE}2", "", "nonsense", "²"])
def test_a_photo_that_is_not_there_is_told_in_a_sentence(sqlite_catalog: Engine, tmp_path: Path, words: str) -> None:
    _fill(sqlite_catalog)
    with pytest.raises(NothingToDo, match="it has no photo"):
        explain_photo(sqlite_catalog, tmp_path, words)


def test_each_date_is_marked_in_its_text_and_listed_with_its_verdict(sqlite_catalog: Engine, tmp_path: Path) -> None:
    _fill(sqlite_catalog)
    text = explain_photo(sqlite_catalog, tmp_path, "5").as_text()
    head, _, rest = text.partition("dates found: 3\n")
    dates, _, decision = rest.partition("\ndecision\n")
    assert PAGE in head
    for number, found in enumerate(read_photo(PhotoText(title=TITLE))[1], start=1):
        assert f"[{number}: {found.words}]" in head
        (line,) = [line for line in dates.splitlines() if line.startswith(f"  [{number}]")]
        assert found.rule in line
        assert ("CHOSEN" in line) == (found.year_min == 1968)
        assert ("left: " in line) == (found.year_min != 1968)
    assert "1968" in decision
    assert "no year for it yet" in decision


def test_no_year_is_explained_by_its_reason(sqlite_catalog: Engine, tmp_path: Path) -> None:
    _fill(sqlite_catalog, title="Marta")
    explained = explain_photo(sqlite_catalog, tmp_path, "5")
    assert f"no year: {explained.reading.taken.reason}" in explained.as_text()
    assert "dates found: 0" in explained.as_text()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"year": 1977, "source": "import", "version": "1"}, "keeps 1977, which the public set states"),
        ({"year": 1966, "edtf": "1966~", "source": "title", "version": "0"}, "has 1966~ by the older version 0"),
    ],
)
def test_what_the_catalog_holds_instead_is_told(
    sqlite_catalog: Engine, tmp_path: Path, row: dict[str, Any], told: str
) -> None:
    _fill(sqlite_catalog)
    with sqlite_catalog.begin() as connection:
        connection.execute(insert(TakenYear), {"photo_id": 5, "confidence": 1.0, **row})
    assert told in explain_photo(sqlite_catalog, tmp_path, "5").as_text()


def test_the_object_holds_the_rows_that_the_catalog_gets(sqlite_catalog: Engine, tmp_path: Path) -> None:
    _fill(sqlite_catalog)
    explained = explain_photo(sqlite_catalog, tmp_path, "5").as_object()
    assert json.loads(json.dumps(explained)) == explained
    assert (explained["taken_year"]["year"], len(explained["evidence"])) == (1968, 3)
    assert explained["fields"]["title"] == TITLE
    extract_years(sqlite_catalog, tmp_path)
    with sqlite_catalog.connect() as connection:
        stored = connection.exec_driver_sql(
            "select words, rule, is_chosen, why from date_evidence order by place"
        ).all()
    shown = [(row["words"], row["rule"], row["is_chosen"], row["why"]) for row in explained["evidence"]]
    assert [(*row[:2], bool(row[2]), row[3]) for row in stored] == shown


def test_texts_cannot_steer_the_terminal(sqlite_catalog: Engine, tmp_path: Path) -> None:
    _fill(sqlite_catalog, title="\x1b[2J\x07 Marta\r\n1968\u202e", page_url="https://x.example/\x1b[31m")
    text = explain_photo(sqlite_catalog, tmp_path, "5").as_text()
    assert all(letter.isprintable() for line in text.split("\n") for letter in line)


@given(text=st.text(max_size=60), spans=st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=5))
def test_segments_make_up_the_text_and_know_what_covers_them(text: str, spans: list[tuple[int, int]]) -> None:
    (one,) = read_photo(PhotoText(title="1968"))[1]
    ordered = [(min(span), max(span)) for span in spans]
    found = [(place, type(one)(**{**vars(one), "start": a, "end": b})) for place, (a, b) in enumerate(ordered)]
    at = 0
    for segment in cut(text, found):
        for letter in range(at, at + len(segment.text)):
            assert set(segment.places) == {place for place, (a, b) in enumerate(ordered) if a <= letter < b}
        assert segment.text == text[at : at + len(segment.text)]
        at += len(segment.text)
    assert at == len(text)


def test_a_date_of_a_machine_is_marked_in_the_field_that_holds_it() -> None:
    photo = PhotoText(exif_original="2004:05:06 07:08:09", exif_digitised="2005:06:07 08:09:10")
    fields = {field.name: field for field in marked_fields(read_text(photo))}
    assert [part.places != () for part in fields["exif_original"].segments] == [True]
    assert [part.places != () for part in fields["exif_digitised"].segments] == [True]
    assert fields["exif_original"].segments[0].places != fields["exif_digitised"].segments[0].places


def test_a_long_stretch_without_dates_is_shown_by_its_ends() -> None:
    assert shortened("a" * 800) == "a" * 800
    assert shortened("a" * 500 + "b" * 500) == "a" * 400 + " [...] " + "b" * 400


def test_the_limits_and_ranks_are_told(sqlite_catalog: Engine, tmp_path: Path) -> None:
    _fill(sqlite_catalog, uploaded=datetime(2009, 1, 1, tzinfo=UTC), date_taken="1999-05-06 07:08:09")
    decision = explain_photo(sqlite_catalog, tmp_path, "5").as_text().partition("\ndecision\n")[2]
    assert "not before 1839" in decision
    assert "not after 2009" in decision
    assert "is of the rank text" in decision
    assert "is of the rank clock" in decision
