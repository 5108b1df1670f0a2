"""The lists of LFW."""

from pathlib import Path

import pytest

from agegap.errors import BadInputFile
from dataset.sources.lfw_lists import LfwPair, photo_name, read_names, read_pairs, read_people
from tests.dataset.set_files import write


def test_names_have_counts(tmp_path: Path) -> None:
    assert read_names(write(tmp_path / "n.txt", "AJ_Cook\t1", "Al_Gore\t8")) == {"AJ_Cook": 1, "Al_Gore": 8}


def test_people_have_folds(tmp_path: Path) -> None:
    path = write(tmp_path / "people.txt", "2", "2", "AJ_Cook\t1", "Al_Gore\t8", "1", "Zoe_Ball\t1")
    assert read_people(path) == {"AJ_Cook": 0, "Al_Gore": 0, "Zoe_Ball": 1}


def test_people_of_one_view_are_one_fold(tmp_path: Path) -> None:
    path = write(tmp_path / "peopleDevTrain.txt", "2", "AJ_Cook\t1", "Al_Gore\t8")
    assert read_people(path) == {"AJ_Cook": 0, "Al_Gore": 0}


def test_pairs_have_folds_and_say_whether_they_are_one_person(tmp_path: Path) -> None:
    lines = ["2\t1", "Al_Gore\t1\t8", "AJ_Cook\t1\tAl_Gore\t3", "Zoe_Ball\t1\t2", "Al_Gore\t2\tZoe_Ball\t1"]
    pairs = read_pairs(write(tmp_path / "pairs.txt", *lines))
    assert pairs[0] == LfwPair(0, "Al_Gore", 1, "Al_Gore", 8)
    assert [(pair.fold, pair.is_same) for pair in pairs] == [(0, True), (0, False), (1, True), (1, False)]
    assert photo_name(pairs[1].other_name, pairs[1].other_number) == "Al_Gore/Al_Gore_0003.jpg"


def test_pairs_of_one_view_are_one_fold(tmp_path: Path) -> None:
    path = write(tmp_path / "pairsDevTest.txt", "1", "Al_Gore\t1\t8", "AJ_Cook\t1\tAl_Gore\t3")
    assert [pair.fold for pair in read_pairs(path)] == [0, 0]


@pytest.mark.parametrize(
    "lines",
    [[], ["1 2 3"], ["1\t2", "Al_Gore\t1\t8"], ["1", "Al_Gore\t1\t8", "AJ_Cook\t1"], ["1", "a\tx\t8", "b\t1\tc\t2"]],
)
def test_a_list_of_pairs_that_contradicts_itself_is_told(lines: list[str], tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="is no list of LFW"):
        read_pairs(write(tmp_path / "pairs.txt", *lines))


@pytest.mark.parametrize("lines", [["2", "5", "Al_Gore\t8"], ["3", "Al_Gore\t8"], ["2", "1", "Al_Gore\t8"]])
def test_people_that_are_not_as_many_as_is_said_are_told(lines: list[str], tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="not as many people"):
        read_people(write(tmp_path / "people.txt", *lines))


@pytest.mark.real_data
def test_the_real_names_are_5749_with_13233_photos(shared_data: Path) -> None:
    names = read_names(shared_data / "lfw" / "lfw-names.txt")
    assert (len(names), sum(names.values())) == (5_749, 13_233)
