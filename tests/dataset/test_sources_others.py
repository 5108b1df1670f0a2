"""Sets that say no year: APPA-REAL, ChaLearn LAP, Adience, AgeDB, AFAD, LFW; most of them not even who it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from agegap.errors import BadInputFile
from dataset.sources.adience_ages import read_age
from dataset.sources.known import SOURCES, guess_kind
from tests.dataset.set_files import one, records, skips, touch, write

APPA = "file_name,num_ratings,apparent_age_avg,apparent_age_std,real_age"
FOLD = "\t".join(
    [
        "user_id",
        "original_image",
        "face_id",
        "age",
        "gender",
        "x",
        "y",
        "dx",
        "dy",
        "tilt_ang",
        "fiducial_yaw_angle",
        "fiducial_score",
    ]
)


def appa_real(folder: Path) -> None:
    touch(folder, "train/000001.jpg", "train/000001.jpg_face.jpg", "train/000002.jpg", "valid/000001.jpg")
    write(
        folder / "gt_avg_train.csv", APPA, "000001.jpg,38,4.5,1.2,5", "000002.jpg,30,40.25,3,38", "000003.jpg,1,1,1,1"
    )
    write(folder / "gt_avg_valid.csv", APPA, "000001.jpg,38,61.2,4.9,58")


def lap2016(folder: Path) -> None:
    touch(folder, "train/a.jpg", "valid/b.jpg")
    write(folder / "train_gt.csv", "image,mean,stdv", "a.jpg,23.5,4.25", "gone.jpg,20,1")
    write(folder / "valid_gt.csv", "image,mean,stdv", "b.jpg,200,1")


def lap2015(folder: Path) -> None:
    touch(folder, "Train/image_1.jpg", "Validation/image_2.jpg", "image_3.jpg")
    write(folder / "Train.csv", "image_1.jpg;20;3.5")
    write(folder / "Validation.csv", "image_2.jpg;31;4.25")
    write(folder / "Test.csv", "image_3.jpg;70;9")
    write(folder / "Train_plus_validation.csv", "image_1.jpg;20;3.5", "image_2.jpg;31;4.25")


def adience(folder: Path) -> None:
    touch(folder, "faces/30601258@N03/coarse_tilt_aligned_face.1.10399646885_67c7d20df9_o.jpg")
    touch(folder, "aligned/30601258@N03/landmark_aligned_face.2.10424815813_e94629b1ec_o.jpg")
    user = "30601258@N03"
    box = "0\t414\t1086\t1383\t-115\t30\t17"
    write(
        folder / "fold_0_data.txt",
        FOLD,
        f"{user}\t10399646885_67c7d20df9_o.jpg\t1\t(25, 32)\tf\t{box}",
        f"{user}\t10399646885_67c7d20df9_o.jpg\t1\t(25, 32)\tf\t{box}",
        f"{user}\tgone.jpg\t1\t(25, 32)\tf\t{box}",
        f"{user}\t\t1\t(25, 32)\tf\t{box}",
    )
    write(folder / "fold_3_data.txt", FOLD, f"{user}\t10424815813_e94629b1ec_o.jpg\t2\t35\tu\t{box}")
    write(folder / "fold_frontal_3_data.txt", FOLD, f"{user}\t10424815813_e94629b1ec_o.jpg\t2\t35\tu\t{box}")


def agedb(folder: Path) -> None:
    touch(folder, "AgeDB/12083_ElsaMartinelli_74_f.jpg", "AgeDB/1_BenoîtPoelvoorde_33_m.jpg", "AgeDB/x_74_f.jpg")
    touch(folder, "AgeDB/7_ElsaMartinelli_174_f.jpg")


def afad(folder: Path) -> None:
    touch(folder, "AFAD-Full/18/111/474596-0.jpg", "AFAD-Full/72/112/474596-1.jpg", "AFAD-Full/18/113/1-0.jpg")


def lfw(folder: Path) -> None:
    touch(folder, "lfw/Aaron_Eckhart/Aaron_Eckhart_0001.jpg", "lfw/Al_Gore/Al_Gore_0002.jpg", "lfw/Al_Gore/me.jpg")
    touch(folder, "lfw/Al_Gore/Al_Gore_0009.jpg")
    write(folder / "lfw-names.txt", "Aaron_Eckhart\t1", "Al_Gore\t3", "Zoran_Djindjic\t2")
    write(folder / "people.txt", "2", "1", "Al_Gore\t3", "2", "Aaron_Eckhart\t1", "Zoran_Djindjic\t2")


SETS: dict[str, tuple[Callable[[Path], None], int, dict[str, int]]] = {
    "appa-real": (appa_real, 3, {"missing_file": 1}),
    "lap2016": (lap2016, 1, {"missing_file": 1, "bad_age": 1}),
    "lap2015": (lap2015, 3, {}),
    "adience": (adience, 2, {"duplicate": 1, "missing_file": 1, "bad_record": 1}),
    "agedb": (agedb, 2, {"malformed_name": 1, "bad_age": 1}),
    "afad": (afad, 2, {"malformed_name": 1}),
    "lfw": (lfw, 3, {"malformed_name": 1, "missing_file": 4}),
}
"""How to draw each set, its records, and what is skipped."""


@pytest.mark.parametrize("kind", SETS)
def test_every_row_is_a_record_or_a_counted_skip(kind: str, tmp_path: Path) -> None:
    draw, count, skipped = SETS[kind]
    draw(tmp_path)
    assert len(records(kind, tmp_path)) == count
    assert skips(kind, tmp_path) == skipped
    ids = [record.site_id for record in records(kind, tmp_path)]
    assert len(set(ids)) == len(ids)
    assert all(record.path.is_file() and record.path.is_absolute() for record in records(kind, tmp_path))


@pytest.mark.parametrize("kind", SETS)
def test_a_set_is_recognised_by_its_lists_and_names(kind: str, tmp_path: Path) -> None:
    SETS[kind][0](tmp_path)
    assert guess_kind(tmp_path) == kind


@pytest.mark.parametrize("kind", ["appa-real", "lap2015", "lap2016", "afad"])
def test_a_set_without_identity_names_nobody(kind: str, tmp_path: Path) -> None:
    SETS[kind][0](tmp_path)
    assert {record.subject for record in records(kind, tmp_path)} == {None}


@pytest.mark.parametrize("kind", SETS)
def test_a_set_that_says_no_year_gets_none(kind: str, tmp_path: Path) -> None:
    SETS[kind][0](tmp_path)
    assert {record.taken_year for record in records(kind, tmp_path)} == {None}


def test_each_known_set_has_a_test_here_or_beside() -> None:
    beside = {"fgnet", "utkface", "folder", "morph2", "imdb", "wiki", "imdb-clean", "cacd2000"}
    assert set(SOURCES) == beside | set(SETS)


def test_appa_real_takes_the_cut_out_and_the_real_age(tmp_path: Path) -> None:
    appa_real(tmp_path)
    found = records("appa-real", tmp_path)
    first, second = one(found, "train/000001.jpg"), one(found, "train/000002.jpg")
    assert (first.path.name, first.age) == ("000001.jpg_face.jpg", 5)
    assert first.extra == {"split": "train", "age_mean": 4.5, "age_std": 1.2, "ratings": 38, "is_cut_out": True}
    assert (second.path.name, second.extra["is_cut_out"]) == ("000002.jpg", False)
    assert one(found, "valid/000001.jpg").age == 58


@pytest.mark.parametrize("name", ["000001.jpg", "000001.jpg_face.jpg", "train/000001.jpg_face.jpg"])
def test_the_ignore_list_of_appa_real_is_about_training_photos(name: str, tmp_path: Path) -> None:
    appa_real(tmp_path)
    write(tmp_path / "ignore_list.txt", name)
    assert {record.site_id for record in records("appa-real", tmp_path)} == {"train/000002.jpg", "valid/000001.jpg"}
    assert skips("appa-real", tmp_path) == {"missing_file": 1, "ignored": 1}


def test_lap_ages_are_apparent_ones_with_their_spread(tmp_path: Path) -> None:
    lap2016(tmp_path / "16")
    (record,) = records("lap2016", tmp_path / "16")
    assert (record.site_id, record.age) == ("train/a.jpg", 23.5)
    assert record.extra == {"split": "train", "age_kind": "apparent", "age_mean": 23.5, "age_std": 4.25}
    lap2015(tmp_path / "15")
    ages = {record.site_id: (record.age, record.extra["age_std"]) for record in records("lap2015", tmp_path / "15")}
    assert ages == {"train/image_1.jpg": (20, 3.5), "valid/image_2.jpg": (31, 4.25), "test/image_3.jpg": (70, 9)}


def test_the_person_of_adience_is_the_face_and_not_the_account(tmp_path: Path) -> None:
    adience(tmp_path)
    first, second = records("adience", tmp_path)
    assert (first.subject, second.subject) == ("1", "2")
    assert (first.extra["user"], second.extra["user"]) == ("30601258@N03", "30601258@N03")
    assert (first.age, first.extra["age_min"], first.extra["age_max"], first.extra["fold"]) == (None, 25, 32, 0)
    assert first.extra["box"] == [0, 414, 1086, 1383]
    assert (second.age, second.extra["age_text"], second.flags) == (35, "35", ("odd_age",))
    assert (second.extra["sex_text"], "sex" in second.extra) == ("u", False)
    assert (first.extra["is_frontal"], second.extra["is_frontal"], second.extra["fold"]) == (False, True, 3)


@pytest.mark.parametrize(
    ("texts", "low", "high"),
    [
        (["(0, 2)", "2", "3"], 0, 2),
        (["(4, 6)"], 4, 6),
        (["(8, 12)", "13", "(8, 23)"], 8, 12),
        (["(15, 20)", "22"], 15, 20),
        (["(25, 32)", "23", "29", "32", "34", "35", "(27, 32)", "(25, 23)"], 25, 32),
        (["(38, 43)", "36", "42", "45", "(38, 42)", "(38, 48)"], 38, 43),
        (["(48, 53)", "46", "55", "56"], 48, 53),
        (["(60, 100)", "57", "58"], 60, 100),
    ],
)
def test_every_age_of_adience_is_counted_to_its_class(texts: list[str], low: int, high: int) -> None:
    first, *odd = [read_age(text) for text in texts]
    assert (first.age, first.low, first.high, first.flags) == (None, low, high, ())
    for age, text in zip(odd, texts[1:], strict=True):
        assert (age.low, age.high, age.flags) == (low, high, ("odd_age",))
        assert age.age == (float(text) if text.isdecimal() else None)


@pytest.mark.parametrize(("text", "flags"), [("None", ("no_age",)), ("", ("no_age",)), ("99", ("no_age", "odd_age"))])
def test_an_age_of_adience_that_is_none_stays_unknown(text: str, flags: tuple[str, ...]) -> None:
    age = read_age(text)
    assert (age.age, age.low, age.high, age.flags) == (None, None, None, flags)


def test_agedb_names_say_who_how_old_and_which_sex(tmp_path: Path) -> None:
    agedb(tmp_path)
    found = records("agedb", tmp_path)
    record = one(found, "12083_ElsaMartinelli_74_f")
    assert (record.subject, record.age, record.extra) == ("ElsaMartinelli", 74, {"sex": "f", "number": 12083})
    assert one(found, "1_BenoîtPoelvoorde_33_m").subject == "BenoîtPoelvoorde"


def test_afad_folders_say_age_and_sex(tmp_path: Path) -> None:
    afad(tmp_path)
    young, old = records("afad", tmp_path)
    assert (young.age, young.extra) == (18, {"sex": "m", "source_photo": "474596"})
    assert (old.age, old.extra["sex"]) == (72, "f")
    assert [record.age for record in records("afad", tmp_path / "AFAD-Full")] == [18, 72]


def test_lfw_photos_have_a_name_and_a_fold(tmp_path: Path) -> None:
    lfw(tmp_path)
    found = records("lfw", tmp_path)
    assert {record.site_id: (record.subject, record.extra, record.flags) for record in found} == {
        "Aaron_Eckhart_0001": ("Aaron_Eckhart", {"fold": 1}, ()),
        "Al_Gore_0002": ("Al_Gore", {"fold": 0}, ()),
        "Al_Gore_0009": ("Al_Gore", {"fold": 0}, ("not_listed",)),
    }


@pytest.mark.parametrize(
    ("kind", "called"),
    [
        ("appa-real", "gt_avg_train.csv"),
        ("lap2016", "train_gt.csv"),
        ("lap2015", "Train.csv"),
        ("adience", "fold_0_data.txt"),
    ],
)
def test_a_folder_without_the_list_is_told_in_one_sentence(kind: str, called: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match=rf"it holds no {called}; give the folder"):
        records(kind, tmp_path)


@pytest.mark.real_data
def test_the_real_photos_of_lfw_are_read_and_the_others_counted(shared_data: Path) -> None:
    photos = len(list((shared_data / "lfw" / "photos").glob("*/*.jpg")))
    found = records("lfw", shared_data / "lfw")
    assert (len(found), photos) == (373, 373)
    assert len({record.subject for record in found}) == 60
    assert skips("lfw", shared_data / "lfw") == {"missing_file": 13_233 - 373}


@pytest.mark.real_data
def test_the_real_photos_of_fgnet_and_utkface_are_counted(shared_data: Path) -> None:
    fgnet, utkface = records("fgnet", shared_data / "fgnet"), records("utkface", shared_data / "utkface")
    assert (len(fgnet), len(utkface)) == (821, 13_076)
    assert {record.subject for record in utkface} == {None}
    assert max(record.age or 0 for record in fgnet) == 69
    assert {record.age for record in utkface} <= set(range(1, 117))
