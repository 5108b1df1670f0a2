"""Sets that say who and when: MORPH, IMDB-WIKI, IMDB-CLEAN, CACD2000."""

import math
from pathlib import Path

import pytest

from agegap.errors import BadInputFile
from dataset.sources.dates import age_on, iso_date, matlab_date
from dataset.sources.imdb_wiki import photo_name
from tests.dataset.set_files import one, records, skips, touch, write, write_mat

MORPH_HEADER = "id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo"
MORPH = "morph_2008_nonCommercial.csv"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("1952-05-01", "1952-05-01"),
        ("1924-9-16", "1924-09-16"),
        ("5/1/1952", "1952-05-01"),
        ("05/01/1952 0:00", "1952-05-01"),
        ("1957-00-00", "1957"),
        ("1957-04-00", "1957-04"),
        ("1958-02-30", "1958-02"),
        ("1963-02-006", "1963-02-06"),
        ("1994-11-18.", "1994-11-18"),
        ("0000-00-00", None),
        ("5/1/52", None),
        ("", None),
        (None, None),
    ],
)
def test_a_written_date_is_read_as_far_as_it_is_one(text: str | None, iso: str | None) -> None:
    assert iso_date(text) == iso


@pytest.mark.parametrize(
    ("birth", "taken", "age"),
    [
        ("1952-05-01", "2004-04-30", 51),
        ("1952-05-01", "2004-05-01", 52),
        ("1952", "2004-05-01", None),
        (None, "", None),
    ],
)
def test_an_age_is_the_completed_years(birth: str | None, taken: str | None, age: int | None) -> None:
    assert age_on(birth, taken) == age


@pytest.mark.parametrize(
    ("serial", "iso"),
    [
        (730_486, "2000-01-01"),
        (719_529.9, "1970-01-01"),
        (367, "0001-01-01"),
        (0, "0001-01-01"),
        (math.nan, "0001-01-01"),
        (math.inf, "0001-01-01"),
    ],
)
def test_a_matlab_day_is_counted_from_the_year_nought(serial: float, iso: str) -> None:
    assert matlab_date(serial).isoformat() == iso


def test_morph_rows_say_who_when_and_how_old(tmp_path: Path) -> None:
    touch(tmp_path, "Album2/009055_1M54.JPG", "Album2/009055_12M55.JPG")
    write(
        tmp_path / MORPH,
        MORPH_HEADER,
        "009055,1,5/1/1951,3/2/2006,B,M,1,54,0,0,Album2/009055_1M54.JPG",
        "9055,12,5/1/1951,6/2/2006,B,M,,55,457,,Album2/009055_12M55.JPG",
    )
    write(tmp_path / "MORPH_Album2_EYECOORDS.csv", "photo,x1,y1,x2,y2", "009055_1M54,67,99,117,103")
    found = records("morph2", tmp_path)
    first, second = one(found, "009055_1M54"), one(found, "009055_12M55")
    assert (first.subject, second.subject) == ("009055", "009055")
    assert (first.age, first.taken_year, first.year_confidence, first.birth) == (54, 2006, 1.0, "1951-05-01")
    assert first.extra == {
        "sex": "m",
        "race": "B",
        "picture": 1,
        "birth_date": "1951-05-01",
        "taken_date": "2006-03-02",
        "facial_hair": "1",
        "glasses": "0",
        "eyes": [67, 99, 117, 103],
    }
    assert (second.extra["picture"], first.flags, second.flags) == (12, (), ())
    assert skips("morph2", tmp_path) == {}


def test_a_morph_name_that_contradicts_its_row_is_flagged(tmp_path: Path) -> None:
    touch(tmp_path, "Album2/009055_1M54.JPG")
    write(tmp_path / MORPH, MORPH_HEADER, "009055,1,5/1/1951,3/2/2006,B,F,1,54,0,0,Album2/009055_1M54.JPG")
    (record,) = records("morph2", tmp_path)
    assert (record.flags, record.extra["sex"]) == (("name_says_other",), "f")


def test_morph_rows_that_cannot_be_used_are_counted_by_reason(tmp_path: Path) -> None:
    touch(tmp_path, "Album2/1_1M54.JPG")
    row = "1,1,5/1/1951,3/2/2006,B,M,,{age},,,{photo}"
    write(
        tmp_path / MORPH,
        MORPH_HEADER,
        row.format(age=54, photo="Album2/1_1M54.JPG"),
        row.format(age=-3, photo="Album2/1_1M54.JPG"),
        row.format(age="old", photo="Album2/1_1M54.JPG"),
        row.format(age=54, photo="Album2/gone.JPG"),
        row.format(age=54, photo="../../etc/passwd"),
        row.format(age=54, photo="/etc/passwd"),
        "x,1,5/1/1951,3/2/2006,B,M,,54,,,Album2/1_1M54.JPG",
        "1,1",
    )
    assert len(records("morph2", tmp_path)) == 1
    assert skips("morph2", tmp_path) == {"bad_age": 3, "missing_file": 1, "bad_record": 3}


def imdb(folder: Path, **columns: list[object]) -> Path:
    """Write an imdb.mat of four photos, one column another one where it is given, and the photos."""
    paths = [
        "02/nm0000002_rm1_1924-9-16_1991.jpg",
        "02/nm0000002_rm2_1924-9-16_1991.jpg",
        "57/nm0000157_rm3_1956-00-00_1990.jpg",
        "57/nm0000157_rm4_1956-00-00_1990.jpg",
    ]
    told: dict[str, list[object]] = {
        "dob": [702_982.0, 702_982.0, 714_415.0, 714_415.0],  # 16 September 1924; 31 December 1955 for 1956-00-00
        "photo_taken": [1991.0, 1991.0, 1990.0, 1990.0],
        "full_path": list(paths),
        "gender": [0.0, 0.0, 1.0, math.nan],
        "name": ["Lauren Bacall", "Lauren Bacall", "Zoë Öztürk", "Zoë Öztürk"],
        "face_score": [2.5, 2.5, 3.0, 1.0],
        "second_face_score": [math.nan] * 4,
        **columns,
    }
    write_mat(folder / "imdb.mat", "imdb", told, compressed=True)
    return touch(folder, *paths)


def test_imdb_ages_are_those_everybody_computes(tmp_path: Path) -> None:
    first, _, third, fourth = records("imdb", imdb(tmp_path))
    assert (first.subject, first.subject_name, first.birth) == ("nm0000002", "Lauren Bacall", "1924-09-16")
    # Born in the second half of the year: not yet 67 in the middle of 1991.
    assert (first.age, first.taken_year, first.flags) == (66, 1991, ())
    assert first.year_confidence < 1
    assert (third.age, third.birth, third.flags) == (34, "1956", ("birth_incomplete",))
    assert third.subject_name == "Zoë Öztürk"
    assert (first.extra["sex"], third.extra["sex"]) == ("f", "m")
    assert ("sex" in fourth.extra, fourth.flags) == (False, ("sex_unknown", "birth_incomplete"))


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"face_score": [-math.inf, 2.0, 2.0, math.nan]}, {"no_face": 2}),
        ({"face_score": [0.99, 1.0, 2.0, 3.0]}, {"weak_face": 1}),
        ({"second_face_score": [math.nan, 1.5, math.nan, 0.1]}, {"several_faces": 2}),
        ({"dob": [367.0, 702_982.0, 714_415.0, 729_000.0]}, {"bad_age": 2}),
        ({"photo_taken": [math.nan, 1991.0, 1990.0, 1990.0]}, {"bad_record": 1}),
        ({"full_path": ["02/gone.jpg", "../x.jpg", "02/nm0000002_rm1_1924-9-16_1991.jpg", "57/y.jpg"]}, None),
    ],
)
def test_imdb_rows_that_everybody_leaves_out_are_counted_by_reason(
    columns: dict[str, list[object]], expected: dict[str, int] | None, tmp_path: Path
) -> None:
    folder = imdb(tmp_path, **columns)
    assert skips("imdb", folder) == (expected or {"missing_file": 2, "bad_record": 1})
    assert len(records("imdb", folder)) == 4 - sum(skips("imdb", folder).values())


def test_wiki_is_read_as_imdb_is(tmp_path: Path) -> None:
    touch(tmp_path, "17/10000217_1981-05-05_2009.jpg")
    columns = {
        "dob": [723_671.0],
        "photo_taken": [2009],
        "full_path": ["17/10000217_1981-05-05_2009.jpg"],
        "gender": [1.0],
        "name": ["Sami Jauhojärvi"],
        "face_score": [4.3],
        "second_face_score": [math.nan],
    }
    write_mat(tmp_path / "wiki.mat", "wiki", columns)
    (record,) = records("wiki", tmp_path)
    assert (record.subject, record.birth, record.age, record.taken_year) == ("10000217", "1981-05-05", 28, 2009)
    assert record.site_id == "17/10000217_1981-05-05_2009"


@pytest.mark.parametrize(
    ("name", "birth"),
    [
        ("17/1_1963-02-006_2009.jpg", "1963-02-06"),
        ("17/1_1994-11-18._2009.jpg", "1994-11-18"),
        ("02/nm0000002_rm1_1924-9-16_1991.jpg", "1924-09-16"),
        ("02/nm0000002_rm1_1924-0-0_1991.jpg", "1924"),
    ],
)
def test_the_odd_births_in_names_are_read_as_far_as_they_go(name: str, birth: str) -> None:
    said = photo_name(Path(name).name)
    assert said is not None
    assert said.birth == birth


CLEAN = "filename,age,gender,x_min,y_min,x_max,y_max,head_roll,head_yaw,head_pitch"


def test_imdb_clean_takes_ages_from_its_lists_and_years_from_names(tmp_path: Path) -> None:
    touch(tmp_path, "data/imdb/02/nm0000002_rm1_1924-9-16_1991.jpg", "data/imdb/02/nm0000002_rm2_1924-9-16_1974.jpg")
    write(tmp_path / "csvs/imdb_train_new.csv", CLEAN, "02/nm0000002_rm1_1924-9-16_1991.jpg,66,F,10,20,30,40,1.5,-2,3")
    write(
        tmp_path / "csvs/imdb_test_new.csv",
        CLEAN,
        "02/nm0000002_rm2_1924-9-16_1974.jpg,49,F,1,2,3,4,0,0,0",
        "gone.jpg,4,M",
    )
    test, train = records("imdb-clean", tmp_path)
    assert (train.subject, train.age, train.taken_year, train.birth) == ("nm0000002", 66, 1991, "1924-09-16")
    assert train.extra == {
        "split": "train",
        "sex": "f",
        "birth_date": "1924-09-16",
        "box": [10, 20, 30, 40],
        "roll": 1.5,
        "yaw": -2,
        "pitch": 3,
    }
    assert (test.age, test.taken_year, test.extra["split"]) == (49, 1974, "test")
    assert skips("imdb-clean", tmp_path) == {"missing_file": 1}


def test_imdb_clean_reads_the_list_that_fits_the_photos(tmp_path: Path) -> None:
    name = "02/nm0000002_rm1_1924-9-16_1991.jpg"
    touch(tmp_path, f"imdb/{name}", f"imdb-clean-1024/{name}")
    write(tmp_path / "imdb_train_new.csv", CLEAN, f"{name},66,F,100,200,300,400,0,0,0")
    write(tmp_path / "imdb_train_new_1024.csv", CLEAN, f"{name},66,F,10,20,30,40,0,0,0")
    (record,) = records("imdb-clean", tmp_path)
    assert (record.path, record.extra["box"]) == (tmp_path / "imdb-clean-1024" / name, [10, 20, 30, 40])


def test_the_list_of_em_cnn_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    name = "02/nm0000002_rm1_1924-9-16_1991.jpg"
    touch(tmp_path, f"imdb/{name}")
    write(tmp_path / "emcnn_annotion_18-Nov-2017.txt", "\t".join([name, "Lauren_Bacall", *"1234", "66", "F", "0.9"]))
    (record,) = records("imdb-clean", tmp_path)
    assert (record.subject_name, record.age, record.extra["confidence"]) == ("Lauren_Bacall", 66, 0.9)


def cacd_mat(folder: Path, *names: str) -> None:
    numbers = {"age": 53.0, "identity": 7.0, "year": 2004.0, "rank": 4.0, "lfw": 1.0, "birth": 1951.0}
    columns: dict[str, list[object]] = {key: [value] * len(names) for key, value in numbers.items()}
    write_mat(folder / "celebrity2000_meta.mat", "celebrityImageData", {**columns, "name": list(names)})


def test_cacd_names_say_age_and_person_and_its_list_the_year(tmp_path: Path) -> None:
    touch(tmp_path, "CACD2000/53_Robin_Williams_0001.jpg", "CACD2000/54_Robin_Williams_0002.jpg", "CACD2000/cover.jpg")
    cacd_mat(tmp_path, "53_Robin_Williams_0001.jpg", "53_Robin_Williams_0009.jpg")
    listed, other = records("cacd2000", tmp_path)
    assert (listed.subject, listed.age, listed.taken_year, listed.birth) == ("Robin_Williams", 53, 2004, "1951")
    assert listed.extra == {"birth_date": "1951", "rank": 4, "identity": 7}
    assert listed.year_confidence < 1
    assert (other.age, other.taken_year, other.flags) == (54, None, ("not_listed",))
    assert skips("cacd2000", tmp_path) == {"malformed_name": 1, "missing_file": 1}


def test_cacd_without_its_list_has_ages_and_no_years(tmp_path: Path) -> None:
    touch(tmp_path, "53_Robin_Williams_0001.jpg")
    (record,) = records("cacd2000", tmp_path)
    assert (record.age, record.taken_year, record.birth, record.flags) == (53, None, None, ())


def test_spoilt_accents_of_cacd_are_mended_and_still_found_in_the_list(tmp_path: Path) -> None:
    spoilt = "53_Zoë_Saldaña_0001.jpg".encode().decode("latin-1")
    touch(tmp_path, spoilt)
    cacd_mat(tmp_path, "53_Zoë_Saldaña_0001.jpg")
    (record,) = records("cacd2000", tmp_path)
    assert (record.subject, record.taken_year, record.flags) == ("Zoë_Saldaña", 2004, ("name_mended",))
    assert skips("cacd2000", tmp_path) == {}


@pytest.mark.parametrize(
    ("kind", "called"),
    [("morph2", MORPH), ("imdb", "imdb.mat"), ("wiki", "wiki.mat"), ("imdb-clean", "imdb_train_new.csv")],
)
def test_a_folder_without_the_list_is_told_in_one_sentence(kind: str, called: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match=rf"it holds no {called}; give the folder"):
        records(kind, tmp_path)


def test_a_folder_of_another_set_is_told_with_its_kind(tmp_path: Path) -> None:
    touch(tmp_path, "12083_ElsaMartinelli_74_f.jpg")
    with pytest.raises(BadInputFile, match="run `curate import agedb"):
        records("morph2", tmp_path)


def test_a_list_without_a_column_is_told(tmp_path: Path) -> None:
    write(tmp_path / MORPH, "id_num,age,photo", "1,2,a.jpg")
    with pytest.raises(BadInputFile, match="has no column 'picture_num'"):
        records("morph2", tmp_path)
