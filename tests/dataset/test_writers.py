"""Every layout writes whole folders with true hashes, gives the faces back as they were, and can be purged."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from agegap.errors import BadInputFile
from dataset.writers.attribution import ATTRIBUTION
from dataset.writers.export_folder import (
    CHECKSUMS,
    MANIFEST,
    is_export,
    manifest_sha256,
    read_manifest,
    verify_export,
    writing_export,
)
from dataset.writers.face_pairs import read_face_pairs
from dataset.writers.layout import LayoutOptions
from dataset.writers.layouts import LAYOUTS
from dataset.writers.purge import purge_export
from dataset.writers.rows import COLUMNS, ExportedFace, FaceRow, record_of, row_of
from tests.dataset.exported import ABOUT, FACES, drawn_faces, drawn_pairs, faces_of, name_of, write_drawn

layouts = pytest.mark.parametrize("layout", list(LAYOUTS))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_columns_are_the_fields_of_a_row_in_order() -> None:
    row = next(drawn_faces()).row
    assert tuple(column.name for column in COLUMNS) == FaceRow.__match_args__ == tuple(record_of(row))
    assert row_of(record_of(row)) == row


@layouts
def test_what_is_read_back_is_what_was_written(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    expected = {face.row.face_id: face for face in faces_of(layout)}
    found = list(LAYOUTS[layout].faces(folder))
    assert {face.row.face_id: face for face in found} == expected
    assert len(found) == len(expected)
    assert {row.face_id: row for row in LAYOUTS[layout].rows(folder)} == {
        key: face.row for key, face in expected.items()
    }


@layouts
def test_pairs_keep_the_bounds_of_k(tmp_path: Path, layout: str) -> None:
    pairs = drawn_pairs(drawn_faces())
    bounded = replace(pairs, gap_min=pairs.gap_years - 3, gap_max=pairs.gap_years + 2)
    with writing_export(tmp_path / "out", LAYOUTS[layout], LayoutOptions(shard_bytes=300_000, seed=0)) as writer:
        for face in faces_of(layout):
            writer.add(face)
        writer.finish(bounded, manifest=ABOUT)
    found = read_face_pairs(tmp_path / "out")
    assert (found.gap_years - found.gap_min).tolist() == [3] * len(pairs)
    assert (found.gap_max - found.gap_years).tolist() == [2] * len(pairs)


def test_an_export_of_before_the_spread_of_votes_is_read(tmp_path: Path) -> None:
    folder = write_drawn(tmp_path / "out", "webdataset")
    pq.write_table(pq.read_table(folder / "faces.parquet").drop_columns(["age_std"]), folder / "faces.parquet")
    rows = list(LAYOUTS["webdataset"].rows(folder))
    assert rows == [replace(face.row, age_std=None) for face in sorted_faces("webdataset", folder)]


def sorted_faces(layout: str, folder: Path) -> list[ExportedFace]:
    by_id = {face.row.face_id: face for face in faces_of(layout)}
    return [by_id[row.face_id] for row in LAYOUTS[layout].rows(folder)]


@layouts
def test_the_same_faces_give_the_same_bytes(tmp_path: Path, layout: str) -> None:
    one = contents(write_drawn(tmp_path / "one", layout))
    os.utime(tmp_path / "one" / MANIFEST, (0, 0))
    two = contents(write_drawn(tmp_path / "elsewhere" / "two", layout))
    assert one == two
    assert not [name for name, content in one.items() if str(tmp_path).encode() in content]


@layouts
def test_every_file_has_its_hash_where_sha256sum_finds_it(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", CHECKSUMS], cwd=folder, capture_output=True, check=True
    )
    files = set(contents(folder)) - {CHECKSUMS, MANIFEST}
    assert {line.rpartition(": ")[0] for line in checked.stdout.decode().splitlines()} == files
    assert read_manifest(folder)["checksums"]["files"] == len(files)
    verify_export(folder)


@layouts
def test_a_changed_byte_is_found(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    victim = max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    with pytest.raises(BadInputFile, match="damaged"):
        verify_export(folder)


@layouts
def test_the_manifest_counts_what_is_there(tmp_path: Path, layout: str) -> None:
    manifest = read_manifest(write_drawn(tmp_path / "out", layout))
    strangers = 6 if LAYOUTS[layout].has_strangers else 0
    assert manifest["counts"]["faces"] == FACES - 6 + strangers
    assert manifest["counts"]["faces_with_year"] == FACES - 6
    assert manifest["counts"]["subjects"] == 30
    assert manifest["counts"]["pairs"] == 30 * 10
    assert manifest["licences"]["flickr"] == {"4": FACES - 6}
    assert manifest["credits"]["without_author"] == strangers
    # By year - 1961 to year - 1960: who is photographed in 1970 or 1975 is a child, in 1980 an adult of 19 or 20.
    children = sum(1 for face in faces_of(layout) if face.row.age is not None and face.row.age < 18)
    assert manifest["ages"] == {
        "under_18": 60 + children,
        "maybe_under_18": 0,
        "adult": 90 + strangers - children,
        "unknown": 0,
    }


@layouts
def test_a_folder_of_somebody_elses_is_not_replaced_and_an_older_export_is(tmp_path: Path, layout: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(BadInputFile, match="did not write"):
        write_drawn(folder, layout)
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    (folder / "thesis.txt").unlink()
    write_drawn(folder, layout)
    write_drawn(folder, layout, faces=faces_of(layout)[:7])
    assert read_manifest(folder)["counts"]["faces"] == 7


@layouts
def test_a_writer_that_fails_leaves_the_old_folder_whole_and_nothing_beside_it(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    before = contents(folder)
    with (
        pytest.raises(OSError, match="full"),
        writing_export(folder, LAYOUTS[layout], LayoutOptions(shard_bytes=10, seed=0)) as writer,
    ):
        writer.add(faces_of(layout)[0])
        raise OSError("disk full")
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(("layout", "pattern"), [("parquet", "data/train-*.parquet"), ("webdataset", "train-*.tar")])
def test_shards_are_cut_by_the_bytes_of_their_pictures(tmp_path: Path, layout: str, pattern: str) -> None:
    folder = write_drawn(tmp_path / "out", layout, shard_bytes=50_000)
    shards = sorted(folder.glob(pattern))
    pictures = sum(len(face.jpeg) for face in faces_of(layout) if face.row.split == "train")
    assert len(shards) == pytest.approx(pictures / 50_000, abs=1)
    assert len(shards) > 2
    assert read_manifest(folder)["layout"]["shards"]["train"] == len(shards)
    if layout == "parquet":
        assert [path.name for path in shards] == [
            f"train-{n:05}-of-{len(shards):05}.parquet" for n in range(len(shards))
        ]


@layouts
def test_a_purged_export_is_as_if_the_faces_had_never_been_there(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    gone = name_of(1)
    done = purge_export(folder, lambda row: row.subject == gone)
    assert (done.faces_removed, done.pairs_removed) == (5, 10)
    verify_export(folder)
    kept = [face for face in faces_of(layout) if face.row.subject != gone]
    fresh = contents(write_drawn(tmp_path / "fresh", layout, faces=kept))
    purged = contents(folder)
    manifest = json.loads(purged.pop(MANIFEST))
    assert manifest.pop("removed") == {"faces": 5, "pairs": 10}
    whole = json.loads(fresh.pop(MANIFEST))
    # The card tells of the removal, and the order of reading back is by split.
    for name in ("README.md", CHECKSUMS, ATTRIBUTION, "faces.parquet", "croissant.json"):
        assert (name in purged) == (name in fresh)
        purged.pop(name, None), fresh.pop(name, None)
    if LAYOUTS[layout].has_strangers:
        assert purged == fresh
    assert {key: value for key, value in manifest.items() if key != "checksums"} == {
        key: value for key, value in whole.items() if key != "checksums"
    }
    everything = b"".join(contents(folder).values())
    assert gone.encode() not in everything
    assert b"Photographer of 110," not in everything
    assert manifest_sha256(folder) == done.manifest_sha256


@layouts
def test_a_purge_without_such_a_face_touches_nothing(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    done = purge_export(folder, lambda row: row.subject == "nobody")
    assert (done.faces_removed, done.faces_left) == (0, len(faces_of(layout)))
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@layouts
def test_a_purge_keeps_the_files_that_somebody_put_there(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("mine")
    done = purge_export(folder, lambda row: row.subject == name_of(0))
    assert done.other_files == ("notes",)
    assert (folder / "notes" / "mine.txt").read_text() == "mine"
    verify_export(folder)
    assert purge_export(folder, lambda row: True).manifest_sha256 is None
    assert [path.name for path in folder.iterdir()] == ["notes"]


@layouts
def test_a_purge_of_everything_that_was_killed_is_completed_by_the_next(tmp_path: Path, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    manifest = read_manifest(folder)
    (folder / MANIFEST).write_text(json.dumps({**manifest, "emptied": True}))  # and the first file went
    (folder / ATTRIBUTION).unlink()
    assert purge_export(folder, lambda row: False).manifest_sha256 is None
    assert not folder.exists()


def test_pairs_of_faces_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    faces = faces_of("parquet")[:3]  # three of the five of the first person
    folder = write_drawn(tmp_path / "out", "parquet", faces=faces)
    ids = {face.row.face_id for face in faces}
    pairs = read_face_pairs(folder)
    assert len(pairs) == 3
    assert {*pairs.younger.tolist(), *pairs.older.tolist()} <= ids


def test_a_manifest_of_another_version_or_layout_is_refused_with_one_sentence(tmp_path: Path) -> None:
    folder = write_drawn(tmp_path / "out", "parquet", faces=faces_of("parquet")[:1])
    manifest = read_manifest(folder)
    for change, words in (({"version": 99}, "version 99"), ({"layout": {"name": "cuneiform"}}, "no layout")):
        (folder / MANIFEST).write_text(json.dumps({**manifest, **change}))
        assert is_export(folder)
        with pytest.raises(BadInputFile, match=words):
            purge_export(folder, lambda row: True)


def test_pairs_of_two_people_are_an_error_of_the_program(tmp_path: Path) -> None:
    faces = faces_of("parquet")
    pairs = drawn_pairs(faces)
    pairs.older[0] = faces[-7].row.face_id
    with (
        pytest.raises(ValueError, match="not of one subject"),
        writing_export(tmp_path / "out", LAYOUTS["parquet"], LayoutOptions(shard_bytes=10**9, seed=0)) as writer,
    ):
        for face in faces:
            writer.add(face)
        writer.finish(pairs, manifest=ABOUT)
    assert not (tmp_path / "out").exists()
