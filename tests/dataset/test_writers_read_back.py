"""Exports open with the tools people use, offline: datasets, webdataset, pandas and mlcroissant."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dataset.writers.layouts import LAYOUTS
from dataset.writers.rows import FaceRow, record_of
from tests.dataset.exported import FACES, crop_of, faces_of, write_drawn
from tests.dataset.read_croissant import read_croissants

HUB_LAYOUTS = ("imagefolder", "parquet", "webdataset")
SPLITS = {"train": "train", "validation": "val", "test": "test"}


def tool(name: str) -> Any:
    """Import a tool or skip: they are development's, and large."""
    return pytest.importorskip(name, reason=f"needs {name}, which `pip install agegap[dev]` brings")


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Hugging Face's `datasets`, which must not ask the Hub, caching below the test's folder."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    module = tool("datasets")
    monkeypatch.setattr(module.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    module.disable_progress_bars()
    yield module


def rows_of(layout: str, split: str) -> dict[int, FaceRow]:
    return {face.row.face_id: face.row for face in faces_of(layout) if face.row.split == split}


def assert_same(records: dict[int, dict[str, Any]], expected: dict[int, FaceRow]) -> None:
    """Compare every column of every face."""
    assert set(records) == set(expected)
    for face_id, row in expected.items():
        assert {name: records[face_id][name] for name in record_of(row)} == record_of(row)


def is_picture_of(picture: Any, face_id: int) -> bool:
    """Say whether a PIL picture is that of a face, as near as a JPEG comes to what was drawn."""
    return bool(np.abs(np.asarray(picture.convert("RGB"), np.int16) - crop_of(face_id)).mean() < 8)


@pytest.mark.parametrize("layout", HUB_LAYOUTS)
def test_load_dataset_finds_splits_types_and_pictures(tmp_path: Path, datasets: Any, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout, shard_bytes=60_000)
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert set(loaded) == set(SPLITS)
    for hub_split, split in SPLITS.items():
        samples = list(loaded[hub_split])
        records = (
            {s["json"]["face_id"]: s["json"] for s in samples}
            if layout == "webdataset"
            else {s["face_id"]: s for s in samples}
        )
        assert_same(records, rows_of(layout, split))
        pictures = [
            (s["jpg"], s["json"]["face_id"]) if layout == "webdataset" else (s["image"], s["face_id"]) for s in samples
        ]
        assert all(is_picture_of(picture, face_id) for picture, face_id in pictures)


@pytest.mark.parametrize("layout", ["imagefolder", "parquet"])
def test_the_builders_find_the_same_without_the_card(tmp_path: Path, datasets: Any, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    (folder / "README.md").unlink()
    loaded = datasets.load_dataset(layout, data_dir=str(folder), cache_dir=str(tmp_path / "cache"))
    for hub_split, split in SPLITS.items():
        assert_same({sample["face_id"]: sample for sample in loaded[hub_split]}, rows_of(layout, split))


def test_parquet_streams(tmp_path: Path, datasets: Any) -> None:
    folder = write_drawn(tmp_path / "out", "parquet", shard_bytes=60_000)
    stream = datasets.load_dataset(str(folder), split="test", streaming=True)
    first = next(iter(stream))
    assert is_picture_of(first["image"], first["face_id"])


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_pairs_lead_to_the_faces_by_their_ids(tmp_path: Path, datasets: Any, layout: str) -> None:
    folder = write_drawn(tmp_path / "out", layout)
    cache = str(tmp_path / "cache")
    pairs = datasets.load_dataset("parquet", data_files=str(folder / "pairs.parquet"), cache_dir=cache)["train"]
    by_id = {face.row.face_id: face.row for face in faces_of(layout)}
    assert len(pairs) == 300
    for pair in pairs:
        younger, older = by_id[pair["younger"]], by_id[pair["older"]]
        assert younger.subject == older.subject
        assert (older.year or 0) - (younger.year or 0) == pair["gap_years"]


def test_webdataset_reads_every_sample_of_every_shard(tmp_path: Path) -> None:
    webdataset = tool("webdataset")
    folder = write_drawn(tmp_path / "out", "webdataset", shard_bytes=60_000)
    index = json.loads((folder / "shards.json").read_text())
    assert index["wids_version"] == 1
    found: dict[int, Any] = {}
    for split in SPLITS:
        shards = [shard for shard in index["shardlist"] if shard["url"].startswith(split)]
        urls = [str(folder / shard["url"]) for shard in shards]
        samples = list(webdataset.WebDataset(urls, shardshuffle=False).decode("pil").to_tuple("jpg", "json"))
        assert len(samples) == sum(shard["nsamples"] for shard in shards)
        assert all((folder / shard["url"]).stat().st_size == shard["filesize"] for shard in shards)
        records = {record["face_id"]: record for _, record in samples}
        assert_same(records, rows_of("webdataset", SPLITS[split]))
        assert all(is_picture_of(picture, record["face_id"]) for picture, record in samples)
        found |= records
    assert len(found) == FACES


def test_pandas_reads_rows_credits_and_protocols(tmp_path: Path) -> None:
    pandas = tool("pandas")
    folder = write_drawn(tmp_path / "out", "pairs-lists")
    faces = pandas.read_parquet(folder / "faces.parquet")
    assert len(faces) == FACES - 6
    assert faces["year"].between(1970, 2000).all()
    credited = pandas.read_csv(folder / "attribution.csv").set_index("face_id")
    assert credited.loc[faces["face_id"], "author"].str.startswith("Photographer").all()
    assert credited["title"].dropna().str.startswith("'=").all()  # never a formula
    protocols = pandas.read_csv(folder / "protocols.csv")
    assert (protocols["older_year"] - protocols["younger_year"] == protocols["gap_years"]).all()
    assert protocols["is_same"].mean() == 0.5
    assert all((folder / path).is_file() for path in protocols["younger"])
    parquet = write_drawn(tmp_path / "parquet", "parquet", shard_bytes=60_000)
    frame = pandas.read_parquet(parquet / "data")
    assert len(frame) == FACES
    assert frame["image"].map(lambda image: image["bytes"][:2] == b"\xff\xd8").all()


@pytest.fixture(scope="module")
def croissants(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What mlcroissant says of one export of each layout."""
    base = tmp_path_factory.mktemp("croissants")
    folders = {layout: write_drawn(base / layout, layout, shard_bytes=60_000) for layout in LAYOUTS}
    return read_croissants(folders, base / "cache")


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_mlcroissant_finds_no_fault(croissants: dict[str, Any], layout: str) -> None:
    assert croissants[layout]["version"] == "http://mlcommons.org/croissant/1.1"
    assert croissants[layout]["errors"] == []
    assert (
        croissants[layout]["warnings"] == 2
    )  # no time of publication, which would make no two exports alike; no paper


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_mlcroissant_reads_every_face_with_its_picture(croissants: dict[str, Any], layout: str) -> None:
    records = {record["face_id"]: record for record in croissants[layout]["records"]["faces"]}
    assert_same(records, {face.row.face_id: face.row for face in faces_of(layout)})
    for face_id, record in records.items():
        assert record["size"] == [128, 128]
        grey = crop_of(face_id) @ np.array([0.299, 0.587, 0.114])
        assert record["mean"] == pytest.approx(grey.mean(), abs=1.5)
    assert len(croissants[layout]["records"]["pairs"]) == 300


def test_mlcroissant_reads_the_protocols(croissants: dict[str, Any]) -> None:
    records = croissants["pairs-lists"]["records"]["protocols"]
    assert {record["gap_years"] for record in records} == {5, 10, 20, 30}
