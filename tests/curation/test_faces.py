"""`curate faces`: photos of the catalog to faces."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update

from agegap.errors import NothingToDo, UnknownName, WrongUse
from curation import faces as faces_module
from curation.face_paths import crop_folder
from curation.face_scan import ScanResult, ScanTask, scan_photo
from curation.faces import only_one, scan_faces
from dataset.face.fingerprint import perceptual_hash
from dataset.face.recipes import Thresholds
from dataset.face.settings import FaceSettings
from dataset.images import read_crop
from db.models import FaceScan, Photo, PhotoSubject, Subject
from tests.curation.face_photos import add_photos, couple, face_rows, nobody, person, scan_reasons

SETTINGS = FaceSettings()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(engine: Engine, data: Path, settings: FaceSettings = SETTINGS, **options: Any) -> dict[str, Any]:
    return scan_faces(engine, data=data, settings=settings, **{"workers": 0, **options})


def test_a_photo_of_one_person_gives_one_kept_face_of_its_subject(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0)}, subjects={"a": ["Marta_Quillon"]}, ages={"a": 31.0})
    result = run(catalog, data)
    (face,) = face_rows(catalog)
    assert (face["status"], face["drop_reason"], face["subject"], face["age"]) == ("kept", None, "Marta_Quillon", 31.0)
    assert face["crop_path"] == f"faces/Marta_Quillon/{face['photo_id']}_0.jpg"
    assert (result["scanned"], result["photos_with_face"], result["faces_kept"]) == (1, 1, 1)
    assert result["photos_dropped"] == result["faces_dropped"] == {}


def test_hashes_are_of_the_pixels_that_are_read_back(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0)})
    run(catalog, data)
    (face,) = face_rows(catalog)
    crop = read_crop(data / face["crop_path"])
    digest = hashlib.sha256(crop.tobytes()).hexdigest()
    assert face["crop_sha256"] == digest
    assert face["order_key"] == int(digest, 16) >> (256 - 31)
    assert face["perceptual_hash"] == perceptual_hash(crop)


def test_every_photo_that_gives_no_face_is_counted_with_its_reason(catalog: Engine, data: Path) -> None:
    photos = {"wall": nobody(), "cut": person(1)[:3000], "junk": b"404 not found", "good": person(0)}
    ids = add_photos(catalog, data, {**photos, "gone": person(2)})
    (data / "photos" / "flickr" / "gone.jpg").unlink()
    result = run(catalog, data)
    reasons = {"wall": "no_face", "cut": "truncated", "junk": "unreadable", "gone": "missing", "good": None}
    assert scan_reasons(catalog) == reasons
    assert result["photos"] == len(ids)
    assert result["photos_dropped"] == {"missing": 1, "no_face": 1, "truncated": 1, "unreadable": 1}


def test_a_second_face_is_stored_as_other_and_is_nobodys(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": couple(0)}, subjects={"a": ["Marta_Quillon"]}, ages={"a": 31.0})
    run(catalog, data)
    main, other = face_rows(catalog)
    assert (main["status"], main["subject"], main["age"]) == ("kept", "Marta_Quillon", 31.0)
    assert (other["drop_reason"], other["subject"], other["age"]) == ("other_face", None, None)
    assert (data / other["crop_path"]).is_file()


def test_a_photo_found_under_two_names_shows_nobody_knows_whom(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0)}, subjects={"a": ["Ada_Berg", "Cleo_Dahl"]})
    run(catalog, data)
    (face,) = face_rows(catalog)
    assert (face["drop_reason"], face["subject"]) == ("several_subjects", None)
    assert scan_reasons(catalog) == {"a": "several_subjects"}


def test_a_photo_found_later_under_a_second_name_loses_its_face_without_a_new_look(catalog: Engine, data: Path) -> None:
    ids = add_photos(catalog, data, {"a": person(0), "b": person(1)}, subjects={"a": ["Ada_Berg"], "b": ["Cleo_Dahl"]})
    run(catalog, data)
    with catalog.begin() as connection:
        cleo = connection.execute(select(Subject.id).where(Subject.name == "Cleo_Dahl")).scalar_one()
        connection.execute(insert(PhotoSubject).values(photo_id=ids["a"], subject_id=cleo))
    result = run(catalog, data)
    assert (result["scanned"], result["judged_again"]) == (0, 1)
    assert [(face["drop_reason"], face["subject"]) for face in face_rows(catalog)] == [
        ("several_subjects", None),
        (None, "Cleo_Dahl"),
    ]
    with catalog.begin() as connection:
        connection.execute(
            delete(PhotoSubject).where(PhotoSubject.photo_id == ids["a"], PhotoSubject.subject_id == cleo)
        )
    run(catalog, data)
    assert [(face["drop_reason"], face["subject"]) for face in face_rows(catalog)] == [
        (None, "Ada_Berg"),
        (None, "Cleo_Dahl"),
    ]
    assert run(catalog, data)["judged_again"] == 0


def test_a_second_run_does_nothing_and_leaves_the_same_rows(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0), "b": couple(1), "c": nobody()})
    run(catalog, data)
    before = face_rows(catalog)
    result = run(catalog, data)
    assert (result["scanned"], result["judged_again"]) == (0, 0)
    assert face_rows(catalog) == before


def test_new_thresholds_judge_the_stored_faces_and_detect_nothing(
    catalog: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_photos(catalog, data, {"a": person(0), "b": couple(1), "c": nobody()}, ages={"a": 5.0, "b": 6.0})
    run(catalog, data)
    before = face_rows(catalog)
    monkeypatch.setattr("curation.face_scan.find_faces", lambda *args, **kwargs: pytest.fail("looked again"))
    strict = run(catalog, data, thresholds=Thresholds(min_blur=1e9))
    assert (strict["scanned"], strict["judged_again"], strict["faces_kept"]) == (0, 3, 0)
    assert scan_reasons(catalog) == {"a": "blurred", "b": "blurred", "c": "no_face"}
    assert run(catalog, data)["judged_again"] == 3
    assert face_rows(catalog) == before


def test_a_new_template_looks_again_and_leaves_no_old_face(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0), "b": couple(1)})
    run(catalog, data)
    result = run(catalog, data, FaceSettings(template="tight"))
    assert result["scanned"] == 2
    rows = face_rows(catalog)
    assert [row["crop_template"] for row in rows] == ["tight"] * 3
    on_disk = {path.relative_to(data).as_posix() for path in (data / "faces").rglob("*.jpg")}
    assert on_disk == {row["crop_path"] for row in rows}


def test_crops_that_no_row_names_any_more_are_removed(catalog: Engine, data: Path) -> None:
    ids = add_photos(catalog, data, {"a": couple(1)})
    run(catalog, data)
    assert len(list((data / "faces").rglob("*.jpg"))) == 2
    (data / "photos" / "flickr" / "a.jpg").write_bytes(person(0))
    with catalog.begin() as connection:
        connection.execute(delete(FaceScan).where(FaceScan.photo_id == ids["a"]))
    run(catalog, data)
    assert len(face_rows(catalog)) == len(list((data / "faces").rglob("*.jpg"))) == 1


def test_a_file_that_comes_back_is_looked_at_again(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0)})
    path = data / "photos" / "flickr" / "a.jpg"
    path.rename(path.with_suffix(".away"))
    assert run(catalog, data)["photos_dropped"] == {"missing": 1}
    path.with_suffix(".away").rename(path)
    assert run(catalog, data)["faces_kept"] == 1


def test_only_fetched_photos_of_the_site_are_looked_at(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0), "later": person(1)})
    add_photos(catalog, data, {"b": person(2)}, site="album")
    with catalog.begin() as connection:
        connection.execute(update(Photo).where(Photo.site_id == "later").values(state="pending"))
    assert run(catalog, data, site="album")["scanned"] == 1
    assert scan_reasons(catalog) == {"b": None}
    assert run(catalog, data)["scanned"] == 1
    assert scan_reasons(catalog) == {"a": None, "b": None}
    assert run(catalog, data, site="album")["photos"] == 1


def test_photos_of_no_subject_lie_in_a_folder_of_their_set(catalog: Engine, data: Path) -> None:
    ids = add_photos(catalog, data, {"x": person(0)}, site="utkface")
    run(catalog, data)
    assert (data / f"faces/_utkface/{ids['x']}_0.jpg").is_file()


@pytest.mark.parametrize(
    ("subjects", "folder"),
    [
        (["Aaron_Eckhart"], "faces/Aaron_Eckhart"),
        (["fgnet/001"], "faces/fgnet/001"),
        (["Zoë Ødegård"], "faces/Zoë Ødegård"),
        ([], "faces/_flickr"),
        (["A", "B"], "faces/_several_subjects"),
        (["../../etc"], "faces/_/_/etc"),
        (["/root"], "faces/_/root"),
        ([".hidden"], "faces/hidden"),
        (["a\x00b:c\\d"], "faces/a_b_c_d"),
        (["名" * 100], "faces/" + "名" * 66),
    ],
)
def test_the_folder_of_a_subject_is_safe(subjects: list[str], folder: str) -> None:
    assert crop_folder("flickr", subjects) == folder


def test_an_absolute_path_is_read_where_it_lies(catalog: Engine, data: Path, tmp_path: Path) -> None:
    add_photos(catalog, data, {"a": nobody()})
    (tmp_path / "elsewhere.jpg").write_bytes(person(0))
    with catalog.begin() as connection:
        connection.execute(update(Photo).values(path=str(tmp_path / "elsewhere.jpg")))
    assert run(catalog, data)["faces_kept"] == 1


def test_rows_are_written_in_batches_and_pages(catalog: Engine, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces_module, "BATCH", 2)
    monkeypatch.setattr(faces_module, "PAGE", 3)
    add_photos(catalog, data, {str(number): person(number % 3) for number in range(7)})
    result = run(catalog, data)
    assert (result["scanned"], result["faces_kept"]) == (7, 7)


def test_what_was_done_before_an_interrupt_is_kept(
    sqlite_catalog: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_photos(sqlite_catalog, data, {str(number): person(number % 3) for number in range(4)})
    looked_at: list[ScanTask] = []

    def look(task: ScanTask, **options: Any) -> ScanResult:
        looked_at.append(task)
        if len(looked_at) == 3:
            raise KeyboardInterrupt
        return scan_photo(task, **options)

    monkeypatch.setattr("curation.face_scan.scan_photo", look)
    with pytest.raises(KeyboardInterrupt):
        run(sqlite_catalog, data)
    assert len(face_rows(sqlite_catalog)) == 2
    assert run(sqlite_catalog, data)["scanned"] == 2
    assert len(face_rows(sqlite_catalog)) == 4


def test_left_over_parts_of_a_killed_run_are_removed(sqlite_catalog: Engine, data: Path) -> None:
    add_photos(sqlite_catalog, data, {"a": person(0)})
    part = data / "faces" / "_flickr" / ".1_0.jpg.abcdef01.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    run(sqlite_catalog, data)
    assert not part.exists()


def test_two_runs_at_once_are_told_apart(sqlite_catalog: Engine, data: Path) -> None:
    add_photos(sqlite_catalog, data, {"a": person(0)})
    with only_one(data / "faces"), pytest.raises(WrongUse, match="another `curate faces`"):
        run(sqlite_catalog, data)
    assert run(sqlite_catalog, data)["scanned"] == 1


def test_an_empty_catalog_says_which_step_is_missing(catalog: Engine, data: Path) -> None:
    with pytest.raises(NothingToDo, match="curate import"):
        run(catalog, data)


def test_an_unknown_site_is_told_with_the_nearest(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0)})
    with pytest.raises(UnknownName, match="did you mean 'flickr'"):
        run(catalog, data, site="flikr")


def test_an_unknown_detector_is_told_before_anything_starts(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0)})
    with pytest.raises(UnknownName, match="yunet"):
        run(catalog, data, FaceSettings(detector="yunett"))
    assert scan_reasons(catalog) == {}
