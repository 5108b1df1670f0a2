"""A purge takes faces out of a dataset folder with all that speaks of them; a kill leaves the old one or the new."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dataset.purge import keep_rows, purge_dataset
from dataset.store import open_dataset, write_dataset
from dataset.tables import FaceTable, PairTable, fault_of
from tests.dataset.test_store import PAIRS, make_crops, make_faces

COUNT = 11


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    faces = replace(make_faces(COUNT), licence=tuple(str(row % 3) for row in range(COUNT)))
    return write_dataset(tmp_path / "set", make_crops(COUNT), faces, PAIRS, manifest={"seed": 3})


def rows_of(*rows: int) -> Any:
    """Return a `find_removed` that marks `rows`."""

    def find(faces: FaceTable) -> NDArray[np.bool_]:
        return np.isin(np.arange(len(faces)), rows)

    return find


def test_the_faces_left_are_those_that_were_not_marked(folder: Path) -> None:
    before = open_dataset(folder)
    crops, faces = before.crops.copy(), before.faces
    done = purge_dataset(folder, rows_of(1, 4))
    after = open_dataset(folder, verify=True)
    left = [row for row in range(COUNT) if row not in (1, 4)]
    np.testing.assert_array_equal(after.crops, crops[left])
    assert after.faces.face_id.tolist() == faces.face_id[left].tolist()
    assert after.faces.licence == tuple(str(row % 3) for row in left)
    names = [faces.subject_names[number] if number >= 0 else None for number in faces.subject[left]]
    assert [after.faces.subject_names[n] if n >= 0 else None for n in after.faces.subject] == names
    # Of the pairs (0, 1) and (5, 7) the first lost a face, and the rows of the second moved up by two.
    assert (after.pairs.younger.tolist(), after.pairs.older.tolist()) == ([3], [5])
    assert (done.faces_removed, done.pairs_removed, done.faces_left) == (2, 1, COUNT - 2)
    assert done.manifest_sha256 == after.manifest_sha256 != before.manifest_sha256


def test_the_manifest_counts_what_is_left_and_what_went(folder: Path) -> None:
    purge_dataset(folder, rows_of(1, 4))
    purge_dataset(folder, rows_of(0))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["removed"] == {"faces": 3, "pairs": 1}
    assert manifest["counts"]["faces"] == COUNT - 3
    assert sum(manifest["licences"]["flickr"].values()) == COUNT - 3
    assert manifest["seed"] == 3


def test_a_name_without_a_face_left_is_nowhere_in_the_folder(folder: Path) -> None:
    assert "Žofie_1" in words_of(folder)
    purge_dataset(folder, rows_of(5, 6, 7, 8))
    assert "Žofie_1" not in words_of(folder)


def test_without_a_marked_face_nothing_is_written(folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    done = purge_dataset(folder, rows_of())
    assert done.faces_removed == 0
    assert done.manifest_sha256 == open_dataset(folder).manifest_sha256
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_dataset_without_a_face_left_goes(folder: Path) -> None:
    assert purge_dataset(folder, rows_of(*range(COUNT))).manifest_sha256 is None
    assert not folder.exists()


def test_the_removal_of_a_whole_folder_is_completed_after_a_kill(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unlink, calls = Path.unlink, []

    def dying(path: Path, missing_ok: bool = False) -> None:
        calls.append(path.name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        unlink(path, missing_ok)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", dying)
        purge_dataset(folder, rows_of(*range(COUNT)))
    assert folder.exists()
    purge_dataset(folder, rows_of())
    assert not folder.exists()


def test_a_kill_before_the_exchange_leaves_the_old_dataset_and_after_it_no_copy_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_dataset(folder).manifest_sha256
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("dataset.purge.count_rows", stop)
        purge_dataset(folder, rows_of(1))
    assert open_dataset(folder, verify=True).manifest_sha256 == before
    with monkeypatch.context() as patch:
        patch.setattr("agegap.folders.shutil.rmtree", lambda *_, **__: None)  # as if killed right after the exchange
        purge_dataset(folder, rows_of(1))
    assert [path for path in folder.parent.iterdir() if path.name.endswith(".part")]
    purge_dataset(folder, rows_of())
    assert sorted(path.name for path in folder.parent.iterdir()) == ["set"]


def test_files_of_others_in_the_folder_stay(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    assert purge_dataset(folder, rows_of(2)).other_files == ("notes.txt",)
    assert (folder / "notes.txt").read_text() == "mine"


def words_of(folder: Path) -> set[str]:
    """Return the names as Parquet stores them, those that no row uses included."""
    chunks = pq.ParquetFile(folder / "index.parquet").read().column("subject").chunks
    return {word for chunk in chunks for word in chunk.dictionary.to_pylist()}


def stop(*_: Any) -> None:
    raise KeyboardInterrupt


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_rows_leave_tables_that_fit_together(data: st.DataObject) -> None:
    faces = make_faces(30)
    same = [(a, b) for a in range(30) for b in range(30) if a != b and faces.subject[a] == faces.subject[b] >= 0]
    chosen = data.draw(st.lists(st.sampled_from(same), unique=True))
    younger, older = (np.array([pair[end] for pair in chosen], np.int64) for end in (0, 1))
    gaps = np.arange(len(chosen), dtype=np.int16)
    pairs = PairTable(younger, older, gaps, np.ones(len(chosen), np.float32), gap_min=gaps - 7, gap_max=gaps + 5)
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=30, max_size=30)))
    new_faces, new_pairs = keep_rows(faces, pairs, kept)
    assert fault_of(new_faces, new_pairs) is None
    np.testing.assert_array_equal(new_faces.age_std, faces.age_std[kept])
    np.testing.assert_array_equal(new_pairs.gap_min, new_pairs.gap_years - 7)
    np.testing.assert_array_equal(new_pairs.gap_max, new_pairs.gap_years + 5)
    by_id = {
        (int(faces.face_id[a]), int(faces.face_id[b]), int(gap))
        for (a, b), gap in zip(chosen, gaps, strict=True)
        if kept[a] and kept[b]
    }
    found = zip(
        new_faces.face_id[new_pairs.younger], new_faces.face_id[new_pairs.older], new_pairs.gap_years, strict=True
    )
    assert {(int(a), int(b), int(gap)) for a, b, gap in found} == by_id
