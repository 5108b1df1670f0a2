"""Our reader of MATLAB 5 files against what SciPy writes."""

from pathlib import Path

import numpy as np
import pytest

from agegap.errors import BadInputFile
from dataset.sources.mat_file import read_mat
from tests.dataset.set_files import write_mat

scipy_io = pytest.importorskip("scipy.io", reason="needs scipy, which writes the MATLAB files of this test")


@pytest.mark.parametrize("compressed", [False, True])
def test_numbers_and_texts_come_back(compressed: bool, tmp_path: Path) -> None:
    columns = {"year": [2004.0, np.nan, -np.inf], "rank": [1, 2, 70_000], "name": ["a", "Zoë Öztürk", ""]}
    path = write_mat(tmp_path / "a.mat", "list", columns, compressed=compressed)
    found = read_mat(path, "list")
    assert set(found) == {"year", "rank", "name"}
    np.testing.assert_array_equal(found["year"], [2004.0, np.nan, -np.inf])
    assert np.asarray(found["rank"]).tolist() == [1, 2, 70_000]
    assert [name if isinstance(name, str) else "" for name in found["name"]] == ["a", "Zoë Öztürk", ""]


@pytest.mark.parametrize("kind", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_kind_of_number_comes_back(kind: str, tmp_path: Path) -> None:
    values = np.array([0, 1, 100], kind)
    scipy_io.savemat(tmp_path / "a.mat", {"list": {"x": values}})
    np.testing.assert_array_equal(read_mat(tmp_path / "a.mat", "list")["x"], values)


def test_a_cell_of_boxes_comes_back(tmp_path: Path) -> None:
    boxes = np.empty(2, dtype=object)
    boxes[0], boxes[1] = np.array([[1.5, 2, 3, 4]]), np.array([[5.0, 6, 7, 8]])
    scipy_io.savemat(tmp_path / "a.mat", {"list": {"box": boxes}})
    assert [np.asarray(box).tolist() for box in read_mat(tmp_path / "a.mat", "list")["box"]] == [
        [1.5, 2, 3, 4],
        [5, 6, 7, 8],
    ]


def test_only_the_fields_that_are_asked_for_are_read(tmp_path: Path) -> None:
    path = write_mat(tmp_path / "a.mat", "list", {"year": [2004.0], "feature": [0.5], "name": ["a"]})
    assert set(read_mat(path, "list", fields=("year", "name"))) == {"year", "name"}


def test_a_variable_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = write_mat(tmp_path / "a.mat", "list", {"year": [2004.0]})
    for name in ("other", "before"):
        with pytest.raises(BadInputFile, match=f"holds no struct '{name}'"):
            read_mat(path, name)


def test_a_damaged_file_is_told_wherever_it_ends(tmp_path: Path) -> None:
    whole = write_mat(tmp_path / "a.mat", "list", {"year": [2004.0, 2005.0], "name": ["a", "bcd"]}).read_bytes()
    path = tmp_path / "cut.mat"
    for length in range(0, len(whole) - 8, 7):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInputFile):
            read_mat(path, "list")


def test_flipped_bytes_give_a_value_or_one_sentence(tmp_path: Path) -> None:
    whole = write_mat(tmp_path / "a.mat", "list", {"year": [2004.0, 2005.0], "name": ["a", "bcd"]}).read_bytes()
    rng = np.random.default_rng(1)
    path = tmp_path / "odd.mat"
    for _ in range(300):
        spoilt = bytearray(whole)
        for place in rng.integers(128, len(whole), 3):
            spoilt[place] = int(rng.integers(256))
        path.write_bytes(spoilt)
        try:
            read_mat(path, "list")
        except BadInputFile:
            continue


@pytest.mark.parametrize("start", [b"MATLAB 7.3 MAT-file", b"\x89HDF\r\n\x1a\n"])
def test_a_matlab_7_3_file_is_told_with_what_to_do(start: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.mat").write_bytes(start + bytes(200))
    with pytest.raises(BadInputFile, match="save -v7"):
        read_mat(tmp_path / "a.mat", "list")
