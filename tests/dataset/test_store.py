"""A dataset folder gives back what was written, appears whole or not at all, and says when it is damaged."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from agegap.files import sha256_of_file
from dataset.store import open_dataset, write_dataset
from dataset.tables import FaceTable, PairTable, no_pairs


def make_crops(count: int, *, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 128, 128, 3), np.uint8)


def make_faces(count: int) -> FaceTable:
    rows = np.arange(count)
    subject = np.where(rows % 5 == 4, -1, rows // 5).astype(np.int32)
    return FaceTable(
        face_id=rows.astype(np.int64) + 10**12,
        subject=subject,
        subject_names=tuple(f"Žofie_{number}" for number in range(count // 5 + 1)),
        split=(subject % 3).astype(np.int8),
        age=np.where(rows % 2, rows, np.nan).astype(np.float32),
        year=np.where(rows % 3, 1950 + rows, -1).astype(np.int32),
        year_confidence=np.where(rows % 3, 0.75, 0).astype(np.float32),
        site=("flickr",) * count,
        site_id=tuple(f"id {row}" for row in rows),
        age_std=np.where(rows % 4 == 1, rows / 8, np.nan).astype(np.float32),
    )


PAIRS = PairTable(
    younger=np.array([0, 5], np.int64),
    older=np.array([1, 7], np.int64),
    gap_years=np.array([1, 60], np.int16),
    confidence=np.array([0.5, 1.0], np.float32),
    gap_min=np.array([-2, 60], np.int16),
    gap_max=np.array([4, 61], np.int16),
)


def write(folder: Path, *, count: int = 11, **manifest: Any) -> Path:
    return write_dataset(folder, make_crops(count), make_faces(count), PAIRS, manifest=manifest)


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    crops, faces = make_crops(11), make_faces(11)
    dataset = open_dataset(write_dataset(tmp_path / "set", crops, faces, PAIRS, manifest={"seed": 3}), verify=True)
    assert isinstance(dataset.crops, np.memmap)
    np.testing.assert_array_equal(dataset.crops, crops)
    for name in ("face_id", "subject", "split", "age", "year", "year_confidence", "age_std"):
        np.testing.assert_array_equal(getattr(dataset.faces, name), getattr(faces, name), err_msg=name)
        assert getattr(dataset.faces, name).dtype == getattr(faces, name).dtype
    assert dataset.faces.subject_names == faces.subject_names
    assert dataset.faces.site_id == faces.site_id
    for name in ("younger", "older", "gap_years", "confidence", "gap_min", "gap_max"):
        np.testing.assert_array_equal(getattr(dataset.pairs, name), getattr(PAIRS, name), err_msg=name)
        assert getattr(dataset.pairs, name).dtype == getattr(PAIRS, name).dtype
    assert dataset.manifest["seed"] == 3
    assert dataset.manifest_sha256 == sha256_of_file(tmp_path / "set" / "manifest.json")


def test_a_folder_without_the_newer_columns_is_read_as_unknown_spread_and_sure_gaps(tmp_path: Path) -> None:
    folder = write(tmp_path / "set")
    manifest = json.loads((folder / "manifest.json").read_text())
    for name, newer in (("index.parquet", ["age_std"]), ("pairs.parquet", ["gap_min", "gap_max"])):
        pq.write_table(pq.read_table(folder / name).drop_columns(newer), folder / name)
        manifest["files"][name] = {
            "sha256": sha256_of_file(folder / name),
            "bytes": (folder / name).stat().st_size,
        }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    dataset = open_dataset(folder, verify=True)
    assert dataset.faces.age_std.dtype == np.float32
    np.testing.assert_array_equal(dataset.faces.age_std, np.full(11, np.nan))
    for bound in (dataset.pairs.gap_min, dataset.pairs.gap_max):
        assert bound.dtype == np.int16
        np.testing.assert_array_equal(bound, [1, 60])


def test_unknown_is_null_in_the_index(tmp_path: Path) -> None:
    table = pq.read_table(write(tmp_path / "set") / "index.parquet")
    assert table.column("age").null_count == 6  # even rows of 11
    assert table.column("age_std").to_pylist() == [row / 8 if row % 4 == 1 else None for row in range(11)]
    assert table.column("year").null_count == 4  # rows 0, 3, 6, 9
    assert table.column("subject").null_count == 2  # rows 4 and 9
    assert table.column("split").to_pylist()[:6] == ["train"] * 4 + ["test", "val"]


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = open_dataset(write(tmp_path / "one")), open_dataset(write(tmp_path / "other"))
    assert one.manifest_sha256 == other.manifest_sha256


def test_an_empty_set_can_be_opened(tmp_path: Path) -> None:
    empty = write_dataset(tmp_path / "set", [], make_faces(0), no_pairs(), manifest={})
    assert open_dataset(empty).crops.shape == (0, 128, 128, 3)


def test_a_newer_export_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    old = open_dataset(write(tmp_path / "set"))
    write(tmp_path / "set", count=16)
    assert len(open_dataset(tmp_path / "set").crops) == 16
    assert old.crops[10, 0, 0, 0] == make_crops(11)[10, 0, 0, 0]  # a trainer that has it open reads on
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_an_export_that_fails_leaves_the_older_one(tmp_path: Path) -> None:
    write(tmp_path / "set")

    def broken() -> Iterator[NDArray[np.uint8]]:
        yield make_crops(1)[0]
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_dataset(tmp_path / "set", broken(), make_faces(2), no_pairs(), manifest={})
    assert len(open_dataset(tmp_path / "set", verify=True).crops) == 11
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
import numpy as np
from dataset.store import writing_dataset
with writing_dataset(Path(sys.argv[1])) as writer:
    writer.add(np.zeros((128, 128, 3), np.uint8))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_export_leaves_the_older_one_and_the_next_clears_up(tmp_path: Path) -> None:
    write(tmp_path / "set")
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WRITER, str(tmp_path / "set")], env=dict(os.environ), check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    assert len(open_dataset(tmp_path / "set", verify=True).crops) == 11
    write(tmp_path / "set", count=16)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    assert len(open_dataset(tmp_path / "set").crops) == 16


def test_a_folder_of_something_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"dear")
    with pytest.raises(BadInputFile, match="did not write"):
        write(tmp_path)
    assert (tmp_path / "photo.jpg").read_bytes() == b"dear"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    assert len(open_dataset(write(tmp_path / "set")).faces) == 11


def test_crops_of_another_number_or_shape_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="10 crops and 11 rows"):
        write_dataset(tmp_path / "set", make_crops(10), make_faces(11), PAIRS, manifest={})
    with pytest.raises(ValueError, match="a crop is uint8"):
        write_dataset(tmp_path / "set", [np.zeros((64, 64, 3), np.uint8)], make_faces(1), no_pairs(), manifest={})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"older": np.array([1, 11], np.int64)}, "outside"),
        ({"older": np.array([0, 7], np.int64)}, "itself"),
        ({"older": np.array([5, 7], np.int64)}, "one subject"),
        ({"gap_years": np.array([-1, 3], np.int16)}, "negative"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(tmp_path: Path, change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        write_dataset(tmp_path / "set", make_crops(11), make_faces(11), replace(PAIRS, **change), manifest={})


def test_a_subject_in_two_splits_is_refused(tmp_path: Path) -> None:
    faces = make_faces(11)
    split = faces.split.copy()
    split[0] = 2
    with pytest.raises(ValueError, match="two splits"):
        write_dataset(tmp_path / "set", make_crops(11), replace(faces, split=split), PAIRS, manifest={})


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def change_manifest(**change: Any) -> Callable[[Path], None]:
    def write_changed(path: Path) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | change))

    return write_changed


@pytest.mark.parametrize(
    ("name", "damage", "fault"),
    [
        ("manifest.json", Path.unlink, "is not a dataset"),
        ("manifest.json", cut, "not readable as JSON"),
        ("manifest.json", lambda path: path.write_bytes(b"\xff\x00"), "not readable as JSON"),
        ("manifest.json", lambda path: path.write_text("[]"), "not the manifest"),
        ("manifest.json", change_manifest(version=99), "version 99"),
        ("manifest.json", change_manifest(files={}), "manifest says None"),
        ("faces.npy", Path.unlink, "is missing"),
        ("faces.npy", cut, "bytes"),
        ("faces.npy", flip, "damaged"),
        ("index.parquet", cut, "bytes"),
        ("index.parquet", flip, "damaged"),
        ("pairs.parquet", Path.unlink, "is missing"),
    ],
)
def test_a_damaged_folder_is_told_in_one_sentence(
    tmp_path: Path, name: str, damage: Callable[[Path], object], fault: str
) -> None:
    damage(write(tmp_path / "set") / name)
    with pytest.raises(BadInputFile, match=fault) as caught:
        open_dataset(tmp_path / "set", verify=True)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="no such folder"):
        open_dataset(tmp_path / "nowhere")


def test_an_index_of_other_length_than_the_faces_is_told(tmp_path: Path) -> None:
    folder, other = write(tmp_path / "set"), write(tmp_path / "other", count=16)
    (folder / "index.parquet").write_bytes((other / "index.parquet").read_bytes())
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["index.parquet"]["bytes"] = (folder / "index.parquet").stat().st_size
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadInputFile, match="where the index has 16 faces"):
        open_dataset(folder)


def test_an_index_that_pandas_or_duckdb_wrote_again_can_be_read(tmp_path: Path) -> None:
    from dataset.parquet import read_faces

    path = write(tmp_path / "set") / "index.parquet"
    table = pq.read_table(path)
    plain = table.set_column(1, "subject", table.column("subject").cast("string"))
    pq.write_table(plain, path)
    again = read_faces(path)
    names = [again.subject_names[code] if code >= 0 else None for code in again.subject]
    assert names == table.column("subject").to_pylist()
