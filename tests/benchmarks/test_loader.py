"""The loading benchmark reads the same faces by both roads, and its rows are of what it says."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawn_crops import age_of, draw_crops, write_jpegs, write_packed
from benchmarks.loader_run import OURS, Asked, read_opencv, read_pillow, run
from dataset.splits import Split
from train.data import face_pairs, labelled_faces, open_datasets


def test_jpeg_files_and_packed_array_hold_the_same_faces(tmp_path: Path) -> None:
    drawn = list(draw_crops(6))
    faces = labelled_faces(
        open_datasets([write_packed(tmp_path / "packed", 6, split=Split.TRAIN)]), "train", input_size=128
    )
    assert np.array_equal(faces.crops.gather(np.arange(6)), np.stack(drawn))
    assert faces.ages.tolist() == [age_of(row) for row in range(6)]
    for path, image in zip(write_jpegs(tmp_path / "jpeg", 6), drawn, strict=True):
        for read in (read_opencv, read_pillow):
            # JPEG loses some of the grain; red and blue swapped would be tens off.
            assert np.abs(read(path).astype(int) - image).mean() < 8


def test_drawn_pairs_are_of_one_person_eight_years_from_photo_to_photo(tmp_path: Path) -> None:
    (dataset,) = open_datasets([write_packed(tmp_path / "pairs", 40, with_pairs=True)])
    pairs = face_pairs(dataset, "train", input_size=64, k_max=60)
    assert len(pairs) == 6 * 8  # eight of ten people train, four photos make six pairs
    assert set(pairs.gap_years.tolist()) == {8, 16, 24}


@pytest.mark.slow
def test_every_way_to_load_has_its_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(faces=32, steps=2, batch_size=8, input_size=32, backbone="tiny_age_net", workers=(0, 1))
    run(asked, json_file=tmp_path / "rows.json")
    rows = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))["rows"]
    names = [f"DataLoader, {kind}, workers {workers}" for kind in ("opencv", "pillow") for workers in (0, 1)]
    assert [row["name"] for row in rows] == [OURS, *names]
    for row in rows:
        assert row["load_images_per_s"] > 0
        assert row["train_images_per_s"] > 0
        assert 0 <= row["waiting_share"] <= 1
    assert all(name in capsys.readouterr().out for name in names[:1])
