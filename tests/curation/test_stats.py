"""Statistics are what a count by hand gives, on both databases."""

import json

import pytest
from sqlalchemy import Engine

from curation.cli import curate
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from curation.stats import catalog_statistics
from db.statistics import NEVER_DATED, k_range
from tests.curation.filled import filling


def test_statistics_are_the_counts_of_what_was_put_in(catalog: Engine) -> None:
    with filling(catalog) as fill:
        for year in (1960, 1961, 1985):
            fill.dated_face("one", f"one {year}", year)
        fill.dated_face("two", "two", 2000, drop_reason="blurred")
        for number in range(3):
            photo_id = fill.photo(f"empty {number}", subject="two")
            fill.scan(photo_id, drop_reason="no_face", faces=0)
            fill.year(photo_id, None)
        fill.photo("never looked at", state="pending", subject="three")
        labelled = fill.photo("25_0", site="utkface")
        fill.scan(labelled)
        fill.face(labelled, age=25.0)
        fill.face(labelled, drop_reason="other_face")
    build_pair_set(catalog, settings=PairSettings())
    result = catalog_statistics(catalog)
    assert result["subjects"] == 3
    assert result["photos"] == 9
    assert result["photos_by_state"] == {"done": 8, "pending": 1}
    assert result["photos_by_site"] == {"flickr": 8, "utkface": 1}
    assert result["photos_dated"] == 4
    assert result["dated_by_source"] == {"title": 4}
    assert result["undated_by_reason"] == {"no year in the texts": 3, NEVER_DATED: 2}
    assert result["photos_scanned"] == 8
    assert result["photos_dropped_by_reason"] == {"no_face": 3}
    assert result["faces_kept"] == 4
    assert result["faces_kept_with_subject_and_year"] == 3
    assert result["faces_kept_with_age"] == 1
    assert result["faces_dropped"] == 2
    assert result["faces_dropped_by_reason"] == {"blurred": 1, "other_face": 1}
    # 1960-1961: 1 year, 1961-1985: 24, 1960-1985: 25.
    pairs = result["pair_sets"]["default"]
    assert pairs == {"total": 3, "subjects": 1, "faces": 3, "by_k": {"1-4": 1, "20-29": 2}}


def test_an_empty_catalog_counts_nothing(catalog: Engine) -> None:
    result = catalog_statistics(catalog)
    assert result["photos"] == result["faces_kept"] == 0
    assert result["pair_sets"] == {}


@pytest.mark.parametrize(
    ("gap", "name"),
    [(0, "0"), (1, "1-4"), (4, "1-4"), (5, "5-9"), (19, "10-19"), (39, "30-39"), (40, "40+"), (90, "40+")],
)
def test_a_gap_falls_into_its_range(gap: int, name: str) -> None:
    assert k_range(gap) == name


def test_the_command_prints_a_table_or_json(
    sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGEGAP_CATALOG", str(sqlite_catalog.url))
    with filling(sqlite_catalog) as fill:
        fill.dated_face("one", "1", 1960)
    curate.main(["stats", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["faces_kept"] == 1
    curate.main(["stats"], standalone_mode=False)
    assert "faces_kept" in capsys.readouterr().out
