"""`scrapy extract-years`: a row for each stored photo, with evidence or with the reason why there is no year."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

import db.taken_years
from agegap.errors import DataFailed
from crawler.extract import extract_years
from crawler.taken_year import VERSION
from db.models import DateEvidence, Photo, PhotoSubject, Subject, TakenYear
from db.session import open_catalog
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
    monkeypatch.setattr("crawler.extract.RANGES_AT_ONCE", 3)
    _fill(sqlite_catalog, [_photo(number, title=f"taken in {1900 + number}") for number in range(1, 51)])
    assert extract_years(sqlite_catalog, tmp_path).dated == 50
    assert {number: row.year for number, row in _years(sqlite_catalog).items()} == {n: 1900 + n for n in range(1, 51)}


def _evidence(catalog: Engine) -> list[Any]:
    with catalog.connect() as connection:
        table = DateEvidence.__table__
        return list(connection.execute(select(table).order_by(table.c.photo_id, table.c.place)))


def test_every_date_that_was_found_is_kept_the_rejected_too(catalog: Engine, tmp_path: Path) -> None:
    title = "Marta (born 1931), 3 May 1968, 1984 Main St"
    _fill(catalog, [_photo(1, title=title), _photo(2, title="Marta")])
    assert extract_years(catalog, tmp_path).evidence == 3
    rows = _evidence(catalog)
    assert [(row.photo_id, row.place) for row in rows] == [(1, 0), (1, 1), (1, 2)]
    assert all(title[row.span_start : row.span_end] == row.words for row in rows)
    told = {row.year_min: (row.is_chosen, row.role, row.why) for row in rows}
    assert told[1968][::2] == (True, None)
    assert [told[year][0] for year in (1931, 1984)] == [False, False]
    assert [told[year][1] for year in (1931, 1984)] == ["birth_death", "identifier"]
    assert all(told[year][2] for year in (1931, 1984))
    assert {row.version for row in rows} == {VERSION}
    assert _years(catalog)[1].edtf == "1968"


def test_evidence_of_an_older_version_is_replaced_with_its_year(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog, [_photo(1, title="summer 1976, printed 1990")])
    extract_years(catalog, tmp_path)
    found = len(_evidence(catalog))
    assert found == 2
    with catalog.begin() as connection:
        connection.execute(update(TakenYear).values(version="0"))
        connection.execute(update(DateEvidence).values(version="0"))
        connection.execute(update(Photo).values(title="summer 1977"))
    extract_years(catalog, tmp_path)
    assert [(row.year_min, row.version) for row in _evidence(catalog)] == [(1977, VERSION)]


def test_a_run_that_is_killed_half_way_goes_on_where_it_was(
    sqlite_catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.extract.BATCH_PHOTOS", 4)
    _fill(sqlite_catalog, [_photo(number, title=f"taken in {1900 + number}") for number in range(1, 11)])
    saved = db.taken_years.save_taken_years
    calls: list[int] = []

    def dies_at_the_second(*arguments: Any) -> int:
        calls.append(1)
        result = saved(*arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("crawler.extract.save_taken_years", dies_at_the_second)
        extract_years(sqlite_catalog, tmp_path)
    assert sorted(_years(sqlite_catalog)) == [1, 2, 3, 4]  # the second range was rolled back as a whole
    assert {row.photo_id for row in _evidence(sqlite_catalog)} == {1, 2, 3, 4}
    assert extract_years(sqlite_catalog, tmp_path).photos == 6
    assert {number: row.year for number, row in _years(sqlite_catalog).items()} == {n: 1900 + n for n in range(1, 11)}


def test_two_processes_find_what_one_finds(catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.extract.BATCH_PHOTOS", 20)
    texts = ("taken in {}", "born {}", "about {}", "{} or so", "nothing")
    photos = [_photo(n, title=texts[n % len(texts)].format(1900 + n % 99)) for n in range(1, 151)]
    _fill(catalog, photos)
    one = extract_years(catalog, tmp_path, workers=1)
    years, evidence = _years(catalog), _evidence(catalog)
    two = extract_years(catalog, tmp_path, again=True, workers=2)
    assert two.result() == one.result()
    assert (_years(catalog), _evidence(catalog)) == (years, evidence)
    assert len(years) == 150


def test_a_worker_that_dies_is_told_in_one_sentence(
    sqlite_catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.extract_workers._begin", _die)
    _fill(sqlite_catalog, [_photo(number, title="1976") for number in range(1, 4)])
    with pytest.raises(DataFailed, match=r"a worker process died.*--workers 1"):
        extract_years(sqlite_catalog, tmp_path, workers=2)
    assert _years(sqlite_catalog) == {}
    assert extract_years(sqlite_catalog, tmp_path, workers=1).photos == 3


def _die(*_arguments: object) -> None:
    os._exit(9)


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
    result = ended(workplace.start("extract-years", "--json", "--workers", "2"))
    assert result.returncode == 0, result.stderr
    tally = json.loads(result.stdout)
    assert (tally["photos"], tally["dated"], tally["by_source"]) == (2, 1, {"title": 1})


@pytest.mark.parametrize(
    "arguments",
    [
        ("--every",),
        ("7",),
        ("--workers", "0"),
        ("--sample", "many"),
        ("--out", "x.html"),
        ("--explain", "1", "--sample", "2"),
        ("--explain", "1", "--all"),
        ("--explain", "flickr:1"),
    ],
)
@pytest.mark.slow
def test_wrong_use_is_refused_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    workplace = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    refused = ended(workplace.start("extract-years", *arguments))
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert refused.stderr.strip()
