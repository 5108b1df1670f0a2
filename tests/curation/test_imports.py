"""`curate import`: a set on disk to rows."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from agegap.errors import BadInputFile, NothingToDo, UnknownName, WrongUse
from curation import imports
from curation.faces import scan_faces
from curation.imports import import_set, site_name
from curation.takedown import take_down
from dataset.face.settings import FaceSettings
from db.models import FaceScan, Photo, PhotoSubject, Query, Subject, TakenYear
from db.removal import Removal
from tests.curation.face_photos import NOW, face_rows, person


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a photo")
    return folder


def jsonl(folder: Path, *lines: dict[str, Any]) -> Path:
    for line in lines:
        fill(folder, line["file"])
    (folder / "photos.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


def photos(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return photo rows by "site/site_id", each with the sorted names of its subjects."""
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(Photo.__table__)).mappings()]
        links = connection.execute(
            select(PhotoSubject.photo_id, Subject.name).join(Subject, Subject.id == PhotoSubject.subject_id)
        ).all()
    for row in rows:
        row["subjects"] = sorted(link.name for link in links if link.photo_id == row["id"])
    return {f"{row['site']}/{row['site_id']}": row for row in rows}


def years(engine: Engine) -> dict[str, tuple[int | None, str | None]]:
    statement = select(Photo.site_id, TakenYear.year, TakenYear.source).join(TakenYear, TakenYear.photo_id == Photo.id)
    with engine.connect() as connection:
        return {row.site_id: (row.year, row.source) for row in connection.execute(statement)}


def test_fgnet_photos_become_rows_with_age_and_numbered_subject(catalog: Engine, tmp_path: Path) -> None:
    fill(tmp_path / "set", "images/001A02.JPG", "images/001A14.JPG", "images/002a20.jpg", "images/cover.jpg")
    tally = import_set(catalog, "fgnet", tmp_path / "set")
    assert tally.as_dict() == {
        "site": "fgnet",
        "photos": 3,
        "new": 3,
        "known": 0,
        "subjects": 2,
        "with_age": 3,
        "with_taken_year": 0,
        "flagged": 0,
        "skipped": {"malformed_name": 1},
    }
    rows = photos(catalog)
    row = rows["fgnet/001A14"]
    assert (row["age_label"], row["subjects"], row["state"]) == (14, ["fgnet/001"], "done")
    assert row["path"] == str(tmp_path / "set" / "images" / "001A14.JPG")
    assert row["byte_count"] == len(b"a photo")
    assert rows["fgnet/002A20"]["subjects"] == ["fgnet/002"]


def test_utkface_photos_have_an_age_and_no_subject_and_keep_what_the_set_says(catalog: Engine, tmp_path: Path) -> None:
    fill(tmp_path, "25_1_0_20170116174525125.jpg.chip.jpg", "61_1_20170109142408075.jpg.chip.jpg")
    assert import_set(catalog, "utkface", tmp_path).as_dict()["flagged"] == 1
    rows = photos(catalog)
    row = rows["utkface/25_1_0_20170116174525125"]
    assert (row["age_label"], row["subjects"], row["raw"]) == (25, [], {"gender": 1, "race": 0})
    mended = rows["utkface/61_1_20170109142408075"]
    assert (mended["age_label"], mended["raw"]["flags"]) == (61, ["name_mended"])
    assert years(catalog) == {}


def test_a_folder_of_folders_makes_plain_names(catalog: Engine, tmp_path: Path) -> None:
    fill(tmp_path / "album", "Ada Lovelace/a.jpg", "Ada_Lovelace/b.jpg")
    tally = import_set(catalog, "folder", tmp_path / "album")
    assert (tally.site, tally.subjects) == ("album", {"Ada_Lovelace"})
    assert {row["subjects"][0] for row in photos(catalog).values()} == {"Ada_Lovelace"}
    with catalog.connect() as connection:
        assert connection.execute(select(Subject.display_name)).scalars().all() == ["Ada Lovelace"]


def test_a_subject_known_from_a_crawl_is_the_same_subject(catalog: Engine, tmp_path: Path) -> None:
    with catalog.begin() as connection:
        row = {"name": "Ada_Lovelace", "display_name": "Ada King", "created_at": NOW}
        connection.execute(insert(Subject).values(**row))
    import_set(catalog, "folder", fill(tmp_path / "album", "Ada Lovelace/a.jpg"))
    with catalog.connect() as connection:
        assert connection.execute(select(Subject.display_name)).scalars().all() == ["Ada King"]


def test_texts_and_a_stated_year_of_photos_jsonl_are_stored(catalog: Engine, tmp_path: Path) -> None:
    first = {"file": "a.jpg", "subject": "Ada", "taken_year": 1987, "title": "x", "tags": ["p", "q"], "license": "4"}
    jsonl(tmp_path / "album", first, {"file": "b.jpg", "subject": "Ada", "date_upload": 0})
    tally = import_set(catalog, "folder", tmp_path / "album")
    assert (tally.with_taken_year, tally.with_age) == (1, 0)
    row = photos(catalog)["album/a.jpg"]
    assert (row["title"], row["tags"], row["licence"], row["raw"]) == ("x", "p q", "4", first)
    assert photos(catalog)["album/b.jpg"]["uploaded"].isoformat() == "1970-01-01T00:00:00+00:00"
    assert years(catalog) == {"a.jpg": (1987, "import")}
    with catalog.connect() as connection:
        year = connection.execute(select(TakenYear.__table__)).mappings().one()
    assert (year["year_min"], year["year_max"], year["confidence"], year["words"]) == (1987, 1987, 1.0, "1987")


def test_a_second_import_changes_nothing(catalog: Engine, tmp_path: Path) -> None:
    fill(tmp_path / "set", "001A02.JPG", "001A14.JPG")
    import_set(catalog, "fgnet", tmp_path / "set")
    before = photos(catalog)
    tally = import_set(catalog, "fgnet", tmp_path / "set")
    assert (tally.new, tally.known) == (0, 2)
    assert photos(catalog) == before


def test_an_import_over_several_batches_is_the_same(
    catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 3)
    fill(tmp_path, *(f"{number:03}A{number:02}.JPG" for number in range(8)))
    tally = import_set(catalog, "fgnet", tmp_path)
    assert (tally.new, len(tally.subjects)) == (8, 8)
    assert {row["age_label"] for row in photos(catalog).values()} == set(range(8))


def test_a_moved_set_is_found_at_its_new_place(catalog: Engine, tmp_path: Path) -> None:
    import_set(catalog, "fgnet", fill(tmp_path / "old", "001A02.JPG"))
    (tmp_path / "old").rename(tmp_path / "new")
    import_set(catalog, "fgnet", tmp_path / "new")
    (row,) = photos(catalog).values()
    assert row["path"] == str(tmp_path / "new" / "001A02.JPG")


def test_two_folders_of_one_name_do_not_mix(catalog: Engine, tmp_path: Path) -> None:
    import_set(catalog, "folder", fill(tmp_path / "one" / "photos", "Ada/a.jpg"))
    with pytest.raises(WrongUse, match="--name"):
        import_set(catalog, "folder", fill(tmp_path / "two" / "photos", "Ada/a.jpg"))
    import_set(catalog, "folder", tmp_path / "two" / "photos", name="second")
    assert set(photos(catalog)) == {"photos/Ada/a.jpg", "second/Ada/a.jpg"}


def test_what_a_photos_jsonl_no_longer_says_is_forgotten(catalog: Engine, tmp_path: Path) -> None:
    jsonl(tmp_path / "album", {"file": "a.jpg", "subject": "Ada", "taken_year": 1987, "title": "x", "age": 3})
    import_set(catalog, "folder", tmp_path / "album")
    jsonl(tmp_path / "album", {"file": "a.jpg", "subject": "Cleo"})
    import_set(catalog, "folder", tmp_path / "album")
    (row,) = photos(catalog).values()
    assert (row["subjects"], row["title"], row["age_label"]) == (["Cleo"], None, None)
    assert years(catalog) == {}


def test_a_year_found_in_texts_is_left_alone(catalog: Engine, tmp_path: Path) -> None:
    jsonl(tmp_path / "album", {"file": "a.jpg", "subject": "Ada"})
    import_set(catalog, "folder", tmp_path / "album")
    with catalog.begin() as connection:
        photo_id = connection.execute(select(Photo.id)).scalar_one()
        row = {"photo_id": photo_id, "year": 1990, "source": "title", "confidence": 0.9, "version": "1"}
        connection.execute(insert(TakenYear).values(**row))
    import_set(catalog, "folder", tmp_path / "album")
    assert years(catalog) == {"a.jpg": (1990, "title")}


def test_a_corrected_age_reaches_the_faces_on_the_next_run(catalog: Engine, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for age in (30, 31):
        jsonl(tmp_path / "album", {"file": "a.jpg", "subject": "Ada", "age": age})
        (tmp_path / "album" / "a.jpg").write_bytes(person(0))
        import_set(catalog, "folder", tmp_path / "album")
        result = scan_faces(catalog, data=data, settings=FaceSettings(), workers=0)
        assert result["scanned"] == 1
        assert [face["age"] for face in face_rows(catalog)] == [age]


def test_an_import_of_the_same_labels_keeps_the_scans(catalog: Engine, tmp_path: Path) -> None:
    fill(tmp_path / "set", "001A02.JPG")
    import_set(catalog, "fgnet", tmp_path / "set")
    with catalog.begin() as connection:
        photo_id = connection.execute(select(Photo.id)).scalar_one()
        row = {"photo_id": photo_id, "recipe": "r", "face_count": 0, "drop_reason": "no_face", "scanned_at": NOW}
        connection.execute(insert(FaceScan).values(**row))
    import_set(catalog, "fgnet", tmp_path / "set")
    with catalog.connect() as connection:
        assert connection.execute(select(FaceScan.photo_id)).scalar_one() == photo_id
    (tmp_path / "set" / "001A02.JPG").write_bytes(b"another photo")
    import_set(catalog, "fgnet", tmp_path / "set")
    with catalog.connect() as connection:
        assert connection.execute(select(FaceScan.photo_id)).first() is None


def test_a_gone_photo_that_is_back_is_done_again(catalog: Engine, tmp_path: Path) -> None:
    import_set(catalog, "fgnet", fill(tmp_path, "001A02.JPG"))
    with catalog.begin() as connection:
        connection.execute(update(Photo).values(state="gone"))
    import_set(catalog, "fgnet", tmp_path)
    assert [row["state"] for row in photos(catalog).values()] == ["done"]


def test_a_long_path_and_a_long_name_fit_the_catalog(catalog: Engine, tmp_path: Path) -> None:
    deep = "/".join(["d" * 60] * 5)
    fill(tmp_path / "album", f"Ada/{deep}/a.jpg", f"Ada/{deep}/b.jpg", f"{'n' * 240}/a.jpg")
    tally = import_set(catalog, "folder", tmp_path / "album")
    assert (tally.new, dict(tally.skipped)) == (2, {"bad_record": 1})
    assert import_set(catalog, "folder", tmp_path / "album").new == 0


def test_a_set_may_not_take_the_name_of_a_crawled_site(catalog: Engine, tmp_path: Path) -> None:
    with catalog.begin() as connection:
        row = {"name": "Ada", "display_name": "Ada", "created_at": NOW}
        subject = connection.execute(insert(Subject).values(**row).returning(Subject.id)).scalar_one()
        connection.execute(insert(Query).values(site="flickr", subject_id=subject, text="Ada", updated_at=NOW))
    with pytest.raises(WrongUse, match="filled by a crawl"):
        import_set(catalog, "fgnet", fill(tmp_path, "001A02.JPG"), name="flickr")


@pytest.mark.parametrize("name", ["", "a b", "-x", "x" * 33, "é", "a/b"])
def test_a_name_the_catalog_cannot_hold_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="cannot name a set"):
        site_name("fgnet", tmp_path, name)


@pytest.mark.parametrize(
    ("folder", "site"), [("album", "album"), ("My photos (2)", "My-photos-2"), ("a" * 50, "a" * 32)]
)
def test_a_folder_gives_its_set_a_name(folder: str, site: str, tmp_path: Path) -> None:
    assert site_name("folder", tmp_path / folder, None) == site


def test_a_set_of_another_kind_is_recognised(sqlite_catalog: Engine, tmp_path: Path) -> None:
    fill(tmp_path, "001A02.JPG")
    with pytest.raises(NothingToDo, match=r"1 malformed_name.*it looks like fgnet"):
        import_set(sqlite_catalog, "utkface", tmp_path)


def test_a_folder_without_photos_says_how_they_must_be_named(sqlite_catalog: Engine, tmp_path: Path) -> None:
    with pytest.raises(NothingToDo, match="one sub-folder a subject"):
        import_set(sqlite_catalog, "folder", tmp_path)


def test_wrong_paths_and_kinds_are_told(sqlite_catalog: Engine, tmp_path: Path) -> None:
    with pytest.raises(BadInputFile):
        import_set(sqlite_catalog, "fgnet", tmp_path / "gone")
    with pytest.raises(UnknownName, match="did you mean 'folder'"):
        import_set(sqlite_catalog, "foldr", tmp_path)


def test_what_was_taken_down_is_not_imported_again(catalog: Engine, tmp_path: Path) -> None:
    fill(tmp_path / "set", "images/001A02.JPG", "images/001A14.JPG", "images/002a20.jpg")
    import_set(catalog, "fgnet", tmp_path / "set")
    gone = [Removal("photo", "001A14", "fgnet"), Removal("subject", "fgnet/002")]
    take_down(catalog, gone, data=tmp_path / "data", reason="asked")
    tally = import_set(catalog, "fgnet", tmp_path / "set")
    assert set(photos(catalog)) == {"fgnet/001A02"}
    assert tally.skipped == {"taken_down": 2}
