"""`scrapy extract-years`: a row for each stored photo, with evidence or with the reason why there is no year."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from crawler.exif import ExifDates
from crawler.extract import extract_years, photo_text
from crawler.taken_year import VERSION
from db.models import Photo, PhotoSubject, Subject, TakenYear
from db.session import open_catalog
from db.taken_years import undated_photos
from tests.crawler.crawling import Workplace, ended
from tests.crawler.fake_site import drawn_image

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _photo(number: int, **changes: Any) -> dict[str, Any]:
    texts = ("title", "description", "tags", "uploaded", "path")
    dates = ("date_taken", "date_taken_granularity", "date_taken_unknown")
    return {
        "id": number,
        "site": "flickr",
        "site_id": str(number),
        "state": "pending",
        "attempts": 0,
        "found_at": NOW,
        **dict.fromkeys((*texts, *dates)),
        **changes,
    }


def _fill(catalog: Engine, photos: Sequence[dict[str, Any]], subjects: dict[int, Sequence[int]] | None = None) -> None:
    """Store photos, and subjects 1.. as `{photo: (subject, ...)}`."""
    with catalog.begin() as connection:
        connection.execute(insert(Photo), list(photos))
        for number in sorted({one for some in (subjects or {}).values() for one in some}):
            name = f"Marta_{number}"
            row = {"id": number, "name": name, "display_name": name, "birth_date": "1950-03", "created_at": NOW}
            connection.execute(insert(Subject), row)
        links = [{"photo_id": p, "subject_id": s} for p, some in (subjects or {}).items() for s in some]
        if links:
            connection.execute(insert(PhotoSubject), links)


def _years(catalog: Engine) -> dict[int, Any]:
    with catalog.connect() as connection:
        return {row.photo_id: row for row in connection.execute(select(TakenYear.__table__))}


def test_a_dated_photo_has_its_evidence_and_an_undated_one_its_reason(catalog: Engine, tmp_path: Path) -> None:
    _fill(
        catalog,
        [
            _photo(1, title="Marta in Oslo, summer 1976"),
            _photo(2, date_taken="1998-01-01 00:00:00", date_taken_granularity=6, date_taken_unknown=False),
            _photo(3, title="Marta", uploaded=datetime(2009, 1, 1, tzinfo=UTC)),
            _photo(4),
        ],
    )
    tally = extract_years(catalog, tmp_path)
    years = _years(catalog)
    assert {number: row.year for number, row in years.items()} == {1: 1976, 2: 1998, 3: None, 4: None}
    assert years[1].source == "title"
    assert "1976" in years[1].words
    assert all(years[number].reason for number in (3, 4))
    assert {row.version for row in years.values()} == {VERSION}
    assert (tally.photos, tally.dated) == (4, 2)
    assert sum(tally.by_source.values()) == 2
    assert sum(tally.by_reason.values()) == 2


def test_photos_that_are_dated_are_left_alone_unless_asked_for(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog, [_photo(1, title="summer 1976"), _photo(2)])
    assert extract_years(catalog, tmp_path).photos == 2
    assert extract_years(catalog, tmp_path).photos == 0
    _fill(catalog, [_photo(3, title="summer 1980")])
    assert extract_years(catalog, tmp_path).photos == 1
    assert extract_years(catalog, tmp_path, again=True).photos == 3


def test_years_of_an_older_extractor_are_read_again(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog, [_photo(1, title="summer 1976")])
    extract_years(catalog, tmp_path)
    with catalog.begin() as connection:
        connection.execute(update(TakenYear).values(version="0", year=None, year_min=None, year_max=None, source=None))
    assert extract_years(catalog, tmp_path).photos == 1
    assert _years(catalog)[1].year == 1976


@pytest.mark.parametrize("again", [False, True])
def test_a_year_that_a_public_set_states_is_never_overwritten(catalog: Engine, tmp_path: Path, again: bool) -> None:
    _fill(catalog, [_photo(1, title="summer 1976")])
    with catalog.begin() as connection:
        row = {"photo_id": 1, "year": 1977, "confidence": 1.0, "source": "import", "version": "1"}
        connection.execute(insert(TakenYear), row)
    assert extract_years(catalog, tmp_path, again=again).photos == 0
    assert _years(catalog)[1].year == 1977


def test_more_photos_than_a_batch_are_all_read(
    sqlite_catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.extract.BATCH_PHOTOS", 7)
    _fill(sqlite_catalog, [_photo(number, title=f"taken in {1900 + number}") for number in range(1, 51)])
    assert extract_years(sqlite_catalog, tmp_path).dated == 50
    assert {number: row.year for number, row in _years(sqlite_catalog).items()} == {n: 1900 + n for n in range(1, 51)}


def test_the_subject_of_a_photo_is_told_only_where_there_is_one(catalog: Engine) -> None:
    _fill(catalog, [_photo(1), _photo(2), _photo(3)], {1: [1], 2: [1, 2]})
    with catalog.connect() as connection:
        photos = undated_photos(connection, VERSION, after_id=0, limit=9)
    texts = [photo_text(photo, ExifDates("2003:02:01 10:20:30")) for photo in photos]
    assert [(text.subject_name, text.birth_year) for text in texts] == [("Marta_1", 1950), (None, None), (None, None)]
    assert texts[0].exif_original == "2003:02:01 10:20:30"


def test_the_exif_date_of_a_stored_original_counts(sqlite_catalog: Engine, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_bytes(drawn_image(1))
    _fill(
        sqlite_catalog,
        [
            _photo(1, state="done", path="photos/1.jpg"),
            _photo(2, state="done", path=str(tmp_path / "photos" / "1.jpg")),
            _photo(3, state="pending", path="photos/1.jpg"),
            _photo(4, state="done", path="photos/absent.jpg"),
        ],
    )
    extract_years(sqlite_catalog, tmp_path)
    assert {number: row.year for number, row in _years(sqlite_catalog).items()} == {1: 2003, 2: 2003, 3: None, 4: None}


def test_the_command_prints_its_tally(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    catalog = open_catalog(workplace.catalog_url)
    _fill(catalog, [_photo(1, title="summer 1976"), _photo(2)])
    catalog.dispose()
    result = ended(workplace.start("extract-years", "--json"))
    assert result.returncode == 0, result.stderr
    tally = json.loads(result.stdout)
    assert (tally["photos"], tally["dated"], tally["by_source"]) == (2, 1, {"title": 1})
    refused = ended(workplace.start("extract-years", "--every"))
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
