"""`curate import` of sets that tell births, names and years: what reaches the catalog."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select

from curation.imports import import_set, subject_name
from db.models import Photo, Subject, TakenYear
from tests.curation.face_photos import NOW
from tests.dataset.set_files import touch, write

HEADER = "id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo"
CLEAN = "filename,age,gender,x_min,y_min,x_max,y_max,head_roll,head_yaw,head_pitch"


def subjects(engine: Engine) -> dict[str, dict[str, Any]]:
    with engine.connect() as connection:
        return {row["name"]: dict(row) for row in connection.execute(select(Subject.__table__)).mappings()}


def morph(folder: Path, *births: str) -> Path:
    rows = [f"9,{n},{birth},3/2/2006,B,M,,54,,,Album2/9_{n}M54.JPG" for n, birth in enumerate(births)]
    touch(folder, *(f"Album2/9_{n}M54.JPG" for n in range(len(births))))
    write(folder / "morph_2008_nonCommercial.csv", HEADER, *rows)
    return folder


def test_births_and_years_of_a_set_reach_the_catalog(catalog: Engine, tmp_path: Path) -> None:
    tally = import_set(catalog, "morph2", morph(tmp_path, "5/1/1951"))
    assert tally.as_dict() | {"skipped": {}} == {
        "site": "morph2",
        "photos": 1,
        "new": 1,
        "known": 0,
        "subjects": 1,
        "with_age": 1,
        "with_taken_year": 1,
        "flagged": 0,
        "skipped": {},
    }
    subject = subjects(catalog)["morph2/000009"]
    assert (subject["birth_date"], subject["birth_precision"]) == ("1951-05-01", "day")
    assert (subject["birth_year_min"], subject["birth_year_max"]) == (1951, 1951)
    with catalog.connect() as connection:
        year = connection.execute(select(TakenYear.__table__)).mappings().one()
        photo = connection.execute(select(Photo.raw)).scalar_one()
    assert (year["year"], year["confidence"], year["source"]) == (2006, 1.0, "import")
    assert (photo["sex"], photo["race"], photo["picture"]) == ("m", "B", 0)


def test_of_births_that_contradict_each_other_the_first_stays(catalog: Engine, tmp_path: Path) -> None:
    import_set(catalog, "morph2", morph(tmp_path, "5/1/1951", "5/1/1961"))
    import_set(catalog, "morph2", tmp_path)
    assert subjects(catalog)["morph2/000009"]["birth_date"] == "1951-05-01"


def test_a_birth_known_from_elsewhere_stays(catalog: Engine, tmp_path: Path) -> None:
    row = {"name": "morph2/000009", "display_name": "x", "created_at": NOW, "birth_year_min": 1900}
    with catalog.begin() as connection:
        connection.execute(insert(Subject).values(**row, birth_year_max=1900))
    import_set(catalog, "morph2", morph(tmp_path, "5/1/1951"))
    subject = subjects(catalog)["morph2/000009"]
    assert (subject["birth_date"], subject["birth_year_min"]) == (None, 1900)


def test_a_year_of_a_caption_is_less_sure_than_a_stated_date(catalog: Engine, tmp_path: Path) -> None:
    name = "02/nm0000002_rm1_1924-9-16_1991.jpg"
    touch(tmp_path, f"imdb/{name}")
    write(tmp_path / "imdb_train_new.csv", CLEAN, f"{name},66,F,1,2,3,4,0,0,0")
    import_set(catalog, "imdb-clean", tmp_path)
    with catalog.connect() as connection:
        assert 0.5 < connection.execute(select(TakenYear.confidence)).scalar_one() < 1
    assert set(subjects(catalog)) == {"imdb/nm0000002"}


def test_two_lists_of_one_set_share_its_people_unless_a_name_keeps_them_apart() -> None:
    assert subject_name("imdb-clean", "imdb-clean", "nm1") == subject_name("imdb", "imdb", "nm1") == "imdb/nm1"
    assert subject_name("imdb-clean", "mine", "nm1") == "mine/nm1"
    assert subject_name("wiki", "wiki", "1") == "wiki/1"


def test_names_of_people_are_those_of_a_crawl(catalog: Engine, tmp_path: Path) -> None:
    import_set(catalog, "lfw", touch(tmp_path, "Al_Gore/Al_Gore_0001.jpg"))
    assert subjects(catalog)["Al_Gore"]["display_name"] == "Al Gore"


def test_a_set_without_identity_has_no_subject(catalog: Engine, tmp_path: Path) -> None:
    import_set(catalog, "afad", touch(tmp_path, "18/111/4-0.jpg", "18/111/4-1.jpg"))
    assert subjects(catalog) == {}
