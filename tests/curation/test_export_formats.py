"""Exports in every format: what the catalog knows comes along, ages and splits hold, and a takedown reaches them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from agegap.errors import BadInputFile, DataFailed, NothingToDo, WrongUse
from curation.cli import curate
from curation.export import export_dataset
from curation.export_settings import ExportSettings
from curation.exports import crops as crop_reading
from curation.exports.packed import DOCUMENTS
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from dataset.splits import Shares, split_of
from dataset.store import open_dataset
from dataset.writers.export_folder import manifest_sha256, read_manifest, verify_export
from dataset.writers.face_pairs import read_face_pairs
from dataset.writers.layouts import LAYOUTS
from dataset.writers.rows import ExportedFace
from db.dataset_exports import RecordedExport, recorded_exports
from db.models import IdentityProposal, Licence, Photo, Subject
from db.removal import Removal
from tests.curation.filled import filling, noise
from tests.curation.taken_down import NAMES, PHOTOS, holds, keep_file, owner_of, photo_id_of, run
from tests.dataset.read_croissant import read_croissants

FORMATS = ("packed", *LAYOUTS)
formats = pytest.mark.parametrize("name", FORMATS)
some = pytest.mark.parametrize("name", ["packed", "webdataset"])  # where a layout adds nothing of its own
layouts = pytest.mark.parametrize("name", list(LAYOUTS))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def filled(sqlite_catalog: Engine, data: Path) -> Engine:
    fill_all(sqlite_catalog, data)
    return sqlite_catalog


def fill_all(engine: Engine, data: Path) -> None:
    """Fill in three people with four photos ten years apart, born 1950, 1965 and nobody knows; two faces of nobody."""
    with filling(engine, data) as fill:
        for person, name in enumerate(NAMES):
            for number in range(PHOTOS):
                fill.dated_face(name, photo_id_of(person, number), 1970 + 10 * number, crop=noise(person * 10 + number))
        for number, age in enumerate((9.0, 40.0)):
            photo = fill.photo(f"{age:g}_0_{number}", site="utkface")
            fill.face(photo, crop=noise(900 + number), age=age)
        fill.connection.execute(insert(Licence), [licence_row()])
        for name, year in ((NAMES[0], 1950), (NAMES[1], 1965)):
            values = {"birth_year_min": year, "birth_year_max": year}
            fill.connection.execute(update(Subject).where(Subject.name == name).values(**values))
    for person in range(len(NAMES)):
        for number in range(PHOTOS):
            keep_file(engine, data, person, number)
    with engine.begin() as connection:
        connection.execute(update(Photo).where(Photo.site == "flickr").values(owner_name="Ann Other"))
    build_pair_set(engine, settings=PairSettings(), data=data)


def licence_row() -> dict[str, Any]:
    url = "https://creativecommons.org/licenses/by/2.0/"
    return {"site": "flickr", "licence_id": "4", "name": "CC BY 2.0", "url": url, "seen_at": datetime.now(UTC)}


def export(engine: Engine, data: Path, name: str, folder: str = "out", **settings: Any) -> dict[str, Any]:
    chosen = ExportSettings(format=name, split=settings.pop("split", "all=train"), **settings)  # type: ignore[arg-type]
    return export_dataset(engine, data.parent / folder, data=data, settings=chosen)


def faces_in(folder: Path) -> dict[int, ExportedFace]:
    layout = LAYOUTS[read_manifest(folder)["layout"]["name"]]
    return {face.row.face_id: face for face in layout.faces(folder)}


def files_below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def recorded(engine: Engine, folder: Path) -> RecordedExport:
    with engine.connect() as connection:
        return next(export for export in recorded_exports(connection) if export.path == str(folder))


def crops_of(engine: Engine, data: Path) -> dict[int, bytes]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("select id, crop_path from face where status = 'kept'").all()
    return {int(row.id): (data / row.crop_path).read_bytes() for row in rows}


@layouts
def test_every_kept_face_comes_with_its_very_bytes_and_what_is_known_of_it(
    catalog: Engine, data: Path, name: str
) -> None:
    fill_all(catalog, data)
    result = export(catalog, data, name)
    folder = data.parent / "out"
    verify_export(folder)
    faces, crops = faces_in(folder), crops_of(catalog, data)
    strangers = 2 if LAYOUTS[name].has_strangers else 0
    assert result["faces"] == len(faces) == len(NAMES) * PHOTOS + strangers
    assert all(face.jpeg == crops[face_id] for face_id, face in faces.items())
    by_site_id = {face.row.site_id: face.row for face in faces.values()}
    row = by_site_id[photo_id_of(1, 2)]
    assert (row.subject, row.year, row.year_min, row.year_max, row.split) == (NAMES[1], 1990, 1990, 1990, "train")
    assert (row.age, row.age_min, row.age_max) == (None, 24, 25)  # born some day of 1965
    assert (row.licence, row.licence_name) == ("4", "CC BY 2.0")
    assert (row.author, row.title) == ("Ann Other", f"title of {photo_id_of(1, 2)}")
    assert row.page_url == f"https://www.flickr.com/photos/{owner_of(1)}/{photo_id_of(1, 2)}/"
    pairs = read_face_pairs(folder)
    assert len(pairs) == result["pairs"] == len(NAMES) * 6
    for younger, older, gap in zip(pairs.younger.tolist(), pairs.older.tolist(), pairs.gap_years.tolist(), strict=True):
        assert (faces[older].row.year or 0) - (faces[younger].row.year or 0) == gap
    known = recorded(catalog, folder)
    assert (known.manifest_sha256, known.face_count) == (manifest_sha256(folder), len(faces))


@formats
def test_two_exports_are_byte_for_byte_alike(filled: Engine, data: Path, name: str) -> None:
    one, two = export(filled, data, name, "one"), export(filled, data, name, "two")
    assert one["manifest_sha256"] == two["manifest_sha256"]
    first, second = (
        {path.relative_to(data.parent / folder): path.read_bytes() for path in files_below(data.parent / folder)}
        for folder in ("one", "two")
    )
    assert first == second
    assert not [path for path, content in first.items() if str(data.parent).encode() in content]


@formats
def test_who_may_be_too_young_is_left_out_and_counted(filled: Engine, data: Path, name: str) -> None:
    strangers = 0 if name == "pairs-lists" else 1
    # Born in 1950: 19 or 20 in 1970. Born in 1965: 4 or 5, then 14 or 15, 24, 34. A label of 9, one of 40.
    result = export(filled, data, name, min_age=18)
    assert result["left_out"]["too_young"] == 3
    assert result["faces"] == 4 + 2 + 4 + strangers
    assert result["ages"] == {"under_18": 0, "maybe_under_18": 0, "adult": 7, "unknown": 4} | (
        {"adult": 6} if not strangers else {}
    )
    assert "below 18 were left out" in (data.parent / "out" / "README.md").read_text()
    # In 1970 the eldest was 19 or 20: who may be younger than asked goes.
    assert export(filled, data, name, min_age=20)["left_out"]["too_young"] == 4
    strict = export(filled, data, name, min_age=18, drop_unknown_age=True)
    assert strict["left_out"]["unknown_age"] == 4
    assert strict["ages"]["unknown"] == 0


def test_without_anybody_left_it_says_why(filled: Engine, data: Path) -> None:
    with pytest.raises(NothingToDo, match=r"none of the 14 faces is left \(10 too young, 4 unknown age\)"):
        export(filled, data, "parquet", min_age=90, drop_unknown_age=True)
    assert not (data.parent / "out").exists()


@formats
def test_hidden_ages_are_nowhere_nor_what_may_spell_them(filled: Engine, data: Path, name: str) -> None:
    export(filled, data, name, hide_ages=True)
    folder = data.parent / "out"
    for word in ("9_0_0", photo_id_of(0, 0), "title of", "Ann Other", "www.flickr.com"):
        assert not [path for path in files_below(folder) if word in path.name or holds(path, word)]
    if name != "packed":
        rows = [face.row for face in faces_in(folder).values()]
        assert {(row.age, row.age_min, row.age_max, row.title, row.author, row.page_url) for row in rows} == {
            (None,) * 6
        }
        assert all(len(row.site_id) == 16 for row in rows)


@some
def test_less_sure_years_are_unknown_with_their_bounds_and_ages(filled: Engine, data: Path, name: str) -> None:
    result = export(filled, data, name, min_year_confidence=0.95)
    assert (result["faces_with_year"], result["pairs"]) == (0, 0)
    if name != "packed":
        rows = [face.row for face in faces_in(data.parent / "out").values()]
        assert {(row.year, row.year_min, row.year_max, row.age_min) for row in rows} == {(None,) * 4}


@formats
def test_a_takedown_leaves_no_trace_in_any_format(filled: Engine, data: Path, name: str) -> None:
    export(filled, data, name)
    folder = data.parent / "out"
    result = run(filled, data, Removal("subject", NAMES[1]))
    swept = result["exports"][str(folder)]
    assert (swept["state"], swept["faces_removed"], swept["pairs_removed"]) == ("purged", PHOTOS, 6)
    assert "note" not in swept  # nothing of somebody else's
    words = (NAMES[1], owner_of(1), *(photo_id_of(1, number) for number in range(PHOTOS)))
    for path in files_below(folder):
        assert not [word for word in words if word in str(path.relative_to(folder)) or holds(path, word)]
    if name == "packed":
        assert NAMES[1] not in open_dataset(folder, verify=True).faces.subject_names
        check_documents(folder)
    else:
        verify_export(folder)
        assert NAMES[1] not in {face.row.subject for face in faces_in(folder).values()}
    assert "4 faces and 6 pairs were taken out" in (folder / "README.md").read_text()
    fingerprint = manifest_sha256(folder)
    assert run(filled, data)["exports"][str(folder)]["state"] == "clean"
    known = recorded(filled, folder)
    assert (known.is_stale, known.manifest_sha256) == (False, fingerprint)


@some
def test_a_hidden_export_is_reached_too(filled: Engine, data: Path, name: str) -> None:
    export(filled, data, name, hide_ages=True)
    result = run(filled, data, Removal("photo", photo_id_of(2, 1), "flickr"))
    assert result["exports"][str(data.parent / "out")]["faces_removed"] == 1


@some
def test_a_takedown_of_everybody_takes_the_folder(filled: Engine, data: Path, name: str) -> None:
    export(filled, data, name, site=("flickr",))
    result = run(filled, data, *(Removal("subject", who) for who in NAMES))
    assert result["exports"][str(data.parent / "out")]["state"] == "emptied"
    assert not (data.parent / "out").exists()


@some
def test_an_export_written_while_a_takedown_came_does_not_bring_it_back(
    filled: Engine, data: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = crop_reading.CropReader.read

    def slow(self: crop_reading.CropReader, faces: Any) -> Iterator[Any]:
        yield from whole(self, faces)
        run(filled, data, Removal("subject", NAMES[1]))

    monkeypatch.setattr(crop_reading.CropReader, "read", slow)
    assert export(filled, data, name)["faces"] == 2 * PHOTOS + 2
    assert not [path for path in files_below(data.parent / "out") if holds(path, NAMES[1])]


def test_documents_of_a_dataset_whose_purge_was_killed_go_with_the_next_run(filled: Engine, data: Path) -> None:
    export(filled, data, "packed")
    folder = data.parent / "out"
    for path in list(folder.iterdir()):
        if path.name not in DOCUMENTS:
            path.unlink()
    result = run(filled, data, Removal("subject", NAMES[0]))
    assert result["exports"][str(folder)]["state"] == "emptied"
    assert not folder.exists()


@some
def test_a_damaged_export_is_told_and_stays_stale(filled: Engine, data: Path, name: str) -> None:
    export(filled, data, name)
    folder = data.parent / "out"
    next(path for path in files_below(folder) if path.name in ("pairs.parquet",)).write_bytes(b"broken")
    with pytest.raises(DataFailed, match="all is removed but"):
        run(filled, data, Removal("subject", NAMES[0]))
    assert recorded(filled, folder).is_stale


def test_one_format_is_not_put_in_the_place_of_another(filled: Engine, data: Path) -> None:
    export(filled, data, "packed")
    with pytest.raises(BadInputFile, match=r"holds an export in the format packed; name another folder for parquet"):
        export(filled, data, "parquet")
    export(filled, data, "webdataset", "tars")
    with pytest.raises(BadInputFile, match="in the format webdataset"):
        export(filled, data, "packed", "tars")
    assert export(filled, data, "webdataset", "tars", no_pairs=True)["pairs"] == 0


def test_lists_of_people_leave_nobodys_faces_out(filled: Engine, data: Path) -> None:
    result = export(filled, data, "pairs-lists")
    assert result["left_out"] == {"of_nobody": 2}
    assert result["protocols"]["10"]["reason"] == "3 subjects have a pair of this gap; two folds need 4"
    with pytest.raises(WrongUse, match="pairs-lists is of people, and no face has a subject"):
        export(filled, data, "pairs-lists", "other", site=("utkface",))


@some
def test_a_picture_in_two_splits_is_refused_or_left_out(filled: Engine, data: Path, name: str) -> None:
    split: dict[str, Any] = {"split": "train=50,val=0,test=50", "seed": 3}
    trained, tested, _ = NAMES
    shares = Shares(50, 0, 50)
    assert [split_of(who, seed=3, shares=shares).label for who in (trained, tested)] == ["train", "test"]
    with filling(filled, data) as fill:
        fill.subjects |= {row.name: row.id for row in fill.connection.execute(select(Subject.id, Subject.name))}
        twin = noise(NAMES.index(tested) * 10)  # the first picture of that one
        fill.dated_face(trained, "copy", 1985, crop=twin)
    with pytest.raises(DataFailed, match=r"export: 2 faces are of pictures that lie in two splits.*--leaks drop"):
        export(filled, data, name, **split)
    result = export(filled, data, name, leaks="drop", **split)
    assert (result["faces"], result["left_out"]["in_two_splits"]) == (14, 1)
    assert export(filled, data, name, leaks="allow", **split)["faces"] == 14 + 1


def test_two_names_of_one_person_share_a_split(filled: Engine, data: Path) -> None:
    with filled.begin() as connection:
        ids = {row.name: row.id for row in connection.execute(select(Subject.id, Subject.name))}
        row = {"kind": "merge", "face_ids": [], "score": 0.9, "state": "accepted", "created_at": datetime.now(UTC)}
        pairs = [(NAMES[0], NAMES[1]), (NAMES[1], NAMES[2])]
        merges = [{**row, "subject_id": ids[one], "other_subject_id": ids[other]} for one, other in pairs]
        connection.execute(insert(IdentityProposal), merges)
    for seed in range(8):  # by chance alone they would all share one in two of these, once in many thousands
        export(filled, data, "packed", split="train=50,val=0,test=50", seed=seed)
        faces = open_dataset(data.parent / "out").faces
        assert len({int(split) for split, subject in zip(faces.split, faces.subject, strict=True) if subject >= 0}) == 1


def check_documents(folder: Path) -> None:
    """Compare the hashes of the documents beside a dataset with its manifest."""
    import hashlib

    documents = json.loads((folder / "manifest.json").read_bytes())["documents"]
    assert set(documents) == set(DOCUMENTS)
    for name, known in documents.items():
        assert known["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_a_dataset_has_card_credits_and_croissant_with_their_hashes(filled: Engine, data: Path) -> None:
    export(filled, data, "packed")
    folder = data.parent / "out"
    check_documents(folder)
    open_dataset(folder, verify=True)
    card = (folder / "README.md").read_text()
    assert "| flickr | [CC BY 2.0](https://creativecommons.org/licenses/by/2.0/) | 12 |" in card
    assert len((folder / "attribution.csv").read_text().splitlines()) == 1 + 14
    read = read_croissants({"packed": folder}, data.parent / "cache")["packed"]
    assert read["errors"] == []
    faces = open_dataset(folder).faces
    assert [record["site_id"] for record in read["records"]["faces"]] == list(faces.site_id)
    assert {record["gap_years"] for record in read["records"]["pairs"]} == {10, 20, 30}


def test_unreadable_crops_are_counted_in_every_format(filled: Engine, data: Path) -> None:
    crops = sorted((data / "faces" / NAMES[0]).iterdir())
    crops[0].unlink()
    crops[1].write_bytes(b"not a picture")
    for name in FORMATS:
        result = export(filled, data, name, name)
        assert result["dropped_crops"] == {"missing": 1, "unreadable": 1}
        assert result["pairs"] == 6 + 6 + 1
        assert "| crop unreadable | 1 |" in (data.parent / name / "README.md").read_text()


def test_the_command_writes_the_format_asked_for(
    filled: Engine, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setenv("AGEGAP_CATALOG", str(filled.url))
    monkeypatch.setenv("AGEGAP_DATA", str(data))
    command = ["export", "tars", "--format", "webdataset", "--min-age", "18", "--shard-mb", "0.001", "--json"]
    curate.main(command, standalone_mode=False)
    result = json.loads(capsys.readouterr().out)
    assert (result["format"], result["faces"]) == ("webdataset", 11)
    assert len(list((data.parent / "tars").glob("*.tar"))) == 11  # a shard a picture
    from curation.commands.export import FORMATS as OFFERED

    assert OFFERED == FORMATS
