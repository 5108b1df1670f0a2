"""An export holds the kept faces and their pairs, hides what must be hidden, and says what is missing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, update

from agegap.errors import BadInputFile, DataFailed, NothingToDo, UnknownName, WrongUse
from curation.cli import curate
from curation.export import export_dataset
from curation.export_settings import ExportSettings
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from dataset.images import read_crop
from dataset.splits import Shares, split_of
from dataset.store import open_dataset
from db.models import TakenYear
from tests.curation.filled import Filler, filling, noise

PEOPLE = 6


def fill_people(fill: Filler) -> None:
    """Add six people with four dated faces each, eight labelled faces of nobody, a dropped and an undated face."""
    for person in range(PEOPLE):
        for number in range(4):
            crop = noise(person * 10 + number)
            name = f"Person_{person}"
            fill.dated_face(name, f"{person}A{number:02}", 1970 + 10 * number, crop=crop, age=20.0 + 10 * number)
    for number in range(8):
        photo_id = fill.photo(f"{number}_1_0", site="utkface", licence="research")
        fill.face(photo_id, crop=noise(100 + number), age=float(number * 9))
    undated = fill.photo("undated", subject="Person_0")
    fill.face(undated, subject="Person_0", crop=noise(200))
    fill.face(undated, subject="Person_0", crop=noise(201), drop_reason="blurred")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def filled(sqlite_catalog: Engine, data: Path) -> Engine:
    with filling(sqlite_catalog, data) as fill:
        fill_people(fill)
    return sqlite_catalog


def export(engine: Engine, data: Path, name: str = "set", **settings: Any) -> dict[str, Any]:
    return export_dataset(engine, data.parent / name, data=data, settings=ExportSettings(**settings))


def test_an_export_holds_the_kept_faces_their_crops_and_pairs(catalog: Engine, data: Path) -> None:
    with filling(catalog, data) as fill:
        fill_people(fill)
    built = build_pair_set(catalog, settings=PairSettings())
    result = export(catalog, data, split="train=50,val=25,test=25", seed=3)
    dataset = open_dataset(data.parent / "set", verify=True)
    faces = dataset.faces
    assert len(faces) == PEOPLE * 4 + 8 + 1 == result["faces"]
    with catalog.connect() as connection:
        rows = connection.exec_driver_sql("select id, crop_path from face")
        paths = {int(row.id): str(row.crop_path) for row in rows}
    for row in range(len(faces)):
        np.testing.assert_array_equal(dataset.crops[row], read_crop(data / paths[int(faces.face_id[row])]))
    by_id = {site_id: row for row, site_id in enumerate(faces.site_id)}
    row = by_id["2A03"]
    assert faces.subject_names[faces.subject[row]] == "Person_2"
    assert (faces.age[row], faces.year[row], faces.site[row]) == (50.0, 2000, "flickr")
    assert faces.year_confidence[row] == pytest.approx(0.9)
    assert (faces.year[by_id["undated"]], faces.subject[by_id["3_1_0"]]) == (-1, -1)
    assert np.isnan(faces.age[by_id["undated"]])
    # 4 photos ten years apart: 6 pairs a person, K 10, 20, 30 as 3, 2, 1.
    assert len(dataset.pairs) == PEOPLE * 6 == result["pairs"]
    gap = faces.year[dataset.pairs.older] - faces.year[dataset.pairs.younger]
    np.testing.assert_array_equal(gap, dataset.pairs.gap_years)
    assert dataset.manifest["counts"]["by_gap_years"] == {"10": 18, "20": 12, "30": 6}
    assert dataset.manifest["pairs"]["sha256"] == built["sha256"]
    assert dataset.manifest["licences"]["utkface"] == {"research": 8}
    assert dataset.manifest["crop"] == {"size": 128, "template": "age"}
    assert dataset.manifest["counts"]["by_age_decade"]["20"] == 6 + 1  # age 20 six times, 27 once
    assert result["manifest_sha256"] == dataset.manifest_sha256


def test_the_spread_of_votes_and_the_bounds_of_k_come_along(catalog: Engine, data: Path) -> None:
    with filling(catalog, data) as fill:
        first, second = (fill.photo(str(year), subject="Ida", raw={"title": "no votes"}) for year in (1970, 1980))
        fill.year(first, 1970, year_min=1968, year_max=1975, confidence=0.6)
        fill.year(second, 1980)
        for photo_id in (first, second):
            fill.face(photo_id, subject="Ida", crop=noise(photo_id))
        voted = fill.photo("voted", site="appa-real", raw={"age_std": 4.25, "age_mean": 30.5})
        fill.face(voted, crop=noise(50), age=31.0)
        fill.face(voted, crop=noise(51), drop_reason=None)  # a second face, without the label, has no votes
    build_pair_set(catalog, settings=PairSettings())
    export(catalog, data)
    dataset = open_dataset(data.parent / "set")
    np.testing.assert_array_equal(dataset.faces.age_std, np.where(dataset.faces.age == 31, np.float32(4.25), np.nan))
    assert np.count_nonzero(dataset.faces.age == 31) == 1
    pairs = dataset.pairs
    assert [(*row,) for row in zip(pairs.gap_years, pairs.gap_min, pairs.gap_max, strict=True)] == [(10, 5, 12)]
    export(catalog, data, hide_ages=True)
    assert np.isnan(open_dataset(data.parent / "set").faces.age_std).all()


def test_splits_are_by_subject_and_by_photo_where_there_is_none(filled: Engine, data: Path) -> None:
    export(filled, data, split="train=50,val=25,test=25", seed=3)
    faces = open_dataset(data.parent / "set").faces
    shares = Shares(50, 25, 25)
    for row in range(len(faces)):
        name = faces.subject_names[faces.subject[row]] if faces.subject[row] >= 0 else None
        key = name or f"{faces.site[row]}/{faces.site_id[row]}"
        assert faces.split[row] == split_of(key, seed=3, shares=shares)


def test_all_can_go_into_one_split(filled: Engine, data: Path) -> None:
    result = export(filled, data, split="all=test")
    assert result["by_split"]["test"]["faces"] == result["faces"]
    assert set(open_dataset(data.parent / "set").faces.split.tolist()) == {2}


def test_pairs_with_a_face_outside_are_left_out(filled: Engine, data: Path) -> None:
    build_pair_set(filled, settings=PairSettings())
    with filling(filled, data) as fill:
        fill.connection.execute(update(TakenYear).where(TakenYear.photo_id == 1).values(confidence=0.2))
    export(filled, data, min_year_confidence=0.5)
    dataset = open_dataset(data.parent / "set")
    assert dataset.faces.year[dataset.faces.site_id.index("0A00")] == -1
    assert len(dataset.pairs) == PEOPLE * 6 - 3


def test_a_pair_whose_year_changed_since_is_left_out(filled: Engine, data: Path) -> None:
    build_pair_set(filled, settings=PairSettings())
    with filling(filled, data) as fill:
        fill.connection.execute(
            update(TakenYear).where(TakenYear.photo_id == 1).values(year=1975, year_min=1975, year_max=1975)
        )
    assert export(filled, data)["pairs"] == PEOPLE * 6 - 3


def test_only_the_sites_and_labels_asked_for_are_written(filled: Engine, data: Path) -> None:
    assert export(filled, data, site=("utkface",))["by_site"] == {"utkface": 8}
    assert export(filled, data, labelled_only=True)["faces"] == PEOPLE * 4 + 8
    assert export(filled, data, site=("utkface", "flickr"))["faces"] == PEOPLE * 4 + 8 + 1


def test_hidden_ages_are_nowhere_in_the_folder(filled: Engine, data: Path) -> None:
    build_pair_set(filled, settings=PairSettings())
    result = export(filled, data, hide_ages=True)
    folder = data.parent / "set"
    table = pq.read_table(folder / "index.parquet")
    assert table.column("age").null_count == len(table)
    names = {f"{person}A{number:02}" for person in range(PEOPLE) for number in range(4)}
    assert not names & set(table.column("site_id").to_pylist())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["counts"]["by_age_decade"] == {}
    assert manifest["counts"]["faces_with_age"] == 0
    assert result["pairs"] == PEOPLE * 6


def test_two_exports_are_byte_for_byte_alike(filled: Engine, data: Path) -> None:
    build_pair_set(filled, settings=PairSettings())
    first = export(filled, data, "one")
    build_pair_set(filled, settings=PairSettings())
    second = export(filled, data, "two")
    assert first["manifest_sha256"] == second["manifest_sha256"]
    assert str(data.parent) not in (data.parent / "one" / "manifest.json").read_text()


def test_a_crop_that_cannot_be_read_is_a_counted_drop(filled: Engine, data: Path) -> None:
    build_pair_set(filled, settings=PairSettings())
    crops = sorted((data / "faces" / "Person_1").iterdir())
    crops[0].unlink()
    crops[1].write_bytes(b"not a picture")
    result = export(filled, data)
    assert result["dropped_crops"] == {"missing": 1, "unreadable": 1}
    assert result["faces"] == PEOPLE * 4 + 8 + 1 - 2
    assert result["pairs"] == PEOPLE * 6 - 5  # of 6 pairs of four faces, one is left of two
    assert len(open_dataset(data.parent / "set").crops) == result["faces"]


def test_without_any_crop_the_data_failed(filled: Engine, data: Path) -> None:
    with pytest.raises(DataFailed, match="none of the 33 crops"):
        export_dataset(filled, data.parent / "set", data=data / "elsewhere", settings=ExportSettings())
    assert not (data.parent / "set").exists()


def test_the_default_pairs_are_taken_where_they_exist(filled: Engine, data: Path) -> None:
    assert export(filled, data)["pair_set"] is None
    build_pair_set(filled, settings=PairSettings())
    assert export(filled, data)["pair_set"] == "default"
    assert export(filled, data, no_pairs=True)["pairs"] == 0


def test_what_is_not_there_is_told(filled: Engine, data: Path) -> None:
    with pytest.raises(NothingToDo, match=r"no pair set 'mine'.*build-pairs"):
        export(filled, data, pairs="mine")
    build_pair_set(filled, settings=PairSettings())
    with pytest.raises(UnknownName, match="did you mean 'default'"):
        export(filled, data, pairs="defalt")
    with pytest.raises(UnknownName, match="did you mean 'flickr'"):
        export(filled, data, site=("flick",))
    with pytest.raises(WrongUse, match="sum to 100"):
        export(filled, data, split="train=80")


def test_a_selection_without_faces_says_so(filled: Engine, data: Path) -> None:
    with filling(filled) as fill:
        fill.photo("no face", site="commons")
    with pytest.raises(NothingToDo, match="no kept face of commons"):
        export(filled, data, site=("commons",))
    with pytest.raises(NothingToDo, match="no kept face with an age of commons"):
        export(filled, data, site=("commons",), labelled_only=True)


def test_an_empty_catalog_names_the_missing_step(sqlite_catalog: Engine, data: Path) -> None:
    with pytest.raises(NothingToDo, match="there are no photos"):
        export(sqlite_catalog, data)


def test_two_crop_templates_are_not_mixed(filled: Engine, data: Path) -> None:
    with filling(filled, data) as fill:
        fill.face(fill.photo("other", site="lfw"), crop=noise(300), crop_template="tight")
    with pytest.raises(WrongUse, match=r"33 of template 'age' and 1 of template 'tight'.*--site"):
        export(filled, data)
    assert export(filled, data, site=("lfw",))["faces"] == 1


def test_the_command_writes_and_prints_one_line_of_json(
    filled: Engine, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setenv("AGEGAP_CATALOG", str(filled.url))
    monkeypatch.setenv("AGEGAP_DATA", str(data))
    curate.main(["build-pairs", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["pairs"] == PEOPLE * 6
    curate.main(["export", "out", "--site", "flickr", "--split", "all=train", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["faces"] == PEOPLE * 4 + 1
    curate.main(["export", "out", "--site", "utkface", "--no-pairs"], standalone_mode=False)
    assert "utkface" in capsys.readouterr().out
    (data.parent / "out" / "manifest.json").unlink()
    with pytest.raises(BadInputFile, match="did not write"):
        curate.main(["export", "out"], standalone_mode=False)
