"""Protocols have folds without a common subject, true pairs of the right gap, and no way to tell by the years."""

from pathlib import Path

import numpy as np
import pytest

from dataset.tables import NO_SUBJECT, NO_YEAR, FaceTable, PairTable
from dataset.writers.export_folder import read_manifest
from dataset.writers.pair_lists import plain_name
from dataset.writers.protocols import FOLDS, PAIRS_OF_A_FOLD, build_protocol
from tests.dataset.exported import YEARS, drawn_faces, name_of, write_drawn


def people(count: int, years: tuple[int, ...], *, order: int = 0) -> tuple[FaceTable, PairTable]:
    """Return `count` people photographed once in each of `years`, with all pairs; `order` shuffles the rows."""
    total = count * len(years)
    rows = np.random.default_rng(order).permutation(total) if order else np.arange(total)
    subject, year = (rows // len(years)).astype(np.int32), np.array(years, np.int32)[rows % len(years)]
    faces = FaceTable(
        face_id=rows.astype(np.int64),
        subject=subject,
        subject_names=tuple(f"Person_{number}" for number in range(count)),
        split=np.zeros(total, np.int8),
        age=np.full(total, np.nan, np.float32),
        year=year,
        year_confidence=np.ones(total, np.float32),
        site=("flickr",) * total,
        site_id=tuple(str(row) for row in rows),
    )
    younger, older = np.nonzero((subject[:, None] == subject[None]) & (year[:, None] < year[None]))
    gaps = (year[older] - year[younger]).astype(np.int16)
    return faces, PairTable(younger, older, gaps, np.ones(len(gaps), np.float32))


@pytest.mark.parametrize("gap", [5, 10, 20, 30])
def test_a_protocol_is_ten_folds_of_300_and_300_where_there_are_enough(gap: int) -> None:
    faces, pairs = people(3_300, (1970, 1970 + gap))
    protocol = build_protocol(faces, pairs, gap_years=gap, seed=0)
    assert len(protocol.folds) == FOLDS == 10
    assert protocol.pairs_of_a_fold == PAIRS_OF_A_FOLD == 300
    seen: set[int] = set()
    for fold in protocol.folds:
        assert fold.same.shape == fold.different.shape == (300, 2)
        assert (faces.subject[fold.same[:, 0]] == faces.subject[fold.same[:, 1]]).all()
        assert (faces.subject[fold.different[:, 0]] != faces.subject[fold.different[:, 1]]).all()
        for rows in (fold.same, fold.different):
            assert (faces.year[rows[:, 1]] - faces.year[rows[:, 0]] == gap).all()
            assert len(np.unique(rows, axis=0)) == 300
        subjects = set(faces.subject[np.concatenate([fold.same, fold.different])].ravel().tolist())
        assert not subjects & seen
        seen |= subjects


def test_years_say_nothing_about_same_or_different() -> None:
    faces, pairs = people(200, (1960, 1970, 1975, 1980, 1990))
    for fold in build_protocol(faces, pairs, gap_years=10, seed=0).folds:
        same, different = (np.sort(faces.year[rows], axis=0) for rows in (fold.same, fold.different))
        np.testing.assert_array_equal(same, different)


def test_the_choice_goes_by_names_and_seed_not_by_the_order_of_rows() -> None:
    faces, pairs = people(80, YEARS)
    other_faces, other_pairs = people(80, YEARS, order=5)

    def chosen(table: FaceTable, rows: PairTable, seed: int) -> list[list[list[int]]]:
        folds = build_protocol(table, rows, gap_years=10, seed=seed).folds
        return [table.face_id[np.concatenate([fold.same, fold.different])].tolist() for fold in folds]

    assert chosen(faces, pairs, 0) == chosen(other_faces, other_pairs, 0)
    assert chosen(faces, pairs, 0) != chosen(faces, pairs, 1)


def test_fewer_people_make_fewer_folds_and_too_few_none_with_the_reason() -> None:
    faces, pairs = people(9, (1970, 1980))
    assert len(build_protocol(faces, pairs, gap_years=10, seed=0).folds) == 4
    faces, pairs = people(3, (1970, 1980))
    protocol = build_protocol(faces, pairs, gap_years=10, seed=0)
    assert (protocol.folds, protocol.reason) == ((), "3 subjects have a pair of this gap; two folds need 4")
    assert (
        build_protocol(faces, pairs, gap_years=30, seed=0).reason
        == "0 subjects have a pair of this gap; two folds need 4"
    )


def test_faces_without_a_year_or_a_subject_are_in_no_pair() -> None:
    faces, pairs = people(40, (1970, 1980))
    faces.year[2::20] = NO_YEAR
    faces.subject[5::20] = NO_SUBJECT
    whole = (faces.year != NO_YEAR) & (faces.subject != NO_SUBJECT)
    kept = whole[pairs.younger] & whole[pairs.older]
    some = PairTable(pairs.younger[kept], pairs.older[kept], pairs.gap_years[kept], pairs.confidence[kept])
    protocol = build_protocol(faces, some, gap_years=10, seed=0)
    assert protocol.folds
    for fold in protocol.folds:
        assert whole[fold.same].all()
        assert whole[fold.different].all()


def read_lfw_list(path: Path) -> tuple[tuple[int, int], list[tuple[str, int, str, int, bool]]]:
    """Read a list as the scripts for LFW do (facenet's `lfw.py`: split at white space, three words are one person)."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    folds, pairs = (int(word) for word in head.split())
    found = []
    for line in lines:
        words = line.split()
        if len(words) == 3:
            found.append((words[0], int(words[1]), words[0], int(words[2]), True))
        else:
            assert len(words) == 4
            found.append((words[0], int(words[1]), words[2], int(words[3]), False))
    return (folds, pairs), found


def test_the_lists_read_as_those_of_lfw_and_lead_to_the_right_pictures(tmp_path: Path) -> None:
    folder = write_drawn(tmp_path / "out", "pairs-lists")
    # LFW's names: of set/000, "Żaneta Öst", and two people whose folders would be one on some file systems.
    assert {"set-000", "Żaneta_Öst", "Test_Dev", "test_dev-2"} <= {path.name for path in (folder / "images").iterdir()}
    shown_by = {face.jpeg: face.row for face in drawn_faces()}
    for gap in (5, 10, 20, 30):
        (folds, count), pairs = read_lfw_list(folder / f"pairs_{gap:02}.txt")
        assert len(pairs) == folds * count * 2
        assert read_manifest(folder)["layout"]["protocols"][str(gap)] == {
            "folds": folds,
            "same_and_different_of_a_fold": count,
        }
        for one, first, other, second, is_same in pairs:
            shown = []
            for name, number in ((one, first), (other, second)):
                shown.append(shown_by[(folder / "images" / name / f"{name}_{number:04}.jpg").read_bytes()])
            younger, older = shown
            assert (younger.subject == older.subject) == is_same
            assert (older.year or 0) - (younger.year or 0) == gap


def test_people_txt_counts_the_pictures_of_each(tmp_path: Path) -> None:
    folder = write_drawn(tmp_path / "out", "pairs-lists")
    total, *lines = (folder / "people.txt").read_text(encoding="utf-8").splitlines()
    counted = {name: int(count) for name, count in (line.split("\t") for line in lines)}
    assert int(total) == len(counted) == 30
    assert counted == {path.name: len(list(path.iterdir())) for path in (folder / "images").iterdir()}
    assert name_of(5) in counted


@pytest.mark.parametrize(
    ("subject", "folder"),
    [
        ("Ada Lorn", "Ada_Lorn"),
        ("fgnet/001", "fgnet-001"),
        ("../../etc", "-..-etc"),
        ("..", "unnamed"),
        ("a\\b\tc\u202e", "a-b_c-"),
        ("\0", "-"),
        ("é" * 250, "é" * 100),
    ],
)
def test_names_of_folders_stay_below_images_and_fit(subject: str, folder: str) -> None:
    assert plain_name(subject) == folder
